"""Chinese sentences: who does what to what, by word order, particles and words for places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from opendance.plan import Gender
from opendance.prompt.body_parts import part_named
from opendance.prompt.chinese_bodies import bodies_in, note_bodies, without_bodies
from opendance.prompt.chinese_clauses import ACROSS, WHITHER, Clause, clauses_of
from opendance.prompt.chinese_looks import note_looks
from opendance.prompt.chinese_phrases import RELATIONS, Phrase, phrases_of
from opendance.prompt.chinese_relations import (
    BY_PREPOSITION,
    FROM_WHERE,
    IN_HAND,
    NEAR,
    OF_THINGS,
    PIVOTS,
    THERE,
    TOWARDS,
    WITH,
    relation_by,
)
from opendance.prompt.chinese_state import SceneSoFar, fits_pronoun
from opendance.prompt.chinese_words import split_words
from opendance.prompt.lexicon import Verb, lexicon
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.scenes import WEARABLE, Scene, note_action, note_object, relate


def chinese(text: str, items: list[Item], before: Sequence[Noun] = ()) -> Scene:
    """What Chinese sentences say of the things in `items`, and of those that the lexicon does not have.

    Args:
        before: who was seen in the shots before, whom pronouns mean.
    """
    state = SceneSoFar(Scene(), before=[noun for noun in before if noun.acts])
    bodies = bodies_in(text, items)
    plain = without_bodies(text, bodies)
    items = [
        item
        for item in items
        if not any(begin <= item.begin < end for begin, end in bodies) and not _only_qualifies(text, item)
    ]
    for clause in clauses_of(plain, items):
        _Reader(state, clause, plain).read()
    for item, thing in state.waiting:
        someone = next((n for n in state.scene.nouns if n.acts and n is not thing and not n.worn), None)
        if someone is not None:
            note_action(state.scene, item, [someone], thing)
        else:
            state.scene.lonely.append(item)
    _place_the_rest(state)
    if any(not noun.worn for noun in state.scene.nouns):
        state.scene.nouns += [noun for noun in state.airs if noun.deeds]
    note_looks(text, state.scene)
    note_bodies(text, bodies, state.scene.nouns)
    return state.scene


_IDIOM = 4  # letters of an idiom


def _only_qualifies(text: str, item: Item) -> bool:
    """Whether an idiom that names nothing stands before 的, of which a noun follows: 活蹦乱跳的鱼."""
    words = item.noun.words if item.kind == "noun" and item.noun is not None else ""
    return len(words) == _IDIOM and text[item.end : item.end + 1] == "的" and lexicon().named(words) is None


_FILMING = frozenset("推拉摇移升降跟转环绕扫切俯仰定聚停回穿掠越贴拂滑从先再缓慢随旋掉对捕带露展呈显给后前上下左右")
_PAIR = 2
_SOMEBODY: dict[str, tuple[str, Gender | None, int]] = {
    "他": ("man", "male", 1), "她": ("woman", "female", 1), "他们": ("people", None, 2), "她们": ("women", "female", 2),
}  # fmt: skip
_EVERYBODY = ("大家", "众人", "所有人", "全家", "他俩", "她俩")


def _place_the_rest(state: SceneSoFar) -> None:
    """Where somebody is, said before anybody was named."""
    if state.where:
        relation, other = state.where[0]
        someone = next((n for n in state.scene.nouns if n is not other and not n.worn and not n.passive), None)
        if someone is not None:
            relate(someone, relation, other)


class _Reader:
    """Reads one clause: its phrases from left to right."""

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
        self.tool: Noun | None = None  # what 用 names
        self.facing: Noun | None = None
        self.there: Phrase | None = None  # where, at the head of the clause
        self.last: Phrase | None = None
        self.camera = False
        self.verbs = 0
        self.filled = False  # whether the verb has its object
        self.idle: list[tuple[Item, Noun | None]] = []

    def read(self) -> None:
        phrases = phrases_of(self.pieces, self.text, self.scene)
        if any(phrase.kind == "camera" for phrase in phrases):
            self.camera = True
            phrases = [phrase for phrase in phrases if phrase.kind != "camera"]
        elif self.state.camera and phrases and phrases[0].kind == "verb" and self._films(phrases[0]):
            self.camera = True
        for index, phrase in enumerate(phrases):
            self._read_phrase(phrase, phrases[index + 1 :])
            self.last = phrase
        self._close()

    def _films(self, phrase: Phrase) -> bool:
        """Whether a verb may be what a camera does, of which the clause before tells."""
        return phrase.item is None or self.text[phrase.item.begin] in _FILMING

    def _read_phrase(self, phrase: Phrase, rest: list[Phrase]) -> None:
        if phrase.kind == "verb":
            self._act(phrase, rest)
        elif phrase.kind == "noun" and phrase.noun is not None:
            self._name(phrase, phrase.noun, rest)
        elif phrase.kind == "scenery" and phrase.noun is not None:
            if self.verb is None and not phrase.mark and not self.subject:
                self.subject = [phrase.noun]
                self.state.airs.append(phrase.noun)
        elif phrase.kind == "pronoun":
            self._refer(phrase, rest)
        elif phrase.kind == "local":
            self._beside(phrase)
        elif phrase.kind == "place":
            self._reach(phrase, rest)
        elif phrase.kind == "part":
            self._part(phrase)
        elif phrase.kind == "mark":
            self._mark(phrase)

    def _beside(self, phrase: Phrase) -> None:
        """Where, told by whom the clause before is about: 孙女在旁边."""
        if self.verb is None and not self.subject:
            self.there = phrase
            return
        relation = RELATIONS.get(phrase.text)
        known = [noun for noun in self._earlier() if noun not in self.subject]
        if relation is not None and known:
            for each in self.subject:
                relate(each, relation, known[0])

    def _stand_for(self, item: Item, rest: list[Phrase]) -> None:
        """A place that does something itself: 雪山倒映在湖面上."""
        follows = next(iter(rest), None)
        if self.subject or follows is None or follows.kind != "verb" or follows.item is None:
            return
        words = lexicon()
        names = (item.of.replace("_", " "), item.of.rpartition("_")[2])
        key = next((key for key in map(words.named, names) if key is not None), None)
        if follows.item.begin != item.end:
            return
        drawing = words.drawing(key) if key is not None else None
        noun = Noun(item.begin, item.end, self.text[item.begin : item.end], names[0], drawing)
        self.state.airs.append(noun)
        self.subject = [noun]

    def _reach(self, phrase: Phrase, rest: list[Phrase]) -> None:
        """A place that somebody does something to: 穿过石桥."""
        item = phrase.item
        if item is None or item.form == "weak" or phrase.mark or phrase.local is not None:
            return
        if self.verb is None:
            self._stand_for(item, rest)
            return
        place = Noun(item.begin, item.end, item.of, item.of.replace("_", " "), None)
        for agent in self.agents:
            note_object(agent, self.verb, place)

    def _part(self, phrase: Phrase) -> None:
        """A part of a body: whose it is does what it does; what is done to it is done to a part."""
        item = phrase.item
        if item is None or item.hit is None:
            return
        if phrase.mark in FROM_WHERE or phrase.local is not None:
            owner = next(
                (n for n in [*phrase.owners, *reversed(self.state.named)] if n.lives and n not in self.agents), None
            )
            if owner is not None and phrase.local in ("上", "里", "旁"):
                for agent in self.agents:
                    relate(agent, RELATIONS[phrase.local], owner)
            return
        if self.verb is None and not phrase.mark:
            if phrase.owners or not self.subject:
                self.subject = [*phrase.owners] or self._earlier() or self.state.recall("")
            living = [noun for noun in self.state.scene.nouns if noun.lives and not noun.worn]
            if not any(noun.lives for noun in self.subject) and living:
                self.subject = living[:1]
            if (
                not living
                and self.text[item.end : item.end + 1] not in ("里", "中", "上", "下")
                and (name := part_named(item.hit.words))
            ):
                somebody = self._somebody(item, name)
                for each in phrase.waiting:
                    note_action(self.scene, each[0], [somebody], each[1])
                self.subject = [somebody]
        elif self.verb is not None or phrase.mark in ("把", "将"):
            part = Noun(item.begin, item.end, item.hit.words, item.hit.words, None)
            if self.verb is None:
                self.target = part
            for agent in self.agents:
                if self.verb is not None:
                    note_object(agent, self.verb, part)

    def _somebody(self, item: Item, name: str) -> Noun:
        """Of whom only a part is told: 一只脚走过."""
        drawing = replace(lexicon().drawings["person person"], name=name, key=f"person {name}")
        somebody = Noun(item.begin, item.end, self.text[item.begin : item.end], name, drawing)
        self.scene.nouns.append(somebody)
        self.state.named.append(somebody)
        return somebody

    def _mark(self, phrase: Phrase) -> None:
        if phrase.text == "被" and not self.subject:
            self.subject = self._earlier()

    # who and what

    def _name(self, phrase: Phrase, noun: Noun, rest: list[Phrase]) -> None:
        mark = phrase.mark
        if not mark and self.verb is None and (same := self._same(noun)):
            self.scene.nouns[:] = [each for each in self.scene.nouns if each is not noun]
            self.subject = same
            return
        if phrase.place_word and mark in FROM_WHERE:
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
        other = next(
            (n for n in reversed(self.state.named) if n not in self.agents and n not in self.subject and n.acts), None
        )
        if other is None:
            return
        if phrase.local in RELATIONS:
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

    # deeds

    def _act(self, phrase: Phrase, rest: list[Phrase]) -> None:
        item = phrase.item
        assert item is not None
        assert item.verb is not None
        if self.camera:
            return
        if (across := ACROSS.match(self.text, item.end)) is not None and item.end - item.begin == 1:
            item = replace(item, verb=lexicon().verb(WHITHER[across["whither"]]))  # 轻轨穿楼而过
            phrase.item = item
        assert item.verb is not None
        if phrase.form_idiom and (self.verbs or any(each.kind == "verb" for each in rest)):
            return
        if self.there is not None and not self.subject and (item.form in THERE or item.verb.relation == "on"):
            if any(each.kind == "scenery" for each in rest) and not any(each.kind == "noun" for each in rest):
                return  # 湖面上飘着薄雾
            follows = next((each for each in rest if each.noun is not None), None)
            if follows is not None and follows.mark in ("", "有", "是") and follows.noun is not None:
                self.subject = [follows.noun]
                self._found(follows.noun)
                note_action(self.scene, item, [follows.noun])
                self.verb, self.agents = None, []
                self.verbs += 1
                return
            if self.there.text in IN_HAND:
                self.subject = self._earlier()
        if self.there is not None and self.there.text in IN_HAND and not self.there.noun:
            self.subject = self.subject or self._earlier()
        if not self.subject and self.last is not None and self.last.kind == "local" and self.state.topic:
            self.subject = self.state.topic
        if not self.subject and not self.verbs and self._is_of_another(item):
            return
        subject = self.subject or self._earlier()
        self.verb, self.form = item.verb, self.text[item.begin : item.end]
        self.filled = False
        self.verbs += 1
        if self.doer:
            self.agents = self.doer
            thing = subject[0] if subject else None
            note_action(self.scene, item, self.agents, thing)
        elif subject:
            self.agents = list(subject)
            note_action(self.scene, item, self.agents, self.target)
        else:
            self.agents = []
            self.idle.append((item, self.target))
        for agent in self.agents:
            if self.tool is not None:
                relate(agent, "holding", self.tool)
                self.tool = None if agent is self.agents[-1] else self.tool
            if self.facing is not None and self.facing is not agent:
                if self.facing.kind == "person":
                    relate(agent, "facing", self.facing)
                else:
                    note_object(agent, item.verb, self.facing)
            if self.there is not None and self.there.noun is not None and self.there.noun is not agent:
                relate(
                    self.target if self.target is not None and item.verb.moves else agent,
                    self.there.relation or RELATIONS.get(self.there.local or "", "in"),
                    self.there.noun,
                )
        self.facing = None

    def _is_of_another(self, item: Item) -> bool:
        """Whether a word that nothing is shown for stands right before a verb and does it: 走廊灯光闪烁."""
        words = split_words(self.text)
        at = bisect_left([word.begin for word in words], item.begin) - 1
        if at < 0 or words[at].end != item.begin or words[at].part != "n" or len(words[at].text) < _PAIR:
            return False
        if self.last is not None and self.last.end > words[at].begin:
            return False
        return not lexicon().meaning(words[at].text) and item.end - item.begin >= _PAIR

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

    # at the end

    def _dress(self) -> None:
        """What is worn, and does nothing itself, is worn by whom the clauses before are about: 安全帽是红色的."""
        for noun in self.subject:
            if noun.kind not in WEARABLE or noun.worn or noun.deeds or noun.relations or noun not in self.scene.nouns:
                continue
            owner = next((n for n in (*self.state.topic, *reversed(self.state.named)) if n.kind == "person"), None)
            if owner is not None:
                relate(owner, "wearing", noun)
        if any(noun.worn for noun in self.subject):
            self.subject = []

    def _close(self) -> None:
        state = self.state
        topic_before = list(state.topic)
        if self.target is not None:
            state.moved = self.target
        self._dress()
        if self.subject and not self.camera:
            acting = [n for n in self.subject if n.acts or n.verb is not None]
            held = [n for n in self.subject if n.passive and not n.acts]
            seen = any(n in self.scene.nouns for n in self.subject)
            if seen and (acting or not state.topic or not held):
                state.topic = list(self.subject)
            state.camera = False
        elif self.camera:
            state.camera = True
        for item, thing in self.idle:
            state.waiting.append((item, thing))
        if self.subject and state.waiting and not self.idle:
            for item, thing in state.waiting:
                if self.subject[0] is not thing:
                    note_action(self.scene, item, self.subject, thing)
            state.waiting = []
        if self.there is not None and self.there.noun is None and self.verbs and self.subject and topic_before:
            relation = RELATIONS.get(self.there.text)
            known = [noun for noun in topic_before if noun not in self.subject]
            if relation is not None and known and self.there.text not in IN_HAND and not self.subject[0].relations:
                relate(self.subject[0], relation, known[0])
        if self.there is not None and self.there.noun is not None and not self.verbs:
            relation = self.there.relation or RELATIONS.get(self.there.local or "")
            if self.subject and self.subject[0] is not self.there.noun and relation is not None:
                relate(self.subject[0], relation, self.there.noun)
            elif relation is not None:
                state.where.append((relation, self.there.noun))
        elif self.subject and state.where:
            for relation, other in state.where:
                if other not in self.subject:
                    relate(self.subject[0], relation, other)
            state.where = []
