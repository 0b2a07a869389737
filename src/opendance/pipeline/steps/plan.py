"""What the prompt asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from opendance.asset import Asset
from opendance.order import Order
from opendance.plan import Fact, Plan
from opendance.prompt import plan_prompt


async def plan(order: Order, assets: Sequence[Asset], facts: Sequence[Fact]) -> Plan:
    """The plan of an order.

    Args:
        assets: what its links lead to; where they have not been fetched, of their kinds and numbers alone.
        facts: of the web.
    """
    return await asyncio.to_thread(
        plan_prompt,
        order.prompt,
        seconds=order.duration,
        aspect_ratio=order.aspect_ratio,
        mode=order.catalog_model.mode,
        assets=tuple(assets),
        facts=tuple(facts),
    )
