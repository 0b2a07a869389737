"""Several shots in one prompt: time ranges (`[0-3s] …`), numbered shots (`Shot 2: …`), and cuts (`cut to …`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SECONDS = r"(?:\d{1,2}:){0,2}\d{1,2}(?:\.\d{1,3})?"
# No run of white space is looked through again and again: as much of it as anybody means is taken, and not given back.
_GAP = r"\s{0,20}+"
_UNIT_WORD = r"(?:secs?\b|seconds?\b|s(?![A-Za-z])|秒|초)"
_UNIT = rf"{_GAP}(?:{_UNIT_WORD}{_GAP})?"
_DASH = rf"(?:-|–|—|~|～|→|to\b|至|到|から|부터){_GAP}"
_TIMES = re.compile(
    rf"[\[(（【]{_GAP}(?:第{_GAP})?({_SECONDS}){_UNIT}{_DASH}({_SECONDS}){_UNIT}(?:まで|까지)?{_GAP}[\])）】]"
    rf"|(?:(?<=^)|(?<=[\s,.;:，。；、：*|(・•▶■●」]))(?:from\s{{1,20}}+|第)?({_SECONDS}){_UNIT}{_DASH}(?:第{_GAP})?({_SECONDS}){_GAP}{_UNIT_WORD}(?:まで|까지)?"
    rf"|(?:(?<=^)|(?<=[\n.;。；]))[ \t]{{0,8}}+((?:\d{{1,2}}:){{1,2}}\d{{2}}(?:\.\d{{1,3}})?){_GAP}{_DASH}((?:\d{{1,2}}:){{1,2}}\d{{2}}(?:\.\d{{1,3}})?)",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = r"(?:camera[ ]?shot|shot|scene|clip|part|segment|镜头|分镜|场景|画面|镜号|샷|씬|장면|컷|화면|ショット|シーン|カット|場面)"
_WHICH = r"(?:\d{1,2}|[一二三四五六七八九十]{1,2}|one|two|three|four|five|six|[ivx]{1,4}(?![a-z]))"
_LENGTH = r"(?:[\[(（【]\s{0,4}(?:\d{1,2}(?:\.\d)?)\s{0,2}(?:s|secs?|seconds?|秒|초)\s{0,4}[\])）】])"
_NUMBERED = re.compile(
    rf"(?:(?<=^)|(?<=[\s.;。；,，!！?？\[(（【*|]))[\[(（【]?{_WORD}{_GAP}(?:#|no\.?|number|第)?{_GAP}{_WHICH}(?![\w%])[ \t]{{0,8}}+(?=[\[(（【:：.、,)）\]】|\n—–-]|$)"
    rf"|[\[(（【]?第{_GAP}(?:[一二三四五六七八九十]|\d{{1,2}}){_GAP}(?:个镜头|個鏡頭|镜头|镜|幕|场|カット|シーン|ショット|画面)"
    r"|(?:첫|두|세|네|다섯|여섯|마지막)[ ]?(?:번째)?[ ]?(?:장면|샷|컷|씬)(?=[ ]{0,4}[:：,，.(]|은|는|에서)"
    rf"|(?:(?<=^)|(?<=[\s.;]))(?:the )?(?:first|second|third|fourth|fifth|final|last)[ ](?:shot|scene|clip)(?={_GAP}[:：,\-–—(])"
    rf"|(?:(?<=^)|(?<=[.;。；\n]))[ \t]{{0,8}}+[\[(（【]?\d{{1,2}}[\])）】]?[.)）](?={_GAP}(?:shot|scene)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_PAST_MARK = re.compile(
    rf"[\s\])）】:：.、,，|*—–-]{{0,8}}+(?:{_LENGTH})?[\s\])）】:：.、,，|*—–-]{{0,8}}+", re.IGNORECASE
)
_LENGTH_TOLD = re.compile(r"(\d{1,2}(?:\.\d)?)\s{0,2}(?:s|secs?|seconds?|秒|초)", re.IGNORECASE)
_CUT = re.compile(
    r"\b(?:hard |smash |match |jump |then |and then ){0,3}cuts? to(?! (?:black|white|titles?|credits|the (?:left|right|inside|outside|hoop|basket|rim|goal|net))\b):?\b:?|\bthen we see\b|\bnext shot:?|\[cut\]"
    r"|切换到|切换至|切到|切至|镜头切|转场到|转场"
    r"|컷 투|장면 전환|장면이 바뀌|화면이 바뀌|화면 전환|으로 전환"
    r"|カットして|場面転換|シーンが変わ|画面が切り替わ|切り替わって",
    re.IGNORECASE,
)
_EDGE = " \n\t,.;:，。；：、|*-–—"
MIN_SHOT_SECONDS = 0.5
MAX_SHOTS = 12

Span = tuple[int, int]


@dataclass(frozen=True)
class ShotText:
    """The words of one shot and when it stands, s.

    Attributes:
        spans: where its words stand in the prompt; the last one is its own, what stands before holds for all shots.
    """

    start: float
    end: float
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class _Mark:
    begin: int
    end: int
    times: tuple[float, float] | None = None
    length: float | None = None


def split_shots(prompt: str, seconds: float, layout: Sequence[tuple[int, float | None]] = ()) -> list[ShotText]:
    """The shots of `prompt`; they cover 0 to `seconds` without gaps. A prompt without marks is one shot.

    Args:
        layout: where its layout says that shots begin, and how long they are, s.
    """
    marks = _marks(prompt)
    timed = [mark for mark in marks if mark.times is not None]
    if timed and (shots := _by_times(prompt, timed, seconds)):
        return shots
    marks = [mark for mark in marks if mark.times is None] or _enumerated(prompt)
    if not marks and layout:
        marks = [_Mark(begin, begin, None, length) for begin, length in layout]
    if not marks:
        marks = [_Mark(*match.span()) for match in _CUT.finditer(prompt)]
        if marks and (before := _trimmed(prompt, 0, marks[0].begin)) is not None:
            marks.insert(0, _Mark(before[0], before[0]))
    common = _trimmed(prompt, 0, marks[0].begin) if marks else None
    own = [
        (span, mark.length)
        for index, mark in enumerate(marks)
        if (span := _trimmed(prompt, mark.end, marks[index + 1].begin if index + 1 < len(marks) else len(prompt)))
    ][: max(1, min(MAX_SHOTS, int(seconds / MIN_SHOT_SECONDS)))]
    if not own:
        span = _trimmed(prompt, 0, len(prompt), edge=" \n\t") or (0, len(prompt))
        return [ShotText(0.0, seconds, prompt[slice(*span)], (span,))]
    usual = seconds / len(own)
    lengths = [length or usual for _, length in own]
    scale = seconds / sum(lengths)
    shots: list[ShotText] = []
    start = 0.0
    for index, ((span, _), length) in enumerate(zip(own, lengths, strict=True)):
        end = seconds if index == len(own) - 1 else start + length * scale
        shots.append(_shot(prompt, start, end, common, span))
        start = end
    if any(shot.end - shot.start < MIN_SHOT_SECONDS for shot in shots):
        return [_shot(prompt, i * usual, (i + 1) * usual, common, span) for i, (span, _) in enumerate(own)]
    return shots


def _shot(prompt: str, start: float, end: float, common: Span | None, own: Span) -> ShotText:
    spans = (own,) if common is None else (common, own)
    return ShotText(start, end, " ".join(prompt[slice(*span)] for span in spans), spans)


def _trimmed(prompt: str, begin: int, end: int, edge: str = _EDGE) -> Span | None:
    while begin < end and prompt[begin] in edge:
        begin += 1
    while end > begin and prompt[end - 1] in edge:
        end -= 1
    return (begin, end) if end > begin else None


def _marks(prompt: str) -> list[_Mark]:
    """Where shots are marked, by number, by time or by both."""
    found: list[_Mark] = []
    for match in _TIMES.finditer(prompt):
        first, last = [_to_seconds(group) for group in match.groups() if group is not None]
        if last > first:
            found.append(_Mark(match.start(), match.end(), (first, last)))
    found += [_Mark(*match.span()) for match in _NUMBERED.finditer(prompt)]
    found.sort(key=lambda mark: mark.begin)
    marks: list[_Mark] = []
    for mark in found:
        past = _PAST_MARK.match(prompt, mark.end)
        told = _LENGTH_TOLD.search(past[0]) if past is not None else None
        mark = _Mark(mark.begin, past.end() if past else mark.end, mark.times, float(told[1]) if told else None)
        before = marks[-1] if marks else None
        if before is not None and mark.begin <= before.end + 1:
            marks[-1] = _Mark(
                before.begin, max(mark.end, before.end), before.times or mark.times, before.length or mark.length
            )
        else:
            marks.append(mark)
    return marks


_ENUMERATED = re.compile(r"(?:(?<=^)|(?<=[\s.。,、]))[(]?(\d)[)](?=[ ]?[^\W\d])")
_LEAST = 3  # numbers that make a list of shots


def _enumerated(prompt: str) -> list[_Mark]:
    """The shots of a list that runs on in its line: 1) … 2) … 3) …"""
    found = list(_ENUMERATED.finditer(prompt))[: MAX_SHOTS + 1]
    in_order = [int(match[1]) for match in found] == list(range(1, len(found) + 1))
    return [_Mark(*match.span()) for match in found] if in_order and len(found) >= _LEAST else []


def _by_times(prompt: str, marks: list[_Mark], seconds: float) -> list[ShotText]:
    common = _trimmed(prompt, 0, marks[0].begin)
    marked: list[tuple[float, float, Span]] = []
    for index, mark in enumerate(marks[:MAX_SHOTS]):
        span = _trimmed(prompt, mark.end, marks[index + 1].begin if index + 1 < len(marks) else len(prompt))
        if mark.times is not None and span is not None:
            marked.append((*mark.times, span))
    marked.sort(key=lambda shot: shot[0])
    if not marked:
        return []
    last = max(end for _, end, _ in marked)
    scale = seconds / last if last > seconds + 0.25 else 1.0  # written for a longer clip: all shots get shorter
    starts = [0.0] + [begin * scale for begin, _, _ in marked[1:]]
    ends = [*starts[1:], seconds]
    return [
        _shot(prompt, begin, end, common, span)
        for begin, end, (_, _, span) in zip(starts, ends, marked, strict=True)
        if end - begin >= MIN_SHOT_SECONDS
    ] or [_shot(prompt, 0.0, seconds, common, marked[0][2])]


def _to_seconds(text: str) -> float:
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
