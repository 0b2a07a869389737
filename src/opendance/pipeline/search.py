"""Stage `search`: facts of today for a prompt that needs them, where the request wants it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from opendance.errors import TaskError
from opendance.pipeline.context import StageContext, all_done
from opendance.prompt import detect_language


async def run(context: StageContext) -> Any:
    """How many searches ran, which, why, and what they gave. Nothing that goes wrong here fails the task.

    Raises:
        TaskCancelled: the task was cancelled.
    """
    prompt = context.request.prompt

    async def allowed(fact: str) -> bool:
        try:
            return not (await context.guard.prompt(fact, filtered=True)).findings
        except TaskError:  # a classifier that must be asked does not answer
            return False

    searching = asyncio.create_task(context.searcher.search(prompt, detect_language(prompt), allowed))
    (found,) = await all_done([searching], context)
    return asdict(found)
