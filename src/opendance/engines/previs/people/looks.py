"""Who looks how: from a role and what is said of it to a look, the rest by a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter

from opendance.engines.previs.people.sheet import Paint, toned
from opendance.engines.previs.people.skeleton import Proportions
from opendance.engines.previs.people.tables import (
    FOLDER,
    STRICT,
    Age,
    Build,
    Colour,
    Garment,
    Gender,
    clothes,
    heads,
    paint,
    proportions_of,
)
from opendance.typed_toml import read_toml

Skull = Literal["human", "robot", "alien", "elf", "clown", "bindi"]
Glasses = Literal["round", "goggles", "eyepatch", "sunglasses"]
_NO_BEARD: tuple[Age, ...] = ("baby", "child", "teen")
_EAST_ASIAN_SKINS = 3  # of the lightest


@dataclass(frozen=True)
class Worn:
    """A piece of clothing in its colour."""

    name: str
    colour: Paint

    @property
    def garment(self) -> Garment:
        return clothes()[self.name]

    @property
    def trim(self) -> Paint:
        """The colour of details: where it is a shade of the garment's usual colour, it goes along with a new one."""
        usual, second = self.garment.colour, self.garment.second
        if second is None:
            return self.colour
        alike = max(abs(a - b) for a, b in zip(_share(usual), _share(second), strict=True)) < _SAME_HUE
        return toned(self.colour, 0.80) if alike and self.colour != usual else second


def _share(colour: Paint) -> tuple[float, ...]:
    total = max(1, sum(colour))
    return tuple(c / total for c in colour)


_SAME_HUE = 0.06  # shares of red, green and blue that differ less are of one hue


@dataclass(frozen=True)
class Headgear:
    """A hat in its colour."""

    name: str
    colour: Paint


@dataclass(frozen=True)
class Look:
    """What somebody looks like.

    Attributes:
        wears: from the skin outwards.
        details: things that hang on the figure: a stethoscope, a backpack.
        does: the action that goes with the role, of `actions.toml`; holds: what is in its hands then.
    """

    role: str
    age: Age
    gender: Gender
    build: Build
    skin: Paint
    hair: str
    hair_colour: Paint
    wears: tuple[Worn, ...]
    hat: Headgear | None = None
    beard: str | None = None
    glasses: Glasses | None = None
    face: Skull = "human"
    details: tuple[str, ...] = ()
    does: str = "stand"
    holds: str | None = None

    @property
    def proportions(self) -> Proportions:
        return proportions_of(self.age, self.gender, self.build)


