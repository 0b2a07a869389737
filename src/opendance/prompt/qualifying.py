"""What the words around a noun say of it: colour, material, age, hair, and how many there are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from opendance.plan import Colour, Language
from opendance.prompt.lexicon import Hit
from opendance.prompt.noun_words import HARD, NO_LOOKS
from opendance.prompt.nouns import Noun
from opendance.prompt.quantities import Count
from opendance.prompt.word_tables import AGE, COLOUR, GENDER, MATERIAL, SUBJECT

_FREE = re.compile(
    r"[ \t\n-]{0,4}|的|の|い|な|[ ]?색[ ]?|빛[ ]?|で|に|張りの|造りの|仕立ての|제[ ]|재질의[ ]|소재의[ ]"
)

_FEW_WORDS = re.compile(r"[ -](?:[a-z'-]{2,14}[ ,]{1,2}|\d{1,4}[ ]){0,3}")
_FUNCTION = re.compile(
    r"\b(?:a|an|the|of|in|on|at|by|with|and|or|to|into|from|for|as|is|are|was|were|his|her|its|their|while|that|who|which|over|under|behind|through|around|across|along|between|against|like|up|down|out|off|onto|near|near|it|he|she|they|this|these|when|than|but|not)\b"
)


def near(gap: str) -> bool:
    """Whether what stands between a word and a noun lets it tell of the noun."""
    return _FREE.fullmatch(gap) is not None or (_FEW_WORDS.fullmatch(gap) is not None and _FUNCTION.search(gap) is None)


_VESSEL = re.compile(r"(?:cup|mug|pot|bowl|plate|glass|bottle|jar|kettle|goblet|teapot|jug|dish)$")
_SHINING: dict[str | None, Colour] = {"silver": "silver", "gold": "golden"}
_OF_HAIR = ("blonde", "blond", "brunette", "ginger", "auburn", "redheaded", "red-haired", "white-haired", "grey-haired")


def qualify(noun: Noun, looks: list[Hit]) -> None:
    """Give a noun the ages, genders, colours and materials of the words before it."""
    for hit in looks:
        if hit.words in NO_LOOKS and hit.end == noun.begin:
            continue  # 花猫 is no cat of flowers
        noun.begin = min(noun.begin, hit.start)
        if (age := hit.value(AGE)) is not None and noun.lives:
            noun.age = noun.age if noun.age == "child" and age == "adult" else age
        elif (gender := hit.value(GENDER)) is not None and noun.kind == "person":
            noun.gender = gender
        elif (colour := hit.value(COLOUR)) is not None and noun.kind == "person" and hit.words.lower() in _OF_HAIR:
            noun.hair = colour
        elif (colour := hit.value(COLOUR)) is not None:
            noun.colour = colour
        elif (
            (material := hit.value(MATERIAL)) in _SHINING
            and noun.kind in ("clothing", "headgear")
            and noun.colour is None
        ):
            noun.colour = _SHINING[material]  # a silver dress
        elif (
            (material := hit.value(MATERIAL)) is not None
            and noun.kind not in ("plant", "person")
            and (noun.kind != "food" or (material in HARD and _VESSEL.search(noun.name) is not None))
        ):
            noun.material = material


def qualify_unknown(text: str, nouns: Sequence[Noun], hits: list[Hit], counts: list[Count], language: Language) -> None:
    """Give nouns that no entry has the looks before them and their numbers: 주황색 테왁, 장승 두 개."""
    ends = [hit.end for hit in hits]
    used: set[int] = set()
    for noun in nouns:
        looks: list[Hit] = []
        begin = noun.begin
        for at in range(bisect_right(ends, begin) - 1, -1, -1):
            hit = hits[at]
            told = hit.value(COLOUR) or hit.value(MATERIAL) or hit.value(AGE)
            if told is None or hit.value(SUBJECT) is not None or _FREE.fullmatch(text[hit.end : begin]) is None:
                break
            looks.append(hit)
            begin = hit.start
        words = noun.begin
        qualify(noun, looks)
        noun.begin = words  # other items are in order by it
        number(noun, counts, used, text, language)


def number(noun: Noun, counts: list[Count], used: set[int], text: str, language: Language) -> None:
    """Give a noun the number that is told of it, else what its plural or its role says.

    Args:
        used: where the numbers begin that other nouns have; its own joins them.
    """
    for count in counts:
        if count.begin in used:
            continue
        ahead = text[count.end : noun.begin] if count.end <= noun.begin else None
        behind = text[noun.end : count.begin] if noun.end <= count.begin else None
        fits = (
            ahead is not None and len(ahead) <= 24
            and (near(ahead.lower()) or ahead.strip() in ("", "的", "の", "of") or (language == "ja" and _OF_A_KIND.fullmatch(ahead) is not None))
        ) or (
            behind is not None and language in ("ko", "ja") and count.measured
            and re.fullmatch(r"(?:たち|達|ら)?(?:이|가|은|는|들이|을|를|が|は|を|も|の)?[ ]{0,2}", behind) is not None
        )  # fmt: skip
        if fits:
            used.add(count.begin)
            noun.count, noun.counted = count.number, True
            return
    if noun.counted or (noun.drawing is not None and noun.drawing.key[7:8].isupper()):
        return  # Reyes is one
    word = noun.words.lower().split()[-1] if noun.words.split() else ""
    plural = word.isascii() and word.endswith("s") and not word.endswith("ss") and word not in _SINGULAR
    behind = text[noun.end : noun.end + 2]
    if (plural and noun.name != word) or word in ("people", "children", "women", "men", "kids", "fishermen"):
        noun.count = _PLURAL
    elif behind.startswith(("들", "たち", "达们", "们", "達")) or (
        noun.words.endswith(("们", "々", "たち", "들")) and not noun.words.endswith("아들")
    ):
        noun.count = 3
    elif noun.role in ("crowd",):
        noun.count = _PLURAL + 2
    elif noun.role == "couple":
        noun.count = 2
    elif noun.role == "family" and (many := _FAMILY.search(noun.words)) is not None:
        noun.count = "三四五六七".index(many[1]) + 3


_OF_A_KIND = re.compile(r"[一-鿿]{1,2}")  # 七人の野武士
_FAMILY = re.compile(r"([三四五六七])口")
_SINGULAR = (
    "drums", "roses", "bus", "octopus", "flowers", "sneakers", "glasses", "sunglasses", "goggles", "headphones", "jeans",
    "pants", "shorts", "chopsticks", "noodles", "gloves", "boots", "stairs", "steps", "lotus", "chess", "spectacles",
    "headlights", "walrus", "cactus", "dress", "princess", "actress", "saturn", "trousers", "cross", "compass",
)  # fmt: skip

_PLURAL = 4  # how many are seen where a plural tells no number
