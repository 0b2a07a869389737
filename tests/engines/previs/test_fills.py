from __future__ import annotations

import numpy as np
import pytest

from opendance.engines.previs.colour import Colour, from_oklab, mix, to_oklab
from opendance.engines.previs.fills import add_light, lay_ground, shade
from opendance.engines.previs.paint import Canvas, repeated


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("pair", [((0.1, 0.5, 0.9), (1.0, 0.2, 0.0)), ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))])
def test_one_colour_is_mixed_as_pictures_are(pair: tuple[Colour, Colour], share: float) -> None:
    first, second = to_oklab(np.array(pair, np.float32))
    assert mix(*pair, share) == pytest.approx(tuple(from_oklab(first * (1 - share) + second * share)), abs=1e-4)


def test_shade_darkens_and_never_outshines_its_alpha() -> None:
    rgba = np.array([[[100, 50, 10, 120], [100, 50, 10, 120]]], np.uint8)
    shade(rgba, np.array([[0.5, 2.0]], np.float32))
    assert rgba.tolist() == [[[50, 25, 5, 120], [120, 100, 20, 120]]]


def test_light_adds_colour_up_to_white_and_hides_nothing() -> None:
    rgba = np.full((1, 2, 4), 200, np.uint8)
    add_light(rgba, np.array([[0.0, 100.0]], np.float32), 1.0, 0.5, 0.0)
    assert rgba.tolist() == [[[200, 200, 200, 200], [255, 250, 200, 200]]]


def test_a_round_glow_falls_off_with_the_distance_alone() -> None:
    canvas = Canvas((-0.5, -0.5, 0.5, 0.5), 100)
    canvas.glow(0.0, 0.0, 0.15, (1.0, 1.0, 1.0), 0.8)
    red = canvas.rgba[..., 0].astype(int)
    assert red[50, 50] > 195
    assert abs(red[50, 62] - red[62, 50]) <= 1
    assert abs(red[50, 59] - red[57, 56]) <= 6  # 9.5 and 9.9 pixels away
    assert canvas.rgba[..., 3].max() == 0
    assert not red[:5].any()


def test_ground_repeats_its_pattern_mirrored_and_goes_into_the_air() -> None:
    rng = np.random.default_rng(1)
    pattern = rng.random((8, 8), dtype=np.float32)
    rgba = np.zeros((2, 60, 4), np.uint8)
    across, depth = np.arange(-30, 30, dtype=np.float32) + np.float32(0.5), np.array([1.0, 2.0], np.float32)
    colours, haze = np.full((2, 3), 0.5, np.float32), np.array([0.0, 1.0], np.float32)
    no_spots, dither = np.zeros((0, 0), np.float32), np.zeros(2, np.float32)
    air = np.array([0.2, 0.4, 0.6], np.float32)
    lay_ground(rgba, colours, across, depth, pattern, no_spots, 1.0, 0.2, haze, air, dither)
    fine = repeated(pattern, np.full(60, 1.0, np.float32), across) - 0.5
    broad = repeated(pattern, np.full(60, 1 / 7, np.float32), across / np.float32(7)) - 0.5
    expected = 0.5 * (1 + 2 * (fine * 0.2 + broad * 0.26)) * 255
    assert np.abs(rgba[0, :, 0] - np.clip(expected, 0, 255)).max() <= 1.01
    assert rgba[1, 0].tolist() == [51, 102, 153, 255]
