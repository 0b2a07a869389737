"""A step of the walk: what it needs, gives and keeps, when it applies, and which place it holds while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from opendance.errors import OpendanceError
from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import Entry, Journal
from opendance.pipeline.tools import Tools
from opendance.store.tasks import TaskRecord

T = TypeVar("T")
N = TypeVar("N")
Report = Callable[[float], Awaitable[None]]
"""Told the share of a step that is done, 0 to 1."""


class Place(Enum):
    """What a step holds while it runs, so that others have room: nothing, one of the places that each account has for
    fetching, or one of the slots of the engines that its model is made by."""

    NONE = "none"
    FETCHING = "fetching"
    RENDERING = "rendering"


class Parked(OpendanceError):
    """The task goes on once something outside has happened; no worker waits for that.

    Args:
        engine: the upstream whose task for it has to end, or the engine that has to be loaded somewhere.
        task_id: the task of the same account that has to end.
        goes_on: whether something is at work on it meanwhile, which is left alone for a while.
        seconds: that it is left alone, where that is known.
    """

    def __init__(
        self,
        *,
        engine: str | None = None,
        task_id: str | None = None,
        goes_on: bool = True,
        seconds: float | None = None,
    ) -> None:
        super().__init__(f"{engine or task_id} is waited for")
        self.engine, self.task_id, self.goes_on, self.seconds = engine, task_id, goes_on, seconds


class InputsGone(OpendanceError):
    """What a step needs is on this machine no more: the steps that gave it are to run again first."""


@dataclass(frozen=True)
class Scope:
    """A step that runs, for one task: where the lines of a table of steps take their arguments from.

    Attributes:
        engines: those that the account's group may use; None for all.
        report: told how far the step is.
        cancel: set when the task is to stop.
    """

    task: TaskRecord
    folder: Folder
    journal: Journal
    tools: Tools
    engines: tuple[str, ...] | None
    report: Report
    cancel: asyncio.Event
    step: Step[Any] = field(repr=False)

    @property
    def order(self) -> Order:
        """What is asked for."""
        return self.task.order

    def given(self, step: Step[N]) -> N:
        """What a step that this one needs gave.

        Raises:
            LookupError: this one does not say that it needs it.
        """
        if step not in self.step.needs:
            raise LookupError(f"{self.step.name} does not say that it needs {step.name}")
        return self.journal.get(step)


def _always(order: Order) -> bool:
    return True


def _never(journal: Journal) -> bool:
    return False


def _leaves_nothing(given: object, order: Order, folder: Folder) -> bool:
    return True  # so nothing of it can go


class Step(Entry[T]):
    """One step.

    Args:
        name: of its entry in the journal, and the stage that users see.
        gives: the type of what it gives.
        run: takes its arguments from the scope and does it.
        until: progress of the task when it is done, percent.
        needs: the steps whose results it takes; they stand before it.
        when: whether it applies to an order; where it does not, `otherwise` stands for its result.
        keeps: whether what it left in the folder is still there. A step runs again when what it left is gone and
            needed, or when a step that it needs ran again, and in no other case.
        resumes: whether it goes on with what it has begun elsewhere, without what its needs left in the folder.
        is_brief: it takes a moment: that it begins is told only where something is to be written anyway.
    """

    def __init__(
        self,
        name: str,
        gives: type[T] | Any,
        run: Callable[[Scope], Awaitable[T]],
        *,
        until: int,
        otherwise: T | None = None,
        needs: Sequence[Step[Any]] = (),
        when: Callable[[Order], bool] = _always,
        keeps: Callable[[T, Order, Folder], bool] = _leaves_nothing,
        resumes: Callable[[Journal], bool] = _never,
        place: Place = Place.NONE,
        is_brief: bool = False,
    ) -> None:
        super().__init__(name, gives, otherwise)  # pyright: ignore[reportArgumentType]
        self.run, self.until, self.needs = run, until, tuple(needs)
        self.when, self.keeps, self.resumes, self.place, self.is_brief = when, keeps, resumes, place, is_brief


def due(steps: Sequence[Step[Any]], order: Order, journal: Journal, folder: Folder) -> list[Step[Any]]:
    """The steps that are to run, in their order; none where the walk is at its end.

    A step is due where it never ran; where a step that is due needs what it left in the folder, and that is gone; and
    where a step that it needs is due.
    """
    applying = [step for step in steps if step.when(order)]
    again = {step for step in applying if not journal.has(step)}
    while True:
        gone = {
            needed
            for step in again
            if not step.resumes(journal)
            for needed in step.needs
            if needed in applying and needed not in again and not needed.keeps(journal.get(needed), order, folder)
        }
        following = {step for step in applying if step not in again and again.intersection(step.needs)}
        if not gone | following:
            return [step for step in applying if step in again]
        again |= gone | following