@dataclass(frozen=True)
class Role:
    """What a role says of a look; the head of `looks.toml` tells what each field means."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    words: tuple[str, ...]
    emoji: tuple[str, ...] = ()
    age: Age | None = None
    gender: Gender | None = None
    build: Build | None = None
    wears: tuple[str, ...] = ()
    hat: str | None = None
    hair: str | None = None
    hair_colour: str | None = None
    beard: str | None = None
    glasses: Glasses | None = None
    face: Skull = "human"
    skin: Colour | None = None
    like: Literal["east_asian"] | None = None
    details: tuple[str, ...] = ()
    does: str = "stand"
    holds: str | None = None


@dataclass(frozen=True)
class _Looks:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    skins: tuple[Colour, ...]
    hair_colours: dict[str, Colour]
    usual: Mapping[str, tuple[str | tuple[str, ...], ...]]
    roles: dict[str, Role] = field(default_factory=dict[str, Role])


_SHAPE: TypeAdapter[_Looks] = TypeAdapter(_Looks)


@cache
def _looks() -> _Looks:
    return read_toml(FOLDER / "looks.toml", _SHAPE)


def roles() -> dict[str, Role]:
    """All roles by name."""
    return _looks().roles


@cache
def _by_word() -> dict[str, str]:
    return {word: name for name, role in roles().items() for word in (name.replace("_", " "), *role.words)}


@cache
def _by_emoji() -> dict[str, str]:
    return {emoji: name for name, role in roles().items() for emoji in role.emoji}


def emoji_of_people() -> frozenset[str]:
    """The drawings that rigs stand for."""
    return frozenset(_by_emoji())


def role_of(*words: str) -> str | None:
    """The role that the first of these names: a word of four languages, a name of a role or an emoji.

    A word that names none may end with one that does: "old fisherman", "robot chef".
    """
    for text in words:
        word = text.strip().lower().replace("_", " ")
        if (name := _by_emoji().get(text)) is not None:
            return name
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if (name := _by_word().get(form)) is not None:
                return name
        parts = word.replace("-", " ").split()
        for begin in range(1, len(parts)):
            for form in (" ".join(parts[begin:]), " ".join(parts[begin:]).removesuffix("s")):
                if (name := _by_word().get(form)) is not None:
                    return name
    return None


def look_for(
    role: str,
    *,
    age: Age | None = None,
    gender: Gender | None = None,
    colours: Mapping[str, str] | None = None,
    wears: Sequence[str] = (),
    build: Build | None = None,
    seed: int = 0,
) -> Look:
    """The look of a role. Where nothing is said of skin, hair and clothes, the seed chooses.

    Args:
        role: as `role_of` knows them; an unknown one looks like any person.
        colours: `#rrggbb` by the name of a garment or hat, or by "skin", "hair" or "clothes" (all that has no own).
        wears: garments and hats of the tables, instead of what the role wears in their place.

    Raises:
        ValueError: a garment or a colour is not known.
    """
    looks = _looks()
    name = role_of(role) or "person"
    of = looks.roles[name]
    rng = np.random.default_rng([seed, *role.encode()[:64]])
    colours = dict(colours or {})
    age = age or of.age or "adult"
    gender = gender or of.gender or ("woman" if rng.random() < 0.5 else "man")
    chance = rng.random(6)
    skins = looks.skins[:_EAST_ASIAN_SKINS] if of.like == "east_asian" else looks.skins
    skin = of.skin if of.skin is not None else skins[int(chance[0] * len(skins))]
    hair_colour = looks.hair_colours[of.hair_colour] if of.hair_colour else _hair_colour(of, skin, age, chance[1])
    beard = of.beard
    if beard is None and of.hat is None and gender == "man" and age not in _NO_BEARD and of.face == "human":
        beard = ("full", "short", None, None, None)[int(chance[4] * 5)] if name == "man" else None
    chosen = [_worn(each) for each in _usual_wears(of, age, gender, chance[2])]
    hat = of.hat
    for wish in wears:
        if wish in heads().hats:
            hat = wish
            continue
        chosen = _instead(chosen, _worn(wish))
    if not any(worn.garment.part == "feet" for worn in chosen) and "barefoot" not in of.wears:
        chosen.append(_worn("shoes"))
    chosen = [_coloured(worn, colours) for worn in chosen]
    headgear = None
    if hat is not None:
        hat_name, _, hat_colour = hat.partition(" ")
        usual = paint(hat_colour) if hat_colour else heads().hats[hat_name].colour
        headgear = Headgear(hat_name, paint(colours[hat_name]) if hat_name in colours else usual)
    return Look(
        role=name, age=age, gender=gender, build=build or of.build or "usual",
        skin=paint(colours["skin"]) if "skin" in colours else skin,
        hair=of.hair or _hair(age, gender, chance[3], hat is not None),
        hair_colour=paint(colours["hair"]) if "hair" in colours else hair_colour,
        wears=tuple(chosen), hat=headgear, beard=beard if gender == "man" else None, glasses=of.glasses, face=of.face,
        details=of.details, does=of.does, holds=of.holds,
    )  # fmt: skip


def _worn(text: str) -> Worn:
    name, _, colour = text.partition(" ")
    if name not in clothes():
        raise ValueError(f"there is no garment or hat {name!r}; there are {', '.join(sorted(clothes()))}")
    return Worn(name, paint(colour) if colour else clothes()[name].colour)


def _instead(chosen: list[Worn], wish: Worn) -> list[Worn]:
    """What is worn with `wish` in the place of what covers the same."""
    part = wish.garment.part
    covered = {"whole": ("whole", "top", "bottom", "over"), "top": ("top", "whole"), "bottom": ("bottom", "whole")}
    gone = covered.get(part, (part,))
    kept = [worn for worn in chosen if worn.garment.part not in gone]
    if part == "top" and not any(worn.garment.part in ("bottom", "whole") for worn in kept):
        kept.insert(0, _worn("trousers"))
    if part == "bottom" and not any(worn.garment.part in ("top", "whole") for worn in kept):
        kept.insert(0, _worn("shirt"))
    kept.insert(0, wish)
    return kept


def _coloured(worn: Worn, colours: Mapping[str, str]) -> Worn:
    if worn.name in colours:
        return Worn(worn.name, paint(colours[worn.name]))
    if "clothes" in colours and worn.garment.part in ("top", "whole", "over", "bottom"):
        colour = paint(colours["clothes"])
        return Worn(worn.name, colour if worn.garment.part != "bottom" else _deeper(colour))
    return worn


def _deeper(colour: Paint) -> Paint:
    red, green, blue = (round(c * 0.7) for c in colour)
    return (red, green, blue)


def _hair_colour(of: Role, skin: Paint, age: Age, chance: float) -> Paint:
    colours = _looks().hair_colours
    if age == "elderly":
        return colours[("grey", "white", "silver")[int(chance * 3)]]
    if of.like == "east_asian" or sum(skin) < 420:
        return colours["black"]
    return colours[("black", "brown", "brown", "chestnut", "blond", "black", "red")[int(chance * 7)]]


def _hair(age: Age, gender: Gender, chance: float, hat: bool) -> str:
    young = {"man": "boy", "woman": "girl"}[gender] if age in ("child", "baby") else gender
    styles = _looks().usual[f"{young}_hair"]
    style = styles[int(chance * len(styles))]
    if hat and style in ("pigtails",):
        return "braid"
    return str(style)


def _usual_wears(of: Role, age: Age, gender: Gender, chance: float) -> list[str]:
    if of.wears:
        return [each for each in of.wears if each != "barefoot"]
    if age == "elderly" and gender == "man":
        sets = _looks().usual["elder_wears"]
    else:
        young = {"man": "boy", "woman": "girl"}[gender] if age in ("child", "baby") else gender
        sets = _looks().usual[f"{young}_wears"]
    return list(sets[int(chance * len(sets))])
