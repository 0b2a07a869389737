"""Frames at another rate and speed: a bar that wanders evenly still does."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from opendance.media.retiming import between, retimed


def bars(count: int, step: float) -> list[npt.NDArray[np.uint8]]:
    """A bright bar that wanders to the right by `step` px a frame."""
    places = np.arange(400)
    out = []
    for index in range(count):
        row = 40 + 190 * np.clip(1 - np.abs(places - 30 - step * index) / 12, 0, 1)
        frame = np.repeat(np.repeat(row[None, :, None], 96, 0), 3, 2).astype(np.uint8)
        out.append(cv2.GaussianBlur(frame, (5, 5), 0))
    return out


def place(frame: npt.NDArray[np.uint8]) -> float:
    return float(np.average(np.arange(400), weights=np.clip(frame[48, :, 0].astype(float) - 50, 0, None)))


@pytest.mark.parametrize(
    ("rate", "given", "asked", "step"),
    [
        (24, 120, 96, 2.0),  # too long: cut
        (16, 65, 96, 2.0),  # 16 frames a second: 3 px a frame are 2 at 24
        (30, 150, 120, 2.5),
        (24, 72, 120, 1.2),  # 3 s slowed to 5
        (16, 49, 96, 1.5),  # 3 s at 16 frames a second slowed to 4
        (24, 92, 96, None),  # a few more between them
    ],
)
def test_movement_stays_even_at_another_rate_and_speed(rate: float, given: int, asked: int, step: float | None) -> None:
    drawn = bars(given, {16: 3.0, 30: 2.0}.get(int(rate), 2.0))
    frames = list(retimed(drawn, num_given=given, frame_rate=rate, num_frames=asked))
    assert len(frames) == asked
    steps = np.diff([place(frame) for frame in frames[:-2]])
    assert steps.min() > 0, "no frame stands still"
    if step is not None:
        assert steps.mean() == pytest.approx(step, rel=0.06)
    if rate != 30:  # of which the nearest are taken
        assert steps.max() < 2 * steps.mean()


def test_between_two_shots_nothing_is_invented() -> None:
    dark, light = (np.full((96, 160, 3), value, np.uint8) for value in (20, 220))
    assert [int(between(dark, light, share).mean()) for share in (0.3, 0.7)] == [20, 220]
