"""What the prompt asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from opendance.aside import LONG_PROMPT, TOO_LONG_TO_READ, TookTooLong, run_aside
from opendance.asset import Asset
from opendance.errors import TaskError
from opendance.order import Order
from opendance.plan import Fact, Plan
from opendance.prompt import plan_prompt


async def plan(order: Order, assets: Sequence[Asset], facts: Sequence[Fact]) -> Plan:
    """The plan of an order.

    Args:
        assets: what its links lead to; where they have not been fetched, of their kinds and numbers alone.
        facts: of the web.

    Raises:
        TaskError: it takes too long to read the prompt.
    """
    read = partial(
        plan_prompt,
        order.prompt,
        seconds=order.duration,
        aspect_ratio=order.aspect_ratio,
        mode=order.catalog_model.mode,
        assets=tuple(assets),
        facts=tuple(facts),
    )
    if len(order.prompt) <= LONG_PROMPT:
        return await asyncio.to_thread(read)
    try:
        return await run_aside(read)
    except TookTooLong:
        raise TaskError("invalid_parameters", TOO_LONG_TO_READ) from None
