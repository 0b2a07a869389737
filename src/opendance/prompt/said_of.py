"""What the words of a shot say of its things and places besides: "half-eaten", "a flooded alley", 沉没的."""

from __future__ import annotations

from collections.abc import Sequence

from opendance.prompt.chinese_qualities import phrase_of as chinese_phrase_of
from opendance.prompt.chinese_qualities import qualities_of
from opendance.prompt.chinese_words import Word
from opendance.prompt.english_hits import TaggedText
from opendance.prompt.english_noun_phrases import phrase_of as english_phrase_of
from opendance.prompt.english_tokens import Token
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import lexicon
from opendance.prompt.nouns import Doing, Noun
from opendance.prompt.scenes import Scene

_USUAL_VERB = 3  # how usual a participle's verb is that tells a deed


def note_qualities(text: str, scene: Scene, words: TaggedText | None, explanations: Explanations) -> None:
    """Notes what English or, without `words`, Chinese words say of each noun and place."""
    for noun in [*scene.nouns, *(worn for each in scene.nouns for worn in each.wears)]:
        said = words.qualities.get(noun.end, []) if words is not None else qualities_of(text, noun.begin, noun.end)
        if not said or (noun.qualities and noun.inherited):
            continue
        noun.qualities = tuple(dict.fromkeys([*(text[each.begin : each.end] for each in said), *noun.qualities]))
        _note_deeds_said(noun, said)
        for each in said:
            explanations.reason("quality", f"{noun.name}: {text[each.begin : each.end]}", each.begin, each.end)
    for item in scene.places:
        span = (item.begin, item.end)
        scene.phrases[item.begin] = (
            english_phrase_of(words.tokens, *span) if words is not None else chinese_phrase_of(text, *span)
        )


def _note_deeds_said(noun: Noun, said: Sequence[Token | Word]) -> None:
    """Notes what participles before a noun say that it does: "a sleeping toddler"."""
    for each in said:
        use = each.as_verb() if isinstance(each, Token) else None
        if use is None or use.inflection != "ing" or use.weight < _USUAL_VERB or noun.worn:
            continue
        verb = lexicon().verb(use.lemma)
        if all(doing.verb.lemma != verb.lemma for doing in noun.deeds):
            noun.deeds.append(Doing(verb))
            noun.verb = noun.verb or verb
