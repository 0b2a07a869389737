"""Words that no entry of the lexicon has: nouns among them are shown all the same, the rest is told."""

from __future__ import annotations

import re
from bisect import bisect_left
from pathlib import Path

from pydantic import TypeAdapter

from opendance.plan import Language
from opendance.prompt.lexicon import Hit, lexicon
from opendance.prompt.named_people import named_people
from opendance.prompt.nouns import Noun
from opendance.prompt.quantities import Count
from opendance.prompt.reading import Reading
from opendance.prompt.stand_ins import ACTING_PEOPLE, drawing_of_unknown
from opendance.prompt.word_tables import COLOUR, SUBJECT, VERB, Drawing
from opendance.typed_toml import read_toml

MOST_UNUSED = 60
_MOST_NOUNS = 8  # of a shot
_WORD = re.compile(r"[a-z][a-z'-]{1,24}[a-z]|[一-鿿]{2,8}|[ァ-ヺー]{2,16}|[가-힣]{2,12}", re.IGNORECASE)
_ENGLISH = re.compile(
    r"(?<![\w'])(?:an?|the|his|her|their|its|two|three|four|several|some)[ ](?P<phrase>[a-z'-]{2,24}(?:[ ][a-z'-]{2,24}){0,3})",
    re.IGNORECASE,
)
_KOREAN = re.compile(
    r"(?<![가-힣])(?P<phrase>[가-힣]{2,7}?)(?P<case>들이|들을|이|가|에게|와|과|께서)(?![가-힣])|(?<![가-힣])(?P<thing>[가-힣]{1,7}?)(?:(?:들을|을|를)(?![가-힣])"
    r"|(?=(?:[ ](?:위|안|옆|앞|뒤|밑|속|아래)(?:에서|에|으로|로)|[ ](?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|\d(?!\d))[ ]?(?:명|마리|대|개|송이|그루|척|분|잔|장|권|병|줄기|조각|자루|켤레|벌|다발|접시|그릇|알|통|포기|쌍|캔|봉지|상자)(?:이|가|은|는|을|를|의|와|과|[ ,.])|에[ ](?:앉|놓|담|넣|올|꽂|걸|기대|누|싣|내려|붓|매달|심|타고|탄|탄다|탑승|박))))"
)
_JAPANESE = re.compile(
    r"(?<![ァ-ヺー一-鿿])(?:[おご](?=[一-鿿]))?(?P<phrase>[ァ-ヺー]{3,14}|[一-鿿]{1,6}(?:[いきぎしちにびみりえけげせてねべめれ][一-鿿]{0,2})?|[一-鿿]{1,2}[いきぎしちびみりえけげせてねべめれうくすつむぐぶゆ]{1,2}[一-鿿]{1,2}|[一-鿿]{1,2}[ァ-ヺー]{2,6}|[ァ-ヺー]{2,6}[一-鿿]{1,3})"
    r"(?:たち|達|ら)?(?=(?P<case>が|を|は(?![、]?な)|の[上中横隣前下](?=[にでをへの])|姿の|に(?=座|置|入れ|乗|載|盛|掛け|並|積|寄りかか|腰|注|差し|刺|立|書|貼|浮|沈|落|刻|詰|巻|結|映))(?!って|り))"
)
_COUNTED_PEOPLE = re.compile(
    r"[ ](?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|수십|수백|수천|여러|\d{1,2})[ ]?(?:명|분)|[がはをも]?(?:[一二三四五六七八九十数百千]{1,3}|\d{1,2})[人名]"
)
_COUNTED_IN = re.compile(r"(?<=[一-鿿ァ-ヺー])[一二三四五六七八九十百千数]{1,3}[人名匹頭体台]$")
_COLOURS = "黒白赤青金銀茶"  # 黒馬, 白狐
# A word that this follows is something to wear: 두루마기를 걸친, 法被を羽織った.
_WORN = re.compile(
    r"(?:을|를)[ ](?:입|신|걸친|걸치|두른|두르|차려|착용|벗)|を(?:着|羽織|まと|履|はい|かぶ|被|脱|身に着け|身につけ)|姿の|[ ]차림"
)
_CHINESE = re.compile(
    r"[一两三几这那][个只位名条匹座艘辆架把件台](?:[一-鿿]{1,4}的)?(?P<phrase>[一-鿿]{2,4}?)(?=[在正站坐跑飞走把被从向，。,.;；、\n ]|$)"
)
_PATTERNS: dict[Language, re.Pattern[str]] = {"en": _ENGLISH, "ko": _KOREAN, "ja": _JAPANESE, "zh": _CHINESE}
_NO_THINGS = read_toml(Path(__file__).parent / "no_things.toml", TypeAdapter(dict[str, frozenset[str]]))
_STOP, _ABSTRACT, OTHERS = _NO_THINGS["function"], _NO_THINGS["abstract"], _NO_THINGS["others"]
NO_THINGS = _STOP | _ABSTRACT
_ENDS = ("ly", "ing", "ed", "ness", "ment", "tion", "sion", "ity", "ous", "ful", "less", "ive", "ic", "al", "ish")


