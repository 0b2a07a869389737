"""Korean and Japanese sentences: who does what to what, by particles; the verb comes last.

A sentence is walked from noun to verb. What has a particle waits; a verb takes what waits and gives it to the subject, or,
where it tells of the noun behind it ("a man *who carries a lamp*"), to that noun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from opendance.plan import Relation
from opendance.prompt.lexicon import lexicon
from opendance.prompt.particles import (
    ALL_OF_THEM,
    BACKDROP,
    DRESS,
    DRESSED,
    FULL_OF,
    IN_HAND,
    JA_BEHIND,
    KO_BEHIND,
    LABEL,
    LIKENED,
    MADE_BEHIND,
    OBJECT_CASES,
    OF_BODY,
    OF_STUFF,
    ON_BODY,
    PLACE_CASES,
    SOMEBODY,
    SUBJECT_CASES,
    TOPIC_CASES,
    TOWARDS,
    TOWARDS_SOMEBODY,
    WHERE,
    WITH_CASES,
    is_attributive,
    is_passive,
)
from opendance.prompt.phrases import PARTS_OF_CLOTHES, Item, Noun
from opendance.prompt.placed_by import Here, heres_of, meant_by, with_heres
from opendance.prompt.predicates import with_unknown_verbs
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS, WEARABLE, Scene, is_board, note_action, relate, set_material
from opendance.prompt.stuff import stuff_of, thing_of
from opendance.prompt.waiting import Clause, Waiting
from opendance.prompt.word_tables import Drawing

_RELATED = ("riding", "leaning_on", "facing", "coming_out_of")
_WITH_THING = frozenset(
    (
        "mend", "hammer", "toss", "cook", "pour", "eat", "drink", "read", "write", "paint", "draw", "lift", "build", "plane", "knit", "cut",
        "dig", "push", "pull", "make", "hold", "carry", "wear", "wash", "pet", "throw", "plant", "break",
    )
)  # fmt: skip
_USED = ("tool", "weapon", "thing", "instrument", "toy", "sport", "machine", "clothing", "balloon", "plant")


_TAKEN = ("food", "drink", "instrument")
_TAKING = re.compile(r"[ ][가-힣]{1,3}(?:는|고|며|면서)(?=[ ,])")
_PUT_ON_AT_ONCE = re.compile(
    r"(?:かけて|かけた|かぶって|被って|被った|着けて|つけて|はいて|履いて|着て|巻いて|羽織って)"
)  # without a particle
_ASIDE = re.compile(r"[ ]?\([^()\n]{1,40}\)")  # what a cast list says of somebody: 지훈(28, 회색 티셔츠)과
_ALONE = re.compile(r"[ ]?(?:[,、。.)\n\"「]|$)")  # behind a garment that is only named
# What those who live do not do: 소방관들이 불타는 창고로 들어간다.
_OF_THINGS = (
    "burn",
    "boil",
    "melt",
    "bloom",
    "glow",
    "shine",
    "flow",
    "collapse",
    "rust",
    "steam",
    "sparkle",
    "flicker",
)
_HAPPENS_TO_CLOTH = ("tear", "break", "fade", "get wet", "soak", "stain", "dry", "wrinkle")
_OF_THE_LIVING = (
    "laugh",
    "smile",
    "cry",
    "speak",
    "say",
    "shout",
    "whisper",
    "sing",
    "eat",
    "drink",
    "read",
    "write",
    "look",
    "wave",
    "nod",
    "sigh",
    "think",
)
_PUT_ON = ("tie", "wrap", "tighten", "cover", "roll")
_KEEPERS = (
    "veterinarian",
    "dog trainer",
    "horse trainer",
    "zookeeper",
    "shepherd",
    "groom",
    "jockey",
    "hunter",
    "falconer",
    "beekeeper",
    "child",
    "farmer",
)
# Where the camera is what does something; what it does is told by the words of film.
_CAMERA_DOES = re.compile(
    r"(?:카메라|렌즈|앵글|화면|시점|초점|줌|カメラ|レンズ|画面|視点|フォーカス|ピント|アングル)(?:[ ]?(?:가|는|이|은|도|が|は|も)(?![가-힣])|[ ](?=[가-힣]))"
)
_LOOKS_THERE = (
    "look",
    "look_up",
    "look_down",
    "look_back",
    "gaze",
    "stare",
    "watch",
    "see",
    "turn",
    "face",
    "nod",
    "glance",
)
_WORKED_ON = ("cut", "slice", "chop", "plane", "cook", "knead", "iron", "roll", "mix", "grind", "fillet", "carve")
# What is done to clothes that nobody has on.
_NOT_ON = (
    "wash",
    "iron",
    "fold",
    "sew",
    "knit",
    "buy",
    "sell",
    "throw",
    "toss",
    "take_off",
    "hang",
    "hang_up",
    "pick",
    "pick_up",
    "give",
    "dry",
    "choose",
    "make",
    "build",
    "carry",
    "look",
    "hold",
    "show",
    "take_out",
    "lose",
    "bring",
    "mend",
)
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
    "fight",
    "face",
    "wrestle",
    "talk",
    "argue",
    "compete",
    "duel",
    "box",
    "confront",
    "collide",
    "spar",
    "chat",
    "speak",
)
_HELD_TO = (
    "use",
    "stance",
    "poise",
    "point",
    "aim",
    "shoot",
    "wave",
    "swing",
    "shake",
    "spin",
    "polish",
    "wipe",
    "grip",
)
_LOCAL_WITHIN = re.compile(r"(?:[ ]|の)(?P<where>위|아래|밑|옆|앞|뒤|上|下|横|前|後ろ|隣)$")
_IN_AIR = ("fly", "hover", "soar", "circle", "spin", "glide", "flutter")
_MAKES = ("build", "shape", "plane", "knit", "sew", "weave", "fold", "create", "craft", "form", "cook", "carve")
_STAYS = (
    "stand",
    "sit",
    "lie",
    "rest",
    "put",
    "lean",
    "wait",
    "hide",
    "float",
    "queue",
    "sleep",
    "stay",
    "hang",
    "pass",
    "cross",
    "continue",
    "follow",
    "crouch",
    "kneel",
    "lean_on",
)
_A_GROUP = 5  # how many are seen of a herd or a family
# A subject that no item is: what follows is not what somebody else does.
_OTHER_SUBJECT = re.compile(r"[가-힣]{2}(?:이|가)[ ]|[^がをに、。 ]が(?![ら])")


def verb_final(text: str, items: list[Item], before: Sequence[Noun] = ()) -> Scene:
    """What Korean or Japanese sentences say of the things in `items`; `before`: who was seen in the shots before."""
    korean = re.search(r"[가-힣]", text) is not None
    items = _with_pronouns(text, with_unknown_verbs(text, items, korean=korean))
    heres = heres_of(text, items, korean=korean)
    return _Walk(text, korean, before, heres).walk(with_heres(items, heres))


def _says_how_it_is(item: Item) -> bool:
    """Whether a verb says how the garment behind it is: 破れたジーンズの少女 tears nothing."""
    return item.verb is not None and item.verb.like in (*_OF_THINGS, *_HAPPENS_TO_CLOTH)


def _with_pronouns(text: str, items: list[Item]) -> list[Item]:
    """`items` and the pronouns between them."""
    said = [Item("pronoun", match.start(), match.end() - 1) for match in SOMEBODY.finditer(text)][:40]
    taken = [(item.begin, item.end) for item in items]
    free = [each for each in said if not any(begin < each.end and each.begin < end for begin, end in taken)]
    return sorted([*items, *free], key=lambda item: item.begin) if free else items


def _building_of(place: Item, text: str) -> Noun | None:
    """What stands where a place is told, where that is a thing that is drawn: 다리 아래, 城壁の陰."""
    words = lexicon()
    name = place.of.replace("_", " ")
    drawing = words.drawings.get(words.named(name) or words.named(name.rpartition(" ")[2]) or "")
    if drawing is None or drawing.kind not in ("building", "nature"):
        return None
    return Noun(place.begin, place.end, text[place.begin : place.end], name, replace(drawing, name=name))


class _Walk:
    """A walk over the items of a shot; `scene` is what it has understood."""

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

    def walk(self, items: list[Item]) -> Scene:
        end = 0
        self._begins = frozenset(item.begin for item in items if item.kind not in ("verb", "known", "here"))
        for item in items:
            gap = self.text[end : item.begin]
            if SENTENCE_ENDS.search(gap):
                self._end_sentence()
                self._begin = end
            if item.kind == "noun" and item.begin < self._group_end:  # 트럭 짐칸: of the truck
                continue  # 熊の親子 are bears
            if item.form != "weak":
                end = item.end
            if item.kind == "here":
                self._read_here(self._heres[item.begin])
            elif item.kind == "known":
                if (thing := thing_of(self.text, item, self._pattern)) is not None:
                    self._read_noun(replace(item, kind="noun", noun=thing), gap)
            if item.kind in ("known", "here"):
                continue
            if LABEL.match(self.text, item.end) and item.kind != "verb":
                continue
            if item.form == "weak":  # a place that only the name of a thing tells
                self.scene.places.append(item)
            elif item.kind == "material":
                words = self.text[item.begin : item.end]
                stop = item.end - (2 if words.endswith("으로") else 1 if words.endswith(("로", "で")) else 0)
                if MADE_BEHIND.match(self.text, stop):
                    self._material = item
                elif OF_STUFF.match(self.text, stop):
                    self._stuff = item.of
                elif (stuff := stuff_of(self.text, item, self._pattern)) is not None:
                    self._read_noun(replace(item, kind="noun", noun=stuff), gap)
                self._previous = item
            elif item.kind == "part":
                self._read_part(item)
            elif item.kind == "place":
                self._read_place(item)
            elif item.kind == "pronoun" or item.noun is not None:
                self._read_noun(item, gap)
            elif item.verb is not None:
                self._read_verb(item)
                self._begin = item.end
        self._end_sentence()
        self._dress()
        return self.scene

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

    def _end_sentence(self) -> None:
        clause = self._clause
        for each in self._waiting:
            someone = next((n for n in self.scene.nouns if n.acts and n not in each.objects), None)
            if each.subject or someone is not None:
                agents = each.subject or [n for n in (someone,) if n is not None]
                note_action(self.scene, each.item, agents, each.objects[-1] if each.objects else None)
                for relation, other in each.where:
                    relate(agents[0], relation, other)
        self._waiting = []
        if clause.where:
            placed = [n for n in (*clause.subject, clause.bare) if n is not None and n is not clause.where[-1][1]]
            placed = [n for n in placed if not n.relations and not n.worn and n.verb is None]
            if placed:
                relate(placed[-1], *clause.where[-1])
        if clause.objects and clause.subject and clause.subject[0].verb is None:
            relate_object = clause.objects[-1]  # the verb is not known: at least they belong together
            if relate_object.kind in WEARABLE:
                relate(clause.subject[0], "wearing", relate_object)
        if self._here is not None:
            here, ground = self._here
            behind = [n for n in self.scene.nouns if n.begin >= here.end and n is not ground and not n.worn]
            if behind and not behind[0].relations:
                relate(behind[0], here.relation, ground)
        self._here = None
        self._clause = Clause()
        self._owner = None

    def _read_here(self, here: Here) -> None:
        if here.begin < self._taken:
            return  # 책상 위에: by the desk
        ground = meant_by(here, self.scene.nouns, self._main, () if self._said else self._clause.subject)
        if ground is not None:
            self._here = here, ground

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

    def _read_part(self, item: Item) -> None:
        """A part of a body stands for whose it is."""
        self.scene.body.append(item)
        if self._waiting or (self._owner is None and self._main is None and self._is_subject(item)):
            someone = self._main or self._somebody(item)
            self._tell(someone)
            self._owner = someone
        behind = self._pattern.match(self.text, item.end)
        case = behind["case"] if behind is not None else None
        owner = self._previous.noun if self._previous is not None and self._previous.kind == "noun" else None
        if owner is not None and owner.lives and behind is not None and behind["where"] is not None:
            self._clause.where.append((WHERE[behind["where"]], owner))  # 父の膝の上で
            owner.passive = True
            self._owner, self._previous, self._taken = None, item, behind.end()
            return
        if (
            owner is not None
            and owner.lives
            and case in ("に", "에", "へ", "로", "으로")
            and owner not in self._clause.subject
        ):
            self._clause.given = owner  # 飼い主の胸に飛び込む
            owner.passive = True
        if (
            owner is not None
            and owner.lives
            and case in OBJECT_CASES
            and self._clause.subject
            and owner not in self._clause.subject
        ):
            self._clause.held = owner  # 남자의 허리를 끌어안는다
        if self._owner is not None and case in SUBJECT_CASES:
            self._clause.subject, self._clause.fresh = [self._owner], True
        self._owner = None
        self._previous = item

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

    def _read_place(self, item: Item) -> None:
        noun, clause, text = item.noun, self._clause, self.text
        behind = self._pattern.match(text, item.end)
        case = (behind["late"] or behind["case"]) if behind is not None else None
        local = behind["where"] if behind is not None else None
        self.scene.places.append(item)
        if self._waiting and noun is None and not self._qualifies_next(item):
            self._tell_of_nobody()
        self._taken = behind.end() if behind is not None else item.end
        if local is None and (within := _LOCAL_WITHIN.search(text, item.begin, item.end)) is not None:
            local = within["where"]  # 다리 위를: the place is known with it
            item = replace(item, end=within.start())
        placed = local is not None and WHERE[local] in ("in_front_of", "beside", "over", "behind", "on", "under")
        if noun is None and placed:
            noun = _building_of(item, text)
        if noun is not None and placed and local is not None:
            self.scene.nouns.append(noun)
            noun.passive = True
            clause.where.append((WHERE[local], noun))
            self._tell(noun)
        elif noun is not None and case in (*SUBJECT_CASES, *OBJECT_CASES):
            self.scene.nouns.append(noun)
            self._tell(noun)
            if case in OBJECT_CASES:
                clause.objects.append(noun)
            else:
                clause.subject, clause.fresh, clause.topic = [noun], True, case in TOPIC_CASES
        elif noun is not None and self._waiting:
            self._tell_of_nobody()
        clause.fresh = clause.fresh and bool(clause.subject) and clause.subject[-1] is noun
        self._previous = item

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

    def _read_noun(self, item: Item, gap: str) -> None:
        clause, text = self._clause, self.text
        noun = item.noun or self._meant(item)
        if noun is None:
            return
        if LIKENED.match(text, item.end) is not None and not noun.counted:
            self._previous = item
            return  # a cape that is none: 망토처럼
        aside = _ASIDE.match(text, item.end) if noun.kind == "person" else None
        behind = self._pattern.match(text, item.end if aside is None else aside.end())
        case = (behind["late"] or behind["case"]) if behind is not None else None
        local = behind["where"] if behind is not None else None
        if item.noun is not None and (known := self._named_shorter(noun)) is not None:
            noun = known
        elif item.noun is not None:
            owner = self._owner
            if owner is not None and owner.kind in WEARABLE and noun.words in PARTS_OF_CLOTHES:
                clause.objects += [owner] if case in OBJECT_CASES else []
                self._owner, self._previous = None, item
                return  # シャツの袖
            on = "on" if local is None and case in PLACE_CASES else None if local is None else WHERE[local]
            if (
                owner is not None
                and owner.lives
                and on is not None
                and not noun.lives
                and OF_BODY.fullmatch(noun.words)
            ):
                clause.where.append((on, owner))
                owner.passive = True
                self._owner, self._previous, self._taken = None, item, behind.end() if behind is not None else item.end
                return
            self.scene.nouns.append(noun)
            if self._material is not None:
                set_material(noun, self._material.of)
                self._material = None
            if self._content is not None and not noun.lives:
                relate(self._content, "in", noun)
            self._content = noun if not noun.lives and FULL_OF.match(text, item.end) is not None else None
        if self._qualifying is not None and clause.where and clause.where[-1] is self._qualifying:
            relate(noun, *clause.where.pop())  # 机の上の本を読む: the book is on it
            noun.passive = False
        self._qualifying = None
        if behind is not None and (behind["group"] or local is not None):
            self._group_end = behind.end("where" if local is not None else "group")
        group = (behind is not None and behind["group"]) or (
            noun.kind != "person" and noun.words.endswith(("가족", "무리", "떼"))
        )
        if group and noun.count == 1:
            noun.count = _A_GROUP
        if not (noun.kind in WEARABLE and (case in ("の", "의") or DRESSED.match(text, item.end))):
            self._tell(noun)  # 가야금을 뜯는 한복 차림의 여인: she does, not what she wears
        else:
            self._waiting = [each for each in self._waiting if each.objects or not _says_how_it_is(each.item)]
        if (
            self._main is not None
            and noun.kind in WEARABLE
            and (self._is_dress(item) or _PUT_ON_AT_ONCE.match(text, item.end))
        ):
            relate(self._main, "wearing", noun)
            self._previous = item
            return
        if case is None and local is None and (wearer := self._only_dressed(item, noun)) is not None:
            relate(wearer, "wearing", noun)
            return
        if self._owner is not None and self._owner is not noun:
            if (
                self._owner.lives
                and self._owner.kind != "person"
                and noun.role
                and gap == "の"
                and noun.name not in _KEEPERS
            ):
                noun.drawing, noun.name, noun.gender = self._owner.drawing, self._owner.name, None  # 竜の鍛冶屋 is one
                noun.begin, noun.words = self._owner.begin, text[self._owner.begin : noun.end]
                if self._owner in self.scene.nouns:
                    self.scene.nouns.remove(self._owner)
            elif self._owner.kind == noun.kind == "person" and noun.role is None and self._owner.role and gap == "の":
                noun.role, noun.name = self._owner.role, self._owner.name  # 農家の男性 is one
                noun.age = noun.age if self._owner.age is None else self._owner.age
                if self._owner in self.scene.nouns:
                    self.scene.nouns.remove(self._owner)
            elif noun.kind in WEARABLE:
                relate(self._owner, "wearing", noun)
            elif noun.lives and self._owner.kind in WEARABLE and not self._owner.worn:
                for each in (*clause.company, self._owner):  # 緑の帽子に茶色の手袋の登山家
                    if each.kind in WEARABLE:
                        relate(noun, "wearing", each)
                clause.company = [each for each in clause.company if not each.worn]
        dressed = DRESSED.match(text, item.end) if noun.kind in WEARABLE else None
        if (
            dressed is not None
            and dressed[0].endswith(("으로", "で"))
            and clause.subject
            and clause.subject[-1].kind == "person"
        ):
            for each in (*clause.company, noun):  # 흰 셔츠와 치마 차림으로
                if each.kind in WEARABLE:
                    relate(clause.subject[-1], "wearing", each)
            clause.company = [each for each in clause.company if not each.worn]
            self._owner, self._previous = None, item
            return
        shape = self._owner  # ピンクのフラミンゴの浮き輪: what only looks so
        if (
            shape is not None
            and gap == "の"
            and shape.kind in ("animal", "bird", "fish")
            and noun.kind in ("toy", "clothing", "thing", "drink", "food")
        ):
            noun.colour = noun.colour or shape.colour
            if shape in self.scene.nouns and not shape.deeds and not shape.relations:
                self.scene.nouns.remove(shape)
        self._owner = None
        if dressed is not None or (case in ("の", "의") and local is None and (noun.lives or noun.kind in WEARABLE)):
            self._owner = noun
        self._taken = behind.end() if behind is not None else item.end
        if self._here is not None and not noun.worn and (self._here[0].qualifies or case in SUBJECT_CASES):
            self._is_here(noun)
        on_body = (
            ON_BODY.match(text, behind.end()) if behind is not None and case in ("の", "의") and noun.lives else None
        )
        if on_body is not None:
            clause.where.append((WHERE[on_body["where"]], noun))  # 父の膝の上で
            self._owner, self._previous, self._taken = None, item, on_body.end()
            return
        if (
            self._main is not None
            and not noun.lives
            and not noun.worn
            and IN_HAND.search(self._said_before(item.begin))
        ):
            relate(self._main, "holding", noun)
            self._main.passive = False
        if noun.lives and self._vehicle is not None:
            relate(noun, "riding", self._vehicle)
            noun.passive = False
        self._vehicle = noun if noun.kind in ("vehicle", "boat") and case == "の" and local is None else None
        towards = TOWARDS.match(text, item.end)
        last_where = clause.where[-1] if clause.where else None
        if towards is not None:
            clause.where.append(("facing", noun))
            noun.passive = True
        elif BACKDROP.match(text, item.end):
            clause.where.append(("in_front_of", noun))
            noun.passive = True
        elif local is not None:
            clause.where.append((WHERE[local], noun))
            noun.passive = True
            if behind is not None and behind["local_case"] in ("の", "의"):
                self._qualifying = clause.where[-1]
        elif case in ("の", "의") or dressed is not None:
            following = text[behind.end() : behind.end() + 1] if behind is not None else ""
            noun.passive = noun.passive or following not in ("", " ") or case == "의"
            clause.bare = noun
        elif case in OBJECT_CASES:
            self._speak_of_all(noun)
            alike = [each for each in clause.company if each.lives == noun.lives]
            clause.objects += [each for each in alike if each not in clause.objects]
            clause.company = [each for each in clause.company if each not in alike]
            clause.objects.append(noun)
        elif case in WITH_CASES:
            clause.company.append(noun)
        elif case in ("で", "로", "으로") and (noun.kind in ("vehicle", "boat") or is_board(noun)):
            clause.where.append(("riding", noun))
            noun.passive = True
        elif case in ("で", "로", "으로") and noun.kind in _USED:
            clause.tools.append(noun)
            noun.passive = True
        elif case in TOWARDS_SOMEBODY and noun.lives:
            clause.given = noun
            noun.passive = True
        elif case in ("에", "に") and noun.kind in WEARABLE:
            clause.company.append(noun)  # 남방에 밀짚모자를 쓴
        elif case in PLACE_CASES:
            clause.where.append(("in" if noun.kind not in ("furniture", "vehicle", "animal") else "on", noun))
            noun.passive = True
        elif case in SUBJECT_CASES:
            if (
                clause.subject
                and not self._said
                and noun not in clause.subject
                and COMMAS.search(self.text, clause.subject[-1].end, noun.begin)
            ):
                self._leave_unsaid()
            clause.subject = [*clause.company, noun]
            clause.company, clause.topic = [], case in TOPIC_CASES
            self._said = False
        elif self._bare_argument(item, noun):
            clause.objects.append(noun)
        else:
            if not clause.subject or COMMAS.search(gap) or self._previous is None:
                clause.bare = noun
            if last_where is not None and self._previous is not None and self._previous.noun is last_where[1]:
                clause.where.pop()
                relate(noun, *last_where)
        clause.fresh = case in SUBJECT_CASES
        if noun.lives and (case in SUBJECT_CASES or self._main is None):
            self._main = noun
        self._previous = item

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

    def _read_verb(self, item: Item) -> None:
        clause = self._clause
        if self._is_of_camera(item):
            self._clause = replace(
                clause, objects=[], where=[], tools=[], given=None, held=None, fresh=False, bare=None
            )
            return
        if self._is_elsewhere(item):
            self._here = None
        if self._material is not None and item.verb is not None and item.verb.like == "build":
            return  # 유리로 만든: of glass
        if self._content is not None:
            return  # 커피가 담긴
        if self._stuff and item.verb is not None and item.verb.like in _MAKES and clause.objects:
            set_material(clause.objects[-1], self._stuff)
        self._stuff = ""
        if is_attributive(self.text, item, self._begins):
            subject: list[Noun] = []
            if self._here is not None and not self.text[self._here[0].end : item.begin].strip(" "):
                clause.where.append((self._here[0].relation, self._here[1]))  # 옆에 앉은 소녀
                self._here = None
            of_thing = item.verb is not None and item.verb.like in _OF_THINGS
            if clause.subject and clause.fresh and not clause.topic and not (of_thing and clause.subject[0].lives):
                subject, clause.subject = clause.subject, []
            elif clause.bare is not None and not clause.objects and self._follows_at_once(item, clause.bare):
                subject, clause.bare = [clause.bare], None  # 湯気の立つラーメン
            waiting = Waiting(item, subject, clause.objects, clause.where, clause.tools, clause.given)
            self._waiting.append(waiting)
            self._clause = replace(clause, objects=[], where=[], tools=[], given=None, held=None, fresh=False)
        else:
            partner = self._partner(item)
            agents = self._agents(item)
            self._said = True
            thing = clause.objects[-1] if clause.objects else partner
            held = clause.held if clause.held not in agents else None
            if held is not None and item.verb is not None and agents and thing is None:
                if item.verb.relation == "holding":
                    relate(agents[0], "beside", held)
                else:
                    thing = held
                held.passive = False
            where, tools, given = clause.where, clause.tools, clause.given
            self._clause = replace(
                clause, objects=[], where=[], tools=[], given=None, held=None, fresh=False, bare=None
            )
            if not agents:
                self.scene.lonely.append(item)
            elif is_passive(self.text, item) and given is not None:
                self._act(item, [given], agents[0], where, tools)
            else:
                worn = [each for each in clause.objects if each.kind in WEARABLE]
                for others, things in clause.gapped:
                    self._act(item, others, things[-1], [], [], [each for each in things if each.kind in WEARABLE])
                self._clause.gapped = []
                self._act(item, agents, thing or given, where, tools, worn)
                moved = thing is not None and item.verb is not None and item.verb.moves
                self._is_here(thing if moved and thing is not None else agents[0])
                if thing is not None and given is not None and given is not agents[0]:
                    relate(agents[0], "facing", given)
                if thing is not None and agents[0].lives:
                    self._main = agents[0]
        self._previous = item

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
        if agents and self._main is not None and item.verb is not None and item.verb.like not in _OF_THINGS:
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
        if thing is not None and thing.kind in _USED and agents[0].kind == "person" and verb.lemma in _HELD_TO:
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
