"""Pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell may have bars and line breaks."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Text as code; nothing where there is none."""
    return f"`{text}`" if text else ""


def linked(text: str) -> str:
    """Words of the code that name a page of docs/, with a link to it from a page of the reference."""
    return re.sub(r"\bdocs/([a-z0-9]+)\.md\b", r"[\1.md](../\1.md)", text)


def sentence(text: str) -> str:
    """With a capital, where it begins with a word and not with a unit or a name of code, and a full stop where there is none."""
    words = " ".join(text.split())
    if re.match(r"[a-z]{2,}(?![a-z._(])", words):
        words = words[0].upper() + words[1:]
    return words + ("" if not words or words[-1] in ".!?:" else ".")
