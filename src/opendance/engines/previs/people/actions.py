"""Poses and actions: the tables `poses.toml` and `actions.toml`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from opendance.engines.previs.people.head import Mood, Mouth
from opendance.engines.previs.people.skeleton import Limb, Pose, View
from opendance.engines.previs.people.tables import FOLDER, STRICT
from opendance.typed_toml import read_toml

_Three = tuple[float, float, float]


@dataclass(frozen=True)
class _Rows:
    """A pose of the table: rows that it does not have are those of the pose it is like."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    like: str | None = None
    body: Limb | None = None
    torso: _Three | None = None
    head: _Three | None = None
    right_arm: Limb | None = None
    left_arm: Limb | None = None
    right_leg: Limb | None = None
    left_leg: Limb | None = None
    feet: tuple[float, float] | None = None


@dataclass(frozen=True)
class Action:
    """A few poses with their timing; the head of the table tells what each field means."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    shows: str
    poses: tuple[str, ...]
    between: int = 2
    rate: float = 4.0
    once: bool = False
    asleep: bool = False
    turns: Literal["around", "forward", "backward", "sideways"] | None = None
    mood: Mood = "calm"
    mouth: Mouth = "closed"
    holds: str | None = None
    fits: tuple[str, ...] = ()
    view: View = "three_quarter"
    grounded: bool = True
    verbs: tuple[str, ...] = ()

    def gear(self, of_look: str | None) -> str | None:
        """What is in the hands: what the look brings, where it fits, else what the action needs."""
        if of_look is not None and (of_look in self.fits or "*" in self.fits):
            return of_look
        return self.holds


_POSES: TypeAdapter[dict[str, _Rows]] = TypeAdapter(dict[str, _Rows])
_ACTIONS: TypeAdapter[dict[str, Action]] = TypeAdapter(dict[str, Action])


@cache
def _poses() -> dict[str, _Rows]:
    return read_toml(FOLDER / "poses.toml", _POSES)


@cache
def actions() -> dict[str, Action]:
    """All actions by name."""
    return read_toml(FOLDER / "actions.toml", _ACTIONS)


@cache
def pose(name: str) -> Pose:
    """A pose by its name; ~ behind it mirrors it.

    Raises:
        ValueError: there is none of this name.
    """
    if name.endswith("~"):
        return _mirrored(pose(name[:-1]))
    rows = _poses().get(name)
    if rows is None:
        raise ValueError(f"poses.toml: there is no pose {name!r}")
    base = Pose() if rows.like is None else pose(rows.like)
    changes = {f.name: value for f in fields(Pose) if (value := getattr(rows, f.name)) is not None}
    return replace(base, **changes)


def _mirrored(of: Pose) -> Pose:
    pitch, roll, turn, lift = of.body
    return Pose(
        body=(pitch, -roll, turn, lift), torso=(of.torso[0], -of.torso[1], -of.torso[2]),
        head=(of.head[0], -of.head[1], -of.head[2]), right_arm=of.left_arm, left_arm=of.right_arm,
        right_leg=of.left_leg, left_leg=of.right_leg, feet=(of.feet[1], of.feet[0]),
    )  # fmt: skip


def cycle(action: Action) -> tuple[Pose, ...]:
    """The poses of an action one after the other, with those between; the last leads on to the first."""
    keys = [pose(name) for name in action.poses]
    following = keys[1:] if action.once else [*keys[1:], keys[0]]
    steps: list[Pose] = []
    for a, b in zip(keys, following, strict=False):
        steps += [a.between(b, _eased(k / action.between)) for k in range(action.between)]
    if action.once:
        steps.append(keys[-1])
    if action.turns is not None:
        steps = [_turned(step, action.turns, k / len(steps)) for k, step in enumerate(steps)]
    return tuple(steps)


def _turned(step: Pose, turns: Literal["around", "forward", "backward", "sideways"], share: float) -> Pose:
    pitch, roll, yaw, lift = step.body
    match turns:
        case "around":
            yaw += 360 * share
        case "forward":
            pitch += 360 * share
        case "backward":
            pitch -= 360 * share
        case "sideways":
            roll += 360 * share
    return replace(step, body=(pitch, roll, yaw, lift))


def _eased(share: float) -> float:
    return share * share * (3 - 2 * share)
