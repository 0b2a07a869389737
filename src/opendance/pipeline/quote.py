"""What an order would cost, how long it would take, and what is understood of it; nothing is created or charged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from opendance.asset import Asset
from opendance.billing import most_it_can_cost
from opendance.catalog import AspectRatio
from opendance.credits import Charge
from opendance.engines.routes import Routes
from opendance.errors import InvalidRequest, TaskError
from opendance.order import Order
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.steps.plan import plan
from opendance.pipeline.submit import check_access, check_engines, for_caller, price_ratio_of
from opendance.plan import Plan
from opendance.store.keys import Caller


@dataclass(frozen=True)
class Quote:
    """The answer to an order that is not placed.

    Attributes:
        charge: the most it can cost.
        seconds: until it would be done.
        available: credits that the caller can spend.
        plan: what is understood.
        ratio_is_open: the media decide it, and they have not been fetched.
    """

    charge: Charge
    seconds: int
    available: Decimal
    plan: Plan
    ratio_is_open: bool

    @property
    def is_sufficient(self) -> bool:
        """Whether the caller can pay."""
        return self.available >= self.charge.credits


async def quote(estimator: Estimator, routes: Routes, caller: Caller, order: Order) -> Quote:
    """The quote for an order.

    Raises:
        ModelAccessDenied: the caller has no access to the model.
        InvalidRequest: no engine can make such a video; it takes too long to read the prompt; or a fate is chosen with
            a key that is none of the sandbox.
    """
    check_access(caller, order, routes)
    order = for_caller(caller, order)
    check_engines(order, estimator)
    return Quote(
        charge=most_it_can_cost(order, price_ratio=price_ratio_of(caller.group, order)),
        seconds=estimator.seconds_until_done(order),
        available=caller.available,
        plan=await _plan(order),
        ratio_is_open=order.aspect_ratio is AspectRatio.ADAPTIVE and any(link.kind != "audio" for link in order.links),
    )


async def plan_of(order: Order) -> Plan:
    """What is understood of an order whose files nobody has looked at.

    Raises:
        TaskError: it takes too long to read the prompt.
    """
    return await plan(order, [Asset(kind=link.kind, number=link.number) for link in order.links], ())


async def _plan(order: Order) -> Plan:
    try:
        return await plan_of(order)
    except TaskError as error:
        raise InvalidRequest(problem=error.message) from None
