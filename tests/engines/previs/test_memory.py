from __future__ import annotations

import numpy as np

from opendance.engines.previs.lanes import pack, seen_box
from opendance.engines.previs.memory import Kept, give_back
from opendance.engines.previs.plates import Plate


def test_the_latest_results_are_kept_up_to_their_bytes() -> None:
    made: list[int] = []

    def make(size: int) -> bytes:
        made.append(size)
        return bytes(size)

    kept = Kept(make, len, 100)
    assert kept(40) is kept(40)
    kept(50)
    kept(40)
    kept(30)  # 120 in all: the 50, asked for longest ago, goes
    kept(40)
    kept(50)
    assert made == [40, 50, 30, 50]
    kept(400)  # larger than all that may be kept, and yet kept alone
    assert kept(400) == bytes(400)
    assert made[-1] == 400
    assert made.count(400) == 1
    kept.cache_clear()
    kept(40)
    assert made[-1] == 40


def test_freed_memory_can_be_given_back_anywhere() -> None:
    give_back()


def test_a_plate_is_cut_to_what_is_seen_and_stays_where_it_is() -> None:
    picture = np.zeros((100, 200, 4), np.uint8)
    picture[30:60, 80:120] = 255
    plate = Plate(pack(picture), -1.0, -0.5, 100.0, 1.0)
    cut = plate.cropped()
    assert cut.pixels.shape == (32, 42)
    assert (round(cut.left, 6), round(cut.top, 6)) == (-0.21, -0.21)
    assert np.count_nonzero(cut.pixels) == np.count_nonzero(plate.pixels)
    assert Plate(pack(picture), 0, 0, 100.0, 1.0, wave=(0.1, 0.2, 1.0)).cropped().pixels.shape == (100, 200)


def test_further_pictures_are_shown_as_they_are() -> None:
    pictures = [np.full((8, 9, 4), value, np.uint8) for value in (10, 20, 30)]
    plate = Plate(pack(pictures[0]), 0, 0, 10.0, 1.0, others=tuple(pictures[1:]), choose=lambda t: int(t))
    for t, picture in enumerate(pictures):
        assert np.array_equal(plate.picture(float(t)), pack(picture))
    assert np.shares_memory(plate.picture(2.2), pictures[2])  # nothing is copied


def test_the_box_holds_what_any_of_the_pictures_shows() -> None:
    first, second = np.zeros((2, 50, 60, 4), np.uint8)
    first[10, 20], second[30, 40] = 255, 255
    assert seen_box([first, second]) == (slice(9, 32), slice(19, 42))
    assert seen_box([np.zeros_like(first)]) == (slice(0, 50), slice(0, 60))
