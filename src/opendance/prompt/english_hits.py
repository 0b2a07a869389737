"""The known words of an English text as what they are in their sentences, and hits for words that are not known.

A known word that may be several parts of speech becomes one; a word that no entry of the lexicon has becomes a hit of
its own where it names something that can be seen, or says what is done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from opendance.prompt.body_parts import is_detail
from opendance.prompt.english_gaps import MEASURES
from opendance.prompt.english_noun_phrases import qualities_of
from opendance.prompt.english_readings import STARTS_NOUN
from opendance.prompt.english_tagging import tag
from opendance.prompt.english_tokens import Token, tokens_of
from opendance.prompt.english_words import PERSONAL, english_word
from opendance.prompt.lexicon import UNKNOWN, Hit, Lexicon
from opendance.prompt.quantities import Count
from opendance.prompt.unknown import NO_THINGS
from opendance.prompt.word_tables import (
    ABSTRACT,
    ACTION,
    MATERIAL,
    PART,
    PARTICLES,
    PLACE,
    PRONOUN,
    SETTING,
    SUBJECT,
    VERB,
)

# What makes one word of a known one and the next, which only qualifies: "mud-splattered", "waist-deep".
_QUALIFIED = re.compile(
    r"-(?!haired|colou?red|tinted|toned|clad)[a-z]{2,}(?:ed|en|lit|lined|worn|torn|free)\b|-(?:deep|high|long|wide|tall|sized|lit|free|style)\b",
    re.IGNORECASE,
)
_MOST = 120  # unknown words of a text that become hits


@dataclass(frozen=True)
class TaggedText:
    """An English text with what each word is in it.

    Attributes:
        hits: the known words, each as what it is there, and hits for words that are not known.
        qualities: by where a noun ends, the words that say how it is.
    """

    tokens: list[Token]
    hits: list[Hit]
    qualities: dict[int, list[Token]]


def tagged(lexicon: Lexicon, text: str, span: tuple[int, int], hits: list[Hit], counts: list[Count]) -> TaggedText:
    """What the words within `span` are."""
    hits = [hit for hit in hits if _QUALIFIED.match(text, hit.end) is None]
    tokens = tokens_of(text, span, hits, [(c.begin, c.end) for c in counts if span[0] <= c.begin < span[1]])
    tag(tokens)
    out: list[Hit] = []
    added = 0
    for index, token in enumerate(tokens):
        if token.hit is not None:
            if not _belongs_to_preposition(tokens, index) and (used := _as_used(lexicon, tokens, index)).meaning:
                out.append(used)
        elif added < _MOST and (hit := _unknown(lexicon, tokens, index)) is not None:
            out.append(hit)
            added += 1
    return TaggedText(tokens, out, qualities_of(tokens))


def _as_used(lexicon: Lexicon, tokens: list[Token], index: int) -> Hit:
    """A known word as what it is here."""
    token = tokens[index]
    acts = index + 1 < len(tokens) and tokens[index + 1].tag == "VERB"
    hit = token.hit
    assert hit is not None
    if " " in token.word:
        return hit
    names, does = hit.value(SUBJECT) is not None, hit.value(VERB) is not None
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    if (names or does) and following == "of" and token.word in MEASURES - _THINGS_TOO and token.tag == "NOUN":
        return Hit(hit.start, hit.end, hit.words, {})  # a pack of wolves is wolves
    if (
        token.tag == "FILM"
        and _is_taken(tokens, index)
        and (thing := english_word(token.word)) is not None
        and thing.kind
    ):
        return Hit(
            hit.start, hit.end, hit.words, {SUBJECT.name: _named(lexicon, token.word) or f"{UNKNOWN}{token.word}"}
        )
    if token.tag == "OTHER" and acts and not names:
        thing = english_word(token.word)
        if thing is not None and thing.kind == "planet":
            return Hit(hit.start, hit.end, hit.words, {**hit.meaning, SUBJECT.name: f"{UNKNOWN}{token.word}"})
        return Hit(hit.start, hit.end, hit.words, {**hit.meaning, ABSTRACT.name: token.word})
    if token.tag == "VERB" and token.use is not None:
        if does and hit.value(PART) is not None:
            return Hit(hit.start, hit.end, hit.words, {VERB.name: hit.value(VERB) or token.use.lemma})
        if hit.value(PLACE) is not None or names or not does:
            lemma = hit.value(VERB) or token.use.lemma
            verb = lexicon.verb(lemma)
            return Hit(hit.start, hit.end, hit.words, {VERB.name: lemma, ACTION.name: verb.action})
        return hit
    if (
        token.tag in ("OTHER", "ADJ", "NOUN")
        and PARTICLES.name in hit.meaning
        and not names
        and index
        and (
            tokens[index - 1].tag == "VERB"
            or (index > 1 and tokens[index - 2].tag == "VERB" and tokens[index - 1].tag == "DET")
        )
    ):  # "plucks leaves"
        lemma = next((use.lemma for use in token.uses if use.pos == "n"), token.word)
        return Hit(
            hit.start, hit.end, hit.words, {**hit.meaning, SUBJECT.name: _named(lexicon, lemma) or f"{UNKNOWN}{lemma}"}
        )
    rest = {name: value for name, value in hit.meaning.items() if name not in (VERB.name, ACTION.name)}
    made = index > 1 and _belongs_to_preposition(tokens, index - 2)
    if token.tag == "NOUN" and set(rest) == {MATERIAL.name} and not made and _lies_beneath(tokens, index, rest):
        return Hit(hit.start, hit.end, hit.words, {SUBJECT.name: f"{UNKNOWN}{token.word}"})
    if token.tag == "NOUN" and set(rest) == {MATERIAL.name} and _is_garment(token):
        return Hit(hit.start, hit.end, hit.words, {SUBJECT.name: f"{UNKNOWN}{token.word}"})  # a jersey
    if token.tag == "NOUN" and set(rest) == {MATERIAL.name} and not made:
        return Hit(hit.start, hit.end, hit.words, {**rest, ABSTRACT.name: hit.words})
    if token.tag == "NOUN" and does:
        if not names and not rest and token.use is not None and token.use.lemma in NO_THINGS:
            return Hit(hit.start, hit.end, hit.words, rest)
        if not names and not rest and token.use is not None and (key := _named(lexicon, token.use.lemma)) is not None:
            rest[SUBJECT.name] = key
        return Hit(hit.start, hit.end, hit.words, rest)
    if token.tag in ("ADJ", "ADV") and does and not names:
        return Hit(hit.start, hit.end, hit.words, rest)
    if token.tag == "ADJ" and names and index + 1 < len(tokens) and tokens[index + 1].tag in ("ADJ", "NOUN"):
        return Hit(
            hit.start, hit.end, hit.words, {k: v for k, v in rest.items() if k != SUBJECT.name}
        )  # "a giant spider"
    return hit


def _is_garment(token: Token) -> bool:
    word = english_word(token.use.lemma if token.use is not None else token.word)
    return word is not None and word.kind in ("clothing", "headgear")


# Materials that are a ground or a cloth where nothing else is named.
_FEW = 4  # words between a preposition and its noun
_GROUNDS = (
    "cloth",
    "silk",
    "sand",
    "clay",
    "marble",
    "stone",
    "glass",
    "ice",
    "wood",
    "metal",
    "leather",
    "wool",
    "paper",
    "brick",
)


def _lies_beneath(tokens: list[Token], index: int, meaning: Mapping[str, str]) -> bool:
    """Whether a material is what something is on: "on black velvet", "across wet sand"."""
    if meaning[MATERIAL.name] not in _GROUNDS:
        return False
    at = index - 1
    while at >= 0 and tokens[at].tag in ("ADJ", "DET") and index - at < _FEW:
        at -= 1
    return at >= 0 and tokens[at].word in (
        "on",
        "across",
        "over",
        "through",
        "under",
        "beneath",
        "onto",
        "into",
        "along",
        "upon",
    )


# Verbs that say of nobody what is done: they help others, or speak of the film.
_NO_DEEDS = frozenset(
    (
        "be", "have", "do", "begin", "start", "stop", "continue", "keep", "seem", "appear", "let", "try", "get",
        "show", "feature", "include", "create", "depict", "need", "want", "contain", "evoke", "fill", "film", "capture", "end",
        "use", "give", "name", "style", "generate", "highlight", "focus", "must", "can",
    )
)  # fmt: skip
_WITH_PREPOSITION = (
    "topped", "covered", "filled", "carved", "built", "made", "coated", "loaded", "packed", "stuffed", "overflowing", "littered", "lined", "decorated",
    "adorned", "stacked", "crowded", "strewn", "dusted", "sprinkled", "drizzled", "piled", "surrounded", "flanked", "wrapped",
)  # fmt: skip
_LINKS = ("with", "in", "of", "from", "by")  # english_gaps reads them
_PERSONS = ("he", "she", "it", "they", "him", "her", "them", "everyone", "everybody")


def _unknown(lexicon: Lexicon, tokens: list[Token], index: int) -> Hit | None:
    """A hit for a word that the lexicon does not have."""
    token = tokens[index]
    if (
        token.tag == "VERB"
        and token.use is not None
        and (token.use.lemma not in _NO_DEEDS or _is_deed(tokens, index, token.use.lemma))
    ):
        if token.word in _WITH_PREPOSITION and index + 1 < len(tokens) and tokens[index + 1].word in _LINKS:
            return None
        if token.word in ("called", "named") and index + 1 < len(tokens) and tokens[index + 1].capital:
            return None
        verb = lexicon.verb(token.use.lemma)
        return Hit(token.begin, token.end, token.word, {VERB.name: token.use.lemma, ACTION.name: verb.action})
    if token.tag == "PRON" and token.word in _PERSONS:
        return Hit(token.begin, token.end, token.word, {PRONOUN.name: token.word})
    if token.tag != "NOUN" or token.use is None or len(token.word) < 3:
        return None
    lemma = token.use.lemma
    word = english_word(lemma)
    if is_detail(lemma) or is_detail(token.word):
        return Hit(token.begin, token.end, token.word, {PART.name: "body"})
    if lemma in NO_THINGS or token.word in NO_THINGS:
        seen = word is not None and word.kind != "" and index and tokens[index - 1].tag in STARTS_NOUN
        return Hit(token.begin, token.end, token.word, {ABSTRACT.name: lemma}) if seen else None
    if word is not None and word.kind == "part":
        return Hit(token.begin, token.end, token.word, {PART.name: "body"})
    if word is None and not _is_named(tokens, index):
        return None
    if index + 1 < len(tokens) and tokens[index + 1].word == "of" and lemma in MEASURES:
        return None
    key = _named(lexicon, lemma)
    if key is None:
        return Hit(token.begin, token.end, token.word, {ABSTRACT.name: lemma})
    if word is not None and word.kind == "place" and key.startswith(UNKNOWN) and lemma not in _EDGES:
        setting = "city" if token.capital and not _starts(tokens, index) else lexicon.setting(lemma)
        meaning = {PLACE.name: lemma, SETTING.name: setting, SUBJECT.name: key}
        if setting == "city":
            del meaning[SUBJECT.name]
        return Hit(token.begin, token.end, token.word, meaning)
    return Hit(token.begin, token.end, token.word, {SUBJECT.name: key})


# Words that help others or speak of the film, and are deeds where somebody does them to something.
_DEEDS_TOO = frozenset(("get", "give", "use", "fill", "contain", "do", "capture", "name"))
_TAKING = ("DET", "NUM", "PRON", "NOUN", "ADJ")


# Measures that are seen as well: "a wall of water".
_THINGS_TOO = frozenset(
    ("wall", "mountain", "tower", "bed", "sea", "trail", "stream", "line", "set", "shower", "parade", "caravan")
)
_ABOUT_FILM = frozenset(
    (
        "film",
        "show",
        "hold",
        "keep",
        "follow",
        "pull",
        "push",
        "track",
        "cut",
        "end",
        "fill",
        "start",
        "begin",
        "shoot",
        "frame",
        "make",
        "use",
    )
)


def _is_taken(tokens: list[Token], index: int) -> bool:
    """Whether a word of film is a thing that something is done to: "lifts a frame"."""
    if index < 2 or tokens[index - 1].tag != "DET" or tokens[index - 2].tag != "VERB":
        return False
    use = tokens[index - 2].use
    return use is not None and use.lemma not in _ABOUT_FILM


def _is_deed(tokens: list[Token], index: int, lemma: str) -> bool:
    """Whether a verb that tells nothing by itself does so here: "steam fills the screen", "gets a note"."""
    if lemma not in _DEEDS_TOO or index == 0 or index + 1 == len(tokens):
        return False
    before = tokens[index - 1]
    return before.tag in ("NOUN", "PRON", "CONJ", "OTHER", "ADV", "ADJ") and tokens[index + 1].tag in _TAKING


# What WordNet has as places, and is a part of a thing.
_EDGES = frozenset(("hem", "edge", "rim", "brim", "lip", "fringe", "base", "foot", "side", "corner", "line", "spot", "tip", "border", "surface", "seam"))  # fmt: skip


def _starts(tokens: list[Token], index: int) -> bool:
    return index == 0 or tokens[index - 1].tag in ("END", "COMMA")


def _belongs_to_preposition(tokens: list[Token], index: int) -> bool:
    """Whether a word is of a preposition of several: "made of", "topped with"."""
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    return tokens[index].word in _WITH_PREPOSITION and following in (*_LINKS, "out")


def _is_named(tokens: list[Token], index: int) -> bool:
    """Whether a word that no table has stands as a noun does: behind an article, before a verb."""
    token = tokens[index]
    before = tokens[index - 1].tag if index else "END"
    if token.capital and before not in ("END", "DET"):
        return False
    behind = tokens[index + 1].tag if index + 1 < len(tokens) else "END"
    return before in (*STARTS_NOUN, "ADJ") or behind == "VERB" or token.word.endswith(PERSONAL)


def _named(lexicon: Lexicon, lemma: str) -> str | None:
    """The key of the drawing for what a word names; None where that is nothing to be seen."""
    if (known := lexicon.named(lemma)) is not None:
        return known
    word = english_word(lemma)
    if word is not None and not word.kind:
        return None
    return f"{UNKNOWN}{lemma}"
