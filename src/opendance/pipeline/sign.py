"""Stage `sign`: the clip gets the manifest that says where it comes from."""

from __future__ import annotations

import asyncio
from typing import Any

from opendance.engines.registry import ENGINES
from opendance.media.mark import mark_of
from opendance.pipeline.context import StageContext
from opendance.pipeline.fetch import named_assets
from opendance.provenance.manifest import Origin, sign


async def run(context: StageContext) -> Any:
    """The number of bytes that the manifest takes."""
    engine = context.results["render"]["engine"]
    facts = ENGINES.get(engine)
    inputs = {"text": 1}
    for asset in named_assets(context.request):
        inputs[asset.kind] = inputs.get(asset.kind, 0) + 1
    origin = Origin(
        title=" ".join(context.request.prompt.split())[:80],
        engine=engine,
        model=context.request.model,
        learned=facts is None or facts.learned,
        inputs=inputs,
        created=context.task.created,
        mark=mark_of(context.task.id) if context.results["check"]["marked"] else None,
    )
    await asyncio.to_thread(sign, context.clip_path, context.signed_path, origin, context.credentials)
    return {"bytes": context.signed_path.stat().st_size - context.clip_path.stat().st_size}
