"""Noun phrases: who or what is named, with count, colour, material, age, and what marks its part in the sentence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from opendance.plan import Age, Colour, Gender, Language, Material, Relation
from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.lexicon import Hit, Lexicon, Verb
from opendance.prompt.looks_behind import becomes, is_hair, is_of_hair
from opendance.prompt.quantities import Count
from opendance.prompt.word_tables import (  # fmt: skip
    ABSTRACT,
    AGE,
    COLOUR,
    GENDER,
    INTRODUCED,
    MATERIAL,
    MOVE,
    PART,
    PLACE,
    PRONOUN,
    SIZE,
    SUBJECT,
    VERB,
    VIEW,
    Drawing,
)

Span = tuple[int, int]


@dataclass
class Doing:
    """Something that is done, and what it is done to, while words are read."""

    verb: Verb
    object: Noun | None = None


@dataclass
class Noun:
    """Someone or something in a shot, while its words are read.

    Attributes:
        begin, end: of its words; `words`: they themselves.
        first: where the words begin that name it, without those that only qualify it.
        drawing: what it is; None where no word is known, then `name` says it.
        relations, object: other nouns that it has to do with.
        deeds: all that it does, in order.
        inherited: it was named in a shot before.
    """

    begin: int
    end: int
    words: str
    name: str
    drawing: Drawing | None
    first: int = -1
    count: int = 1
    counted: bool = False
    colour: Colour | None = None
    material: Material | None = None
    age: Age | None = None
    gender: Gender | None = None
    role: str | None = None
    wears: list[Noun] = field(default_factory=list["Noun"])
    verb: Verb | None = None
    object: Noun | None = None
    relations: list[tuple[Relation, Noun]] = field(default_factory=list["tuple[Relation, Noun]"])
    worn: bool = False
    passive: bool = False
    deeds: list[Doing] = field(default_factory=list[Doing])
    inherited: bool = False
    hair: Colour | None = None
    qualities: tuple[str, ...] = ()

    def seen_again(self) -> Noun:
        """The same in a later shot, where it does other things."""
        return replace(
            self, wears=list(self.wears), deeds=[], verb=None, object=None, relations=[], passive=False, inherited=True
        )

    @property
    def kind(self) -> str:
        return "thing" if self.drawing is None else self.drawing.kind

    @property
    def acts(self) -> bool:
        """Whether it may do something by itself."""
        return self.kind in (
            "person",
            "animal",
            "bird",
            "fish",
            "vehicle",
            "boat",
            "rocket",
            "planet",
            "balloon",
            "machine",
        )

    @property
    def lives(self) -> bool:
        return self.kind in ("person", "animal", "bird", "fish")


@dataclass(frozen=True)
class Item:
    """A noun, a verb, a place or a part of a body, in the order of the text.

    Attributes:
        form: of a verb or a pronoun, its letters; of a material its colour; `of`: of a place, its key.
        after: where the known word before it ends, but for what tells of its looks.
    """

    kind: str
    begin: int
    end: int
    noun: Noun | None = None
    verb: Verb | None = None
    form: str = ""
    of: str = ""
    hit: Hit | None = None
    after: int = 0


_NAMING = frozenset(
    (SUBJECT.name, PLACE.name, VERB.name, PRONOUN.name, PART.name, ABSTRACT.name, SIZE.name, VIEW.name, MOVE.name)
)
_FREE = re.compile(
    r"[ \t\n-]{0,4}|的|の|い|な|[ ]?색[ ]?|빛[ ]?|で|に|張りの|造りの|仕立ての|제[ ]|재질의[ ]|소재의[ ]"
)
_FEW_WORDS = re.compile(r"[ -](?:[a-z'-]{2,14}[ ,]{1,2}|\d{1,4}[ ]){0,3}")
# What stands between a thing and the colour that it is said to have, and what ends that.
_IS = re.compile(r"(?:は|が)[、]?|(?:은|는|이|가)[ ]|[ ]")
_SO = re.compile(r"[ ]?(?:で|だ|です|이고|이며|이다|입니다|인)?[ ]?(?:[、。,.\n]|$)")
_FUNCTION = re.compile(
    r"\b(?:a|an|the|of|in|on|at|by|with|and|or|to|into|from|for|as|is|are|was|were|his|her|its|their|while|that|who|which|over|under|behind|through|around|across|along|between|against|like|up|down|out|off|onto|near|near|it|he|she|they|this|these|when|than|but|not)\b"
)
_DETERMINER = re.compile(
    r"\b(?:a|an|the|his|her|its|their|my|your|two|three|four|five|each|every|this|that|one|'s|of|in|on|with|at|by|some|many|no)[ ]{0,2}$|-$|\d[ ]$"
)
_AUXILIARY = re.compile(
    r"\b(?:to|will|can|is|are|was|were|and|who|that|slowly|quickly|gently|then|suddenly|they|he|she|it|while|starts?|begins?)[ ]{1,2}$"
)
_OF_FILM = frozenset(
    (
        "clip",
        "video",
        "shot",
        "footage",
        "scene",
        "montage",
        "sequence",
        "promo",
        "reel",
        "film",
        "teaser",
        "advert",
        "ad",
        "clips",
        "trailer",
    )
)


def items_of(lexicon: Lexicon, text: str, hits: list[Hit], counts: list[Count], language: Language) -> list[Item]:
    """What the sentences of `text` are made of."""
    items: list[Item] = []
    looks: list[Hit] = []
    used: set[int] = set()
    verb_in_clause = False
    hair: Colour | None = None  # of who is named next
    after_word, after_last = (
        0,
        0,
    )  # where the last word ends that tells of no looks, for the next one and the one before
    for index, hit in enumerate(hits):
        before = hits[index - 1] if index else None
        after = hits[index + 1] if index + 1 < len(hits) else None
        gap = text[before.end : hit.start] if before is not None else text[: hit.start]
        if re.search(r"[.;。；!?！？,，、\n]|\b(?:while|as|and|then)\b", gap):
            verb_in_clause = False
        if looks and not (_near(gap_to := text[looks[-1].end : hit.start].lower()) or becomes(looks[-1], gap_to)):
            looks = []
        subject, place, verb = hit.value(SUBJECT), hit.value(PLACE), hit.value(VERB)
        look = hit.value(COLOUR) or hit.value(MATERIAL) or hit.value(AGE) or hit.value(GENDER)
        if language in ("ko", "ja") and is_of_hair(hit, before, text):
            hair = hit.value(COLOUR)
            continue
        if hit.value(MOVE) is not None and verb is not None and language != "en":
            verb = None
        if subject is not None and verb is not None:
            names = _names(text, hit, before, after, verb_in_clause)
            subject, verb = (subject, None) if names else (None, verb)
        if not looks:
            after_last = after_word
        if hit.value(VERB) is not None and subject is None and language == "en" and _is_adjective(text, hit):
            continue
        if (
            hit.value(AGE) is not None
            and hit.words.lower().startswith(
                ("in ", "aged", "about ", "around ", "nearly ", "almost ", "over ", "maybe ")
            )
            and (somebody := _last_living(items)) is not None
        ):
            somebody.age = hit.value(AGE)  # "a woman in her seventies"
            continue
        if (
            hit.value(AGE) is not None
            and text[hit.start - 1 : hit.start] == "("
            and (aside := _last_living(items)) is not None
            and text[aside.end : hit.start].strip() == "("
        ):
            aside.age = hit.value(AGE)  # 花火師(68)
            continue
        if look is not None and language == "en" and (owner := _said_behind(text, hit, items)) is not None:
            _qualify(owner, [hit])
            continue
        if (
            language in ("ko", "ja")
            and (colour := hit.value(COLOUR)) is not None
            and items
            and items[-1].noun is not None
            and _IS.fullmatch(text[items[-1].end : hit.start]) is not None
            and _SO.match(text, hit.end) is not None
        ):
            items[-1].noun.colour = colour  # 法被は藍色、
            continue
        if (
            look is not None
            and hit.value(ABSTRACT) is None
            and (
                subject is None
                or (after is not None and _qualifies(text, hit, after))
                or (hit.value(MATERIAL) is not None and language == "ja" and _MADE_OF.match(text, hit.end) is not None)
            )
        ):
            looks.append(hit)
            if subject is not None or hit.value(MATERIAL) is not None:
                shade = next((each.value(COLOUR) for each in looks if each.value(COLOUR) is not None), None)
                of = hit.value(MATERIAL) or ""
                items.append(Item("material", hit.start, hit.end, form=shade or "", of=of, hit=hit, after=after_last))
            continue
        if (
            hit.value(ABSTRACT) is not None and after is not None and text[hit.end : after.start] == " "
            and after.value(SUBJECT) is not None and after.value(VERB) is None and look is None
        ):  # fmt: skip
            continue  # "jazz pianist"
        if (
            language != "en"
            or after is None
            or text[hit.end : after.start] != " "
            or not _NAMING.isdisjoint(hit.meaning)
        ):
            after_word = hit.end  # "in dusty suits": what only qualifies separates nothing
        if (pronoun := hit.value(PRONOUN)) is not None:
            items.append(Item("pronoun", hit.start, hit.end, form=pronoun, hit=hit, after=after_last))
            looks = []
        elif hit.value(ABSTRACT) is not None and (look is None or after is None or not _qualifies(text, hit, after)):
            noun = Noun(hit.start, hit.end, text[hit.start : hit.end], hit.words.lower(), None, hit.start, worn=True)
            _without_materials(items, looks, hit.start)
            last = items[-1] if items else None
            if last is not None and last.kind == "noun" and last.noun is not None and text[last.end : hit.start] == " ":
                if noun.name in _OF_FILM:
                    items.pop()  # a street food clip
                    continue
                name = f"{last.noun.name} {noun.name}"
                if not last.noun.lives:
                    last.noun.name = name
                    continue
                noun.name = name  # a fairy tale is no fairy
                noun.begin, noun.first = last.noun.begin, last.noun.first
                items.pop()
            items.append(Item("abstract", noun.begin, noun.end, noun, hit=hit, after=after_last))
            looks = []
        elif place is not None:
            named = _noun(lexicon, hit, text) if subject else None
            if named is not None:
                _qualify(named, looks)
            begin = _without_materials(items, looks, hit.start)
            items.append(Item("place", begin, hit.end, of=place, hit=hit, noun=named, after=after_last))
            if named is not None or language != "en":
                looks = []
        elif (
            subject is not None
            and hit.words.lower() in _OF_FILM
            and items
            and items[-1].kind == "noun"
            and text[items[-1].end : hit.start] == " "
        ):
            items.pop()  # a street food clip
            looks = []
        elif subject is not None and hit.value(SIZE) is None and hit.value(VIEW) is None:
            noun = _noun(lexicon, hit, text)
            _without_materials(items, looks, hit.start)
            last = items[-1] if items else None
            after = after_last
            if (
                last is not None
                and last.kind == "noun"
                and last.noun is not None
                and _joins(text[last.end : hit.start], language)
                and not (language == "zh" and are_two(last.noun, noun))
            ):
                _compound(noun, last.noun)
                after = last.after
                items.pop()
            _qualify(noun, looks)
            looks = []
            _count(noun, counts, used, text, language)
            if hair is not None and noun.lives:
                noun.hair, hair = hair, None
            first, is_place = _places_in(lexicon, noun)
            if first is not None:
                items.append(Item("place", noun.begin, noun.begin, of=first, form="weak", after=after))
            if is_place is not None:
                items.append(Item("place", noun.begin, noun.end, noun=noun, of=is_place, hit=hit, after=after))
                continue
            items.append(Item("noun", noun.begin, noun.end, noun, hit=hit, after=after))
        elif hit.value(PART) is not None:
            if language in ("ko", "ja") and looks and is_hair(hit) and _HAS_HAIR.match(text, hit.end) is not None:
                hair = next((each.value(COLOUR) for each in looks if each.value(COLOUR) is not None), None)
            else:
                _hair(items, looks, hit)
            items.append(Item("part", hit.start, hit.end, hit=hit, after=after_last))
            if after is None or text[hit.end : after.start] != " " or after.value(SUBJECT) is None:
                looks = []  # but in "a black muscle car"
        elif verb is not None:
            items.append(
                Item("verb", hit.start, hit.end, verb=lexicon.verb(verb), form=hit.words, hit=hit, after=after_last)
            )
            verb_in_clause = True
    return items


def _places_in(lexicon: Lexicon, noun: Noun) -> tuple[str | None, str | None]:
    """What a name of several words says of where it is, as in "park bench", and what place it is, as in "wooden dock"."""
    parts = (
        noun.name.lower().split() if noun.words.isascii() else [*re.split(r"[ の]", noun.words)[:-1], noun.name.lower()]
    )
    if (
        noun.drawing is None
        or noun.drawing.own is None
        or noun.kind not in ("nature", "building", "furniture", "thing")
    ):
        return None, None
    first = lexicon.meaning(parts[0]).get(PLACE.name) if len(parts) > 1 else None
    return first, lexicon.meaning(parts[-1]).get(PLACE.name)


_ENDS_PHRASE = re.compile(r"[ ]?(?:[,.;:)\n]|$|with\b)")
_BEGINS_PHRASE = re.compile(r"[a-z][,(][ ]?(?:[a-z-]{3,12}[ ]){0,2}$", re.IGNORECASE)


def _said_behind(text: str, hit: Hit, items: list[Item]) -> Noun | None:
    """The noun of which a colour or a material is said behind it, between commas: "one small robot, rusty orange,"."""
    if hit.value(COLOUR) is None and hit.value(MATERIAL) is None:
        return None
    if hit.value(SUBJECT) is not None and hit.value(COLOUR) is None:
        return None
    last = next((item for item in reversed(items) if item.kind != "material"), None)
    noun = last.noun if last is not None and last.kind == "noun" else None
    if noun is None or noun.colour is not None or _ENDS_PHRASE.match(text, hit.end) is None:
        return None
    begins = _BEGINS_PHRASE.search(text, max(0, hit.start - 40), hit.start)
    return noun if begins is not None and begins.start() + 1 == noun.end else None


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
_MADE_OF = re.compile(r"(?:で|から)(?:でき[たて]|作られ|作った|編まれ|編んだ|彫られ|彫った|組まれ|組んだ)")
_HAS_HAIR = re.compile(
    r"(?:카락)?의?[ ](?=[가-힣])|(?:の毛)?(?:の|をした|をなびかせ[^ ]{0,4}|を束ねた|を結[っん][ただ])"
)
_HAIR = re.compile(r"hair|beard|braid|ponytail|moustache|mustache|发|胡|辫|머리|수염|髪|髭")


def _hair(items: list[Item], looks: list[Hit], hit: Hit) -> None:
    """Notes the colour of somebody's hair: "a woman with red hair"."""
    colour: Colour | None = next((look.value(COLOUR) for look in looks if look.value(COLOUR) is not None), None)
    metal = next((look.value(MATERIAL) for look in looks if look.value(MATERIAL) in ("silver", "bronze")), None)
    colour = colour or (None if metal is None else "silver" if metal == "silver" else "brown")
    somebody = _last_living(items)
    if colour is not None and somebody is not None and _HAIR.search(hit.words.lower()) is not None:
        somebody.hair = colour


