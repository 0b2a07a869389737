from __future__ import annotations

import numpy as np
import pytest

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.emissions import pieces
from opendance.engines.previs.happenings import HAPPENINGS, breaks_at, happen, happening_of, happening_to
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.plates import Placement, Plate
from opendance.plan import Camera, Shot, Subject


@pytest.mark.parametrize("name", HAPPENINGS)
def test_what_happens_is_finite_at_every_moment(name: str) -> None:
    motion = happen(name, height=0.3, aspect=1.78, seconds=4.0, phase=0.3)  # pyright: ignore[reportArgumentType]
    for t in np.linspace(0, 4, 33):
        at = motion(float(t))
        assert np.isfinite([at.x, at.y, at.angle, at.shear]).all()
        assert min(at.scale_x, at.scale_y) > 0
        assert -1e-6 <= at.opacity <= 1 + 1e-6


def test_lemmas_name_what_happens_to_whom() -> None:
    assert happening_of("burst", is_alive=False) == "explode"
    assert happening_of("take off", is_alive=False) == "take_off"
    assert happening_of("roll", is_alive=True) is None  # people and animals act it
    assert happening_of("vanish", is_alive=True) == "vanish"
    assert happening_to("break") == "shatter"
    assert happening_to("land") is None


def test_pieces_are_together_what_broke_and_are_seen_from_then_on() -> None:
    picture = np.zeros((40, 30, 4), np.uint8)
    picture[4:36, 3:27] = (90, 120, 60, 255)
    whole = Plate(pack(picture), -0.15, -0.2, 200.0, 1.0)
    spot = Spot(0.0, 0.0, 0.2, 1.0)
    parts = pieces(whole, spot, lambda t: Placement(), seconds=4.0, bursts=False)
    assert sum(int((part.pixels > 0).sum()) for part in parts) == int((whole.pixels > 0).sum())
    begin = breaks_at(4.0)
    for part in parts:
        assert part.motion is not None
        assert not part.motion(begin - 0.1).visible
        assert part.motion(begin).visible
        assert part.motion(3.9).y > part.motion(begin).y - 1e-6  # it fell


def test_what_somebody_breaks_shatters() -> None:
    subjects = (Subject("👨", "man", "man", verb="break", object=1), Subject("🏺", "vase", "vase", drawing="🏺"))
    shot = Shot(0, 4, "", "room", "day", "clear", "medium", Camera(), subjects)
    assert [mark.happening for mark in marks_of(shot, 0, {})] == [None, "shatter"]
