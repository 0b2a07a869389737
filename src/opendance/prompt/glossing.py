"""Words that only a dictionary has, as known words: what their English meaning is known to be.

A word of the dictionary that is longer than the known one in it takes its place: 龙井 is no well.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from opendance.plan import Language
from opendance.prompt.body_parts import part_named
from opendance.prompt.chinese_glosses import is_known_by_its_end, is_looked_up
from opendance.prompt.chinese_words import split_words
from opendance.prompt.english_words import english_word, uses_of
from opendance.prompt.glosses import Gloss, gloss_of
from opendance.prompt.lexicon import MOST_HITS, UNKNOWN, Hit, Lexicon
from opendance.prompt.particles import WHERE
from opendance.prompt.unknown import NO_THINGS, OTHERS
from opendance.prompt.word_tables import (
    ACTION,
    AGE,
    COLOUR,
    GENDER,
    MATERIAL,
    PART,
    PLACE,
    SETTING,
    SUBJECT,
    VERB,
)

GLOSS = "gloss"
"""The category of a hit's English meaning."""
_OF_THINGS = frozenset(
    each.name for each in (SUBJECT, PLACE, SETTING, VERB, ACTION, COLOUR, MATERIAL, AGE, GENDER, PART)
)
_NAMES = frozenset(each.name for each in (SUBJECT, PLACE, SETTING, COLOUR, MATERIAL, PART))
_COLOURS = (COLOUR.name, MATERIAL.name)
_LOOKS = (COLOUR.name, MATERIAL.name, AGE.name, GENDER.name)
_Span = tuple[int, int, Gloss | None]  # none: a word of the lexicon


def glossed(words: Lexicon, text: str, hits: list[Hit], language: Language) -> list[Hit]:
    """`hits` with those words between and around them that a dictionary glosses.

    Args:
        hits: the known words of `text`, in order.
    """
    if language == "en":
        return hits
    hits = [
        _as_noun(words, text, hit) if language == "ja" else _as_person(words, text, hit)
        for hit in (_without_particle(words, hit) for hit in hits)
        if not _only_qualifies(text, hit) and not (language == "ja" and hit.words in _CHINESE_ALONE)
    ]
    begins = [hit.start for hit in hits]
    out = {id(hit): hit for hit in hits}
    found: list[Hit] = []
    for begin, end, gloss in _words_of(words, text, language):
        if len(out) + len(found) >= MOST_HITS:
            break
        at = bisect_left(begins, begin)
        if at and hits[at - 1].end > begin:
            continue
        inside: list[Hit] = []
        while at < len(hits) and hits[at].start < end:
            inside.append(hits[at])
            at += 1
        if inside and (
            (language == "zh" and is_known_by_its_end(inside, end))
            or (inside[-1].end > end and not (language == "ja" and _are_parts(inside)))
            or (inside[0].start, inside[0].end) == (begin, end)
            or not all(_OF_THINGS.issuperset(hit.meaning) for hit in inside)
        ):
            continue
        if text[begin:end] in NO_THINGS or text[begin:end] in WHERE or text[begin:end] in OTHERS:
            continue
        if language != "zh" and (
            text[begin:end].endswith(_PATTERNS) or (gloss is not None and _OF_A_KIND.match(text, end) is not None)
        ):
            for hit in inside:
                out.pop(id(hit), None)
            continue
        if gloss is None:
            if inside or not found or found[-1].end != begin:
                continue
            meaning = words.meaning(text[begin:end])  # the head of a compound: 川鵜鳥
            if SUBJECT.name not in meaning:
                continue
            found.append(Hit(begin, end, text[begin:end], meaning))
            continue
        if language == "ja" and gloss.adjectives and text.startswith("に", end):
            continue  # 必死に登る: how, not whither
        meaning = meaning_of(words, gloss)
        if meaning is None and (
            not gloss.names or (inside and (any(map(part_named, gloss.nouns)) or not _are_parts(inside)))
        ):
            continue
        for hit in inside:
            out.pop(id(hit), None)
        if _MEMBER.match(text, end) is not None:
            end += 1  # 野球部員 are people as the club is
        found.append(Hit(begin, end, text[begin:end], meaning or {GLOSS: ""}))
    return sorted([*out.values(), *found], key=lambda hit: hit.start) if found else hits


