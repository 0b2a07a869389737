"""Every drawing by one name: an emoji, the name of a drawing of our own, or what Unicode calls an emoji in English."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import emoji

from opendance.drawings.emoji_table import EmojiRow, Shows, read_table, row_of
from opendance.drawings.own import Facing, OwnDrawing, Stands, own_drawings
from opendance.drawings.packaged import packaged_drawings

_NOT_OF_NAMES = re.compile(r"[^a-z0-9]+")
# What Fluent calls otherwise than Unicode does.
_OTHER_NAMES = {
    "mermaid": "woman-merpeople",
    "merman": "man-merpeople",
    "merperson": "person-merpeople",
    "person-blond-hair": "person-blonde-hair",
    "phoenix": "phoenix-bird",
}


def name_of(drawing: str) -> str | None:
    """An emoji's English name, in words with hyphens as the packages have it; none where it is no emoji."""
    data: dict[str, dict[str, Any]] = emoji.EMOJI_DATA  # pyright: ignore[reportAssignmentType]
    entry = data.get(drawing)
    return None if entry is None else _hyphenated(str(entry["en"]))


def is_drawing(name: str) -> bool:
    """Whether this names a drawing: an emoji, whether or not its package is there, or one of our own."""
    return name_of(name) is not None or name in own_drawings()


def svg_of(name: str) -> str | None:
    """The whole SVG of a drawing, or none: then a stand-in takes its place.

    Args:
        name: an emoji, for which Fluent's drawing comes first, then Noto's; or else a drawing of our own, then an
            emoji's English name.
    """
    called = name_of(name)
    if called is None and (own := own_drawings().get(name)) is not None:
        return own.document()
    row = row_of(name)
    if row is not None and row.drawn_by == "noto":
        return _packaged(called or _hyphenated(name), noto_first=True)
    return _packaged(called or _hyphenated(name))


@cache
def words_for(name: str) -> str:
    """What a stand-in says: the English name of a drawing, in words."""
    own = own_drawings().get(name)
    if own is not None:
        return own.en[0]
    return (name_of(name) or _hyphenated(name)).replace("-", " ")


def own_of(name: str) -> OwnDrawing | None:
    """The drawing of our own that `svg_of` gives for this name."""
    return own_drawings().get(name) if name_of(name) is None else None


@cache
def facts_of(name: str) -> OwnDrawing | EmojiRow | None:
    """What is known of a drawing: kind, height, how it stands and which way it looks; by the names of `svg_of`."""
    return own_of(name) or row_of(name) or _rows_by_name().get(_hyphenated(name))


def height_of(name: str) -> float | None:
    """Height of the real thing that a drawing shows, m; of the whole figure where only its head is drawn."""
    facts = facts_of(name)
    return None if facts is None else facts.height


def drawn_height_of(name: str) -> float | None:
    """Height of what is drawn, m: that of the head alone, where no more is drawn."""
    facts = facts_of(name)
    if facts is None:
        return None
    return facts.height * (facts.drawn if isinstance(facts, EmojiRow) else 1.0)


def stands_of(name: str) -> Stands | None:
    """Where the real thing is when nothing else is said."""
    facts = facts_of(name)
    return None if facts is None else facts.stands


def faces_of(name: str) -> Facing | None:
    """Which way it looks as it is drawn."""
    facts = facts_of(name)
    return None if facts is None else facts.faces


def shows_of(name: str) -> Shows:
    """Whether the whole figure is drawn."""
    facts = facts_of(name)
    return facts.shows if isinstance(facts, EmojiRow) else "whole"


@cache
def _rows_by_name() -> dict[str, EmojiRow]:
    return {called: row for emoji_char, row in read_table().items() if (called := name_of(emoji_char)) is not None}


def _packaged(name: str, *, noto_first: bool = False) -> str | None:
    drawings = packaged_drawings()
    fluent = (_OTHER_NAMES.get(name, name), f"person-{name}")
    fluent_svg = next((svg for each in fluent if (svg := drawings.svg("fluent", each)) is not None), None)
    if fluent_svg is None or noto_first:
        return drawings.svg("noto", name) or fluent_svg
    return fluent_svg


def _hyphenated(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.lower().replace("’", ""))
    return _NOT_OF_NAMES.sub("-", "".join(char for char in plain if not unicodedata.combining(char))).strip("-")
