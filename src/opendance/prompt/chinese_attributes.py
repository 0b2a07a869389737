"""Chinese phrases, and what stands before 的: whose a thing is, what it is like, what somebody does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from opendance.plan import Relation
from opendance.prompt.chinese_relations import RELATIONS
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.quantities import counts_of
from opendance.prompt.scenes import PORTABLE, WEARABLE, Scene, note_action, note_object, relate, set_material

PhraseKind = Literal["noun", "verb", "local", "part", "pronoun", "mark", "camera", "place", "scenery"]
SHORT_LOCALS = frozenset("上里中下旁边前后内")
OF_BODIES = frozenset("身脚头肩手怀背嘴腰腿")
_MOST_COUNT = 4  # letters of a number and its measure word


@dataclass
class Phrase:
    """A noun phrase, a deed or a word for where, as a clause has them one behind another.

    Attributes:
        mark: the preposition before it, "" where there is none; `local`: the word for where behind it.
        waiting: what the words before 的 say that it does, and to what.
        owners: of a part of a body, whose it is.
        owner: of a pronoun, that it only tells whose what follows is.
    """

    kind: PhraseKind
    text: str = ""
    noun: Noun | None = None
    item: Item | None = None
    mark: str = ""
    local: str | None = None
    place_word: bool = False
    form_idiom: bool = False
    owner: bool = False
    relation: Relation | None = None
    begin: int = 0
    end: int = 0
    owners: list[Noun] = field(default_factory=list[Noun])
    waiting: list[tuple[Item, Noun | None]] = field(default_factory=list[tuple[Item, Noun | None]])


def _count_before(noun: Noun, begin: int, text: str) -> None:
    """How many a noun is, told before the clause that qualifies it: 两名戴安全帽的工人."""
    before = text[max(0, begin - _MOST_COUNT) : begin]
    counts = [count for count in counts_of(before, []) if count.end == len(before)]
    if counts and not noun.counted:
        noun.count, noun.counted = counts[-1].number, True


def resolve(phrase: Phrase, out: list[Phrase], scene: Scene, text: str) -> None:
    """Takes what stands before 的 out of the clause and notes what it says of the noun."""
    noun = phrase.noun
    assert noun is not None
    at = next(
        (index for index in range(len(out) - 1, -1, -1) if out[index].kind == "mark" and out[index].text == "的"), None
    )
    if at is None:
        return
    attribute = out.pop(at)
    if any(each.kind in ("noun", "verb") for each in out[at:]):
        return  # another noun had it
    if attribute.item is not None:
        set_material(noun, attribute.item.of)
        made_of = out[_relative_begin(out) :]
        scene.nouns[:] = [each for each in scene.nouns if all(each is not phrase.noun for phrase in made_of)]
        del out[_relative_begin(out) :]
        return
    begin = _relative_begin(out)
    if (
        not noun.lives
        and begin == len(out) - 1
        and begin > 1
        and _is_somebody(out[begin - 1])
        and _waits(out[: begin - 1])
    ):
        begin -= 1  # 接住[男孩扔出]的飞盘
    words = out[begin:]
    verbs = [each for each in words if each.kind == "verb"]
    if not verbs:
        _owned(phrase, noun, out, scene)
        return
    if words[-1].local in RELATIONS and not words[-1].mark and len(words) > 1 and words[-2].kind == "verb":
        _owned(phrase, noun, out, scene)  # 推着轮椅上的老人
        return
    last = words[-1]
    if (
        last.kind == "local"
        and not noun.lives
        and len(words) > 1
        and (words[-2].kind == "verb" or words[-2].owner)
        and text[noun.end : noun.end + 1] in SHORT_LOCALS
    ):  # 趴在他脚边的地毯上
        del out[len(out) - (2 if words[-2].owner else 1) :]
        phrase.mark = phrase.mark or "在"
        return
    if noun.lives and _is_on_body(words) and last.noun is not None and verbs[0].item is not None:
        del out[begin:]  # 肩上站着鹦鹉的船长
        note_action(scene, verbs[0].item, [last.noun])
        relate(last.noun, RELATIONS.get(words[0].text, "on"), noun)
        return
    if (
        len(words) > 1
        and words[-2].kind == "verb"
        and last.mark in ("在", "到", "进", "从", "沿", "沿着")
        and last.local is None
        and text[noun.end : noun.end + 1] in SHORT_LOCALS
    ):  # 盘绕在故宫的柱子上
        out.pop()
        phrase.mark = last.mark
        return
    if _is_owner(words, out[:begin], noun):
        owner = out.pop()
        phrase.owners = [owner.noun] if owner.noun is not None else []
        return
    before = words[0] if words[0].kind in ("noun", "pronoun") and not words[0].mark and words[0].local is None else None
    last = words[-1]
    if (
        before is not None
        and before.noun is not None
        and len(verbs) == 1
        and last.kind == "verb"
        and last.item is not None
    ):
        del out[begin:]  # 女孩抱着的猫, 雪花飘落的街道
        note_action(
            scene, last.item, [before.noun], noun if phrase.item is None or phrase.item.kind == "noun" else None
        )
        for each in before.waiting:
            note_action(scene, each[0], [before.noun], each[1])
        phrase.owners = [before.noun]
        return
    _count_before(noun, words[0].begin, text)
    if words[0].mark and words[0].kind == "verb" and not phrase.mark:
        phrase.mark = words[0].mark
    del out[begin:]
    where: list[Phrase] = []
    thing: Noun | None = None
    verb: Phrase | None = None
    for each in words:
        if each.kind == "verb":
            if verb is not None and verb.item is not None:
                phrase.waiting.append((verb.item, thing))
            verb, thing = each, None
        elif each.kind == "part" and each.item is not None and each.item.hit is not None:
            thing = Noun(each.item.begin, each.item.end, each.item.hit.words, each.item.hit.words, None)
        elif each.noun is not None and each.noun is not noun:
            each.noun.passive = True
            if each.local in RELATIONS or each.mark in ("在", "从"):
                where.append(each)
            elif each.mark in ("用", "以", "拿"):
                relate(noun, "holding", each.noun)
            elif verb is not None and thing is not None and verb.item is not None and verb.item.verb is not None:
                note_object(noun, verb.item.verb, each.noun)
            elif verb is not None or each.mark in ("把", "将"):
                thing = each.noun
    if verb is not None and verb.item is not None:
        phrase.waiting.append((verb.item, thing))
    for each in where:
        if each.noun is not None:
            relation = "coming_out_of" if each.mark == "从" else RELATIONS.get(each.local or "", "on")
            relate(noun, relation, each.noun)


def _is_somebody(phrase: Phrase) -> bool:
    return phrase.noun is not None and phrase.noun.lives and not phrase.mark and phrase.local is None


def _waits(before: list[Phrase]) -> bool:
    """Whether a verb waits for its object."""
    return bool(before) and before[-1].kind == "verb"


_ON_BODY = 3  # where, a verb, who


def _is_on_body(words: list[Phrase]) -> bool:
    """Whether it is told of what is on somebody's body: 肩上站着鹦鹉."""
    first = words[0]
    if len(words) != _ON_BODY or first.kind != "local" or first.text[:1] not in OF_BODIES or words[1].item is None:
        return False
    verb = words[1].item.verb
    return verb is not None and verb.relation not in ("holding", "wearing") and words[2].kind == "noun"


