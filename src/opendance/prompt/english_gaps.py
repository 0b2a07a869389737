"""What stands between two words of an English sentence: prepositions, conjunctions, marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opendance.plan import Relation
from opendance.prompt.nouns import Item
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS

PREPOSITIONS: dict[str, Relation | None] = {
    "on top of": "on", "in front of": "in_front_of", "next to": "beside", "out of": "coming_out_of", "inside": "inside",
    "inside of": "inside", "into": "in", "in": "in", "onto": "on", "on": "on", "atop": "on", "upon": "on", "under": "under",
    "beneath": "under", "below": "under", "underneath": "under", "beside": "beside", "by": "beside", "near": "beside",
    "alongside": "beside", "behind": "behind", "above": "over", "over": "over", "between": "between", "among": "in",
    "facing": "facing", "against": "leaning_on", "from": "coming_out_of", "of": None, "at": "facing", "through": "in", "along": "on",
    "across": "on", "with": None, "to": "facing", "for": None, "as": None, "like": None, "toward": "facing", "towards": "facing",
    "around": "beside", "made of": None, "made from": None, "made out of": None, "filled with": None, "past": "beside",
    "down": "on", "up": "on", "after": "following", "without": None, "during": None, "via": None, "opposite": "facing",
    "carved from": None, "built of": None, "covered in": None, "covered with": None, "topped with": None, "full of": None,
    "reflected on": None, "reflected in": None, "from under": "coming_out_of", "from behind": "behind",
    "from inside": "coming_out_of", "off": "coming_out_of", "outside": "in_front_of", "close to": "beside", "amid": "in", "amidst": "in",
    "loaded with": None, "packed with": None, "stuffed with": None, "overflowing with": None, "littered with": None, "lined with": None,
    "decorated with": None, "adorned with": None, "stacked with": None, "crowded with": None, "strewn with": None, "dusted with": None,
    "sprinkled with": None, "drizzled with": None, "piled with": None, "surrounded by": "beside", "flanked by": "beside", "wrapped in": None, "within": "in", "beyond": "behind", "astride": "on", "before": "in_front_of",
}  # fmt: skip
# Where something is said to be, of nothing that is named: what the shot is about.
STANDS: dict[str, Relation] = {
    "foreground": "in_front_of", "background": "behind", "distance": "behind", "behind": "behind", "beyond": "behind", "horizon": "behind",
    "below": "under", "beneath": "under", "underneath": "under", "above": "over", "overhead": "over", "nearby": "beside",
    "alongside": "beside", "around": "beside", "either side": "beside",
}  # fmt: skip
STANDING = re.compile(
    r"[ ]?(?:(?:blurred|out of focus|in soft focus|visible|looming|waiting|far|just|right|softly|standing|parked|glowing|rising|sitting|moored|passing)[ ]){0,3}"
    r"((?:in|on) the (?:[a-z]+[ ])?(?:background|distance|foreground|horizon)|behind|below|beneath|underneath|above|overhead|nearby|alongside|beyond"
    r"|all around|on either side)(?=[ ]?(?:[,.;:\n]|$)|[ ](?:while|and|as)\b)",
    re.IGNORECASE,
)
MADE: frozenset[str] = frozenset(("made of", "made from", "made out of", "carved from", "built of"))
_PREPOSITION = re.compile(r"\b(?:" + "|".join(sorted(PREPOSITIONS, key=len, reverse=True)) + r")\b(?!-)", re.IGNORECASE)
_CONJUNCTION = re.compile(r"\b(?:and|or)\b|&", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:while|as|when|then|where|but|and then|meanwhile|until|because|before|so)\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:who|that|which|whose)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"'s\b|^s'")
_OWNED = re.compile(r"'s?[ ](?:[a-z-]+[ ]){0,2}")
MEASURES = frozenset(
    (
        "stack", "pile", "row", "bunch", "group", "pair", "flock", "herd", "couple", "scoop", "heap", "lot", "line", "series", "set",
        "handful", "cluster", "swarm", "crowd", "school", "pack", "tower", "mountain", "sea", "wall", "trail", "stream", "shower",
        "layer", "kind", "sort", "piece", "slice", "bed", "crumb", "gob", "blob", "lump", "shard", "pinch", "dollop", "sliver", "chunk", "splash", "puff", "ribbon", "shaft", "wisp", "rally", "convoy", "parade", "caravan",
    )
)  # fmt: skip
_MEASURED = re.compile(rf"\b(?:{'|'.join(sorted(MEASURES))})s?[ ]of\b")
_BETWEEN = re.compile(
    r"(?:[ ]|[a-z]+ly\b|\b(?:is|are|was|were|being|been|be|that|who|which|just|then|now|alone|together|back|up|down)\b){0,8}",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|being|been|be|gets?)\b", re.IGNORECASE)
_PERFECT = re.compile(r"\b(?:has|have|had|having)\b", re.IGNORECASE)
_TO = re.compile(r"\bto[ ](?:[a-z]+ly[ ])?$", re.IGNORECASE)


# Before whom, not when: nothing is done behind it, "kneels before a queen".
_BEFORE = re.compile(r"[ ]before[ ](?:(?:an?|the|his|her|their)[ ])?(?:[a-z-]+[ ]){0,3}$")
_NO_CLAUSE = re.compile(r"[ ]?(?:[,.;:)\n]|$|(?:who|whose|in|on|with|under|at|and|while|as|of|wearing|holding)\b)")
_BEFORE_KINDS = ("person", "animal", "bird", "furniture", "building")


def _stands_before(text: str, gap: str, item: Item) -> bool:
    if item.noun is None or item.noun.kind not in _BEFORE_KINDS or _BEFORE.search(gap) is None:
        return False
    return _NO_CLAUSE.match(text, item.end) is not None


@dataclass(frozen=True)
class Gap:
    """What stands before an item.

    Attributes:
        near: behind the last comma, in small letters.
        preposition: the last one in `near`.
        skips: since the last comma a word was named that nothing is shown for: ", snow outside the window".
        blank: nothing but adverbs and auxiliaries; `to`, `infinitive`: a verb in its base form, behind "to" or a noun.
    """

    near: str
    preposition: str | None
    ends_sentence: bool = False
    begins_clause: bool = False
    comma: bool = False
    conjunction: bool = False
    relative: bool = False
    possessive: bool = False
    blank_after_possessive: bool = False
    blank: bool = False
    passive: bool = False
    perfect: bool = False
    to: bool = False
    infinitive: bool = False
    skips: bool = False


def gap_of(text: str, end: int, item: Item, modified: str) -> Gap:
    """What stands between `end` and `item`; `modified`: before a word that only qualifies it."""
    gap = text[end : item.begin].lower() if item.begin > end else ""
    near = text[max(end, item.after) : item.begin].lower()
    near = modified or near[max(near.rfind(","), near.rfind(". "), near.rfind("\n"), 0) :]
    near = _MEASURED.sub("", near)
    stands_before = _stands_before(text, gap, item)
    if not stands_before:
        near = near[max((match.end() for match in _CLAUSE.finditer(near)), default=0) :]  # "in Rome while his sister"
    prepositions = [match[0] for match in _PREPOSITION.finditer(near)]
    preposition = prepositions[-1] if prepositions else None
    begins = (_CLAUSE.search(gap) is not None and not stands_before) or ":" in gap
    if preposition == "as" and begins:
        preposition = None
    to = item.kind == "verb" and _TO.search(gap) is not None
    return Gap(
        near, preposition, SENTENCE_ENDS.search(gap) is not None, begins, COMMAS.search(gap) is not None,
        _CONJUNCTION.search(gap) is not None, _RELATIVE.search(gap) is not None, _POSSESSIVE.search(near) is not None,
        _OWNED.fullmatch(near) is not None,
        _BETWEEN.fullmatch(gap) is not None, _PASSIVE.search(gap) is not None, _PERFECT.search(gap) is not None, to,
        to or (item.kind == "verb" and item.form.split()[0] == (item.verb.lemma if item.verb is not None else "")),
        "," in text[end : item.after] and "," not in text[max(end, item.after) : item.begin],
    )  # fmt: skip
