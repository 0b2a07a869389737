"""Filters, sorts and pages, on both databases; what they give is judged by looking at every task."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from opendance.catalog import AspectRatio, Quality
from opendance.store.accounts import create_account
from opendance.store.database import Database
from opendance.store.listing import Filter, Position, Sort, list_tasks
from opendance.store.search import index_task
from opendance.store.tasks import TaskRecord, create_task
from opendance.task import Status, new_task_id
from tests.tasks import order, waiting_task


async def filled(database: Database, count: int = 40) -> list[TaskRecord]:
    """Tasks of every kind, some of the same second."""
    rng, made = random.Random(3), list[TaskRecord]()
    async with database.write() as connection:
        account = await create_account(connection, name="a")
        await create_task(connection, waiting_task(await create_account(connection, name="b")))
        for number in range(count):
            asked = order(
                prompt=rng.choice(("a cat", "a dog", "一只猫")),
                quality=rng.choice((Quality.P480, Quality.P720)),
                aspect_ratio=rng.choice((AspectRatio.R16_9, AspectRatio.R9_16)),
            )
            created = 1e9 + number // 2
            task = waiting_task(account, asked, created=created, id=new_task_id(created))
            marks = {name: rng.random() < 0.4 for name in ("favourite", "hidden", "kept")}
            task = replace(task, **marks, tags=rng.choice((None, ["sea"])))
            status = rng.choice((Status.PENDING, Status.COMPLETED, Status.FAILED))
            finished = 1e9 + 100 + rng.randrange(5) if status.terminal else None
            task = replace(task, status=status, finished=finished, engine=rng.choice((None, "previs", "ark")))
            await create_task(connection, task)
            if task.status.terminal:
                await index_task(connection, account, task.id, title=None, tags=task.tags, prompt=task.order.prompt)
            made.append(task)
    return made


Judge = Callable[[TaskRecord], bool]
CASES: dict[str, tuple[Filter, Judge]] = {
    "none": (Filter(hidden=None), lambda t: True),
    "hidden ones are left out": (Filter(), lambda t: not t.hidden),
    "hidden": (Filter(hidden=True), lambda t: t.hidden),
    "favourite": (Filter(hidden=None, favourite=True), lambda t: t.favourite),
    "not favourite": (Filter(hidden=None, favourite=False), lambda t: not t.favourite),
    "kept": (Filter(hidden=None, kept=True), lambda t: t.kept),
    "status": (Filter(hidden=None, status=Status.FAILED), lambda t: t.status is Status.FAILED),
    "engine": (Filter(hidden=None, engine="ark"), lambda t: t.engine == "ark" and t.status.terminal),
    "quality": (Filter(hidden=None, quality=Quality.P480), lambda t: t.order.quality is Quality.P480),
    "ratio": (Filter(hidden=None, aspect_ratio=AspectRatio.R9_16), lambda t: t.order.aspect_ratio == "9:16"),
    "from and before": (
        Filter(hidden=None, created_from=1e9 + 3, created_before=1e9 + 9),
        lambda t: 1e9 + 3 <= t.created < 1e9 + 9,
    ),
    "search": (Filter(hidden=None, search="cat"), lambda t: "cat" in t.order.prompt),
    "search, tag and mark": (
        Filter(search="猫", tag="sea", favourite=True),
        lambda t: "猫" in t.order.prompt and t.tags == ["sea"] and t.favourite and not t.hidden,
    ),
}


async def test_every_filter_and_sort_gives_what_it_says_page_by_page(database: Database) -> None:
    made = await filled(database)
    for name, (which, judge) in CASES.items():
        for sort in Sort:
            expected = [task for task in made if judge(task) and (sort.column == "created" or task.finished)]
            expected.sort(key=lambda t: (getattr(t, sort.column), t.id), reverse=sort.descending)
            found, after = list[str](), None
            while True:
                async with database.read() as connection:
                    page = await list_tasks(connection, made[0].account_id, which, sort=sort, limit=7, after=after)
                found += [task.id for task in page]
                if len(page) < 7:
                    break
                after = Position(getattr(page[-1], sort.column), page[-1].id)
            assert found == [task.id for task in expected], (name, sort)


async def test_a_task_that_ends_while_it_is_looked_for_is_listed_once(database: Database) -> None:
    made = await filled(database, 6)
    async with database.write() as connection:
        for task in made:
            if not task.status.terminal:  # as if it had ended after the live ones were looked at
                await index_task(connection, task.account_id, task.id, title=None, tags=None, prompt=task.order.prompt)
    async with database.read() as connection:
        listed = await list_tasks(connection, made[0].account_id, Filter(search="a", hidden=None), limit=20)
    assert len(listed) == len({task.id for task in listed})
