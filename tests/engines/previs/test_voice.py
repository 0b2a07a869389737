"""Who speaks, when, how, and with which mouth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.mouths import mouths_of
from opendance.engines.previs.sound import voice
from opendance.engines.previs.sound.speech import speaking as speech
from opendance.engines.previs.sound.speech.manner import in_manner, levelled, resampled, trimmed
from opendance.engines.previs.sound.speech.speaking import net_for, speak
from opendance.engines.previs.sound.speech.voices import Character, Voice, hibaris_voice_for, voice_for
from opendance.engines.previs.sound.synth import Wave
from opendance.engines.previs.sound.voice import LineSpan, Mouth, Spoken, character_of, mouth_of, spoken
from opendance.packing.voices import VOICES
from opendance.plan import Dialogue, Language, Manner, Plan
from opendance.prompt import plan_prompt


class Ready:
    def __init__(self, wave: Wave, *spans: LineSpan) -> None:
        self._spoken = Spoken(wave, spans)

    def result(self) -> Spoken:
        return self._spoken


def plan(*lines: Dialogue) -> Plan:
    return Plan("", "en", 4.0, "16:9", "natural", "calm", (), lines)


def characters(prompt: str, seed: int = 0) -> list[Character]:
    made = plan_prompt(prompt, seconds=6, aspect_ratio="16:9")
    return [character_of(made, line, seed) for line in made.dialogue]


def test_the_mouth_is_open_while_the_voice_is_loud() -> None:
    wave = np.zeros(4 * SAMPLE_RATE, np.float32)
    wave[SAMPLE_RATE : 2 * SAMPLE_RATE] = np.sin(np.arange(SAMPLE_RATE) * 0.05)
    mouth = mouth_of(plan(Dialogue("hello", "en")), Ready(wave, LineSpan(0.9, 2.1, 0)))
    assert mouth is not None
    assert [mouth.is_open(t, {0}) for t in (0.5, 1.2, 1.8, 2.3, 9.0)] == [False, True, True, False, False]


def test_each_moves_the_mouth_at_its_own_lines() -> None:
    wave = np.tile(np.sin(np.arange(SAMPLE_RATE) * 0.05), 4).astype(np.float32)
    lines = (Dialogue("hello", "en", speaker=0), Dialogue("good day", "en", speaker=1))
    mouth = mouth_of(plan(*lines), Ready(wave, LineSpan(0.5, 1.5, 0), LineSpan(2.0, 3.0, 1)))
    assert mouth is not None
    assert [(mouth.is_open(t, {0}), mouth.is_open(t, {1})) for t in (1.0, 1.8, 2.5)] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip


def test_without_a_voice_the_mouth_moves_for_as_long_as_the_words_take() -> None:
    mouth = mouth_of(plan(Dialogue("good morning everybody", "en", start=1.0)), None)
    assert mouth is not None
    moving = [t for t in np.arange(0, 4, 1 / 24) if mouth.is_open(float(t), {0})]
    assert 1.5 <= min(moving) < 1.8
    assert 2.5 < max(moving) < 3.4
    assert len(moving) < 0.9 * (max(moving) - min(moving)) * 24  # it also closes


def test_where_nothing_is_said_no_mouth_moves() -> None:
    assert mouth_of(plan(), None) is None
    assert mouth_of(plan(Dialogue("long ago", "en", manners=("narration",))), None) is None


def test_a_voice_is_as_old_and_of_the_gender_that_is_seen() -> None:
    said = ' says "hello"'
    assert characters("A woman" + said) == [Character("woman")]
    assert characters("An old man" + said) == [Character("man", "elderly")]
    assert characters("A little girl" + said) == [Character("woman", "child")]
    assert characters("A robot" + said)[0].kind == "robot"
    assert characters("A cat" + said)[0].kind == "creature"
    assert characters('A castle. Narrator: "long ago"') == [Character(kind="narrator")]


def test_who_is_drawn_as_a_woman_by_the_seed_has_a_womans_voice() -> None:
    genders = {seed: characters('A doctor says "hello"', seed)[0].gender for seed in range(12)}
    assert set(genders.values()) == {"woman", "man"}
    assert genders == {seed: characters('A doctor says "hello"', seed)[0].gender for seed in range(12)}


def test_two_of_one_gender_have_two_voices() -> None:
    first, second = characters('A nurse woman says "hello". A queen says "good day".')
    assert first.gender == second.gender == "woman"
    assert voice_for(first, "en") != voice_for(second, "en")


@pytest.mark.parametrize("language", ["en", "zh", "ja", "ko"])
def test_every_voice_is_packed(language: Language) -> None:
    for gender in ("woman", "man"):
        for age in ("child", "teen", "adult", "elderly"):
            for kind in ("person", "robot", "creature", "narrator"):
                for number in range(4):
                    voice = voice_for(Character(gender, age, kind, number), language)
                    assert voice.name in VOICES
                    assert 0.5 <= voice.speed / voice.pitch <= 2


def test_children_are_higher_the_old_slower_and_words_change_the_pace() -> None:
    def kokoros(character: Character, manners: tuple[Manner, ...] = ()) -> Voice:
        return voice_for(character, "en", manners)

    for chosen in (kokoros, hibaris_voice_for):
        assert chosen(Character("woman", "child")).pitch > 1.1
        assert chosen(Character("man", "elderly")).speed < 0.95
        assert chosen(Character(), ("slow",)).speed < chosen(Character()).speed < chosen(Character(), ("fast",)).speed
    assert hibaris_voice_for(Character("man")).pitch < 0.9, "its one voice is a woman's"


def tone_of(seconds: float) -> Wave:
    return np.sin(np.arange(int(seconds * SAMPLE_RATE)) * 0.06).astype(np.float32) * np.float32(0.3)


def speaking(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[tuple[str, Character, float]]:
    """What is asked of a voice that takes so long for each line, s."""
    asked: list[tuple[str, Character, float]] = []

    def tone(line: Dialogue, character: Character, _folder: Path, *, hurry: float = 1.0) -> Wave:
        asked.append((line.text, character, hurry))
        return tone_of(seconds / hurry)

    monkeypatch.setattr(voice, "speak", tone)
    return asked


def loud_at(said: Spoken | None) -> list[tuple[float, float]]:
    """Beginnings and ends of what is heard, s."""
    assert said is not None
    heard = np.convolve(np.abs(said.wave), np.ones(480) / 480, "same") > 0.05
    edges = np.flatnonzero(np.diff(heard.astype(int), prepend=0, append=0))
    return [(begin / SAMPLE_RATE, end / SAMPLE_RATE) for begin, end in edges.reshape(-1, 2)]


def test_lines_are_spoken_in_their_own_shots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    speaking(monkeypatch, 1.0)
    made = plan_prompt(
        '[0-4s] a dog barks [4-8s] a man says "Good boy" and "Come here"', seconds=8, aspect_ratio="16:9"
    )
    (first, first_end), (second, _) = loud_at(spoken(made, 8 * SAMPLE_RATE, tmp_path))
    assert first == pytest.approx(4.5, abs=0.05)
    assert second == pytest.approx(first_end + 1 / 3, abs=0.05)


def test_what_takes_longer_than_its_shot_begins_earlier_and_is_hurried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = speaking(monkeypatch, 3.4)
    text = "I have been waiting for you all night and day my friend"
    made = plan_prompt(f'[0-4s] a man says "{text}" [4-8s] a woman says "Yes"', seconds=8, aspect_ratio="16:9")
    spans = loud_at(spoken(made, 8 * SAMPLE_RATE, tmp_path))
    assert spans[0][0] == pytest.approx(0.2, abs=0.05)
    assert 1.0 <= asked[0][2] <= 1.3
    assert asked[1][2] == 1.0
    assert spans[1][0] >= 4.2


def test_what_cannot_be_spoken_leaves_silence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def silence(_line: Dialogue, _character: Character, _folder: Path, *, hurry: float = 1.0) -> None:
        assert hurry == 1.0

    monkeypatch.setattr(voice, "speak", silence)
    assert spoken(plan(Dialogue("hello", "en")), SAMPLE_RATE, tmp_path) is None


def test_whoever_cancels_does_not_wait_for_the_lines_that_are_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = speaking(monkeypatch, 0.5)
    lines = (Dialogue("one", "en"), Dialogue("two", "en"), Dialogue("three", "en"))
    assert spoken(plan(*lines), 4 * SAMPLE_RATE, tmp_path, cancelled=lambda: len(asked) == 2) is not None
    assert [text for text, _, _ in asked] == ["one", "two"]


def test_a_line_that_takes_too_long_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(words: tuple[str, ...], **pipes: int) -> subprocess.Popen[bytes]:
        begun.append(popen(words, **pipes))
        return begun[-1]

    popen: Any = subprocess.Popen
    monkeypatch.setattr(speech.subprocess, "Popen", begin)
    monkeypatch.setattr(speech, "_COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(speech, "_LIMIT", 0.3)
    monkeypatch.setattr(speech, "_PROCESS", speech._Speaker())
    monkeypatch.setattr(speech, "net_for", lambda _language: "hibari")
    assert speak(Dialogue("hello", "en"), Character(), tmp_path) is None
    assert len(begun) == 1
    assert "took longer than 0.3 s" in caplog.text


def test_pitch_is_the_tone_and_the_length_of_a_wave() -> None:
    wave = tone_of(1.0)
    higher = resampled(wave, 1 / 1.25)
    assert len(higher) == pytest.approx(len(wave) / 1.25, abs=1)
    peak = np.abs(np.fft.rfft(higher)).argmax() / (len(higher) / SAMPLE_RATE)
    assert peak == pytest.approx(0.06 * SAMPLE_RATE / 2 / np.pi * 1.25, rel=0.01)


def voiced(seconds: float = 1.0, rate: int = 24_000) -> Wave:
    """A vowel: harmonics of 150 Hz under two formants, in syllables."""
    t = np.arange(int(seconds * rate)) / rate
    strength = {
        k: np.exp(-(((150 * k - 700) / 300) ** 2)) + np.exp(-(((150 * k - 1800) / 400) ** 2)) for k in range(1, 40)
    }
    wave = sum((np.sin(2 * np.pi * 150 * k * t) * each for k, each in strength.items()), np.zeros(len(t)))
    return (wave * (0.2 + np.sin(2 * np.pi * 2 * t) ** 2) * 0.1).astype(np.float32)


def periodicity(wave: Wave) -> float:
    """How much it repeats after 1/150 s, 0 to 1."""
    lag = 24_000 // 150
    return float(np.corrcoef(wave[:-lag], wave[lag:])[0, 1])


def test_a_whisper_has_the_vowels_but_no_cords() -> None:
    rng = np.random.default_rng(0)
    plain = voiced()
    whisper = in_manner(plain, ("whisper",), "person", rng)
    assert len(whisper) == len(plain)
    assert periodicity(plain) > 0.9
    assert periodicity(whisper) < 0.3
    spectrum = np.abs(np.fft.rfft(whisper)) ** 2
    hertz = np.fft.rfftfreq(len(whisper), 1 / 24_000)
    inside = spectrum[(hertz > 1500) & (hertz < 2100)].mean()
    assert inside > 3 * spectrum[(hertz > 4000) & (hertz < 6000)].mean()


def test_levels_say_who_whispers_and_who_shouts() -> None:
    def level(*manners: Manner) -> float:
        wave = levelled(in_manner(voiced(), manners, "person", np.random.default_rng(0)), manners)
        assert np.abs(wave).max() <= 0.951
        return 20 * float(np.log10(np.sqrt((wave**2).mean())))

    assert level("whisper") < level() - 2
    assert level("shout") > level() + 1


def test_silence_has_no_level_and_no_length() -> None:
    silence = np.zeros(24_000, np.float32)
    assert len(trimmed(silence, 24_000)) == 0
    assert np.abs(levelled(silence, ())).max() == 0
    assert len(in_manner(silence[:0], ("whisper", "shout"), "robot", np.random.default_rng(0))) == 0


def test_a_language_that_nothing_speaks_is_not_spoken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("opendance.engines.previs.sound.speech.speaking.has_kokoro", lambda: False)
    monkeypatch.setattr("opendance.engines.previs.sound.speech.speaking.has_hibari", lambda: True)
    assert [net_for(each) for each in ("en", "zh", "ja", "ko")] == ["hibari", None, None, None]
    assert speak(Dialogue("你好", "zh"), Character(), tmp_path) is None


def test_english_is_spoken_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("hibari", reason="hibari is not installed")
    monkeypatch.setattr("opendance.engines.previs.sound.speech.speaking.has_kokoro", lambda: False)
    line = Dialogue("Hello my dear friends, how are you?", "en")
    waves: list[Any] = [
        speak(line, who, tmp_path) for who in (Character("woman"), Character("man"), Character("woman"))
    ]
    assert all(1.2 < len(wave) / SAMPLE_RATE < 3.5 for wave in waves)
    assert np.array_equal(waves[0], waves[2]), "the same words in the same voice are the same sound"
    assert speak(Dialogue("Привет", "en"), Character(), tmp_path) is None


def test_in_one_shot_each_of_two_moves_its_own_mouth() -> None:
    made = plan_prompt('A woman says "Hello there" and the man replies "Good morning".', seconds=4, aspect_ratio="16:9")
    wave = np.tile(np.sin(np.arange(SAMPLE_RATE) * 0.05), 4).astype(np.float32)
    mouth = Mouth(made, Ready(wave, LineSpan(0.5, 1.5, 0), LineSpan(2.0, 3.0, 1)))
    marks = marks_of(made.shots[0], 0, {})
    open_at = {
        marks[at].asked.name: speech.is_open for at, speech in mouths_of(mouth, made, made.shots[0], marks, 1.0).items()
    }
    assert [open_at["woman"](t) for t in (1.0, 1.8, 2.5)] == [True, False, False]
    assert [open_at["man"](t) for t in (1.0, 1.8, 2.5)] == [False, False, True]
