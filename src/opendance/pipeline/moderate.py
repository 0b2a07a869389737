"""Stages `moderate` and `screen`: whether what is asked for may be made, told before anything is fetched or drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opendance.pipeline.context import StageContext
from opendance.pipeline.probe import ASSETS
from opendance.safety import Decision


async def run(context: StageContext) -> Any:
    """Decide on the prompt.

    Raises:
        TaskError: it is refused.
    """
    request = context.request
    decision = await context.guard.prompt(request.prompt, filtered=request.content_filter)
    await settle(context, [decision])
    return {}


async def screen(context: StageContext) -> Any:
    """Decide on every picture, and on frames of every video.

    Raises:
        TaskError: the first one that is refused.
    """
    assets = [asset for asset in ASSETS.validate_python(context.results["probe"]) if asset.kind != "audio"]
    decisions: list[Decision] = []
    for done, asset in enumerate(assets, start=1):
        decision = await context.guard.file(
            f"{asset.kind}_urls[{asset.number - 1}]",
            Path(asset.path),
            is_video=asset.kind == "video",
            filtered=context.request.content_filter,
        )
        if decision is not None:
            decisions.append(decision)
            if not decision.allowed:
                break
        await context.on_progress(done / len(assets))
    await settle(context, decisions)
    return {}


async def settle(context: StageContext, decisions: list[Decision]) -> None:
    """Keep decisions in the journal and the audit log.

    Raises:
        TaskError: one of them refuses.
    """
    if decisions:
        await context.decided([decision.as_json() for decision in decisions])
    for decision in decisions:
        if not decision.allowed:
            raise decision.error()
