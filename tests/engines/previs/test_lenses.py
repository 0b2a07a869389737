from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from opendance.engines.previs.camera import Pose
from opendance.engines.previs.lanes import lanes_of, pack
from opendance.engines.previs.lenses import LensEffect, blur_of, focal_of, through
from opendance.plan import Lens


def scale(pose: Pose, depth: float) -> float:
    return pose.zoom * depth / (depth - pose.dolly)


@pytest.mark.parametrize("lens", get_args(Lens))
def test_a_lens_keeps_the_size_of_the_subject(lens: Lens) -> None:
    path = through(lens, lambda share: Pose(dolly=0.2 * share))
    for share in (0.0, 0.5, 1.0):
        assert scale(path(share), 1.0) == pytest.approx(scale(Pose(dolly=0.2 * share), 1.0))


def test_long_lenses_bring_the_background_near_and_wide_ones_push_it_away() -> None:
    plain, long, wide = (
        scale(through(lens, lambda share: Pose())(0.0), 20.0) for lens in (None, "telephoto", "wide_angle")
    )
    assert wide < plain < long
    assert blur_of("wide_angle") < blur_of(None) < blur_of("macro")


def test_a_fisheye_bends_what_is_straight_and_leaves_the_middle() -> None:
    picture = np.zeros((90, 160, 4), np.uint8)
    picture[..., 3] = 255
    picture[:20] = 255
    frame = lanes_of(pack(picture))
    LensEffect("fisheye", (160, 90)).bend(frame)
    edge = [int(np.flatnonzero((frame[:, x] & np.uint64(255)) < 128)[0]) for x in (4, 80)]
    assert edge[1] < edge[0] - 3  # the line bulges outwards over the middle


def test_an_anamorphic_picture_has_bars_and_a_tilted_lens_one_sharp_band() -> None:
    rng = np.random.default_rng(1)
    planes = (
        rng.integers(16, 235, (180, 320), np.uint8), np.full((90, 160), 90, np.uint8), np.full((90, 160), 90, np.uint8),
    )  # fmt: skip
    soft = (planes[0].copy(), planes[1].copy(), planes[2].copy())
    LensEffect("tilt_shift", (320, 180)).finish(soft)
    rough = np.abs(np.diff(soft[0].astype(int), axis=1)).mean(axis=1)
    assert rough[5] < 0.3 * rough[110]
    LensEffect("anamorphic", (320, 180)).finish(planes)
    assert (planes[0][:20] == 16).all()
    assert (planes[1][:10] == 128).all()
    assert planes[0][90].max() > 200


def test_a_focal_length_in_millimetres_counts() -> None:
    short, usual, long = (focal_of(None, millimetres) for millimetres in (24, 40, 85))
    assert short < usual == 1.0 < long
    assert blur_of(None, 24) < blur_of(None, 85)
