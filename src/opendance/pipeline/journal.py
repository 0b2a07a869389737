"""The journal of a task on its walk: typed entries that outlive the process that wrote them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, ValidationError

from opendance.engines.upstream.base import Submission
from opendance.errors import OpendanceError
from opendance.rewriting import Caption
from opendance.store import journal as store
from opendance.store.claims import is_claim_held
from opendance.store.database import Connection, Database
from opendance.store.tasks import TaskRecord

T = TypeVar("T")
_log = logging.getLogger(__name__)


class TakenOver(OpendanceError):
    """Another worker has the task, or it has ended: this one was away for so long that it counted as dead."""


class Entry(Generic[T]):
    """A place in the journal.

    Args:
        name: of its row; rows outlive releases.
        kind: what is kept there.
        otherwise: what is read where nothing is kept.
    """

    def __init__(self, name: str, kind: type[T] | Any, otherwise: T) -> None:
        self.name, self.otherwise = name, otherwise
        self.adapter: TypeAdapter[T] = TypeAdapter(kind)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Book(Protocol):
    """Where a journal is kept; what is in the database only changes while the worker holds its claim."""

    def transaction(self) -> AbstractAsyncContextManager[Connection]: ...

    async def write(self, connection: Connection, name: str, value: Any, seconds: float, finished: float) -> None: ...

    async def remove(self, connection: Connection, names: Collection[str]) -> None: ...


Work = Callable[[Connection], Awaitable[None]]


class Journal:
    """What was kept, and what is added. Values are read as the type of their entry.

    Args:
        rows: entries as JSON, by name.
    """

    def __init__(self, rows: Mapping[str, Any], book: Book) -> None:
        # A release before this one wrote null for what was to run again.
        self._rows = {name: value for name, value in rows.items() if value is not None}
        self._book = book
        self._read: dict[str, Any] = {}
        self._unwritten: list[Work] = []
        self._writing = asyncio.Lock()

    def has(self, entry: Entry[Any]) -> bool:
        """Whether something that can be read is kept there."""
        if entry.name in self._rows and entry.name not in self._read:
            try:
                self._read[entry.name] = entry.adapter.validate_python(self._rows[entry.name])
            except ValidationError:  # another release's: what it stands for is made again
                _log.warning("the entry %s of a journal cannot be read", entry.name)
                del self._rows[entry.name]
        return entry.name in self._rows

    def get(self, entry: Entry[T]) -> T:
        """What is kept there, else what stands for nothing."""
        return self._read[entry.name] if self.has(entry) else entry.otherwise

    async def put(
        self, entry: Entry[T], value: T, *, seconds: float = 0.0, forget: Collection[Entry[Any]] = ()
    ) -> None:
        """Keep `value`, in place of what was there.

        Args:
            seconds: that it took.
            forget: entries of which nothing is kept any more from the same moment on.

        Raises:
            TakenOver: the task is in other hands.
        """
        row = entry.adapter.dump_python(value, mode="json")
        names = [other.name for other in forget]
        async with self.writing() as connection:
            await self._book.write(connection, entry.name, row, seconds, time.time())
            await self._book.remove(connection, names)
        for name in names:
            self._rows.pop(name, None)
            self._read.pop(name, None)
        self._rows[entry.name], self._read[entry.name] = row, value

    def put_later(self, entry: Entry[T], value: T, *, seconds: float = 0.0, also: Work | None = None) -> None:
        """Keep `value` from now on, and write it with what is written next: for what can be had again in no time.

        Args:
            also: what is written with it.
        """
        row, finished = entry.adapter.dump_python(value, mode="json"), time.time()

        async def write(connection: Connection) -> None:
            await self._book.write(connection, entry.name, row, seconds, finished)
            if also is not None:
                await also(connection)

        self._unwritten.append(write)
        self._rows[entry.name], self._read[entry.name] = row, value

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Connection]:
        """A transaction that writes what was put off, with whatever else.

        Raises:
            TakenOver: the task is in other hands.
        """
        async with self._writing:
            unwritten = list(self._unwritten)
            async with self._book.transaction() as connection:
                for work in unwritten:
                    await work(connection)
                yield connection
            del self._unwritten[: len(unwritten)]

    async def write_within(self, connection: Connection) -> None:
        """Write what was put off, in a transaction that itself sees to it that the task is still this worker's."""
        for work in self._unwritten:
            await work(connection)

    async def write(self) -> None:
        """Write what was put off.

        Raises:
            TakenOver: the task is in other hands.
        """
        if self._unwritten:
            async with self.writing():
                pass

    async def forget(self, entries: Collection[Entry[Any]]) -> None:
        """Keep nothing there any more.

        Raises:
            TakenOver: the task is in other hands.
        """
        names = [entry.name for entry in entries if entry.name in self._rows]
        if names:
            async with self.writing() as connection:
                await self._book.remove(connection, names)
        for name in names:
            del self._rows[name]
            self._read.pop(name, None)