def _is_owner(words: list[Phrase], before: list[Phrase], noun: Noun) -> bool:
    """Whether the noun before 的 is whose the next one is, and no object of the verb before: 女孩推开阁楼的门."""
    last = words[-1]
    if noun.lives or len([each for each in words if each.kind == "verb"]) != 1 or last.kind not in ("noun", "place"):
        return False
    if len(words) < 2 or words[-2].kind != "verb" or last.mark or any(each.kind == "verb" for each in before):
        return False
    told = any(each.kind in ("noun", "pronoun", "camera") and not each.mark and each.local is None for each in before)
    return told or last.kind == "place"


def _relative_begin(out: list[Phrase]) -> int:
    """Where the words begin that tell, before 的, what somebody does: 推着[坐在轮椅上]的老人."""
    verbs = [index for index, each in enumerate(out) if each.kind == "verb"]
    if not verbs:
        return len(out)
    begin = verbs[-1]
    if out[begin].mark:
        return begin  # 把擀好的饺子皮
    if begin == len(out) - 1 and len(verbs) > 1 and verbs[-2] == begin - 1:
        return begin  # 看着燃烧的房子
    while begin > 0 and (
        out[begin - 1].mark in ("在", "从", "用", "把", "被", "向", "对") or out[begin - 1].kind == "local"
    ):
        begin -= 1
    if (
        begin == verbs[-1]
        and begin == 1
        and out[0].kind in ("noun", "pronoun")
        and not out[0].mark
        and begin == len(out) - 1
    ):
        return 0  # 女孩抱着的猫
    if len(verbs) > 1 and all(each.kind != "noun" or each.mark or each.local for each in out[: verbs[0]]):
        earlier = verbs[0]
        while earlier > 0 and out[earlier - 1].mark in ("在", "从", "用"):
            earlier -= 1
        return earlier if earlier == 0 else begin
    return begin


def _owned(phrase: Phrase, noun: Noun, out: list[Phrase], scene: Scene) -> None:
    """What a noun has to do with the one before 的: it is on it, it is its own."""
    if out and out[-1].kind == "part" and out[-1].mark:
        phrase.mark = phrase.mark or out.pop().mark  # 和一只缺了耳朵的狗
        return
    if not out or out[-1].kind not in ("noun", "place", "local"):
        return
    first = out[-1]
    if first.noun is None:
        out.pop()
        if first.mark in ("把", "将", "被", "用", "给", "向", "对", "跟", "和", "与") and not phrase.mark:
            phrase.mark = first.mark
        return
    out.pop()
    relation = RELATIONS.get(first.local or "")
    if relation is not None:
        relate(noun, relation, first.noun)
    elif noun.lives and first.noun.kind in WEARABLE:
        relate(noun, "wearing", first.noun)  # 黑衣的女人
    elif first.noun.kind == "person" and (noun.kind in PORTABLE or noun.kind in WEARABLE):
        relate(first.noun, "holding" if noun.kind in PORTABLE else "wearing", noun)
    else:
        phrase.owners = [first.noun]
    if first.mark and not phrase.mark and relation is None:
        phrase.mark = first.mark
