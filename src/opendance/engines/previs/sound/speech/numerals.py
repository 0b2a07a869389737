"""Numbers in the words of Chinese, Japanese and Korean; English's are read by its own phonemes."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER = re.compile(r"(\d[\d,]{0,20})(?:\.(\d{1,12}))?(\s?[%％])?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?!\d)")
_POWERS = (1, 10, 100, 1000)
_LARGEST = 10**16  # from there on, and with a nought in front, digits are read one by one

_CHINESE = "零一二三四五六七八九"
_JAPANESE = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
_JAPANESE_TENS = {
    1: ("", "ジュー", "ヒャク", "セン"),
    3: ("サン", "サンジュー", "サンビャク", "サンゼン"),
    6: ("ロク", "ロクジュー", "ロッピャク", "ロクセン"),
    8: ("ハチ", "ハチジュー", "ハッピャク", "ハッセン"),
}
_KOREAN = "영일이삼사오육칠팔구"
_NATIVE_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
# What Korean counts with numbers of its own: hours, people, animals, things, ages, cups, books, times.
_COUNTED = re.compile(
    r"\s?(?:시(?!장|간표|민|내|청|대|속)|명|사람|마리|개(?!월)|살|잔|권|번째|송이|그루|대(?!회|학)|채|켤레|달|가지)"
)
_CHINESE_COUNTED = re.compile("[个只条张本位次天年点岁杯件把辆座种颗匹句]")  # two of these are 两


def chinese(text: str) -> str:
    """`text` with its numbers in characters: 1998年 is 一九九八年, 320 is 三百二十."""
    text = _CLOCK.sub(lambda m: f"{m[1]}点{m[2] if int(m[2]) else ''}{'分' if int(m[2]) else ''}", text)
    text = re.sub(r"(\d{4})(?=年)", lambda m: "".join(_CHINESE[int(digit)] for digit in m[1]), text)

    def said(whole: str, fraction: str, *, percent: bool, behind: str) -> str:
        words = "两" if whole == "2" and _CHINESE_COUNTED.match(behind) else _chinese(whole)
        words += "点" + "".join(_CHINESE[int(digit)] for digit in fraction) if fraction else ""
        return f"百分之{words}" if percent else words

    return _with_numbers(text, said)


def japanese(text: str) -> str:
    """`text` with its numbers in katakana, as they sound: 300 is サンビャク."""
    text = _CLOCK.sub(lambda m: f"{m[1]}時{m[2] + '分' if int(m[2]) else ''}", text)
    text = re.sub(r"(?<!\d)1人", "ヒトリ", text)
    text = re.sub(r"(?<!\d)2人", "フタリ", text)
    text = re.sub(r"(?<=\d)人", "ニン", text)
    text = re.sub(r"(?<=[4４])時|(?<=[4４])年", lambda m: {"時": "ジ", "年": "ネン"}[m[0]], text)
    text = re.sub(r"(?<!\d)(\d*)4(?=ジ|ネン|ニン)", lambda m: f"{m[1] + '0 ' if m[1] else ''}ヨ", text)

    def said(whole: str, fraction: str, *, percent: bool, behind: str) -> str:
        words = _japanese(whole)
        if behind.startswith("時"):
            words = {"ナナ": "シチ", "キュー": "ク"}.get(words, words)
        words += "テン" + "".join(_JAPANESE[int(digit)] for digit in fraction) if fraction else ""
        return f"{words}パーセント" if percent else words

    return _with_numbers(text, said)


def korean(text: str) -> str:
    """`text` with its numbers in Hangul: 3시 30분 is 세 시 삼십 분."""
    text = _CLOCK.sub(lambda m: f"{m[1]}시 {m[2] + '분' if int(m[2]) else ''}", text)

    def said(whole: str, fraction: str, *, percent: bool, behind: str) -> str:
        number = int(whole)
        if not fraction and not percent and 0 < number < 100 and _COUNTED.match(behind):
            tens, ones = divmod(number, 10)
            return ("스무" if number == 20 else _NATIVE_TENS[tens] + _NATIVE_ONES[ones]) + " "
        words = _korean(whole)
        words += "점" + "".join(_KOREAN[int(digit)] for digit in fraction) if fraction else ""
        return f"{words} 퍼센트" if percent else words

    return _with_numbers(text, said)


def _with_numbers(text: str, said: Callable[..., str]) -> str:
    def words(match: re.Match[str]) -> str:
        whole = match[1].replace(",", "")
        comma = "," if match[1].endswith(",") else ""
        behind = text[match.end() : match.end() + 4]
        return said(whole, match[2] or "", percent=match[3] is not None, behind=behind) + comma

    return _NUMBER.sub(words, text)


def _one_by_one(whole: str) -> bool:
    return int(whole) >= _LARGEST or (len(whole) > 1 and whole[0] == "0")


def _groups(number: int) -> list[tuple[int, int]]:
    """Of four digits each, the largest first, without those of zeros: the number, and the power of 10,000 it counts."""
    groups: list[tuple[int, int]] = []
    power = 0
    while number:
        number, group = divmod(number, 10_000)
        if group:
            groups.insert(0, (group, power))
        power += 1
    return groups


def _chinese(whole: str) -> str:
    if _one_by_one(whole):
        return "".join(_CHINESE[int(digit)] for digit in whole)
    if not int(whole):
        return "零"
    out = ""
    for group, at in _groups(int(whole)):
        words, skipped = "", bool(out) and group < 1000
        for place in range(3, -1, -1):
            digit = group // _POWERS[place] % 10
            if digit:
                words += ("零" if skipped else "") + _CHINESE[digit] + ("", "十", "百", "千")[place]
                skipped = False
            elif words:
                skipped = True
        out += words + ("", "万", "亿", "兆")[at]
    return out.removeprefix("一") if out.startswith("一十") else out


def _japanese(whole: str) -> str:
    if _one_by_one(whole):
        return "".join(_JAPANESE[int(digit)] for digit in whole)
    if not int(whole):
        return "ゼロ"
    out = ""
    for group, at in _groups(int(whole)):
        for place in range(3, 0, -1):
            digit = group // _POWERS[place] % 10
            if digit:
                irregular = _JAPANESE_TENS.get(digit)
                out += irregular[place] if irregular else _JAPANESE[digit] + ("", "ジュー", "ヒャク", "セン")[place]
        out += _JAPANESE[group % 10] if group % 10 else ""
        out += ("", "マン", "オク", "チョー")[at]
    return out


def _korean(whole: str) -> str:
    if _one_by_one(whole):
        return "".join("공" if digit == "0" else _KOREAN[int(digit)] for digit in whole)
    if not int(whole):
        return "영"
    out = ""
    for group, at in _groups(int(whole)):
        words = ""
        for place in range(3, -1, -1):
            digit = group // _POWERS[place] % 10
            if digit:
                words += ("" if digit == 1 and place else _KOREAN[digit]) + ("", "십", "백", "천")[place]
        out += ("" if words == "일" and at == 1 else words) + ("", "만", "억", "조")[at]
    return out
