"""What a refusal says to programs: the page has words of its own for each, in four languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction

import pytest

from opendance.errors import BrokenRule, TaskError
from opendance.media.rules import check_frame_rate, check_seconds, check_shape, check_video_pixels


@pytest.mark.parametrize(
    ("check", "rule"),
    [
        (lambda: check_shape(299, 400), ("image_side", {"width": 299, "height": 400, "least": 300, "most": 6000})),
        (lambda: check_shape(1000, 300), ("image_ratio", {"width": 1000, "height": 300, "least": 0.4, "most": 2.5})),
        (lambda: check_video_pixels(600, 600), ("video_pixels", {"pixels": 360_000, "least": 409_600, "most": 2_086_876})),
        (lambda: check_frame_rate(Fraction(15)), ("video_frame_rate", {"fps": 15.0, "least": 24, "most": 60})),
        (lambda: check_seconds("video", 1.5), ("video_length", {"seconds": 1.5, "least": 2, "most": 15})),
        (lambda: check_seconds("audio", 16.126), ("audio_length", {"seconds": 16.13, "least": 2, "most": 15})),
    ],
)  # fmt: skip
def test_a_broken_rule_is_told_in_numbers_that_json_can_carry(
    check: Callable[[], None], rule: tuple[str, dict[str, float]]
) -> None:
    with pytest.raises(TaskError) as refused:
        check()
    assert refused.value.rule == BrokenRule(*rule)
    assert json.loads(json.dumps(asdict(BrokenRule(*rule)))) == {"code": rule[0], "params": rule[1]}
