"""Who does what a Korean or Japanese verb says, and to whom: those who are spoken of while a sentence is walked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from opendance.plan import Relation
from opendance.prompt.lexicon import lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.particles import (
    ALL_OF_THEM,
    DRESS,
    JA_BEHIND,
    KO_BEHIND,
    SUBJECT_CASES,
    is_passive,
)
from opendance.prompt.placed_by import Here
from opendance.prompt.scenes import SENTENCE_ENDS, WEARABLE, Scene, note_action, relate
from opendance.prompt.waiting import Clause, Waiting
from opendance.prompt.word_tables import Drawing

_RELATED = ("riding", "leaning_on", "facing", "coming_out_of")
_WITH_THING = frozenset(
    (
        "mend", "hammer", "toss", "cook", "pour", "eat", "drink", "read", "write", "paint", "draw", "lift", "build", "plane", "knit", "cut",
        "dig", "push", "pull", "make", "hold", "carry", "wear", "wash", "pet", "throw", "plant", "break",
    )
)  # fmt: skip
USED = (
    "tool", "weapon", "thing", "instrument", "toy", "sport", "machine", "clothing", "balloon", "plant",
)  # fmt: skip
_TAKEN = ("food", "drink", "instrument")
_TAKING = re.compile(r"[ ][가-힣]{1,3}(?:는|고|며|면서)(?=[ ,])")
_ALONE = re.compile(r"[ ]?(?:[,、。.)\n\"「]|$)")  # behind a garment that is only named
# What those who live do not do: 소방관들이 불타는 창고로 들어간다.
OF_THINGS = (
    "burn", "boil", "melt", "bloom", "glow", "shine", "flow", "collapse", "rust", "steam", "sparkle", "flicker",
)  # fmt: skip
_OF_THE_LIVING = (
    "laugh", "smile", "cry", "speak", "say", "shout", "whisper", "sing", "eat", "drink", "read", "write", "look",
    "wave", "nod", "sigh", "think",
)  # fmt: skip
_PUT_ON = ("tie", "wrap", "tighten", "cover", "roll")
# Where the camera is what does something; what it does is told by the words of film.
_CAMERA_DOES = re.compile(
    r"(?:카메라|렌즈|앵글|화면|시점|초점|줌|カメラ|レンズ|画面|視点|フォーカス|ピント|アングル)(?:[ ]?(?:가|는|이|은|도|が|は|も)(?![가-힣])|[ ](?=[가-힣]))"
)
_LOOKS_THERE = (
    "look", "look_up", "look_down", "look_back", "gaze", "stare", "watch", "see", "turn", "face", "nod", "glance",
)  # fmt: skip
_WORKED_ON = (
    "cut", "slice", "chop", "plane", "cook", "knead", "iron", "roll", "mix", "grind", "fillet", "carve",
)  # fmt: skip
# What is done to clothes that nobody has on.
_NOT_ON = (
    "wash", "iron", "fold", "sew", "knit", "buy", "sell", "throw", "toss", "take_off", "hang", "hang_up", "pick",
    "pick_up", "give", "dry", "choose", "make", "build", "carry", "look", "hold", "show", "take_out", "lose", "bring",
    "mend",
)  # fmt: skip
_NUMBERS = {
    "두": 2,
    "둘": 2,
    "二": 2,
    "2": 2,
    "세": 3,
    "셋": 3,
    "三": 3,
    "3": 3,
    "네": 4,
    "넷": 4,
    "四": 4,
    "4": 4,
    "다섯": 5,
    "五": 5,
}
_TAKES_TWO = (
    "fight", "face", "wrestle", "talk", "argue", "compete", "duel", "box", "confront", "collide", "spar", "chat",
    "speak",
)  # fmt: skip
_HELD_TO = (
    "use", "stance", "poise", "point", "aim", "shoot", "wave", "swing", "shake", "spin", "polish", "wipe", "grip",
)  # fmt: skip
_IN_AIR = ("fly", "hover", "soar", "circle", "spin", "glide", "flutter")
_STAYS = (
    "stand", "sit", "lie", "rest", "put", "lean", "wait", "hide", "float", "queue", "sleep", "stay", "hang", "pass",
    "cross", "continue", "follow", "crouch", "kneel", "lean_on",
)  # fmt: skip
# A subject that no item is: what follows is not what somebody else does.
_OTHER_SUBJECT = re.compile(r"[가-힣]{2}(?:이|가)[ ]|[^がをに、。 ]が(?![ら])")


class Speakers:
    """Who and what a walk has met, and whom its next words mean; `scene` is what it has understood."""

    def __init__(self, text: str, korean: bool, before: Sequence[Noun], heres: Sequence[Here] = ()) -> None:
        self.text = text
        self.before = before
        self.scene = Scene()
        self._pattern = KO_BEHIND if korean else JA_BEHIND
        self._clause: Clause = Clause()
        self._waiting: list[Waiting] = []
        self._main: Noun | None = None  # who was spoken of last
        self._owner: Noun | None = None
        self._material: Item | None = None
        self._vehicle: Noun | None = None  # which the noun behind it is in: 車椅子の青年
        self._previous: Item | None = None
        self._qualifying: tuple[Relation, Noun] | None = None  # where what is named next is
        self._begin = 0  # where the words of the clause begin
        self._heres = {here.begin: here for here in heres}
        self._here: tuple[Here, Noun] | None = None  # where that is which is named next, or which does something next
        self._taken = 0  # where the particles of the last noun end
        self._group_end = 0  # where the words end that make a group of the last noun
        self._begins = frozenset[int]()  # where something is named
        self._said = False  # whether a verb has told of who is spoken of
        self._stuff = ""  # of which something is made by who is spoken of: 모래로 성을 쌓는다
        self._content: Noun | None = None  # what is in the thing that is named next: 커피가 담긴 잔

    def _dress(self) -> None:
        """Clothes that the words only name are those of who is named before, else of who is named at all: 남색 조끼."""
        nouns = self.scene.nouns
        used = {id(other) for noun in nouns for _, other in noun.relations} | {
            id(doing.object) for noun in nouns for doing in noun.deeds
        }
        people = [noun for noun in nouns if noun.kind == "person"]
        for noun in nouns if people else ():
            if noun.kind in WEARABLE and not (noun.worn or noun.relations or noun.deeds or id(noun) in used):
                before = [person for person in people if person.begin < noun.begin]
                relate((before or people)[-1 if before else 0], "wearing", noun)

    def _is_here(self, noun: Noun) -> None:
        """Notes that `noun` is at the place that was told by who was spoken of before."""
        if self._here is None or noun is self._here[1]:
            return
        here, ground = self._here
        about = ground.passive
        relate(noun, here.relation, ground)
        ground.passive = about
        self._here = None

    def _is_elsewhere(self, item: Item) -> bool:
        """Whether the words for a place that wait only tell whither or at what somebody looks: 뒤를 돌아본다, 앞으로 걷는다."""
        if self._here is None or item.verb is None:
            return False
        here = self._here[0]
        if here.whither and item.verb.like in _LOOKS_THERE:
            return True
        adjacent = not self.text[here.end : item.begin].strip(" ,、")
        return here.towards and adjacent and item.verb.like not in _STAYS

    def _is_subject(self, item: Item) -> bool:
        behind = self._pattern.match(self.text, item.end)
        return behind is not None and behind["case"] in SUBJECT_CASES

    def _somebody(self, item: Item) -> Noun:
        """Whose hands do something, where nobody is named."""
        words = self.text[item.begin : item.end]
        noun = Noun(item.begin, item.end, words, "person", Drawing("🧑", "person", "person"))
        self.scene.nouns.append(noun)
        self._main = noun
        return noun

    def _qualifies_next(self, item: Item) -> bool:
        """Whether a place only tells of the noun behind it: 도로 작업자, 商店街の八百屋."""
        behind = self.text[item.end : item.end + 2]
        return (behind[:1] == " " and "가" <= behind[1:] <= "힣") or behind[:1] == "の"

    def _tell_of_nobody(self) -> None:
        """Verbs that tell of a place: whoever is named with them does it there."""
        for each in self._waiting:
            if each.subject:
                self._act(each.item, each.subject, each.objects[-1] if each.objects else None, each.where, each.tools)
            elif each.objects or each.where:
                self._clause.objects = each.objects + self._clause.objects
                self._clause.where = each.where + self._clause.where
        self._waiting = []

    def _tell(self, noun: Noun) -> None:
        """The verbs that wait for a noun tell of this one."""
        for each in self._waiting:
            verb = each.item.verb
            assert verb is not None
            passive = is_passive(self.text, each.item)
            if passive and each.given is not None:
                self._act(each.item, [each.given], noun, each.where, each.tools)
            elif each.subject and (not noun.lives or each.objects):
                taken = noun if verb.like in _WITH_THING and not each.objects else None
                taken = taken or (each.objects[-1] if each.objects else None)
                self._act(each.item, each.subject, taken, each.where, each.tools)
                if verb.relation in ("on", "riding", "leaning_on", "in", "facing") and not each.where:
                    relate(each.subject[0], verb.relation, noun)
            elif noun.kind in WEARABLE and not each.objects and not each.where:
                continue
            else:
                worn = [thing for thing in each.objects if thing.kind in WEARABLE]
                last = each.objects[-1] if each.objects else None
                told_of = noun.kind == "person"
                self._act(each.item, [noun], last, each.where, each.tools, worn, told_of=told_of)
        self._waiting = []

    def _leave_unsaid(self) -> None:
        """Another subject comes before a verb has told of this one: the verb to come does, or none that is known."""
        clause = self._clause
        if clause.objects:
            clause.gapped.append((clause.subject, clause.objects))  # 남편은 모자를, 아내는 두건을 쓴다
            clause.objects = []
        elif clause.where and len(clause.subject) == 1:
            relate(clause.subject[0], *clause.where.pop())

    def _speak_of_all(self, noun: Noun) -> None:
        """Notes that all who were spoken of do what follows, where the words say so: 두 사람 모두, 二人とも."""
        line = self._said_before(noun.begin)
        everybody = ALL_OF_THEM.search(line)
        if everybody is None:
            return
        number = everybody["number"]
        people = [n for n in self.scene.nouns if n.kind == "person" and not n.worn and n is not noun]
        most = len(people) if number is None else _NUMBERS.get(number, 2)
        self._clause.subject, self._said = people[-most:] if len(people) > 1 else people, False

    def _named_shorter(self, noun: Noun) -> Noun | None:
        """Who or what was named with more words before: 택시 기사 … 기사는."""
        if len(noun.words) < 2 and not "一" <= noun.words <= "鿿":
            return None
        if noun.counted or noun.colour is not None or noun.material is not None:
            return None
        longer = [n for n in self.scene.nouns if n.words != noun.words and n.words.endswith(noun.words) and not n.worn]
        return longer[-1] if longer and longer[-1].kind == noun.kind else None

    def _said_before(self, begin: int) -> str:
        """What stands before a word in its sentence, the last letters of it."""
        return re.split(r"[.。\n;]", self.text[max(0, begin - 24) : begin])[-1]

    def _bare_argument(self, item: Item, noun: Noun) -> bool:
        """Whether a noun without a particle is what is done something to: 교복 입은 여고생."""
        behind = self.text[item.end : item.end + 3]
        if behind[:1] != " " or not "가" <= behind[1:2] <= "힣":
            return False
        if noun.kind in _TAKEN:
            return _TAKING.match(self.text, item.end) is not None  # 컵라면 먹는 너구리
        return noun.kind in (*WEARABLE, "tool", "weapon", "thing")

    def _only_dressed(self, item: Item, noun: Noun) -> Noun | None:
        """Who wears a garment that stands alone between commas, before what its wearer does: 男、紺の制服、手紙を配る."""
        clause = self._clause
        named = [each for each in (clause.bare, *clause.subject, *clause.company) if each is not None]
        wearer = max(named, key=lambda each: each.begin) if named else self._main
        if noun.kind not in WEARABLE or wearer is None or wearer.kind != "person" or self._clause.where:
            return None
        return wearer if _ALONE.match(self.text, item.end) is not None else None

    def _is_dress(self, item: Item) -> bool:
        line = max(self.text.rfind(stop, max(0, item.begin - 60), item.begin) for stop in "。.\n")
        before = self.text[max(0, item.begin - 60) : item.begin]
        return (DRESS.search(before) is not None and SENTENCE_ENDS.search(before.split(":")[-1]) is None) or (
            line >= 0 and DRESS.search(self.text[max(0, line - 8) : line + 1]) is not None
        )

    def _is_of_camera(self, item: Item) -> bool:
        """Whether the camera is the last that was named as who does something."""
        first = max(0, item.begin - 60)
        first = max(first, *(self.text.rfind(stop, first, item.begin) for stop in ".。\n;)"))
        cameras = list(_CAMERA_DOES.finditer(self.text, first, item.begin))
        if not cameras:
            return False
        someone = self._clause.subject
        return all(each.begin < cameras[-1].start() for each in someone)

    def _follows_at_once(self, item: Item, noun: Noun) -> bool:
        """Whether a verb follows what has no will of its own, with nothing between but a particle."""
        previous = self._previous
        if previous is None or previous.noun is not noun or noun.lives:
            return False
        return self.text[previous.end : item.begin].strip() in ("", "の", "が")

    def _partner(self, item: Item) -> Noun | None:
        """With whom somebody does what it takes two to do: 해골 병사들과 맞선다."""
        clause = self._clause
        if item.verb is None or not clause.subject or not clause.company or clause.objects:
            return None
        if item.verb.relation != "facing" and item.verb.like not in _TAKES_TWO:
            return None
        partner = clause.company[-1]
        if partner.begin < clause.subject[-1].begin:
            return None
        clause.company = []
        relate(clause.subject[-1], "facing", partner)
        return partner

    def _agents(self, item: Item) -> list[Noun]:
        clause, nouns = self._clause, self.scene.nouns
        agents = [n for n in (*clause.company, *clause.subject) if n not in clause.objects]
        if agents and clause.company:
            clause.subject, clause.company = agents, []
        if not agents and clause.bare is not None and clause.bare not in clause.objects and not clause.bare.worn:
            agents = [clause.bare]
        if not agents and _OTHER_SUBJECT.search(self.text, max(self._begin, item.begin - 60), item.begin):
            return []
        if not agents and self._main is not None and self._main not in clause.objects:
            agents = [self._main]
        if agents and self._main is not None and item.verb is not None and item.verb.like not in OF_THINGS:
            agents = [self._main] if all(n.kind in WEARABLE for n in agents) and self._main.lives else agents
        if agents and self._main is not None and item.verb is not None and item.verb.like in _OF_THE_LIVING:
            agents = agents if any(n.lives or n.kind in ("machine", "toy") for n in agents) else [self._main]
        if not agents:
            agents = [n for n in nouns if n.acts and n not in clause.objects and not n.passive][-1:]
        if not agents and self._main is None and (someone := self._seen_before(item)) is not None:
            agents = [someone]
        if not agents and not clause.objects:
            agents = [n for n in nouns if not n.passive and not n.worn][-1:]
        return agents

    def _meant(self, item: Item) -> Noun | None:
        """Whom a pronoun means."""
        others = [n for n in self.scene.nouns if n.lives and n not in self._clause.subject]
        people = [n for n in others if n.kind == "person"]
        return next(reversed([*others, *people]), None) or self._seen_before(item) or self._he_or_she(item)

    def _he_or_she(self, item: Item) -> Noun | None:
        """Somebody of whom nothing is known but by a pronoun, and nobody else is named: 運転席の彼女が."""
        words = self.text[item.begin : item.end]
        if item.kind != "pronoun" or "ら" in words or "들" in words:
            return None
        gender = "female" if "녀" in words or "女" in words else "male"
        name, emoji = ("woman", "👩") if gender == "female" else ("man", "👨")
        noun = Noun(item.begin, item.end, words, name, Drawing(emoji, name, "person"), age="adult", gender=gender)
        self.scene.nouns.append(noun)
        return noun

    def _seen_before(self, item: Item) -> Noun | None:
        """Who was seen in the shots before: this shot tells more of them."""
        words = self.text[item.begin : item.end]
        gender = None if item.kind != "pronoun" else "female" if "녀" in words or "女" in words else "male"
        living = [noun for noun in reversed(self.before) if noun.lives]
        acting = [noun for noun in living if noun.deeds]
        fitting = [noun for noun in living if noun.gender == gender is not None]
        other = [noun for noun in (*acting, *living) if gender is None or noun.gender in (None, gender)]
        someone = next(iter([*fitting, *other, *living]), None)
        if someone is None:
            return None
        self._main = someone.seen_again()
        self.scene.nouns.append(self._main)
        return self._main

    def _act(
        self,
        item: Item,
        agents: list[Noun],
        thing: Noun | None,
        where: list[tuple[Relation, Noun]],
        tools: list[Noun],
        worn: Sequence[Noun] = (),
        *,
        told_of: bool = False,
    ) -> None:
        """`agents` do what a verb says, to `thing`, there, with these tools; `worn`: all that waits to be put on."""
        verb = item.verb
        assert verb is not None
        agents = [agent for agent in agents if agent is not thing]
        if not agents:
            return
        if verb.lemma == "pour" and item.form.startswith("따") and (thing is None or thing.lives):
            verb = lexicon().verbs["follow"]  # 따르다: to pour, to follow
            item = replace(item, verb=verb)
        if verb.lemma == "type" and item.form.startswith("두드") and (thing is None or thing.kind != "machine"):
            verb = lexicon().verbs["hammer"]  # 두드리다: to type, to hammer
            item = replace(item, verb=verb)
        for each in worn if verb.relation == "wearing" or (told_of and verb.like not in _NOT_ON) else ():
            relate(agents[0], "wearing", each)  # 깃을 세운 형사 wears the coat
        if thing is not None and thing.kind in WEARABLE and agents[0].lives and verb.like in _PUT_ON:
            relate(agents[0], "wearing", thing)
        if thing is not None and thing.kind in USED and agents[0].kind == "person" and verb.lemma in _HELD_TO:
            relate(agents[0], "holding", thing)
        if verb.relation == "following" and agents[0].acts and thing is None and not where and self._here is None:
            ahead = next(
                (n for n in reversed(self.scene.nouns) if n.acts and n not in agents and n.verb is not None), None
            )
            if ahead is not None:
                relate(agents[0], "following", ahead)  # 경호원이 뒤따른다
                ahead.passive = False
        target = next((other for _, other in where if verb.relation in ("on", *_RELATED)), None)
        note_action(self.scene, item, agents, thing)
        for tool in tools:
            if tool.kind in WEARABLE and agents[0].lives:
                relate(agents[0], "wearing", tool)  # 長靴で踏む
            elif agents[0].lives and tool is not thing:
                relate(agents[0], "holding", tool)
        for relation, other in where:
            worked = relation == "on" and verb.like in _WORKED_ON and other.kind in ("furniture", "tool", "thing")
            placed = thing if thing is not None and (verb.moves or worked) else agents[0]
            told = verb.relation if other is target and verb.relation in _RELATED else relation
            if told == "in" and other.kind in WEARABLE and not placed.lives:
                told = "on"
            if (
                verb.relation == "on"
                and told == "in"
                and (other.kind != "building" or placed.kind in ("bird", "animal"))
            ):
                told = "on"
            if told in ("behind", "in") and other.kind == "vehicle" and verb.relation == "on":
                told = "riding"  # スクーターの後ろに座る
            if told == "on" and verb.like in _IN_AIR and placed is agents[0] and other.kind not in ("vehicle", "bird"):
                told = "over"
            relate(placed, told or relation, other)
