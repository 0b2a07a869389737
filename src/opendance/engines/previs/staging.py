"""From a job to scenes: which shots are drawn sets, which are pictures or footage that the user gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path as FilePath

import numpy as np

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE
from opendance.engines.base import Cancelled, RenderCancelled
from opendance.engines.previs.bodies import drawing_name
from opendance.engines.previs.camera import Path, Pose
from opendance.engines.previs.motion import SoundEvent, move
from opendance.engines.previs.mouths import Speech, lines_of
from opendance.engines.previs.photo.acting import Person
from opendance.engines.previs.photo.backdrop import Photo
from opendance.engines.previs.photo.cutout import Cutout, cut_out
from opendance.engines.previs.photo.depth import inverse_depth
from opendance.engines.previs.photo.faces import faces_in
from opendance.engines.previs.photo.footage import EditedFootage, Footage, Reel, small_greys
from opendance.engines.previs.photo.grading import Grader, distance_of, gradings_for
from opendance.engines.previs.photo.keying import KeyedFootage
from opendance.engines.previs.photo.life import Life, life_for
from opendance.engines.previs.photo.look import StyleImage, style_of
from opendance.engines.previs.photo.morph import Morph
from opendance.engines.previs.photo.path import photo_path
from opendance.engines.previs.photo.recolouring import RecolouredFootage
from opendance.engines.previs.photo.regions import sky_mask, small_copy
from opendance.engines.previs.photo.tracking import Track, path_of, placement_of, smoothed, track
from opendance.engines.previs.photo.vision import Bytes, Floats, cv
from opendance.engines.previs.plates import Placement
from opendance.engines.previs.props import Stroke
from opendance.engines.previs.render import FrameRenderer, Look
from opendance.engines.previs.scene import Drawing, References, Scene, Visitors, build_backdrop_scene, build_scene
from opendance.engines.previs.sound.reference import joined_places
from opendance.engines.previs.sound.score import Note
from opendance.engines.previs.sound.voice import Mouth
from opendance.engines.previs.subjects import raster
from opendance.engines.previs.surfaces import Surface, rgb_of
from opendance.job import Job
from opendance.media.frames import cover, middle
from opendance.media.image import read_png
from opendance.plan import AssetUse, Shot

_NEXT_SEED = 101  # from the seed of one shot to that of the next: more than the seeds that a shot itself adds


@dataclass
class Staging:
    """Builds the scenes of a job.

    Args:
        size: of the rendered picture, px.
        detail: density of drawn sets.
        speaks: when the mouths of those who speak are open; None where nothing is said.
    """

    job: Job
    notes: list[Note]
    size: tuple[int, int]
    detail: float
    cancelled: Cancelled
    speaks: Mouth | None = None

    def scenes(self) -> list[Scene]:
        """All scenes, in the order of time.

        Raises:
            RenderCancelled: the job is to stop.
        """
        plan = self.job.plan
        joined, extended, edited = plan.uses("join"), plan.uses("extend"), plan.uses("edit")
        if len(joined) > 1:
            return self._joined(joined)
        if extended:
            return [self._extended(extended[0])]
        if edited:
            return [self._edited(edited[0])]
        first, last = plan.uses("first_frame"), plan.uses("last_frame")
        scenes: list[Scene] = []
        for index, shot in enumerate(plan.shots):
            self._check()
            opens = first[0] if first and index == 0 else None
            closes = last[0] if last and index == len(plan.shots) - 1 else None
            setting = next((u for u in plan.uses("setting") if u.start <= (shot.start + shot.end) / 2 < u.end), None)
            if opens is not None and closes is not None:
                scenes.append(self._between(shot, opens, closes, index))
            elif opens is not None or closes is not None:
                scenes.append(self._from_frame(shot, opens or closes, index, reverse=opens is None))  # pyright: ignore[reportArgumentType]
            elif setting is not None:
                scenes.append(self._on_setting(shot, setting, index))
            else:
                scenes.append(self._drawn(shot, index))
        return scenes

    @cached_property
    def style(self) -> StyleImage | None:
        """The picture that lends its palette, if one does."""
        uses = self.job.plan.uses("style")
        return style_of(np.ascontiguousarray(read_png(FilePath(self._asset(uses[0]).path))[..., :3])) if uses else None

    def _check(self) -> None:
        if self.cancelled():
            raise RenderCancelled

    def _asset(self, use: AssetUse) -> Asset:
        return self.job.asset(use.kind, use.number)

    def _picture(self, use: AssetUse) -> Bytes:
        """An image as a frame: scaled to cover it, its middle."""
        rgba = read_png(FilePath(self._asset(use).path))
        rgb = rgba[..., :3]
        if self._asset(use).has_alpha:  # what shines through is a light studio
            alpha = rgba[..., 3:].astype(np.float32) / 255
            rgb = (rgb * alpha + 236 * (1 - alpha)).astype(np.uint8)
        size = cover(rgb.shape[1], rgb.shape[0], self.size)  # IMG-05
        how = cv.INTER_AREA if size[0] < rgb.shape[1] else cv.INTER_CUBIC
        return np.ascontiguousarray(middle(np.asarray(cv.resize(rgb, size, interpolation=how), np.uint8), self.size))

    def _reel(self, use: AssetUse) -> Reel:
        asset = self._asset(use)
        return Reel(FilePath(asset.path), self.size, max(1, round(asset.seconds * FRAME_RATE)))

    @cached_property
    def _camera_track(self) -> tuple[AssetUse, Track] | None:
        uses = self.job.plan.uses("camera")
        if not uses:
            return None
        return uses[0], self._tracks(uses[0])[0]

    @cached_property
    def _motion_track(self) -> Track | None:
        uses = self.job.plan.uses("motion")
        return self._tracks(uses[0])[1] if uses else None

    def _tracks(self, use: AssetUse) -> tuple[Track, Track]:
        asset = self._asset(use)
        self._check()
        return track(small_greys(FilePath(asset.path), asset.ratio, 16 * FRAME_RATE))

    def _path(self, shot: Shot, focus: tuple[float, float], index: int) -> Path:
        """The camera of a picture: that of a reference video while it leads, else the one that was asked for."""
        led = self._camera_track
        if led is not None and led[0].start < shot.end and led[0].end > shot.start:
            use, camera = led
            start = max(0.0, use.start - shot.start)
            return path_of(camera, shot.seconds, start=start, end=use.end - shot.start, most=_MOST_SHIFT)
        return photo_path(
            shot.camera, shot.seconds, focus=focus, seed=self.job.seed + index, still=not self._asked(shot)
        )

    def _asked(self, shot: Shot) -> bool:
        """Whether the prompt speaks of a camera; pushing in is also what is chosen where it does not."""
        return any("camera" in each.explicit for each in self.job.plan.shots) or shot.camera.move != "push_in"

    def _drawn_path(self, shot: Shot) -> Path | None:
        led = self._camera_track
        if led is None or led[0].end <= shot.start or led[0].start >= shot.end:
            return None
        use, camera = led
        return path_of(camera, shot.seconds, start=max(0.0, use.start - shot.start), end=use.end - shot.start)

    def _life(self, shot: Shot) -> Life:
        return life_for(shot, any("hour" in each.explicit and each.hour == shot.hour for each in self.job.plan.shots))

    def _placement(self, shot: Shot) -> Callable[[float], Placement] | None:
        """How the subject of a picture moves: as in a reference video, or by the verb of the prompt."""
        if self._motion_track is not None:
            return placement_of(self._motion_track, shot.seconds, strength=0.7)
        acting = [s for s in shot.subjects if s.action not in ("idle", "sleep", "sail", "burn", "bloom")]
        if not acting:
            return None
        base = move(acting[0].action, height=0.5, seconds=shot.seconds, phase=0.0, beats=None)
        begin = base(0.0)

        def placement(t: float) -> Placement:
            p = base(t)
            k = min(1.0, t / 0.8)
            return Placement(
                x=(p.x - begin.x) * 0.55 * k,
                y=(p.y - begin.y) * 0.55 * k,
                angle=(p.angle - begin.angle) * 0.5 * k,
            )

        return placement

    def _photo(self, picture: Bytes, shot: Shot, path: Path, index: int, *, layered: bool = True) -> Photo:
        return Photo(
            picture,
            path,
            self._life(shot),
            seconds=shot.seconds,
            seed=self.job.seed + index * 7,
            layered=layered,
            placement=self._placement(shot) if layered else None,
            people=self._people(picture, shot),
        )

    def _people(self, picture: Bytes, shot: Shot) -> tuple[Person, ...]:
        """Whose faces are in a picture, and which of them says what is said in a shot.

        The largest face says what the first speaker does; further ones belong to further speakers.
        """
        faces = faces_in(picture)
        if not faces or self.speaks is None:
            return tuple(Person(face) for face in faces)
        speakers: dict[int | None, set[int]] = {}
        for number, line in lines_of(self.job.plan, shot):
            staged = line.speaker is not None and line.speaker < len(shot.subjects)
            if not (staged and shot.subjects[line.speaker or 0].image is not None):  # who is staged speaks there
                speakers.setdefault(line.speaker, set()).add(number)
        heard = [Speech(self.speaks, shot.start, frozenset(said)).opening for said in speakers.values()]
        return tuple(Person(face, heard[k] if k < len(heard) else None) for k, face in enumerate(faces))

    def _visitors(self, shot: Shot, *, late: bool, images_only: bool = True) -> Visitors:
        """Who is staged on a picture: the images for subjects, and of the words only what the picture lacks."""
        kept = tuple(s for s in shot.subjects if s.image is not None or not images_only)
        return Visitors(replace(shot, subjects=kept), self._cutouts(shot), self._motion(shot), late)

    def _cutouts(self, shot: Shot) -> dict[int, Cutout]:
        out: dict[int, Cutout] = {}
        for subject in shot.subjects:
            if subject.image is not None and subject.image not in out:
                self._check()
                asset = self.job.asset("image", subject.image)
                picture = read_png(FilePath(asset.path))
                longest = max(240, round(self.size[1] * 0.9))
                out[subject.image] = cut_out(picture, plain_background=asset.plain_background, longest=longest)
        return out

    def _motion(self, shot: Shot) -> Callable[[float], Placement] | None:
        return None if self._motion_track is None else placement_of(self._motion_track, shot.seconds)

    def _strokes(self, shot: Shot) -> list[Stroke]:
        played = [n for n in self.notes if shot.start - 0.01 <= n.at < shot.end and n.instrument not in ("pad", "bass")]
        return [Stroke(n.at - shot.start, n.pitch) for n in played]

    def _drawn(self, shot: Shot, index: int) -> Scene:
        return build_scene(
            self.job.plan,
            shot,
            self._drawing(index),
            strokes=self._strokes(shot),
            references=References(self._cutouts(shot), self._drawn_path(shot), self._motion(shot)),
            speaks=self.speaks,
        )

    def _drawing(self, index: int) -> Drawing:
        return Drawing(self.size, self.detail, self.job.seed + index * _NEXT_SEED, self.job.seed)

    def _staged(
        self, shot: Shot, path: Path, backdrop: Photo | Morph | Footage, index: int, visitors: Visitors
    ) -> Scene:
        return build_backdrop_scene(self.job.plan, shot, backdrop, path, visitors, self._drawing(index), self.speaks)

    def _from_frame(self, shot: Shot, use: AssetUse, index: int, *, reverse: bool) -> Scene:
        """A picture that begins as it is, or (`reverse`) comes to what it is."""
        picture = self._picture(use)
        photo = self._photo(picture, shot, _stand, index)
        forward = self._path(shot, photo.focus, index)
        path: Path = (lambda share: forward(1 - share)) if reverse else forward
        photo.cover(path)
        scene = self._staged(shot, path, photo, index, self._visitors(shot, late=True))
        scene.exact_first, scene.exact_last = not reverse, reverse
        photo.reverse = reverse
        return scene

    def _between(self, shot: Shot, first: AssetUse, last: AssetUse, index: int) -> Scene:
        morph = Morph(
            self._picture(first), self._picture(last), seconds=shot.seconds, seed=self.job.seed, life=self._life(shot)
        )
        scene = self._staged(shot, _stand, morph, index, self._visitors(shot, late=True))
        scene.exact_first = scene.exact_last = True
        return scene

    def _on_setting(self, shot: Shot, use: AssetUse, index: int) -> Scene:
        picture = self._picture(use)
        visitors = self._visitors(shot, late=False, images_only=False)
        # Its own subject would stand behind those who are put there.
        photo = self._photo(picture, shot, _stand, index, layered=not visitors.shot.subjects)
        path = self._path(shot, photo.focus, index)
        photo.cover(path)
        return self._staged(shot, path, photo, index, visitors)

    # ── footage ──

    def _whole(self, start: float = 0.0, end: float | None = None) -> Shot:
        """The first shot's words for a stretch of the clip."""
        shots = self.job.plan.shots
        end = self.job.plan.seconds if end is None else end
        return replace(next(iter(shots)), start=start, end=end, text=" ".join(shot.text for shot in shots))

    def _edited(self, use: AssetUse) -> Scene:
        shot = self._whole()
        reel = self._reel(use)
        visitors = _nobody(shot)
        if use.act == "add":
            visitors = self._visitors(shot, late=False, images_only=False)
        footage = self._changed(use, reel, shot)
        footage.grader = self._grader(reel, shot)
        return self._staged(shot, _stand, footage, 0, visitors)

    def _changed(self, use: AssetUse, reel: Reel, shot: Shot) -> Footage:
        """Footage with what was asked for changed in it, and as it is where that cannot be shown."""
        path, most = FilePath(self._asset(use).path), min(reel.num_frames, self.job.num_frames)
        images = [u for u in self.job.plan.uses("subject", "product") if u.kind == "image"]
        if use.act == "add":
            return Footage(reel)
        if use.act == "background":
            return KeyedFootage(reel, path, self.size, self._background(shot), most)
        if images:
            return EditedFootage(reel, path, self.size, self._cutout_of(images[0]).rgba, most)
        colour = None if use.colour is None else rgb_of(use.colour)
        if use.act == "recolour" and colour is not None:
            return RecolouredFootage(reel, path, self.size, colour, most)
        if use.act == "replace" and (drawn := self._drawn_instead(use, shot)) is not None:
            return EditedFootage(reel, path, self.size, drawn, most)
        if use.act == "remove" and use.target is not None:
            return EditedFootage(reel, path, self.size, None, most)
        return Footage(reel)

    def _cutout_of(self, use: AssetUse) -> Cutout:
        image = self._asset(use)
        longest = max(240, round(self.size[1] * 0.9))
        return cut_out(read_png(FilePath(image.path)), plain_background=image.plain_background, longest=longest)

    def _drawn_instead(self, use: AssetUse, shot: Shot) -> Bytes | None:
        """The drawing of what comes in place of something, (h, w, 4), premultiplied; None where there is none."""
        words = (use.instead or "").lower()
        named = [s for s in shot.subjects if words and s.image is None and words in s.words.lower()]
        if not named:
            return None
        surface = Surface(named[-1].colour, named[-1].material)
        return raster(drawing_name(named[-1]), max(240, round(self.size[1] * 0.7)), surface=surface)

    def _background(self, shot: Shot) -> Bytes:
        """The new background of footage: the image that was given for it, else the set that the words name."""
        settings = [u for u in self.job.plan.uses("setting", "subject", "product") if u.kind == "image"]
        if settings:
            return self._picture(settings[0])
        scene = build_scene(
            self.job.plan,
            replace(shot, subjects=()),
            self._drawing(0),
            strokes=[],
            references=References({}, None, None),
        )
        look = Look(bloom=0.0, blur_samples=1, hold=1)
        frame = FrameRenderer([scene], "natural", look, self.size, self.job.seed).draw(0)
        rgb = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
        return np.ascontiguousarray(rgb, np.uint8)

    def _grader(self, reel: Reel, shot: Shot) -> Grader | None:
        """The light and weather that the words name, over footage."""
        shots = self.job.plan.shots
        hour, weather = (any(choice in each.explicit for each in shots) for choice in ("hour", "weather"))
        small = small_copy(reel.frame(0))
        gradings = gradings_for(shot, hour=hour, weather=weather, brightness=float(small.mean()))
        if not gradings:
            return None
        return Grader(gradings, distance_of(inverse_depth(small, sky_mask(small), None)))

    def _extended(self, use: AssetUse) -> Scene:
        """On from the last frame (or up to the first), with the movement of camera and things carried on."""
        shot = self._whole()
        reel = self._reel(use)
        picture = reel.frame(0 if use.backwards else reel.num_frames - 1)
        camera, thing = self._tracks(use)
        photo = Photo(
            picture,
            _stand,
            self._life(shot),
            seconds=shot.seconds,
            seed=self.job.seed,
            placement=_carried_on(thing, backwards=use.backwards),
        )
        asked = photo_path(
            shot.camera, shot.seconds, focus=photo.focus, seed=self.job.seed, still=not self._asked(shot)
        )
        forward = _going_on(camera, asked, shot.seconds, backwards=use.backwards)
        path: Path = (lambda share: forward(1 - share)) if use.backwards else forward
        photo.cover(path)
        photo.reverse = use.backwards
        scene = self._staged(shot, path, photo, 0, Visitors(replace(shot, subjects=()), {}, None, late=True))
        scene.exact_first, scene.exact_last = not use.backwards, use.backwards
        return scene

    def _joined(self, uses: list[AssetUse]) -> list[Scene]:
        """Clip, passage, clip, passage, clip."""
        places = joined_places(self.job)
        reels = [self._reel(use) for use in uses]
        firsts = [round(offset * FRAME_RATE) for _, _, offset, _ in places]
        scenes: list[Scene] = []
        for index, (at, _, _, seconds) in enumerate(places):
            self._check()
            final = index == len(places) - 1
            shot = self._whole(at, self.job.plan.seconds if final else at + seconds)
            scenes.append(self._staged(shot, _stand, Footage(reels[index], firsts[index]), index, _nobody(shot)))
            if not final:
                last = reels[index].frame(firsts[index] + round(seconds * FRAME_RATE) - 1)
                following = self._reel(uses[index + 1]).frame(firsts[index + 1])
                between = self._whole(shot.end, places[index + 1][0])
                morph = Morph(last, following, seconds=between.seconds, seed=self.job.seed + index)
                scenes.append(self._staged(between, _stand, morph, index, _nobody(between)))
        return scenes


