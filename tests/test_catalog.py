from __future__ import annotations

import pytest

from opendance.catalog import MODELS, PIXELS, AspectRatio, Mode, Quality, Tier, pixels_for

# The table of the parameter guide, written once more by hand.
TABLE = """
16:9 864x496 1280x720 1920x1080
4:3 752x560 1112x834 1664x1248
1:1 640x640 960x960 1440x1440
3:4 560x752 834x1112 1248x1664
9:16 496x864 720x1280 1080x1920
21:9 992x432 1470x630 2206x946
"""


def test_MO_01_there_are_nine_models_of_three_modes_and_three_tiers() -> None:
    assert len(MODELS) == 9
    assert {(m.mode, m.tier) for m in MODELS.values()} == {(mode, tier) for mode in Mode for tier in Tier}
    assert MODELS["seedance-2.0-fast-image-to-video"].tier is Tier.FAST


def test_OUT_04_the_pixels_are_those_of_the_table() -> None:
    lines = [line.split() for line in TABLE.strip().splitlines()]
    expected = {
        (ratio, quality): tuple(int(n) for n in size.split("x"))
        for ratio, *sizes in lines
        for quality, size in zip(("480p", "720p", "1080p"), sizes, strict=True)
    }
    made = {(ratio.value, q.value): PIXELS[ratio][q] for ratio in PIXELS for q in Quality}
    assert made == expected


def test_adaptive_has_no_pixels_of_its_own() -> None:
    with pytest.raises(ValueError, match="adaptive"):
        pixels_for(AspectRatio.ADAPTIVE, Quality.P720)
