"""English sentences: who does what to what, by word order, prepositions and pronouns."""

from __future__ import annotations

import re
from dataclasses import replace

from opendance.plan import Gender
from opendance.prompt.english_deeds import NAMES_NEXT, STATES
from opendance.prompt.english_forms import (
    CONTAINERS,
    SOMEBODY,
    acts_next,
    fits,
    is_living,
    is_unknown,
    material_of,
)
from opendance.prompt.english_gaps import MADE, PREPOSITIONS, Gap, gap_of
from opendance.prompt.english_genders import note_genders
from opendance.prompt.english_places import Places
from opendance.prompt.english_relations import NEVER_FRONTED
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import (
    PORTABLE,
    WEARABLE,
    Scene,
    note_action,
    note_object,
    relate,
    set_material,
)


def english(text: str, items: list[Item], before: list[Noun]) -> Scene:
    """What English sentences say of the things in `items`; `before`: who was seen in the shots before."""
    reader = _Reader(text, items, before)
    for index, item in enumerate(items):
        reader.read(index, item)
    reader.tell_airs()
    note_genders(text, reader.scene.nouns)
    return reader.scene


_SOME_OF = re.compile(r"\b(?:one|two|some|each|all|both|none|another) of$|\b(?:one|two|some|each|all|both|another) of ")
_AIRY = re.compile(
    r"mist|fog|rain|snow|wind|breeze|light|beam|glow|ray|shadow|wave|storm|cloud|dust|smoke|steam|sand|lightning|thunder|sunlight|moonlight|leaves|petals|embers|spray|haze"
)
_APPOSITION = re.compile(r"[ ]?[,:(–—][ ]?(?:an?|the)[ ](?:[a-z-]+[ ]){0,4}")
# What clothes do themselves: all else is done by whoever wears them.
_OF_CLOTHES = (
    "billow", "trail", "slide", "slip", "fall", "sway", "gleam", "shine", "glitter", "glint", "shimmer", "sparkle", "blow", "stream",
    "whip", "tear", "rip", "split", "catch", "fly", "soak", "brush", "drag", "rustle", "crunch", "squeak", "creak", "flare",
)  # fmt: skip
# Blanks in place of a label, behind which "he" stands for whoever is named: layout.py writes it.
_LABELLED = re.compile(r"(?:[.][ \n]{4,}|[ ]{3,}[.][ ])$")
_WHICH = re.compile(r"\b(on|in|under|behind|above|over|beside|inside|around|beneath|below|between)[ ](?:which|whom)\b")
_CALLED = re.compile(r"[ ](?:named|called)[ ]")
_ONES_OWN = re.compile(r"[,(][ ](?:his|her|its|their)[ ](?:[a-z-]+[ ]){0,3}$")
_OTHER = re.compile(r"\b(?:an)?other[ ](?:[a-z]+[ ]){0,1}$", re.IGNORECASE)
_GENDERS: dict[str, Gender] = {"he": "male", "him": "male", "she": "female"}
_GIVEN = ("read", "give", "hand", "tell", "show", "bring", "offer", "pass", "send", "throw", "teach", "sing", "serve")


