from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from opendance.api.unified.request import VideoGenerationRequest
from opendance.billing import most_it_can_cost
from tests.conftest import body


def price(**changes: Any) -> Decimal:
    return most_it_can_cost(VideoGenerationRequest.model_validate(body(**changes)).order()).credits


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize(
    ("model", "quality", "seconds", "credits_"),
    [
        ("seedance-2.0-text-to-video", "480p", 5, "31.255"),
        ("seedance-2.0-text-to-video", "720p", 5, "67.5"),
        ("seedance-2.0-text-to-video", "1080p", 4, "135"),
        ("seedance-2.0-fast-text-to-video", "720p", 15, "164.025"),
        ("seedance-2.0-mini-text-to-video", "480p", 4, "12.502"),
    ],
)
def test_the_price_is_seconds_times_the_unit(model: str, quality: str, seconds: int, credits_: str) -> None:
    assert price(model=model, quality=quality, duration=seconds) == Decimal(credits_)


def test_video_input_is_reserved_at_its_upper_bound() -> None:
    made = price(
        model="seedance-2.0-reference-to-video", quality="720p", duration=10, video_urls=["https://a.example/v"]
    )
    assert made == (15 + 10) * Decimal("8.222")


@pytest.mark.rule("OUT-07")
def test_without_the_content_filter_the_whole_costs_a_tenth_more() -> None:
    assert price(quality="720p", content_filter=False) == price(quality="720p") * Decimal("1.1")


@pytest.mark.rule("OUT-06")
def test_sound_costs_nothing() -> None:
    assert price(generate_audio=False) == price(generate_audio=True)
