"""Settling: what a finished video costs, from what its stages found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from opendance.billing import charge_for
from opendance.credits import Charge
from opendance.pipeline.probe import ASSETS
from opendance.request import VideoGenerationRequest
from opendance.store.tasks import TaskRecord

_MILLISECOND = Decimal("0.001")


def charge_of(task: TaskRecord, results: dict[str, Any]) -> Charge:
    """What a completed task costs: measured seconds of video input, searches that ran.

    Args:
        results: the journal, by stage.
    """
    assets = ASSETS.validate_python(results.get("probe", []))
    measured = sum((Decimal(asset.seconds) for asset in assets if asset.kind == "video"), Decimal(0))
    return charge_for(
        VideoGenerationRequest.model_validate(task.request),
        input_seconds=measured.quantize(_MILLISECOND),
        searches=int(results.get("search", {}).get("searches", 0)),
        price_ratio=task.price_ratio,
    )
