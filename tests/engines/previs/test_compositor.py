from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from opendance.engines.previs.compositor import SPAN, blend_plate, covers_of, hide
from opendance.engines.previs.lanes import Packed, lanes_of, pack

_WIDTH, _HEIGHT = 150, 40  # no multiple of a span


def _patchwork(rng: np.random.Generator) -> Packed:
    """A picture of solid, empty and translucent patches, premultiplied."""
    alpha = np.repeat(rng.choice([0, 255, 255, 90], (60, 4)), 51, axis=1).astype(np.uint16)
    rgb = rng.integers(0, 256, (60, 204, 3)) * alpha[..., None] // 255
    return pack(np.concatenate([rgb, alpha[..., None]], -1).astype(np.uint8))


def _rows(rng: np.random.Generator, turned: float) -> npt.NDArray[np.float32]:
    table = np.empty((_HEIGHT, 4), np.float32)
    table[:, 0] = rng.uniform(-30, 30)
    table[:, 1] = rng.uniform(0.6, 1.4) * rng.choice([1, 1, -1])
    if table[0, 1] < 0:
        table[:, 0] += 170
    table[:, 2] = rng.uniform(-5, 5) + np.arange(_HEIGHT) * rng.uniform(0.7, 1.3)
    table[:, 3] = turned
    return table


def test_covers_say_what_is_solid_and_what_is_empty_with_the_column_after() -> None:
    picture = np.zeros((1, 48, 4), np.uint8)
    picture[0, :33] = 255
    assert covers_of(pack(picture)).tolist() == [[1, 1, 3]]
    picture[0, 32] = 0
    assert covers_of(pack(picture)).tolist() == [[1, 3, 2]]


@pytest.mark.parametrize("seed", range(12))
def test_leaving_out_what_is_hidden_or_empty_changes_no_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plates = [(_patchwork(rng), _rows(rng, turned)) for turned in (0.0, 0.15, 0.0, 0.0, -0.1, 0.0)]
    whole = np.zeros((_HEIGHT, _WIDTH), np.uint64)
    nothing = np.zeros((_HEIGHT, -(-_WIDTH // SPAN)), np.uint8)
    for picture, rows in plates:
        blend_plate(whole, picture, np.full_like(covers_of(picture), 3), rows, nothing, 256, False)
    hidden, skips = nothing.copy(), list[npt.NDArray[np.uint8]]()
    for picture, rows in reversed(plates):
        skips.append(hidden.copy())
        hide(hidden, covers_of(picture), picture.shape[1], rows, _WIDTH)
    assert 0 < hidden.mean() < 1
    frame = np.full_like(whole, 7)  # what an earlier frame has left there
    frame[~hidden.all(axis=1)] = 0
    for (picture, rows), skip in zip(plates, reversed(skips), strict=True):
        blend_plate(frame, picture, covers_of(picture), rows, skip, 256, False)
    assert np.array_equal(frame, whole)


def test_a_plate_that_stands_as_it_was_drawn_is_laid_over_as_it_is() -> None:
    rng = np.random.default_rng(3)
    picture = _patchwork(rng)
    frame = np.full((_HEIGHT, _WIDTH), 0x00FF006400640064, np.uint64)
    rows = np.zeros((_HEIGHT, 4), np.float32)
    rows[:, 1], rows[:, 2] = 1.0, np.arange(_HEIGHT)
    before = frame.copy()
    skip = np.zeros((_HEIGHT, -(-_WIDTH // SPAN)), np.uint8)
    blend_plate(frame, picture, covers_of(picture), rows, skip, 256, False)
    over = lanes_of(picture)[:_HEIGHT, :_WIDTH]
    alpha = over >> np.uint64(48)
    assert np.array_equal(frame[alpha == 255], over[alpha == 255])
    assert np.array_equal(frame[alpha == 0], before[alpha == 0])
    between = alpha == 90
    red = (over & np.uint64(255)) + ((np.uint64(100) * (np.uint64(256) - np.uint64(90))) >> np.uint64(8))
    assert np.array_equal(frame[between] & np.uint64(255), red[between])
