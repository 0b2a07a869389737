"""What the journals of tasks tell their owners."""

from __future__ import annotations

from opendance.pipeline.details import details_of
from opendance.pipeline.journal import read_only
from opendance.pipeline.steps import RENDER
from opendance.store.journal import read_journal
from tests import tasks
from tests.workshop import Workshop


async def test_a_task_that_waits_has_its_seed_and_no_plan(workshop: Workshop) -> None:
    task = await workshop.submit(tasks.order(seed=7))
    details = (await details_of(workshop.database, [task]))[task.id]
    assert (details.plan, details.seed) == (None, 7)


async def test_what_was_understood_is_told_of_each_task_by_its_id(workshop: Workshop) -> None:
    made = [await workshop.made(tasks.order(prompt=prompt)) for prompt in ("a cat walks", "a dog runs")]
    details = await details_of(workshop.database, made)
    for task in made:
        plan = details[task.id].plan
        assert plan is not None
        assert plan.prompt == task.order.prompt
        assert details[task.id].seed == task.seed


async def test_an_engine_without_a_seed_leaves_none(workshop: Workshop) -> None:
    workshop.hosts["blank"].takes_seed = False
    task = await workshop.made(tasks.order(seed=7))
    assert (await details_of(workshop.database, [task]))[task.id].seed is None


async def test_a_clip_of_the_release_before_says_nothing_of_its_seed_and_is_read(workshop: Workshop) -> None:
    task = await workshop.made()
    async with workshop.database.read() as connection:
        rows = await read_journal(connection, task.id)
    del rows[RENDER.name]["takes_seed"]
    assert read_only(rows).get(RENDER).takes_seed