def _nobody(shot: Shot) -> Visitors:
    return Visitors(replace(shot, subjects=()), {}, None, late=False)


_MOST_SHIFT = 0.24  # picture heights: farther than that a picture has nothing left to show


def _stand(share: float) -> Pose:
    return Pose()


_CARRY = 1.6  # s in which movement dies away


def _velocity(series: Floats, backwards: bool) -> float:
    """A second's change at the end (or the beginning) of a track."""
    span = min(len(series) - 1, 10)
    if span < 2:
        return 0.0
    soft = smoothed(series, 1.5)
    part = soft[: span + 1] if backwards else soft[-span - 1 :]
    return float(part[-1] - part[0]) / span * FRAME_RATE


def _carried_on(thing: Track, *, backwards: bool) -> Callable[[float], Placement] | None:
    """The movement of the thing in footage, going on and dying away."""
    sign = -1.0 if backwards else 1.0
    x, y = _velocity(thing.x, backwards) * sign, _velocity(thing.y, backwards) * sign
    if abs(x) + abs(y) < 0.01:
        return None
    x, y = float(np.clip(x, -0.25, 0.25)), float(np.clip(y, -0.12, 0.12))

    def placement(t: float) -> Placement:
        gone = _CARRY * (1 - np.exp(-t / _CARRY))
        return Placement(x=float(x * gone), y=float(y * gone))

    return placement


