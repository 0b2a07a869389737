"""Places in English sentences: where it is, what somebody does to them, and those that are things."""

from __future__ import annotations

from opendance.prompt.english_deeds import Deeds
from opendance.prompt.english_forms import is_unknown
from opendance.prompt.english_gaps import Gap
from opendance.prompt.english_words import uses_of
from opendance.prompt.lexicon import UNKNOWN, lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.quantities import counts_of
from opendance.prompt.scenes import note_object

# Prepositions with which a place is where the scene is.
_THERE = (
    None, "in", "on", "at", "through", "along", "across", "inside", "from", "into", "of", "down", "up", "near", "around",
    "past", "onto", "out of", "to",
)  # fmt: skip


_BESIDE = (
    "between",
    "behind",
    "beside",
    "in front of",
    "above",
    "over",
    "past",
    "around",
    "next to",
    "beyond",
    "under",
    "beneath",
)


class Places(Deeds):
    """A sentence with its places."""

    def _place(self, item: Item, gap: Gap) -> None:
        noun = item.noun
        preposition = gap.preposition
        before = self.previous
        if (
            before is not None
            and before.kind == "noun"
            and before.noun is not None
            and not before.noun.deeds
            and not before.noun.lives
            and self.text[before.end : item.begin] == " "
            and self.scene.nouns[-1:] == [before.noun]
        ):
            self._forget(before.noun)  # a mushroom cave
        if (
            self.acting is not None
            and preposition is None
            and not gap.comma
            and self.previous is self.acting
            and self.doers
        ):
            if noun is None or not is_unknown(noun):
                self.scene.places.append(item)  # "crosses a viaduct"
            for doer in self.doers:
                note_object(doer, self.acting.verb, self._as_noun(item)) if self.acting.verb is not None else None
            if noun is not None:
                self.scene.nouns.append(noun)
                self.last = noun
            self.acting = None
            return
        if noun is None and preposition in _BESIDE and self.text[item.begin : item.begin + 1].islower():
            noun = self._as_thing(item)
        there = preposition in _THERE
        if noun is not None and not there:
            self.scene.nouns.append(noun)
            self._govern(noun, preposition or "in", gap)
            self.last = noun
            if is_unknown(noun):
                self.scene.places.append(item)
        elif noun is not None and preposition is None and self.acting is None and not self.topic and not gap.comma:
            self.scene.nouns.append(noun)
            self.topic, self.last = [noun], noun
            if is_unknown(noun):
                self.scene.places.append(item)
        else:
            self.scene.places.append(item)
            if (
                noun is not None
                and preposition in ("on", "near", "past", "of")
                and noun.kind in ("nature", "building")
                and not is_unknown(noun)
            ):
                self.scene.nouns.append(noun)
        self.acting = None if preposition else self.acting

    def _as_thing(self, item: Item) -> Noun | None:
        """A place beside which something is, as the thing that it is: "between two icebergs"."""
        words = self.text[item.begin : item.end].lower().split()
        name = next((use.lemma for use in uses_of(words[-1]) if use.pos == "n"), words[-1])
        key = lexicon().named(name) or f"{UNKNOWN}{name}"
        named = lexicon().drawing(key)
        drawing = named if named.kind in ("nature", "building") else None  # an iceberg is no lettuce here
        counts = counts_of(self.text[max(0, item.begin - 12) : item.begin], [])
        noun = Noun(item.begin, item.end, self.text[item.begin : item.end], name, drawing, item.begin)
        if counts:
            noun.count, noun.counted = counts[-1].number, True
        return noun
