"""Which body a subject gets: a figure of joints, a drawing that moves, a drawing as it is, a photograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from opendance.drawings.library import own_of, svg_of
from opendance.drawings.own import OwnDrawing
from opendance.drawings.posing import Gait, is_driven, lies_down, lying, moves, posed
from opendance.engines.previs.blinking import with_closed_eyes
from opendance.engines.previs.memory import Kept
from opendance.engines.previs.people import rig
from opendance.engines.previs.raster_cache import raster_cache
from opendance.engines.previs.subjects import Body, Bytes, drawn, raster
from opendance.engines.previs.surfaces import PLAIN, Surface, in_surface, recoloured_svg
from opendance.plan import Action, Subject

_ROOM = 0.14  # of the box on each side, so that legs and wings may reach out of it
_PICTURES = 8  # of a cycle
_KEPT = 32 << 20  # bytes: a cycle of 720p; all are kept on disk
# Cycles a second.
_RATES: Mapping[Gait, float] = {"rest": 0.35, "walk": 0.95, "run": 1.6, "fly": 1.5, "swim": 0.8, "roll": 1.3}
_GAITS: Mapping[Action, Gait] = {
    "walk": "walk", "run": "run", "jump": "run", "dance": "walk", "fly": "fly", "swim": "swim", "drive": "roll",
    "fall": "fly",
}  # fmt: skip
# Emoji stand still: a drawing of ours that can walk, fly, swim or roll is taken in their place.
_MOVING: Mapping[str, str] = {
    "🐈": "cat-walking", "🐕": "golden-retriever", "🐎": "horse", "🐅": "tiger", "🦁": "lion", "🐄": "cow", "🐖": "pig",
    "🐒": "monkey", "🐻": "brown-bear", "🐻‍❄️": "polar-bear", "🦊": "fox", "🐺": "wolf", "🦌": "stag", "🐘": "elephant",
    "🦒": "giraffe", "🐑": "sheep", "🐇": "rabbit", "🐓": "rooster", "🐦": "sparrow", "🕊️": "dove", "🦉": "owl",
    "🐉": "western-dragon", "🐟": "koi", "🐠": "clownfish", "🐬": "dolphin", "🐋": "humpback-whale", "🦈": "shark",
    "🐢": "sea-turtle", "🐙": "octopus", "🪼": "jellyfish", "🦋": "butterfly", "🐝": "bee", "🐁": "mouse",
    "🐪": "camel", "🐐": "goat", "🦓": "zebra", "🦬": "bison", "🦍": "gorilla", "🦘": "kangaroo",
    "🐊": "crocodile", "🦢": "swan",
    "🦆": "duck", "🦩": "flamingo", "🦅": "hawk", "eagle": "hawk", "🦄": "unicorn", "🦖": "t-rex",
    "🦕": "brachiosaurus", "🏎️": "race-car", "🚗": "convertible",
    "🚂": "steam-locomotive", "🚲": "bicycle", "🏍️": "motorcycle",
    "🚜": "tractor", "🚒": "fire-engine", "🚁": "helicopter",
}  # fmt: skip

_BLACK_CAT = "🐈‍⬛"  # its colour is no colour of the words, unless they say so

# What names without a drawing mean, where an emoji shows it.
_LIKE: Mapping[str, str] = {
    "money": "💵", "cash": "💵", "fork": "🍴", "plate": "🍽️", "dish": "🍽️", "bowl": "🥣", "speaker": "🔊", "record": "💿",
    "leaf": "🍃", "juice": "🧃", "arrow": "🏹", "screw": "🔩", "nail": "🔩", "bolt": "🔩", "chain": "⛓️", "lock": "🔒",
    "skeleton": "💀", "puzzle": "🧩", "cable": "🔌", "wire": "🔌", "magazine": "📖", "spark": "✨", "column": "pillar",
    "staircase": "stairs", "cushion": "pillow", "quilt": "blanket", "newspaper": "📰", "chopsticks": "🥢",
}  # fmt: skip
# Kinds whose emoji looks like most of its kind: an unknown boat is a boat.
_OF_KIND = ("🐦", "🐟", "🚗", "⛵", "✈️", "🌱", "🏠", "👕", "👒", "🍲", "🥤", "🎈", "🪐", "🪧")


def drawing_name(subject: Subject) -> str:
    """The drawing that shows a subject: the one the plan chose, one that can do what it does, or a stand-in's name."""
    chosen = _by_name(subject) if subject.drawing is None else subject.drawing
    if chosen == _BLACK_CAT:
        return "cat-walking" if subject.colour == "black" else chosen
    return _MOVING.get(chosen, chosen)


