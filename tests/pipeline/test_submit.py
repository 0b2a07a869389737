"""From an order to a task that waits, on both databases: all of it or nothing."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from opendance.api.wires import UNIFIED
from opendance.billing import most_it_can_cost
from opendance.errors import ApiError, IdempotencyConflict, InsufficientQuota, ModelAccessDenied, RateLimitExceeded
from opendance.order import Order
from opendance.pipeline.ending import Ending
from opendance.pipeline.submit import Repetition, Submitted
from opendance.store import accounts
from opendance.store.accounts import Group
from opendance.store.audit import list_audit
from opendance.store.keys import Caller, use_of_key
from opendance.store.tables import AuditEntry, IdempotencyKey, LedgerEntry, Task, TaskEvent, TaskInput
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.callers import new_caller
from tests.files import image_bytes
from tests.workshop import PUBLIC, Workshop

COST = most_it_can_cost(tasks.order()).credits


async def submit(
    workshop: Workshop, caller: Caller, order: Order | None = None, *, repetition: Repetition | None = None
) -> TaskRecord:
    return (await submitted(workshop, caller, order, repetition=repetition)).task


async def submitted(
    workshop: Workshop, caller: Caller, order: Order | None = None, *, repetition: Repetition | None = None
) -> Submitted:
    return await workshop.submitter.submit(
        caller, order or tasks.order(), wire=UNIFIED.name, base_url=PUBLIC, repetition=repetition
    )


async def rows(workshop: Workshop) -> dict[str, int]:
    """How many rows there are of all that a submission writes."""
    tables = (Task, TaskEvent, TaskInput, LedgerEntry, AuditEntry, IdempotencyKey)
    async with workshop.database.read() as connection:
        return {
            table.__tablename__: (await connection.execute(select(func.count()).select_from(table))).scalar() or 0
            for table in tables
        }


async def standing(workshop: Workshop, caller: Caller) -> tuple[Decimal, Decimal, int]:
    """Balance of the account, and what its key used and how many tasks of it are live."""
    async with workshop.database.read() as connection:
        account = await accounts.find_account(connection, caller.account_id)
        used, live = (await connection.execute(*use_of_key(caller.key.id))).one()
    assert account is not None
    return account.balance, used, live


async def refusal(workshop: Workshop, caller: Caller, order: Order | None = None) -> ApiError:
    """How the order is refused; whatever it is, nothing of it is left."""
    before, stood = await rows(workshop), await standing(workshop, caller)
    waiting = workshop.estimator.seconds_until_done(tasks.order())
    with pytest.raises(ApiError) as error:
        await submit(workshop, caller, order, repetition=Repetition("a key of its own", "body"))
    assert await rows(workshop) == before
    assert await standing(workshop, caller) == stood
    assert workshop.estimator.seconds_until_done(tasks.order()) == waiting
    return error.value


# ── what is taken ──


@pytest.mark.rule("EP-02", "TK-05")
async def test_an_order_becomes_a_task_that_waits_with_its_credits_set_aside(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "a", credits_="1000")
    before = workshop_on_each.estimator.seconds_until_done(tasks.order())
    task = await submit(workshop_on_each, caller)
    assert await workshop_on_each.read(task) == task
    assert (task.status, task.attempts, task.owner) == (Status.PENDING, 0, None)
    assert (task.account_id, task.key_id, task.user_group) == (caller.account_id, caller.key.id, "default")
    assert (task.order, task.base_url, task.credits_reserved) == (tasks.order(), PUBLIC, COST)
    assert await standing(workshop_on_each, caller) == (1000 - COST, COST, 1)
    assert await workshop_on_each.entries(task) == ["reserve"]
    assert task.estimated_time == before
    assert workshop_on_each.estimator.seconds_until_done(tasks.order()) > before, "the next one waits for this one"


async def test_the_price_is_that_of_the_group_and_the_turn_that_of_the_list(workshop_on_each: Workshop) -> None:
    half = Group("half", price_ratio=Decimal("0.5"), priority=2)
    caller = await new_caller(workshop_on_each.database, "a", group=half)
    task = await submit(workshop_on_each, caller)
    assert (task.credits_reserved, task.price_ratio) == (COST / 2, Decimal("0.5"))
    listed = await submit(workshop_on_each, workshop_on_each.caller)
    assert task.queue_cost == listed.queue_cost // 2, "it is the priority that halves it, not the price"
    assert (task.queue_rank, listed.queue_rank) == (-2, -1)


async def test_tasks_of_an_account_wait_behind_each_other(workshop_on_each: Workshop) -> None:
    first, second = [await workshop_on_each.submit() for _ in range(2)]
    assert second.start_tag == first.start_tag + first.queue_cost


async def test_a_seed_is_kept_and_otherwise_drawn(workshop: Workshop) -> None:
    assert (await workshop.submit(tasks.order(seed=0))).seed == 0
    assert (await workshop.submit(tasks.order(seed=2**32 - 1))).seed == 2**32 - 1
    drawn = {(await workshop.submit()).seed for _ in range(5)}
    assert len(drawn) == 5
    assert all(0 <= seed < 2**32 for seed in drawn)


async def test_the_audit_row_has_media_by_number_and_never_by_link(workshop_on_each: Workshop) -> None:
    links = (
        tasks.link("image", "https://secret.example/one?token=hidden", 1),
        tasks.link("image", "https://secret.example/two?token=hidden", 2),
        tasks.link("audio", "https://secret.example/three?token=hidden", 1),
    )
    model = "seedance-2.0-mini-reference-to-video"
    task = await workshop_on_each.submit(tasks.order(model, links=links, prompt="what nobody shall read"))
    async with workshop_on_each.database.read() as connection:
        (row,) = await list_audit(connection, task_id=task.id, limit=9)
    assert (row.kind, row.actor, row.account_id) == (
        "task.created",
        workshop_on_each.caller.key.prefix,
        task.account_id,
    )
    digest = row.detail.pop("prompt_hmac_sha256")
    assert len(digest) == 64
    assert row.detail == {
        "model": model, "duration": 4, "quality": "720p", "content_filter": True, "image_urls": 2, "audio_urls": 1,
    }  # fmt: skip


async def test_tasks_whose_videos_and_pictures_are_named_are_noted_once(workshop_on_each: Workshop) -> None:
    before = await workshop_on_each.submit()
    made = workshop_on_each.tools.links
    urls = (
        made.result(PUBLIC, f"{before.id}.mp4", made=time.time()),
        made.result("https://elsewhere.example", f"{before.id}.last-frame.png", made=time.time()),
        f"{PUBLIC}/v1/tasks/{before.id}/poster",
    )
    links = tuple(tasks.link("image", url, number) for number, url in enumerate(urls, 1))
    task = await workshop_on_each.submit(tasks.order("seedance-2.0-mini-reference-to-video", links=links))
    async with workshop_on_each.database.read() as connection:
        found = (await connection.execute(select(TaskInput.task_id, TaskInput.source_id))).all()
    assert [tuple(row) for row in found] == [(task.id, before.id)]


async def test_uploads_that_are_named_are_noted_once(workshop_on_each: Workshop) -> None:
    path = workshop_on_each.folder / "a.png"
    path.write_bytes(image_bytes(320, 320))
    file = await workshop_on_each.uploads.keep(
        workshop_on_each.caller, path, name=None, original_name="a.png", folder=None
    )
    made = workshop_on_each.tools.links
    own = made.upload("https://elsewhere.example", file.key, ends=file.expires)
    ended = made.upload(PUBLIC, "uploads/file-that-ended.png", ends=1)
    altered = own.replace(file.id, "file-of-somebody")
    urls = (own, own, ended, altered, "https://web.example/a.png")
    links = tuple(tasks.link("image", url, number) for number, url in enumerate(urls, 1))
    task = await workshop_on_each.submit(tasks.order("seedance-2.0-mini-reference-to-video", links=links))
    async with workshop_on_each.database.read() as connection:
        found = (await connection.execute(select(TaskInput.task_id, TaskInput.source_id))).all()
    assert [tuple(row) for row in found] == [(task.id, file.id)]


# ── what is refused ──


@pytest.mark.rule("ER-402")
async def test_an_account_with_too_few_credits_gets_nothing(workshop_on_each: Workshop) -> None:
    enough = await new_caller(workshop_on_each.database, "just enough", credits_=str(COST))
    await submit(workshop_on_each, enough)
    error = await refusal(workshop_on_each, enough)
    assert isinstance(error, InsufficientQuota)
    assert "holds 0 credits" in error.message


@pytest.mark.rule("ER-402")
async def test_a_key_that_has_used_its_own_limit_gets_nothing(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "a", credit_limit=COST * 2 - Decimal("0.0001"))
    task = await submit(workshop_on_each, caller)
    error = await refusal(workshop_on_each, caller)
    assert isinstance(error, InsufficientQuota)
    assert "this key may use" in error.message
    # What comes back to the account comes back to the key.
    assert await workshop_on_each.endings.end(task, Ending(Status.FAILED, ("service_error", "x"))) is not None
    await submit(workshop_on_each, caller)


@pytest.mark.rule("ER-429")
@pytest.mark.parametrize("level", ["key", "account", "group"])
async def test_tasks_at_once_are_limited_at_each_level_until_one_ends(workshop_on_each: Workshop, level: str) -> None:
    limited = Group("limited", total_max_tasks=2 if level == "group" else None)
    caller = await new_caller(
        workshop_on_each.database,
        "a",
        group=limited,
        max_tasks=2 if level == "account" else None,
        max_tasks_of_key=2 if level == "key" else None,
    )
    other = await new_caller(workshop_on_each.database, "b", group=limited) if level == "group" else caller
    first, _ = await submit(workshop_on_each, caller), await submit(workshop_on_each, other)
    error = await refusal(workshop_on_each, caller)
    assert isinstance(error, RateLimitExceeded)
    assert f"this {level} has 2 tasks" in error.message
    assert 1 <= int(error.headers["Retry-After"]) <= 600
    assert await workshop_on_each.endings.end(first, Ending(Status.CANCELLED)) is not None
    await submit(workshop_on_each, caller)


@pytest.mark.rule("AU-03", "ER-403")
async def test_a_model_that_the_key_may_not_use_is_refused(workshop: Workshop) -> None:
    caller = await new_caller(workshop.database, "a", models=(tasks.MINI,))
    error = await refusal(workshop, caller, tasks.order(tasks.MINI_IMAGE))
    assert isinstance(error, ModelAccessDenied)
    assert tasks.MINI in error.message
    await submit(workshop, caller)


@pytest.mark.rule("ER-403")
async def test_a_model_whose_engines_the_group_may_not_use_is_refused(workshop: Workshop) -> None:
    for engines, allowed in ((("blank",), True), (("previs",), False), ((), False)):
        group = Group(f"group {engines}"[:40], engines=engines)
        caller = await new_caller(workshop.database, f"of {engines}", group=group)
        if allowed:
            await submit(workshop, caller)
        else:
            assert isinstance(await refusal(workshop, caller), ModelAccessDenied)


# ── at once ──


async def test_of_many_at_once_only_as_many_as_may_are_taken(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "a", credits_=str(COST * 3), max_tasks=2)
    many = await asyncio.gather(*(submit(workshop_on_each, caller) for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in many if isinstance(one, Exception)] == [RateLimitExceeded] * 6
    assert await standing(workshop_on_each, caller) == (COST, COST * 2, 2)


async def test_of_many_at_once_only_as_many_as_there_are_credits_for_are_taken(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "crowd", credits_=str(COST * 10 + COST / 2))
    many = await asyncio.gather(*(submit(workshop_on_each, caller) for _ in range(40)), return_exceptions=True)
    assert [type(one) for one in many if isinstance(one, Exception)] == [InsufficientQuota] * 30
    assert await standing(workshop_on_each, caller) == (COST / 2, COST * 10, 10)


@pytest.mark.parametrize(
    ("limits", "of_group", "refused"),
    [
        ({"max_tasks_of_key": 3}, {}, RateLimitExceeded),
        ({"credit_limit": COST * 3}, {}, InsufficientQuota),
        ({}, {"total_max_tasks": 3}, RateLimitExceeded),
    ],
    ids=["tasks of the key", "credits of the key", "tasks of the group"],
)
async def test_each_of_a_transaction_counts_against_the_limits_of_those_behind_it(
    workshop_on_each: Workshop, limits: dict[str, Any], of_group: dict[str, int], refused: type[ApiError]
) -> None:
    database = workshop_on_each.database
    group = Group("of three", **of_group) if of_group else None
    caller = await new_caller(database, "a", credits_=str(COST * 8), group=group, **limits)
    many = await asyncio.gather(*(submit(workshop_on_each, caller) for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in many if isinstance(one, Exception)] == [refused] * 5
    assert await standing(workshop_on_each, caller) == (COST * 5, COST * 3, 3)


async def test_accounts_that_come_at_once_each_pay_their_own_and_each_has_its_own_turns(
    workshop_on_each: Workshop,
) -> None:
    callers = [await new_caller(workshop_on_each.database, name, credits_=str(COST * 2)) for name in "ab"]
    made = await asyncio.gather(*(submit(workshop_on_each, caller) for caller in callers * 2))
    assert [await standing(workshop_on_each, caller) for caller in callers] == [(0, COST * 2, 2)] * 2
    for caller in callers:
        first, second = (task for task in made if task.account_id == caller.account_id)
        assert (first.start_tag, second.start_tag) == (0, first.queue_cost)


# ── repetitions ──


async def test_a_repetition_gives_the_task_as_it_stands_and_reserves_nothing_more(workshop_on_each: Workshop) -> None:
    first = await workshop_on_each.submitted(key="again")
    before, waiting = await rows(workshop_on_each), workshop_on_each.estimator.seconds_until_done(tasks.order())
    claimed = await workshop_on_each.claim()
    again = await workshop_on_each.submitted(key="again")
    assert (first.replayed, again.replayed) == (False, True)
    assert again.task == claimed
    assert (await rows(workshop_on_each))["ledger"] == before["ledger"]
    assert workshop_on_each.estimator.seconds_until_done(tasks.order()) == waiting


async def test_repetitions_that_arrive_at_once_are_one_task(workshop_on_each: Workshop) -> None:
    many = await asyncio.gather(*(workshop_on_each.submitted(key="at once") for _ in range(20)))
    assert len({one.task.id for one in many}) == 1
    assert sorted(one.replayed for one in many) == [False] + [True] * 19
    assert await workshop_on_each.entries(many[0].task) == ["reserve"]


async def test_the_key_of_another_request_is_refused_and_the_first_one_stands(workshop_on_each: Workshop) -> None:
    caller = workshop_on_each.caller
    first = await submit(workshop_on_each, caller, repetition=Repetition("k", "body"))
    before = await rows(workshop_on_each)
    with pytest.raises(IdempotencyConflict, match=first.id):
        await submit(workshop_on_each, caller, repetition=Repetition("k", "another body"))
    assert await rows(workshop_on_each) == before
    assert await submit(workshop_on_each, caller, repetition=Repetition("k", "body")) == first


async def test_keys_of_repetitions_are_each_accounts_own(workshop_on_each: Workshop) -> None:
    other = await new_caller(workshop_on_each.database, "other")
    repetition = Repetition("k", "body")
    made = [await submit(workshop_on_each, each, repetition=repetition) for each in (workshop_on_each.caller, other)]
    assert made[0].id != made[1].id


async def test_a_request_that_was_refused_may_come_again_under_its_key(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "a", max_tasks=1)
    first = await submit(workshop_on_each, caller)
    repetition = Repetition("k", "body")
    with pytest.raises(RateLimitExceeded):
        await submit(workshop_on_each, caller, repetition=repetition)
    assert await workshop_on_each.endings.end(first, Ending(Status.CANCELLED)) is not None
    second = await submitted(workshop_on_each, caller, repetition=repetition)
    assert not second.replayed
