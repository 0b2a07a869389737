"""Pieces that come at the same moment share a transaction, and are each committed or not as if alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select

from opendance.store.database import Connection, Database
from opendance.store.group_commit import GroupCommit
from opendance.store.tables import AuditEntry

pytestmark = pytest.mark.on_each_database
WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@dataclass
class Writer:
    """Writes a row for each piece.

    Attributes:
        fails: pieces that fail while they are written.
        groups: what came together, time by time.
        contexts: whose context it ran in.
    """

    fails: frozenset[str] = frozenset()
    groups: list[list[str]] = field(default_factory=list)
    contexts: set[str] = field(default_factory=set)

    async def write(self, connection: Connection, pieces: Sequence[str]) -> list[str]:
        self.groups.append(list(pieces))
        self.contexts.add(WHO.get())
        rows: list[dict[str, Any]] = [{"at": 0.0, "kind": "test", "actor": piece, "detail": {}} for piece in pieces]
        await connection.send_rows(insert(AuditEntry).inline(), rows)
        if failing := self.fails & set(pieces):
            raise LookupError(*failing)
        return [f"{piece} is written" for piece in pieces]


async def rows(database: Database) -> list[str]:
    async with database.read() as connection:
        found = await connection.execute(
            select(AuditEntry.actor).where(AuditEntry.kind == "test").order_by(AuditEntry.id)
        )
        return [row.actor for row in found]


async def together(commits: GroupCommit[str, str], *pieces: str) -> list[Any]:
    return await asyncio.gather(*(commits.run(piece, piece) for piece in pieces), return_exceptions=True)


async def test_what_comes_together_is_one_transaction_by_account(database: Database) -> None:
    writer = Writer()
    given = await together(GroupCommit(database, writer.write), *"cab")
    assert given == ["c is written", "a is written", "b is written"]
    assert writer.groups == [["a", "b", "c"]]
    assert await rows(database) == ["a", "b", "c"]


async def test_what_fails_takes_nothing_of_the_others_with_it(database: Database) -> None:
    writer = Writer(fails=frozenset("b"))
    given = await together(GroupCommit(database, writer.write), *"abc")
    assert [str(each) for each in given] == ["a is written", "b", "c is written"]
    assert isinstance(given[1], LookupError)
    assert await rows(database) == ["a", "c"]


async def test_what_the_database_refuses_at_the_end_takes_nothing_of_the_others_with_it(database: Database) -> None:
    refused = None if database.pool.most > 10 else "a\0b"  # only PostgreSQL has no such letter
    if refused is None:
        pytest.skip("SQLite refuses at once")
    given = await together(GroupCommit(database, Writer().write), "x", refused, "y")
    assert [isinstance(each, Exception) for each in given] == [False, True, False]
    assert await rows(database) == ["x", "y"]


async def test_a_crowd_is_several_transactions_and_each_piece_is_written_once(database: Database) -> None:
    writer = Writer()
    names = [f"{number:03}" for number in range(50)]
    await together(GroupCommit(database, writer.write), *names)
    assert await rows(database) == names
    assert [len(group) for group in writer.groups] == [16, 16, 16, 2]


async def test_nobody_is_worked_for_in_the_context_of_another(database: Database) -> None:
    writer = Writer()
    commits = GroupCommit(database, writer.write)

    async def asked_by(name: str) -> str:
        WHO.set(name)
        return await commits.run("account", name)

    assert await asyncio.gather(asked_by("one"), asked_by("two")) == ["one is written", "two is written"]
    assert writer.contexts == {"nobody"}


async def test_one_that_nobody_waits_for_any_more_is_committed_with_the_others(database: Database) -> None:
    commits = GroupCommit(database, Writer().write)
    gone = asyncio.create_task(commits.run("a", "a"))
    stays = asyncio.create_task(commits.run("b", "b"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == "b is written"
    assert await rows(database) == ["a", "b"]


async def test_where_writing_is_cancelled_nobody_waits_for_ever(database: Database) -> None:
    async def write(_connection: Connection, pieces: Sequence[str]) -> list[str]:
        if len(pieces) > 1:
            raise LookupError("once more, one by one")
        writing = asyncio.current_task()
        assert writing is not None
        writing.cancel()
        await asyncio.sleep(0)
        return list(pieces)

    commits = GroupCommit(database, write)
    ends = await asyncio.wait_for(together(commits, *"abc"), 10)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 3
    assert await rows(database) == []
