"""Prices to credits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from opendance.catalog import CONTENT_FILTER_OFF_FACTOR, MAX_INPUT_SECONDS, PRICES
from opendance.request import VideoGenerationRequest

_SMALLEST = Decimal("0.0001")


def credits_to_reserve(request: VideoGenerationRequest) -> Decimal:
    """The most that this video can cost, in credits.

    Without video input: output seconds x unit. With it: (max(input seconds, output seconds) + output seconds) x unit,
    where the input's length, unknown before it is fetched, counts as its upper bound.
    """
    price = PRICES[request.catalog_model.tier][request.catalog_quality]
    if request.video_urls:
        seconds = max(MAX_INPUT_SECONDS, request.duration) + request.duration
        total = seconds * price.with_video_input
    else:
        total = request.duration * price.without_video_input
    if not request.content_filter:
        total *= CONTENT_FILTER_OFF_FACTOR
    return total.quantize(_SMALLEST, rounding=ROUND_HALF_UP)