class TaskBook:
    """The journal's rows of a task in the database."""

    def __init__(self, database: Database, task: TaskRecord) -> None:
        self._database, self._task = database, task

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """One in which the task is this worker's.

        Raises:
            TakenOver: it is not.
        """
        async with self._database.write() as connection:
            await check_claim(connection, self._task)
            yield connection

    async def write(self, connection: Connection, name: str, value: Any, seconds: float, finished: float) -> None:
        """Write a row."""
        await store.write_entry(connection, self._task.id, name, value, seconds=seconds, finished=finished)

    async def remove(self, connection: Connection, names: Collection[str]) -> None:
        """Remove rows."""
        await store.remove_entries(connection, self._task.id, names)


class _Closed:
    """Nothing is written: the journal is only looked at."""

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        raise TypeError("this journal is only read")

    async def write(self, connection: Connection, name: str, value: Any, seconds: float, finished: float) -> None:
        raise TypeError(f"{name}: this journal is only read")

    async def remove(self, connection: Connection, names: Collection[str]) -> None:
        raise TypeError(f"{', '.join(names)}: this journal is only read")


def read_only(rows: Mapping[str, Any]) -> Journal:
    """A journal of somebody else's task, to look at.

    Args:
        rows: entries as JSON, by name.
    """
    return Journal(rows, _Closed())


async def check_claim(connection: Connection, task: TaskRecord) -> None:
    """Hold the task's row until the transaction ends.

    Raises:
        TakenOver: the worker that claimed it as `task` has it no more.
    """
    if not await is_claim_held(connection, task):
        raise TakenOver(task.id)


async def open_journal(database: Database, task: TaskRecord) -> Journal:
    """The journal of a task that this worker has."""
    async with database.read() as connection:
        rows = await store.read_journal(connection, task.id)
    return journal_of(database, task, rows)


def journal_of(database: Database, task: TaskRecord, rows: Mapping[str, Any]) -> Journal:
    """The same, of entries that were read already, as JSON by name."""
    return Journal(rows, TaskBook(database, task))


# ── what steps keep beside what they give ──


@dataclass(frozen=True)
class UpstreamTask:
    """What an engine has submitted elsewhere for a task, and what is known of it there."""

    engine: str
    submission: Submission


@dataclass(frozen=True)
class Failure:
    """An attempt of an engine that failed.

    Attributes:
        final: this engine is not asked again for this task.
    """

    engine: str
    code: str
    message: str
    final: bool = False


PROBING: Entry[int] = Entry("probing", int, 0)
"""How often the task's files have been begun to be opened since the last time that it came to an end, good or bad."""


# Rows outlive releases, so they keep the names that the first ones gave.
def _row_of(task: UpstreamTask) -> dict[str, Any]:
    submission = task.submission
    submitted = {"errand": submission.key, "handle": submission.handle, "at": submission.at}
    return {"engine": task.engine, "begun": submitted}


def _of_row(row: Any) -> Any:
    match row:
        case {"engine": engine, "begun": {"errand": key, "handle": handle, "at": at}}:
            return {"engine": engine, "submission": {"key": key, "handle": handle, "at": at}}
        case _:
            return row


_UpstreamRow = Annotated[UpstreamTask, BeforeValidator(_of_row), PlainSerializer(_row_of)]
UPSTREAM: Entry[UpstreamTask | None] = Entry("upstream", _UpstreamRow | None, None)
FAILURES: Entry[tuple[Failure, ...]] = Entry("engines", tuple[Failure, ...], ())
CAPTION: Entry[Caption] = Entry("caption", Caption, Caption())
"""What a language model made of the prompt, for engines that are set up so; the same for all of them, and made once."""
DECISIONS: Entry[tuple[dict[str, Any], ...]] = Entry("filter", tuple[dict[str, Any], ...], ())
"""What the content filter decided, as `Decision.as_json` tells it: for whoever looks into a task later."""
