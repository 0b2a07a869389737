"""What each file really is, against the rules on media; engines get our own copies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from opendance.asset import Asset
from opendance.cancelling import all_done
from opendance.catalog import PIXELS, Quality
from opendance.errors import TaskError
from opendance.media.budget import num_places
from opendance.media.examine import Examiner
from opendance.media.rules import check_total_seconds
from opendance.order import Link
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import PROBING, Journal
from opendance.pipeline.step import Report

_MOST_BEGUN = 2


@asynccontextmanager
async def counted(journal: Journal) -> AsyncGenerator[None]:
    """Around a look at files: where two did not come to an end, because this process did, there is no third.

    Files that take a machine's memory would otherwise take it from worker after worker.

    Raises:
        TaskError: this would be the third.
        TakenOver: the task is in other hands.
    """
    begun = journal.get(PROBING)
    if begun >= _MOST_BEGUN:
        raise TaskError("service_error", f"the server stopped {begun} times while it opened the files of this task")
    await journal.put(PROBING, begun + 1)
    try:
        yield
    finally:
        await journal.forget([PROBING])


async def probe(
    links: Sequence[Link], quality: Quality, folder: Folder, report: Report, cancel: asyncio.Event
) -> tuple[Asset, ...]:
    """The assets, in the order of their links.

    Args:
        quality: of the finished video; copies need no more pixels.

    Raises:
        TaskError: the first file that breaks a rule or is damaged: which, and what would be right.
        WorkCancelled: `cancel` was set.
    """
    assets: dict[Link, Asset] = {}
    upcoming = iter(links)
    most_pixels = max(width * height for sizes in PIXELS.values() for width, height in [sizes[quality]])

    async def examine_some() -> None:
        """One confined process; it takes the next file as long as there is one."""
        examiner = Examiner()
        try:
            for link in upcoming:
                assets[link] = await _examine(examiner, link, folder, most_pixels)
                await report(len(assets) / len(links))
        finally:
            await examiner.close()

    await all_done([examine_some() for _ in range(min(len(links), num_places()))], cancel)
    in_order = tuple(assets[link] for link in links)
    for kind in ("video", "audio"):
        check_total_seconds(kind, [asset.seconds for asset in in_order if asset.kind == kind])
    return in_order


async def _examine(examiner: Examiner, link: Link, folder: Folder, most_pixels: int) -> Asset:
    source, copy = folder.source(link), folder.copy(link)
    try:
        return await examiner.asset(link.kind, link.number, source, copy, most_pixels=most_pixels)
    except TaskError as error:
        raise TaskError(error.code, f"{link.label}: {error.message}") from None
