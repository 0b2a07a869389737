"""Korean words as phonemes for a voice of Kokoro, which has none of its own: Hangul by the Standard Pronunciation.

Rules of assimilation, linking and tensing (표준 발음법, chapters 2 and 4 to 6), then IPA in letters that Kokoro knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from opendance.engines.previs.sound.speech import numerals

_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_LAST = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_PAIRS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
# What is heard of a last consonant, and what others make of it or it of them.
_CLOSED = dict(zip("ㄲㅋㄳㄺㅅㅆㅈㅊㅌㅎㅍㅄㄿㄵㄶㄼㄽㄾㅀㄻ", "ㄱㄱㄱㄱㄷㄷㄷㄷㄷㄷㅂㅂㅂㄴㄴㄹㄹㄹㄹㅁ", strict=True))
_ASPIRATED = dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ", strict=True))
_TENSED = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))
_NASAL = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ", strict=True))

_PLAIN = dict(zip("ㄱㄷㅂㅈ", "ktpʨ", strict=True))
_VOICED = dict(zip("ㄱㄷㅂㅈ", "ɡdbʥ", strict=True))  # between vowels, and behind what sounds
_ONSETS = {
    **dict(zip("ㄲㄸㅃㅉㅅㅆㅎㄴㄹㅁ", "ktpʨsshnɾm", strict=True)),
    **{"ㅋ": "kʰ", "ㅌ": "tʰ", "ㅍ": "pʰ", "ㅊ": "ʨʰ", "ㅇ": ""},
}
_SOUNDS = dict(
    zip(
        _VOWELS,
        [
            "a",
            "ɛ",
            "ja",
            "jɛ",
            "ʌ",
            "e",
            "jʌ",
            "je",
            "o",
            "wa",
            "wɛ",
            "we",
            "jo",
            "u",
            "wʌ",
            "we",
            "wi",
            "ju",
            "ɯ",
            "ɯi",
            "i",
        ],
        strict=True,
    )
)
_CODAS = {"": "", **dict(zip("ㄱㄴㄷㄹㅁㅂㅇ", "kntlmpŋ", strict=True))}
_MARKS = str.maketrans({"，": ",", "。": ".", "！": "!", "？": "?"})
_RUN = re.compile(r"[가-힣]+(?: [가-힣]+)*|[^가-힣]+")


@dataclass
class _Syllable:
    first: str
    vowel: str
    last: str
    begins_word: bool


def phonemes(text: str) -> str:
    """The phonemes of Korean words, a space between two; what is not Hangul is left as it is."""
    text = numerals.korean(text.translate(_MARKS))
    out = "".join(_run(run) if "가" <= run[0] <= "힣" else run for run in _RUN.findall(text))
    return re.sub(r"\s+", " ", out).strip()


def pronounced(text: str) -> str:
    """Hangul as it sounds, in Hangul: 국물 is 궁물, 좋아요 is 조아요."""
    return "".join(_letters(_sounded(run)) if "가" <= run[0] <= "힣" else run for run in _RUN.findall(text))


def _sounded(run: str) -> list[_Syllable]:
    syllables: list[_Syllable] = []
    begins = True
    for letter in run:
        if letter == " ":
            begins = True
            continue
        code = ord(letter) - 0xAC00
        syllables.append(_Syllable(_FIRST[code // 588], _VOWELS[code % 588 // 28], _LAST[code % 28], begins))
        begins = False
    for this, following in pairwise(syllables):
        if not following.begins_word:
            _meet(this, following)
    for this in syllables:
        this.last = _CLOSED.get(this.last, this.last)
        if this.vowel == "ㅢ" and not this.begins_word:
            this.vowel = "ㅣ"
        if this.first in "ㅈㅉㅊ" and this.vowel in ("ㅕ", "ㅑ", "ㅛ", "ㅠ", "ㅖ"):
            this.vowel = {"ㅕ": "ㅓ", "ㅑ": "ㅏ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅖ": "ㅔ"}[this.vowel]
    return syllables


def _meet(this: _Syllable, following: _Syllable) -> None:
    """What the end of one syllable and the beginning of the next make of each other."""
    last, first = this.last, following.first
    if not last:
        return
    pair = _PAIRS.get(last, last)
    if first == "ㅇ":
        _link(this, following, pair)
        return
    if pair[-1] == "ㅎ" and first in _ASPIRATED:
        this.last, following.first = pair[:-1], _ASPIRATED[first]
        return
    if pair[-1] == "ㅎ" and first == "ㅅ":
        this.last, following.first = pair[:-1], "ㅆ"
        return
    if first == "ㅎ":
        end = _CLOSED.get(pair[-1], pair[-1]) if pair[-1] not in "ㅈ" else "ㅈ"
        if end in _ASPIRATED:
            this.last, following.first = pair[:-1], _ASPIRATED[end]
            if this.last == "" and end == "ㄷ" and following.vowel == "ㅣ":
                following.first = "ㅊ"
            return
    end = _CLOSED.get(last, last)
    if end in "ㄱㄷㅂ" and first in _TENSED:
        first = _TENSED[first]
    elif end in "ㄱㄷㅂ" and first in "ㄴㅁ":
        end = _NASAL[end]
    elif end in "ㄱㄷㅂ" and first == "ㄹ":
        end, first = _NASAL[end], "ㄴ"
    elif end in "ㅁㅇ" and first == "ㄹ":
        first = "ㄴ"
    elif (end == "ㄴ" and first == "ㄹ") or (end == "ㄹ" and first == "ㄴ"):
        end, first = "ㄹ", "ㄹ"
    elif last in ("ㄵ", "ㄼ", "ㄾ", "ㄻ") and first in _TENSED:
        first = _TENSED[first]
    this.last, following.first = end, first


def _link(this: _Syllable, following: _Syllable, pair: str) -> None:
    """Before a vowel the last consonant begins the next syllable; ㅎ is not heard, ㅇ stays where it is."""
    if pair == "ㅇ":
        return
    this.last, moved = pair[:-1], pair[-1]
    if moved == "ㅎ":
        moved, this.last = (this.last or "ㅇ"), ""
    if moved == "ㅅ" and len(pair) == 2:
        moved = "ㅆ"
    if following.vowel == "ㅣ" and moved in "ㄷㅌ":
        moved = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}[moved]
    following.first = moved


def _letters(syllables: list[_Syllable]) -> str:
    return "".join(
        (" " if at and each.begins_word else "")
        + chr(0xAC00 + _FIRST.index(each.first) * 588 + _VOWELS.index(each.vowel) * 28 + _LAST.index(each.last))
        for at, each in enumerate(syllables)
    )


def _run(run: str) -> str:
    out = ""
    before = ""  # the end of the syllable before, of the same word
    for at, each in enumerate(_sounded(run)):
        if each.begins_word:
            before = ""
            out += " " if at else ""
        out += _onset(each, before) + _SOUNDS[each.vowel] + _CODAS[each.last]
        before = each.last or "vowel"
    return out


def _onset(syllable: _Syllable, before: str) -> str:
    first = syllable.first
    if first in _PLAIN:
        return _VOICED[first] if before in ("vowel", "ㄴ", "ㅁ", "ㅇ", "ㄹ") else _PLAIN[first]
    if first == "ㄹ" and before == "ㄹ":
        return "l"
    if first in "ㅅㅆ" and (syllable.vowel == "ㅣ" or _SOUNDS[syllable.vowel][0] == "j" or syllable.vowel == "ㅟ"):
        return "ɕ"
    return _ONSETS[first]
