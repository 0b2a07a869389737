"""Tasks of all accounts, on both databases; what lists give is judged by looking at every task."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from opendance.store import all_tasks
from opendance.store.accounts import create_account
from opendance.store.all_tasks import WhichTasks, find_task, list_all_tasks
from opendance.store.database import Database
from opendance.store.listing import Position
from opendance.store.tasks import TaskRecord, create_task
from opendance.task import Status, new_task_id
from tests.tasks import MINI, MINI_IMAGE, order, waiting_task

Judge = Callable[[TaskRecord], bool]
START = 1_800_000_000.0
CASES: dict[str, tuple[WhichTasks, Judge]] = {
    "all": (WhichTasks(), lambda t: True),
    "waiting": (WhichTasks(status=Status.PENDING), lambda t: t.status is Status.PENDING),
    "failed": (WhichTasks(status=Status.FAILED), lambda t: t.status is Status.FAILED),
    "model": (WhichTasks(model=MINI_IMAGE), lambda t: t.model == MINI_IMAGE),
    "engine": (WhichTasks(engine="ark"), lambda t: t.engine == "ark"),
    "code": (WhichTasks(error_code="service_error"), lambda t: t.error_code == "service_error"),
    "from": (WhichTasks(created_from=START + 7.5), lambda t: t.created >= START + 7.5),
    "before": (WhichTasks(created_before=START + 11.5), lambda t: t.created < START + 11.5),
    "some seconds": (
        WhichTasks(created_from=START + 5, created_before=START + 9),
        lambda t: START + 5 <= t.created < START + 9,
    ),
    "two at once": (
        WhichTasks(status=Status.FAILED, engine="previs"),
        lambda t: t.status is Status.FAILED and t.engine == "previs",
    ),
    "none": (WhichTasks(engine="nobody"), lambda t: False),
}


async def filled(database: Database, count: int = 60) -> list[TaskRecord]:
    """Tasks of two accounts and of every kind, some of the same second; newest first."""
    rng, made = random.Random(5), list[TaskRecord]()
    async with database.write() as connection:
        accounts = [await create_account(connection, name=name) for name in "ab"]
        for number in range(count):
            created = START + number / 3
            model = rng.choice((MINI, MINI_IMAGE))
            status = rng.choice((Status.PENDING, Status.PROCESSING, Status.COMPLETED, Status.FAILED))
            code = rng.choice(("service_error", "invalid_image")) if status is Status.FAILED else None
            task = waiting_task(rng.choice(accounts), order(model), created=created, id=new_task_id(created))
            task = replace(task, status=status, error_code=code, engine=rng.choice((None, "previs", "ark")))
            await create_task(connection, task)
            made.append(task)
    return made


def in_order(tasks: list[TaskRecord], *, of_account: bool) -> list[str]:
    def key(task: TaskRecord) -> tuple[float, str]:
        return (task.created if of_account else int(task.created), task.id)

    return [task.id for task in sorted(tasks, key=key, reverse=True)]


@pytest.fixture(params=[3, 500], ids=["small bites", "whole"])
def bite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(all_tasks, "_BITE", request.param)
    return request.param


async def test_lists_give_what_is_asked_for_of_all_accounts_and_of_one(database: Database, bite: int) -> None:
    tasks = await filled(database)
    async with database.read() as connection:
        for name, (which, judge) in CASES.items():
            for account in (None, tasks[0].account_id):
                of_account = account is not None
                meant = [task for task in tasks if judge(task) and (not of_account or task.account_id == account)]
                found = await list_all_tasks(connection, replace(which, account_id=account), limit=1000)
                assert [task.id for task in found] == in_order(meant, of_account=of_account), (name, account)
                assert found == [next(task for task in tasks if task.id == each.id) for each in found]


@pytest.mark.parametrize("size", [1, 4, 7])
async def test_pages_meet(database: Database, bite: int, size: int) -> None:
    tasks = await filled(database)
    async with database.read() as connection:
        for which in (WhichTasks(), WhichTasks(status=Status.FAILED), WhichTasks(account_id=tasks[0].account_id)):
            whole = await list_all_tasks(connection, which, limit=1000)
            pages, after = list[TaskRecord](), None
            while page := await list_all_tasks(connection, which, limit=size, after=after):
                pages += page
                after = Position(page[-1].created, page[-1].id)
            assert pages == whole


async def test_a_task_is_found_by_itself_and_by_a_part_of_its_id(database: Database) -> None:
    tasks = await filled(database, 10)
    async with database.read() as connection:
        assert await find_task(connection, tasks[3].id) == tasks[3]
        assert await find_task(connection, new_task_id()) is None
        part = tasks[3].id[-8:].upper()
        assert await list_all_tasks(connection, WhichTasks(part_of_id=part), limit=9) == [tasks[3]]
        assert await list_all_tasks(connection, WhichTasks(part_of_id="%"), limit=9) == []
