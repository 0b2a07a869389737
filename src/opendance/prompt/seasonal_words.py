"""What the calendar and the sky have behind them: months, which are no moons, and rain that is over."""

from __future__ import annotations

import re

from opendance.plan import Season
from opendance.prompt.lexicon import Hit
from opendance.prompt.word_tables import IGNORED, SEASON, WEATHER, Category

RAINED: Category[str] = Category("rained")  # it rained before, and rains no more

_MONTH = re.compile(
    r"(?<![\d.])(?:(?P<digits>1[0-2]|0?[1-9])[ ]?(?:月|월(?=[의에은이과초중말,.:\s]|$))|(?P<spelt>十[一二]?|[一二三四五六七八九])月)"
    r"(?!亮|蓝|兰|光|球|饼|餅|牙|色|影|食|蚀|圆|面|相|下(?!旬)|夜(?![晚里空间]))"
)
_MONTHS = {letter: number for number, letter in enumerate("一二三四五六七八九十", 1)} | {"十一": 11, "十二": 12}
# By month, from January on, as most prompts' places have them.
_SEASONS: tuple[Season, ...] = ("winter", "spring", "summer", "autumn")
# How long something takes, and months that are told by another one.
_SPAN_OF_MONTHS = re.compile(
    r"(?:\d{1,3}|[一二两三四五六七八九十几数半]{1,3})[ ]?(?:个|個|ヶ|ケ|か|カ|箇)月(?!亮)|[上下本这每](?:个|個)月(?!亮)|[来先今毎翌](?:々)?月(?!の(?:光|下|出|入り))"
    r"|月(?:曜日?|末|初め|間)|[岁歳蜜]月"
    r"|(?<![가-힣])(?:(?:한|두|세|석|네|넉|다섯|여섯|일곱|여덟|아홉|열|몇|\d{1,2})[ ]?달(?=[ ]?(?:뒤|후|전|동안|간|만에|내내|째|남짓|마다|쯤|정도))|(?:이번|다음|지난|저번)[ ]?달(?![빛밤님])|매달(?=[ ,.]|$))"
)
_RAIN_IS_OVER = re.compile(
    r"\b(?:(?:just |right |soon |shortly )?after (?:the |a |an |some |it )?(?:(?:summer|spring|heavy|light|long|brief|sudden|short|recent|night's|afternoon|evening|passing) ){0,2}"
    r"(?:(?:rain )?showers?|rain(?:s|ed|fall|storm)?|downpour|thunderstorm|cloudburst|(?<!sand )(?<!snow )storm)"
    r"|(?:rain|downpour|shower|storm|drizzle)s? (?:has |had |have )?(?:just |finally |now )?(?:stopped|ended|passed|cleared)"
    r"|it (?:has |had )?just rained|rain-washed|rainwashed|post-rain)\b"
    r"|(?:雨|夕立|通り雨|にわか雨|小雨|大雨|豪雨|土砂降り|嵐)(?:上がり|あがり|の(?:後|あと)|(?:が|も|は)?(?:すっかり|ようやく|やっと)?(?:上がっ[たて]|あがっ[たて]|や(?:んだ|んで|み(?=、))|止(?:んだ|んで|み(?=、))|過ぎ(?:た|て|去っ)))"
    r"|刚?下(?:过|過)(?:了)?(?:一[场場阵陣])?(?:大|小|暴|细|阵)?雨|(?:大|小|暴|阵|骤|雷|春|秋)?雨(?:过后|過後|过天晴|過天晴|后(?!来|春笋)|後|(?:刚刚?|已经?|终于)?停(?:了|后|歇)?(?!不下))"
    r"|(?:비|소나기|장맛비|폭우|빗줄기)(?:가|도)?[ ]?(?:막[ ]|다[ ]|잠시[ ])?(?:온|내린|갠|개인|그친|멎은|지나간)[ ]?(?:뒤|후|직후|다음)"
    r"|(?:비|소나기|장맛비|폭우|빗줄기)(?:가|도)?[ ]?(?:막[ ]|다[ ])?(?:갠|개인|그친|그치고|그쳤|멎은|멎고|멎었|지나간|지나가고)",
    re.IGNORECASE,
)


def seasonal_hits(text: str) -> list[Hit]:
    """The months in `text`, each with its season, spans of months, which mean nothing, and rain that is over."""
    out = [
        Hit(*match.span(), match[0], {SEASON.name: _season(match["digits"] or match["spelt"])})
        for match in _MONTH.finditer(text)
    ]
    out += [Hit(*match.span(), match[0], {IGNORED.name: "words"}) for match in _SPAN_OF_MONTHS.finditer(text)]
    out += [
        Hit(*match.span(), match[0], {WEATHER.name: "clear", RAINED.name: "yes"})
        for match in _RAIN_IS_OVER.finditer(text)
    ]
    return out


def _season(month: str) -> Season:
    return _SEASONS[(int(month) if month.isdecimal() else _MONTHS[month]) % 12 // 3]


def weather_told(hits: list[Hit]) -> list[Hit]:
    """`hits` in the order in which they tell the weather: fog before the rain that is over, and that before rain."""
    if not any(hit.value(RAINED) for hit in hits):
        return hits
    after = [hit for hit in hits if hit.value(WEATHER) not in ("rain", "storm")]
    return sorted(after, key=lambda hit: hit.value(RAINED) is not None)
