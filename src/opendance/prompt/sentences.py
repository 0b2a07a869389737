"""Who does what to what: verbs, objects and relations between the nouns of a shot, by particles and word order."""

from __future__ import annotations

from collections.abc import Callable

from opendance.plan import Language
from opendance.prompt.animal_parents import make_parents_animals
from opendance.prompt.chinese import chinese
from opendance.prompt.english import english
from opendance.prompt.living_doers import give_to_the_living
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import Scene
from opendance.prompt.shirt_numbers import note_numbers
from opendance.prompt.verb_final import verb_final


def understand(text: str, items: list[Item], language: Language, before: list[Noun]) -> Scene:
    """What the sentences of `text` say of the things in `items`; `before`: who was seen in the shots before."""
    scene = _READERS[language](text, items, before)
    make_parents_animals(text, scene)
    give_to_the_living(text, scene, language)
    note_numbers(text, scene)
    return scene


_READERS: dict[Language, Callable[[str, list[Item], list[Noun]], Scene]] = {
    "en": english, "zh": chinese, "ko": verb_final, "ja": verb_final,
}  # fmt: skip
