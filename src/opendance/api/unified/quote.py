"""What a video would cost, in the words of the unified API; ours, for the source document has none."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from opendance.api.unified.task import VideoUsage
from opendance.credits import PriceLine
from opendance.order import Order
from opendance.pipeline.quote import Quote
from opendance.plan import Plan

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


class EstimateInfo(TypedDict):
    """Details of the video that would be made."""

    estimated_time: Annotated[int, Field(ge=0, description="Estimated seconds until completion.")]
    video_duration: Annotated[int, Field(description="Length of the video, s.")]


class EstimateUsage(VideoUsage):
    """What it would cost at most."""

    lines: Annotated[list[PriceLine], Field(description="What makes up `credits_reserved`.")]
    credits_available: Annotated[float, Field(description="What the key and its account have.")]
    sufficient: Annotated[bool, Field(description="Whether that is enough.")]


class VideoEstimate(TypedDict):
    """What a request would cost and how it is understood; nothing is created. The answer to `dry_run`."""

    object: Literal["video.generation.estimate"]
    model: str
    task_info: EstimateInfo
    usage: EstimateUsage
    plan: Annotated[
        dict[str, Any], Field(description="Shots, camera, light, subjects, sound, and the role of each asset.")
    ]


def quote_object(order: Order, quote: Quote, *, user_group: str) -> VideoEstimate:
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
