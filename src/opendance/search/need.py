"""Whether current facts would help with a prompt, and what to ask for: rules of words, which everybody can read.

What the prompt merely paints - a rainy street, an old car - needs no search; what it takes from today's world does.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from opendance.catalog import MAX_WEB_SEARCHES
from opendance.plan import Language

_MOST_LETTERS = 100
_SENTENCE = re.compile(r"[^.!?。！？\n;；]+")
# Names as they are written: Latin letters, and runs of one script where no spaces are.
_WORD = re.compile(r"[a-z][a-z'’-]*|[\u4e00-\u9fff]{2,}|[\u30a1-\u30fa\u30fc]{2,}|[\uac00-\ud7a3]{2,}", re.IGNORECASE)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_EVERYWHERE = {
    "the", "and", "for", "from", "with", "about", "all", "any", "are", "was", "has", "have", "his", "her", "its", "our",
    "their", "this", "that", "there", "then", "when", "where", "who", "what", "which", "into", "onto", "over", "under",
    "new", "not", "now", "one", "out", "off", "you", "your", "they", "them", "can", "will", "does", "breaking",
}  # fmt: skip
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
# What is needs about the film is nothing to be asked for.
_FILM = re.compile(
    r"\b(?:please|create|make|generate|show(?:ing)?"
    r"|a?\s*(?:short\s+)?(?:video|clip|film|shot|scene|ad|advert|commercial)s?\s+(?:of|about|for|with|showing)"
    r"|close-?up(?: shot)?|wide shot|cinematic(?: lighting)?|slow motion|camera \w+|4k)\b"
    r"|生成|制作|製作|一个视频|视频|特写|镜头|慢动作|만들어\s*줘|만들어|영상|보여\s*줘|클로즈업|장면"
    r"|を作って|動画|映像|見せて|クローズアップ|シーン",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Query:
    """A search to make.

    Attributes:
        because: the words of the prompt that called for it.
    """

    topic: str
    text: str
    because: str


@dataclass(frozen=True)
class _Topic:
    name: str
    always: re.Pattern[str]
    words: re.Pattern[str]
    facts: re.Pattern[str]
    ask: dict[str, str]


@dataclass(frozen=True)
class _Needs:
    now: re.Pattern[str]
    topics: tuple[_Topic, ...]
    product: re.Pattern[str]


def queries_for(prompt: str, language: Language, today: date) -> list[Query]:
    """At most three short queries, one for a topic; none where the prompt needs no facts of today."""
    needs = load_needs()
    queries: dict[str, Query] = {}
    for sentence in (match[0].strip() for match in _SENTENCE.finditer(prompt)):
        product = needs.product.search(sentence)
        if product is not None:
            _add(queries, "product", product[0], product[0])
        current = needs.now.search(sentence) or _this_year_on(sentence, today)
        for topic in needs.topics:
            hit = topic.always.search(sentence)
            if hit is None and current:
                hit = topic.words.search(sentence)
            if hit is not None and not (topic.name == "product" and product):
                text = _search_text(sentence)
                form = topic.ask.get(language)
                if form is not None:
                    text = form.format(_about(text, topic, needs), date=today.isoformat())
                _add(queries, topic.name, text, hit[0])
    return list(queries.values())[:MAX_WEB_SEARCHES]


def is_about(sentence: str, query: Query) -> bool:
    """Whether a sentence of a page may tell what was asked for: it has a number, a word of the topic's, or one of what
    was searched for."""
    needs = load_needs()
    if any(letter.isdigit() for letter in sentence):
        return True
    patterns = [(topic.always, topic.words, topic.facts) for topic in needs.topics if topic.name == query.topic]
    if any(pattern.search(sentence) for three in patterns for pattern in three):
        return True
    return any(word in sentence.lower() for word in _subjects(query, needs))


def _subjects(query: Query, needs: _Needs) -> set[str]:
    """What was searched for, in small letters, without the words that every page has."""
    subjects: set[str] = set()
    for word in _WORD.findall(needs.now.sub(" ", query.text)):
        if word.isascii():
            subjects |= {word.lower()} if len(word) > 2 and word.lower() not in _EVERYWHERE else set()
        elif len(word) > 1:
            subjects.add(word[:2] if _HANGUL.match(word) else word)  # without what Korean joins to a name
    return subjects


def _add(queries: dict[str, Query], topic: str, text: str, because: str) -> None:
    short = " ".join(text.split())[:_MOST_LETTERS].strip(" ,、，-:：")
    if short and topic not in queries and all(query.text != short for query in queries.values()):
        queries[topic] = Query(topic, short, because)


def _this_year_on(sentence: str, today: date) -> bool:
    return any(today.year <= int(year[0]) <= today.year + 2 for year in _YEAR.finditer(sentence))


def _search_text(sentence: str) -> str:
    """The sentence without what is said of the film."""
    return _FILM.sub(" ", sentence)


def _about(text: str, topic: _Topic, needs: _Needs) -> str:
    """What is left without the topic's own words: mostly the place."""
    for pattern in (topic.always, topic.words, needs.now):
        text = pattern.sub(" ", text)
    return re.sub(r"\b(?:the|a|an|in|at|of|for|is|and|with)\b|的|の|이|의|에서", " ", text, flags=re.IGNORECASE)


@cache
def load_needs() -> _Needs:
    """What tells that a prompt needs facts of today, from `needs.toml`."""
    needs: dict[str, Any] = tomllib.loads((Path(__file__).parent / "needs.toml").read_text("utf-8"))
    topics = tuple(
        _Topic(
            topic["name"],
            _words(topic["always"]),
            _words(topic["words"]),
            _words(topic.get("facts", [])),
            topic.get("ask", {}),
        )
        for topic in needs["topic"]
    )
    brands = "|".join(re.escape(brand) for brand in sorted(needs["product"]["brands"], key=len, reverse=True))
    product = (
        rf"(?<![a-z])(?:{brands})(?![a-z])\s?(?:[A-Za-z]{{1,8}}\s?)?\d{{1,4}}[A-Za-z]{{0,2}}"
        r"(?:\s(?:pro|max|ultra|plus|mini|air)\b)*"
    )
    return _Needs(_words(needs["now"]), topics, re.compile(product, re.IGNORECASE))


def _words(words: list[str]) -> re.Pattern[str]:
    parts = [
        rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
