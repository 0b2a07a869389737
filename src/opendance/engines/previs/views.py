"""Points of view: from where people are seen, and who stands nearest where one looks over a shoulder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from opendance.engines.previs.blocking import Spot, Stage
from opendance.engines.previs.marks import Mark
from opendance.engines.previs.people import View as Side
from opendance.plan import View

TOWARDS_US: tuple[View | None, ...] = ("from_behind", "from_the_front")  # who goes, goes away or comes near
SPEAKING = (
    "speak", "say", "talk", "tell", "ask", "answer", "shout", "scream", "whisper", "announce", "explain", "argue",
    "sing", "call", "teach", "present", "greet", "reply", "yell", "chat", "discuss", "phone",
)  # fmt: skip
# Of the one over whose shoulder is looked: how large, where, in half widths, and how far below the frame its foot is.
_NEAR_HEIGHT, _NEAR_X, _NEAR_FOOT, _NEAR_DEPTH = 1.75, -0.62, 1.32, 0.80
_FAR_X, _FAR_HEIGHT = 0.22, 1.06  # of the other one: x in half widths, and its height over what it would have


def side_of(view: View | None, usual: Side, *, is_near: bool = False) -> Side:
    """From where somebody is seen.

    Args:
        usual: from where what it does is seen best.
        is_near: the view is over its shoulder.
    """
    match view:
        case "from_behind":
            return "back"
        case "from_the_front":
            return "front"
        case "from_the_side":
            return "side"
        case "over_the_shoulder":
            return "back" if is_near else "front" if usual == "back" else usual
        case _:
            return usual


def over_the_shoulder(marks: Sequence[Mark]) -> int | None:
    """Over whose shoulder is looked: the first one's, where there is somebody or something else to look at."""
    people = [at for at, mark in enumerate(marks) if mark.performer is not None and mark.figure.count == 1]
    return people[0] if people and len(marks) > 1 else None


def seen_over_a_shoulder(spots: Sequence[Sequence[Spot]], near: int, stage: Stage) -> list[list[Spot]]:
    """The spots with one of them large at the edge, cut by the frame, and the others beyond, looking at it."""
    half = stage.aspect / 2
    first = next(at for at in range(len(spots)) if at != near)
    shift = half * _FAR_X - spots[first][0].x
    seen: list[list[Spot]] = []
    for at, own in enumerate(spots):
        if at == near:
            spot = replace(
                own[0], x=half * _NEAR_X, foot=_NEAR_FOOT, height=_NEAR_HEIGHT, depth=_NEAR_DEPTH, facing=1,
                touches_ground=False, carrier=None,
            )  # fmt: skip
            seen.append([spot])
        else:
            seen.append([_beyond(spot, shift) for spot in own])
    return seen


def _beyond(spot: Spot, shift: float) -> Spot:
    if spot.carrier is not None:
        return spot
    return replace(spot, x=spot.x + shift, height=spot.height * _FAR_HEIGHT, facing=-1)


def speaker_of(marks: Sequence[Mark], named: int | None = None, pictured: Collection[int] = ()) -> int | None:
    """Who says what is said: the first one who speaks by the words, else the first one who can.

    Args:
        named: index, in the plan's subjects, of who says it by the words of the plan.
        pictured: numbers of images that show a face.
    """
    if named is not None:
        return next((at for at, mark in enumerate(marks) if mark.index == named), None)
    people = [at for at, mark in enumerate(marks) if mark.performer is not None or mark.subject.image in pictured]
    return next((at for at in people if marks[at].asked.verb in SPEAKING), next(iter(people), None))