def _last_living(items: list[Item]) -> Noun | None:
    return next((item.noun for item in reversed(items) if item.noun is not None and item.noun.lives), None)


def _without_materials(items: list[Item], looks: list[Hit], begin: int) -> int:
    """Takes the materials out again that tell of the noun at `begin`; where its phrase begins."""
    first = min([begin, *(look.start for look in looks)])
    while items and items[-1].kind == "material" and items[-1].begin >= first:
        items.pop()
    return first


_BEFORE_ADJECTIVE = re.compile(r"\b(?:an?|the|his|her|its|their|two|three|of|and)[ ]$")


def _is_adjective(text: str, hit: Hit) -> bool:
    """Whether a form of a verb only qualifies the noun behind it: "a glowing sword"."""
    if not hit.words.endswith(("ing", "ed", "en")) or text[hit.end : hit.end + 1] not in (" ", ""):
        return False
    return _BEFORE_ADJECTIVE.search(text[max(0, hit.start - 8) : hit.start].lower()) is not None


def _near(gap: str) -> bool:
    return _FREE.fullmatch(gap) is not None or (_FEW_WORDS.fullmatch(gap) is not None and _FUNCTION.search(gap) is None)


def _qualifies(text: str, hit: Hit, after: Hit) -> bool:
    gap = text[hit.end : after.start]
    if gap in ("的", "の") and (hit.value(GENDER) is not None or hit.value(AGE) is not None):
        return False
    return gap in ("", " ", "-", "的", "の") and (
        after.value(SUBJECT) is not None or after.value(PLACE) is not None or after.value(COLOUR) is not None
    )


