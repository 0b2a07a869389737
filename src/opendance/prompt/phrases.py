"""Noun phrases: the items of a text in order, each noun with what is said of it around it."""

from __future__ import annotations

import re

from opendance.plan import Colour, Language
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.looks_behind import becomes, is_hair, is_of_hair
from opendance.prompt.noun_words import are_two, compound, noun_of
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.qualifying import near, number, qualify
from opendance.prompt.quantities import Count
from opendance.prompt.word_tables import (  # fmt: skip
    ABSTRACT,
    AGE,
    COLOUR,
    GENDER,
    MATERIAL,
    MOVE,
    PART,
    PLACE,
    PRONOUN,
    SIZE,
    SUBJECT,
    VERB,
    VIEW,
)

Span = tuple[int, int]

_NAMING = frozenset(
    (SUBJECT.name, PLACE.name, VERB.name, PRONOUN.name, PART.name, ABSTRACT.name, SIZE.name, VIEW.name, MOVE.name)
)
# What stands between a thing and the colour that it is said to have, and what ends that.
_IS = re.compile(r"(?:は|が)[、]?|(?:은|는|이|가)[ ]|[ ]")
_SO = re.compile(r"[ ]?(?:で|だ|です|이고|이며|이다|입니다|인)?[ ]?(?:[、。,.\n]|$)")
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
        if looks and not (near(gap_to := text[looks[-1].end : hit.start].lower()) or becomes(looks[-1], gap_to)):
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
            qualify(owner, [hit])
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
            named = noun_of(lexicon, hit, text) if subject else None
            if named is not None:
                qualify(named, looks)
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
            noun = noun_of(lexicon, hit, text)
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
                compound(noun, last.noun)
                after = last.after
                items.pop()
            qualify(noun, looks)
            looks = []
            number(noun, counts, used, text, language)
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
