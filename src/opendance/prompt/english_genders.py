"""Of which gender somebody in an English prompt is, where only a pronoun tells it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opendance.plan import Gender
from opendance.prompt.nouns import Noun

_OWN_PRONOUN = re.compile(r"\b(?:(?P<female>she|her)|(?P<male>he|his|him))\b", re.IGNORECASE)
_NEAR = 160  # letters behind somebody's name in which a pronoun tells a gender


def note_genders(text: str, nouns: Sequence[Noun]) -> None:
    """Notes of people what the pronouns behind them say before anybody else is named: "a welder lifts her mask"."""
    people = [noun for noun in nouns if noun.lives and not noun.worn]
    for at, noun in enumerate(people):
        if noun.kind != "person" or noun.gender is not None or noun.count != 1 or noun.inherited:
            continue
        end = min(
            len(text), noun.end + _NEAR, *(each.first if each.first >= 0 else each.begin for each in people[at + 1 :])
        )
        pronoun = _OWN_PRONOUN.search(text, noun.end, end)
        if pronoun is None:
            continue
        gender: Gender = "female" if pronoun["female"] else "male"
        if all(each.gender != gender for each in people[:at]):
            noun.gender = gender
