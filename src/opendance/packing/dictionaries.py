"""The tables of what Chinese, Japanese and Korean words mean in English; what their columns mean is said in `prompt/glosses.py`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

from opendance.packing.glossing import EnglishNouns, Entry, phrases_of, sort_glosses

_LONGEST_CHINESE, _LONGEST_JAPANESE, _LONGEST_KOREAN = 6, 7, 8


def chinese_of(entries: Iterable[Mapping[str, Any]], english: EnglishNouns) -> list[str]:
    """The lines of CC-CEDICT's words: simplified letters, without names of persons."""
    words: dict[str, Entry] = {}
    for each in entries:
        word = each["simplified"]
        if not 1 < len(word) <= _LONGEST_CHINESE or not all("一" <= letter <= "鿿" for letter in word):
            continue
        entry = Entry([], [], [])
        for gloss in each["english"]:
            sort_glosses(english, entry, phrases_of(gloss))
        words.setdefault(word, Entry([], [], [])).add(entry, hidden=True)
    return _lines(words)


def korean_of(entries: Iterable[Mapping[str, str]], english: EnglishNouns) -> list[str]:
    """The lines of the words of the Basic Korean Dictionary; its glosses stand by the alphabet, usual ones go first here."""
    words: dict[str, Entry] = {}
    for each in entries:
        word = each["word"]
        if not 1 <= len(word) <= _LONGEST_KOREAN or not all("가" <= letter <= "힣" for letter in word):
            continue
        phrases = [phrase for gloss in each["meaning"].split(";") for phrase in phrases_of(gloss.strip())]
        phrases.sort(key=lambda phrase: -english.usual.get(phrase, 0))
        entry = Entry([], [], [])
        for phrase in phrases:
            verb = word.endswith("다") and len(word) > 1
            adjective = verb and english.is_a(phrase, "a") and english.parts[phrase][0] == "a"
            sort_glosses(english, entry, [phrase], ("a" if adjective else "v") if verb else "", by_use=False)
        seen = sum(english.sees(phrase) for phrase in phrases)
        if 2 * seen < len(phrases):
            entry.nouns, entry.hidden = [], True  # most that it means is not seen: 자리
        words.setdefault(word, Entry([], [], [])).add(entry, hidden=True)
    return _lines(words)


_RARE = (
    "archaism", "obscure", "obsolete", "idiomatic", "proverb", "yojijukugo", "slang", "vulgar", "derogatory",
    "particular person",
)  # fmt: skip
_MOST_SENSES = 4


def japanese_of(database: Path, english: EnglishNouns) -> list[str]:
    """The lines of JMdict's words, of its database as jamdict has it: as they are written, verbs as a dictionary has them.

    Abstract words are there where newspapers use them: they say where a word ends.
    """
    words: dict[str, Entry] = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tables:
        written = _texts(tables, "select idseq, text from Kanji order by ID")
        spoken = _texts(tables, "select idseq, text from Kana order by ID")
        pos, misc, glosses = (
            _texts(tables, f"select sid, text from {table}")  # noqa: S608 - names of ours
            for table in ("pos", "misc", "SenseGloss")
        )
        usual = {
            number
            for (number,) in tables.execute(
                "select idseq from Kanji join KJP on kid = ID union select idseq from Kana join KNP on kid = ID"
            )
        }
        senses = tables.execute("select idseq, ID from Sense order by idseq, ID").fetchall()
    for number, group in groupby(senses, key=lambda row: row[0]):
        entry, kana = Entry([], [], []), False
        for _, sense in list(group)[:_MOST_SENSES]:
            rare = ", ".join(misc.get(sense, ()))
            kana = kana or "kana alone" in rare
            part = _part(pos.get(sense, []))
            if part is not None and not any(each in rare for each in _RARE):
                phrases = [phrase for gloss in glosses.get(sense, ()) for phrase in phrases_of(gloss)]
                sort_glosses(english, entry, phrases, part)
        names = written.get(number, [])
        for word in [*names, *(spoken.get(number, []) if kana or not names else [])]:
            if _is_japanese(word):
                known = words.setdefault(word, Entry([], [], []))
                known.add(entry, hidden=number in usual)
    return _lines(words)


def _texts(tables: sqlite3.Connection, question: str) -> dict[int, list[str]]:
    """By number, the texts of a table."""
    out: dict[int, list[str]] = {}
    for number, text in tables.execute(question):
        out.setdefault(number, []).append(text)
    return out


def _part(pos: list[str]) -> str | None:
    """Which part of speech JMdict's words for it mean; None for those that neither name nor tell what is done."""
    first = pos[0] if pos else ""
    if "suru" in first and "noun" not in first:
        return "v"
    if first.startswith("noun") or "pronoun" in first:
        return ""
    if "verb" in first and "adverb" not in first:
        return "v"
    return "a" if first.startswith("adjec") else None


def _is_japanese(word: str) -> bool:
    if not 1 <= len(word) <= _LONGEST_JAPANESE or not all(
        "ぁ" <= each <= "ヺ" or each == "ー" or "一" <= each <= "鿿" for each in word
    ):
        return False
    if all("ぁ" <= each <= "ゖ" for each in word):
        return len(word) > 2  # two letters of Hiragana are anything
    return len(word) > 1 or "一" <= word <= "鿿"


def _lines(words: Mapping[str, Entry]) -> list[str]:
    return [line for word in sorted(words) if (line := words[word].line(word)) is not None]
