"""Chinese words as the phonemes that Kokoro reads: pinyin, by pypinyin, in IPA with the tone behind its vowel."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from opendance.engines.previs.sound.speech import numerals

# Of pinyin; 0 is where the tone stands. Source: Duanmu, The Phonology of Standard Chinese, in Kokoro's letters.
_INITIALS = {
    "": "", "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ",
    "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "er": "ɚ0", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n",
    "iou": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "uei": "wei0", "ua": "wa0",
    "uai": "wai0", "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0", "v": "y0",
    "ve": "ɥe0", "van": "ɥɛ0n", "vn": "y0n", "m": "m0", "n": "n0", "ng": "ŋ0", "ê": "ɛ0", "io": "jɔ0",
}  # fmt: skip
_HISSED = ("zh", "ch", "sh", "r", "z", "c", "s")  # behind these, i is the consonant drawn out
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_MARKS = str.maketrans({"，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; "})
_RUN = re.compile(r"[\u4e00-\u9fff〇]+|[^\u4e00-\u9fff〇]+")


def phonemes(text: str) -> str:
    """The phonemes of Chinese words, a space between two; what is not Chinese is left as it is.

    Raises:
        ImportError: pypinyin is not installed.
    """
    seg: Any = import_module("pypinyin.seg.mmseg").seg
    text = numerals.chinese(text.translate(_MARKS))
    out: list[str] = []
    for run in _RUN.findall(text):
        if "\u4e00" <= run[0] <= "\u9fff" or run[0] == "〇":
            out.append(" ".join(_word(word) for word in seg.cut(run)))
        else:
            out.append(run)
    return re.sub(r"\s+", " ", "".join(out)).strip()


def _word(word: str) -> str:
    pypinyin: Any = import_module("pypinyin")
    style = pypinyin.Style
    finals: list[str] = pypinyin.lazy_pinyin(word, style=style.FINALS_TONE3, strict=True, neutral_tone_with_five=True)
    initials: list[str] = pypinyin.lazy_pinyin(word, style=style.INITIALS, strict=True)
    return "".join(_syllable(initial, final) for initial, final in zip(initials, finals, strict=True))


def _syllable(initial: str, final: str) -> str:
    tone = _TONES.get(final[-1:])
    if tone is None or initial not in _INITIALS:  # a letter that has no reading
        return ""
    vowel = "ɨ0" if final[:-1] == "i" and initial in _HISSED else _FINALS.get(final[:-1], "")
    return _INITIALS[initial] + vowel.replace("0", tone)
