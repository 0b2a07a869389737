from __future__ import annotations

import numpy as np
import pytest

from opendance.engines.previs.seasons import is_seen, turn, with_falling
from opendance.plan import Camera, Season, Shot


def shot(season: Season | None, setting: str = "forest", **more: object) -> Shot:
    return Shot(0, 4, "", setting, "day", "clear", "medium", Camera(), season=season, **more)  # pyright: ignore[reportArgumentType]


def trees() -> np.ndarray:
    """Green leaves over a brown trunk before nothing."""
    rgba = np.zeros((60, 80, 4), np.uint8)
    rgba[5:40, 10:70] = (60, 120, 50, 255)
    rgba[40:58, 35:45] = (110, 80, 50, 255)
    return rgba


def test_leaves_turn_in_autumn_and_trunks_stay() -> None:
    before, after = trees(), trees()
    turn(after, "autumn", 60.0, 1)
    leaves = after[5:40, 10:70, :3].reshape(-1, 3).astype(int)
    assert (leaves[:, 0] > leaves[:, 1]).all()  # red before green
    assert len(np.unique(leaves // 16, axis=0)) > 2  # not all of one colour
    assert np.array_equal(after[40:58, 35:45], before[40:58, 35:45])
    assert np.array_equal(after[..., 3], before[..., 3])
    assert (after[..., :3] <= after[..., 3:]).all()


def test_snow_lies_on_leaves_and_on_all_of_the_ground() -> None:
    after = trees()
    turn(after, "winter", 60.0, 1)
    assert after[5:40, 10:70, :3].mean() > trees()[5:40, 10:70, :3].mean() + 40
    ground = np.full((20, 20, 4), (110, 90, 60, 255), np.uint8)
    turn(ground, "winter", 60.0, 1, ground=True)
    assert ground[..., :3].min() > 130


def test_spring_makes_green_younger() -> None:
    after = trees()
    turn(after, "spring", 60.0, 1, ground=True)
    assert after[20, 40, 1] > after[20, 40, 0] > 60


@pytest.mark.parametrize(
    ("given", "falling"),
    [(shot("autumn"), ("leaves",)), (shot("spring"), ("petals",)), (shot("winter"), ()), (shot("autumn", "room"), ()),
     (shot("autumn", particles=("embers",)), ("embers",)), (shot(None), ())],
)  # fmt: skip
def test_leaves_and_petals_fall_in_the_open_where_nothing_else_is_in_the_air(
    given: Shot, falling: tuple[str, ...]
) -> None:
    assert with_falling(given).particles == falling


def test_a_season_is_seen_outside_alone() -> None:
    assert is_seen(shot("winter"))
    assert not is_seen(shot("winter", "room"))
    assert not is_seen(shot("summer"))
