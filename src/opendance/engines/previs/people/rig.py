"""From a look, a view and an action to pictures: drawn once, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from opendance.engines.previs.memory import Kept
from opendance.engines.previs.people.actions import actions, cycle, pose
from opendance.engines.previs.people.carried import draw_cape
from opendance.engines.previs.people.details import draw_details
from opendance.engines.previs.people.dressed import Dressed
from opendance.engines.previs.people.gear import draw_gear
from opendance.engines.previs.people.hats import draw_hat
from opendance.engines.previs.people.head import Face, Mouth, draw_head
from opendance.engines.previs.people.limbs import draw_arms, draw_legs
from opendance.engines.previs.people.looks import Look
from opendance.engines.previs.people.sheet import Bytes, Place, Sheet
from opendance.engines.previs.people.skeleton import SIDES, Pose, Side, View, camera_of, skeleton_of
from opendance.engines.previs.people.skirts import draw_skirts
from opendance.engines.previs.people.surface import Ball, Trunk
from opendance.engines.previs.people.trunks import draw_trunk

AnchorName = Literal["left_hand", "right_hand", "mouth", "seat", "top", "ground"]
Variant = Literal["blink", "open", "round"]
Held = Literal["front", "behind"]
_MARGIN = 0.026  # around the figure, in its heights
_KEPT = 64 << 20  # bytes of rigs that are kept; one of 500 px takes about 3 MB


@dataclass(frozen=True)
class Rig:
    """The pictures of somebody who does something, all of one size.

    Attributes:
        pictures: premultiplied (h, w, 4) uint8; first those of the cycle, then the same with other faces.
        steps: indexes of the cycle, in order; rate: how many of them a second; once: it does not begin again.
        faces: indexes of the cycle with another face.
        anchors: by picture of the cycle, shares of its width and height, from its upper left corner.
        held: by picture of the cycle: whether what a hand holds is drawn before or behind the body.
        foot: y of the ground, and middle: x of the figure's middle, as shares of the picture.
        standing: height of the figure when it stands, px; metres: the same, m.
    """

    pictures: tuple[Bytes, ...]
    steps: tuple[int, ...]
    rate: float
    once: bool
    faces: Mapping[Variant, tuple[int, ...]]
    anchors: tuple[Mapping[AnchorName, Place], ...]
    held: tuple[Mapping[Side, Held], ...]
    foot: float
    middle: float
    standing: float
    metres: float

    def at(self, seconds: float) -> int:
        """The picture of the cycle at a time since it began, as an index."""
        step = int(seconds * self.rate)
        return self.steps[min(step, len(self.steps) - 1) if self.once else step % len(self.steps)]

    @property
    def blink(self) -> int | None:
        """The first picture with closed eyes, or None."""
        closed = self.faces.get("blink")
        return None if closed is None else closed[0]


def _rig(
    look: Look,
    view: View,
    action: str,
    size: int,
    *,
    variants: tuple[Variant, ...] = (),
    face: Face | None = None,
    facing: Literal["right", "left"] = "right",
    above: float | None = None,
    gear: str | None = "of the look",
    seated: bool = False,
) -> Rig:
    """Draw somebody.

    Args:
        action: a name of `actions.toml`.
        size: height of the figure when it stands, px; a picture may be higher (raised arms, hats) or lower (sitting).
        variants: other faces that are drawn as well.
        face: instead of the action's.
        facing: mirrors everything, hands as well: the one that acts is still the right one.
        above: only what is higher than this share of the figure is drawn, for shots that it is cut by.
        gear: what is in its hands, of `gear.py`; None draws nothing.
        seated: it does so sitting.

    Raises:
        ValueError: there is no such action.
    """
    if (does := actions().get(action)) is None:
        raise ValueError(f"there is no action {action!r}; there are {', '.join(sorted(actions()))}")
    holds = does.gear(look.holds) if gear == "of the look" else gear
    plain = face or Face(does.mood, does.mouth, blink=does.asleep)
    poses = tuple(_seated(step) for step in cycle(does)) if seated else cycle(does)
    first = [_drawn(look, view, each, plain, holds) for each in poses]
    others = [
        (variant, [_drawn(look, view, each, _with(plain, variant), holds) for each in poses]) for variant in variants
    ]
    box = _box([sheet for sheet, _ in first], above)
    pictures: list[Bytes] = []
    for sheet, _ in (pair for group in (first, *(sheets for _, sheets in others)) for pair in group):
        picture = sheet.painted(box, size)
        pictures.append(np.ascontiguousarray(picture[:, ::-1]) if facing == "left" else picture)
    count = len(poses)
    faces: dict[Variant, tuple[int, ...]] = {
        variant: tuple(range(count * (k + 1), count * (k + 2))) for k, variant in enumerate(variants)
    }
    return Rig(
        pictures=tuple(pictures), steps=tuple(range(count)), rate=does.rate, once=does.once, faces=faces,
        anchors=tuple(_anchors(drawn, box, facing) for _, drawn in first),
        held=tuple({side: _held(drawn, side) for side in SIDES} for _, drawn in first),
        foot=box[3] / (box[3] - box[1]), middle=_across(0.0, box, facing), standing=float(size),
        metres=look.proportions.metres,
    )  # fmt: skip


rig = Kept(_rig, lambda drawn: sum(picture.nbytes for picture in drawn.pictures), _KEPT)


def _seated(step: Pose) -> Pose:
    sits = pose("sit")
    return replace(step, right_leg=sits.right_leg, left_leg=sits.left_leg, feet=sits.feet)


def _with(face: Face, variant: Variant) -> Face:
    if variant == "blink":
        return replace(face, blink=True)
    mouth: Mouth = variant
    return replace(face, mouth=mouth)


def _drawn(look: Look, view: View, pose: Pose, face: Face, holds: str | None) -> tuple[Sheet, Dressed]:
    skeleton, camera = skeleton_of(pose, look.proportions), camera_of(view)
    d = Dressed(look, skeleton, camera, Trunk(skeleton, camera), Sheet())
    draw_cape(d)
    draw_legs(d)
    draw_skirts(d)
    draw_trunk(d)
    draw_details(d)
    draw_arms(d)
    draw_head(d, face)
    draw_hat(d)
    if holds is not None:
        draw_gear(d, holds)
    return d.sheet, d


def _box(sheets: list[Sheet], above: float | None) -> tuple[float, float, float, float]:
    """Left, bottom, right, top that holds all pictures and the ground."""
    bounds = np.array([sheet.bounds() for sheet in sheets])
    left, bottom = bounds[:, :2].min(axis=0)
    right, top = bounds[:, 2:].max(axis=0)
    bottom = min(0.0, float(bottom)) - _MARGIN if above is None else above
    return (float(left) - _MARGIN, float(bottom), float(right) + _MARGIN, float(top) + _MARGIN)


def _across(x: float, box: tuple[float, float, float, float], facing: str) -> float:
    share = (x - box[0]) / (box[2] - box[0])
    return 1 - share if facing == "left" else share


def _anchors(d: Dressed, box: tuple[float, float, float, float], facing: str) -> dict[AnchorName, Place]:
    ball = Ball(d.skeleton, d.camera)
    seat = d.skeleton.hip - np.array([0.0, d.skeleton.proportions.leg, 0.0])
    x, _ = d.camera.place(d.skeleton.hip)
    places: dict[AnchorName, Place] = {
        "left_hand": d.camera.place(d.skeleton.hand("left")), "right_hand": d.camera.place(d.skeleton.hand("right")),
        "mouth": ball.place(0, -41), "seat": d.camera.place(seat), "top": ball.place(0, 90), "ground": (x, 0.0),
    }  # fmt: skip
    tall = box[3] - box[1]
    return {name: (_across(px, box, facing), (box[3] - py) / tall) for name, (px, py) in places.items()}


def _held(d: Dressed, side: Side) -> Held:
    return "front" if d.arm_order(side) > 0 else "behind"
