"""Numbers that count nothing: ages, lengths, lenses, ratios, clock times, years, and what some of them say."""

from __future__ import annotations

import re

from opendance.plan import Age, Hour

_GAP = r"[ \t]{0,3}+"
_AGE = re.compile(
    rf"(?<!\d)(\d{{1,3}})[- ]?(?:years?|yrs?)[- ]?(?:olds?)\b|\baged[ ](\d{{1,3}})\b|\bin (?:his|her|their) (?:late |early |mid[- ]?)?(\d0)s\b"
    r"|\b(?:in (?:his|her|their) )?(?:late |early |mid[- ]?)?(?P<tens>teens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)\b(?! (?:style|film|look|movie|aesthetic|music|vibe))"
    r"|\b(?:about|around|nearly|almost|over|maybe)[ ](?P<about>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b(?=[,.;]|$| years)"
    r"|\b(?P<spelt>(?:five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)[- ]years?[- ]old\b"
    rf"|(?<!\d)(\d{{1,3}}){_GAP}(?:多)?(?:岁|歲|세(?![가-힣])|살|歳|才(?![가-힣]))(?:左右|上下|出头)?"
    r"|(?P<zh>[一二两三四五六七八九]?十[一二三四五六七八九]?|[三四五六七八九])(?:来|多|几)?(?:岁|歳|才(?![一-鿿]))(?:左右|上下|出头)?"
    r"|(?<![가-힣])(?P<ko>[이삼사오육칠팔구]?십[일이삼사오육칠팔구]?|(?:열|스물|스무|서른|마흔|쉰|예순|일흔|여든|아흔)[ ]?(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉)?)[ ]?(?:세|살)(?![가-힣]{2})"
    r"|(?<=[가-힣一-鿿ァ-ヺーぁ-ん])[ ]?\((?P<aside>[1-9]\d)(?=[,、)]|세|歳|才|代|대)",
    re.IGNORECASE,
)  # fmt: skip
_CLOCK = re.compile(
    rf"(?<![\d:])(\d{{1,2}})(?::\d{{2}})?{_GAP}(a\.m\.|p\.m\.|am\b|pm\b|o'clock)"
    rf"|(凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|夜里|深夜|새벽|아침|오전|오후|저녁|밤|午前|午後|早朝|朝|夜|深夜){_GAP}(\d{{1,2}}){_GAP}(?:点|时|시|時)",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"(?<![\d.])\d{1,5}(?:[.,/]\d{1,4})?(?:[ \t]{0,2}(?:-|~|–|to)[ \t]{0,2}\d{1,5}(?:\.\d{1,3})?)?[ \t]{0,2}+-?"
    r"(?:s\b|secs?\b|seconds?\b|minutes?\b|mins?\b|hours?\b|hrs?\b|days?\b|weeks?\b|months?\b|years?\b|ms\b|mm\b|cm\b|m\b|km\b|meters?\b|metres?\b|ft\b|foot\b|feet\b|"
    r"inch(?:es)?\b|\"|k\b|p\b|px\b|fps\b|frames?\b|bpm\b|hz\b|khz\b|kg\b|lbs?\b|mph\b|km/h|x\b|d\b|bits?\b|th\b|st\b|nd\b|rd\b|stops?\b|iso\b|"
    r"%|°|degrees?\b|miles?\b|stor(?:y|ies)\b|o'clock|秒|分钟|分|小时|点|时|年|月|日|岁|歳|才|度|米|公里|毫米|厘米|倍|帧|楼|层|级|"
    r"초|분|시간|시|년|월|일|세|살|도|미터|밀리|센티|배|프레임|층|時間|時|ヶ月|メートル|ミリ|センチ|階|フレーム|万画素)"
    r"|(?<![\d])\d{1,5}[:：/]\d{1,5}|(?<!\d)(?:1[4-9]|20|21)\d{2}(?:s\b|年代|년대|年)?(?!\d)"
    r"|\bf/?\d(?:\.\d{1,2})?\b|<[^<>\n]{1,60}>|--\w{1,12}[ \t]{1,4}[\d.:x]{1,12}|:\d\.\d{1,2}|\d\.\d{1,3}|\biso[ \t]?\d{2,5}"
    r"|\bnumber[ ]\d{1,3}\b|第[ \t]?\d{1,3}|\d{1,3}번째|#\d{1,6}|\bno\.?[ \t]?\d{1,3}\b|\b[a-z]{1,12}-?\d{1,5}\b",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?<![\d:])(16|21|9|4|3|1)[ \t]?[:：/x×][ \t]?(16|9|4|3|1)(?![\d:])", re.IGNORECASE)