def _by_name(subject: Subject) -> str:
    """Nothing was chosen: a drawing of that very name, or of the last of its words ("brass ring" is a ring), or of its
    kind; else the name itself, which a stand-in bears."""
    hyphenated = subject.name.lower().replace(" ", "-")
    words = subject.name.lower().split()
    near = (hyphenated, *(_LIKE[form] for form in (subject.name.lower(), *words[-1:]) if form in _LIKE), *words[-1:])
    kind = (subject.emoji,) if subject.emoji in _OF_KIND else ()
    return next((name for name in (*near, *kind) if svg_of(name) is not None), subject.name)


def gait_of(subject: Subject) -> Gait:
    """How its parts move."""
    return _GAITS.get(subject.action, "rest")


def moving_body(name: str, size: int, surface: Surface, gait: Gait) -> Body | None:
    """A drawing of our own as a cycle of pictures; None where nothing of it moves so.

    Args:
        size: px of its height.
    """
    own = own_of(name)
    if own is not None and is_driven(own) and gait in ("walk", "run"):
        gait = "roll"
    if own is None or not moves(own, gait):
        return None
    pictures = tuple(_step(name, size, surface, gait, k) for k in range(_PICTURES))
    rows = pictures[0].shape[0]
    share = 1 / (1 + 2 * _ROOM)
    return Body(
        pictures, None, tuple(range(_PICTURES)), 1 - _ROOM * share, rate=_RATES[gait] * _PICTURES,
        standing=rows * share, middle=0.5, crown=_ROOM * share,
    )  # fmt: skip


def lying_body(name: str, size: int, surface: Surface) -> Body | None:
    """An animal of our own drawings that lies with closed eyes; None for what has no legs.

    Args:
        size: px of its height when it stands.
    """
    own = own_of(name)
    if own is None or not lies_down(own):
        return None
    svg, left = lying(own), surface
    if own.colour and surface.colour is not None and surface.colour != "rainbow" and surface.material is None:
        svg, left = recoloured_svg(svg, own.colour, surface.colour), PLAIN

    def painted() -> Bytes:
        whole = drawn(svg, name, size, cut=False)
        seen = whole[..., 3] > 8
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        picture = np.ascontiguousarray(whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        closed = with_closed_eyes(picture)
        return in_surface(picture if closed is None else closed, left, keep_skin=False)

    return Body((raster_cache().get(f"{size} {left} lying\n{svg}", painted),), None, (), 1.0, standing=size)


def _painted_step(name: str, size: int, surface: Surface, gait: Gait, step: int) -> Bytes:
    own = own_of(name)
    assert own is not None
    svg = _with_room(own, posed(own, gait, step / _PICTURES))
    left = surface
    if own.colour and surface.colour is not None and surface.colour != "rainbow" and surface.material is None:
        svg, left = recoloured_svg(svg, own.colour, surface.colour), PLAIN

    def painted() -> Bytes:
        return in_surface(drawn(svg, name, round(size * (1 + 2 * _ROOM)), cut=False), left, keep_skin=False)

    return raster_cache().get(f"{size} {left} moving\n{svg}", painted)


_step = Kept(_painted_step, lambda picture: picture.nbytes, _KEPT)


def forget_pictures() -> None:
    """Keep in memory nothing of what was painted."""
    for kept in (raster, _step, rig):
        kept.cache_clear()


def _with_room(own: OwnDrawing, svg: str) -> str:
    width, height = own.box
    x, y = width * _ROOM, height * _ROOM
    box = f'viewBox="{-x:g} {-y:g} {width + 2 * x:g} {height + 2 * y:g}"'
    return svg.replace(f'viewBox="0 0 {width:g} {height:g}"', box, 1)


def turned(body: Body) -> Body:
    """The same looking the other way."""
    pictures = tuple(np.ascontiguousarray(picture[:, ::-1]) for picture in body.pictures)
    anchors = tuple({name: (1 - x, y) for name, (x, y) in step.items()} for step in body.anchors)
    return replace(body, pictures=pictures, middle=1 - body.middle, anchors=anchors)
