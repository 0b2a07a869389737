"""Where a prompt names an asset: `image 1`, `@Image1`, `【@图片1】`, `图1`, `이미지1`, `画像1`, and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from opendance.errors import InvalidRequest
from opendance.plan import AssetKind, AssetReference

_WORDS: dict[AssetKind, str] = {
    "image": r"image|img|picture|photo|pic|图片|图像|照片|(?<![\u4e00-\u9fff])图|이미지|사진|그림|画像|イメージ|写真",
    "video": r"video|clip|footage|视频|影片|비디오|동영상|영상|動画|ビデオ|映像",
    "audio": r"audio|sound|music|song|音频|音乐|声音|오디오|음악|음성|사운드|音声|オーディオ|音楽",
}
# White space between two parts: as much of it as anybody means, so that no run of it is looked through again and again.
_GAP = r"\s{0,20}+"
# "a video 5 seconds long", "영상 3개", "图片2张": a count or a measure, not a number of an asset.
_NOT_A_NUMBER = (
    rf"(?!{_GAP}(?:s\b|k?hz\b|bits?\b|secs?\b|seconds?|minutes?|mins?\b|ms\b|fps\b|frames?|k\b|p\b|px\b|x\b|%|:\d|\.\d|\d"
    r"|秒|分|张|個|个|条|枚|本|段|幅|초|분|장|개|편|컷|つ|回))"
)
_REFERENCE = re.compile(
    "|".join(
        rf"(?P<{kind}>@{_GAP}(?:{words})|(?<![A-Za-z])(?:{words})){_GAP}(?:(?:#|no\.?|number|[-_]){_GAP})?(?P<{kind}_number>\d{{1,2}}){_NOT_A_NUMBER}"
        for kind, words in _WORDS.items()
    ),
    re.IGNORECASE,
)
_ORDINAL = {"image": "images", "video": "videos", "audio": "audios"}


# "videos 1, 2 and 3", "视频1、2、3", "이미지 1과 2": further numbers of the same kind, each one higher than the last, and
# followed by something that shows that they count nothing else ("image 1, 2 cats").
_NEXT = re.compile(
    rf"{_GAP}(?:,{_GAP}and\b|and\b|[,，、&+]|和|与|及|와|과|랑|と|및|[-–~～]|to\b){_GAP}(?P<number>\d{{1,2}})"
    + _NOT_A_NUMBER
    + rf"(?={_GAP}(?:$|[.,;:，。；：、&)\]】]|(?:and|with|into|as|together|in|to|for|are|is|from|of|at|on|through|seamlessly)\b"
    r"|[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]))",
    re.IGNORECASE,
)
_SPAN = re.compile(rf"{_GAP}(?:[-–~～]|to\b)", re.IGNORECASE)


def find_references(prompt: str) -> tuple[AssetReference, ...]:
    """Every place in `prompt` that names an asset by number, in order."""
    references: list[AssetReference] = []
    for match in _REFERENCE.finditer(prompt):  # PR-03
        kind: AssetKind = next(kind for kind in _WORDS if match[kind] is not None)
        number = int(match[f"{kind}_number"])
        references.append(AssetReference(kind, number, match[0].strip(), match.start(), match.end()))
        end = match.end()
        while (further := _NEXT.match(prompt, end)) is not None:
            last, number = number, int(further["number"])
            span = _SPAN.match(prompt, end) is not None
            if number <= last or (number > last + 1 and not span) or number > 9:
                break
            for between in range(last + 1, number + 1):
                words = further[0].strip()
                references.append(AssetReference(kind, between, words, further.start(), further.end()))
            end = further.end()
    return tuple(references)


def check_references(
    prompt: str,
    *,
    num_images: int,
    num_videos: int,
    num_audios: int,
    field: str = "prompt",
    given_in: Mapping[AssetKind, str] | None = None,
) -> None:
    """Every asset that `prompt` names was given.

    Args:
        field: where the prompt stands, for the message.
        given_in: where the assets of each kind stand, for the message.

    Raises:
        InvalidRequest: the first that was not.
    """
    given: dict[AssetKind, int] = {"image": num_images, "video": num_videos, "audio": num_audios}
    for reference in find_references(prompt):
        count = given[reference.kind]
        if not 1 <= reference.number <= count:
            have = f"{_ORDINAL[reference.kind]} 1 to {count} are" if count > 1 else f"only {reference.kind} 1 is"
            have = f"no {_ORDINAL[reference.kind]} are" if count == 0 else have
            where = "" if given_in is None else f" in {given_in[reference.kind]}"
            raise InvalidRequest(problem=f"{field}: it names {reference.words!r}, but {have} given{where}")
