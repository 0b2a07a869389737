"""Pieces of work that come at the same moment share a transaction, and are each committed or not as if alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import insert, select

from opendance.store.database import Connection, Database
from opendance.store.group_commit import GroupCommit
from opendance.store.tables import AuditEntry

pytestmark = pytest.mark.on_each_database
WHO: ContextVar[str] = ContextVar("WHO", default="nobody")
Work = Callable[[Connection], Awaitable[str]]


def writing(name: str, transactions: list[Connection], *, fails: bool = False) -> Work:
    async def work(connection: Connection) -> str:
        transactions.append(connection)
        row = {"at": 0.0, "kind": "test", "actor": name, "detail": {}}
        await connection.execute(insert(AuditEntry), row)
        if fails:
            raise LookupError(name)
        return f"{name} of {WHO.get()}"

    return work


async def rows(database: Database) -> list[str]:
    async with database.read() as connection:
        found = await connection.execute(select(AuditEntry.actor).where(AuditEntry.kind == "test"))
        return [row.actor for row in found]


async def together(commits: GroupCommit, *works: tuple[str, Work]) -> list[Any]:
    return await asyncio.gather(*(commits.run(*work) for work in works), return_exceptions=True)


async def test_what_comes_together_is_one_transaction_by_account(database: Database) -> None:
    seen: list[Connection] = []
    given = await together(GroupCommit(database), *((name, writing(name, seen)) for name in "cab"))
    assert given == ["c of nobody", "a of nobody", "b of nobody"]
    assert len({id(connection) for connection in seen}) == 1
    assert await rows(database) == ["a", "b", "c"]


async def test_what_fails_takes_nothing_of_the_others_with_it(database: Database) -> None:
    seen: list[Connection] = []
    works = [(name, writing(name, seen, fails=name == "b")) for name in "abc"]
    given = await together(GroupCommit(database), *works)
    assert [str(each) for each in given] == ["a of nobody", "b", "c of nobody"]
    assert isinstance(given[1], LookupError)
    assert await rows(database) == ["a", "c"]


async def test_a_crowd_is_several_transactions_and_each_piece_is_done_once(database: Database) -> None:
    seen: list[Connection] = []
    names = [f"{number:03}" for number in range(50)]
    await together(GroupCommit(database), *((name, writing(name, seen)) for name in names))
    assert sorted(await rows(database)) == names
    assert len(seen) == 50


async def test_a_piece_runs_in_the_context_of_whoever_asks(database: Database) -> None:
    commits = GroupCommit(database)

    async def asked_by(name: str) -> str:
        WHO.set(name)
        return await commits.run("account", writing("it", []))

    assert await asyncio.gather(asked_by("one"), asked_by("two")) == ["it of one", "it of two"]


async def test_one_that_nobody_waits_for_any_more_is_committed_with_the_others(database: Database) -> None:
    commits = GroupCommit(database)
    gone = asyncio.create_task(commits.run("a", writing("a", [])))
    stays = asyncio.create_task(commits.run("b", writing("b", [])))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == "b of nobody"
    assert await rows(database) == ["a", "b"]
