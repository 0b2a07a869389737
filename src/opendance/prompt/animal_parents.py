"""The mother of an animal is one of its kind: "a cub and its mother", 熊猫幼崽和妈妈, 子熊と母."""

from __future__ import annotations

import re
from dataclasses import replace

from opendance.prompt.lexicon import lexicon
from opendance.prompt.nouns import Noun
from opendance.prompt.scenes import Scene

_PARENTS = {
    "mother": (
        "mother",
        "mom",
        "mum",
        "mama",
        "妈妈",
        "母亲",
        "엄마",
        "어미",
        "어머니",
        "母",
        "母親",
        "お母さん",
        "ママ",
    ),
    "father": ("father", "dad", "papa", "爸爸", "父亲", "아빠", "아비", "아버지", "父", "父親", "お父さん", "パパ"),
}
_YOUNG = re.compile(
    r"cub|kitten|pupp?y?$|puppies|calf|calves|foal|chick|duckling|lamb|fawn|baby|young|gosling|piglet|owlet|joey"
    r"|幼|崽|宝宝|雏|小[鸡鸭象熊马羊牛鹿狮虎狼猴鹅豹]|小企鹅|小熊猫|새끼|아기|병아리|망아지|송아지|^[子仔](?!供|ども)|赤ちゃん|ひな|ヒナ"
)
_ITS = re.compile(r"(?:\b(?:its|their|the|his|her)|它的?|它们的?|その|그)[ ]?$", re.IGNORECASE)
_A = re.compile(r"\b(?:an?|one|another|两|几|一)[ ]?$|[一两几]个$", re.IGNORECASE)
_NEAR = 12  # letters before a noun that say whose it is
_GROWN = {
    "duckling": "duck", "chick": "hen", "kitten": "cat", "puppy": "dog", "gosling": "goose", "calf": "cow", "foal": "horse",
    "lamb": "sheep", "piglet": "pig", "fawn": "deer", "owlet": "owl", "joey": "kangaroo", "cygnet": "swan",
}  # fmt: skip
_ANIMALS = ("animal", "bird", "fish")


def make_parents_animals(text: str, scene: Scene) -> None:
    """Makes who is only called mother or father an animal, where young animals are named before and no other person is."""
    parents = [(noun, which) for noun in scene.nouns if (which := _parent(noun)) is not None]
    if not parents or any(n.kind == "person" and not n.worn and _parent(n) is None for n in scene.nouns):
        return
    made: dict[str, Noun] = {}
    for noun, which in parents:
        if (same := made.get(which)) is not None and _A.search(text, max(0, noun.begin - _NEAR), noun.begin) is None:
            noun.name, noun.drawing, noun.role = same.name, same.drawing, None  # told of again
            continue
        before = text[max(0, noun.begin - _NEAR) : noun.begin]
        animals = [n for n in scene.nouns if n.kind in _ANIMALS and n.end <= noun.begin]
        if not animals or _A.search(before) is not None:
            continue
        child = animals[-1]
        its_own = noun.words.isascii() and _ITS.search(before) is not None and before.lower().rstrip().endswith("its")
        if child.drawing is None or not (its_own or child.age == "child" or _is_young(text, child)):
            continue
        words = lexicon()
        grown = words.named(_GROWN.get(child.name.split()[-1], ""))
        drawing = child.drawing if grown is None else words.drawings[grown]
        noun.name = f"{which} {drawing.name.removesuffix(' cub')}"
        noun.drawing = replace(drawing, name=noun.name, key=f"{drawing.key} {which}", role=None)
        noun.role, made[which] = None, noun


def _parent(noun: Noun) -> str | None:
    if noun.kind != "person" or noun.worn:
        return None
    words = noun.words.lower()
    return next((which for which, all_words in _PARENTS.items() if words in all_words), None)


def _is_young(text: str, animal: Noun) -> bool:
    begin = animal.first if animal.first >= 0 else animal.begin
    before = text[max(0, begin - 3) : begin]
    return _YOUNG.search(animal.words.lower()) is not None or before.endswith(("새끼 ", "아기 ", "幼", "小", "子"))
