"""What steps are given: a task in a worker's hands, a journal in memory, and somebody who is told how far they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opendance.errors import TaskError
from opendance.order import Link
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import Journal
from opendance.plan import AssetKind
from opendance.safety import Decision, Guard
from opendance.safety.policy import Finding, Policy
from opendance.store.tasks import TaskRecord
from tests import tasks
from tests.workshop import Workshop


class Pages:
    """A book in memory.

    Attributes:
        rows: entries as JSON, by name.
        log: names in the order in which they were written, with a minus where they were removed.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.log: list[str] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Any]:
        yield None

    async def write(self, connection: object, name: str, value: Any, seconds: float, finished: float) -> None:
        self.rows[name] = value
        self.log.append(name)

    async def remove(self, connection: object, names: Collection[str]) -> None:
        for name in names:
            if self.rows.pop(name, None) is not None:
                self.log.append(f"-{name}")

    def journal(self) -> Journal:
        """What a process that starts now reads."""
        return Journal(dict(self.rows), self)


class Reported:
    """The shares that a step told."""

    def __init__(self) -> None:
        self.shares: list[float] = []

    async def __call__(self, share: float) -> None:
        self.shares.append(share)


class LookingGuard(Guard):
    """Looks at names instead of pictures.

    Args:
        refused: what it refuses.
    """

    def __init__(self, *refused: str) -> None:
        super().__init__(threshold=None)
        self.refused, self.seen = refused, list[tuple[str, str, bool, bool]]()

    async def file(self, name: str, path: Path, *, is_video: bool, filtered: bool) -> Decision | None:
        assert path.is_file()
        self.seen.append((name, path.name, is_video, filtered))
        if not filtered:
            return None
        finding = Finding(Policy.STANDARD, "sexual", score=0.9, by="looks")
        return Decision(name, False, (finding,)) if name in self.refused else Decision(name, True)


def a_link(kind: AssetKind = "image", number: int = 1, name: str = "") -> Link:
    """A link to a file of the world, whose path and query are secret."""
    return tasks.link(kind, f"https://files.example/secret/{name or f'{kind}-{number}'}?key=secret", number)


def told(error: TaskError) -> tuple[str, str]:
    """Its code and its words."""
    return error.code, error.message


@pytest.fixture
def reported() -> Reported:
    return Reported()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "folder").mkdir()
    return Folder(tmp_path / "folder")


@pytest.fixture
async def task(workshop: Workshop) -> TaskRecord:
    """A task in a worker's hands."""
    await workshop.submit()
    return await workshop.claim()


@pytest.fixture
async def journal(workshop: Workshop, task: TaskRecord) -> Journal:
    return await workshop.journal(task)


@pytest.fixture
def decisions(workshop: Workshop, task: TaskRecord, journal: Journal) -> Decisions:
    return Decisions(task, journal)
