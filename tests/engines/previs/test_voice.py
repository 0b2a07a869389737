from __future__ import annotations

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.synth import Wave
from opendance.engines.previs.sound.voice import mouth_of
from opendance.plan import Dialogue, Plan


class Ready:
    def __init__(self, wave: Wave) -> None:
        self._wave = wave

    def result(self) -> Wave:
        return self._wave


def plan(*lines: Dialogue) -> Plan:
    return Plan("", "en", 4.0, "16:9", "natural", "calm", (), lines)


def test_the_mouth_is_open_while_the_voice_is_loud() -> None:
    wave = np.zeros(4 * SAMPLE_RATE, np.float32)
    wave[SAMPLE_RATE : 2 * SAMPLE_RATE] = np.sin(np.arange(SAMPLE_RATE) * 0.05)
    mouth = mouth_of(plan(Dialogue("hello", "en")), Ready(wave))
    assert mouth is not None
    assert [mouth(t) for t in (0.5, 1.2, 1.8, 2.3, 9.0)] == [False, True, True, False, False]


def test_without_a_voice_the_mouth_moves_for_as_long_as_the_words_take() -> None:
    mouth = mouth_of(plan(Dialogue("good morning everybody", "en", start=1.0)), None)
    assert mouth is not None
    moving = [t for t in np.arange(0, 4, 1 / 24) if mouth(float(t))]
    assert 1.5 <= min(moving) < 1.8
    assert 2.5 < max(moving) < 3.4
    assert len(moving) < 0.9 * (max(moving) - min(moving)) * 24  # it also closes


def test_where_nothing_is_said_no_mouth_moves() -> None:
    assert mouth_of(plan(), None) is None
