"""Korean and Japanese verbs that no entry has, told by how they end: what is done is kept in its own words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from opendance.prompt.glossing import verb_meaning
from opendance.prompt.lexicon import Verb, lexicon
from opendance.prompt.nouns import Item

_MOST = 40  # of a shot
_EOJEOL = re.compile(r"(?<![가-힣])[가-힣]{2,9}(?![가-힣])")
_DOES = re.compile(
    r"(?P<stem>[가-힣]{1,5}?)(?P<done>하|되|시키)?(?P<end>한다|하는|하고|하며|하면서|해서|하여|해|했다|하자|하다가|하는데|하던|합니다|하려고|하러"
    r"|된다|되는|되고|되어|됩니다|시킨다|시키는|시키고|시켜)"
)
_BARE = re.compile(
    r"(?P<stem>[가-힣]{1,4}?)(?:는다|으며|으면서|면서|며|다가|아서|어서|지만|는데|자마자|으려고|려고|습니다|았다|었다|였다|고|아|어|여|는|자|던)"
)
_AFTER_ARGUMENT = re.compile(r"(?:을|를|이|가|에|에서|로|에게|들이)[ ]{1,2}(?:[가-힣]{2,8}(?:히|게|이)[ ])?$")
_NO_VERBS = frozenset(
    (
        "있는", "있고", "있다", "있으며", "있어", "없는", "없고", "없다", "없어", "하고", "하는", "그리고", "하며", "위해", "향해", "통해", "대해",
        "같은", "되는", "보이는", "모든", "이어", "않고", "않는", "않으며", "말고", "싶어", "따라서", "이어서", "천천히", "가득", "그러다가", "가만히",
        "혼자", "줄지어", "나란히", "모두가", "마치", "서서히", "이어지는", "덮인", "번갈아", "가로질러", "그림자", "한꺼번에", "일제히", "다가", "다시고", "아주", "거의", "매우", "보고", "피자",
        "그러자", "이며", "이고", "한다", "된다", "해서", "하자", "면서", "않아", "않는다", "하지만",
    )
)  # fmt: skip
_AUXILIARY = ("있", "없", "않", "싶")
_N, _SS = 4, 20  # finals of 간다, 갔다

_KANJI_VERB = re.compile(
    r"(?<![一-鿿ァ-ヺー])(?P<stem>[一-鿿]{1,2}(?:[いきぎしじちびみり][一-鿿])?)(?P<tail>[ぁ-ん]{1,10})(?=(?P<next>[、,。.\s]|[一-鿿ァ-ヺ]|$))"
)
_NO_STEM = re.compile(r"[一二三四五六七八九]つ|後ろ|隣り|両側")
_INFLECTED = re.compile(
    r"(?![がをにはのともへやでな]|しい|しく|かった|くな|い$|さ$|か$|から|まで|より|だけ|など|ほど|よう)[ぁ-ん]{0,3}?"
    r"(?:て(?:い[るたく]|く|き|[ぁ-ん]?$)|で(?:い[るた]|$)|た$|だ$|[るうぐすつぬむぶ](?:と|よ|の|$)|く$|ながら|ます|まし|ず|られ|[らわかさたなまば]れ[るたて]|せ[るたて])"
)
_SUSPENDED = re.compile(r"[いきぎしちにびみりえけげせてねべめれ]$")
_SURU = re.compile(r"(?P<stem>[一-鿿]{2,4}|[ァ-ヺー]{3,8})(?P<tail>する|して|した|しな|し(?=[、,])|され|させ|します)")
_AFTER_O = re.compile(
    r"を(?P<stem>[ぁ-ん]{2,7}?)(?P<tail>る|う|く|ぐ|す|つ|む|ぶ|って|んで|いで|して|って|った|した|いた|いだ|んだ)(?=[、,。.\s]|[一-鿿ァ-ヺ]|いる|$)"
)
_CASES = tuple("がをにでとは")
_ARGUMENT_ENDS = "がをにでとはへもらり、,。. くて"


def with_unknown_verbs(text: str, items: list[Item], *, korean: bool) -> list[Item]:
    """`items` and those verbs between them that no entry has, in order."""
    if not text:
        return items
    begins = [item.begin for item in items]
    out = list(items)
    taken: list[tuple[int, int]] = []  # at most `_MOST`
    for begin, end, word in _korean_verbs(text) if korean else _japanese_verbs(text):
        at = bisect_left(begins, end)
        near = items[max(0, at - 2) : at]
        if any(item.end > begin and item.begin < item.end for item in near):
            continue
        if any(item.kind == "verb" and item.end == begin for item in near):
            continue  # 切り始める: it begins to cut
        if any(begin < last and first < end for first, last in taken):
            continue
        taken.append((begin, end))
        meaning = verb_meaning(word, "ko" if korean else "ja")
        verb = Verb(word, word, "idle") if meaning is None else lexicon().verb(meaning)
        out.append(Item("verb", begin, end, verb=verb, form=text[begin:end]))
        if len(out) == len(items) + _MOST:
            break
    return sorted(out, key=lambda item: item.begin)


def _korean_verbs(text: str) -> Iterator[tuple[int, int, str]]:
    for eojeol in _EOJEOL.finditer(text):
        word = eojeol[0]
        if word in _NO_VERBS or word.startswith(_AUXILIARY):
            continue
        does = _DOES.fullmatch(word)
        if does is not None and does["stem"]:
            yield (*eojeol.span(), does["stem"] + "하다")
            continue
        bound = _AFTER_ARGUMENT.search(text[max(0, eojeol.start() - 14) : eojeol.start()]) is not None
        if word.endswith("다") and (ord(word[-2]) - 0xAC00) % 28 in (_N, _SS) and bound:
            yield (*eojeol.span(), word)
        elif bound and (bare := _BARE.fullmatch(word)) is not None:
            yield (*eojeol.span(), bare["stem"] + "다")
        elif bound and (ord(word[-1]) - 0xAC00) % 28 == _N and text[eojeol.end() : eojeol.end() + 1] == " ":
            done = verb_meaning(word, "ko")  # 유리병에 갇힌 요정
            if done is not None:
                yield (*eojeol.span(), word)


def _japanese_verbs(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _SURU.finditer(text):
        if match["tail"] == "し" and text[match.start() - 1 : match.start()] not in _CASES:
            continue
        yield (*match.span(), match["stem"] + "する")
    for match in _KANJI_VERB.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if (before and before not in _ARGUMENT_ENDS) or _NO_STEM.match(text, match.start()) is not None:
            continue
        tail = match["tail"]
        suspended = before in _CASES and match["next"] in ("、", ",") and _SUSPENDED.fullmatch(tail) is not None
        if suspended or (_INFLECTED.match(tail) is not None and (tail != "く" or before == "を")):
            yield match.start(), match.end("tail"), match["stem"] + tail
    for match in _AFTER_O.finditer(text):
        yield match.start("stem"), match.end("tail"), match["stem"] + match["tail"]
