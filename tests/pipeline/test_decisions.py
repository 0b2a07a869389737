"""The content filter's decisions: kept in the journal and the audit log, a refusal with the end of the task."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from opendance.errors import TaskError
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.journal import DECISIONS, TakenOver
from opendance.safety import Decision
from opendance.safety.policy import Finding, Policy
from opendance.store.audit import AuditRecord, list_audit
from opendance.store.tasks import TaskRecord
from tests.workshop import Workshop

FINE = Decision("prompt", True)
ALLOWED = Decision("image_urls[0]", True)
BARE = Decision("image_urls[1]", False, (Finding(Policy.STANDARD, "sexual", score=0.9, by="open_nsfw"),))
BANNED = Decision("prompt", False, (Finding(Policy.BANNED, "terrorism", ("a word",)),))


@pytest.fixture
async def task(workshop: Workshop) -> TaskRecord:
    await workshop.submit()
    return await workshop.claim()


async def kept(workshop: Workshop, task: TaskRecord) -> tuple[dict[str, Any], ...]:
    """In the journal, as the next process reads it."""
    return (await workshop.journal(task)).get(DECISIONS)


async def audited(workshop: Workshop, task: TaskRecord) -> list[AuditRecord]:
    async with workshop.database.read() as connection:
        return await list_audit(connection, kind="filter", task_id=task.id, limit=100)


async def keep(workshop: Workshop, task: TaskRecord, *decisions: Decision) -> None:
    """Keep them as a step does, and write them as the walk or the ending does."""
    journal = await workshop.journal(task)
    try:
        Decisions(task, journal).keep(decisions)
    finally:
        await journal.write()


async def test_decisions_are_kept_in_the_journal_and_the_audit_log(workshop: Workshop, task: TaskRecord) -> None:
    await keep(workshop, task, FINE, ALLOWED)
    told = [FINE.as_json(), ALLOWED.as_json()]
    assert await kept(workshop, task) == tuple(told)
    (row,) = await audited(workshop, task)
    assert (row.actor, row.account_id, row.detail) == ("content filter", task.account_id, {"decisions": told})


async def test_later_decisions_stand_after_earlier_ones_also_in_another_process(
    workshop: Workshop, task: TaskRecord
) -> None:
    await keep(workshop, task, FINE)
    await keep(workshop, task, ALLOWED)
    assert await kept(workshop, task) == (FINE.as_json(), ALLOWED.as_json())
    assert [row.detail for row in await audited(workshop, task)] == [
        {"decisions": [FINE.as_json()]},
        {"decisions": [ALLOWED.as_json()]},
    ]


async def test_no_decisions_leave_nothing_behind(workshop: Workshop, task: TaskRecord) -> None:
    await keep(workshop, task)
    assert (await kept(workshop, task), await audited(workshop, task)) == ((), [])
    assert not (await workshop.journal(task)).has(DECISIONS)


async def test_a_refusal_is_kept_before_it_is_told(workshop: Workshop, task: TaskRecord) -> None:
    with pytest.raises(TaskError) as caught:
        await keep(workshop, task, ALLOWED, BARE)
    assert caught.value.code == "content_policy_violation"
    assert caught.value.message == BARE.error().message
    assert [decision["verdict"] for decision in await kept(workshop, task)] == ["allowed", "refused"]
    assert len(await audited(workshop, task)) == 1


async def test_the_first_of_several_refusals_is_told(workshop: Workshop, task: TaskRecord) -> None:
    with pytest.raises(TaskError, match="image_urls"):
        await keep(workshop, task, FINE, BARE, BANNED)
    assert len(await kept(workshop, task)) == 3


async def test_a_worker_that_has_the_task_no_more_keeps_nothing(workshop: Workshop, task: TaskRecord) -> None:
    again = await workshop.claim("another worker")
    assert again.id == task.id
    with pytest.raises(TakenOver):
        await keep(workshop, task, BARE)
    assert (await kept(workshop, task), await audited(workshop, task)) == ((), [])


async def test_decisions_are_counted_by_what_was_looked_at_and_the_verdict(
    workshop: Workshop, task: TaskRecord
) -> None:
    def counts() -> list[float]:
        cells = [("prompt", "allowed"), ("image", "allowed"), ("image", "refused"), ("content", "allowed"), ("output", "allowed")]  # fmt: skip
        name = "opendance_filter_decisions_total"
        return [REGISTRY.get_sample_value(name, {"input": it, "verdict": verdict}) or 0.0 for it, verdict in cells]

    before = counts()
    content, output = Decision("content[2].image_url", True), Decision("output", True)
    with pytest.raises(TaskError):
        await keep(workshop, task, FINE, ALLOWED, content, output, BARE)
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1, 1, 1, 1]
