"""A prompt as the words of the lexicon are written: one form for full-width, decomposed and traditional letters.

Everything that reads a prompt works on `Reading.text`; `Reading.span` tells where its letters stand in the prompt.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TRADITIONAL = Path(__file__).parent / "traditional.txt"
# 著 is 着 in traditional letters where it is no writing and no fame.
_PARTICLE = re.compile(r"(?<![显顯名巨原译卓昭编论])著(?![名作称者述])")
_MOST_LETTERS = 4  # that one letter may stand for
_QUOTES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "„": "“",
        "‟": "“",
        "\u00a0": " ",
        "\u3000": " ",
        "\u301c": "~",
        "\u2010": "-",
        "\u2212": "-",
        "\u2015": "—",
    }
)
# Letters that belong to the one before them though Unicode combines them with nothing: vowels and finals of Hangul,
# half-width voicing marks of kana.
_CONTINUING = frozenset([*map(chr, range(0x1160, 0x1200)), "\uff9e", "\uff9f"])
_INVISIBLE = frozenset("\ufe0e\ufe0f\u200b\u200c\u2060\ufeff\u00ad")


@dataclass(frozen=True)
class Reading:
    """A prompt in the letters of the lexicon.

    Attributes:
        prompt: as it was given.
        text: what is read.
        origin: for each letter of `text`, where it stands in `prompt`, code points; one more for the end.
    """

    prompt: str
    text: str
    origin: tuple[int, ...]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where the letters from `begin` to `end` stand in the prompt, code points."""
        if end <= begin:
            return self.origin[begin], self.origin[begin]
        return self.origin[begin], max(self.origin[end], self.origin[end - 1] + 1)

    def words(self, begin: int, end: int) -> str:
        """The letters from `begin` to `end` as the prompt has them."""
        first, last = self.span(begin, end)
        return self.prompt[first:last].strip()


@cache
def _simplified() -> dict[int, str]:
    lines = [line for line in _TRADITIONAL.read_text("utf-8").splitlines() if not line.startswith("#")]
    table: dict[int, str] = {}
    for traditional, simplified in zip(lines[::2], lines[1::2], strict=True):
        table.update({ord(letter): other for letter, other in zip(traditional, simplified, strict=True)})
    return table


def read(prompt: str) -> Reading:
    """`prompt` in one form of letters; Chinese in simplified ones, unless kana or Hangul say that it is not Chinese."""
    letters: list[str] = []
    origin: list[int] = []
    at = 0
    while at < len(prompt):
        end = at + 1
        while end < len(prompt) and (unicodedata.combining(prompt[end]) or prompt[end] in _CONTINUING):
            end += 1
        cluster = prompt[at:end]
        form = cluster if cluster.isascii() else unicodedata.normalize("NFKC", cluster[:8])[:_MOST_LETTERS]
        if "\u00c0" <= form[:1] <= "\u024f":
            form = unicodedata.normalize("NFKD", form)[:1]  # crème is creme
        for letter in form:
            if letter not in _INVISIBLE:
                letters.append(letter)
                origin.append(at)
        at = end
    text = "".join(letters).translate(_QUOTES)
    if not any("぀" <= letter <= "ヿ" or "가" <= letter <= "힣" for letter in text):
        text = _PARTICLE.sub("着", text.translate(_simplified()))
    return Reading(prompt, text, (*origin, len(prompt)))


def lowered(text: str) -> str:
    """`text` in small letters, letter for letter."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def blanked(text: str, spans: list[tuple[int, int]], fill: str = " ") -> str:
    """`text` with blanks at `spans`, which may overlap; as long as it was."""
    letters = list(text)
    for begin, end in spans:
        letters[begin:end] = fill * (end - begin)
    return "".join(letters)