def unknown_nouns(
    text: str, span: tuple[int, int], hits: list[Hit], counts: list[Count], language: Language
) -> list[Noun]:
    """Nouns of a shot that no word of the lexicon names: told by articles, particles and measure words."""
    out: list[Noun] = []
    if language == "zh":
        return out  # `chinese_clauses.py` finds them among its words
    begins = [hit.start for hit in hits]
    out += named_people(text, span, hits, language)
    counted = [count.end for count in counts]
    for match in _PATTERNS[language].finditer(text, *span):
        group = "thing" if language == "ko" and match["phrase"] is None else "phrase"
        begin, end = match.span(group)
        if language == "ja" and (counted_in := _COUNTED_IN.search(match[group])) is not None:
            end = begin + counted_in.start()  # 敵兵数百人
        word = text[begin:end]
        if group == "thing" and match[group][-1:] in "은는" and text[end : end + 1] == " ":
            continue  # 스승은 뒤에서
        if language == "ko" and match["case"] == "가" and match[group].endswith("다"):
            continue  # 보내다가: while that is done
        if any(noun.begin < end and begin < noun.end for noun in out):
            continue
        people = _COUNTED_PEOPLE.match(text, end) is not None
        if (word in OTHERS and not people) or (language == "ja" and match[group].endswith(("に", "を"))):
            continue
        at = bisect_left(begins, begin)
        if at and hits[at - 1].end > begin:
            continue
        number = bisect_left(counted, begin + 1)
        if language == "ko" and any(
            each.begin <= begin and each.end >= end for each in counts[max(0, number - 1) : number + 1]
        ):
            continue  # 두 개를
        if number < len(counts) and counts[number].begin < end and (language == "en" or counts[number].begin >= begin):
            continue
        if language == "en" and at < len(hits) and hits[at].start == begin and hits[at].value(SUBJECT) is None:
            begin = min(end, hits[at].end + 1)  # "a wooden hive": past what tells of its looks
            at += 1
        if at < len(hits) and hits[at].start < end:
            if (
                language != "en"
                and not _only_begins(hits[at], begin, word, group, people=people)
                and not (people and _is_nothing(hits[at]))
            ):
                continue
            end = end if language != "en" else hits[at].start
        phrase = text[begin:end].rstrip()
        follows_known = at < len(hits) and not text[begin + len(phrase) : hits[at].start].strip()
        if (
            follows_known
            and hits[at].value(VERB) is not None
            and len(phrase.split()) == 1
            and phrase.lower() not in _ABSTRACT
        ):
            follows_known = False  # it does something
        if language == "en":
            words = phrase.lower().split()
            stop = next((k for k, word in enumerate(words) if word in _STOP), len(words))
            if stop == len(words) and follows_known:
                continue  # they qualify the word that follows
            words = words[:stop]
            if not words or words[-1] in _ABSTRACT or words[-1].endswith(_ENDS) or len(words[-1]) < 3:
                continue
            name = words[-1]
            where = text.lower().find(name, begin)
            begin, end = where, where + len(name)
            name = name.removesuffix("'s")
        else:
            name = phrase
        drawing = None
        if language in ("ko", "ja"):
            acts = people or (group == "phrase" and match["case"] in ("이", "가", "들이", "께서", "에게", "が", "は"))
            drawing = drawing_of_unknown(lexicon(), name, acts=acts)
            dressed = drawing is not None and drawing.kind in ("clothing", "headgear")
            if not dressed and _WORN.match(text, end):
                drawing = Drawing("👕", name, "clothing", drawn=False)
            if drawing is None and (people or text.startswith(("たち", "達"), end)):
                drawing = Drawing("🧑", name, "person", role=name)
        role = drawing.role if drawing is not None else None
        noun = Noun(begin, end, text[begin:end], name, drawing, role=role)
        if language == "ja" and drawing is not None and drawing.kind in ("animal", "bird") and name[0] == "子":
            noun.age = "child"  # 子狼
        if language == "ja" and drawing is not None and len(name) == 2 and name[0] in _COLOURS:
            noun.colour = lexicon().meaning(name[0]).get(COLOUR.name)  # type: ignore[assignment]
        out.append(noun)
        if len(out) == _MOST_NOUNS:
            break
    return out


def _only_begins(hit: Hit, begin: int, word: str, group: str, *, people: bool) -> bool:
    """Whether a known verb is only the begin of who does something: 비행사가."""
    return (
        (group == "phrase" or people)
        and "가" <= word[0] <= "힣"
        and hit.start == begin
        and hit.end == begin + len(word) - 1
        and hit.value(VERB) is not None
        and hit.value(SUBJECT) is None
        and word.endswith(ACTING_PEOPLE)
    )


def _is_nothing(hit: Hit) -> bool:
    """Whether a word is only known to name nothing that is seen."""
    return set(hit.meaning) == {"gloss"}


def unused_words(reading: Reading, text: str, hits: list[Hit], used: list[tuple[int, int]]) -> tuple[str, ...]:
    """Words with a meaning that changed nothing, as the prompt has them, the first `MOST_UNUSED`."""
    taken = bytearray(len(text) + 1)
    for begin, end in used:
        taken[begin:end] = b"\x01" * (end - begin)
    silent = [(hit.start, hit.end) for hit in hits if "ignored" in hit.meaning]
    for begin, end in silent:
        taken[begin:end] = b"\x01" * (end - begin)
    out: dict[str, None] = {}
    for match in _WORD.finditer(text):
        if match[0].lower() in _STOP or any(taken[match.start() : match.end()]):
            continue
        out[reading.words(*match.span())] = None
        if len(out) == MOST_UNUSED:
            break
    return tuple(out)
