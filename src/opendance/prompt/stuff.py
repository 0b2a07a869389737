"""Korean and Japanese words for a material, a weather or a light that name something where a particle says so: 얼음이 녹는다."""

from __future__ import annotations

import re
from dataclasses import replace

from opendance.prompt.lexicon import Hit, lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.particles import OBJECT_CASES, SUBJECT_CASES
from opendance.prompt.quantities import counts_of
from opendance.prompt.word_tables import HOUR, PARTICLES, SETTING, WEATHER, Category

# What words for materials name where they are things; the others are named by themselves.
_STUFF = {
    "wood": "tree", "stone": "rock", "ice": "ice block", "marble": "rock", "water": "wave", "smoke": "smoke", "snow": "snowflake", "sand": "dust cloud",
    "leaves": "fallen leaves", "clay": "dough", "lava": "volcano", "metal": "metal pipe", "flowers": "🌷", "cloth": "cloth bundle",
}  # fmt: skip
# What words of weather, light and air name, by what they mean.
_THINGS: dict[tuple[str, str], str] = {
    (PARTICLES.name, "dust"): "dust cloud", (PARTICLES.name, "petals"): "petals", (PARTICLES.name, "leaves"): "fallen leaves",
    (PARTICLES.name, "fireworks"): "fireworks", (PARTICLES.name, "embers"): "spark", (PARTICLES.name, "bubbles"): "soap bubble",
    (PARTICLES.name, "confetti"): "confetti ball", (PARTICLES.name, "sand"): "dust cloud", (WEATHER.name, "fog"): "fog",
}  # fmt: skip
_NAMED = {"파도": "wave", "波": "wave", "달": "moon", "月": "moon", "별": "star", "星": "star", "달빛": "moon"}
_COUNTED = re.compile(
    r"[이가을를がを]?[ ]?(?:[一二三四五六七八九十]|[두세네]|\d{1,2})[ ]?(?:つ|個|本|枚|粒|개|조각|장|알|줄기)"
)
_CASES = ("이", "가", "을", "를", "が", "を")
_CATEGORIES: tuple[Category[str], ...] = (PARTICLES, WEATHER)  # type: ignore[assignment]


def stuff_of(text: str, item: Item, behind_noun: re.Pattern[str]) -> Noun | None:
    """A material that something is done to, that does something or has something on it: 竹をかじる."""
    behind = behind_noun.match(text, item.end)
    if behind is None:
        return None
    case = behind["late"] or behind["case"]
    on_paper = item.of == "paper" and case in ("에", "に")
    if behind["where"] is None and not on_paper and (case not in (*SUBJECT_CASES, *OBJECT_CASES) or case == "も"):
        return None
    return _named(text, item, _STUFF.get(item.of, item.of), item.of)


def thing_of(text: str, item: Item, behind_noun: re.Pattern[str]) -> Noun | None:
    """What a word of weather, light or air names where it does something or something is done to it: 먼지가 떠다닌다."""
    behind = behind_noun.match(text, item.end)
    hit = item.hit
    if behind is None or hit is None:
        return None
    within = hit.words[-1:] in _CASES and len(hit.words) > 2  # a word of the film set with its particle: 먼지가
    if not within and (behind["late"] or behind["case"]) not in _CASES:
        return None
    if within:
        item = replace(item, end=item.end - 1)
    key = _NAMED.get(hit.words) or _key_of(hit)
    return None if key is None else _named(text, item, key, key)


def _key_of(hit: Hit) -> str | None:
    if hit.value(SETTING) is not None and hit.value(HOUR) is None and not hit.value(PARTICLES):
        return None
    for category in _CATEGORIES:
        value = hit.value(category)
        if value is not None and (key := _THINGS.get((category.name, value))) is not None:
            return key
    return None


def _named(text: str, item: Item, like: str, name: str) -> Noun | None:
    words = lexicon()
    drawing = words.drawings.get(words.named(like) or like)
    if drawing is None:
        return None
    noun = Noun(item.begin, item.end, text[item.begin : item.end], name, replace(drawing, name=name))
    noun.colour = item.form or None  # type: ignore[assignment]
    behind = _COUNTED.match(text, item.end)
    if behind is not None and (counts := counts_of(behind[0], [])):
        noun.count, noun.counted = counts[0].number, True  # 氷が二つ
    return noun
