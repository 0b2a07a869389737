"""The skeleton of a figure: from angles to joints in space, and from there to the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.people.sheet import Place

Vector = npt.NDArray[np.float64]
Side = Literal["right", "left"]
View = Literal["front", "three_quarter", "side", "back"]
SIDES: tuple[Side, ...] = get_args(Side)
VIEWS: tuple[View, ...] = get_args(View)

_YAWS: dict[View, float] = {"front": 0.0, "three_quarter": 42.0, "side": 90.0, "back": 180.0}
_CAMERA_TILT = np.radians(7.0)  # it looks down a little, so that brims and hems are ellipses and no lines
_TOES_OUT = 10.0  # degrees


@dataclass(frozen=True)
class Proportions:
    """Lengths and radii of a body, in its heights.

    Attributes:
        metres: height when it stands, m.
        head: height of the skull; torso: from the hips to the shoulders; the legs take the rest.
        shoulders, hips: half of their breadth; chest, waist: half breadths of the torso; depth: half of its depth.
        arm, leg: radius of a limb where it begins; arms are `reach` long.
        stoop: degrees that the back is bent by age.
    """

    metres: float
    head: float
    torso: float
    shoulders: float
    chest: float
    waist: float
    hips: float
    depth: float
    arm: float
    leg: float
    reach: float
    hand: float
    foot: float
    stoop: float

    @property
    def legs(self) -> float:
        return 1.0 - self.head - _NECK - self.torso

    @property
    def thigh(self) -> float:
        return (self.legs - _ANKLE) * 0.5

    @property
    def upper_arm(self) -> float:
        return self.reach * 0.52

    @property
    def forearm(self) -> float:
        return self.reach * 0.48


_NECK = 0.012
_ANKLE = 0.035  # its height over the ground

Limb = tuple[float, float, float, float]


@dataclass(frozen=True)
class Pose:
    """Angles, degrees.

    A limb is (pitch, out) of its upper and (pitch, out) of its lower half: pitch 0 hangs down, 90 points forward,
    180 up, negative backward; out leads away from the middle, negative across it. They count from the upright of the
    body, whatever the back does.

    Attributes:
        body: the whole body's pitch (90 lies on its face, -90 on its back), roll, turn, and how high it is over the
            ground, in its heights.
        torso: lean forward, bend to the right, twist to the left.
        head: nod down, tilt to the right, turn to the left.
        feet: toes up, right and left.
    """

    body: Limb = (0.0, 0.0, 0.0, 0.0)
    torso: tuple[float, float, float] = (0.0, 0.0, 0.0)
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    right_arm: Limb = (0.0, 8.0, 10.0, 6.0)
    left_arm: Limb = (0.0, 8.0, 10.0, 6.0)
    right_leg: Limb = (0.0, 3.0, 0.0, 2.0)
    left_leg: Limb = (0.0, 3.0, 0.0, 2.0)
    feet: tuple[float, float] = (0.0, 0.0)

    def between(self, other: Pose, share: float) -> Pose:
        """The pose on the way to another one; 0 is this one, 1 the other."""
        rows = (
            tuple(a + (b - a) * share for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in zip(self._rows(), other._rows(), strict=True)
        )
        return Pose(*rows)  # pyright: ignore[reportArgumentType]

    def _rows(self) -> tuple[tuple[float, ...], ...]:
        return (
            self.body, self.torso, self.head, self.right_arm, self.left_arm, self.right_leg, self.left_leg, self.feet,
        )  # fmt: skip


def turned(pitch: float, roll: float, yaw: float) -> Vector:
    """The rotation (3, 3) that rolls (to the right), pitches (forward), then turns (to the left), degrees.

    x is to the left of the figure, y up, z forward.
    """
    p, r, y = np.radians(pitch), np.radians(roll), np.radians(yaw)
    forward = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    aside = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    around = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    return around @ forward @ aside


@dataclass(frozen=True)
class Camera:
    """How space is seen: (3,) or (n, 3) points to places in the picture."""

    yaw: float

    def place(self, point: Vector) -> Place:
        x, y = self.places(point[None])[0]
        return (float(x), float(y))

    def places(self, points: Vector) -> Vector:
        """(n, 3) to (n, 2); x to the right, y up."""
        yaw = np.radians(self.yaw)
        across = points[:, 0] * np.cos(yaw) + points[:, 2] * np.sin(yaw)
        near = points[:, 2] * np.cos(yaw) - points[:, 0] * np.sin(yaw)
        return np.stack([across, points[:, 1] - near * np.sin(_CAMERA_TILT)], axis=1)

    def nearness(self, point: Vector) -> float:
        """How far a point is towards the camera from the middle."""
        yaw = np.radians(self.yaw)
        return float(point[2] * np.cos(yaw) - point[0] * np.sin(yaw))

    @property
    def towards(self) -> Vector:
        """(3,) the direction to the camera."""
        yaw = np.radians(self.yaw)
        return np.array([-np.sin(yaw), 0.0, np.cos(yaw)])


def camera_of(view: View) -> Camera:
    """Where a view looks from: side and three-quarter have the figure look to the right."""
    return Camera(_YAWS[view])


@dataclass(frozen=True)
class Skeleton:
    """Joints (3,) of a posed body in its heights, on the ground at y 0; frames (3, 3) of its torso and head.

    Attributes:
        spine: from the hips to the shoulders, (3, 3) points: hip, waist, shoulders.
        arms: shoulder, elbow, wrist by side; legs: hip, knee, ankle, toe by side.
        skull: middle of the head.
    """

    proportions: Proportions
    spine: Vector
    torso: Vector
    skull: Vector
    head: Vector
    arms: dict[Side, Vector]
    legs: dict[Side, Vector]

    @property
    def hip(self) -> Vector:
        return self.spine[0]

    @property
    def shoulders(self) -> Vector:
        return self.spine[2]

    def hand(self, side: Side) -> Vector:
        """The middle of a hand, (3,)."""
        _, elbow, wrist = self.arms[side]
        along = wrist - elbow
        return wrist + along / max(1e-6, float(np.linalg.norm(along))) * self.proportions.hand * 0.7


def skeleton_of(pose: Pose, proportions: Proportions) -> Skeleton:
    """The joints of a body in a pose, standing (or lying, sitting) on the ground."""
    p = proportions
    pitch, roll, yaw, lift = pose.body
    root = turned(pitch, roll, yaw)
    lean, bend, twist = pose.torso
    nod, tilt, turn = pose.head
    lean += p.stoop
    torso = turned(lean, bend, twist)
    half_way = turned(lean * 0.5, bend * 0.5, twist * 0.5)
    hip = np.zeros(3)
    waist = half_way @ np.array([0, p.torso * 0.45, 0])
    top = waist + torso @ np.array([0, p.torso * 0.55, 0])
    head = turned(lean * 0.3 + nod - p.stoop * 0.2, bend * 0.3 + tilt, twist + turn)
    neck = top + torso @ np.array([0, _NECK, p.depth * 0.1])
    skull = neck + head @ np.array([0, p.head * 0.47, p.head * 0.06])
    arms: dict[Side, Vector] = {}
    legs: dict[Side, Vector] = {}
    limbs: tuple[tuple[Side, float, Limb, Limb, float], ...] = (
        ("right", -1.0, pose.right_arm, pose.right_leg, pose.feet[0]),
        ("left", 1.0, pose.left_arm, pose.left_leg, pose.feet[1]),
    )
    for side, sign, arm, leg, toes in limbs:
        shoulder = top + torso @ np.array([sign * p.shoulders, -p.arm * 0.9, 0])
        elbow = shoulder + _direction(arm[0], arm[1], sign) * p.upper_arm
        wrist = elbow + _direction(arm[2], arm[3], sign) * p.forearm
        arms[side] = np.stack([shoulder, elbow, wrist])
        joint = hip + np.array([sign * p.hips * 0.62, 0, 0])
        knee = joint + _direction(leg[0], leg[1], sign) * p.thigh
        ankle = knee + _direction(leg[2], leg[3], sign) * p.thigh
        shin = leg[2]
        flat = turned(0, 0, sign * _TOES_OUT)
        toe = ankle + flat @ np.array([0, np.sin(np.radians(toes)), np.cos(np.radians(toes))]) * p.foot * 0.62
        toe = toe - np.array([0, _ANKLE * 0.35, 0]) if abs(toes) < 60 and abs(shin) < 100 else toe
        legs[side] = np.stack([joint, knee, ankle, toe])
    skeleton = Skeleton(
        p,
        np.stack([hip, waist, top]) @ root.T,
        root @ torso,
        root @ skull,
        root @ head,
        {side: points @ root.T for side, points in arms.items()},
        {side: points @ root.T for side, points in legs.items()},
    )
    rise = np.array([0.0, lift - _lowest(skeleton), 0.0])
    return Skeleton(
        p,
        skeleton.spine + rise,
        skeleton.torso,
        skeleton.skull + rise,
        skeleton.head,
        {side: points + rise for side, points in skeleton.arms.items()},
        {side: points + rise for side, points in skeleton.legs.items()},
    )


def _direction(pitch: float, out: float, sign: float) -> Vector:
    p, o = np.radians(pitch), np.radians(out)
    return np.array([sign * np.sin(o), -np.cos(o) * np.cos(p), np.cos(o) * np.sin(p)])


def _lowest(skeleton: Skeleton) -> float:
    """y of what touches the ground."""
    p = skeleton.proportions
    touching = [
        float(skeleton.hip[1]) - p.depth,
        float(skeleton.shoulders[1]) - p.depth,
        float(skeleton.skull[1]) - p.head * 0.5,
    ]
    for side in SIDES:
        _, knee, ankle, toe = skeleton.legs[side]
        touching += [float(knee[1]) - p.leg * 0.75, float(ankle[1]) - _ANKLE, float(toe[1]) - _ANKLE * 0.65]
        touching += [float(skeleton.hand(side)[1]) - p.hand]
    return min(touching)
