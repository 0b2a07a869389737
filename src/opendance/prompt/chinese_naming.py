"""Who and what a Chinese clause names, where that is, and whom its pronouns mean."""

from __future__ import annotations

from dataclasses import replace

from opendance.plan import Gender
from opendance.prompt.chinese_attributes import Phrase
from opendance.prompt.chinese_belonging import is_said_again, say_again
from opendance.prompt.chinese_clauses import Clause
from opendance.prompt.chinese_relations import (
    BY_PREPOSITION,
    FROM_WHERE,
    IN_HAND,
    NEAR,
    OF_THINGS,
    PIVOTS,
    RELATIONS,
    TOWARDS,
    WITH,
    relation_by,
)
from opendance.prompt.chinese_state import SceneSoFar, fits_pronoun
from opendance.prompt.lexicon import Verb, lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import WEARABLE, note_action, note_object, relate

_PAIR = 2
_ASIDE = ("旁边", "一旁", "身边", "身旁", "边上")
_SOMEBODY: dict[str, tuple[str, Gender | None, int]] = {
    "他": ("man", "male", 1), "她": ("woman", "female", 1), "他们": ("people", None, 2), "她们": ("women", "female", 2),
}  # fmt: skip
_EVERYBODY = ("大家", "众人", "所有人", "全家", "他俩", "她俩")


