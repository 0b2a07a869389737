"""English sentences: who does what to what, by word order, prepositions and pronouns."""

from __future__ import annotations

import re
from dataclasses import replace

from opendance.plan import Gender
from opendance.prompt.body_parts import is_detail
from opendance.prompt.english_forms import (
    CONTAINERS,
    SOMEBODY,
    acts_next,
    fits,
    is_living,
    is_past,
    is_unknown,
    material_of,
)
from opendance.prompt.english_gaps import MADE, Gap, gap_of
from opendance.prompt.english_genders import note_genders
from opendance.prompt.english_relations import Relations
from opendance.prompt.lexicon import Verb
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.scenes import (
    PORTABLE,
    WEARABLE,
    Scene,
    note_action,
    note_object,
    note_patient,
    relate,
    set_material,
)
from opendance.prompt.word_tables import Drawing


def english(text: str, items: list[Item], before: list[Noun]) -> Scene:
    """What English sentences say of the things in `items`; `before`: who was seen in the shots before."""
    reader = _Reader(text, items, before)
    for index, item in enumerate(items):
        reader.read(index, item)
    reader.tell_airs()
    note_genders(text, reader.scene.nouns)
    return reader.scene


_BY_CAMERA = re.compile(
    r"\b(?:camera|drone|steadicam|gimbal|shot|viewpoint)[ ](?:[a-z]+ly[ ]|then[ ]|starts?[ ]|begins?[ ]){0,2}(?:to[ ])?$"
)
_SOME_OF = re.compile(r"\b(?:one|two|some|each|all|both|none|another) of$|\b(?:one|two|some|each|all|both|another) of ")
_OF_SHOT = re.compile(
    r"\b(?:shot|close-up|closeup|view|footage|pov|macro|video|clip|detail|details|timelapse|time-lapse) of (?:[a-z]+ ){0,3}$"
)
_AIRY = re.compile(
    r"mist|fog|rain|snow|wind|breeze|light|beam|glow|ray|shadow|wave|storm|cloud|dust|smoke|steam|sand|lightning|thunder|sunlight|moonlight|leaves|petals|embers|spray|haze"
)
_APPOSITION = re.compile(r"[ ]?[,:(–—][ ]?(?:an?|the)[ ](?:[a-z-]+[ ]){0,4}")
# How a part of a body is that somebody is said to have.
_OF_BODY = re.compile(
    r"(?:\b(?:with|has|have|having|and)|[,(])[ ](?:(?:an?|the|his|her|their|its|one|two)[ ])?(?P<how>(?:(?!and[ ])[a-z]+(?:-[a-z]+)?[ ]){0,3})$",
    re.IGNORECASE,
)
_DONE_TO_BODY = re.compile(r"[a-z]{1,24}ing[ ](?:an?|the|his|her|their|its)\b", re.IGNORECASE)  # "wiping her brow"
_PREDICATIVE = ("asleep", "awake")
# What a thing is said to do right behind its name does nobody else.
_STATES = (
    "hang",
    "dangle",
    "drip",
    "glow",
    "burn",
    "float",
    "flutter",
    "flap",
    "steam",
    "boil",
    "sizzle",
    "spill",
    "swing",
    "droop",
)
# What clothes do themselves: all else is done by whoever wears them.
_OF_CLOTHES = (
    "billow", "trail", "slide", "slip", "fall", "sway", "gleam", "shine", "glitter", "glint", "shimmer", "sparkle", "blow", "stream",
    "whip", "tear", "rip", "split", "catch", "fly", "soak", "brush", "drag", "rustle", "crunch", "squeak", "creak", "flare",
)  # fmt: skip
# What stands between a verb and who does it.
_NAMES_NEXT = re.compile(r"[ ](?:(?:an?|the|two|three|four|five|several|his|her|their)[ ])(?:[a-z-]+[ ]){0,3}")
# Blanks in place of a label, behind which "he" stands for whoever is named: layout.py writes it.
_LABELLED = re.compile(r"(?:[.][ \n]{4,}|[ ]{3,}[.][ ])$")
_OTHER = re.compile(r"\b(?:an)?other[ ](?:[a-z]+[ ]){0,1}$", re.IGNORECASE)
_HOLDING = ("hand", "hands", "arms", "mouth", "beak", "fingers", "paws", "paw", "fist", "teeth")
_GENDERS: dict[str, Gender] = {"he": "male", "him": "male", "she": "female"}
_GIVEN = ("read", "give", "hand", "tell", "show", "bring", "offer", "pass", "send", "throw", "teach", "sing", "serve")
# Prepositions with which a place is where the scene is.
_THERE = (
    None, "in", "on", "at", "through", "along", "across", "inside", "from", "into", "of", "down", "up", "near", "around",
    "past", "onto", "out of", "to",
)  # fmt: skip


