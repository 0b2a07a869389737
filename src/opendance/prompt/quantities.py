"""How many of something: numbers and words for numbers that count what is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = {
    "a single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "half a dozen": 6, "half-dozen": 6, "a handful of": 5, "a trio of": 3, "a couple": 2, "eleven": 11, "twelve": 12, "a dozen": 12, "dozens of": 9, "hundreds of": 12, "thousands of": 12, "several": 4, "many": 7,
    "a few": 3, "few": 3, "flock of": 7, "herd of": 6, "school of": 8, "pair of": 2, "couple of": 2, "group of": 5,
    "crowd of": 8, "pack of": 5, "swarm of": 9, "row of": 5, "twin": 2, "countless": 12, "a lot of": 7,
}  # fmt: skip
_CHINESE = {
    "一": 1, "两": 2, "兩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "几": 4, "数": 4,
}  # fmt: skip
_KOREAN = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "몇": 3}
_ALONE = {"둘": 2, "셋": 3, "넷": 4}
_JAPANESE_COUNTERS = r"匹|頭|羽|人|台|隻|艘|本|輪|つ|個|枚|体|名|両|冊|杯|機|足|組|皿|箱|粒|棟|軒|玉"
_CHINESE_COUNTERS = r"只|隻|个|個|位|名|头|頭|匹|条|條|群|辆|輛|艘|朵|棵|座|对|双|片|张|把|架|杯|碗|盘|颗|株|队|堆|排|本|支|枝|盏|瓶|罐|壶|桶|串|扇|根|粒|束|尊|顶|袋|块|幅|滴|缕|簇|捧|股|间|所|伙|件"
_KOREAN_COUNTERS = r"마리|명|사람|대(?!의)|개|송이|그루|채|척|잔|그릇|권|쌍|분|자루|벌|병|조각|장|켤레|짝|줄기|가닥|포기|접시|상자|알|점|통|단|팀"
_COUNT = re.compile(
    r"\b(?P<word>" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")\b"
    rf"|(?P<zh>十几|几十|数十|上百|数百|成百|成千上万|[一二三四五六七八九]?十[一二三四五六七八九]?|[一两兩二三四五六七八九十几数]|\d{{1,2}})(?P<zhc>{_CHINESE_COUNTERS})(?!人称)"
    rf"|(?P<ja>[一二三四五六七八九十数]|\d{{1,2}})[ ]?(?P<jac>{_JAPANESE_COUNTERS})(?:ほど|くらい|ぐらい|ばかり)?(?:の|(?!称))"
    rf"|(?<![가-힣])(?P<tens>수십|수백|수천|십여|몇십)[ ]?(?:{_KOREAN_COUNTERS})(?:의[ ]?)?"
    rf"|(?<!\d)(?!세단|세대|한대|한장|한점|한통|두대|세장)(?P<ko>한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|몇|\d{{1,2}})[ ]?(?P<koc>{_KOREAN_COUNTERS})(?:의[ ]?)?(?![가-힣]{{3}})"
    r"|(?<![가-힣\d])(?:(?P<alone>둘|셋|넷)(?=이|은|을|의|[ ,.]|$)|(?P<bare>두|세|네|다섯|여섯|일곱|여덟|아홉|열)(?=[ ][가-힣]))"
    r"|(?P<many>成群的|一群|许多|无数的?|很多|여러|수많은|많은|무리|떼|たくさんの|群れ|無数の|大勢の|多くの)"
    r"|(?<![\w.:/])(?P<digits>\d{1,2})(?=[ ][a-z一-鿿가-힣ぁ-ヿ])",
    re.IGNORECASE,
)
_MANY = {"여러": 5, "一群": 7, "무리": 6, "떼": 8, "群れ": 7}
_MOST = 12


@dataclass(frozen=True)
class Count:
    """How many; `measured`: with a word that counts such things, as 마리 counts animals."""

    begin: int
    end: int
    number: int
    measured: bool


def counts_of(text: str, measures: list[tuple[int, int]]) -> list[Count]:
    """Where `text` counts something; `measures`: places of numbers that do not."""
    out: list[Count] = []
    taken = sorted(measures)
    at = 0
    for match in _COUNT.finditer(text):
        while at < len(taken) and taken[at][1] <= match.start():
            at += 1
        if at < len(taken) and taken[at][0] < match.end() and match["digits"] is not None:
            continue
        number = (
            _WORDS[match["word"].lower()] if match["word"] else
            _number(match["zh"], _CHINESE) * (7 if match["zhc"] in ("群", "队", "堆", "排") else 2 if match["zhc"] in ("对", "双") else 1) if match["zh"] else
            _number(match["ja"], _CHINESE) if match["ja"] else
            _number(match["ko"], _KOREAN) * (2 if match["koc"] == "쌍" else 1) if match["ko"] else
            _ALONE[match["alone"]] if match["alone"] else _KOREAN[match["bare"]] if match["bare"] else
            _MOST if match["tens"] else
            _MANY.get(match["many"], 8) if match["many"] else int(match["digits"])
        )  # fmt: skip
        out.append(Count(match.start(), match.end(), max(1, min(_MOST, number)), match["digits"] is None))
    return out


def _number(text: str, words: dict[str, int]) -> int:
    if text in words:
        return words[text]
    return int(text) if text.isdecimal() else _MOST  # 十几, 三十二: more than are drawn
