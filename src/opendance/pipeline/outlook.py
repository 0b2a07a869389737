"""When whose turn comes, as far as it can be told: from what waits and runs, and from measured speeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opendance.store.waiting import WaitingTask

Seconds = Callable[[WaitingTask], float]


@dataclass
class Lane:
    """What waits in one lane, and what runs there.

    Attributes:
        places: tasks that run side by side.
        running, waiting: in the order of turns.
    """

    name: str
    places: int
    running: list[WaitingTask] = field(default_factory=list[WaitingTask])
    waiting: list[WaitingTask] = field(default_factory=list[WaitingTask])


@dataclass(frozen=True)
class Outlook:
    """Where a task stands.

    Attributes:
        place: among those of its account in the lane, from 1; None where it runs.
        ahead: tasks of all accounts that wait before it or run; None where it runs.
        starts_in: s until it is begun; None where it runs.
        ready_in: s until it is done.
    """

    task_id: str
    lane: str
    place: int | None
    ahead: int | None
    starts_in: float | None
    ready_in: float


def lanes_of(tasks: Sequence[WaitingTask], lane_of: Mapping[str, str], places: Mapping[str, int]) -> dict[str, Lane]:
    """The tasks by lane.

    Args:
        lane_of: the lane of each model; places: of each lane.
    """
    lanes = {name: Lane(name, max(1, places.get(name, 1))) for name in dict.fromkeys(lane_of.values())}
    for task in tasks:
        lane = lanes.get(lane_of.get(task.model, ""))
        if lane is not None:
            (lane.running if task.runs else lane.waiting).append(task)
    return lanes


def outlooks(lane: Lane, account_id: str, seconds: Seconds) -> list[Outlook]:
    """Where the account's tasks in a lane stand: what runs first, then in their order.

    Args:
        seconds: engine time of a task.
    """
    left = {task.id: seconds(task) * (100 - task.progress) / 100 for task in lane.running}
    told = [
        Outlook(task.id, lane.name, None, None, None, round(left[task.id], 1))
        for task in lane.running
        if task.account_id == account_id
    ]
    before, place = sum(left[task.id] for task in lane.running if not task.parked), 0
    at_work = sum(not task.parked for task in lane.running)
    for position, task in enumerate(lane.waiting):
        takes = seconds(task)
        if task.account_id == account_id:
            place += 1
            ahead = position + at_work
            starts_in = 0.0 if ahead < lane.places else before / lane.places
            told.append(Outlook(task.id, lane.name, place, ahead, round(starts_in, 1), round(starts_in + takes, 1)))
        before += takes
    return told


def ahead_of(lane: Lane, tag: int, seconds: Seconds) -> tuple[int, float]:
    """How many tasks a new one with this start tag would have before it, and the seconds until it would be begun."""
    waiting = [task for task in lane.waiting if task.start_tag <= tag]
    at_work = [task for task in lane.running if not task.parked]
    left = sum(seconds(task) * (100 - task.progress) / 100 for task in at_work) + sum(map(seconds, waiting))
    ahead = len(waiting) + len(at_work)
    return ahead, 0.0 if ahead < lane.places else round(left / lane.places, 1)


def moved(order: Sequence[tuple[str, int]], task_id: str, to: int) -> dict[str, int]:
    """The start tags that bring a task to another place among its account's: those of the same tasks, given anew.

    Args:
        order: (id, start tag), in their order.
        to: its place afterwards, from 0.

    Returns:
        Those that change. What others wait for stays as it is: the account has the same tags as before, but for ones
        that were equal, of which a later one is one unit more.
    """
    ids = [each for each, _ in order if each != task_id]
    ids.insert(max(0, min(to, len(ids))), task_id)
    tags, before, last = sorted(tag for _, tag in order), dict(order), None
    changed: dict[str, int] = {}
    for each, tag in zip(ids, tags, strict=True):
        if last is not None and tag <= last:
            tag = last + 1
        last = tag
        if before[each] != tag:
            changed[each] = tag
    return changed
