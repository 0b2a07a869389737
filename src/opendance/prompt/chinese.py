"""Chinese sentences: who does what to what, by word order, particles and words for places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from opendance.prompt.body_parts import part_named
from opendance.prompt.chinese_attributes import Phrase
from opendance.prompt.chinese_belonging import note_old, part_couples, without_manners
from opendance.prompt.chinese_bodies import bodies_in, note_bodies, without_bodies
from opendance.prompt.chinese_clauses import ACROSS, WHITHER, clauses_of
from opendance.prompt.chinese_looks import note_looks
from opendance.prompt.chinese_naming import Naming
from opendance.prompt.chinese_phrases import phrases_of
from opendance.prompt.chinese_relations import (
    FROM_WHERE,
    IN_HAND,
    RELATIONS,
    is_there,
)
from opendance.prompt.chinese_state import SceneSoFar
from opendance.prompt.chinese_words import split_words
from opendance.prompt.lexicon import lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import WEARABLE, Scene, note_action, note_object, relate


def chinese(text: str, items: list[Item], before: Sequence[Noun] = ()) -> Scene:
    """What Chinese sentences say of the things in `items`, and of those that the lexicon does not have.

    Args:
        before: who was seen in the shots before, whom pronouns mean.
    """
    state = SceneSoFar(Scene(), before=[noun for noun in before if noun.acts])
    bodies = bodies_in(text, items)
    plain = without_manners(without_bodies(text, bodies))
    items = [
        item
        for item in items
        if not any(begin <= item.begin < end for begin, end in bodies)
        and not _only_qualifies(text, item)
        and plain[item.begin : item.end].strip()
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
    note_old(text, state.scene)
    part_couples(state.scene)
    note_bodies(text, bodies, state.scene.nouns)
    return state.scene


_IDIOM = 4  # letters of an idiom


def _only_qualifies(text: str, item: Item) -> bool:
    """Whether an idiom that names nothing stands before 的, of which a noun follows: 活蹦乱跳的鱼."""
    words = item.noun.words if item.kind == "noun" and item.noun is not None else ""
    return len(words) == _IDIOM and text[item.end : item.end + 1] == "的" and lexicon().named(words) is None


_FILMING = frozenset("推拉摇移升降跟转环绕扫切俯仰定聚停回穿掠越贴拂滑从先再缓慢随旋掉对捕带露展呈显给后前上下左右")
_PAIR = 2
_POSITIONS = ("on", "in", "under", "beside", "inside", "leaning_on")  # of who does it, not of what is moved


def _place_the_rest(state: SceneSoFar) -> None:
    """Where somebody is, said before anybody was named."""
    if state.where:
        relation, other = state.where[0]
        someone = next((n for n in state.scene.nouns if n is not other and not n.worn and not n.passive), None)
        if someone is not None:
            relate(someone, relation, other)


class _Reader(Naming):
    """Reads one clause: its phrases from left to right."""

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
            if item is not None and self.verb is None and not self.subject and self.there is None:
                self.there = phrase  # 松林里走出两匹狼
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
        if (
            self.there is not None
            and not self.subject
            and (is_there(item.form, self.text[item.end : item.end + 1]) or item.verb.relation == "on")
        ):
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
        if self.target is not None and item.verb.relation in _POSITIONS:
            item = replace(item, verb=lexicon().verb("put"))  # 把剑放在桌上
            assert item.verb is not None
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
        state.alone = self.subject[0] if len(self.subject) == 1 and not self.verbs and not self.camera else None
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
            told = any(other is known[0] for _, other in self.subject[0].relations) if known else True
            if relation is not None and not told and self.there.text not in IN_HAND and self.there.kind == "local":
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
