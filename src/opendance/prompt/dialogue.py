"""What is to be spoken, and in which language."""

from __future__ import annotations

import re
from collections import Counter

from opendance.plan import Dialogue, Language

_QUOTED = re.compile(r"[\"“「『«]([^\"”」』»]{1,400})[\"”」』»]")
# Quoted words that are to be read, not heard.
_WRITTEN = re.compile(
    r"(?:sign|text|title|titled|logo|caption|called|named|reads|written"
    r"|写着|标题|字幕|名为|라고 적힌|제목|문구|と書かれた|タイトル)\W*$",
    re.IGNORECASE,
)


def detect_language(text: str) -> Language:
    """The language that most of `text` is written in, told by its script."""
    counts = Counter(
        "ko" if "가" <= c <= "힣" else "ja" if "぀" <= c <= "ヿ" else "zh" if "一" <= c <= "鿿" else "en"
        for c in text
        if c.isalpha()
    )
    if counts["ja"] and counts["ja"] * 6 >= counts["zh"]:
        return "ja"
    if counts["ko"] and counts["ko"] * 4 >= counts["en"]:
        return "ko"
    return "zh" if counts["zh"] * 4 >= counts["en"] and counts["zh"] else "en"


def take_dialogue(prompt: str) -> tuple[tuple[Dialogue, ...], str]:
    """The quoted words to be spoken, and the prompt without them."""
    spoken: list[Dialogue] = []

    def take(match: re.Match[str]) -> str:
        before = prompt[max(0, match.start() - 24) : match.start()]
        if _WRITTEN.search(before):
            return " " * len(match[0])
        text = match[1].strip()
        if text:
            spoken.append(Dialogue(text, detect_language(text)))
        return " " * len(match[0])

    rest = _QUOTED.sub(take, prompt)
    return tuple(spoken), rest if rest.strip() else prompt