def _are_parts(hits: list[Hit]) -> bool:
    return all(PART.name in hit.meaning for hit in hits)


_CHINESE_ALONE = frozenset(("床", "湯", "面"))  # a bed, a soup and noodles in Chinese alone
# Behind these a noun only says of what kind what follows is: 機械式腕時計, 북유럽풍 원룸.
_OF_A_KIND = re.compile(
    r"(?:式|型|風|用|系|調|柄)(?=の?[一-鿿ァ-ヺ])|だらけ|まみれ"
    r"|(?:풍|식|용|형)(?=의?[ ][가-힣])|투성이|(?:에)?[ ](?:젖은|묻은|난|뒤덮인)(?=[ ][가-힣])"
)
_IN_THE_MANNER_OF = re.compile(r"[一-鿿ァ-ヺー]{2}$")
# Words for what a cloth has on it are no things: 水玉模様, 꽃무늬.
_PATTERNS = ("柄", "模様", "무늬")


def _as_noun(words: Lexicon, text: str, hit: Hit) -> Hit:
    """A form of a verb that a particle makes a noun, as that noun: 灯りが揺れる."""
    if VERB.name not in hit.meaning or SUBJECT.name in hit.meaning or text[hit.end : hit.end + 1] not in ("が", "を"):
        return hit
    gloss = gloss_of(hit.words, "ja")
    meaning = meaning_of(words, gloss) if gloss is not None and gloss.nouns else None
    return hit if meaning is None else Hit(hit.start, hit.end, hit.words, meaning)


_PARTICLES_OF_VERBS = ("를", "을", "を", "で", "로")


def _without_particle(words: Lexicon, hit: Hit) -> Hit:
    """What a verb is done with or to, where its words are only that: 스케이트보드를 타고."""
    name = hit.words[:-1]
    if VERB.name not in hit.meaning or not hit.words.endswith(_PARTICLES_OF_VERBS) or " " in name:
        return hit
    meaning = words.meaning(name)
    return hit if SUBJECT.name not in meaning else Hit(hit.start, hit.end - 1, name, meaning)


_ACTS = re.compile(r"(?:들)?(?:이|가|께서|에게|한테)(?![가-힣])|들")


def _as_person(words: Lexicon, text: str, hit: Hit) -> Hit:
    """A Korean word for a place that first means somebody and does something here, as that: 사원이 웃는다."""
    if PLACE.name not in hit.meaning or SUBJECT.name in hit.meaning or _ACTS.match(text, hit.end) is None:
        return hit
    gloss = gloss_of(hit.words, "ko") if "가" <= hit.words[:1] <= "힣" else None
    meaning = meaning_of(words, Gloss(gloss.nouns[:1], names=True)) if gloss is not None else None
    key = None if meaning is None else meaning.get(SUBJECT.name)
    somebody = meaning is not None and key is not None and words.drawing(key).kind == "person"
    return Hit(hit.start, hit.end, hit.words, meaning) if somebody and meaning is not None else hit


def _only_qualifies(text: str, hit: Hit) -> bool:
    if hit.words == "風" and _IN_THE_MANNER_OF.search(text[max(0, hit.start - 2) : hit.start]) is not None:
        return True  # 小津風の食卓: no wind blows
    return SUBJECT.name in hit.meaning and not text[hit.start].isascii() and _OF_A_KIND.match(text, hit.end) is not None