class Naming:
    """One clause while it is read: who it is about, what is done in it, and where."""

    def __init__(self, state: SceneSoFar, clause: Clause, text: str) -> None:
        self.state = state
        self.scene = state.scene
        self.text = text
        self.pieces = clause.pieces
        self.subject: list[Noun] = []
        self.verb: Verb | None = None
        self.form = ""  # the letters of the verb
        self.agents: list[Noun] = []
        self.target: Noun | None = None  # what 把 names
        self.doer: list[Noun] = []  # whom 被 names
        self.whose = ""  # the pronoun that tells at whose body something is
        self.tool: Noun | None = None  # what 用 names
        self.facing: Noun | None = None
        self.there: Phrase | None = None  # where, at the head of the clause
        self.last: Phrase | None = None
        self.camera = False
        self.verbs = 0
        self.filled = False  # whether the verb has its object
        self.idle: list[tuple[Item, Noun | None]] = []

    def _beside(self, phrase: Phrase) -> None:
        """Where, told by whom the clause before is about: 孙女在旁边."""
        if self.verb is None and not self.subject:
            self.there = phrase
            return
        relation = RELATIONS.get(phrase.text)
        known = [noun for noun in self._earlier() if noun not in self.subject]
        if self.whose:
            named = [*self._earlier(), *reversed(self.state.named)]
            known = [n for n in named if fits_pronoun(n, self.whose) and n not in self.subject] or known
        if known and not known[0].lives and phrase.text in _ASIDE:
            known = [n for n in reversed(self.state.named) if n.lives and n not in self.subject and not n.worn] or known
        if relation is not None and known:
            for each in self.subject:
                relate(each, relation, known[0])

    def _name(self, phrase: Phrase, noun: Noun, rest: list[Phrase]) -> None:
        mark = phrase.mark
        if not mark and self.verb is None and not self.subject and is_said_again(self.state.alone, noun, self.text):
            assert self.state.alone is not None
            self.scene.nouns[:] = [each for each in self.scene.nouns if each is not noun]
            for each in phrase.waiting:
                note_action(self.scene, each[0], [noun], each[1])
            say_again(self.state.alone, noun)
            self.subject = [self.state.alone]
            return
        if not mark and self.verb is None and (same := self._same(noun)):
            self.scene.nouns[:] = [each for each in self.scene.nouns if each is not noun]
            self.subject = same
            return
        if phrase.place_word and mark in FROM_WHERE:
            return
        if mark == "是" and self.verb is None and self._is_the_same(noun):
            self.scene.nouns[:] = [each for each in self.scene.nouns if each is not noun]
            for each in phrase.waiting:
                note_action(self.scene, each[0], [noun], each[1])
            say_again(self.subject[0], noun)
            return
        if phrase.local in RELATIONS or mark in FROM_WHERE:
            self._locate(phrase, noun, rest)
        elif mark in ("把", "将"):
            noun.passive = True
            self.target = noun
        elif mark in ("被", "由") and (self.subject or self._earlier()):
            self.subject = self.subject or self._earlier()
            self.doer = [noun]
        elif mark in ("用", "以") or (mark == "拿" and self.verb is None):
            noun.passive = True
            self.tool = noun
        elif mark in ("给", "为", "替") or mark in TOWARDS:
            noun.passive = True
            self._aim(noun, mark)
        elif mark in WITH and self.subject and self.verb is None and self.last is not None:
            self.subject = [*self.subject, noun]
        elif mark in WITH and self.verb is not None and self.last is not None and self.last.noun is not None:
            noun.passive = True
            if self.last.noun.relations:
                relation, other = self.last.noun.relations[-1]
                relate(noun, relation, other)
            self._own(noun)
        elif mark in ("像", "如", "好像", "仿佛", "宛如", "犹如", "如同", "似"):
            self.scene.nouns[:] = [each for each in self.scene.nouns if each is not noun]
        elif self.verb is not None:
            self._object(noun, phrase, rest)
        elif self.there is not None and mark in ("有", "是"):
            self._found(noun)
        elif mark == "有" and self.subject and noun.kind not in WEARABLE and noun is not self.subject[0]:
            noun.passive = True
            if self.subject[0].kind != "person":
                relate(noun, "beside", self.subject[0])
        else:
            self.subject = [noun]
            if self.there is not None and not rest:
                self._found(noun)
        for each in phrase.waiting:
            note_action(self.scene, each[0], [noun], each[1])
        self.state.named.append(noun)

    def _is_the_same(self, noun: Noun) -> bool:
        """Whether 是 says who somebody is: 教练是一个光头男人."""
        return (
            len(self.subject) == 1
            and self.subject[0].kind == noun.kind == "person"
            and self.subject[0].count == noun.count
        )

    def _same(self, noun: Noun) -> list[Noun]:
        """Who is meant by 两人, of those that were named before; nobody where as many were not."""
        number = "两二俩三四五".find(self.text[noun.begin - 1 : noun.begin] or " ") if noun.words == "人" else -1
        many = (
            noun.count
            if noun.counted
            else (_PAIR, _PAIR, _PAIR, _PAIR + 1, _PAIR + 2, _PAIR + 3)[number]
            if number >= 0
            else 0
        )
        if many < _PAIR or noun.words not in ("人", "个人", "两人", "三人", "二人"):
            return []
        people = [
            each for each in self.state.named if each.kind == "person" and not each.worn and each.words != noun.words
        ]
        once = [each for at, each in enumerate(people) if each not in people[:at]]
        return once if sum(each.count for each in once) == many else []

    def _own(self, noun: Noun) -> None:
        """What is held or worn with the thing named before it."""
        for agent in self.agents:
            if self.verb is not None and self.verb.relation is not None:
                note_object(agent, self.verb, noun)

    def _aim(self, noun: Noun, mark: str) -> None:
        if self.verb is None:
            self.facing = noun
            return
        for agent in self.agents:
            if agent.object is None and noun is not agent:
                note_object(agent, self.verb, noun)
            else:
                relate(agent.object if self.verb.moves and agent.object is not None else agent, "facing", noun)

    def _found(self, noun: Noun) -> None:
        """Something is where the clause began."""
        assert self.there is not None
        relation = RELATIONS.get(self.there.local or self.there.text)
        if self.there.kind == "place":
            self.subject = self.subject or [noun]
            return
        ground = self.there.noun or self._ground(self.there.text)
        if self.there.text in IN_HAND and self.there.noun is None:
            for owner in self._earlier():
                relate(owner, "wearing" if noun.kind in WEARABLE else "holding", noun)
        elif relation is not None and ground is not None and ground is not noun:
            relate(noun, relation, ground)
        self.subject = self.subject or [noun]

    def _ground(self, local: str) -> Noun | None:
        """What a word for where tells of that no noun stands before: 里面, of the thing named last; 身后, of who acts."""
        if local in OF_THINGS:
            thing = next((noun for noun in reversed(self.state.named) if not noun.lives), None)
            if thing is not None:
                return thing
        return next(iter(self._earlier()), None)

    def _locate(self, phrase: Phrase, noun: Noun, rest: list[Phrase]) -> None:
        """A place that a thing is: on the table, out of the box."""
        noun.passive = True
        relation = RELATIONS.get(phrase.local) if phrase.local is not None else BY_PREPOSITION.get(phrase.mark)
        if phrase.mark in ("从", "自", "由") and phrase.local not in NEAR:
            relation = "coming_out_of"
        if relation is None:
            return
        if self.verb is not None and self.verb.relation == "leaning_on":
            relation = "leaning_on"
        if self.verb is not None:
            moved = self._moved()
            for each in moved:
                relate(each, relation, noun)
        elif self.subject:
            for each in self.subject:
                relate(each, relation, noun)
        else:
            self.there = phrase
            phrase.relation = relation

    def _moved(self) -> list[Noun]:
        """What is where a place behind the verb says: the object of a verb that moves it, else who does it."""
        thing = self.target or (self.agents[0].object if self.agents else None)
        if thing is None and self.verb is not None and self.verb.moves and self.state.moved is not None:
            thing = self.state.moved
        if thing is not None and self.verb is not None and (self.target is not None or self.verb.moves):
            return [thing]
        return self.agents or ([self.idle[-1][1]] if self.idle and self.idle[-1][1] is not None else [])

    def _refer(self, phrase: Phrase, rest: list[Phrase]) -> None:
        """A pronoun: whoever the clauses before are about, or the other one where it is what something is done to."""
        earlier = self._earlier() or self.state.recall(phrase.text)
        if phrase.owner:
            self.whose = phrase.text
            return
        if not earlier and not self.state.named and not phrase.mark and phrase.text in _SOMEBODY:
            name, gender, count = _SOMEBODY[phrase.text]
            drawing = replace(lexicon().drawings["person person"], name=name)
            somebody = Noun(
                phrase.begin, phrase.end, phrase.text, name, drawing, gender=gender, count=count, counted=count > 1
            )
            self.scene.nouns.insert(0, somebody)
            self.state.named.append(somebody)
            self.subject = [somebody]
            return
        if phrase.text in _EVERYBODY and self.verb is None and not phrase.mark:
            people = [noun for noun in self.state.named if noun.kind == "person" and not noun.worn]
            self.subject = self.subject or people or earlier
            return
        if self.verb is None and not phrase.mark:
            named = [noun for noun in earlier if fits_pronoun(noun, phrase.text)]
            other = next((n for n in reversed(self.state.named) if fits_pronoun(n, phrase.text)), None)
            self.subject = (
                self.subject or named or ([other] if other is not None and not phrase.text.endswith("们") else earlier)
            )
            return
        others = [n for n in reversed(self.state.named) if n not in self.agents and n not in self.subject and n.acts]
        other = next((n for n in others if fits_pronoun(n, phrase.text)), next(iter(others), None))
        if other is None:
            return
        if phrase.local in RELATIONS:
            doing = self.agents or self.subject
            about = [n for n in self._earlier() if fits_pronoun(n, phrase.text) and n not in doing]
            other = about[0] if about else other
            for each in self.agents or self.subject:
                relate(each, RELATIONS[phrase.local], other)
        elif phrase.mark in ("把", "将"):
            self.target = other
        elif phrase.mark == "被":
            self.doer = [other]
        elif self.verb is not None:
            for agent in self.agents:
                note_object(agent, self.verb, other)
        elif phrase.mark:
            self.facing = other

    def _earlier(self) -> list[Noun]:
        return self.state.topic

    def _object(self, noun: Noun, phrase: Phrase, rest: list[Phrase]) -> None:
        assert self.verb is not None
        if not self.agents:
            if self.idle and self.idle[-1][1] is None:
                self.idle[-1] = (self.idle[-1][0], noun)
                noun.passive = True
            else:
                self.subject = [noun]
            return
        has = self.target is not None or self.filled
        follows = next((each for each in rest if each.kind in ("verb", "noun")), None)
        if has and follows is not None and follows.kind == "verb":
            self.subject, self.verb, self.agents, self.target = [noun], None, [], None
            return
        self.filled = True
        for agent in self.agents:
            note_object(agent, self.verb, noun)
            if (relation := relation_by(self.form, noun)) is not None and self.verb.relation is None:
                relate(agent, relation, noun)
        if follows is not None and follows.kind == "verb" and noun.lives and self.verb.like in PIVOTS:
            self.subject, self.target = [noun], None
