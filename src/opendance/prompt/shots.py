"""Several shots in one prompt: time ranges (`[0-3s] …`), numbered shots (`Shot 2: …`), and cuts (`cut to …`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECONDS = r"(\d{1,2}(?:\.\d+)?|\d{1,2}:\d{2})"
# No run of white space is looked through again and again: as much of it as anybody means is taken, and not given back.
_GAP = r"\s{0,20}+"
_UNIT = rf"{_GAP}(?:(?:s|secs?|seconds?|秒|초){_GAP})?"
_DASH = rf"(?:-|–|—|~|～|to|至|到|から){_GAP}"
_RANGE = re.compile(
    rf"[\[(（【]{_GAP}{_SECONDS}{_UNIT}{_DASH}{_SECONDS}{_UNIT}[\])）】]{_GAP}[:：]?"
    rf"|(?:(?<=^)|(?<=[\s,.;，。；、]))(?:from\s{{1,20}}+)?{_SECONDS}{_UNIT}{_DASH}{_SECONDS}{_GAP}(?:s|secs?|seconds?|秒|초){_GAP}[:：,，]?",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERED = re.compile(
    r"(?:(?<=^)|(?<=[\s.;。；,，]))(?:shot|scene|镜头|分镜|场景|샷|장면|컷|ショット|シーン|カット)\s*\d{1,2}\s*[:：.、)）]"
    r"|第\s*[一二三四五六七八九十\d]+\s*(?:个镜头|镜|幕|カット)\s*[:：,，]?",
    re.IGNORECASE | re.MULTILINE,
)
_CUT = re.compile(
    r"\b(?:hard |smash |match |jump |then |and then ){0,3}cuts? to:?\b|\bthen we see\b|\bnext shot:?"
    r"|切换到|切换至|切到|切至|镜头切|转场到|转场"
    r"|컷 투|장면 전환|장면이 바뀌|화면이 바뀌|화면 전환|으로 전환"
    r"|カットして|場面転換|シーンが変わ|画面が切り替わ|切り替わって",
    re.IGNORECASE,
)
MIN_SHOT_SECONDS = 0.5
MAX_SHOTS = 12


@dataclass(frozen=True)
class ShotText:
    """The words of one shot and when it stands, s."""

    start: float
    end: float
    text: str


def split_shots(prompt: str, seconds: float) -> list[ShotText]:
    """The shots of `prompt`; they cover 0 to `seconds` without gaps. A prompt without marks is one shot."""
    ranges = list(_RANGE.finditer(prompt))
    if ranges:
        shots = _by_ranges(prompt, ranges, seconds)
        if shots:
            return shots
    for pattern in (_NUMBERED, _CUT):
        parts = [part.strip(" \n\t,.;:，。；：、") for part in pattern.split(prompt)]
        parts = [part for part in parts if part][: min(MAX_SHOTS, int(seconds / MIN_SHOT_SECONDS))]
        if len(parts) > 1 and pattern.search(prompt):
            marks = [m.start() for m in pattern.finditer(prompt)]
            if pattern is _NUMBERED and marks and marks[0] > 0 and len(parts) > len(marks):
                parts = [f"{parts[0]} {part}" for part in parts[1:]]  # what stands before shot 1 holds for all
            length = seconds / len(parts)
            return [ShotText(i * length, (i + 1) * length, part) for i, part in enumerate(parts)]
    return [ShotText(0.0, seconds, prompt.strip())]


def _by_ranges(prompt: str, ranges: list[re.Match[str]], seconds: float) -> list[ShotText]:
    common = prompt[: ranges[0].start()].strip()
    marked: list[tuple[float, float, str]] = []
    for index, match in enumerate(ranges[:MAX_SHOTS]):
        numbers = [_to_seconds(group) for group in match.groups() if group is not None]
        end = ranges[index + 1].start() if index + 1 < len(ranges) else len(prompt)
        text = prompt[match.end() : end].strip(" \n\t,;:，；：")
        if len(numbers) == 2 and numbers[1] > numbers[0] and text:
            marked.append((numbers[0], numbers[1], f"{common} {text}".strip()))
    marked.sort(key=lambda shot: shot[0])
    if not marked:
        return []
    last = max(end for _, end, _ in marked)
    scale = seconds / last if last > seconds + 0.25 else 1.0  # written for a longer clip: all shots get shorter
    starts = [0.0] + [begin * scale for begin, _, _ in marked[1:]]
    ends = [*starts[1:], seconds]
    return [
        ShotText(begin, end, text)
        for begin, end, (_, _, text) in zip(starts, ends, marked, strict=True)
        if end - begin >= MIN_SHOT_SECONDS
    ] or [ShotText(0.0, seconds, marked[0][2])]


def _to_seconds(text: str) -> float:
    minutes, _, rest = text.rpartition(":")
    return float(rest) + 60 * float(minutes or 0)
