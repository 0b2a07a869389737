"""Which action and which piece of clothing English words mean: the table `words.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.people.tables import FOLDER, STRICT, clothes, heads
from opendance.typed_toml import read_toml


@dataclass(frozen=True)
class _Words:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    verbs: dict[str, tuple[str, ...]]
    clothes: dict[str, tuple[str, ...]]


_SHAPE: TypeAdapter[_Words] = TypeAdapter(_Words)


@cache
def _words() -> _Words:
    return read_toml(FOLDER / "words.toml", _SHAPE)


@cache
def _verbs() -> dict[str, str]:
    own = {name.replace("_", " "): name for name in actions()}
    return own | {verb: name for name, verbs in _words().verbs.items() for verb in verbs}


@cache
def _pieces() -> dict[str, str]:
    own = {name.replace("_", " "): name for name in (*clothes(), *heads().hats)}
    return own | {word: name for name, words in _words().clothes.items() for word in words}


def action_for(verb: str) -> str | None:
    """The action of a verb (a lemma), or None."""
    return _verbs().get(verb.strip().lower().replace("_", " "))


def piece_for(words: str) -> str | None:
    """The garment or hat that words name, or None; the last words count: "a red silk dress" is a dress."""
    parts = words.strip().lower().replace("_", " ").split()
    for begin in range(len(parts)):
        tail = " ".join(parts[begin:])
        for form in (tail, tail.removesuffix("s"), tail + "s"):
            if (name := _pieces().get(form)) is not None:
                return name
    return None
