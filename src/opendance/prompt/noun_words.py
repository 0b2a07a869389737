"""A noun from its own words: what they say of its colour, material and gender, and two words that are one noun."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from opendance.plan import Colour, Gender, Material
from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.nouns import Noun
from opendance.prompt.word_tables import COLOUR, INTRODUCED, MATERIAL, SUBJECT

PARTS_OF_CLOTHES = frozenset(
    (
        "소매",
        "깃",
        "옷깃",
        "자락",
        "옷자락",
        "단추",
        "주머니",
        "밑단",
        "지퍼",
        "袖",
        "襟",
        "裾",
        "ボタン",
        "ポケット",
        "フード",
    )
)

_SEXES: dict[str, Gender] = {"女": "female", "여": "female", "男": "male", "남": "male"}


def noun_of(lexicon: Lexicon, hit: Hit, text: str) -> Noun:
    """The noun that a known word names, with the looks that the word itself tells."""
    drawing = lexicon.drawing(hit.value(SUBJECT) or "")
    if (introduced := hit.meaning.get(INTRODUCED)) is not None:
        drawing = replace(drawing, name=introduced, key=f"person {introduced}")
    name = lexicon.singular.get(hit.words.lower(), drawing.name)
    begins = hit.words.split()[0] if " " in hit.words else hit.words[:1]
    if begins in _SIZES and len(hit.words) > len(_MADE_SMALL):
        begins = hit.words[1:2]  # 小木船
    rest = hit.words.partition(begins)[2].strip()
    # 白马 is a white horse, 青年 no turquoise year, 赤ん坊 nothing red
    looks = (
        lexicon.meaning(begins)
        if rest and (hit.words.isascii() or lexicon.named(rest) is not None or rest in ends_of_words().heads)
        else {}
    )
    if begins in NO_LOOKS or hit.words in _COLOURED:
        looks = {}  # a sofa is not made of sand
    noun = Noun(
        hit.start, hit.end, text[hit.start : hit.end], name if drawing.role is None or hit.words.isascii() else drawing.name, drawing, hit.start, age=drawing.age, gender=drawing.gender,
        role=drawing.role,
    )  # fmt: skip
    if (
        noun.kind == "person"
        and noun.gender is None
        and hit.words[:1] in _SEXES
        and ("一" <= hit.words[0] <= "鿿" or lexicon.named(hit.words[1:]))
    ):
        noun.gender = _SEXES[hit.words[:1]]  # 女戦士, 여전사
    vessel = noun.kind in ("food", "drink") and " " in hit.words and looks.get(MATERIAL.name) in HARD
    if vessel or (
        (not noun.lives or COLOUR.name in looks) and noun.kind != "food" and noun.name != "ice cream"
    ):  # "marble table", 白马: looks that the word itself tells
        noun.colour = cast("Colour | None", looks.get(COLOUR.name))
        material = looks.get(MATERIAL.name)
        if material is None and not hit.words.isascii():
            material = _material_of(lexicon, hit.words)
        noun.material = (
            cast("Material | None", material) if (noun.kind in _MADE or vessel) and material not in _FLEETING else None
        )
    if (
        noun.material is None
        and not noun.lives
        and noun.kind in _MADE
        and (made := _METAL_BEFORE.search(text, max(0, hit.start - 3), hit.start)) is not None
    ):
        noun.material = _METALS[made[1]]  # 은 포크
    if noun.kind in ("clothing", "headgear") and not hit.words.isascii() and begins not in NO_LOOKS:
        made = (lexicon.meaning(hit.words[:letters]).get(MATERIAL.name) for letters in (2, 1))
        noun.material = cast("Material | None", next((each for each in made if each in _SEWN), None))  # 革手袋
    return noun


def _material_of(lexicon: Lexicon, words: str) -> str | None:
    """The material that a Japanese or Korean word begins with: 木の椅子, ガラス瓶, 유리병."""
    if words[1:2] == "の":
        return lexicon.meaning(words[0]).get(MATERIAL.name)
    for letters in (4, 3, 2):
        rest = words[letters:].lstrip("の ")
        made = lexicon.meaning(words[:letters]).get(MATERIAL.name) if rest else None
        if made is not None and made not in _LOOSE and (words[letters] == " " or lexicon.named(rest) is not None):
            return made
    return None


_METAL_BEFORE = re.compile(r"(?<![가-힣0-9])(은|금|철|돌)[ ]$")
_METALS: dict[str, Material] = {"은": "silver", "금": "gold", "철": "metal", "돌": "stone"}
_LOOSE = ("sand", "water", "fire", "smoke", "snow", "flowers", "leaves")  # 모래시계 is of glass
_SEWN = ("leather", "rubber", "silk", "wool", "fur", "cloth")  # of which clothes are made
_SIZES, _MADE_SMALL = frozenset("小大"), "小木"
HARD = (
    "glass",
    "porcelain",
    "crystal",
    "metal",
    "silver",
    "bronze",
    "wood",
    "bamboo",
    "clay",
    "stone",
    "plastic",
    "paper",
)  # of which vessels are made

_COLOURED = (
    "青蛙",
    "红薯",
    "白鹭",
    "银杏",
    "金鱼",
    "黄瓜",
    "青椒",
    "红酒",
    "红旗",
    "黑板",
    "银行",
    "黄油",
    "绿茶",
    "红茶",
    "白菜",
    "紫菜",
)

NO_LOOKS = frozenset("花沙水火云烟光糖皮")
_FLEETING = ("fire", "water", "smoke", "cloud", "light", "flowers")  # 火车 is no car of fire
_MADE = ("furniture", "thing", "building", "tool", "weapon", "vehicle", "boat", "toy")


_YOUNG = (
    "cub",
    "cubs",
    "pup",
    "pups",
    "calf",
    "calves",
    "chick",
    "chicks",
    "kit",
    "kits",
    "joey",
    "fawn",
    "foal",
    "foals",
)


def are_two(first: Noun, second: Noun) -> bool:
    """Whether two nouns in a row are two people: 新郎新娘, 爷爷奶奶."""
    return (
        first.kind == second.kind == "person"
        and None not in (first.gender, second.gender)
        and first.gender != second.gender
    )


def compound(head: Noun, first: Noun) -> None:
    """Two nouns in a row are one: "robot chef", "fishing boat", 机器人厨师."""
    head.first = first.first
    if first.kind in ("clothing", "headgear") and head.words in PARTS_OF_CLOTHES:
        head.drawing, head.name = first.drawing, first.name  # 셔츠 소매
    head.begin, head.words = (
        first.begin,
        f"{first.words} {head.words}" if first.words.isascii() else first.words + head.words,
    )
    head.count, head.counted = first.count, first.counted
    head.colour, head.material = first.colour or (head.material and None), first.material
    head.age, head.gender = head.age or first.age, head.gender or first.gender
    if head.kind == "person" and (
        first.kind != "person" or (first.drawing is not None and first.drawing.emoji in "🤖👽🧟👻")
    ):
        if first.lives or first.kind == "bird":
            head.drawing, head.name = first.drawing, first.name
            head.age, head.gender = None, None
    elif head.kind in ("animal", "bird") and first.kind == head.kind and head.words.split()[-1] in _YOUNG:
        head.drawing, head.name, head.age = first.drawing, head.words, "child"  # "panda cub"
    elif head.kind == "person" and first.kind == "person":
        head.role = head.role or first.role
        if head.role is not None and head.drawing is not None and head.drawing.role is None:
            head.name = first.name
    elif first.kind != "person" and first.name != head.name and first.words.isascii():
        head.name = f"{first.name} {head.name}" if not first.lives else head.name