def _going_on(camera: Track, asked: Path, seconds: float, *, backwards: bool) -> Path:
    """The camera of footage, going on and giving way to the move that was asked for."""
    sign = -1.0 if backwards else 1.0
    x, y = _velocity(camera.x, backwards) * sign, _velocity(camera.y, backwards) * sign
    grows = _velocity(np.log(np.maximum(camera.scale, 1e-3)), backwards) * sign
    x, y, grows = float(np.clip(x, -0.3, 0.3)), float(np.clip(y, -0.2, 0.2)), float(np.clip(grows, -0.12, 0.25))

    def path(share: float) -> Pose:
        t = share * seconds
        gone = _CARRY * (1 - float(np.exp(-t / _CARRY)))
        pose = asked(share)
        return Pose(
            x=pose.x - 0.5 * x * gone,
            y=pose.y - 0.5 * y * gone,
            dolly=pose.dolly + 1 - 1 / float(np.exp(np.clip(grows * gone, -0.2, 0.5))),
            zoom=pose.zoom,
            pan=pose.pan + 0.5 * x * gone,
            tilt=pose.tilt + 0.5 * y * gone,
            roll=pose.roll,
        )

    return path


def sound_events(scenes: list[Scene]) -> list[tuple[float, SoundEvent]]:
    """(beginning of the shot, event) of all scenes."""
    return [(scene.shot.start, event) for scene in scenes for event in scene.events]
