"""Who does what to what: verbs, objects and relations between the nouns of a shot, by particles and word order."""

from __future__ import annotations

from collections.abc import Callable

from opendance.plan import Language
from opendance.prompt.chinese import chinese
from opendance.prompt.english import english
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import Scene
from opendance.prompt.verb_final import verb_final


def understand(text: str, items: list[Item], language: Language, before: list[Noun]) -> Scene:
    """What the sentences of `text` say of the things in `items`; `before`: who was seen in the shots before."""
    return _READERS[language](text, items, before)


_READERS: dict[Language, Callable[[str, list[Item], list[Noun]], Scene]] = {
    "en": english, "zh": chinese, "ko": verb_final, "ja": verb_final,
}  # fmt: skip
