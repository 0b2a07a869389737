"""Text as rules read it: what only looks different from a word is brought back to that word.

Every view keeps where its letters stood, so that what was found can be shown as the user wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from confusable_homoglyphs import confusables

_LEET = str.maketrans("0134578@$!|+€", "oieastbasilte")
# Sentence marks divide in every language; these only dress up.
_DRESS = r"._*~|·・•+/\\^=#\-–—'`\"_"
_FAR_EAST = r"぀-ヿ㐀-鿿豈-﫿"  # kana and Han, which no spaces divide
_L, _V, _T = 0x1100, 0x1161, 0x11A7  # Unicode 3.12: conjoining jamo
_MOST_LETTERS = 4  # that stand for one: longer ones are phrases and names of units in one letter, of up to eighteen
_FILLERS = "\u115f\u1160\u3164\uffa0"
# What NFKC leaves: letters in circles and squares that look like emoji.
_BOXED = {0x1F150 + step: chr(97 + step) for step in range(26)} | {0x1F170 + step: chr(97 + step) for step in range(26)}


@dataclass(frozen=True)
class View:
    """A text, and for each of its letters where it stood in the original."""

    text: str
    origin: tuple[int, ...]

    def original(self, whole: str, begin: int, end: int) -> str:
        """What `text[begin:end]` was in the original, `whole`."""
        if begin >= end:
            return ""
        # A letter may have been made of several: what it was ends where the next begins.
        following = self.origin[end] if end < len(self.origin) else len(whole)
        return whole[self.origin[begin] : following].strip(" .,;:!?\t\n\u200b")

    def without(self, pattern: re.Pattern[str]) -> View:
        """This text without what the whole pattern matches, but for its groups."""
        kept: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            kept += range(last, match.start())
            for group in range(1, pattern.groups + 1):
                kept += range(*match.span(group))
            last = match.end()
        kept += range(last, len(self.text))
        return self._of(kept)

    def _of(self, kept: list[int]) -> View:
        return View("".join(self.text[index] for index in kept), tuple(self.origin[index] for index in kept))


def normalised(whole: str) -> View:
    """Compatibility forms, case, accents, invisible letters, homoglyphs and loose jamo made plain.

    Katakana becomes hiragana; white space is one space, or two where it is wider.
    """
    letters: list[tuple[str, int]] = []
    for index, character in enumerate(whole):
        plain = unicodedata.normalize("NFKC", _BOXED.get(ord(character), character))[:_MOST_LETTERS]
        for letter in plain.casefold():
            kind = unicodedata.category(letter)
            if letter in "\u3099\u309a" and letters:  # voicing marks of half-width kana
                both = unicodedata.normalize("NFC", letters[-1][0] + letter)
                letters[-1] = (both if len(both) == 1 else letters[-1][0], letters[-1][1])
            elif letter.isspace() or letter == "\u2800":
                if [pair[0] for pair in letters[-2:]] != [" ", " "]:
                    letters.append((" ", index))
            elif kind not in ("Mn", "Me", "Cf", "Cc") and letter not in _FILLERS:
                letters.append((_plain(letter), index))
    letters = _composed(letters)
    return View("".join(letter for letter, _ in letters), tuple(index for _, index in letters))


def views(whole: str, words: re.Pattern[str] | None = None) -> tuple[View, ...]:
    """The text plainly, and where it differs also with its disguises taken off.

    Args:
        words: to be told apart in letters that all have the same space between them.
    """
    plain = normalised(whole)
    out = [plain]
    bare = View(_SPELLED.sub(_unspelled, plain.text), plain.origin)
    bare = _joined(_joined(bare, _LONE_LATIN, words), _LONE_HANGUL)
    bare = bare.without(_INSIDE_WORD).without(_BETWEEN_FAR_EAST)
    for view in (bare, bare.without(_LONG_TO_ONE), bare.without(_LONG_TO_TWO)):
        if all(view.text != other.text for other in out):
            out.append(view)
    return tuple(out)


_SPELLED = re.compile(r"[a-z0-9@$!|+€._*-]{2,60}(?<![!.])")


def _unspelled(token: re.Match[str]) -> str:
    """A token of letters with digits or signs among them, in letters."""
    text = token[0]
    has_letters = any("a" <= letter <= "z" for letter in text)
    return text.translate(_LEET) if has_letters else text


# Letters with the same sign between each two; a wider gap ends a word.
_LONE_LATIN = re.compile(rf"(?<![a-z0-9])[a-z]([\s{_DRESS},])(?:[a-z]\1)+[a-z](?![a-z0-9])")
_LONE_HANGUL = re.compile(rf"(?<![가-힣])[가-힣]([\s{_DRESS},])(?:[가-힣]\1)*[가-힣](?![가-힣])")
_INSIDE_WORD = re.compile(rf"(?<=[a-z가-힣])[{_DRESS}]{{1,3}}(?=[a-z가-힣])")
_BETWEEN_FAR_EAST = re.compile(rf"(?<=[{_FAR_EAST}])[\s{_DRESS}]{{1,3}}(?=[{_FAR_EAST}])")
_LONG_TO_ONE = re.compile(r"([^\W\d])\1{2,}")
_LONG_TO_TWO = re.compile(r"(([^\W\d]))\2{2,}")


def _joined(view: View, runs: re.Pattern[str], words: re.Pattern[str] | None = None) -> View:
    """Without what stands between the letters of such runs, but with spaces around `words` that these make."""
    letters: list[tuple[str, int]] = []
    last = 0
    for run in runs.finditer(view.text):
        letters += zip(view.text[last : run.start()], view.origin[last : run.start()], strict=True)
        inside = [(view.text[at], view.origin[at]) for at in range(*run.span()) if view.text[at].isalpha()]
        at = 0
        for word in () if words is None else words.finditer("".join(letter for letter, _ in inside)):
            before, after = (" ", inside[word.start()][1]), (" ", inside[word.end() - 1][1] + 1)
            letters += [*inside[at : word.start()], before, *inside[word.start() : word.end()], after]
            at = word.end()
        letters += inside[at:]
        last = run.end()
    letters += zip(view.text[last:], view.origin[last:], strict=True)
    return View("".join(letter for letter, _ in letters), tuple(place for _, place in letters))


@cache
def _plain(letter: str) -> str:
    code = ord(letter)
    if 0x30A1 <= code <= 0x30F6:
        return chr(code - 0x60)
    if code < 0x80 or 0x1100 <= code <= 0x11FF or 0x2E80 <= code <= 0xD7FF:
        return letter
    name = unicodedata.name(letter, "")
    small = re.fullmatch(r"LATIN (?:LETTER SMALL CAPITAL|SMALL LETTER) ([A-Z])(?: WITH .*)?", name)
    if small:
        return small[1].lower()
    if letter.isalpha():
        for like in confusables.confusables_data.get(letter, ()):
            if len(like["c"]) == 1 and like["c"].isascii() and like["c"].isalpha():
                return like["c"].lower()
    return letter


def _composed(letters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """With loose jamo put together to syllables."""
    out: list[tuple[str, int]] = []
    at = 0

    def code(index: int, first: int, count: int) -> int | None:
        step = ord(letters[index][0]) - first if index < len(letters) else -1
        return step if 0 <= step < count else None

    while at < len(letters):
        lead, vowel = code(at, _L, 19), code(at + 1, _V, 21)
        if lead is None or vowel is None:
            out.append(letters[at])
            at += 1
            continue
        place, tail = letters[at][1], 0
        at += 2
        if (final := code(at, _T, 28)) is not None and final > 0:
            tail = final
        elif code(at, _L, 19) is not None and code(at + 1, _V, 21) is None:
            tail = _AS_TAIL.get(letters[at][0], 0)
        at += tail > 0
        out.append((chr(0xAC00 + (lead * 21 + vowel) * 28 + tail), place))
    return out


# Leads as tails: ㄱ ㄲ ㄴ ㄷ ㄹ ㅁ ㅂ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ.
_AS_TAIL = {
    chr(_L + lead): tail
    for lead, tail in {0: 1, 1: 2, 2: 4, 3: 7, 5: 8, 6: 16, 7: 17, 9: 19, 10: 20, 11: 21, 12: 22, 14: 23, 15: 24,
                       16: 25, 17: 26, 18: 27}.items()
}  # fmt: skip
