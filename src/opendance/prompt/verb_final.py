"""Korean and Japanese sentences: who does what to what, by particles; the verb comes last."""

from __future__ import annotations

import re

from opendance.plan import Relation
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS, WEARABLE, Scene, note_action, relate, set_material

_KO_BEHIND = re.compile(
    r"(?:들)?[ ]?(?P<case>이랑|이|가|은|는|을|를|에게|에서|에|으로|로|와|과|하고|랑|의|도|처럼|께서)?(?:[ ]?(?P<where>위|안|속|아래|밑|옆|앞|뒤|사이|곁|너머)(?:에서|에는|에|로|으로|를|을|의)?(?![가-힣]))?(?P<rest>[ ]?(?:두|세|네|한|\d{1,2}|다섯|여섯|몇)[ ]?(?:마리|명|대|개|송이|그루|잔|그릇)(?P<late>이|가|은|는|을|를)?)?"
)
_JA_BEHIND = re.compile(
    r"(?:たち|達|ら)?(?P<case>が|は|を|に|で|の|と|へ|も|から|や)?(?P<where>上空|上|中|下|横|隣|前|後ろ|間|そば|奥|周り|向こう)?(?:に|で|を|の|へ)?(?P<rest>)(?P<late>)"
)
_WHERE: dict[str, Relation] = {
    "위": "on", "안": "in", "속": "in", "아래": "under", "밑": "under", "옆": "beside", "곁": "beside", "앞": "in_front_of",
    "뒤": "behind", "사이": "between", "너머": "behind", "上": "on", "上空": "over", "中": "in", "下": "under", "横": "beside",
    "隣": "beside", "そば": "beside", "周り": "beside", "前": "in_front_of", "後ろ": "behind", "奥": "behind", "間": "between",
    "向こう": "behind",
}  # fmt: skip
_SUBJECT_CASES = ("이", "가", "은", "는", "께서", "が", "は", "も", "도")
_OBJECT_CASES = ("을", "를", "を")
_WITH_CASES = ("와", "과", "하고", "랑", "이랑", "と", "や")
_PLACE_CASES = ("에", "에서", "로", "으로", "に", "で", "へ", "から")
_JA_ATTRIBUTIVE = re.compile(r"[ぁ-ん]{0,5}?(?:た|る|う|く|す|つ|ぬ|む|ぶ|ぐ|いる|ている|の)(?=[一-鿿ァ-ヺ])")
_MADE_BEHIND = re.compile(
    r"(?:으로|로)[ ]?(?:만든|만들|된|빚은|조각)|(?:で|から)(?:できた|作られ|作った|出来た|できて)|の(?=[一-鿿ァ-ヺ巨大])|製"
)


def _is_attributive(text: str, item: Item) -> bool:
    """Whether a Korean or Japanese verb tells of the noun behind it."""
    word = re.match(r"[^ ,、。.\n]{0,14}", text[item.end : item.end + 14])
    letters = text[item.begin : item.end] + (word[0] if word is not None else "")
    if "가" <= letters[0] <= "힣":
        last = letters[-1]
        if item.form.endswith(" "):
            return True
        if last in "는은던" or (("가" <= last <= "힣") and (ord(last) - 0xAC00) % 28 in (4, 8) and last != "면"):
            return text[item.begin + len(letters) : item.begin + len(letters) + 1] == " "
        return False
    return _JA_ATTRIBUTIVE.match(text, item.end - (1 if item.form[-1:] in "たるうくすつむぶぐ" else 0)) is not None


