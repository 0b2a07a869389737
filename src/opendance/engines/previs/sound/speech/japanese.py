"""Japanese words as the phonemes that Kokoro reads: how each sounds, by janome's dictionary, in IPA."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import import_module
from typing import Any

from opendance.engines.previs.sound.speech import numerals

_VOWELS = ("a", "i", "ɯ", "e", "o")
# The five kana of each row: their consonant, and what they are where that is not consonant and vowel.
_ROWS: tuple[tuple[str, str, dict[int, str]], ...] = (
    ("アイウエオ", "", {}),
    ("ァィゥェォ", "", {}),
    ("カキクケコ", "k", {1: "kʲi"}),
    ("ガギグゲゴ", "ɡ", {1: "ɡʲi"}),
    ("サシスセソ", "s", {1: "ɕi", 2: "sɨ"}),
    ("ザジズゼゾ", "ʣ", {1: "ʥi", 2: "zɨ"}),
    ("タチツテト", "t", {1: "ʨi", 2: "ʦɨ"}),
    ("ダヂヅデド", "d", {1: "ʥi", 2: "zɨ"}),
    ("ナニヌネノ", "n", {1: "ɲi"}),
    ("ハヒフヘホ", "h", {1: "çi", 2: "ɸɯ"}),
    ("バビブベボ", "b", {1: "bʲi"}),
    ("パピプペポ", "p", {1: "pʲi"}),
    ("マミムメモ", "m", {1: "mʲi"}),
    ("ラリルレロ", "ɾ", {1: "ɾʲi"}),
)
_KANA = {
    kana: special.get(at, consonant + _VOWELS[at]) for row, consonant, special in _ROWS for at, kana in enumerate(row)
} | dict(zip("ヤユヨャュョワヰヱヲヴ", ["ja", "jɯ", "jo", "ja", "jɯ", "jo", "βa", "i", "e", "o", "vɯ"], strict=True))
# Behind a kana in -i (-e, -o, -u in the words of others), a small one takes its vowel's place.
_SMALL = dict(zip("ャュョァィゥェォ", "aɨoaiɯeo", strict=True))
_FOREIGN = {
    "ティ": "tʲi", "ディ": "dʲi", "テュ": "tʲɨ", "デュ": "dʲɨ", "トゥ": "tɯ", "ドゥ": "dɯ", "ウィ": "βi", "ウェ": "βe",
    "ウォ": "βo", "フュ": "ɸʲɨ", "イェ": "je",
}  # fmt: skip
_MARKS = str.maketrans("、。！？：；「」・", ",.!?:;“” ")
_NASALS = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾzʣʦ", "n"))


def phonemes(text: str) -> str:
    """The phonemes of Japanese words, a space between two; Latin letters are left as they are.

    Raises:
        ImportError: janome is not installed.
    """
    text = numerals.japanese(unicodedata.normalize("NFKC", text))
    out = ""
    for token in _tokenizer().tokenize(text):
        surface, sound = str(token.surface), str(token.phonetic)
        if sound == "*":
            sound = _katakana(surface)
        if not surface[:1].isalnum():
            out = out.rstrip() + surface.translate(_MARKS) + " "
        elif str(token.part_of_speech).startswith(("助動詞", "助詞,接続助詞")) or surface == "う":
            out = out.rstrip() + "\0" + sound + " "  # an ending belongs to its verb
        else:
            out += sound + " "
    words = out.replace("\0", "").replace("ヲ", "オ").split()
    return " ".join(_sounds(word) for word in words)


@cache
def _tokenizer() -> Any:
    return import_module("janome.tokenizer").Tokenizer()


def _katakana(text: str) -> str:
    return "".join(chr(ord(letter) + 96) if "ぁ" <= letter <= "ゖ" else letter for letter in text)


def _sounds(word: str) -> str:
    out, at = "", 0
    word = re.sub("(?<=[ョォオコゴソゾトドノホボポモヨロ])ウ", "ー", word)
    while at < len(word):
        kana, behind = word[at], word[at + 1 : at + 2]
        if kana + behind in _FOREIGN:
            out += _FOREIGN[kana + behind]
            at += 2
        elif behind in _SMALL and kana in _KANA and kana not in _SMALL:
            out += _KANA[kana][:-1] + _SMALL[behind]
            at += 2
        else:
            out += _one(kana, behind)
            at += 1
    return out


def _one(kana: str, behind: str) -> str:
    if kana == "ー":
        return "ː"
    if kana == "ッ":
        return "ʔ"
    if kana == "ン":
        sound = _KANA.get(behind, " ")[0]
        return next((nasal for before, nasal in _NASALS if sound in before), "ɴ")
    return _KANA.get(kana, kana)
