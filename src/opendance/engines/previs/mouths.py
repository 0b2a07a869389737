"""Whose mouth is open when: from lines of dialogue to those who say them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from opendance.engines.previs.marks import Mark
from opendance.engines.previs.photo.expressions import lids_at, mouth_at
from opendance.engines.previs.sound.voice import Mouth
from opendance.engines.previs.views import speaker_of
from opendance.plan import Dialogue, Plan, Shot


@dataclass(frozen=True)
class Speech:
    """What one says in a shot.

    Attributes:
        start: of the shot, s of the clip.
        lines: of the plan, by their numbers.
        rate: how fast everything goes, 1 as in life.
    """

    mouth: Mouth
    start: float
    lines: frozenset[int]
    rate: float = 1.0

    def is_open(self, t: float) -> bool:
        """Whether the mouth is open at `t`, seconds of the shot."""
        return self.mouth.is_open(self.start + t / self.rate, self.lines)

    def opening(self, t: float) -> float:
        """How far it is open, 0 to 1."""
        return self.mouth.opening(self.start + t / self.rate, self.lines)


def lines_of(plan: Plan, shot: Shot) -> Iterator[tuple[int, Dialogue]]:
    """The lines, with their numbers, that are said in a shot by somebody who may be seen."""
    for number, line in enumerate(plan.dialogue):
        is_here = line.start is None or shot.start - 1e-3 <= line.start < shot.end
        if is_here and "narration" not in line.manners:
            yield number, line


def mouths_of(
    mouth: Mouth, plan: Plan, shot: Shot, marks: Sequence[Mark], rate: float, pictured: Collection[int] = ()
) -> dict[int, Speech]:
    """By mark: what it says in a shot, of those who say something.

    Args:
        pictured: numbers of images that show a face.
    """
    lines: dict[int, set[int]] = {}
    for number, line in lines_of(plan, shot):
        if (at := speaker_of(marks, line.speaker, pictured)) is not None:
            lines.setdefault(at, set()).add(number)
    return {at: Speech(mouth, shot.start, frozenset(said), rate) for at, said in lines.items()}


def face_shown(
    lids: tuple[int, ...], mouths: tuple[int, ...], speaks: Speech | None, *, since: float
) -> Callable[[float], int]:
    """Which picture of a photograph is shown when: who speaks does not blink meanwhile."""

    def choose(t: float) -> int:
        mouth = None if speaks is None else mouth_at(speaks.opening(t), len(mouths))
        if mouth is not None:
            return mouths[mouth]
        lid = lids_at(t, since, len(lids))
        return 0 if lid is None else lids[lid]

    return choose
