"""Holes in photographs, filled from around them."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from opendance.engines.previs.photo.depth import filled, inpainted


def detail(picture: np.ndarray, hole: np.ndarray) -> float:
    return float(np.abs(np.diff(picture[..., 1].astype(float), axis=1))[hole[:, 1:]].mean())


@pytest.mark.parametrize("name", ["brick", "gravel", "grass"])
def test_a_hole_in_a_texture_has_as_much_of_it_as_the_rest(name: str) -> None:
    picture = np.ascontiguousarray(np.repeat(getattr(data, name)()[:300, :400, None], 3, axis=2))
    hole = np.zeros(picture.shape[:2], bool)
    hole[90:210, 130:250] = True
    damaged = np.where(hole[..., None], np.uint8(0), picture)
    out = inpainted(damaged, hole)
    assert (out[~hole] == picture[~hole]).all()
    smooth = filled(damaged.astype(np.float32), hole)
    assert detail(smooth, hole) < 0.2 * detail(picture, hole), "else this test would say nothing"
    assert detail(out, hole) > 0.4 * detail(picture, hole)
    assert (out == inpainted(damaged, hole)).all(), "the same each time"


def test_a_slow_change_of_colour_goes_on_through_a_hole() -> None:
    sky = np.repeat(np.linspace(80, 230, 360)[:, None, None], 640, axis=1).repeat(3, axis=2).astype(np.uint8)
    hole = np.zeros(sky.shape[:2], bool)
    hole[120:260, 250:400] = True
    out = inpainted(np.where(hole[..., None], np.uint8(0), sky), hole)
    assert np.abs(out.astype(int) - sky).max() < 12


def test_a_hole_with_nearly_nothing_around_it_is_filled_all_the_same() -> None:
    picture = np.full((60, 80, 3), 120, np.uint8)
    hole = np.ones((60, 80), bool)
    hole[:4] = False
    assert np.abs(inpainted(np.where(hole[..., None], np.uint8(0), picture), hole).astype(int) - 120).max() <= 1
