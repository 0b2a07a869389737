"""Forms of English words that tell their part in a sentence, and what names say of a material."""

from __future__ import annotations

from opendance.plan import Gender, Material
from opendance.prompt.lexicon import UNKNOWN
from opendance.prompt.nouns import Item, Noun

SOMEBODY: dict[str, tuple[str, Gender | None]] = {
    "he": ("man", "male"),
    "she": ("woman", "female"),
    "they": ("people", None),
}
CONTAINERS = (
    "cup", "bowl", "plate", "bottle", "basket", "pot", "box", "bag", "bouquet", "beaker", "vase", "glass", "stack", "pile",
    "slice", "piece", "bunch", "scoop", "sheet", "tower", "loaf", "jar", "mug", "bucket", "heap", "caravan", "bar", "cube", "drop", "frame", "handful", "tray", "rally", "convoy", "parade", "ball", "strip", "row", "spoonful", "shot",
)  # fmt: skip
_BY_NAME: dict[str, Material] = {
    "ice": "ice", "snow": "snow", "glass": "glass", "gold": "gold", "wood": "wood", "stone": "stone", "rock": "stone",
    "paper": "paper", "fire": "fire", "flower": "flowers", "flowers": "flowers", "tulip": "flowers", "chocolate": "chocolate", "candy": "candy",
    "water": "water", "cloud": "cloud", "smoke": "smoke", "crystal": "crystal", "bone": "bone", "bar": "chocolate",
    "newspaper": "paper", "cardboard": "paper", "origami": "paper", "steel": "metal", "iron": "metal", "brass": "bronze", "copper": "bronze",
    "aluminium": "metal", "tin": "metal", "velvet": "cloth", "denim": "cloth", "felt": "wool", "yarn": "wool", "ceramic": "porcelain",
    "jelly": "candy", "marshmallow": "candy", "concrete": "stone", "granite": "stone", "wicker": "bamboo", "straw": "bamboo", "mud": "clay",
    "bamboo": "bamboo", "leaf": "leaves", "lava": "lava", "sand": "sand", "metal": "metal", "rose": "flowers",
}  # fmt: skip


def is_past(form: str) -> bool:
    word = form.split()[0]
    return word.endswith("ed") or word in (
        "held",
        "worn",
        "driven",
        "thrown",
        "eaten",
        "drawn",
        "ridden",
        "built",
        "made",
        "caught",
        "seen",
        "carried",
        "broken",
        "woven",
        "sewn",
        "torn",
        "shot",
        "led",
        "fed",
        "taken",
        "hung",
        "struck",
        "lit",
        "hidden",
        "carved",
    )


def acts_next(text: str, item: Item, following: Item | None) -> bool:
    """Whether the next thing that is said is what this one does: it begins a clause of its own."""
    if following is None or following.kind != "verb":
        return False
    form = following.form.split()[0]
    return not text[item.end : following.begin].strip() and not form.endswith("ing") and not is_past(form)


def is_living(item: Item) -> bool:
    return item.noun is not None and item.noun.lives


def is_unknown(noun: Noun) -> bool:
    return noun.drawing is not None and noun.drawing.key.startswith(UNKNOWN)


def fits(noun: Noun, pronoun: str, gender: str | None, plural: bool) -> bool:
    if pronoun == "it":
        return (noun.kind != "person" or _is_robot(noun)) and noun.count == 1
    if plural:
        return noun.count > 1
    return noun.lives and (noun.gender in (None, gender)) and noun.count == 1


def _is_robot(noun: Noun) -> bool:
    return noun.drawing is not None and noun.drawing.emoji in ("🤖", "👽", "👻") and noun.gender is None


def material_of(noun: Noun) -> Material | None:
    return _BY_NAME.get(noun.name.lower().split()[-1])
