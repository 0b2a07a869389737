"""From a shot to a scene: set, light, camera, subjects on their marks, particles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from opendance.engines.previs.camera import Path, camera_path, glide
from opendance.engines.previs.colour import Light, light_for
from opendance.engines.previs.compositor import pack
from opendance.engines.previs.motion import TRAVEL, SoundEvent, move, steps
from opendance.engines.previs.paint import Canvas
from opendance.engines.previs.particles import Cloud, Fireworks, Notes, kinds_for
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.props import Stroke, paws, piano
from opendance.engines.previs.scenery import built, indoors, nature, space, water
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.subjects import (
    ANIMAL_HEADS,
    PEOPLE,
    Body,
    Bytes,
    animal_or_thing,
    animal_with_body,
    fur,
    person_with_body,
    raster,
    shaded,
    shadow_of,
)
from opendance.plan import Plan, Setting, Shot, ShotSize, Subject

_BUILDERS: dict[Setting, Callable[[FilmSet], None]] = {
    "city": built.build_city, "sea": water.build_sea, "underwater": water.build_underwater,
    "mountains": nature.build_mountains, "forest": nature.build_forest, "desert": nature.build_desert,
    "snow": nature.build_snow, "street": built.build_street, "room": indoors.build_room, "stage": indoors.build_stage,
    "space": space.build_space, "garden": nature.build_garden, "sky": nature.build_sky, "field": nature.build_field,
    "studio": indoors.build_studio,
}  # fmt: skip


@dataclass(frozen=True)
class Framing:
    """How a shot size frames: subject height, y of its foot, y of the horizon, all picture heights."""

    height: float
    foot: float
    horizon: float


_FRAMINGS: dict[ShotSize, Framing] = {
    "extreme_close_up": Framing(1.30, 0.82, 0.06),
    "close_up": Framing(0.86, 0.56, 0.05),
    "medium": Framing(0.56, 0.39, 0.05),
    "full": Framing(0.60, 0.42, 0.08),
    "wide": Framing(0.25, 0.33, 0.09),
}
_FACES = {
    "🐈": "🐱", "🐕": "🐶", "🐇": "🐰", "🐁": "🐭", "🐎": "🐴", "🐅": "🐯", "🐄": "🐮", "🐖": "🐷", "🐒": "🐵", "🐓": "🐔",
}  # fmt: skip
_SIZES = {
    "🦋": 0.42, "🐝": 0.30, "🐦": 0.42, "🕊️": 0.5, "🐟": 0.5, "🐠": 0.42, "🐁": 0.5, "🐇": 0.72, "🎈": 0.8, "🏮": 0.5,
    "🚗": 0.72, "🏎️": 0.6, "🚕": 0.7, "🏠": 1.35, "🏰": 1.6, "🌳": 1.45, "🌍": 1.15, "🐘": 1.25, "🐋": 1.2, "🐳": 1.2,
    "🐉": 1.3, "🦒": 1.4, "🚢": 1.1, "✈️": 0.85, "❤️": 0.6, "⌚": 0.8, "📱": 0.8, "☕": 0.72, "🍎": 0.62,
}  # fmt: skip
_FLOATING = ("fly", "swim", "float")
_RIGHT_FACING = frozenset("🦖🐍🐌🦘🚀")
_LETTERED = frozenset("🏎️ 🚌 🚓 🚑 🚒 🚕 🚚 🚃 🚋 🎽 📰".split())  # a mirrored drawing would show mirrored letters
_INSTRUMENT_HOLD: dict[str, tuple[float, float, float, float]] = {
    # size, x, y over the foot (shares of the player's height), angle
    "🎸": (0.62, -0.02, 0.28, 0.10), "🎻": (0.50, 0.10, 0.42, -0.25), "🎷": (0.62, -0.10, 0.26, 0.0),
    "🎺": (0.46, -0.26, 0.42, 0.0), "🪈": (0.50, -0.18, 0.44, 0.25), "🥁": (0.62, 0.0, 0.12, 0.0),
}  # fmt: skip


@dataclass
class Scene:
    """A shot, ready to be drawn at any moment.

    Attributes:
        plates: from far to near; subjects stand at `stage_index` and following.
        split: index of the first plate that is nearer than the subjects.
        clouds: particles.
        flashes: moments of lightning, s.
        events: what is heard, s from the beginning of the shot.
    """

    shot: Shot
    light: Light
    path: Path
    horizon: float
    eye: float
    plates: list[Plate]
    split: int
    clouds: list[Cloud | Notes | Fireworks]
    flashes: list[float] = field(default_factory=list[float])
    events: list[SoundEvent] = field(default_factory=list[SoundEvent])


def build_scene(
    plan: Plan, shot: Shot, *, aspect: float, resolution: int, detail: float, seed: int, strokes: list[Stroke]
) -> Scene:
    """Build the set of a shot.

    Args:
        aspect: width over height of the picture.
        resolution: height of the rendered picture, px.
        detail: density of the plates, 1 in the standard tier.
        strokes: the notes of the music in this shot, for those who play it.
    """
    rng = np.random.default_rng(seed)
    shot = _with_sense(shot)
    light = light_for(shot.hour, shot.weather, plan.style, shot.setting)
    framing = _framing(shot, aspect)
    direction = 1 if rng.random() < 0.5 else -1
    if any(s.emoji in _RIGHT_FACING for s in shot.subjects):
        direction = 1
    if any(s.emoji in _LETTERED for s in shot.subjects):
        direction = -1
    follow = _travel(shot, aspect) * direction
    x0 = _marks(shot, aspect, rng)
    focus = (x0[0] if x0 else 0.0, framing.foot - framing.height * 0.55 if shot.subjects else framing.horizon - 0.06)
    path = camera_path(shot.camera, shot.seconds, follow=follow, focus=focus, seed=seed + 1)
    shallow = {"extreme_close_up": 0.020, "close_up": 0.014, "medium": 0.007, "full": 0.004, "wide": 0.0015}[shot.size]
    film_set = FilmSet(
        shot=shot, light=light, path=path, aspect=aspect, resolution=resolution, detail=detail, horizon=framing.horizon,
        eye=framing.foot - framing.horizon, seconds=shot.seconds,
        speed=14.0 if shot.camera.move == "time_lapse" else 1.0,
        focus_blur=(shallow * (1.8 if shot.shallow_focus else 1.0)) if shot.subjects else 0.0, rng=rng,
        shot_style_neon=plan.style == "neon",
        beach=any(_is_grounded(s) for s in shot.subjects),
    )  # fmt: skip
    _BUILDERS[shot.setting](film_set)
    stage = len(film_set.plates) if film_set.stage_index is None else film_set.stage_index
    actors = _Actors(film_set, framing, follow, direction, strokes, seed)
    for index, subject in enumerate(shot.subjects):
        actors.add(subject, x0[index], index)
    actors.plates.sort(key=lambda pair: -pair[0])
    subjects = [plate for _, plate in actors.plates]
    plates = film_set.plates[:stage] + subjects + film_set.plates[stage:]
    scene = Scene(
        shot=shot, light=light, path=path, horizon=framing.horizon, eye=film_set.eye, plates=plates,
        split=stage + len(subjects), clouds=[], events=actors.events,
    )  # fmt: skip
    _add_particles(scene, film_set, actors, aspect, resolution, rng)
    return scene


def _with_sense(shot: Shot) -> Shot:
    """Close shots of animals show their faces; busts get no close-up of their feet."""
    subjects: list[Subject] = []
    for s in shot.subjects:
        near = shot.size in ("close_up", "extreme_close_up") and s.action not in ("walk", "run", "fly", "swim", "jump")
        seated = s.action == "play_instrument" and shot.size in ("close_up", "extreme_close_up", "medium")
        subjects.append(replace(s, emoji=_FACES[s.emoji]) if (near or seated) and s.emoji in _FACES else s)
    return replace(shot, subjects=tuple(subjects))


def _is_grounded(subject: Subject) -> bool:
    return subject.action not in ("fly", "swim", "sail", "float") and subject.emoji not in ("⛵", "🚢", "🛶", "🐋", "🐬", "🌍")


def _framing(shot: Shot, aspect: float) -> Framing:
    framing = _FRAMINGS[shot.size]
    if aspect < 1:  # tall pictures: the width is what limits
        framing = replace(framing, height=framing.height * (0.62 + 0.3 * (aspect - 0.56)), foot=min(framing.foot, 0.34))
    if shot.setting == "city" and not shot.subjects:
        return replace(framing, horizon=0.30, foot=0.50)
    if shot.setting in ("sea", "desert", "field", "snow", "mountains") and not shot.subjects:
        framing = replace(framing, horizon=0.10, foot=0.40)
    return framing


def _travel(shot: Shot, aspect: float) -> float:
    if not shot.subjects:
        return 0.9 if shot.camera.move == "tracking" else 0.0
    scale = {"extreme_close_up": 0.5, "close_up": 0.6, "medium": 1.0, "full": 0.9, "wide": 0.7}[shot.size]
    pace = max(TRAVEL.get(s.action, 0.0) for s in shot.subjects) * scale * shot.camera.speed**0.5
    if shot.camera.move == "tracking":
        return min(3.0, max(pace, 0.16) * 1.4 * shot.seconds)
    return min(0.62 * aspect, pace * shot.seconds)


def _marks(shot: Shot, aspect: float, rng: np.random.Generator) -> list[float]:
    count = len(shot.subjects)
    if count == 0:
        return []
    if count == 1:
        centred = shot.size in ("close_up", "extreme_close_up") or shot.subjects[0].count > 1
        centred = centred or shot.subjects[0].action in ("play_instrument", "dance", "rise", "fall")
        return [0.0 if centred or aspect < 1.1 else float(rng.choice([-1, 1])) * aspect * 0.085]
    reach = aspect * (0.23 if count == 2 else 0.31)
    return [float(x) for x in np.linspace(-reach, reach, count)]


class _Actors:
    """Puts subjects on their marks."""

    def __init__(
        self, film_set: FilmSet, framing: Framing, follow: float, direction: int, strokes: list[Stroke], seed: int
    ) -> None:
        self.s, self.framing, self.follow, self.direction = film_set, framing, follow, direction
        self.strokes, self.rng = strokes, np.random.default_rng(seed + 7)
        self.plates: list[tuple[float, Plate]] = []
        self.events: list[SoundEvent] = []
        self.note_source: tuple[float, float] | None = None

    def add(self, subject: Subject, x: float, index: int) -> None:
        for k in range(subject.count):
            self._add_one(subject, x, index, k)
        self._sounds(subject)

    def _add_one(self, subject: Subject, x: float, index: int, k: int) -> None:
        s, framing, rng = self.s, self.framing, self.rng
        action = subject.action
        floating = action in _FLOATING or not s.has_floor
        size = framing.height * _SIZES.get(subject.emoji, 1.0)
        if subject.emoji in PEOPLE | ANIMAL_HEADS and self._stands(subject):
            size *= 1.12
        if self._is_product(subject):  # products are shown whole
            size *= 0.78
        depth = 1.0 + 0.10 * index
        group = subject.count > 1
        if group:
            size *= 0.86 if subject.count <= 3 else 0.62
            depth = 1.0 + (0.16 if not floating else 0.30) * k
            spread = s.aspect * (0.30 if subject.count <= 3 else 0.42)
            turn = k * 2.399 + 0.6
            x = x + spread * (np.cos(turn) * (0.35 + 0.65 * k / subject.count) if floating else ((k + 0.5) / subject.count * 2 - 1)) * depth**0.5
        height = size / depth
        foot = s.foot(depth)
        if self._is_product(subject):
            foot = min(foot, 0.36)
        if self._at_piano(subject):  # the face shows over the keys
            size, height = size * 0.76, height * 0.76
            foot = 0.30 if s.shot.size in ("close_up", "extreme_close_up") else foot - height * 0.35
        elif floating:
            centre = -0.03 if not s.shot.subjects or s.shot.size != "wide" else -0.08
            foot = centre + height / 2 + (0.20 * np.sin(k * 2.399) if group else 0.0)
            if action == "fly" and s.has_floor:
                foot -= 0.10
        pixels = int(np.clip(height * s.resolution * s.detail * 1.25, 24, 1500))
        body = self._body(subject, pixels)
        flip = self._faces(subject)
        motion = self._motion(subject, x, height, k, group)
        towards = (s.sun[0] - x, s.sun[1] - (foot - height / 2))
        pictures: list[Bytes] = []
        for picture in body.pictures:
            turned = np.ascontiguousarray(picture[:, ::-1]) if flip else picture
            pictures.append(shaded(turned, s.light, towards, depth=depth))
        self._place(pictures, body, motion, x, foot, height, depth, k)
        if s.has_floor and not floating and not self._at_piano(subject) and action not in ("rise", "sail") and s.shot.setting not in ("underwater",):
            self._shadow(pictures[0], motion, foot, height, depth)
        if s.shot.setting == "sea" and (action == "sail" or not s.beach):
            self._mirror(pictures[0], motion, foot, height, depth)
        if action == "play_instrument" and k == 0:
            self._instrument(subject, x, foot, height, depth, motion)
        if action == "rise" and subject.emoji == "🚀":
            self._flame(motion, x, foot, height, depth)
        _ = rng

    @staticmethod
    def _at_piano(subject: Subject) -> bool:
        return subject.action == "play_instrument" and subject.instrument in (None, "🎹")

    def _stands(self, subject: Subject) -> bool:
        size_shows_feet = self.s.shot.size in ("full", "wide", "medium") and self.s.has_floor
        return size_shows_feet and subject.action not in ("fly", "swim", "float") and not self._at_piano(subject)

    def _is_product(self, subject: Subject) -> bool:
        return self.s.shot.setting == "studio" and subject.emoji not in PEOPLE

    def _body(self, subject: Subject, pixels: int) -> Body:
        if subject.emoji in PEOPLE and self._stands(subject):
            return person_with_body(subject.emoji, pixels)
        if subject.emoji in ANIMAL_HEADS and self._stands(subject):
            return animal_with_body(subject.emoji, pixels)
        return animal_or_thing(subject.emoji, pixels)

    def _faces(self, subject: Subject) -> bool:
        """Whether the drawing must be mirrored: nearly all of them look to the left."""
        if subject.emoji in _RIGHT_FACING or subject.emoji in PEOPLE or TRAVEL.get(subject.action, 0) == 0:
            return False
        return self.direction > 0

    def _motion(self, subject: Subject, x: float, height: float, k: int, group: bool) -> Callable[[float], Placement]:
        s = self.s
        seconds, follow = s.seconds, self.follow if TRAVEL.get(subject.action, 0) else 0.0
        tracking = s.shot.camera.move == "tracking"
        if tracking and self.follow and not TRAVEL.get(subject.action, 0):
            follow = 0.0
        beats = [stroke.at for stroke in self.strokes] if subject.action == "play_instrument" else None
        phase = (k * 0.37) % 1
        base = move(subject.action, height=height, seconds=seconds, phase=phase, beats=beats)
        begin = 0.0 if tracking else -follow / 2

        def motion(t: float) -> Placement:
            placement = base(t)
            placement.x += begin + follow * glide(min(1.0, t / seconds)) if follow else 0.0
            return placement

        _ = (x, group)
        return motion

    def _place(
        self, pictures: list[Bytes], body: Body, motion: Callable[[float], Placement], x: float, foot: float,
        height: float, depth: float, k: int,
    ) -> None:  # fmt: skip
        margin = 10
        rows = pictures[0].shape[0]
        density = (rows - 2 * margin) / height
        left = x - pictures[0].shape[1] / density / 2
        top = foot - (margin + (rows - 2 * margin) * body.foot) / density
        choose: Callable[[float], int] | None = None
        if body.steps and self._walks():
            rate = 1.9 if self._walks() == "walk" else 3.1
            cycle = body.steps
            choose = lambda t: cycle[int(t * rate * 2 + k) % len(cycle)]  # noqa: E731
        elif body.blink is not None:
            blink = body.blink
            offset = 0.9 + 0.83 * k
            choose = lambda t: blink if (t + offset) % 2.7 < 0.13 else 0  # noqa: E731
        if self.s.shot.subjects and any(sub.action == "sleep" for sub in self.s.shot.subjects) and body.blink is not None:
            closed = body.blink
            choose = lambda t: closed  # noqa: E731
        packed = [pack(picture) for picture in pictures]
        plate = Plate(
            packed[0], left, top, density, depth, anchor=(x, foot), motion=motion, others=tuple(packed[1:]), choose=choose
        )
        self.plates.append((depth, plate))

    def _walks(self) -> str:
        for subject in self.s.shot.subjects:
            if subject.action in ("walk", "run"):
                return subject.action
            if subject.action == "dance":
                return "run"
        return ""

    def _shadow(self, picture: Bytes, motion: Callable[[float], Placement], foot: float, height: float, depth: float) -> None:
        shade = shadow_of(picture, 0.16)
        wide = picture.shape[1] / picture.shape[0] * height * 1.35
        density = shade.shape[1] / wide
        tall = shade.shape[0] / density
        anchor = self.plates[-1][1].anchor

        def under(t: float) -> Placement:
            placement = motion(t)
            air = min(1.0, max(0.0, -placement.y / max(0.05, height)))
            return Placement(x=placement.x, scale_x=abs(placement.scale_x) * (1 - 0.25 * air), opacity=(1 - 0.65 * air) * 0.9)

        plate = Plate(
            pack(shade), anchor[0] - wide / 2, foot - tall * 0.52, density, depth, anchor=(anchor[0], foot), motion=under
        )
        self.plates.insert(len(self.plates) - 1, (depth + 0.004, plate))

    def _mirror(self, picture: Bytes, motion: Callable[[float], Placement], foot: float, height: float, depth: float) -> None:
        rows = picture.shape[0]
        fade = np.linspace(0.55, 0.0, rows, dtype=np.float32)[:, None, None] ** 1.2
        flipped = np.clip(picture[::-1] * fade * np.array((0.7, 0.82, 0.95, 1.0), np.float32), 0, 255).astype(np.uint8)
        density = (rows - 20) / height
        anchor = self.plates[-1][1].anchor

        def below(t: float) -> Placement:
            placement = motion(t)
            return Placement(x=placement.x, y=-placement.y * 0.6, angle=-placement.angle, scale_y=0.8)

        plate = Plate(
            pack(flipped), anchor[0] - picture.shape[1] / density / 2, foot - 26 / density, density, depth,
            anchor=(anchor[0], foot), motion=below, wave=(0.012, 0.16, 0.9),
        )  # fmt: skip
        self.plates.append((depth + 0.003, plate))

    def _instrument(
        self, subject: Subject, x: float, foot: float, height: float, depth: float, motion: Callable[[float], Placement]
    ) -> None:
        s = self.s
        density = s.resolution * s.detail * 1.15
        if subject.instrument == "🎹" or subject.instrument is None:
            width = min(s.aspect * 0.80, height * 2.05)
            top = foot - height * 0.16
            near = depth * 0.94
            for plate in piano(s.light, x, top, width, density=density, depth=near, strokes=self.strokes, bottom=max(foot, top + width * 0.3)):
                self.plates.append((near, plate))
            for plate in paws(s.light, fur(subject.emoji), x, top, width, density=density, depth=near - 0.005, strokes=self.strokes):
                self.plates.append((near - 0.005, plate))
            self.note_source = (x + width * 0.30, top - 0.02)
            return
        size, dx, dy, angle = _INSTRUMENT_HOLD.get(subject.instrument, (0.5, 0.0, 0.3, 0.0))
        picture = raster(subject.instrument, int(height * size * density))
        lit = shaded(picture, s.light, (s.sun[0] - x, s.sun[1]), depth=depth)
        h = height * size
        d = (lit.shape[0] - 20) / h
        cx, cy = x + dx * height, foot - dy * height

        def held(t: float) -> Placement:
            placement = motion(t)
            return Placement(x=placement.x, y=placement.y * 1.4, angle=placement.angle * 0.8 + angle)

        self.plates.append(
            (depth - 0.01, Plate(pack(lit), cx - lit.shape[1] / d / 2, cy - lit.shape[0] / d / 2, d, depth - 0.01, anchor=(cx, cy), motion=held))
        )
        self.note_source = (x + height * 0.30, foot - height * 0.55)

    def _flame(self, motion: Callable[[float], Placement], x: float, foot: float, height: float, depth: float) -> None:


        canvas = Canvas((-height * 0.35, -height * 0.1, height * 0.35, height * 0.8), self.s.resolution * self.s.detail)
        for radius, colour, strength in ((0.22, (1.0, 0.40, 0.08), 0.8), (0.13, (1.0, 0.72, 0.22), 1.0), (0.06, (1.0, 0.98, 0.8), 1.0)):
            for step in range(5):
                canvas.glow(-0.02 * step * height, height * (0.02 + 0.09 * step), height * radius * (1 - 0.15 * step), colour, strength * (1 - 0.17 * step), 2.0)

        def burning(t: float) -> Placement:
            placement = motion(t)
            return Placement(x=x + placement.x - height * 0.36, y=foot + placement.y - height * 0.10, angle=0.78, scale_y=1 + 0.16 * np.sin(47 * t) + 0.1 * np.sin(71 * t))

        self.plates.append((depth + 0.002, Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, depth, motion=burning)))

    def _sounds(self, subject: Subject) -> None:
        s = self.s
        for at in steps(subject.action, s.seconds, 0.0):
            soft = s.shot.setting in ("snow", "desert", "field", "garden", "forest", "sea")
            kind = "hoof" if subject.emoji in ("🐎", "🐴", "🦄", "🦌") else "step_soft" if soft else "step"
            self.events.append(SoundEvent(kind, at, 0.8 if subject.action == "run" else 0.5))
        kind = {"drive": "engine", "sail": "creak", "burn": "crackle", "rise": "rocket"}.get(subject.action)
        if kind is not None:
            self.events.append(SoundEvent(kind if subject.emoji not in ("🚲", "🎈") else "wind", 0.0, 1.0))
        if subject.action == "fly" and subject.emoji not in ("✈️", "🚁", "🛸", "🪁", "👻"):
            self.events += [SoundEvent("flap", float(t), 0.5) for t in np.arange(0.1, s.seconds, 1 / 2.6)]
        if subject.action == "fall":
            self.events.append(SoundEvent("thud", max(0.9, s.seconds * 0.55), 1.0))
        voice = {
            "🐈": "meow", "🐱": "meow", "🐕": "bark", "🐶": "bark", "🐦": "chirp", "🦅": "cry", "🐄": "moo", "🐮": "moo", "🦉": "hoot",
            "🐑": "baa", "🐺": "howl", "🐝": "buzz", "✈️": "jet", "🚁": "rotor", "🚂": "train", "🐬": "chirp", "🐉": "roar", "🦁": "roar",
        }.get(subject.emoji)  # fmt: skip
        if voice is not None and subject.action != "play_instrument":
            self.events.append(SoundEvent(voice, min(1.1, s.seconds * 0.3), 0.8))


def _add_particles(
    scene: Scene, film_set: FilmSet, actors: _Actors, aspect: float, resolution: int, rng: np.random.Generator
) -> None:
    shot = scene.shot
    for name in kinds_for(shot):
        scene.clouds.append(
            Cloud(
                name, shot, scene.light, aspect=aspect, height=resolution, horizon=scene.horizon, detail=film_set.detail,
                speed=film_set.speed, rng=rng,
            )  # fmt: skip
        )
    if actors.note_source is not None and actors.strokes:
        onsets = [stroke.at for stroke in actors.strokes]
        scene.clouds.append(Notes(onsets, actors.note_source, aspect=aspect, height=resolution, light=scene.light))
    if "fireworks" in shot.particles:
        fireworks = Fireworks(seconds=shot.seconds, aspect=aspect, height=resolution, rng=rng)
        scene.clouds.append(fireworks)
        scene.events += [SoundEvent("firework", t, 0.9) for t in fireworks.times]
    if shot.weather == "storm":
        scene.flashes = [float(t) for t in np.arange(0.8, shot.seconds, 2.3) + rng.uniform(-0.3, 0.5, len(np.arange(0.8, shot.seconds, 2.3)))]
        scene.events += [SoundEvent("thunder", t + 0.35, 1.0) for t in scene.flashes]
