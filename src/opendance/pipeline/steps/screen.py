"""Whether the pictures and videos may be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from opendance.asset import Asset
from opendance.order import Link
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.step import Report
from opendance.pipeline.steps.moderate import Passed
from opendance.safety import Decision, Guard


async def screen(
    links: Sequence[Link],
    assets: Sequence[Asset],
    guard: Guard,
    decisions: Decisions,
    report: Report,
    *,
    filtered: bool,
) -> Passed:
    """Decide on every picture, and on frames of every video; the first that is refused is the last looked at.

    Args:
        links: what the assets came by, for their places in the request.
        filtered: whether the content filter is on.

    Raises:
        TaskError: one is refused.
    """
    places = {(link.kind, link.number): link.place for link in links}
    seen = [asset for asset in assets if asset.kind != "audio"]
    made: list[Decision] = []
    for done, asset in enumerate(seen, start=1):
        place = places[asset.kind, asset.number]
        decision = await guard.file(place, Path(asset.path), is_video=asset.kind == "video", filtered=filtered)
        if decision is not None:
            made.append(decision)
            if not decision.allowed:
                break
        await report(done / len(seen))
    decisions.keep(made)
    return Passed()