def meaning_of(words: Lexicon, gloss: Gloss) -> dict[str, str] | None:
    """By category, what a word that is glossed so means; None where it names nothing that is seen and tells no looks."""
    for phrase in gloss.adjectives if not gloss.names else ():
        looks = {name: value for name, value in words.meaning(phrase).items() if name in _COLOURS and phrase != "light"}
        if looks:
            return {**looks, GLOSS: phrase}
    for phrase in gloss.nouns:
        kept = {name: value for name, value in words.meaning(phrase).items() if name in _NAMES}
        if kept:
            return {**kept, GLOSS: phrase}
    for phrase in gloss.nouns:
        head = phrase.rpartition(" ")[2]
        lemma = next((use.lemma for use in uses_of(head) if use.pos == "n"), head)
        known = words.meaning(lemma)
        if SUBJECT.name in known and words.drawings[known[SUBJECT.name]].name.isascii():
            return {SUBJECT.name: UNKNOWN + phrase, GLOSS: phrase}
        if PLACE.name in known:
            return {PLACE.name: known[PLACE.name], SETTING.name: known.get(SETTING.name, "street"), GLOSS: phrase}
        looks = {name: known[name] for name in _LOOKS if name in known}
        if looks:
            return {**looks, GLOSS: phrase}
    for phrase in gloss.nouns:
        head = phrase.rpartition(" ")[2]
        lemma = next((use.lemma for use in uses_of(head) if use.pos == "n"), head)
        entry = english_word(lemma)
        kind = "" if entry is None else entry.kind
        if kind == "place":
            return {PLACE.name: lemma, SETTING.name: words.setting(lemma), GLOSS: phrase}
        if kind not in ("", "part", "process"):
            return {SUBJECT.name: UNKNOWN + phrase, GLOSS: phrase}
    return None


def _words_of(words: Lexicon, text: str, language: Language) -> Iterator[_Span]:
    """The words of a text that are glossed and may name something or tell how it looks, in order."""
    if language == "zh":
        for word in split_words(text):
            if word.part not in "nvaxhwisf" or len(word.text) == 1:
                continue
            gloss = gloss_of(word.text, language)
            if gloss is None or (gloss.verbs and word.part == "v") or not is_looked_up(words, word, gloss):
                continue
            if gloss.nouns or gloss.adjectives:
                yield word.begin, word.end, gloss
    elif language == "ja":
        yield from _japanese(words, text)
    else:
        yield from _korean(words, text)


_LONGEST_JAPANESE = 7
_RUN = re.compile(r"[一-鿿々ァ-ヺー]+")
_TAILS = re.compile(r"[上下中前後横内外奥側的用色製風系式型化達々数]*")


def _japanese(words: Lexicon, text: str) -> Iterator[_Span]:
    for run in _RUN.finditer(text):
        at, end = run.span()
        spans: list[_Span] = []
        while at < end:
            best = _longest(words, text, at, end, first=at == run.start())
            if best is None:
                break
            spans.append(best)
            at = best[1]
        if at >= end or _TAILS.fullmatch(text, at, end) is not None or len(spans) == 1:
            yield from spans


def _longest(words: Lexicon, text: str, at: int, end: int, *, first: bool) -> _Span | None:
    """The longest word of Japanese that begins at `at`, in or over letters that reach to `end`."""
    for stop in range(min(len(text), at + _LONGEST_JAPANESE), at, -1):
        word = text[at:stop]
        if words.meaning(word):
            return at, stop, None
        if (
            stop - at == 1
            or (stop < end and "ァ" <= word[-1] <= "ー" and "ァ" <= text[stop] <= "ー")
            or (stop - at < _LEAST_KANA and not first and word[0] >= "ァ" and word[0] <= "ー")
        ):
            continue
        gloss = gloss_of(word, "ja")
        if gloss is not None and (gloss.names or gloss.adjectives) and not (stop > end and gloss.verbs):
            return at, stop, gloss
    return None


_MEMBER = re.compile(r"員(?![一-鿿])")
_LEAST_KANA = 3
_EOJEOL = re.compile(r"[가-힣]{2,12}")
_PARTICLES = re.compile(
    r"(?:들|님)?(?:이랑|이|가|은|는|을|를|에게서|에게|한테|에서는|에서|에는|에|으로|로|와|과|하고|랑|의|도|처럼|께서|만|까지|부터|보다|마다|조차|이나|나|이며|인|이고|이다|뿐)?"
)


