"""Stage `probe`: what each file really is, against the rules on media; engines get our own copies."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from opendance.asset import Asset
from opendance.catalog import PIXELS
from opendance.errors import TaskError
from opendance.media.examine import Examiner
from opendance.media.rules import check_total_seconds
from opendance.pipeline.context import StageContext, all_done
from opendance.pipeline.fetch import NamedAsset, named_assets

ASSETS: TypeAdapter[tuple[Asset, ...]] = TypeAdapter(tuple[Asset, ...])
_SUFFIX = {"image": ".png", "video": ".mp4", "audio": ".wav"}


async def run(context: StageContext) -> Any:
    """The assets, as JSON.

    Raises:
        TaskError: the first file that breaks a rule or is damaged: which, and what would be right.
        TaskCancelled: the task was cancelled.
    """
    named = named_assets(context.request)
    found: dict[NamedAsset, Asset] = {}
    upcoming = iter(named)
    workers = [
        asyncio.create_task(_examine_all(context, upcoming, found, len(named)))
        for _ in range(min(len(named), os.cpu_count() or 1))
    ]
    await all_done(workers, context)
    assets = tuple(found[asset] for asset in named)
    for kind in ("video", "audio"):
        check_total_seconds(kind, [asset.seconds for asset in assets if asset.kind == kind])
    return ASSETS.dump_python(assets, mode="json")


async def _examine_all(
    context: StageContext,
    upcoming: Iterator[NamedAsset],
    found: dict[NamedAsset, Asset],
    count: int,
) -> None:
    """One confined process; it takes the next file as long as there is one."""
    quality = context.request.catalog_quality
    most_pixels = max(width * height for sizes in PIXELS.values() for width, height in [sizes[quality]])
    examiner = Examiner()
    try:
        for named in upcoming:
            source = named.source(context.work_folder)
            target = context.work_folder / f"{named.kind}-{named.number}{_SUFFIX[named.kind]}"
            try:
                facts = await examiner.examine(named.kind, source, target, most_pixels=most_pixels)
            except TaskError as error:
                raise TaskError(error.code, f"{named.label}: {error.message}") from None
            sound = str(target.with_suffix(".wav")) if facts.get("has_audio") else None
            facts["notes"] = tuple(facts.get("notes", ()))
            found[named] = Asset(
                kind=named.kind,
                number=named.number,
                path=str(target),
                sound_path=sound,
                source_path=str(source),
                **facts,
            )
            await context.on_progress(len(found) / count)
    finally:
        await examiner.close()
