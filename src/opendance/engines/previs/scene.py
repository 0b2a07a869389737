"""From a shot to a scene: set, light, camera, subjects on their marks, particles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from opendance.drawings.library import faces_of
from opendance.engines.previs.actors import BUST, Actors, Framing
from opendance.engines.previs.blocking import Stage, block, principal_of, scale_of
from opendance.engines.previs.camera import Path, camera_path
from opendance.engines.previs.colour import Light, light_for
from opendance.engines.previs.lenses import blur_of, through
from opendance.engines.previs.marks import Mark, marks_of, without_scenery
from opendance.engines.previs.motion import TRAVEL, SoundEvent
from opendance.engines.previs.mouths import mouths_of
from opendance.engines.previs.particles import Cloud, Fireworks, Notes, kinds_for
from opendance.engines.previs.photo.backdrop import Backdrop
from opendance.engines.previs.photo.cutout import Cutout
from opendance.engines.previs.places.sets import (
    PlaceSet,
    Row,
    build_before,
    build_behind,
    build_under,
    in_place,
    metre_of,
    names_in,
    sets,
)
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.props import Stroke
from opendance.engines.previs.scenery import built, indoors, nature, space, water
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.seasons import with_falling
from opendance.engines.previs.sound.voice import Mouth
from opendance.engines.previs.traits import traits_of
from opendance.engines.previs.views import TOWARDS_US, over_the_shoulder, seen_over_a_shoulder
from opendance.engines.previs.writing import boards, captions, written_on
from opendance.plan import Pace, Plan, Setting, Shot, ShotSize, Subject, View, Writing

_BUILDERS: dict[Setting, Callable[[FilmSet], None]] = {
    "city": built.build_city, "sea": water.build_sea, "underwater": water.build_underwater,
    "mountains": nature.build_mountains, "forest": nature.build_forest, "desert": nature.build_desert,
    "snow": nature.build_snow, "street": built.build_street, "room": indoors.build_room, "stage": indoors.build_stage,
    "space": space.build_space, "garden": nature.build_garden, "sky": nature.build_sky, "field": nature.build_field,
    "studio": indoors.build_studio,
}  # fmt: skip


_FRAMINGS: dict[ShotSize, Framing] = {
    "extreme_close_up": Framing(1.30, 0.82, 0.06),
    "close_up": Framing(0.86, 0.56, 0.05),
    "medium": Framing(0.56, 0.39, 0.05),
    "full": Framing(0.60, 0.42, 0.08),
    "wide": Framing(0.25, 0.33, 0.09),
}


_CHEST = 0.55  # what the camera looks at, of a subject's height over its foot
_OVER_HORIZON = 0.06  # what it looks at where there is nobody, picture heights
# Blur of what is out of focus, picture heights: the closer the shot, the shallower it is, as with any lens.
_FOCUS_BLUR: dict[ShotSize, float] = {
    "extreme_close_up": 0.020, "close_up": 0.014, "medium": 0.007, "full": 0.004, "wide": 0.0015,
}  # fmt: skip
_SHALLOWER = 1.8  # times as much, where a shallow focus is asked for
_RATES: dict[Pace, float] = {"slow_motion": 0.4, "normal": 1.0, "fast": 2.2}
_TIME_LAPSE = 14.0  # times as fast everything drifts: clouds cross the sky in one shot
_OF_PERSON = 1.15  # people are slim
_PRODUCT, _PHOTOGRAPHED = 0.78, 1.1
_PRODUCT_FOOT = 0.36  # y at most, picture heights: the table is in the picture
_RAISED, _ON_TOP = 0.55, 0.08  # size, in the framing's, and y of who is on a viaduct, so that its arches are seen
_OVER_WATER = PlaceSet(view="sea", rows=(Row(("suspension-bridge",), depth=3.2, at=(0.0,), height=16.0),))
_WALL, _FARTHEST = 2.4, 14.0  # depth of what stands farthest: before the wall of a room; beyond it haze has taken it
_EYE = 1.6  # m, of the camera over the ground where nobody is seen
_WITHOUT_FLOOR: tuple[Setting, ...] = ("underwater", "sky", "space")
_ON_PICTURES = 0.6  # of the way that subjects go on a drawn set: a picture ends at its edges


@dataclass
class Scene:
    """A shot, ready to be drawn at any moment.

    Attributes:
        plates: from far to near; subjects stand at `stage_index` and following.
        split: index of the first plate that is nearer than the subjects.
        clouds: particles.
        flashes: moments of lightning, s.
        events: what is heard, s from the beginning of the shot.
        backdrop: a picture or footage behind the plates.
        exact_first, exact_last: the first or last frame is the picture itself: style and particles come or go by then.
        rate: how fast everything but the camera goes, 1 as in life.
        captions: what is written over the picture.
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
    backdrop: Backdrop | None = None
    exact_first: bool = False
    exact_last: bool = False
    rate: float = 1.0
    captions: tuple[Writing, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """How finely scenes are drawn.

    Attributes:
        size: width and height of the rendered picture, px.
        detail: density of the plates, 1 in the standard tier.
        seed: of all that is left to chance.
        cast: seed of what people look like, the same in all shots of a film.
    """

    size: tuple[int, int]
    detail: float
    seed: int
    cast: int = 0

    @property
    def aspect(self) -> float:
        return self.size[0] / self.size[1]

    @property
    def resolution(self) -> int:
        """Height of the picture, px."""
        return self.size[1]


@dataclass(frozen=True)
class References:
    """What the user's media give to a drawn set.

    Attributes:
        cutouts: of subjects, by the number of their image.
        path: the camera of a reference video, in place of the shot's.
        motion: how images move, from a reference video.
    """

    cutouts: dict[int, Cutout]
    path: Path | None
    motion: Callable[[float], Placement] | None


@dataclass(frozen=True)
class Visitors:
    """Who is staged before a picture.

    Attributes:
        shot: with the subjects that are staged.
        cutouts: by the number of their image.
        motion: of the images, from a reference video.
        late: they come in after the beginning, which shows the picture alone.
    """

    shot: Shot
    cutouts: dict[int, Cutout]
    motion: Callable[[float], Placement] | None
    late: bool


def build_scene(
    plan: Plan,
    shot: Shot,
    drawing: Drawing,
    *,
    strokes: list[Stroke],
    references: References,
    speaks: Mouth | None = None,
) -> Scene:
    """Build the set of a shot.

    Args:
        strokes: the notes of the music in this shot, for those who play it.
        speaks: when the mouths of those who speak are open.
    """
    rng = np.random.default_rng(drawing.seed)
    aspect = drawing.aspect
    rate, timed = _RATES[shot.pace], shot
    shot = with_falling(_with_sense(replace(shot, end=shot.start + shot.seconds * rate)))
    strokes = [Stroke(stroke.at * rate, stroke.pitch) for stroke in strokes]
    marks = marks_of(shot, drawing.cast, references.cutouts)
    place = _seen_from(sets().get(shot.place or ""), shot, marks)
    marks = marks if place is None else without_scenery(marks, names_in(place))
    shot = replace(shot, subjects=tuple(mark.subject for mark in marks))
    figures = [mark.figure for mark in marks]
    light = in_place(light_for(shot.hour, shot.weather, plan.style, shot.setting), shot.place)
    framing = _framing_of(shot, marks, aspect)
    direction = 1 if rng.random() < 0.5 else -1
    if any(faces_of(s.emoji) == "right" for s in shot.subjects):
        direction = 1
    if any(traits_of(s.emoji).lettered for s in shot.subjects):
        direction = -1
    follow = 0.0 if shot.view in TOWARDS_US else _travel(shot, aspect) * direction
    stage = Stage(
        aspect, framing.height, framing.foot, framing.horizon, shot.setting not in _WITHOUT_FLOOR,
        is_close=_is_close(shot), farthest=_WALL if shot.setting in ("room", "stage") else _FARTHEST,
    )  # fmt: skip
    if place is not None and place.under is not None:
        stage = replace(stage, height=stage.height * _RAISED, foot=min(stage.foot, _ON_TOP))
    spots = block(figures, stage, side=_side(shot, aspect, rng))
    near = over_the_shoulder(marks) if shot.view == "over_the_shoulder" else None
    if near is not None:
        spots = seen_over_a_shoulder(spots, near, stage)
    metre = (framing.foot - framing.horizon) / _EYE
    focus = (0.0, framing.horizon - _OVER_HORIZON)
    if figures:
        first = principal_of(figures, is_close=stage.is_close)
        metre = scale_of(figures, stage)
        focus = (spots[first][0].x, spots[first][0].foot - spots[first][0].height * _CHEST)
    path = references.path or camera_path(shot.camera, timed.seconds, follow=follow, focus=focus, seed=drawing.seed + 1)
    path = through(shot.lens, path, shot.focal_length)
    blur = _FOCUS_BLUR[shot.size] * (_SHALLOWER if shot.shallow_focus else 1.0) if shot.subjects else 0.0
    blur *= blur_of(shot.lens, shot.focal_length)
    film_set = FilmSet(
        shot=shot, light=light, path=path, aspect=aspect, resolution=drawing.resolution, detail=drawing.detail,
        horizon=framing.horizon, eye=framing.foot - framing.horizon, seconds=shot.seconds,
        speed=_TIME_LAPSE if shot.camera.move == "time_lapse" else 1.0, focus_blur=blur, rng=rng,
        shot_style_neon=plan.style == "neon", cast=drawing.cast, metre=metre_of(metre),
        has_strip=place is not None and place.strip is not None,
        is_room=place is not None and place.view is None,
        beach=(place is None or place.strip is None) and any(_is_grounded(mark) for mark in marks),
    )  # fmt: skip
    _build_set(film_set, place)
    if place is not None and place.under is not None:
        below = film_set.plates[film_set.stage_index or 0 :]
        del film_set.plates[film_set.stage_index or 0 :]
        build_under(film_set, place.under, stage.foot, film_set.metre)
        film_set.stage_here()
        film_set.plates += below
    at = len(film_set.plates) if film_set.stage_index is None else film_set.stage_index
    actors = Actors(film_set, framing, follow, direction, strokes, references.cutouts, references.motion)
    actors.near = near
    actors.written = written_on(plan.written, timed, marks)
    if speaks is not None:
        actors.speaks = mouths_of(speaks, plan, timed, marks, rate, _with_faces(references.cutouts))
    actors.add(marks, spots)
    actors.plates.sort(key=lambda pair: -pair[0])
    subjects = [plate for _, plate in actors.plates]
    plates = film_set.plates[:at] + subjects + film_set.plates[at:]
    plates += boards(film_set, plan.written, timed, marks)
    scene = Scene(
        shot=shot, light=light, path=path, horizon=framing.horizon, eye=film_set.eye, plates=plates,
        split=at + len(subjects), clouds=[], events=actors.events, captions=captions(plan.written, timed, marks),
    )  # fmt: skip
    _add_particles(scene, film_set, actors, rng)
    scene.shot, scene.rate = replace(shot, end=timed.end), rate
    scene.events = [replace(event, at=event.at / rate) for event in scene.events]
    scene.flashes = [flash / rate for flash in scene.flashes]
    return scene


def build_backdrop_scene(
    plan: Plan,
    shot: Shot,
    backdrop: Backdrop,
    path: Path,
    visitors: Visitors,
    drawing: Drawing,
    speaks: Mouth | None = None,
) -> Scene:
    """A picture or footage with those staged before it, and the particles that the words ask for.

    Args:
        speaks: when the mouths of those who speak are open.
    """
    rng = np.random.default_rng(drawing.seed)
    aspect = drawing.aspect
    staged = _with_sense(visitors.shot)
    light = light_for("day", "clear", "natural", shot.setting)
    size = staged.size if staged.size != "wide" or not staged.subjects else "full"
    marks = marks_of(replace(staged, size=size), drawing.cast, visitors.cutouts)
    staged = replace(staged, size=size, subjects=tuple(mark.subject for mark in marks))
    framing = _framing_of(staged, marks, aspect)
    film_set = FilmSet(
        shot=staged, light=light, path=path, aspect=aspect, resolution=drawing.resolution, detail=1.0,
        horizon=framing.horizon, eye=framing.foot - framing.horizon, seconds=shot.seconds, speed=1.0, focus_blur=0.0,
        rng=rng, cast=drawing.cast,
    )  # fmt: skip
    follow = _ON_PICTURES * _travel(staged, aspect) if staged.subjects else 0.0
    stage = Stage(aspect, framing.height, framing.foot, framing.horizon, is_close=_is_close(staged))
    spots = block([mark.figure for mark in marks], stage, side=_side(staged, aspect, rng))
    actors = Actors(film_set, framing, follow, 1, [], visitors.cutouts, visitors.motion)
    actors.curve = None  # a picture is shown as it is, and so are those before it
    if speaks is not None:
        actors.speaks = mouths_of(speaks, plan, shot, marks, 1.0, _with_faces(visitors.cutouts))
    actors.add(marks, spots)
    actors.plates.sort(key=lambda pair: -pair[0])
    plates = [plate for _, plate in actors.plates]
    if visitors.late:
        for plate in plates:
            plate.motion = _coming_in(plate.motion)
    scene = Scene(
        shot=shot, light=light, path=path, horizon=framing.horizon, eye=film_set.eye, plates=plates, split=len(plates),
        clouds=[], events=actors.events, backdrop=backdrop, captions=captions(plan.written, shot, []),
    )  # fmt: skip
    named = any("weather" in each.explicit and each.weather == shot.weather for each in plan.shots)
    weather = shot.weather if named else "clear"
    # Only what the words ask for: dust and petals by themselves belong to drawn sets.
    named_only = replace(shot, weather=weather, setting="field" if shot.setting != "space" else "space")
    if shot.particles or weather in ("rain", "storm", "snow"):
        scene.shot = replace(named_only, subjects=())
        _add_particles(scene, film_set, actors, rng)
    scene.shot = replace(shot, weather=weather)
    return scene


def _coming_in(motion: Callable[[float], Placement] | None) -> Callable[[float], Placement]:
    def placement(t: float) -> Placement:
        p = motion(t) if motion is not None else Placement()
        p.opacity *= min(1.0, max(0.0, (t - 0.25) / 0.7))
        p.visible = p.visible and p.opacity > 0.004
        return p

    return placement


def _with_faces(cutouts: Mapping[int, Cutout]) -> frozenset[int]:
    """The numbers of images that show a face."""
    return frozenset(number for number, cutout in cutouts.items() if cutout.faces)


def _with_sense(shot: Shot) -> Shot:
    """Close shots of animals show their faces; busts get no close-up of their feet."""
    subjects: list[Subject] = []
    for s in shot.subjects:
        near = shot.size in ("close_up", "extreme_close_up") and s.action not in ("walk", "run", "fly", "swim", "jump")
        seated = s.action == "play_instrument" and shot.size in ("close_up", "extreme_close_up", "medium")
        subjects.append(replace(s, emoji=s.face) if (near or seated) and s.face is not None else s)
    return replace(shot, subjects=tuple(subjects))


def _is_close(shot: Shot) -> bool:
    return shot.size in ("close_up", "extreme_close_up")


def _seen_from(place: PlaceSet | None, shot: Shot, marks: Sequence[Mark]) -> PlaceSet | None:
    """A bridge is a way for those who are on it, and over those who sail."""
    sails = bool(marks) and (marks[0].figure.stands == "water" or marks[0].subject.action == "sail")
    return _OVER_WATER if shot.place == "bridge" and sails else place


def _is_grounded(mark: Mark) -> bool:
    figure = mark.figure
    stands = figure.stands in ("ground", "table", "hand", "worn") and not figure.flies
    return stands and figure.relation is None and mark.subject.action not in ("fly", "swim", "sail", "float")


def _build_set(film_set: FilmSet, place: PlaceSet | None) -> None:
    """The view of the setting, or a room, with what the place has of its own behind and before the subjects."""
    if place is None or place.view is not None:
        _BUILDERS[film_set.shot.setting if place is None or place.view is None else place.view](film_set)
    if place is None:
        return
    at = len(film_set.plates) if film_set.stage_index is None else film_set.stage_index
    before = film_set.plates[at:] if place.strip is None else []  # grass does not grow in front of planks
    del film_set.plates[at:]
    build_behind(film_set, place, film_set.metre)
    film_set.stage_here()
    build_before(film_set, place, film_set.metre)
    film_set.plates += before


def _framing_of(shot: Shot, marks: Sequence[Mark], aspect: float) -> Framing:
    """As the shot size says, for whom the shot is about, from where it is seen."""
    framing = _from_view(_framing(shot, aspect), shot.view)
    if not marks:
        return framing
    first = marks[principal_of([mark.figure for mark in marks], is_close=_is_close(shot))]
    at_piano = first.subject.action == "play_instrument"
    if first.performer is not None and shot.size in ("close_up", "extreme_close_up") and not at_piano:
        # Head and shoulders: the figure itself is as high again, and goes on below the frame.
        foot = framing.foot + framing.height * (BUST - 1)
        return replace(framing, height=framing.height * BUST, foot=foot)
    if first.performer is not None:
        return replace(framing, height=framing.height * _OF_PERSON)
    if shot.setting == "studio":  # products are shown whole, with room around drawings; photographs bring theirs
        share = _PRODUCT if first.subject.image is None else _PHOTOGRAPHED
        return replace(framing, height=framing.height * share, foot=min(framing.foot, _PRODUCT_FOOT))
    return framing


def _from_view(framing: Framing, view: View | None) -> Framing:
    match view:
        case "low_angle":
            return replace(framing, horizon=max(framing.horizon, framing.foot - 0.14))
        case "high_angle":
            return replace(framing, horizon=-0.22)
        case "aerial" | "top_down":
            return replace(framing, horizon=-0.36, height=framing.height * 0.75, foot=min(framing.foot, 0.22))
        case _:
            return framing


def _framing(shot: Shot, aspect: float) -> Framing:
    framing = _FRAMINGS[shot.size]
    if aspect < 1:  # tall pictures: the width is what limits
        framing = replace(framing, height=framing.height * (0.78 + 0.2 * (aspect - 0.56)), foot=min(framing.foot, 0.36))
    if shot.setting == "city" and not shot.subjects:
        return replace(framing, horizon=0.30, foot=0.50)
    if shot.setting in ("sea", "desert", "field", "snow", "mountains") and not shot.subjects:
        framing = replace(framing, horizon=0.10, foot=0.40)
    return framing


def _travel(shot: Shot, aspect: float) -> float:
    if not shot.subjects:
        return 0.9 if shot.camera.move == "tracking" else 0.0
    scale = {"extreme_close_up": 0.5, "close_up": 0.6, "medium": 1.0, "full": 0.9, "wide": 0.7}[shot.size]
    going = [s for s in shot.subjects if s.relation is None or s.relation[0] not in ("in", "inside")]
    pace = max((TRAVEL.get(s.action, 0.0) for s in going), default=0.0) * scale * shot.camera.speed**0.5
    if shot.camera.move == "tracking":
        return min(3.0, max(pace, 0.16) * 1.4 * shot.seconds)
    return min(0.62 * aspect, pace * shot.seconds)


def _side(shot: Shot, aspect: float, rng: np.random.Generator) -> float:
    """x of a subject that is alone: on a third, or in the middle where it fills the picture."""
    chance = float(rng.choice([-1, 1]))
    if len(shot.subjects) != 1 or aspect < 1.1:
        return 0.0
    only = shot.subjects[0]
    centred = shot.size in ("close_up", "extreme_close_up") or only.count > 1
    centred = centred or only.action in ("play_instrument", "dance", "rise", "fall")
    return 0.0 if centred else chance * aspect * 0.085


def _add_particles(scene: Scene, film_set: FilmSet, actors: Actors, rng: np.random.Generator) -> None:
    shot, aspect, resolution = scene.shot, film_set.aspect, film_set.resolution
    for name in kinds_for(shot):
        scene.clouds.append(
            Cloud(
                name,
                shot,
                scene.light,
                aspect=aspect,
                height=resolution,
                detail=film_set.detail,
                speed=film_set.speed,
                rng=rng,
            )
        )
    if actors.note_source is not None and actors.strokes:
        onsets = [stroke.at for stroke in actors.strokes]
        scene.clouds.append(Notes(onsets, actors.note_source, aspect=aspect, height=resolution, light=scene.light))
    if "fireworks" in shot.particles:
        fireworks = Fireworks(seconds=shot.seconds, aspect=aspect, height=resolution, rng=rng)
        scene.clouds.append(fireworks)
        scene.events += [SoundEvent("firework", t, 0.9) for t in fireworks.times]
    if shot.weather == "storm":
        scene.flashes = [
            float(t)
            for t in np.arange(0.8, shot.seconds, 2.3) + rng.uniform(-0.3, 0.5, len(np.arange(0.8, shot.seconds, 2.3)))
        ]
        scene.events += [SoundEvent("thunder", t + 0.35, 1.0) for t in scene.flashes]
