"""Korean and Japanese sentences: who does what to what, by particles; the verb comes last.

A sentence is walked from noun to verb. What has a particle waits; a verb takes what waits and gives it to the subject, or,
where it tells of the noun behind it ("a man *who carries a lamp*"), to that noun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from opendance.prompt.lexicon import lexicon
from opendance.prompt.noun_words import PARTS_OF_CLOTHES
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.particles import (
    BACKDROP,
    DRESSED,
    FULL_OF,
    IN_HAND,
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
from opendance.prompt.placed_by import Here, heres_of, meant_by, with_heres
from opendance.prompt.predicates import with_unknown_verbs
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS, WEARABLE, Scene, is_board, note_action, relate, set_material
from opendance.prompt.stuff import stuff_of, thing_of
from opendance.prompt.verb_final_agents import OF_THINGS, USED, Speakers
from opendance.prompt.waiting import Clause, Waiting

_PUT_ON_AT_ONCE = re.compile(
    r"(?:かけて|かけた|かぶって|被って|被った|着けて|つけて|はいて|履いて|着て|巻いて|羽織って)"
)  # without a particle
_ASIDE = re.compile(r"[ ]?\([^()\n]{1,40}\)")  # what a cast list says of somebody: 지훈(28, 회색 티셔츠)과
_HAPPENS_TO_CLOTH = ("tear", "break", "fade", "get wet", "soak", "stain", "dry", "wrinkle")
_KEEPERS = (
    "veterinarian", "dog trainer", "horse trainer", "zookeeper", "shepherd", "groom", "jockey", "hunter", "falconer",
    "beekeeper", "child", "farmer",
)  # fmt: skip
_LOCAL_WITHIN = re.compile(r"(?:[ ]|の)(?P<where>위|아래|밑|옆|앞|뒤|上|下|横|前|後ろ|隣)$")
_MAKES = (
    "build", "shape", "plane", "knit", "sew", "weave", "fold", "create", "craft", "form", "cook", "carve",
)  # fmt: skip
_A_GROUP = 5  # how many are seen of a herd or a family


def verb_final(text: str, items: list[Item], before: Sequence[Noun] = ()) -> Scene:
    """What Korean or Japanese sentences say of the things in `items`; `before`: who was seen in the shots before."""
    korean = re.search(r"[가-힣]", text) is not None
    items = _with_pronouns(text, with_unknown_verbs(text, items, korean=korean))
    heres = heres_of(text, items, korean=korean)
    return _Walk(text, korean, before, heres).walk(with_heres(items, heres))


def _says_how_it_is(item: Item) -> bool:
    """Whether a verb says how the garment behind it is: 破れたジーンズの少女 tears nothing."""
    return item.verb is not None and item.verb.like in (*OF_THINGS, *_HAPPENS_TO_CLOTH)


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


class _Walk(Speakers):
    """A walk over the items of a shot."""

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
            elif item.kind == "known" and (thing := thing_of(self.text, item, self._pattern)) is not None:
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
        elif case in ("で", "로", "으로") and noun.kind in USED:
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
            of_thing = item.verb is not None and item.verb.like in OF_THINGS
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
