"""What each word of an English text is in its sentence: a noun, a verb, or what qualifies one."""

from __future__ import annotations

from dataclasses import dataclass

from opendance.prompt.english_tokens import Token, turns
from opendance.prompt.english_words import Inflection, Use, english_word
from opendance.prompt.word_tables import SUBJECT

STARTS_NOUN = ("DET", "NUM", "POSS", "THAT")
_USUAL = 5  # how usual a verb is that is in daily use
_LIKELY = 3  # how much likelier a verb is where the clause before has one of its form
_DOING: dict[str, Inflection] = {"does": "s", "do": "base", "did": "ed"}
_ONES = ("one", "another", "each")
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
_GOES_ON = ("DET", "NUM", "PRON", "THAT")  # what stands behind a verb that is done to something
_LETTING = ("help", "make", "let", "watch", "see", "hear", "have")


@dataclass
class _Clause:
    """What was read of a clause: whether somebody is named who may act, and whether it has its verb.

    Attributes:
        plural: whether several are named who may act; `within`: behind a preposition; `joins`: behind "and".
        open: behind a participle, whose object goes on; `lets`: behind a verb that has somebody do something.
        done: behind a verb, where nouns are what it is done to; `relative`: behind "who", before its verb.
        inflections: of the verbs of the sentence.
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


def tag(tokens: list[Token]) -> None:
    """Tell each token what it is in its sentence."""
    clause = _Clause()
    before = "END"
    for index, token in enumerate(tokens):
        if token.word in _ONES and token.tag in ("NUM", "DET") and _says_what_is_done(tokens, index + 1):
            token.tag = "PRON"  # "one drops a cone"
        if (
            token.tag == "AUX"
            and token.word in _DOING
            and _next(tokens, index) == "DET"
            and before in ("NOUN", "PRON", "CONJ")
        ):
            token.tag, token.use = "VERB", Use("v", "do", 1, _DOING[token.word])  # "does a kickflip"
        if token.tag == "SET":
            token.tag, token.use = _sets_going(tokens, index, before)
        elif token.tag == "MAYBE":
            verb = token.as_verb()
            goes_on = (
                before == "CONJ"
                and verb is not None
                and verb.inflection != "base"
                and verb.inflection in clause.inflections
            )
            takes = goes_on or (before in ("NOUN", "PRON", "CONJ") and _next(tokens, index) in ("DET", "PRON"))
            token.tag, token.use = ("VERB", token.as_verb()) if takes else ("OTHER", None)
        elif not token.tag or (token.tag in ("PREP", "AUX") and before == "TO" and token.as_verb()):
            token.tag, token.use = _decide(tokens, index, before, clause)
        elif (
            token.tag == "PREP"
            and turns(token.word)
            and (
                _next(tokens, index) in ("END", "COMMA", "CONJ", "SUB", "PREP", "TO")
                or _says_what_is_done(tokens, index + 1)
            )
        ):
            token.tag = "ADV"
        elif (
            token.word in ("her", "his", "him")
            and _next(tokens, index) not in ("", "NUM", "OTHER", "FILM", "MAYBE")
            and (index + 1 >= len(tokens) or tokens[index + 1].word != "back")
        ):
            token.tag = "PRON"
        had_verb = clause.verb
        if token.tag not in ("DET", "ADJ", "NOUN", "FILM", "OTHER"):
            clause.single = False
        _note(clause, token, before)
        if (
            token.tag == "VERB"
            and token.use is not None
            and token.use.inflection == "ed"
            and _next(tokens, index) == "PREP"
        ):
            clause.verb = had_verb  # "a parrot perched on a hat"
        numbered = token.tag == "NUM" and before == "NOUN"  # "tram 28"
        if token.tag not in ("ADV", "NEG") and not numbered:
            before = token.tag


def _sets_going(tokens: list[Token], index: int, before: str) -> tuple[str, Use | None]:
    """What "starts" and "stops" are: they help the verb behind them, or are verbs themselves."""
    token = tokens[index]
    if _next(tokens, index) == "TO" or _is_gerund(tokens, index + 1):
        return "AUX", None
    if before in ("NOUN", "OTHER", "PRON", "CONJ", "COMMA", "SUB") and _next(tokens, index) not in ("", "FILM"):
        return "VERB", token.as_verb()
    return "ADJ", None


def _is_gerund(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].word.endswith("ing")


def _next(tokens: list[Token], index: int) -> str:
    """The tag of the next token, as far as it is known without its sentence; empty for a word that may be several."""
    return tokens[index + 1].tag if index + 1 < len(tokens) else "END"


def _note(clause: _Clause, token: Token, before: str) -> None:
    match token.tag:
        case "END":
            clause.named = clause.plural = clause.verb = clause.within = clause.joins = False
            clause.inflections = frozenset()
            clause.open = clause.done = clause.relative = False
        case "COMMA" | "SUB":
            clause.verb = clause.within = clause.joins = clause.open = clause.done = clause.renewed = False
        case "PREP" | "TO":
            clause.within, clause.open = True, False
        case "CONJ":
            clause.joins, clause.within, clause.open, clause.done = before != "COMMA", False, False, False
            clause.renewed = clause.verb
        case "PRON":
            clause.verb = False if token.word in ("who", "which", "he", "she", "it", "they") else clause.verb
            if token.word in ("who", "which"):
                clause.relative, clause.within = True, False
            else:
                clause.plural = token.word in ("they", "we", "you")
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
            clause.within = clause.joins = clause.renewed = False
            clause.open = token.use is not None and token.use.inflection == "ing"
            clause.lets = token.use is not None and token.use.lemma in _LETTING
            if token.use is not None:
                clause.inflections |= {token.use.inflection}
        case _:
            pass


def _decide(tokens: list[Token], index: int, before: str, clause: _Clause) -> tuple[str, Use | None]:
    token = tokens[index]
    verb, noun = token.as_verb(), token.as_noun()
    adjective, adverb = token.weight("a"), token.weight("r")
    following = _next(tokens, index)
    leads = _may_name(tokens, index + 1)  # a noun phrase goes on behind it
    acts = noun is not None and not noun.plural and token.hit is not None and _says_what_is_done(tokens, index + 1)
    if verb is None and noun is None:
        if adjective >= 0 or adverb >= 0:
            return ("ADJ" if adjective >= adverb else "ADV"), None
        return _by_ending(token, before, following, leads, clause)
    match before:
        case "DET" | "NUM" | "POSS" | "ADJ" | "PREP" | "THAT" | "FILM":
            if before == "THAT" and verb is not None and clause.named and verb.inflection in ("s", "ed"):
                return "VERB", verb
            if (
                before == "PREP"
                and verb is not None
                and verb.inflection == "ing"
                and following in ("DET", "PRON", "NUM")
            ):
                return "VERB", verb
            return _in_phrase(token, verb, noun, leads, before, acts)
        case "TO":
            if (
                verb is not None
                and verb.inflection == "base"
                and (noun is None or verb.weight >= noun.weight or following in ("DET", "PRON"))
            ):
                return "VERB", verb
            return _in_phrase(token, verb, noun, leads, before, acts)
        case "PRON" | "AUX":
            if verb is not None and not (
                noun is not None and leads and before == "AUX" and verb.inflection in ("base", "s")
            ):
                if before == "AUX" and verb.inflection == "base" and adjective > verb.weight:
                    return "ADJ", None
                return "VERB", verb
            return _in_phrase(token, verb, noun, leads, before, acts)
        case "NOUN" | "OTHER":
            if (
                verb is not None
                and verb.inflection == "base"
                and clause.lets
                and (noun is None or verb.weight >= noun.weight)
            ):
                return "VERB", verb
            if clause.single and verb is not None and verb.inflection == "s" and (noun is None or noun.plural):
                return "VERB", verb  # "a chef plates scallops": one has no plural
            if verb is not None and _acts_here(tokens, index, verb, noun, clause):
                return "VERB", verb
            if noun is None:
                return ("ADJ", None) if adjective >= 0 else ("VERB", verb)
            return "NOUN", noun
        case "CONJ":
            alike = verb is not None and verb.inflection != "base" and verb.inflection in clause.inflections
            if (
                alike
                and verb is not None
                and (
                    noun is None
                    or (
                        following in (*_GOES_ON, "PREP", "TO", "ADV", "CONJ", "END", "COMMA")
                        and (noun.weight <= verb.weight + 1 or following in _GOES_ON)
                    )
                    or (following == "" and verb.weight > noun.weight and verb.inflection == "s")
                )
            ):
                return "VERB", verb
            if (
                verb is not None
                and noun is not None
                and verb.inflection == "base"
                and "base" in clause.inflections
                and (following in _GOES_ON or verb.weight > noun.weight + 1)
            ):
                return "VERB", verb
            if noun is None and verb is not None and verb.inflection in ("s", "ed", "ing") and not leads:
                return "VERB", verb
            return _in_phrase(token, verb, noun, leads, before, acts)
        case "VERB":
            if verb is not None and verb.inflection == "ing" and (noun is None or noun.weight < verb.weight):
                return "VERB", verb
            if verb is not None and verb.inflection == "ed" and not leads and adjective < 0:
                return "VERB", verb
            return _in_phrase(token, verb, noun, leads, before, acts)
        case _:  # where a clause begins
            return _at_beginning(token, verb, noun, leads, following, before, clause, acts)


def _in_phrase(
    token: Token, verb: Use | None, noun: Use | None, leads: bool, before: str, acts: bool
) -> tuple[str, Use | None]:
    """Within a noun phrase: the noun itself, or what qualifies it; `acts`: the word behind it is what it does."""
    adjective = token.weight("a")
    formed = verb is not None and verb.inflection in ("ing", "ed")
    qualifies = noun is None or adjective >= noun.weight or (formed and noun.weight < 3)
    if leads and not acts and (adjective >= 0 or formed) and qualifies:
        return "ADJ", None
    if noun is not None and (not (noun.weight == 0 and adjective > 3) or (before == "PREP" and not leads)):
        return "NOUN", noun
    if token.weight("r") > adjective:
        return "ADV", None
    if adjective >= 0 or leads:
        return "ADJ", None
    return ("VERB", verb) if verb is not None else ("ADJ", None)


def _says_what_is_done(tokens: list[Token], index: int) -> bool:
    """Whether the word at `index` is a verb of a third person rather than a noun: "fire hides behind"."""
    if index >= len(tokens) or tokens[index].tag:
        return False
    verb, noun = tokens[index].as_verb(), tokens[index].as_noun()
    if verb is None or verb.inflection != "s":
        return False
    return (
        noun is None
        or _next(tokens, index) in ("DET", "PRON")
        or (verb.weight + 2 >= noun.weight and _next(tokens, index) in ("PREP", "ADV", "TO", "END", "COMMA"))
    )


def _is_done(tokens: list[Token], index: int) -> bool:
    """Whether the word at `index` is a verb in its base form, with what it is done to."""
    if index + 1 >= len(tokens) or tokens[index].tag:
        return False
    verb = tokens[index].as_verb()
    return verb is not None and verb.inflection == "base" and tokens[index + 1].tag in ("DET", "PRON", "NUM")


def _names_somebody(token: Token) -> bool:
    """Whether a noun names a person."""
    if token.hit is not None and (token.hit.value(SUBJECT) or "").startswith("person "):
        return True
    return token.use is not None and (word := english_word(token.use.lemma)) is not None and word.kind == "person"


def _acts_here(tokens: list[Token], index: int, verb: Use, noun: Use | None, clause: _Clause) -> bool:
    """Whether a word behind a noun says what that does."""
    following = _next(tokens, index)
    leads = _may_name(tokens, index + 1)
    if verb.inflection == "ing":
        if noun is not None and noun.weight > verb.weight:
            return following in (*_GOES_ON, "PREP", "TO", "ADV")
        return True
    if verb.inflection == "ed":
        return noun is None or verb.weight >= noun.weight
    if noun is not None and noun.plural and _is_done(tokens, index + 1) and verb.weight <= noun.weight:
        return False  # "laser beams sweep the lobby"
    if verb.inflection == "s" and noun is not None and _is_gerund(tokens, index + 1) and verb.weight <= noun.weight + 1:
        return False  # "storm waves smashing"
    if tokens[index].capital and verb.lemma == tokens[index].word:
        return False  # a 1957 Chevy
    somebody = _names_somebody(tokens[index - 1])
    if noun is not None and verb.weight <= 1 < noun.weight and not (somebody and following in _GOES_ON):
        return False  # "toddler twins"
    agrees = clause.plural if verb.inflection == "base" else not clause.plural
    if not agrees:
        return noun is None or (following in ("DET", "PRON") and verb.inflection == "s" and not clause.verb)
    if noun is None:
        return True
    if following in ("DET", "PRON", "THAT"):
        return True
    if clause.verb and not (clause.renewed and verb.inflection == "s"):
        return False
    if following in ("PREP", "TO", "ADV", "NUM", "SUB"):
        return verb.weight + 3 > noun.weight
    if clause.within and clause.plural and not clause.inflections & {"s", "base"} and leads and verb.weight > 0:
        return verb.weight + 3 > noun.weight  # "roofers in vests nail tiles'
    if clause.open or (verb.weight == 0 and noun.weight > 0):
        return False
    if (leads or following == "") and somebody and verb.inflection == "s" and not clause.within:
        return verb.weight + _LIKELY >= noun.weight  # "an astronaut plants tomatoes"
    if leads or following == "":
        return verb.weight + (2 if verb.inflection == "s" else 0) > noun.weight
    waits = clause.plural and not clause.verb and not clause.inflections and verb.inflection == "base"
    return verb.weight + (1 if verb.inflection == "s" else 0 if waits else -1) >= noun.weight


def _at_beginning(
    token: Token,
    verb: Use | None,
    noun: Use | None,
    leads: bool,
    following: str,
    before: str,
    clause: _Clause,
    acts: bool,
) -> tuple[str, Use | None]:
    if verb is not None and verb.inflection == "ing":
        if noun is None or verb.weight >= noun.weight or following in _GOES_ON:
            return ("ADJ", None) if leads and before == "END" and token.weight("a") >= 0 else ("VERB", verb)
        return "NOUN", noun
    if verb is not None and verb.inflection == "ed" and (noun is None or noun.weight < verb.weight):
        if noun is not None and leads:
            return "NOUN", noun  # "rose petals"
        return ("ADJ", None) if leads and following == "" else ("VERB", verb)
    if (
        before in ("COMMA", "SUB")
        and verb is not None
        and verb.inflection != "base"
        and (verb.inflection in clause.inflections or (clause.named and following in ("DET", "PRON")))
        and _rather(verb, noun, following, before, goes_on=not clause.plural and verb.inflection in clause.inflections)
    ):
        return "VERB", verb
    if (
        before == "END"
        and verb is not None
        and verb.inflection == "s"
        and verb.weight >= _USUAL
        and following in ("DET", "PRON", "PREP", "TO")
        and (noun is None or verb.weight > noun.weight)
    ):
        return "VERB", verb  # of a list's "action: turns toward the door"
    waits_for_one = clause.named and not clause.plural and "s" not in clause.inflections
    if (
        before == "COMMA"
        and verb is not None
        and verb.inflection == "s"
        and waits_for_one
        and following in ("PREP", "TO", "ADV")
        and verb.weight >= _USUAL
        and (noun is None or verb.weight >= noun.weight)
    ):
        return "VERB", verb  # "her coach, a bald man, watches from the sidelines"
    waits = clause.named and clause.plural and not clause.inflections & {"s", "base"}  # for its verb
    if (
        before == "COMMA"
        and verb is not None
        and verb.inflection == "base"
        and waits
        and following in (*_GOES_ON, "PREP", "TO", "ADV")
        and (noun is None or verb.weight + 1 >= noun.weight)
    ):
        return "VERB", verb
    if verb is not None and verb.inflection == "base" and following in ("DET", "PRON") and before in ("END", "COMMA"):
        return "VERB", verb  # an imperative
    if noun is None and verb is not None and verb.inflection == "s" and clause.named:
        return "VERB", verb
    return _in_phrase(token, verb, noun, leads, before, acts)


def _rather(verb: Use, noun: Use | None, following: str, before: str, *, goes_on: bool) -> bool:
    """Whether a form is a verb rather than a noun where a clause goes on without naming anybody."""
    if noun is None or following in _GOES_ON:
        return True
    if following in ("PREP", "TO", "ADV", "CONJ", "COMMA", "END", "FILM"):
        goes_on = goes_on and verb.inflection == "s"
        likely = (
            _LIKELY
            if goes_on and following in ("PREP", "TO", "ADV", "FILM") and verb.weight > 0
            else 2
            if goes_on and verb.weight >= _USUAL
            else 0
        )
        return verb.weight + max(likely, 1 if before == "SUB" else 0) >= noun.weight
    return following == "" and verb.weight > noun.weight


def _may_name(tokens: list[Token], index: int) -> bool:
    """Whether what stands at `index` may be of the same noun phrase: a noun, or what qualifies one."""
    if index >= len(tokens):
        return False
    token = tokens[index]
    if token.tag:
        return token.tag in ("OTHER", "FILM") and token.hit is not None
    verb, noun = token.as_verb(), token.as_noun()
    done = verb is not None and noun is not None and verb.inflection == "ing" and verb.weight > noun.weight + _LIKELY
    if (noun is not None and not done) or not token.uses:
        return True
    if token.weight("a") < 0 and not any(use.inflection in ("ing", "ed") for use in token.uses if use.pos == "v"):
        return False
    return index + 1 < len(tokens) and _may_name_plainly(tokens[index + 1])


def _may_name_plainly(token: Token) -> bool:
    return not token.tag and any(use.pos in "na" for use in token.uses)


def _by_ending(token: Token, before: str, following: str, leads: bool, clause: _Clause) -> tuple[str, Use | None]:
    """Of a word that no table has."""
    word = token.word
    if word.endswith("ly"):
        return "ADV", None
    if word.endswith("ing") and len(word) > 5:
        return ("ADJ", None) if leads and before in STARTS_NOUN else ("VERB", Use("v", word[:-3], 1, "ing"))
    if word.endswith("ed") and len(word) > 4:
        return ("ADJ", None) if leads else ("VERB", Use("v", word[:-2], 1, "ed"))
    if (
        before == "NOUN"
        and word.endswith("s")
        and not clause.verb
        and not clause.plural
        and following in ("DET", "PREP", "PRON")
    ):
        return "VERB", Use("v", word[:-1], 1, "s")
    if (
        word.endswith(("ous", "ful", "less", "ish", "ic", "al", "y", "able", "esque"))
        and leads
        and before in (*STARTS_NOUN, "ADJ", "PREP")
    ):
        return "ADJ", None
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return "NOUN", Use("n", word[:-1] if plural else word, 0, plural=plural)
