"""Footage in which something is changed: there, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from opendance.engines.previs.photo.footage import EditedFootage, Footage, Reel
from opendance.engines.previs.photo.grading import Grader, Grading, gradings_for
from opendance.engines.previs.photo.keying import KeyedFootage
from opendance.engines.previs.photo.recolouring import RecolouredFootage
from opendance.plan import Camera, Hour, Shot, Weather
from tests.engines.previs.nets import needs_nets

Bytes = npt.NDArray[np.uint8]
SIZE, FRAMES = (320, 180), 25


def drawn(index: int) -> tuple[Bytes, npt.NDArray[np.bool_]]:
    """A red ball that goes to the right before a wall in greys and greens; and where it is."""
    wall = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 255, (180, 320), np.uint8), (0, 0), 6)
    wall = cv2.normalize(wall, np.empty_like(wall), 90, 170, cv2.NORM_MINMAX)
    picture = np.dstack([wall, np.minimum(wall + 20, 255), wall]).astype(np.uint8)
    centre = (90 + 4 * index, 95)
    cv2.circle(picture, centre, 38, (205, 40, 36), -1)
    cv2.circle(picture, (centre[0] - 10, centre[1] - 12), 12, (235, 110, 100), -1)
    inside = np.zeros((180, 320), np.uint8)
    cv2.circle(inside, centre, 38, 1, -1)
    return picture, inside > 0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "ball.mp4"
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=24, options={"crf": "6", "g": "1"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p"
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(drawn(index)[0], format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def reel(clip: Path) -> Reel:
    return Reel(clip, SIZE, FRAMES)


def shot(hour: Hour = "day", weather: Weather = "clear") -> Shot:
    return Shot(
        start=0, end=1, text="", setting="field", hour=hour, weather=weather, size="medium",
        camera=Camera("static"), subjects=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "weather", "is_changed"),
    [
        ("night", None, lambda before, after: after.mean() < 0.5 * before.mean()),
        ("golden", None, lambda before, after: after[..., 0].mean() - after[..., 2].mean() > 25),
        ("day", "fog", lambda before, after: after.std() < 0.6 * before.std()),
        ("day", "storm", lambda before, after: after.mean() < 0.75 * before.mean()),
    ],
)
def test_light_and_weather_change_the_picture_and_leave_what_moves(
    clip: Path, hour: Hour, weather: Weather | None, is_changed: Callable[[Bytes, Bytes], bool]
) -> None:
    gradings = gradings_for(shot(hour, weather or "clear"), hour=hour != "day", weather=weather is not None)
    grader = Grader(gradings, np.linspace(1, 0, 90, dtype=np.float32)[:, None].repeat(160, axis=1))
    for index in (0, 12, 24):
        before = Footage(reel(clip)).picture(index / 24)
        after = grader.apply(before)
        assert is_changed(before, after)
        inside = drawn(index)[1]
        red = after[..., 0].astype(int) - after[..., 1]
        assert red[inside].mean() > red[~inside].mean() + 12, "the ball is where it was"


def test_what_names_neither_hour_nor_weather_has_no_grading() -> None:
    assert gradings_for(shot("night", "rain"), hour=False, weather=False) == ()


def test_no_grading_leaves_every_pixel_as_it_is() -> None:
    picture = drawn(0)[0]
    assert np.abs(Grader((Grading(),), np.zeros((9, 16), np.float32)).apply(picture).astype(int) - picture).max() <= 1


def test_a_thing_gets_another_colour_and_its_surroundings_keep_theirs(clip: Path) -> None:
    footage = RecolouredFootage(reel(clip), clip, SIZE, (0.14, 0.40, 0.88), FRAMES)
    for index in (0, 12, 24):
        before, after = Footage(reel(clip)).picture(index / 24), footage.picture(index / 24)
        inside = drawn(index)[1]
        core = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        far = cv2.dilate(inside.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
        assert after[core].mean(axis=0)[2] > after[core].mean(axis=0)[0] + 60, "blue"
        assert np.abs(after[far].astype(int) - before[far]).mean() < 0.5
        shine = after.astype(int).sum(axis=2)
        assert shine[83 - 4 : 83 + 4, 80 + 4 * index - 4 : 80 + 4 * index + 4].mean() > shine[core].mean() + 40, (
            "shades"
        )


def test_a_thing_is_removed_and_its_surroundings_stay(clip: Path) -> None:
    footage = EditedFootage(reel(clip), clip, SIZE, None, FRAMES)
    for index in (0, 12, 24):
        before, after = Footage(reel(clip)).picture(index / 24), footage.picture(index / 24)
        inside = drawn(index)[1]
        far = cv2.dilate(inside.astype(np.uint8), np.ones((35, 35), np.uint8)) == 0
        red = after[..., 0].astype(int) - after[..., 1]
        assert (red[inside] > 60).mean() < 0.05
        assert np.abs(after[far].astype(int) - before[far]).mean() < 0.5


@needs_nets
def test_a_thing_stands_before_another_background(clip: Path) -> None:
    behind = np.full((*SIZE[::-1], 3), (20, 60, 220), np.uint8)
    footage = KeyedFootage(reel(clip), clip, SIZE, behind, FRAMES)
    for index in (0, 6, 24):
        before, after = Footage(reel(clip)).picture(index / 24), footage.picture(index / 24)
        inside = drawn(index)[1]
        core = cv2.erode(inside.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
        far = cv2.dilate(inside.astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
        assert np.abs(after[core].astype(int) - before[core]).mean() < 6
        assert np.abs(after[far].astype(int) - (20, 60, 220)).mean() < 6
