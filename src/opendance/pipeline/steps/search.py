"""Facts of today for a prompt that needs them."""

from __future__ import annotations

import asyncio

from opendance.cancelling import all_done
from opendance.errors import TaskError
from opendance.prompt import detect_language
from opendance.safety import Guard
from opendance.search import Searched, Searcher


async def search(prompt: str, searcher: Searcher, guard: Guard, cancel: asyncio.Event) -> Searched:
    """How many searches ran, which, why, and what they gave. Nothing that goes wrong here fails the task.

    Raises:
        WorkCancelled: `cancel` was set.
    """

    async def allowed(fact: str) -> bool:
        try:
            return not (await guard.prompt(fact, filtered=True)).findings
        except TaskError:  # a classifier that must be asked does not answer
            return False

    (searched,) = await all_done([searcher.search(prompt, detect_language(prompt), allowed)], cancel)
    return searched
