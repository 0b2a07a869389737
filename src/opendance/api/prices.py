"""`GET /web/api/models/pricing`: what videos cost, for programs that show prices before they ask for one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.openapi import WITHOUT_KEY
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS, PRICES, Model
from opendance.errors import InvalidRequest

router = APIRouter(tags=["Models"])
CREDITS_A_DOLLAR = 68  # as the hosted platform sells them


class PriceRange(TypedDict):
    """The least and the most that a second of video costs."""

    min_usd: float
    max_usd: float


class ModelPrice(TypedDict):
    """What videos of a model cost."""

    sku_id: str
    sku_name: str
    model_name: str
    model_type: Literal["video"]
    billing_rule: Literal["per_second"]
    price_range: PriceRange
    resolution_multipliers: Annotated[
        dict[str, float], Field(description="What each quality costs, in prices of the least one.")
    ]
    routing_note: str


class PriceList(TypedDict):
    """What videos of each model cost, before the price of a group."""

    success: Literal[True]
    data: list[ModelPrice]


@router.get(
    "/web/api/models/pricing",
    operation_id="listPrices",
    summary="What videos cost",
    responses=error_responses(InvalidRequest),
    openapi_extra=WITHOUT_KEY,
)
async def read_prices() -> PriceList:
    """List prices in US dollars, at 68 credits a dollar; no key is needed. `dry_run` tells what one video costs you."""
    return {"success": True, "data": [_price(model) for model in MODELS.values()]}


def _price(model: Model) -> ModelPrice:
    prices = PRICES[model.tier]
    takes_videos = model.media_limits.videos[1] > 0
    seconds = [price.without_video_input for price in prices.values()]
    seconds += [price.with_video_input for price in prices.values()] if takes_videos else []
    least = min(price.without_video_input for price in prices.values())
    return {
        "sku_id": model.id,
        "sku_name": model.id,
        "model_name": model.id,
        "model_type": "video",
        "billing_rule": "per_second",
        "price_range": {"min_usd": _dollars(min(seconds)), "max_usd": _dollars(max(seconds))},
        "resolution_multipliers": {
            quality.value: round(float(price.without_video_input / least), 4) for quality, price in prices.items()
        },
        "routing_note": "Seconds of video input are charged too, at the lower price." if takes_videos else "",
    }


def _dollars(credits_: Decimal) -> float:
    return round(float(credits_ / CREDITS_A_DOLLAR), 6)
