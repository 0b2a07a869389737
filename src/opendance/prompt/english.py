"""English sentences: who does what to what, by word order, prepositions and pronouns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from opendance.plan import Gender, Material, Relation
from opendance.prompt.english_gaps import MADE, PREPOSITIONS, STANDING, STANDS, Gap, gap_of
from opendance.prompt.lexicon import UNKNOWN, Verb
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
    return reader.scene


@dataclass
class _Reader:
    """A text, read from item to item.

    Attributes:
        topic: who the clause is about; `doers`: who did what the last verb says, `main`: who did what the last
            verb says that is no participle.
        acting: the verb that may still get an object; `passive`: whether its object stands before it.
        last, previous: the last noun, the last item; `governed`: nouns that a preposition or a verb has taken.
        modified: what stands before a place that only qualifies the next noun.
    """

    text: str
    items: list[Item]
    before: list[Noun]
    scene: Scene = field(default_factory=Scene)
    topic: list[Noun] = field(default_factory=list[Noun])
    doers: list[Noun] = field(default_factory=list[Noun])
    main: list[Noun] = field(default_factory=list[Noun])
    acting: Item | None = None
    passive: bool = False
    last: Noun | None = None
    previous: Item | None = None
    governed: set[int] = field(default_factory=set[int])
    joined: tuple[Noun, Relation] | None = None  # a preposition that may go on: "on the roof and the wall"
    end: int = 0
    modified: str = ""
    filming: bool = False  # the camera does what the verbs say

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
                or (item.kind == "place" and following.kind == "noun" and not _is_living(following))
            )
            and following.kind in ("noun", "place")
            and self.text[item.end : following.begin] == " "
        ):
            if item.kind == "place":  # a park bench, which the words before tell of
                vague = following.kind == "place" and following.noun is not None and _is_unknown(following.noun)
                if item.noun is not None and following.noun is not None:
                    following.noun.material = following.noun.material or item.noun.material
                    following.noun.colour = following.noun.colour or item.noun.colour
                self.scene.places.append(item if vague else replace(item, form="weak"))
            self.modified = gap.near
            return
        self.modified = ""
        self.end = max(self.end, item.end)
        self._begin_clause(item, gap)
        if item.kind == "material":
            if (
                gap.preposition in MADE
                or (gap.preposition == "of" and self.last is not None and self.last.name in _CONTAINERS)
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

    def _begin_clause(self, item: Item, gap: Gap) -> None:
        if gap.ends_sentence:
            self.filming = False
            self.topic, self.acting, self.last, self.joined = [], None, None, None
            self.doers, self.main = [], []
            self.passive = False
        elif gap.begins_clause:
            self.acting, self.joined = None, None
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
            if noun is None or not _is_unknown(noun):
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
            if _is_unknown(noun):
                self.scene.places.append(item)
        elif noun is not None and preposition is None and self.acting is None and not self.topic and not gap.comma:
            self.scene.nouns.append(noun)
            self.topic, self.last = [noun], noun
            if _is_unknown(noun):
                self.scene.places.append(item)
        else:
            self.scene.places.append(item)
            if (
                noun is not None
                and preposition in ("on", "near", "past", "of")
                and noun.kind in ("nature", "building")
                and not _is_unknown(noun)
            ):
                self.scene.nouns.append(noun)
        self.acting = None if preposition else self.acting

    def _forget(self, noun: Noun) -> None:
        """Takes a noun out again that only qualifies a place."""
        self.scene.nouns.pop()
        for other in self.scene.nouns:
            other.relations = [(relation, each) for relation, each in other.relations if each is not noun]
            other.object = None if other.object is noun else other.object
            other.deeds = [deed for deed in other.deeds if deed.object is not noun]
        self.last = self.scene.nouns[-1] if self.scene.nouns else None

    def _as_noun(self, item: Item) -> Noun:
        return item.noun or Noun(
            item.begin, item.end, self.text[item.begin : item.end], item.of.replace("_", " "), None, worn=True
        )

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
        elif gap.comma and gap.preposition is None and any(doer.lives for doer in self.doers):
            self.topic, self.acting = list(self.doers), None
        elif gap.preposition is None and not any(noun.lives for noun in (*self.topic, *self.doers)):
            words = self.text[item.begin : item.end]
            somebody = Noun(
                item.begin,
                item.end,
                words,
                words.lower(),
                Drawing("🧑", words.lower(), "person", key="person person"),
                item.begin,
            )
            self.scene.nouns.append(somebody)
            self.topic, self.last = [somebody], somebody

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
        if not nouns and item.form in _SOMEBODY and not self.filming:
            nouns = [self._somebody(item)]
        if not nouns:
            return
        if gap.preposition == "of" and _SOME_OF.search(gap.near):
            self.topic, self.acting, self.last = nouns, None, nouns[0]
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

    def _somebody(self, item: Item) -> Noun:
        """Whom a pronoun means where nobody was named before."""
        name, gender = _SOMEBODY[item.form]
        drawing = Drawing("🧑", name, "person", key="person person")
        noun = Noun(item.begin, item.end, self.text[item.begin : item.end], name, drawing, item.begin, gender=gender)
        if gender is None:
            noun.count, noun.counted = 2, True
        self.scene.nouns.append(noun)
        return noun

    def _meant(self, pronoun: str, gap: Gap) -> list[Noun]:
        """Whom a pronoun means: somebody who was named before, here or in the shots before."""
        plural = pronoun in ("they", "them")
        gender = "female" if pronoun in ("she", "her") else "male" if pronoun in ("he", "him") else None
        if pronoun == "they" and len(self.topic) > 1:
            return list(self.topic)
        other = [] if pronoun in ("he", "she", "they") else [*self.doers, *self.topic]
        for nouns, named_before in ((self.scene.nouns, False), (self.before, True)):
            seen = [noun for noun in nouns if not noun.worn]
            fitting = (
                [n for n in seen if _fits(n, pronoun, gender, plural)]
                or [n for n in seen if gender is not None and n.kind == "person"]
                or [n for n in seen if gender is not None and n.kind in ("machine", "toy", "thing")]
            )
            fitting = [n for n in fitting if n not in other] or fitting
            if not fitting:
                continue
            surely = [n for n in fitting if gender is not None and n.gender == gender] or [
                n for n in fitting if gender is not None and n.kind == "person"
            ]
            if pronoun == "it":
                done_to = [n for n in fitting if any(deed.object is n for doer in self.doers for deed in doer.deeds)]
                chosen = (done_to or [n for n in fitting if n.deeds or n.passive] or fitting)[-1]
            else:
                chosen = (surely or [n for n in fitting if n.deeds] or fitting)[-1]
            if not named_before:
                return [chosen]
            copy = chosen.seen_again()
            self.scene.nouns.append(copy)
            return [copy]
        return []

    def _noun(self, item: Item, noun: Noun, gap: Gap, following: Item | None) -> None:
        preposition = gap.preposition
        if preposition in MADE and self.last is not None and (made := _material_of(noun)) is not None:
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
        elif (
            gap.conjunction
            and self.previous is not None
            and self.previous.kind == "noun"
            and self.last is not None
            and not _acts_next(self.text, item, following)
        ):
            self._join(noun)
        elif (
            noun.kind in WEARABLE
            and (owner := next((n for n in reversed(self.scene.nouns[:-1]) if n.lives), None)) is not None
        ):
            relate(owner, "wearing", noun)
            does = (
                following is not None and following.kind == "verb" and not self.text[item.end : following.begin].strip()
            )
            self.topic = [noun] if does else [owner]
        else:
            self.topic, self.acting = [noun], None
            self.joined = None
        self._stand(item, noun)
        self.last = noun

    def _stand(self, item: Item, noun: Noun) -> None:
        """What is said behind a noun of where it is, though of nothing else: "a chef in the background"."""
        where = STANDING.match(self.text, item.end, item.end + 80)
        if where is None:
            return
        other = next((n for n in self.scene.nouns if n is not noun and not n.worn), None)
        if other is not None:
            relate(noun, next(relation for word, relation in STANDS.items() if word in where[1].lower()), other)

    def _belong(self, owner: Noun, noun: Noun) -> None:
        """What somebody owns has the part in the sentence that its owner seemed to have: "on a soldier's rifle"."""
        for other in self.scene.nouns:
            other.relations = [(relation, noun if each is owner else each) for relation, each in other.relations]
            other.object = noun if other.object is owner else other.object
            for deed in other.deeds:
                deed.object = noun if deed.object is owner else deed.object
        noun.passive = True
        self.governed.add(id(noun))

    def _join(self, noun: Noun) -> None:
        """A noun behind "and": it has the part that the noun before it has."""
        last = self.last
        assert last is not None
        if id(last) not in self.governed:
            self.topic = [*self.topic, noun]
            if last.verb is not None and noun.verb is None:
                noun.verb = last.verb
        elif noun.lives and not last.lives and self.topic and self.topic[-1].lives:
            self.topic = [*self.topic, noun]  # "a woman in a coat and a man"
        elif self.joined is not None:
            if self.joined[1] != "wearing" or noun.kind in WEARABLE:
                relate(*self.joined, noun)
            self.governed.add(id(noun))
        else:
            for doer in self.doers:
                if doer.object is last and doer.verb is not None:
                    note_object(doer, doer.verb, noun)
            self.governed.add(id(noun))

    def _verb(self, item: Item, verb: Verb, gap: Gap) -> None:
        if _BY_CAMERA.search(gap.near) is not None:
            self.filming = True
        elif self.previous is not None and self.previous.kind in ("noun", "pronoun"):
            self.filming = self.filming and (gap.conjunction or gap.comma) and not gap.ends_sentence
        if self.filming:
            self.topic, self.doers, self.main, self.acting = [], [], [], None
            return
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
        elif participle and beside is not None and beside.acts and beside not in self.topic:
            agents = [beside]
        elif beside is not None and _is_past(item.form) and not gap.perfect and beside not in self.topic and self.main:
            agents = [beside]  # "a gown draped over"
        elif gap.passive and beside is not None:
            agents = [beside] if beside not in self.topic else list(self.topic)
        else:
            agents = list(self.topic) or ([beside] if beside is not None and beside.acts else [])
        if (
            not agents
            and (participle or gap.conjunction or gap.comma)
            and (someone := next((n for n in reversed(self.scene.nouns) if n.acts and not n.worn), None)) is not None
        ):
            agents = [someone]
        if verb.like == "wear" and agents and not agents[0].lives:
            agents = [n for n in self.scene.nouns if n.lives and not n.worn][-1:] or agents
        if not agents:
            self.scene.lonely.append(item)
        self.passive = _is_past(item.form) and not gap.perfect
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

    def _by_somebody(self, item: Item) -> bool:
        """Whether who does it is named behind it: "pursued by three wolves"."""
        return self.text[item.end : item.end + 4].lower() == " by "

    def _govern(self, noun: Noun, preposition: str, gap: Gap) -> None:
        """Takes in a noun behind a preposition."""
        last, acting = self.last, self.acting
        governor = self._governor(preposition, noun)
        if governor is noun and last is not None:
            governor = last  # "drags a bear behind her"
        if (
            preposition == "of"
            and last is not None
            and last.kind in ("thing", "tool", "plant", "food", "drink")
            and last.name in _CONTAINERS
        ):
            self._contents(noun, last)
            return
        if (
            preposition == "full of"
            or preposition.endswith(" with")
            or preposition in ("with", "covered in", "wrapped in")
        ) and governor is not None:
            self._having(noun, governor, preposition)
            return
        if preposition in ("like", "as", "without", "of"):
            if preposition == "like":
                noun.worn = True  # a comparison
            elif (
                preposition == "of" and last is not None and self.previous is not None and self.previous.kind == "noun"
            ):
                noun.passive = True
            if not self.topic:
                self.topic = [noun]
            return
        if (
            preposition in ("to", "toward", "towards", "at", "for", "into", "with")
            and acting is not None
            and acting.verb is not None
        ):
            done = [
                d
                for d in self.doers
                if d.deeds and d.deeds[-1].verb is acting.verb and d.deeds[-1].object in (None, noun)
            ]
            for doer in done:
                note_object(doer, acting.verb, noun)
            if done and preposition != "into":
                return
        if governor is None:
            if not self.topic:
                self.topic = [noun]
            return
        stands = PREPOSITIONS.get(preposition)
        if (
            acting is not None
            and acting.verb is not None
            and acting.verb.relation == "leaning_on"
            and preposition in ("on", "against")
        ):
            stands = "leaning_on"
        if (
            acting is not None
            and acting.verb is not None
            and acting.verb.lemma in _HANGING
            and preposition in ("from", "off")
        ):
            stands = "under"
        if gap.comma and _SKIPPED.search(gap.near.partition(preposition)[0]):
            return  # it tells of a word that nothing is shown for
        if noun.kind in WEARABLE and preposition == "in":
            wearer = last if last is not None and last.lives else governor
            relate(wearer, "wearing", noun)
            self.joined = (wearer, "wearing")
        elif stands is not None and noun is not governor:
            relate(governor, stands, noun)
            self.joined = (governor, stands)

    def _having(self, noun: Noun, governor: Noun, preposition: str) -> None:
        """What somebody or something has about it."""
        acting = self.acting
        if noun.lives and acting is not None and acting.verb is not None and self.previous is acting and self.doers:
            for doer in self.doers:
                note_object(doer, acting.verb, noun)  # "collides with", "dances with"
        last = self.last
        if preposition != "with":
            relate(noun, "in" if preposition in _FILLING else "on", last or governor)
            return
        owner = (
            last
            if last is not None and last.lives and self.previous is not None and self.previous.kind == "noun"
            else governor
        )
        has: Relation = (
            "wearing" if noun.kind in WEARABLE else "holding" if noun.kind in PORTABLE and owner.lives else "beside"
        )
        if owner.lives or noun.lives:
            relate(owner, has, noun)

    def _contents(self, noun: Noun, container: Noun) -> None:
        """A bowl of noodles is noodles."""
        container.worn = True
        noun.count, noun.counted = container.count, True
        noun.relations = container.relations
        for other in self.scene.nouns:
            if other.object is container:
                other.object = noun
            for deed in other.deeds:
                deed.object = noun if deed.object is container else deed.object
            other.relations = [(relation, noun if each is container else each) for relation, each in other.relations]
        if self.topic and container in self.topic:
            self.topic = [noun]
        if id(container) in self.governed:
            self.governed.add(id(noun))

    def _governor(self, preposition: str, noun: Noun) -> Noun | None:
        """What a preposition tells of: the object of verbs that move things, else who acts, else the noun before it."""
        acting, last = self.acting, self.last
        if acting is not None and acting.verb is not None and self.doers:
            moved = self.doers[0].deeds[-1].object if self.doers[0].deeds else None
            if (
                moved is not None
                and last is moved
                and not moved.worn
                and self._is_moved(acting.verb, preposition, noun)
            ):
                return moved
            return self.doers[0]
        return last or (self.topic[0] if self.topic else None)

    def _is_moved(self, verb: Verb, preposition: str, noun: Noun) -> bool:
        """Whether the object is where the preposition says, and not who does it."""
        if verb.moves or preposition in _WHITHER:
            return True
        return (
            preposition in ("in", "on", "inside", "under", "beneath", "at")
            and noun.kind in ("tool", "thing", "food", "machine", "drink", "furniture")
            and noun.name.split()[-1] not in _SEATS
            and verb.like not in _AT_ONES_PLACE
        )


_BY_CAMERA = re.compile(
    r"\b(?:camera|drone|steadicam|gimbal|shot|viewpoint)[ ](?:[a-z]+ly[ ]|then[ ]|starts?[ ]|begins?[ ]){0,2}(?:to[ ])?$"
)
_SOME_OF = re.compile(r"\b(?:one|two|some|each|all|both|none|another) of$|\b(?:one|two|some|each|all|both|another) of ")
_SOMEBODY: dict[str, tuple[str, Gender | None]] = {
    "he": ("man", "male"),
    "she": ("woman", "female"),
    "they": ("people", None),
}
_PREDICATIVE = ("asleep", "awake")
_HANGING = ("hang", "dangle", "suspend", "swing", "droop")
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
_SEATS = (
    "chair",
    "sofa",
    "couch",
    "bench",
    "stool",
    "swing",
    "armchair",
    "bed",
    "rug",
    "carpet",
    "throne",
    "hammock",
    "stairs",
    "mat",
)
_SKIPPED = re.compile(
    r"(?<![a-z])(?!and\b|while\b|just\b|right\b|deep\b|still\b|all\b|the\b|high\b|then\b|half\b|set\b|slowly\b)[a-z]{3,}"
)
_FILLING = ("full of", "filled with", "loaded with", "packed with", "stuffed with", "overflowing with", "crowded with")
_HOLDING = ("hand", "hands", "arms", "mouth", "beak", "fingers", "paws", "paw", "fist", "teeth")
# Verbs whose object stays with who does it.
_AT_ONES_PLACE = (
    "hold",
    "eat",
    "drink",
    "read",
    "play",
    "ride",
    "drive",
    "look",
    "wear",
    "write",
    "type",
    "paint",
    "speak",
    "sing",
)
_WHITHER = ("into", "onto", "out of", "to", "over", "around", "beneath", "against", "from", "off", "across", "between")
_GIVEN = ("read", "give", "hand", "tell", "show", "bring", "offer", "pass", "send", "throw", "teach", "sing", "serve")
# Prepositions with which a place is where the scene is.
_THERE = (
    None, "in", "on", "at", "through", "along", "across", "inside", "from", "into", "of", "down", "up", "near", "around",
    "past", "onto", "out of", "to",
)  # fmt: skip
_CONTAINERS = (
    "cup", "bowl", "plate", "bottle", "basket", "pot", "box", "bag", "bouquet", "beaker", "vase", "glass", "stack", "pile",
    "slice", "piece", "bunch", "scoop", "sheet", "tower", "loaf", "jar", "mug", "bucket", "heap", "caravan", "bar", "cube", "drop", "frame", "handful", "tray", "rally", "convoy", "parade", "ball", "strip", "row", "spoonful", "shot",
)  # fmt: skip


def _is_past(form: str) -> bool:
    word = form.split()[0]
    return word.endswith("ed") or word in (
        "held",
        "worn",
        "driven",
        "thrown",
        "eaten",
        "drawn",
        "ridden",
        "built",
        "made",
        "caught",
        "seen",
        "carried",
        "broken",
        "woven",
        "sewn",
        "torn",
        "shot",
        "led",
        "fed",
        "taken",
        "hung",
        "struck",
        "lit",
        "hidden",
        "carved",
    )


def _acts_next(text: str, item: Item, following: Item | None) -> bool:
    """Whether the next thing that is said is what this one does: it begins a clause of its own."""
    if following is None or following.kind != "verb":
        return False
    form = following.form.split()[0]
    return not text[item.end : following.begin].strip() and not form.endswith("ing") and not _is_past(form)


def _is_living(item: Item) -> bool:
    return item.noun is not None and item.noun.lives


def _is_unknown(noun: Noun) -> bool:
    return noun.drawing is not None and noun.drawing.key.startswith(UNKNOWN)


def _fits(noun: Noun, pronoun: str, gender: str | None, plural: bool) -> bool:
    if pronoun == "it":
        return noun.kind != "person" and noun.count == 1
    if plural:
        return noun.count > 1
    return noun.lives and (noun.gender in (None, gender)) and noun.count == 1


def _material_of(noun: Noun) -> Material | None:
    return _BY_NAME.get(noun.name.lower().split()[-1])


_BY_NAME: dict[str, Material] = {
    "ice": "ice", "snow": "snow", "glass": "glass", "gold": "gold", "wood": "wood", "stone": "stone", "rock": "stone",
    "paper": "paper", "fire": "fire", "flower": "flowers", "flowers": "flowers", "tulip": "flowers", "chocolate": "chocolate", "candy": "candy",
    "water": "water", "cloud": "cloud", "smoke": "smoke", "crystal": "crystal", "bone": "bone", "bar": "chocolate",
    "newspaper": "paper", "cardboard": "paper", "origami": "paper", "steel": "metal", "iron": "metal", "brass": "bronze", "copper": "bronze",
    "aluminium": "metal", "tin": "metal", "velvet": "cloth", "denim": "cloth", "felt": "wool", "yarn": "wool", "ceramic": "porcelain",
    "jelly": "candy", "marshmallow": "candy", "concrete": "stone", "granite": "stone", "wicker": "bamboo", "straw": "bamboo", "mud": "clay",
    "bamboo": "bamboo", "leaf": "leaves", "lava": "lava", "sand": "sand", "metal": "metal", "rose": "flowers",
}  # fmt: skip
