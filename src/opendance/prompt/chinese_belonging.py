"""What Chinese clauses say of the same people again: 一对情侣 … 女孩 … 男孩, 徒弟，一个系围裙的少年, 老绅士."""

from __future__ import annotations

import re
from dataclasses import replace

from opendance.prompt.nouns import Noun
from opendance.prompt.scenes import Scene

# Words that lead nowhere but to how something is done: 一只接一只地.
_ONE_BY_ONE = re.compile(r"一(?P<q>[一-鿿])(?:接|又|跟|挨)(?:着)?一(?P=q)地?")
# The weather is told of by itself.
_FALLING = re.compile(r"下(?:着|起|了)?[大小细暴毛]{0,2}[雨雪](?![一-鿿]?[地人])")
_OF_COUPLES = {
    "female": ("女孩", "女生", "女人", "女子", "女方", "姑娘"),
    "male": ("男孩", "男生", "男人", "男子", "男方", "小伙子"),
}
_OLD = "老"


def without_manners(text: str) -> str:
    """`text` with blanks for 一只接一只 and its like, and for 下着雪."""
    text = _FALLING.sub(lambda match: " " * len(match[0]), text)
    return _ONE_BY_ONE.sub(lambda match: " " * len(match[0]), text)


def part_couples(scene: Scene) -> None:
    """Of a couple whose two people are told of, each is seen and the couple is not: 情侣在跳舞，女孩穿红裙，男孩穿西装."""
    couple = next((n for n in scene.nouns if n.role == "couple" and not n.worn), None)
    if couple is None:
        return
    behind = [n for n in scene.nouns if n.begin > couple.begin and n.count == 1 and not n.worn]
    both = [next((n for n in behind if n.words in words), None) for words in _OF_COUPLES.values()]
    if any(one is None for one in both):
        return
    for one in both:
        assert one is not None
        one.age = couple.age or ("adult" if one.age == "child" else one.age)
        one.deeds = [replace(doing) for doing in couple.deeds] + one.deeds
        one.verb, one.object = (couple.verb, couple.object) if couple.verb is not None else (one.verb, one.object)
        one.relations = [*couple.relations, *one.relations]
    first = both[0]
    assert first is not None
    scene.nouns[:] = [n for n in scene.nouns if n is not couple]
    scene.verbs += [(item, one) for item, agent in scene.verbs if agent is couple for one in both if one is not None]
    for noun in scene.nouns:
        noun.relations = [(how, first if other is couple else other) for how, other in noun.relations]
        noun.object = first if noun.object is couple else noun.object
        for doing in noun.deeds:
            doing.object = first if doing.object is couple else doing.object


def note_old(text: str, scene: Scene) -> None:
    """老绅士 is old, whatever the word says by itself."""
    for noun in scene.nouns:
        begin = noun.first if noun.first >= 0 else noun.begin
        if noun.kind == "person" and noun.age in (None, "adult") and text[begin - 1 : begin] == _OLD and begin:
            noun.age = "elderly"


def is_said_again(somebody: Noun | None, noun: Noun, text: str) -> bool:
    """Whether `noun` only says who somebody is that was named right before the comma: 他的徒弟，一个系着围裙的少年."""
    if somebody is None or somebody is noun or not somebody.kind == noun.kind == "person":
        return False
    if somebody.deeds or somebody.count != 1 or noun.count != 1:
        return False
    between = text[somebody.end : noun.begin]
    return _APPOSED.match(between) is not None


_APPOSED = re.compile(r"[，,][ ]?(?:一[个位名]|这[个位]|那[个位])")


def say_again(somebody: Noun, noun: Noun) -> None:
    """Notes of somebody what `noun` says."""
    somebody.age, somebody.gender = noun.age or somebody.age, noun.gender or somebody.gender
    somebody.role = somebody.role or noun.role
    somebody.wears += [each for each in noun.wears if each not in somebody.wears]
    somebody.deeds += noun.deeds
    somebody.relations += noun.relations
    somebody.hair = somebody.hair or noun.hair
