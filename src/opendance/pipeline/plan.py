"""Stage `plan`: what the prompt asks for."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import TypeAdapter

from opendance.pipeline.context import StageContext
from opendance.pipeline.probe import ASSETS
from opendance.plan import Fact, Plan
from opendance.prompt import plan_prompt

PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
FACTS: TypeAdapter[tuple[Fact, ...]] = TypeAdapter(tuple[Fact, ...])


async def run(context: StageContext) -> Any:
    """The plan, as JSON."""
    request = context.request
    plan = await asyncio.to_thread(
        plan_prompt,
        request.prompt,
        seconds=request.duration,
        aspect_ratio=request.aspect_ratio,
        mode=request.catalog_model.mode,
        assets=ASSETS.validate_python(context.results.get("probe", [])),
        facts=FACTS.validate_python(context.results.get("search", {}).get("facts", [])),
    )
    return PLAN.dump_python(plan, mode="json")