def _names(text: str, hit: Hit, before: Hit | None, after: Hit | None, verb_in_clause: bool) -> bool:
    """Whether a word that is a noun and a verb, such as "hammer", is a noun here."""
    head = text[max(0, hit.start - 12) : hit.start].lower()
    if not hit.words.isascii():
        return hit.value(SUBJECT) is not None
    if _DETERMINER.search(head):
        return True
    if _AUXILIARY.search(head):
        return False
    if (
        before is not None
        and before.value(SUBJECT) is not None
        and not text[before.end : hit.start].strip(" ")
        and not verb_in_clause
    ):
        follows = text[hit.end : hit.end + 8].lower()
        return (
            re.match(
                r"[ ](?:a|an|the|his|her|its|their|on|in|at|to|over|through|around|along|across|down|up|into|past|together|with)\b|[,.]|$",
                follows,
            )
            is None
        )
    if before is not None and before.value(SUBJECT) is None and not text[before.end : hit.start].strip(" "):
        return True
    return head.strip() == "" or head.rstrip().endswith((",", ".", ";", ":"))


def _joins(gap: str, language: Language) -> bool:
    return gap in ("", "-") or (gap == " " and language in ("en", "ko"))


def _noun(lexicon: Lexicon, hit: Hit, text: str) -> Noun:
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
    if begins in _NO_LOOKS or hit.words in _COLOURED:
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
    vessel = noun.kind in ("food", "drink") and " " in hit.words and looks.get(MATERIAL.name) in _HARD
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
    if noun.kind in ("clothing", "headgear") and not hit.words.isascii() and begins not in _NO_LOOKS:
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
        if made is not None and made not in _LOOSE and lexicon.named(rest) is not None:
            return made
    return None


