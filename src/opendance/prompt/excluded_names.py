"""The English names of what a prompt does not want, in the places that say so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from opendance.plan import Language
from opendance.prompt.exclusions import NOT_DOING, Span
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import Lexicon
from opendance.prompt.word_tables import MOVE, PARTICLES, PLACE, SUBJECT, WEATHER, Words
from opendance.typed_toml import read_toml

_TABLE = Path(__file__).parent / "excluded.toml"
_SHAPE: TypeAdapter[dict[str, Words]] = TypeAdapter(dict[str, Words])
_MOST = 40  # names that a plan tells
_PART = re.compile(r"[a-z][a-z' -]{2,60}", re.IGNORECASE)
_LEADS = re.compile(
    r"^(?:[ ]|negative prompts?\b|(?:do not|don't|does not|doesn't|should not|must not|never) \w+|(?:and|or|no|not|without|with|any|the|a|an|"
    r"avoid|avoiding|excluding|exclude|excluded|include|free of|instead of|is|are|was|were|visible|other|zero|more|extra|"
    r"(?:depictions?|images?|shots?|signs?|hints?|displays?|mentions?|traces?|portrayals?) of)\b)+",
    re.IGNORECASE,
)
_SIGN_OF = re.compile(r"signs? of\b", re.IGNORECASE)  # no sign of life
_BREAKS = re.compile(r"[,.;:/|\n]| (?:and|or|nor) ", re.IGNORECASE)
_MOST_WORDS = 3
# What is missing, in its own words where no table has them: 번호판 없이, 余分な飾りなし.
_SAID = re.compile(
    r"[ ]{0,2}(?P<what>[가-힣一-鿿ァ-ヺーぁ-ん]{1,12}?(?:[ ][가-힣]{1,8}?)?)(?:은|는|이|가|을|를|도|は|が|を|も|の|に)?[ ]{0,2}"
    r"(?:없|금지|제외|빼고|말고|제거|사절|なし|無し|ナシ|抜き|ない|いない|不要|禁止|入れ|出さ|映)"
)
_PART_OF_VERB = re.compile(r"^[一-鿿]?[さわかばまらせえれ]$")
# A member of a Chinese list of things, without the words that lead to it.
_HAN = re.compile(
    r"(?:没有|唔要|唔好|唔使|唔准|冇|不要|不需要|不能|请勿|不含|不带|不加|不用|不许|不得|不出|禁止|避免|切勿|拒绝|去掉|排除|出现|任何|其他|其它|多余|带有|含有|包含|使用|有|无|和|与|及|或|的|等|[：:、\s]){1,8}"
    r"(?P<what>[一-鿿]{2,6}?)(?=出现|入镜|等|和|与|及|或|[、,，。.;；!！\s]|$)"
)


@cache
def _known() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all words, and by word in small letters the name."""
    names: dict[str, str] = {}
    for name, words in read_toml(_TABLE, _SHAPE).items():
        for form in words.forms():
            names.setdefault(form.lower(), name)
    english = sorted((word for word in names if word.isascii()), key=len, reverse=True)
    others = sorted((word for word in names if not word.isascii()), key=len, reverse=True)
    pattern = rf"(?<![a-z])(?:{'|'.join(map(re.escape, english))})(?![a-z])|{'|'.join(map(re.escape, others))}"
    return re.compile(pattern, re.IGNORECASE), names


def excluded_names(
    words: Lexicon, text: str, spans: tuple[Span, ...], language: Language, explanations: Explanations
) -> tuple[str, ...]:
    """English names of what is not wanted: by the table, by the lexicon, else by the words themselves where they are English."""
    names: dict[str, None] = {}
    pattern, known = _known()

    def note(name: str, begin: int, end: int) -> None:
        if len(names) < _MOST:
            names[name] = None
            explanations.add(f"not shown: {name}", "", "excluded", name, begin, end)

    for begin, end in spans:
        here = text[begin:end]
        if NOT_DOING.fullmatch(here) is not None and not pattern.fullmatch(here.split()[1]):
            continue  # it is there, and nobody does that to it
        taken = bytearray(len(here))
        for match in pattern.finditer(here):
            if _SIGN_OF.match(here, match.start()) is not None or _whose(here, *match.span()):
                continue
            note(known[match[0].lower()], begin + match.start(), begin + match.end())
            taken[match.start() : match.end()] = b"\x01" * len(match[0])
        for hit in words.hits(here):
            if (
                (len(hit.words) == 1 and "가" <= hit.words <= "힣")
                or any(taken[hit.start : hit.end])
                or hit.value(MOVE) is not None
                or _whose(here, hit.start, hit.end)
            ):
                continue
            key = hit.value(SUBJECT)
            name = words.drawing(key).name if key is not None else None
            name = name or hit.value(WEATHER) or hit.value(PARTICLES) or hit.value(PLACE)
            if name is not None:
                note(name, begin + hit.start, begin + hit.end)
                taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
        if (
            language in ("ko", "ja")
            and not any(taken)
            and (said := _SAID.match(here)) is not None
            and (_PART_OF_VERB.search(said["what"]) is None)
        ):
            note(said["what"].strip(), begin + said.start("what"), begin + said.end("what"))
        if language == "zh":
            for part in _HAN.finditer(here):
                first, last = part.span("what")
                if not any(taken[first:last]):
                    note(here[first:last], begin + first, begin + last)
        if language == "en":
            for first, last in _parts(here):
                if not any(taken[first:last]):
                    note(here[first:last].lower(), begin + first, begin + last)
    return tuple(names)


def _whose(text: str, begin: int, end: int) -> bool:
    """Whether a word for people only says whose it is that is not wanted: 人の顔なし, 사람의 손."""
    return text[begin:end] in ("人", "사람") and text[end : end + 1] in ("の", "的", "의")


def _parts(text: str) -> list[Span]:
    """Where the members of a list of things stand, without the words that lead to them."""
    out: list[Span] = []
    at = 0
    for mark in [*_BREAKS.finditer(text), None]:
        end = mark.start() if mark is not None else len(text)
        lead = _LEADS.match(text[at:end])
        begin = at + (lead.end() if lead is not None else 0)
        last = begin + len(text[begin:end].rstrip(" \"'}]"))
        if _PART.fullmatch(text[begin:last]) and len(text[begin:last].split()) <= _MOST_WORDS:
            out.append((begin, last))
        at = mark.end() if mark is not None else end
    return out
