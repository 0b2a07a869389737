"""What an edit of footage asks for: what is changed, and into what.

Nothing is removed but where removal is asked; what nobody can tell leaves the footage as it is but for light, weather and
style, which are the shot's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from opendance.plan import Colour, EditAct
from opendance.prompt.lexicon import Hit, lexicon
from opendance.prompt.word_tables import COLOUR, SUBJECT

_REMOVES = re.compile(
    r"\b(?:remov\w{1,5}|delet\w{1,5}|eras\w{1,5}|get(?:s|ting)? rid of|take (?:out|away)|cut out)\b"
    r"|删除|去掉|移除|去除|抹掉|擦除|제거|삭제|지우|지워|없애|削除|取り除|消して|消し|消す",
    re.IGNORECASE,
)
_REPLACES = re.compile(
    r"\b(?:replac|swap|substitut|exchang|chang|turn|transform|convert)\w{0,8}\b"
    r"|替换|换成|更换|换为|换掉|改成|改为|变成|교체|바꾸|바꿔|변경|대체|置き換え|差し替え|入れ替え|変更|変え",
    re.IGNORECASE,
)
_ADDS = re.compile(r"\b(?:add|insert|put)(?:s|ing)?\b|添加|增加|加上|추가|加え|追加", re.IGNORECASE)
_RECOLOURS = re.compile(
    r"\bcolou?rs?\b|\brecolou?r\w{0,4}\b|\b(?:make|turn|paint|dye|tint|chang)\w{0,3}\b|颜色|换成|改成|改为|变成|染成|涂成"
    r"|색|바꾸|바꿔|변경|칠해|만들|色|変え|変更|塗|染め|にして",
    re.IGNORECASE,
)
# Not things: what may not be taken for the thing that an edit is about.
_LETTERS = re.compile(
    r"\b(?:sub)?titles?\b|\bcaptions?\b|\bwatermarks?\b|\blogos?\b|\btexts?\b|字幕|水印|文字|자막|워터마크|글자|テロップ|透かし",
    re.IGNORECASE,
)
_NO_THINGS = re.compile(
    r"\b(?:videos?|clips?|footage|it|style|weather|light\w{0,4}|time|hour|season|sky|mood|look|scene|atmosphere|colou?rs?"
    r"|day|night|tone|grad\w{1,4})\b|视频|风格|天气|光|时间|季节|天空|色调|氛围|场景|画面|영상|스타일|날씨|조명|시간|계절|하늘|분위기"
    r"|動画|スタイル|天気|光|時間|季節|空|雰囲気",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"\b(?:back(?:ground|drop)|surroundings?)\b|背景|배경", re.IGNORECASE)
_KEEPS = re.compile(
    r"(?:,|;|\bbut\b|\band\b|\bwhile\b)\s{0,5}(?:keep|keeping|leave|leaving|without|preserv)\w{0,5}\b[^.;]{0,120}"
    r"|保持[^，。]{0,40}|保留[^，。]{0,40}|그대로|유지|そのまま|維持",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"\b(?:with|for|by|to|into)\b|换成|替换成|替换为|换为|改成|改为|变成|(?:으로|로)\s|(?:に|へ)(?=置き換え|変|差し替え|入れ替え|して)",
    re.IGNORECASE,
)

_CHINESE_INSTEAD = re.compile(r"(?:换成|替换成|替换为|换为|改成|改为|变成)(?:一[只个辆条匹头])?([\u4e00-\u9fff]{1,6})")


@dataclass(frozen=True)
class Edit:
    """An edit.

    Attributes:
        act: what is done.
        colour: with `recolour`, the new one.
        instead: with `replace`, the words of what comes in place of the thing; None where only an image can tell.
    """

    act: EditAct
    colour: Colour | None = None
    instead: str | None = None


def edit_of(sentence: str, target: str | None = None) -> Edit:
    """What a sentence that edits footage asks for, in English, Chinese, Korean or Japanese.

    Args:
        target: the words that seem to be what the edit is about, whether they are a thing or not.
    """
    changed = _KEEPS.sub(" ", sentence)
    if _LETTERS.search(changed):
        return Edit("look")
    if _REMOVES.search(changed):
        return Edit("remove" if not _BACKGROUND.search(changed) else "look")
    if _ADDS.search(changed):
        return Edit("add")
    if _BACKGROUND.search(changed):
        return Edit("background")
    hits = lexicon().hits(changed)
    things = [hit for hit in hits if hit.value(SUBJECT) is not None]
    colours = [hit for hit in hits if hit.value(COLOUR) is not None]
    mark = _into(changed)
    is_thing = bool(things) or (target is not None and not _NO_THINGS.search(target))
    if is_thing and colours and _RECOLOURS.search(changed) and not _is_of_a_new_thing(colours[-1], things, mark):
        return Edit("recolour", colours[-1].value(COLOUR))
    if is_thing and _REPLACES.search(changed):
        return Edit("replace", None, _instead(changed, things, mark))
    return Edit("look")


def _into(text: str) -> int | None:
    """Where the words for the old thing end and those for the new begin."""
    marks = list(_WITH.finditer(text))
    return marks[-1].start() if marks else None


def _is_of_a_new_thing(colour: Hit, things: list[Hit], mark: int | None) -> bool:
    """Whether the colour is that of what comes instead: "the car with a red bus"."""
    return mark is not None and colour.start >= mark and any(thing.start >= colour.end for thing in things)


def _instead(text: str, things: list[Hit], mark: int | None) -> str | None:
    """The words of the thing that comes instead; in Korean and Japanese they stand before their particle."""
    if mark is None:
        return None
    after = [thing for thing in things if thing.start >= mark]
    if after:
        return after[0].words
    if (chinese := _CHINESE_INSTEAD.search(text)) is not None:
        return chinese[1]
    before = [thing for thing in things if thing.end <= mark]
    return before[-1].words if len(before) > 1 and re.search(r"[가-힣\u3040-\u30ff]", text) else None
