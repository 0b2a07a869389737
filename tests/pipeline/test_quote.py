"""What an order would cost; nothing is created or charged."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from opendance.billing import most_it_can_cost
from opendance.catalog import AspectRatio
from opendance.errors import ModelAccessDenied
from opendance.order import Order
from opendance.pipeline.quote import Quote, quote
from opendance.store import keys
from opendance.store.accounts import Group
from opendance.store.keys import Caller
from opendance.store.tables import AuditEntry, LedgerEntry, Task
from tests import tasks
from tests.callers import new_caller
from tests.workshop import Workshop

COST = most_it_can_cost(tasks.order()).credits
REFERENCE = "seedance-2.0-mini-reference-to-video"


async def quoted(workshop: Workshop, caller: Caller, order: Order | None = None) -> Quote:
    return await quote(workshop.estimator, workshop.tools.routes, caller, order or tasks.order())


async def test_it_says_what_the_order_would_cost_and_how_long_it_would_take(workshop: Workshop) -> None:
    dear = await new_caller(workshop.database, "a", group=Group("dear", price_ratio=Decimal(3)))
    found = await quoted(workshop, dear)
    task = await workshop.submitter.submit(dear, tasks.order(), wire="unified", base_url="")
    assert (found.charge.credits, found.seconds) == (task.task.credits_reserved, task.task.estimated_time)
    assert found.charge.credits == COST * 3
    assert sum(shot.seconds for shot in found.plan.shots) == 4


async def test_nothing_is_created_or_charged(workshop: Workshop) -> None:
    async def rows() -> list[int | None]:
        async with workshop.database.read() as connection:
            counts = [select(func.count()).select_from(table) for table in (Task, LedgerEntry, AuditEntry)]
            return [(await connection.execute(query)).scalar() for query in counts]

    before = await rows()
    links = (tasks.link("image", "https://files.example/a.png"),)
    await quoted(workshop, workshop.caller, tasks.order(tasks.MINI_IMAGE, links=links))
    assert await rows() == before
    assert not workshop.web.asked, "its files are not fetched either"


@pytest.mark.parametrize(
    ("balance", "limit", "available"), [("50", None, "50"), ("50", "20", "20"), ("50", "60", "50")]
)
async def test_what_is_available_is_the_account_within_the_limit_of_the_key(
    workshop: Workshop, balance: str, limit: str | None, available: str
) -> None:
    own = None if limit is None else Decimal(limit)
    caller = await new_caller(workshop.database, "a", credits_=balance, credit_limit=own)
    assert (await quoted(workshop, caller)).available == Decimal(available)


@pytest.mark.parametrize(("left", "is_sufficient"), [(COST, True), (COST - Decimal("0.0001"), False)])
async def test_credits_are_sufficient_to_the_last_one(workshop: Workshop, left: Decimal, is_sufficient: bool) -> None:
    caller = await new_caller(workshop.database, "a", credits_=str(left))
    assert (await quoted(workshop, caller)).is_sufficient is is_sufficient


async def test_what_a_key_has_used_is_not_available_any_more(workshop: Workshop) -> None:
    async with workshop.database.write() as connection:
        _, secret = await keys.create_key(connection, workshop.caller.account_id, name="k", credit_limit=COST * 3)

    async def caller() -> Caller:
        async with workshop.database.read() as connection:
            return await keys.authenticate(connection, secret)

    assert (await quoted(workshop, await caller())).available == COST * 3
    await workshop.submitter.submit(await caller(), tasks.order(), wire="unified", base_url="")
    assert (await quoted(workshop, await caller())).available == COST * 2


async def test_a_model_that_the_caller_may_not_use_has_no_quote(workshop: Workshop) -> None:
    caller = await new_caller(workshop.database, "a", models=(tasks.MINI_IMAGE,))
    with pytest.raises(ModelAccessDenied):
        await quoted(workshop, caller)


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize(
    ("model", "ratio", "kinds", "is_open"),
    [
        (tasks.MINI, AspectRatio.ADAPTIVE, (), False),
        (tasks.MINI_IMAGE, AspectRatio.ADAPTIVE, ("image",), True),
        (tasks.MINI_IMAGE, AspectRatio.R9_16, ("image",), False),
        (REFERENCE, AspectRatio.ADAPTIVE, ("video",), True),
        (REFERENCE, AspectRatio.ADAPTIVE, (), False),
    ],
)
async def test_the_ratio_stays_open_where_media_that_nobody_has_fetched_decide_it(
    workshop: Workshop, model: str, ratio: AspectRatio, kinds: tuple[str, ...], is_open: bool
) -> None:
    links = tuple(tasks.link(kind, f"https://files.example/{kind}") for kind in kinds)  # pyright: ignore
    found = await quoted(workshop, workshop.caller, tasks.order(model, links=links, aspect_ratio=ratio))
    assert found.ratio_is_open is is_open
