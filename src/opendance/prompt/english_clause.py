"""What was read of an English clause: who is named in it who may act, and whether it has its verb."""

from __future__ import annotations

from dataclasses import dataclass

from opendance.prompt.english_tokens import Token

_PLURALS = frozenset(
    ("oxen", "people", "men", "women", "children", "geese", "mice", "police", "cattle", "crew", "everyone", "folk")
)
_UNCHANGED = frozenset(
    (
        "salmon",
        "sheep",
        "deer",
        "fish",
        "trout",
        "elk",
        "bison",
        "moose",
        "squid",
        "shrimp",
        "carp",
        "koi",
        "swine",
        "aircraft",
        "tuna",
    )
)
_OBJECTIVE = ("him", "her", "me", "us", "them", "it", "you")
_LETTING = ("help", "make", "let", "watch", "see", "hear", "have")


@dataclass
class Clause:
    """What was read of a clause: whether somebody is named who may act, and whether it has its verb.

    Attributes:
        plural: whether several are named who may act; `within`: behind a preposition; `joins`: behind "and".
        open: behind a participle, whose object goes on; `lets`: behind a verb that has somebody do something.
        done: behind a verb, where nouns are what it is done to; `relative`: behind "who", before its verb.
        inflections: of the verbs of the sentence.
        among: "and" stood behind a preposition, whose objects it may join: "a boy in a scarf and boots climbs".
        single: behind "a", before its noun; `several`: behind a number above one, before its noun.
        renewed: behind "and" that follows a verb: somebody else may be named who acts.
    """

    named: bool = False
    plural: bool = False
    verb: bool = False
    inflections: frozenset[str] = frozenset()
    within: bool = False
    joins: bool = False
    open: bool = False
    lets: bool = False
    done: bool = False
    relative: bool = False
    renewed: bool = False
    several: bool = False
    single: bool = False
    among: bool = False


def note(clause: Clause, token: Token, before: str) -> None:
    """Notes a token in its clause; `before`: the tag of the one before it."""
    match token.tag:
        case "END":
            clause.named = clause.plural = clause.verb = clause.within = clause.joins = False
            clause.inflections = frozenset()
            clause.open = clause.done = clause.relative = clause.among = False
        case "COMMA" | "SUB":
            clause.verb = clause.within = clause.joins = clause.open = clause.done = clause.renewed = False
        case "PREP" | "TO":
            clause.within, clause.open = True, False
        case "CONJ":
            clause.among = clause.within and not clause.verb
            clause.joins, clause.within, clause.open, clause.done = before != "COMMA", False, False, False
            clause.renewed = clause.verb
        case "PRON":
            clause.verb = False if token.word in ("who", "which", "he", "she", "it", "they") else clause.verb
            if token.word in ("who", "which"):
                clause.relative, clause.within = True, False
            else:
                clause.plural = token.word in ("they", "we", "you")
            if clause.within and not clause.named and token.word in _OBJECTIVE:
                clause.within = False  # "behind him the towers drift by"
            else:
                clause.named = True
        case "THAT":
            clause.verb = False
        case "DET":
            clause.single = token.word in ("a", "an")
        case "NUM":
            clause.several = token.word not in ("1", "one", "a single")
        case "NOUN" | "OTHER":
            if (not clause.within and not clause.done) or not clause.named:
                plural = token.use.plural if token.use is not None else token.word.endswith("s")
                plural = plural or token.word in _PLURALS or clause.several
                plural = plural or (token.word in _UNCHANGED and before not in ("DET", "ADJ"))
                clause.plural = plural or (clause.joins and not clause.verb)
            clause.named, clause.several = True, False
        case "VERB":
            finite = token.use is None or token.use.inflection != "ing"
            clause.verb = (clause.verb or finite) and not clause.relative
            clause.relative, clause.done = False, True
            clause.within = clause.joins = clause.renewed = clause.among = False
            clause.open = token.use is not None and token.use.inflection == "ing"
            clause.lets = token.use is not None and token.use.lemma in _LETTING
            if token.use is not None:
                clause.inflections |= {token.use.inflection}
        case _:
            pass