def verb_final(text: str, items: list[Item]) -> Scene:
    """What Korean or Japanese sentences say of the things in `items`."""
    scene = Scene()
    subject: list[Noun] = []
    objects: list[Noun] = []
    where: list[tuple[Relation, Noun]] = []
    company: list[Noun] = []
    tools: list[Noun] = []
    owner: Noun | None = None
    given: Noun | None = None  # to whom something is done
    waiting: list[tuple[Item, list[Noun], list[tuple[Relation, Noun]]]] = []  # verbs that tell of the next noun
    end = 0
    previous: Item | None = None
    material: Item | None = None
    pattern = _KO_BEHIND if re.search(r"[가-힣]", text) else _JA_BEHIND
    for item in items:
        if item.form == "weak":  # a place that only the name of a thing tells
            scene.places.append(item)
            continue
        gap = text[end : item.begin]
        if SENTENCE_ENDS.search(gap):
            objects, where, company, waiting = [], [], [], []
        end = item.end
        behind = pattern.match(text, item.end)
        case = (behind["late"] or behind["case"]) if behind is not None else None
        local = behind["where"] if behind is not None else None
        if item.kind == "material":
            if _MADE_BEHIND.match(text, item.end):
                material = item
            previous = item
            continue
        if item.kind == "place":
            noun = item.noun
            if (
                noun is not None
                and local is not None
                and _WHERE[local] in ("in_front_of", "beside", "over", "behind", "on", "under")
            ):
                scene.nouns.append(noun)
                noun.passive = True
                where.append((_WHERE[local], noun))
                scene.places.append(item)
            elif noun is not None and case in (*_SUBJECT_CASES, *_OBJECT_CASES):
                scene.nouns.append(noun)
                (objects if case in _OBJECT_CASES else subject).append(noun)
                scene.places.append(item)
            else:
                scene.places.append(item)
            previous = item
            continue
        if item.kind == "part":
            scene.body.append(item)
            previous = item
            continue
        if item.kind == "noun" and item.noun is not None:
            noun = item.noun
            scene.nouns.append(noun)
            if material is not None:
                set_material(noun, material.of)
                material = None
            for verb_item, things, places in waiting:
                note_action(scene, verb_item, [noun], things[-1] if things else None)
                for relation, other in places:
                    relate(noun, relation, other)
            waiting = []
            if owner is not None and noun.kind in WEARABLE:
                relate(owner, "wearing", noun)
            owner = noun if case in ("の", "의") and local is None and noun.lives else None
            if case == "の" and local is None:
                case = None
                following = text[behind.end() : behind.end() + 1] if behind is not None else ""
                noun.passive = noun.passive or following not in ("", " ")
            if local is not None:
                where.append((_WHERE[local], noun))
                noun.passive = True
            elif case in _OBJECT_CASES:
                objects.append(noun)
            elif case in _WITH_CASES:
                company.append(noun)
            elif case in ("で", "로", "으로") and noun.kind in ("tool", "weapon", "thing", "instrument"):
                tools.append(noun)
                noun.passive = True
            elif case in ("に", "에게", "한테") and noun.lives and item.begin > 0 and subject:
                given = noun
                noun.passive = True
            elif case in _PLACE_CASES:
                where.append(("in" if noun.kind not in ("furniture", "vehicle", "animal") else "on", noun))
                noun.passive = True
            elif case in _SUBJECT_CASES:
                subject = [*company, noun]
                company = []
                places_said = [pair for pair in where if pair[1] is not noun]
                if places_said and previous is not None and previous.kind == "noun":
                    where = places_said
            else:
                if not subject or COMMAS.search(gap) or previous is None:
                    subject = [noun]
                if where and previous is not None and previous.noun is where[-1][1]:
                    relation, other = where.pop()
                    relate(noun, relation, other)
        elif item.kind == "verb" and item.verb is not None:
            if _is_attributive(text, item):
                waiting.append((item, objects, where))
                objects, where = [], []
            else:
                agents = [n for n in subject if n not in objects] or [
                    n for n in scene.nouns if n.acts and n not in objects and not n.passive
                ][-1:]
                if not agents:
                    agents = [n for n in scene.nouns if not n.passive and n not in objects][-1:]
                if not agents:
                    scene.lonely.append(item)
                thing = objects[-1] if objects else given
                given = None
                target = next(
                    (
                        other
                        for _, other in where
                        if item.verb.relation in ("riding", "on", "leaning_on", "facing", "coming_out_of")
                    ),
                    None,
                )
                note_action(scene, item, agents, thing)
                for tool in tools:
                    if agents and agents[0].lives:
                        relate(agents[0], "holding", tool)
                tools = []
                for relation, other in where:
                    if agents:
                        placed = thing if thing is not None and item.verb.moves else agents[0]
                        told = (
                            item.verb.relation
                            if other is target
                            and item.verb.relation in ("riding", "leaning_on", "facing", "coming_out_of")
                            else relation
                        )
                        relate(placed, told or relation, other)
                objects, where = [], []
        previous = item
    for verb_item, things, places in waiting:
        someone = next((n for n in scene.nouns if n.acts and n not in things), None)
        if someone is not None:
            note_action(scene, verb_item, [someone], things[-1] if things else None)
            for relation, other in places:
                relate(someone, relation, other)
    if where:
        someone = next((n for n in scene.nouns if n is not where[0][1] and not n.passive and not n.worn), None)
        if someone is not None and not someone.relations:
            relate(someone, *where[0])
    return scene