_OF_SCREENS = ("9:16", "16:9", "21:9")  # nobody means a score or an hour by them
_RATIOS = (*_OF_SCREENS, "1:1", "4:3", "3:4")
_IS_RATIO = re.compile(
    r"ratio|aspect|format|frame|画幅|比例|画面|宽高|横纵|비율|화면비|比率|アスペクト|縦横", re.IGNORECASE
)
_NEARBY = 24  # letters
_LATE = re.compile(r"p\.?m|下午|傍晚|晚上|夜|오후|저녁|밤|午後|中午", re.IGNORECASE)
_NIGHT = re.compile(r"夜|밤|凌晨|새벽|深夜", re.IGNORECASE)


_SPELT = {  # by the first letters
    "teen": 15, "twen": 25, "thir": 35, "fort": 45, "fift": 55, "sixt": 65, "seve": 75, "eigh": 85, "nine": 95, "five": 5, "six": 6,
    "ten": 10, "elev": 11, "twel": 12,
}  # fmt: skip


_UNITS = {
    word: at
    for at, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}


def _spelt(text: str) -> int:
    """An English number in small letters, or the middle of a decade: "nine", "sixty-two", "fifties"; 0 for others."""
    first = text.partition("-")[0]
    return _UNITS.get(first) or _SPELT.get(text[:4], 0)


def _in_digits(text: str) -> int:
    """A Chinese number below a hundred: 四十二."""
    tens, ten, ones = text.rpartition("十") if "十" in text else ("", "", text)
    digits = {letter: number for number, letter in enumerate("一二三四五六七八九", 1)} | {"两": 2}
    return (digits.get(tens, 1) * 10 if ten else 0) + digits.get(ones, 0)


_SINO = str.maketrans("일이삼사오육칠팔구십", "一二三四五六七八九十")
_NATIVE_TENS = {
    "열": 10,
    "스물": 20,
    "스무": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}


def _in_korean(text: str) -> int:
    """A Korean number below a hundred that ages are told in, 칠십 or 열두; 0 for others. What is not told by tens is left out."""
    text = text.strip()
    if "십" in text:
        return _in_digits(text.translate(_SINO))
    tens = next((word for word in _NATIVE_TENS if text.startswith(word)), None)
    return 0 if tens is None else _NATIVE_TENS[tens] + (5 if text != tens else 0)


def age_of(years: int) -> Age:
    """What somebody of so many years is."""
    return "child" if years < 13 else "teen" if years < 20 else "adult" if years < 60 else "elderly"


def ages(text: str) -> list[tuple[int, int, Age]]:
    """Where `text` tells an age in years, and which it is."""
    out: list[tuple[int, int, Age]] = []
    for match in _AGE.finditer(text):
        told = next(group for group in match.groups() if group).lower()
        years = int(told) if told.isdecimal() else _spelt(told) or _in_korean(told) or _in_digits(told)
        out.append((max(match.start(), match.start("aside")), match.end(), age_of(years)))
    return out


def hours(text: str) -> list[tuple[int, int, Hour]]:
    """Where `text` tells the time of a clock, and what part of the day that is."""
    out: list[tuple[int, int, Hour]] = []
    for match in _CLOCK.finditer(text):
        number = int(match[1] or match[4])
        half = match[2] or match[3]
        if half.lower() == "o'clock" or number > 24:
            continue
        if _LATE.match(half) and number < 12 and not (_NIGHT.match(half) and number < 5):
            number += 12
        if half.lower().startswith("a") and number == 12:
            number = 0
        number %= 24
        hour: Hour = (
            "dawn" if 5 <= number < 8 else "day" if 8 <= number < 17 else "golden" if number < 19 and number >= 17
            else "dusk" if number == 19 else "night"
        )  # fmt: skip
        out.append((match.start(), match.end(), hour))
    return out


def ratio_in(text: str) -> tuple[str, tuple[int, int]] | None:
    """The first ratio of width to height that `text` writes in digits, and where it stands."""
    for match in _RATIO.finditer(text):
        ratio = f"{match[1]}:{match[2]}"
        around = text[max(0, match.start() - _NEARBY) : match.end() + _NEARBY]
        if ratio in _OF_SCREENS or (ratio in _RATIOS and _IS_RATIO.search(around)):
            return ratio, match.span()
    return None


def measures(text: str) -> list[tuple[int, int]]:
    """Where `text` has numbers that count nothing that is seen."""
    return [match.span() for pattern in (_AGE, _CLOCK, _MEASURE) for match in pattern.finditer(text)]
