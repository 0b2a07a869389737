"""What each word of an English text is in its sentence: a noun, a verb, or what qualifies one."""

from __future__ import annotations

from opendance.prompt.english_clause import Clause, note
from opendance.prompt.english_readings import (
    GOES_ON,
    acts_here,
    at_beginning,
    by_ending,
    has_no_plural,
    in_phrase,
    is_colour,
    is_garment_behind_colour,
    is_gerund,
    is_object_with,
    may_name,
    next_tag,
    says_what_is_done,
)
from opendance.prompt.english_tokens import Token, turns
from opendance.prompt.english_words import Inflection, Use

_DOING: dict[str, Inflection] = {"does": "s", "do": "base", "did": "ed"}
_COMPARED = ("younger", "older", "elder", "taller", "smaller", "bigger", "shorter", "former", "latter")
_LINKING = ("turn", "go", "grow", "look", "become", "get", "stay", "fall", "seem", "appear", "feel")
_ONES = ("one", "another", "each")


def tag(tokens: list[Token]) -> None:
    """Tell each token what it is in its sentence."""
    clause = Clause()
    before = "END"
    for index, token in enumerate(tokens):
        if (
            token.word in _ONES
            and token.tag in ("NUM", "DET")
            and (says_what_is_done(tokens, index + 1) or has_no_plural(tokens, index + 1))
        ):
            token.tag = "PRON"  # "one drops a cone", "one counts coins"
        if (
            token.tag == "AUX"
            and token.word in _DOING
            and next_tag(tokens, index) == "DET"
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
            takes = goes_on or (before in ("NOUN", "PRON", "CONJ") and next_tag(tokens, index) in ("DET", "PRON"))
            token.tag, token.use = ("VERB", token.as_verb()) if takes else ("OTHER", None)
        elif not token.tag or (token.tag in ("PREP", "AUX") and before == "TO" and token.as_verb()):
            token.tag, token.use = _decide(tokens, index, before, clause)
        elif (
            token.tag == "PREP"
            and turns(token.word)
            and (
                next_tag(tokens, index) in ("END", "COMMA", "CONJ", "SUB", "PREP", "TO")
                or says_what_is_done(tokens, index + 1)
            )
        ):
            token.tag = "ADV"
        elif (
            token.word in ("her", "his", "him")
            and next_tag(tokens, index) not in ("", "NUM", "OTHER", "FILM", "MAYBE")
            and (index + 1 >= len(tokens) or tokens[index + 1].word != "back")
        ):
            token.tag = "PRON"
        had_verb = clause.verb
        if token.tag not in ("DET", "ADJ", "NOUN", "FILM", "OTHER"):
            clause.single = False
        note(clause, token, before)
        if (
            token.tag == "VERB"
            and token.use is not None
            and token.use.inflection == "ed"
            and next_tag(tokens, index) == "PREP"
        ):
            clause.verb = had_verb  # "a parrot perched on a hat"
        numbered = token.tag == "NUM" and before == "NOUN"  # "tram 28"
        if token.tag not in ("ADV", "NEG") and not numbered:
            before = token.tag


def _sets_going(tokens: list[Token], index: int, before: str) -> tuple[str, Use | None]:
    """What "starts" and "stops" are: they help the verb behind them, or are verbs themselves."""
    token = tokens[index]
    if next_tag(tokens, index) == "TO" or is_gerund(tokens, index + 1):
        return "AUX", None
    if before in ("NOUN", "OTHER", "PRON", "CONJ", "COMMA", "SUB") and next_tag(tokens, index) not in ("", "FILM"):
        return "VERB", token.as_verb()
    return "ADJ", None


def _decide(tokens: list[Token], index: int, before: str, clause: Clause) -> tuple[str, Use | None]:
    token = tokens[index]
    verb, noun = token.as_verb(), token.as_noun()
    adjective, adverb = token.weight("a"), token.weight("r")
    following = next_tag(tokens, index)
    leads = may_name(tokens, index + 1)  # a noun phrase goes on behind it
    acts = noun is not None and not noun.plural and token.hit is not None and says_what_is_done(tokens, index + 1)
    if verb is None and noun is None:
        if adjective >= 0 or adverb >= 0:
            return ("ADJ" if adjective >= adverb else "ADV"), None
        return by_ending(token, before, following, leads, clause)
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
            if (
                before == "ADJ"
                and tokens[index - 1].word in _COMPARED
                and verb is not None
                and verb.inflection == "s"
                and following in ("DET", "PRON")
            ):
                return "VERB", verb  # "the younger sneaks a sip"
            return in_phrase(token, verb, noun, leads, before, acts)
        case "TO":
            if verb is not None and adjective > verb.weight and is_colour(tokens, index + 1):
                return "ADJ", None  # "from brown to pale white"
            if (
                verb is not None
                and verb.inflection == "base"
                and (noun is None or verb.weight >= noun.weight or following in ("DET", "PRON"))
            ):
                return "VERB", verb
            return in_phrase(token, verb, noun, leads, before, acts)
        case "PRON" | "AUX":
            if verb is not None and not (
                noun is not None and leads and before == "AUX" and verb.inflection in ("base", "s")
            ):
                if before == "AUX" and verb.inflection == "base" and adjective > verb.weight:
                    return "ADJ", None
                return "VERB", verb
            return in_phrase(token, verb, noun, leads, before, acts)
        case "NOUN" | "OTHER":
            if noun is not None and (is_object_with(tokens, index, verb) or is_garment_behind_colour(tokens, index)):
                return "NOUN", noun
            if (
                verb is not None
                and verb.inflection == "base"
                and clause.lets
                and (noun is None or verb.weight >= noun.weight)
            ):
                return "VERB", verb
            if clause.single and verb is not None and verb.inflection == "s" and (noun is None or noun.plural):
                return "VERB", verb  # "a chef plates scallops": one has no plural
            if verb is not None and acts_here(tokens, index, verb, noun, clause):
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
                        following in (*GOES_ON, "PREP", "TO", "ADV", "CONJ", "END", "COMMA")
                        and (noun.weight <= verb.weight + 1 or following in GOES_ON)
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
                and (following in GOES_ON or verb.weight > noun.weight + 1)
            ):
                return "VERB", verb
            if (
                verb is not None
                and noun is not None
                and not noun.plural
                and not leads
                and _goes_off(tokens, index, verb, clause)
            ):
                return "VERB", verb  # "drops roll down and bead off"
            if noun is None and verb is not None and verb.inflection in ("s", "ed", "ing") and not leads:
                return "VERB", verb
            return in_phrase(token, verb, noun, leads, before, acts)
        case "VERB":
            if verb is not None and verb.inflection == "ing" and (noun is None or noun.weight < verb.weight):
                return "VERB", verb
            if verb is not None and verb.inflection == "ed" and not leads and adjective < 0:
                return "VERB", verb
            linked = tokens[index - 1].use
            if linked is not None and linked.lemma in _LINKING and adjective > token.weight("n") and not leads:
                return "ADJ", None  # "turns pale"
            return in_phrase(token, verb, noun, leads, before, acts)
        case _:  # where a clause begins
            if before == "COMMA" and noun is not None and _ends_apposition(tokens, index, verb, noun, clause):
                return "VERB", verb  # "a keeper, number 4, dives"
            return at_beginning(token, verb, noun, leads, following, before, clause, acts)


def _ends_apposition(tokens: list[Token], index: int, verb: Use | None, noun: Use, clause: Clause) -> bool:
    """Whether a verb stands behind a number between commas that only tells of who does it."""
    if index < 2 or tokens[index - 2].tag != "NUM" or verb is None or verb.inflection != "s":
        return False
    waits = clause.named and not clause.plural and "s" not in clause.inflections
    return waits and verb.weight + 1 >= noun.weight


def _goes_off(tokens: list[Token], index: int, verb: Use, clause: Clause) -> bool:
    """Whether a verb stands behind "and" with nothing but "off", "up" or "away", as no noun does."""
    if verb.inflection != "base" or not clause.plural or index + 1 >= len(tokens):
        return False
    particle = tokens[index + 1]
    turned = particle.word in ("away", "up", "down", "off", "out", "back") or turns(particle.word)
    return turned and next_tag(tokens, index + 1) in ("END", "COMMA", "CONJ", "SUB")