def _korean(words: Lexicon, text: str) -> Iterator[_Span]:
    for eojeol in _EOJEOL.finditer(text):
        begin, end = eojeol.span()
        does = gloss_of(eojeol[0].removesuffix("고") + "다", "ko") if eojeol[0].endswith("하고") else None
        if does is not None and does.verbs:
            continue  # 실패하고: that is done
        for stop in range(end, begin + 1, -1):
            if _PARTICLES.fullmatch(text, stop, end) is None:
                continue
            word = text[begin:stop]
            if words.meaning(word) or word in OTHERS:
                break
            gloss = gloss_of(word, "ko")
            if gloss is not None and gloss.names:
                yield begin, stop, gloss
                break
            if stop - begin >= 4 and (parts := _compound(words, word)) is not None:
                middle, first, second = parts
                if first is not None:
                    yield begin, begin + middle, first
                yield begin + middle, stop, second
                break


def _compound(words: Lexicon, word: str) -> tuple[int, Gloss | None, Gloss | None] | None:
    """Where a word of two nouns is to be cut, and their glosses: None for what the lexicon has."""
    for middle in range(len(word) - 2, 1, -1):
        glosses: list[Gloss | None] = []
        for part in (word[:middle], word[middle:]):
            gloss = gloss_of(part, "ko")
            if SUBJECT.name in words.meaning(part) or PLACE.name in words.meaning(part):
                glosses.append(None)
            elif gloss is not None and gloss.names:
                glosses.append(gloss)
        if len(glosses) == 2:
            return middle, glosses[0], glosses[1]
    return None


_A, _FINALS, _VOWELS = 0xAC00, 28, 588
_DROPPED = (4, 8, 16, 17, 20)  # finals that endings leave on a stem: 간, 갈, 감, 갑, 갔
_LONGEST_END = 3
_UNJOINED = {
    6: (20,),
    9: (8,),
    14: (13,),
    10: (11,),
    1: (0,),
    4: (18, 4),
    0: (18, 0),
}  # vowels of 져, 와, 워, 왜, 해, 써


def verb_meaning(word: str, language: Language) -> str | None:
    """What a form of a verb means in English; None where no dictionary has a verb that it may be a form of.

    Args:
        word: its letters, with what stands before its endings whole.
    """
    for stem in _korean_stems(word) if language == "ko" else _japanese_stems(word):
        gloss = gloss_of(stem, language)
        if gloss is not None and gloss.verbs:
            known = [each for each in gloss.verbs if english_word(each) is not None]
            return (known or gloss.verbs)[0]
    return None


def _korean_stems(word: str) -> Iterator[str]:
    """Verbs as a dictionary has them that a form may be of, the longest first."""
    if word.endswith("하다"):
        yield word
        return
    for length in range(len(word), max(0, len(word) - _LONGEST_END - 1), -1):
        head, last = word[: length - 1], ord(word[length - 1]) - _A
        if not 0 <= last < 19 * _VOWELS:
            continue
        final = last % _FINALS
        yield f"{word[:length]}다"
        bare = last - final if final in _DROPPED else last
        if final in _DROPPED:
            yield f"{head}{chr(_A + bare)}다"
        if bare % _FINALS == 0:
            vowel = bare % _VOWELS // _FINALS
            for other in _UNJOINED.get(vowel, ()):
                yield f"{head}{chr(_A + bare + (other - vowel) * _FINALS)}다"


_ENDS = "るうくぐすつむぶぬ"


def _japanese_stems(word: str) -> Iterator[str]:
    """Verbs as a dictionary has them that a form may be of, the longest first."""
    if word.endswith("する"):
        yield word
        yield word[:-2]
    for length in range(len(word), 0, -1):
        if length < len(word) and not "ぁ" <= word[length] <= "ん":
            return
        yield word[:length]
        yield from (word[:length] + end for end in _ENDS)