class _Reader(Relations):
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
        elif gap.begins_clause:
            self.acting, self.joined, self.fronted = None, None, None
            if not gap.relative and item.kind != "verb":
                self.topic = []
        elif gap.comma:
            self.joined = None

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

    def _part(self, item: Item, gap: Gap) -> None:
        """A part of a body: what is done to it, or who does something with it."""
        self.scene.body.append(item)
        acting = self.acting
        self._tell_of_body(item, gap)
        if (
            acting is not None
            and acting.verb is not None
            and gap.preposition is None
            and not gap.comma
            and self.previous is acting
        ):
            words = self.text[item.begin : item.end]
            part = Noun(item.begin, item.end, words, words, None, worn=True)
            for doer in self.doers:
                note_object(doer, acting.verb, part)
            self.acting = None
        elif gap.preposition in ("in", "with") and self.text[item.begin : item.end].lower() in _HOLDING:
            owner = next((n for n in [*self.doers, *self.topic, *reversed(self.scene.nouns)] if n.lives), None)
            if owner is not None and self.last is not None and self.last.kind in PORTABLE and self.last is not owner:
                relate(owner, "holding", self.last)
        elif gap.possessive and self.last is not None and id(self.last) not in self.governed:
            self.topic, self.acting = [self.last], None
        elif gap.preposition in ("on", "over", "around", "across") and self.last is not None and not gap.comma:
            owner = next((n for n in [*self.doers, *self.topic, *reversed(self.scene.nouns)] if n.lives), None)
            if owner is not None and self.last is not owner:  # "a parrot on his shoulder"
                relate(owner, "wearing", self.last) if self.last.kind in WEARABLE else relate(self.last, "on", owner)
                if not self.last.acts and self.last in self.topic:
                    self.topic = [owner]  # "flour on his cheek" does nothing
        elif gap.comma and gap.preposition is None and any(doer.lives for doer in self.doers):
            self.topic, self.acting = list(self.doers), None
        elif (
            gap.preposition is None
            or (not self.before and _OF_SHOT.search(self.text, max(0, item.begin - 40), item.begin))
        ) and not any(n.lives and not n.worn for n in self.scene.nouns):
            words = self.text[item.begin : item.end]
            somebody = Noun(
                item.begin,
                item.end,
                words,
                words.lower(),
                Drawing("🧑", words.lower(), "person", key=f"person {words.lower()}"),
                item.begin,
            )
            self.scene.nouns.append(somebody)
            self.topic, self.last = [somebody], somebody

    def _tell_of_body(self, item: Item, gap: Gap) -> None:
        """Notes of somebody how a part of the body is: "with a shaved head", "(60s, thick white beard)"."""
        begin = max(self.text.rfind(stop, 0, item.begin) for stop in ".;\n") + 1
        said = _OF_BODY.search(self.text, max(begin, item.begin - 60), item.begin)
        words = self.text[item.begin : item.end].lower()
        if said is None or not (said["how"].strip() or is_detail(words)) or (gap.possessive or self.filming):
            return
        if _DONE_TO_BODY.match(said["how"]) is not None:
            return
        owner = self.last if self.last is not None and self.last.lives else None
        if gap.preposition == "with" and self.previous is not None and self.previous.kind == "noun":
            owner = self.last
        owner = owner or next((noun for noun in reversed(self.scene.nouns) if noun.lives and not noun.worn), None)
        owner = owner or (self.last if self.last is not None and is_detail(words) and not self.last.worn else None)
        if owner is not None:
            owner.qualities = (*owner.qualities, f"{said['how'].lower()}{words}")

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
        if preposition in MADE and self.last is not None and (made := material_of(noun)) is not None:
            set_material(self.last, made)
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
        elif preposition is not None and not (gap.comma and preposition == "with" and self.last is None):
            self._govern(noun, preposition, gap)
            self.governed.add(id(noun))
            if preposition != "of":
                self.acting = None if preposition != "with" else self.acting
        elif (
            self.acting is not None
            and not gap.comma
            and not self.passive
            and not gap.begins_clause
            and (
                self.previous is self.acting
                or (self.previous is not None and self.previous.kind == "pronoun" and not gap.conjunction)
            )
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
            and not acts_next(self.text, item, following)
        ):
            self._join(noun)
        elif noun.kind in WEARABLE and (owner := self._wearer(item)) is not None:
            relate(owner, "wearing", noun)
            does = (
                following is not None
                and following.verb is not None
                and following.verb.lemma in (*_STATES, *_OF_CLOTHES)
                and not self.text[item.end : following.begin].strip()
            )
            self.topic = [noun] if does else [owner]
        else:
            self.topic, self.acting = [noun], None
            self.joined = None
            self._stand_where_fronted(noun)
        self._stand(item, noun)
        self.last = noun

    def _wearer(self, item: Item) -> Noun | None:
        """Who wears what is named without a word between: whom the clause is about, but in brackets who stands before them."""
        aside = self.text.rfind("(", 0, item.begin) > self.text.rfind(")", 0, item.begin)
        before = self.scene.nouns[-2::-1]
        return next((noun for noun in ([] if aside else self.topic) + before if noun.lives), None)

    def _same_person(self, item: Item, noun: Noun) -> Noun | None:
        """Who is told of again behind a comma: "her coach, a bald man"."""
        last = self.last
        if last is None or last.role is None or noun.kind != "person" or noun.role is not None or last is noun:
            return None
        if self.previous is None or self.previous.noun is not last or last.deeds or last.count != noun.count:
            return None
        between = self.text[self.previous.end : item.begin].lower()
        return last if _APPOSITION.fullmatch(between) is not None else None

    def _verb(self, item: Item, verb: Verb, gap: Gap) -> None:
        if _BY_CAMERA.search(gap.near) is not None:
            self.filming = True
        elif self.previous is not None and self.previous.kind in ("noun", "pronoun"):
            self.filming = self.filming and (gap.conjunction or gap.comma) and not gap.ends_sentence
        if self.filming:
            self.topic, self.doers, self.main, self.acting = [], [], [], None
            return
        if self.fronted is not None and (inverted := self._named_behind(item, gap)) is not None:
            note_action(self.scene, item, [inverted])
            self._stand_where_fronted(inverted)
            self.topic, self.doers, self.main, self.acting = [inverted], [inverted], [inverted], None
            return
        self.fronted = None
        ends = item.form.split()[0]
        participle = ends.endswith("ing") or item.form in ("dressed in", "clad in", "made")
        beside = self.last if self.previous is not None and self.previous.kind == "noun" and gap.blank else None
        if self.previous is not None and self.previous.kind == "pronoun" and gap.blank and self.last is not None:
            beside = self.last
        if gap.relative and self.last is not None:
            agents = [self.last]
        elif beside is not None and (item.form in _PREDICATIVE or (participle and verb.lemma in _STATES)):
            agents = [beside]  # "a cat asleep", "a violin hanging from"
        elif gap.to and self.doers:
            agents = list(self.doers)
        elif (
            gap.infinitive
            and beside is not None
            and beside not in self.topic
            and self.acting is not None
            and beside.lives
        ):
            agents = [beside]  # "helps a man stand up"
        elif (
            (gap.conjunction or gap.comma)
            and self.doers
            and not (self.topic and self.topic[0] not in self.doers and not self.topic[0].passive)
        ):
            agents = list(self.main or self.doers)
        elif (
            participle
            and beside is not None
            and (rider := next((n for n in self.scene.nouns if ("riding", beside) in n.relations), None)) is not None
        ):
            agents = [rider]  # "a girl on a bicycle weaving through traffic"
        elif (
            participle
            and beside is not None
            and beside.acts
            and beside not in self.topic
            and (beside.lives or verb.relation not in ("holding", "wearing"))
        ):
            agents = [beside]
        elif beside is not None and is_past(item.form) and not gap.perfect and beside not in self.topic and self.main:
            agents = [beside]  # "a gown draped over"
        elif gap.passive and beside is not None:
            agents = [beside] if beside not in self.topic else list(self.topic)
        else:
            agents = list(self.topic) or ([beside] if beside is not None and beside.acts else [])
        if (
            not agents
            and (
                participle
                or gap.conjunction
                or gap.comma
                or gap.ends_sentence
                or ":" in self.text[max(0, item.begin - 4) : item.begin]
            )
            and (someone := next((n for n in reversed(self.scene.nouns) if n.acts and not n.worn), None)) is not None
        ):
            agents = [someone]
        if verb.like == "wear" and agents and not agents[0].lives:
            agents = [n for n in self.scene.nouns if n.lives and not n.worn][-1:] or agents
        if not agents:
            self.scene.lonely.append(item)
        self.passive = is_past(item.form) and not gap.perfect
        if self.passive and agents and self._by_somebody(item):
            self.doers = agents
            for each in agents:
                note_patient(each)
        else:
            note_action(self.scene, item, agents)
            self.doers = agents or self.doers
            if not participle and agents:
                self.main = agents
        self.acting = item

    def _named_behind(self, item: Item, gap: Gap) -> Noun | None:
        """Who does it where the sentence begins with where: "behind her stands a guard"."""
        following = self.following
        if not gap.blank or gap.comma or following is None or following.kind != "noun":
            return None
        between = self.text[item.end : following.begin].lower()
        return following.noun if _NAMES_NEXT.fullmatch(between) and not item.form.endswith("ing") else None

    def _by_somebody(self, item: Item) -> bool:
        """Whether who does it is named behind it: "pursued by three wolves"."""
        return self.text[item.end : item.end + 4].lower() == " by "
