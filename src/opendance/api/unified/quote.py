"""What a video would cost, in the words of the unified API; ours, for the source document has none."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from opendance.order import Order
from opendance.pipeline.quote import Quote
from opendance.plan import Plan

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


def quote_object(order: Order, quote: Quote, *, user_group: str) -> dict[str, Any]:
    """The quote as JSON."""
    plan = _PLAN.dump_python(quote.plan, mode="json")
    return {
        "object": "video.generation.estimate",
        "model": order.model,
        "task_info": {"estimated_time": quote.seconds, "video_duration": order.duration},
        "usage": {
            "billing_rule": "per_second",
            "credits_reserved": float(quote.charge.credits),
            "user_group": user_group,
            "lines": quote.charge.as_json(),
            "credits_available": float(quote.available),
            "sufficient": quote.is_sufficient,
        },
        "plan": plan | ({"aspect_ratio": "adaptive"} if quote.ratio_is_open else {}),
    }