class _Reader(Places):
    """A text, read from item to item."""

    def read(self, index: int, item: Item) -> None:
        """Takes the next item in."""
        if item.form == "weak":  # a place that only the name of a thing tells
            self.scene.places.append(item)
            return
        gap = gap_of(self.text, self.end, item, self.modified)
        following = self.items[index + 1] if index + 1 < len(self.items) else None
        if (
            following is not None
            and (
                item.kind == "abstract"
                or (item.kind in ("place", "part") and item.noun is None)
                or (item.kind == "place" and following.kind == "noun" and not is_living(following))
            )
            and following.kind in ("noun", "place")
            and self.text[item.end : following.begin] == " "
        ):
            if item.kind == "place":  # a park bench, which the words before tell of
                vague = following.kind == "place" and following.noun is not None and is_unknown(following.noun)
                if item.noun is not None and following.noun is not None:
                    following.noun.material = following.noun.material or item.noun.material
                    following.noun.colour = following.noun.colour or item.noun.colour
                self.scene.places.append(item if vague else replace(item, form="weak"))
            self.modified = gap.near
            return
        if self.previous is not None and self.previous.kind == "part" and self._ends_with_of(self.previous):
            gap = replace(gap, preposition=gap.preposition or "of")  # "the back of her glove"
        self.modified = ""
        self.following = following
        self.end = max(self.end, item.end)
        self._begin_clause(item, gap)
        if item.kind == "material":
            if (
                gap.preposition in MADE
                or (gap.preposition == "of" and self.last is not None and self.last.name in CONTAINERS)
            ) and self.last is not None:
                set_material(self.last, item.of)
                if gap.preposition == "of":
                    self.last.name = f"{self.last.name} of {self.text[item.begin : item.end].lower()}"
                self.previous = item
            return
        match item.kind:
            case "place":
                self._place(item, gap)
            case "abstract" if item.noun is not None:
                if (
                    following is not None
                    and following.kind == "verb"
                    and not self.text[item.end : following.begin].strip()
                    and gap.preposition is None
                ):
                    self.topic, self.acting = [item.noun], None  # "steam rises": nobody else does
                    self.airs.append(item.noun)
                elif not self._abstract(item.noun, gap):
                    return
            case "part":
                self._part(item, gap)
            case "pronoun":
                self._pronoun(item, gap)
            case "noun" if item.noun is not None:
                self.scene.nouns.append(item.noun)
                self._noun(item, item.noun, gap, following)
            case "verb" if item.verb is not None:
                self._verb(item, item.verb, gap)
            case _:
                pass
        self.previous = item

    def _ends_with_of(self, item: Item) -> bool:
        return self.text[item.begin : item.end].endswith(" of")

    def tell_airs(self) -> None:
        """Takes in what the air does beside things: mist that rolls, a beam that sweeps."""
        if not any(not noun.worn for noun in self.scene.nouns):
            return
        for noun in self.airs:
            if noun.deeds and _AIRY.search(noun.name) is not None:
                noun.worn = False
                self.scene.nouns.append(noun)

    def _begin_clause(self, item: Item, gap: Gap) -> None:
        if gap.ends_sentence:
            self.filming, self.fronted = False, None
            self.earlier = self.topic or self.earlier
            self.topic, self.acting, self.last, self.joined = [], None, None, None
            self.doers, self.main = [], []
            self.passive = False
            self.clause_begin = item.begin
        elif gap.begins_clause:
            self.clause_begin = item.begin
            self.acting, self.joined, self.fronted = None, None, None
            if not gap.relative and item.kind != "verb":
                self.topic = []
        elif gap.comma:
            self.joined = None

    def _abstract(self, noun: Noun, gap: Gap) -> bool:
        """What cannot be seen is told where it is done: "takes a step", "tells a story"."""
        if (
            self.acting is None
            or gap.comma
            or gap.begins_clause
            or self.passive
            or gap.preposition not in (None, "to", "with", "at")
        ):
            return False
        if (
            gap.preposition is None
            and self.previous is not self.acting
            and not (self.previous is not None and self.previous.kind == "pronoun")
        ):
            return False
        for doer in self.doers:
            if self.acting.verb is not None and (gap.preposition is None or doer.object is None):
                note_object(doer, self.acting.verb, noun)
        return True

    def _pronoun(self, item: Item, gap: Gap) -> None:
        if item.form in ("everyone", "everybody"):
            nouns = [noun for noun in self.scene.nouns if noun.kind == "person" and not noun.worn]
        else:
            nouns = self._meant(item.form, gap)
        taken = (
            self.acting is not None
            and not gap.comma
            and not gap.conjunction
            and not gap.begins_clause
            and self.previous is self.acting
        )
        if not nouns and _LABELLED.search(self.text, max(0, item.begin - 12), item.begin) is not None:
            nouns = [noun for noun in self.scene.nouns if noun.acts and not noun.worn][:1]
        nouns = nouns or self._split(item.form)
        if not nouns and item.form in SOMEBODY and not self.filming:
            nouns = [self._somebody(item)]
        if not nouns:
            return
        if (
            item.form in _GENDERS
            and len(nouns) == 1
            and nouns[0].count == 1
            and not fits(nouns[0], "it", None, plural=False)
        ):
            nouns[0].gender = nouns[0].gender or _GENDERS[item.form]
        if gap.preposition == "of" and _SOME_OF.search(gap.near):
            self.topic, self.acting, self.last = nouns, None, nouns[0]
        elif (
            self.previous is not None
            and self.previous.kind == "place"
            and gap.preposition is not None
            and self.text[self.previous.end : item.begin].strip() == gap.preposition
        ):
            return  # "a lava river behind him"
        elif gap.preposition is not None and not gap.begins_clause and item.form not in ("he", "she", "they"):
            if self._leads(item, gap):
                self.topic, self.acting = [], None
                self.fronted = (PREPOSITIONS[gap.preposition] or "beside", nouns[0])
            else:
                self._govern(nouns[0], gap.preposition, gap)
            self.last = nouns[0]
        elif taken and item.form not in ("he", "she", "they"):
            acting = self.acting
            if acting is not None and acting.verb is not None:
                for doer in self.doers:
                    if nouns[0].lives and acting.verb.lemma in _GIVEN:
                        continue  # to whom it is done; what is done comes behind
                    note_object(doer, acting.verb, nouns[0])
            self.last = nouns[0]
        else:
            self.topic, self.acting, self.last = nouns, None, nouns[0]

    def _noun(self, item: Item, noun: Noun, gap: Gap, following: Item | None) -> None:
        preposition = gap.preposition
        if _OTHER.search(self.text, max(0, noun.begin - 24), noun.begin) is not None and any(
            each.name == noun.name and each is not noun for each in self.scene.nouns
        ):
            noun.name = f"other {noun.name}"  # not the same again
        if preposition in MADE and self.last is not None and (made := noun.material or material_of(noun)) is not None:
            set_material(self.last, made)  # "made of ice", "made of copper pots"
            noun.worn = True
        elif (
            preposition == "by"
            and self.passive
            and self.acting is not None
            and self.acting.verb is not None
            and self.doers
        ):
            note_action(self.scene, self.acting, [noun], self.doers[0])
            self.acting, self.passive = None, False
            self.topic = self.topic or [noun]
        elif (which := _WHICH.search(gap.near)) is not None and self.last is not None and self.last is not noun:
            relate(noun, PREPOSITIONS[which[1]] or "beside", self.last)  # "a raft on which three cats sleep"
            self.topic, self.acting = [noun], None
        elif preposition is not None and not (gap.comma and preposition == "with" and self.last is None):
            if self._leads(item, gap):
                self.topic, self.doers, self.acting, self.last = [], [], None, None
            self._govern(noun, preposition, gap)
            self.governed.add(id(noun))
            self.governing = preposition
            if preposition != "of":
                self.acting = None if preposition != "with" else self.acting
        elif (
            self.acting is not None
            and not gap.comma
            and not self.passive
            and not gap.begins_clause
            and not gap.conjunction
            and (self.previous is self.acting or (self.previous is not None and self.previous.kind == "pronoun"))
        ):
            for doer in self.doers:
                note_object(doer, self.acting.verb, noun) if self.acting.verb is not None else None
            if not self.doers:
                noun.passive = True
            self.governed.add(id(noun))
        elif gap.possessive and noun.kind in WEARABLE and self.last is not None:
            relate(self.last, "wearing", noun)
        elif gap.possessive and self.last is not None and gap.blank_after_possessive and id(self.last) in self.governed:
            self._belong(self.last, noun)
        elif self.last is not None and self.last.kind == noun.kind == "person" and _CALLED.fullmatch(gap.near):
            self.scene.nouns.pop()
            self._name(self.last, noun)
            return
        elif (somebody := self._same_person(item, noun)) is not None:
            self.scene.nouns.pop()
            somebody.age, somebody.gender = somebody.age or noun.age, somebody.gender or noun.gender
            self.topic, self.last, self.acting = [somebody], somebody, None
            return
        elif (
            gap.conjunction
            and self.previous is not None
            and self.previous.kind == "noun"
            and self.last is not None
            and not self._acts_alone(item, noun, following)
        ):
            self._join(noun)
        elif (
            gap.conjunction
            and self.previous is not None
            and self.previous.kind == "part"
            and self.last is not None
            and self.last.lives
            and not acts_next(self.text, item, following)
            and not self._has_its_verb()
        ):  # "with a wooden leg and a parrot on his shoulder"
            self.governed.add(id(noun))
            self.governing = "with"
            if noun.kind in WEARABLE or noun.kind in PORTABLE:
                relate(self.last, "wearing" if noun.kind in WEARABLE else "holding", noun)
                return
        elif noun.kind in WEARABLE and (owner := self._wearer(item)) is not None:
            relate(owner, "wearing", noun)
            does = (
                following is not None
                and following.verb is not None
                and following.verb.lemma in (*STATES, *_OF_CLOTHES)
                and not self.text[item.end : following.begin].strip()
            )
            self.topic = [noun] if does else [owner]
        else:
            self.topic, self.acting = [noun], None
            self.joined = None
            self._stand_where_fronted(noun)
            self._keep_in_hand(noun)
        self._stand(item, noun)
        self.last = noun

    def _acts_alone(self, item: Item, noun: Noun, following: Item | None) -> bool:
        """Whether a noun behind "and" begins a clause of its own: in "a fox and a hen run" it does what is said of both."""
        if not acts_next(self.text, item, following) or following is None or not self.topic:
            return acts_next(self.text, item, following)
        if self._has_its_verb():
            return not self._of_one(following) or noun.count == 1 or not noun.counted
        return not noun.lives and self.last in self.topic and not self.topic[0].lives and not self._of_one(following)

    def _of_one(self, item: Item) -> bool:
        """Whether a verb says what one does, and not several: "crosses"."""
        form = item.form.split()[0]
        return form.endswith("s") and not form.endswith("ss") and item.verb is not None and form != item.verb.lemma

    def _keep_in_hand(self, noun: Noun) -> None:
        """What somebody is said to have about who acts is in the hand: "she turns, her sword drawn"."""
        if (
            noun.kind not in ("weapon", "tool", "instrument")
            or _ONES_OWN.search(self.text, max(0, noun.begin - 40), noun.begin) is None
        ):
            return
        owner = next((n for n in [*self.doers, *reversed(self.scene.nouns[:-1])] if n.lives and not n.worn), None)
        if owner is not None:
            relate(owner, "holding", noun)

    def _wearer(self, item: Item) -> Noun | None:
        """Who wears what is named without a word between: whom the clause is about, but in brackets who stands before them."""
        aside = self.text.rfind("(", 0, item.begin) > self.text.rfind(")", 0, item.begin)
        before = self.scene.nouns[-2::-1]
        return next((noun for noun in ([] if aside else self.topic) + before if noun.lives), None)

    def _leads(self, item: Item, gap: Gap) -> bool:
        """Whether it is told where somebody is before who that is: ", on the roof a cat sleeps"."""
        following = self.following
        if (
            not gap.comma
            or gap.conjunction
            or following is None
            or following.kind != "noun"
            or gap.preposition in NEVER_FRONTED
        ):
            return False
        if PREPOSITIONS.get(gap.preposition or "") is None or not gap.near.lstrip(" ,").startswith(
            gap.preposition or "-"
        ):
            return False
        return NAMES_NEXT.fullmatch(self.text[item.end : following.begin].lower()) is not None

    def _name(self, somebody: Noun, name: Noun) -> None:
        """Gives somebody the name that stands behind: "a girl named Mia"."""
        somebody.name = name.name
        if somebody.drawing is not None and name.drawing is not None:
            somebody.drawing = replace(somebody.drawing, name=name.name, key=name.drawing.key)

    def _same_person(self, item: Item, noun: Noun) -> Noun | None:
        """Who is told of again behind a comma: "her coach, a bald man", "Tom, an old sailor"."""
        last = self.last
        if last is None or noun.kind != "person" or last is noun:
            return None
        named = last.role is None and last.drawing is not None and last.drawing.key == f"person {last.name}"
        if not (named if noun.role is not None else named or last.role is not None):
            return None
        if self.previous is None or self.previous.noun is not last or last.deeds or last.count != noun.count:
            return None
        between = self.text[self.previous.end : item.begin].lower()
        if _APPOSITION.fullmatch(between) is None:
            return None
        if named and noun.drawing is not None and last.drawing is not None:
            last.role, last.drawing = noun.role, replace(noun.drawing, name=last.name, key=last.drawing.key)
        return last