_LOOSE = ("sand", "water", "fire", "smoke", "snow", "flowers", "leaves")  # 모래시계 is of glass
_VESSEL = re.compile(r"(?:cup|mug|pot|bowl|plate|glass|bottle|jar|kettle|goblet|teapot|jug|dish)$")
_SHINING: dict[str | None, Colour] = {"silver": "silver", "gold": "golden"}
_OF_HAIR = ("blonde", "blond", "brunette", "ginger", "auburn", "redheaded", "red-haired", "white-haired", "grey-haired")
_SEWN = ("leather", "rubber", "silk", "wool", "fur", "cloth")  # of which clothes are made
_SIZES, _MADE_SMALL = frozenset("小大"), "小木"
_HARD = (
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
_NO_LOOKS = frozenset("花沙水火云烟光糖皮")
_FLEETING = ("fire", "water", "smoke", "cloud", "light", "flowers")  # 火车 is no car of fire
_MADE = ("furniture", "thing", "building", "tool", "weapon", "vehicle", "boat", "toy")


def are_two(first: Noun, second: Noun) -> bool:
    """Whether two nouns in a row are two people: 新郎新娘, 爷爷奶奶."""
    return (
        first.kind == second.kind == "person"
        and None not in (first.gender, second.gender)
        and first.gender != second.gender
    )


def _compound(head: Noun, first: Noun) -> None:
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
    elif head.kind == "person" and first.kind == "person":
        head.role = head.role or first.role
        if head.role is not None and head.drawing is not None and head.drawing.role is None:
            head.name = first.name
    elif first.kind != "person" and first.name != head.name and first.words.isascii():
        head.name = f"{first.name} {head.name}" if not first.lives else head.name


def _qualify(noun: Noun, looks: list[Hit]) -> None:
    for hit in looks:
        if hit.words in _NO_LOOKS and hit.end == noun.begin:
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
            and (noun.kind != "food" or (material in _HARD and _VESSEL.search(noun.name) is not None))
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
        _qualify(noun, looks)
        noun.begin = words  # other items are in order by it
        _count(noun, counts, used, text, language)


def _count(noun: Noun, counts: list[Count], used: set[int], text: str, language: Language) -> None:
    for count in counts:
        if count.begin in used:
            continue
        ahead = text[count.end : noun.begin] if count.end <= noun.begin else None
        behind = text[noun.end : count.begin] if noun.end <= count.begin else None
        fits = (
            ahead is not None and len(ahead) <= 24
            and (_near(ahead.lower()) or ahead.strip() in ("", "的", "の", "of") or (language == "ja" and _OF_A_KIND.fullmatch(ahead) is not None))
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
