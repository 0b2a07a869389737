"""What subjects are heard to do, in time with what is seen, and what effects sound like in numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.happenings import breaks_at
from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.sound.effects import EFFECTS, Effect, effect
from opendance.engines.previs.sound.work import WORK
from opendance.engines.previs.subject_sounds import LASTING, STROKES, sounds_of
from opendance.plan import Camera, Shot, Subject


def shot(seconds: float = 4.0) -> Shot:
    return Shot(0, seconds, "", "room", "day", "clear", "medium", Camera())


def heard(subject: Subject, acts: str | None = None, **options: object) -> list[tuple[str, float]]:
    return [(event.kind, round(event.at, 3)) for event in sounds_of(subject, shot(), acts, **options)]  # pyright: ignore[reportArgumentType]


MAN = Subject("👨", "man", "man")


def test_a_hammer_is_heard_when_it_is_down() -> None:
    """Up, down: three pictures each, eight a second."""
    assert heard(MAN, "hammer")[:3] == [("hammer", 0.375), ("hammer", 1.125), ("hammer", 1.875)]


def test_what_is_fried_sizzles_as_long_as_the_shot() -> None:
    assert heard(MAN, "stir_fry") == [("sizzle", 0.0)]


def test_a_door_does_not_open_twice_in_a_moment() -> None:
    times = [at for kind, at in heard(MAN, "open") if kind == "door"]
    assert times[0] < 0.1
    assert all(b - a >= 1.6 for a, b in pairwise(times))


def test_many_are_heard_to_talk_and_one_is_not() -> None:
    assert ("chatter", 0.0) in heard(Subject("👨", "man", "men", count=8), "stand")
    assert heard(MAN, "stand") == []


def test_what_happens_to_a_thing_is_heard() -> None:
    vase = Subject("🏺", "vase", "vase")
    assert heard(vase, happening="shatter") == [("glass", round(breaks_at(4.0), 3))]
    assert heard(Subject("🔔", "bell", "bell"), happening="swing")[0] == ("bell", 0.3)
    assert heard(vase, happening="swing") == []


@pytest.mark.parametrize("name", [*STROKES, *LASTING])
def test_every_action_that_is_heard_exists_and_has_the_poses(name: str) -> None:
    action = actions()[name]
    for kind, poses, strength in STROKES.get(name, ()):
        assert kind in EFFECTS
        assert all(0 <= pose < len(action.poses) for pose in poses)
        assert 0 < strength <= 1
    assert sounds_of(MAN, shot(), name)


def level_and_centre(kind: Effect) -> tuple[float, float, float]:
    """Loudest 50 ms, dBFS as it is mixed; peak; the middle of its spectrum, Hz."""
    wave = effect(kind, np.random.default_rng(3), 2.0)
    size = SAMPLE_RATE // 20
    blocks = np.pad(wave, (0, -len(wave) % size)).reshape(-1, size)
    loud = float(np.sqrt((blocks**2).mean(axis=1)).max())
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    return 20 * np.log10(0.2 * loud), float(np.abs(wave).max()), float((power * hertz).sum() / power.sum())


@pytest.mark.parametrize("kind", WORK)
def test_effects_of_work_are_as_loud_as_the_others(kind: Effect) -> None:
    """Mixed at 0.2, as steps (-24 dBFS), barks (-21), engines (-30) and thunder (-17) are."""
    level, peak, _ = level_and_centre(kind)
    assert -46 < level < -13
    assert peak < 3.5
    wave = effect(kind, np.random.default_rng(3), 0.3)
    assert np.isfinite(wave).all()
    assert len(wave) >= SAMPLE_RATE // 40


def test_effects_lie_where_such_sounds_do() -> None:
    centre = {kind: level_and_centre(kind)[2] for kind in WORK}
    assert max(centre["explosion"], centre["drum"], centre["punch"]) < 300 < centre["chop"] < centre["hammer"]
    assert centre["chatter"] < 1500 < centre["saw"] < centre["sizzle"]
    assert min(centre["glass"], centre["clang"], centre["sizzle"], centre["steam"]) > 2000


def test_the_same_seed_is_the_same_sound() -> None:
    for kind in WORK:
        first, again = (effect(kind, np.random.default_rng(7), 1.0) for _ in range(2))
        assert np.array_equal(first, again)
