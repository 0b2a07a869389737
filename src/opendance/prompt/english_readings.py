"""Which of the parts of speech that an English word may be it is, by its neighbours and by what its clause waits for."""

from __future__ import annotations

from opendance.prompt.english_clause import Clause
from opendance.prompt.english_tokens import Token
from opendance.prompt.english_words import Use, english_word
from opendance.prompt.word_tables import COLOUR, SUBJECT

_LONGEST_PHRASE = 4  # words of a noun phrase that are looked at
STARTS_NOUN = ("DET", "NUM", "POSS", "THAT")
_USUAL = 5  # how usual a verb is that is in daily use
_LIKELY = 3  # how much likelier a verb is where the clause before has one of its form
GOES_ON = ("DET", "NUM", "PRON", "THAT")  # what stands behind a verb that is done to something


def is_gerund(tokens: list[Token], index: int) -> bool:
    """Whether the word at `index` ends as gerunds do."""
    return index < len(tokens) and tokens[index].word.endswith("ing")


def next_tag(tokens: list[Token], index: int) -> str:
    """The tag of the next token, as far as it is known without its sentence; empty for a word that may be several."""
    return tokens[index + 1].tag if index + 1 < len(tokens) else "END"


def in_phrase(
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


def says_what_is_done(tokens: list[Token], index: int) -> bool:
    """Whether the word at `index` is a verb of a third person rather than a noun: "fire hides behind"."""
    if index >= len(tokens) or tokens[index].tag:
        return False
    verb, noun = tokens[index].as_verb(), tokens[index].as_noun()
    if verb is None or verb.inflection != "s":
        return False
    return (
        noun is None
        or next_tag(tokens, index) in ("DET", "PRON")
        or (verb.weight + 2 >= noun.weight and next_tag(tokens, index) in ("PREP", "ADV", "TO", "END", "COMMA"))
    )


def has_no_plural(tokens: list[Token], index: int) -> bool:
    """Whether the word at `index`, behind "one" or "each", is no noun, since only a plural has its form."""
    if index + 1 >= len(tokens) or tokens[index].tag:
        return False
    verb, noun = tokens[index].as_verb(), tokens[index].as_noun()
    return verb is not None and verb.inflection == "s" and noun is not None and noun.plural and verb.weight >= 3


def is_colour(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and (hit := tokens[index].hit) is not None and hit.value(COLOUR) is not None


def is_garment_behind_colour(tokens: list[Token], index: int) -> bool:
    """Whether a word is what somebody is in, with its colour before it: "in navy scrubs"."""
    word = english_word(tokens[index].word)
    return (
        index > 1
        and word is not None
        and word.kind in ("clothing", "headgear")
        and is_colour(tokens, index - 1)
        and tokens[index - 2].word in ("in", "wearing")
    )


def is_object_with(tokens: list[Token], index: int, verb: Use | None) -> bool:
    """Whether a word that stands behind a thing named with "a" is one noun with it: "run a lemonade stand"."""
    if verb is None or verb.inflection != "base":
        return False
    before = tokens[index - 1]
    at = index - 1
    while at > 0 and tokens[at].tag in ("NOUN", "ADJ") and index - at <= _LONGEST_PHRASE:
        at -= 1
    if tokens[at].word not in ("a", "an") or at == 0 or tokens[at - 1].tag in ("PREP", "CONJ", "NEG"):
        return False
    word = english_word(before.use.lemma) if before.use is not None else None
    return not _names_somebody(before) and (word is None or word.kind not in ("animal", "bird", "fish", "person"))


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


def acts_here(tokens: list[Token], index: int, verb: Use, noun: Use | None, clause: Clause) -> bool:
    """Whether a word behind a noun says what that does."""
    following = next_tag(tokens, index)
    leads = may_name(tokens, index + 1)
    if verb.inflection == "ing":
        if noun is not None and noun.weight > verb.weight:
            return following in (*GOES_ON, "PREP", "TO", "ADV")
        return True
    if verb.inflection == "ed":
        return noun is None or verb.weight >= noun.weight
    if noun is not None and noun.plural and _is_done(tokens, index + 1) and verb.weight <= noun.weight:
        return False  # "laser beams sweep the lobby"
    if verb.inflection == "s" and noun is not None and is_gerund(tokens, index + 1) and verb.weight <= noun.weight + 1:
        return False  # "storm waves smashing"
    if tokens[index].capital and verb.lemma == tokens[index].word:
        return False  # a 1957 Chevy
    several = tokens[index - 1].use
    if (
        clause.open
        and verb.inflection == "s"
        and noun is not None
        and noun.plural
        and several is not None
        and several.plural
        and not clause.inflections & {"s"}
        and leads
    ):
        return True  # "a man wearing glasses sorts letters"
    doer = index - 1
    while doer > 0 and tokens[doer].tag == "ADV":
        doer -= 1
    somebody = _names_somebody(tokens[doer])
    if noun is not None and verb.weight <= 1 < noun.weight and not (somebody and following in GOES_ON):
        return False  # "toddler twins"
    agrees = clause.plural if verb.inflection == "base" else not clause.plural or clause.among
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
    if (
        clause.open
        and verb.inflection == "s"
        and several is not None
        and several.plural
        and not clause.inflections & {"s"}
    ):
        return True  # "a nurse wearing gloves waters plants"
    if clause.open or (verb.weight == 0 and noun.weight > 0):
        return False
    if (leads or following == "") and somebody and verb.inflection == "s" and not clause.within:
        return verb.weight + _LIKELY >= noun.weight  # "an astronaut plants tomatoes"
    if following in ("COMMA", "END", "CONJ") and somebody and verb.inflection == "s" and not clause.within:
        return verb.weight + _LIKELY >= noun.weight  # "her aunt calls,"
    if leads or following == "":
        return verb.weight + (2 if verb.inflection == "s" else 0) > noun.weight
    waits = clause.plural and not clause.verb and not clause.inflections and verb.inflection == "base"
    return verb.weight + (1 if verb.inflection == "s" else 0 if waits else -1) >= noun.weight


def at_beginning(
    token: Token,
    verb: Use | None,
    noun: Use | None,
    leads: bool,
    following: str,
    before: str,
    clause: Clause,
    acts: bool,
) -> tuple[str, Use | None]:
    """What a word is where a clause begins."""
    if verb is not None and verb.inflection == "ing":
        if noun is None or verb.weight >= noun.weight or following in GOES_ON:
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
        and (verb.inflection in clause.inflections or (clause.named and following in ("DET", "PRON", "NUM")))
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
        and following in ("PREP", "TO", "ADV", "END", "CONJ")
        and verb.weight >= _USUAL
        and (noun is None or verb.weight >= noun.weight + (following in ("END", "CONJ")) * 2)
    ):
        return "VERB", verb  # "her coach, a bald man, watches from the sidelines"
    waits = clause.named and clause.plural and not clause.inflections & {"s", "base"}  # for its verb
    if (
        before == "COMMA"
        and verb is not None
        and verb.inflection == "base"
        and waits
        and following in (*GOES_ON, "PREP", "TO", "ADV")
        and (noun is None or verb.weight + 1 >= noun.weight)
    ):
        return "VERB", verb
    if verb is not None and verb.inflection == "base" and following in ("DET", "PRON") and before in ("END", "COMMA"):
        return "VERB", verb  # an imperative
    if noun is None and verb is not None and verb.inflection == "s" and clause.named:
        return "VERB", verb
    return in_phrase(token, verb, noun, leads, before, acts)


def _rather(verb: Use, noun: Use | None, following: str, before: str, *, goes_on: bool) -> bool:
    """Whether a form is a verb rather than a noun where a clause goes on without naming anybody."""
    if noun is None or following in GOES_ON:
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


def may_name(tokens: list[Token], index: int) -> bool:
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


def by_ending(token: Token, before: str, following: str, leads: bool, clause: Clause) -> tuple[str, Use | None]:
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
        and following in ("DET", "PREP", "PRON", "ADV")
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
