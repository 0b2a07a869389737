"""What is to be spoken and what is to be read, and in which language."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from opendance.plan import Language

Span = tuple[int, int]

# A quotation mark behind a number is inches.
_QUOTED = re.compile(
    r"(?<![A-Za-z0-9_])\"([^\"]{1,2000})\"|“([^“”]{1,2000})[”“]|「([^「」]{1,2000})」|『([^『』]{1,2000})』|«([^«»]{1,2000})»|《《([^《》]{1,400})》》"
    r"|(?<![\w}{])\{([^{}\n]{2,400})\}(?!\})|(?<![A-Za-z0-9])'([^'\n]{2,400})'(?![A-Za-z0-9])"
)
_SPEAKING = re.compile(
    r"says?|said|speak\w*|shout\w*|whisper\w*|asks?|repl\w+|answers?|tells?|yell\w*|sings?|announc\w+|dialogue|voice|line|narrat\w+"
    r"|说|喊|问|答|唱|讲|旁白|台词|对白|말|외치|묻|대사|내레이션|言|話|叫|セリフ|台詞|:",
    re.IGNORECASE,
)
# Quoted words that are to be read, not heard.
_WRITTEN = re.compile(
    r"signs?\b|\btext\b|\btitled?\b|logo|caption|subtitle|\bcalled\b|\bnamed\b|\breads?\b|\breading\b|written|\bwords?\b|letters|lettering|label|banner|poster|billboard|inscription|engraved|printed|spell\w*|t-shirt|(?<!off-)(?<!off )(?<!off)screen"
    r"|写着|标题|字幕|名为|字样|招牌|写有|牌子|题为|印着|적힌|제목|문구|간판|자막|글자|쓰인|書かれた|タイトル|看板|字幕|文字",
    re.IGNORECASE,
)
_WRITTEN_BEHIND = re.compile(
    r"[ ]?(?:is |are )?(?:written|printed|engraved|on (?:a|the|his|her|its) (?:sign|wall|screen|banner|shirt)|sign\b|lettering|字样|的字|的标|的招牌|的牌|(?:이)?라고[ ]?(?:적|쓰|쓴|써|새)|(?:이)?라는[ ]?(?:글|문구|간판|자막)|と書|という(?:文字|看板|字)|の(?:文字|字幕|看板|テロップ))",
    re.IGNORECASE,
)
_BEFORE = 32  # letters that tell what is quoted


@dataclass(frozen=True)
class Quoted:
    """Words between quotation marks.

    Attributes:
        words: where they are, in what was read.
        begin, end: the same with the marks.
        written: they are to be read, not heard.
    """

    words: Span
    begin: int
    end: int
    written: bool


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


def find_quoted(text: str) -> list[Quoted]:
    """The quoted words of `text` that are heard or read; quotation marks that only set a word off are left out."""
    out: list[Quoted] = []
    for match in _QUOTED.finditer(text):
        words = match.span(match.lastindex or 0)
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        behind = text[match.end() : match.end() + 24]
        signs = [sign.end() for sign in _WRITTEN.finditer(before)]
        spoken = [sign.end() for sign in _SPEAKING.finditer(before)]
        stop = max((at + 1 for at, letter in enumerate(before) if letter in ".;。；\n"), default=0)
        signs = [at for at in signs if at > stop]
        written = _WRITTEN_BEHIND.match(behind) is not None or bool(signs)
        if match[0][0] in "{'" and not written and not [at for at in spoken if at > stop]:
            continue
        if text[slice(*words)].strip():
            out.append(Quoted(words, match.start(), match.end(), written))
    return out
