"""Which action and which piece of clothing English words mean: `actions.toml` and `clothes_words.toml`."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.people.tables import FOLDER, clothes, heads
from opendance.typed_toml import read_toml

_CLOTHES: TypeAdapter[dict[str, tuple[str, ...]]] = TypeAdapter(dict[str, tuple[str, ...]])


@cache
def _verbs() -> dict[str, str]:
    own = {name.replace("_", " "): name for name in actions()}
    return own | {verb: name for name, action in actions().items() for verb in action.verbs}


@cache
def clothes_words() -> dict[str, tuple[str, ...]]:
    """By garment or hat: English words that mean it, beside its own name."""
    return read_toml(FOLDER / "clothes_words.toml", _CLOTHES)


@cache
def _pieces() -> dict[str, str]:
    own = {name.replace("_", " "): name for name in (*clothes(), *heads().hats)}
    return own | {word: name for name, words in clothes_words().items() for word in words}


def action_for(verb: str, *objects: str) -> str | None:
    """The action of a verb (a lemma), or None.

    Args:
        objects: English names of what it is done to; their last words count: "open a jewellery box" is "open box".
    """
    lemma = verb.strip().lower().replace("_", " ")
    for name in objects:
        words = name.lower().replace("-", " ").replace("_", " ").split()
        for begin in range(len(words)):
            noun = " ".join(words[begin:])
            for form in (noun, noun.removesuffix("s")):
                if (action := _verbs().get(f"{lemma} {form}")) is not None:
                    return action
    return _verbs().get(lemma)


def piece_for(words: str) -> str | None:
    """The garment or hat that words name, or None; the last words count: "a red silk dress" is a dress."""
    parts = words.strip().lower().replace("_", " ").split()
    for begin in range(len(parts)):
        tail = " ".join(parts[begin:])
        for form in (tail, tail.removesuffix("s"), tail + "s"):
            if (name := _pieces().get(form)) is not None:
                return name
    return None
