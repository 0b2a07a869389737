"""Where a prompt names an asset: `image 1`, `@Image1`, `【@图片1】`, `图1`, `이미지1`, `画像1`, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opendance.errors import InvalidRequest, Problem
from opendance.plan import AssetKind, AssetReference
from opendance.prompt.lexicon import lexicon
from opendance.prompt.reading import read

_WORDS: dict[AssetKind, str] = {
    "image": r"images?|img|pictures?|photos?|pics?|图片|图像|照片|(?<![\u4e00-\u9fff])图|이미지|사진|그림|画像|イメージ|写真",
    "video": r"videos?|clips?|footage|视频|影片|비디오|동영상|영상|動画|ビデオ|映像",
    "audio": r"audios?|sounds?|music|songs?|音频|音乐|声音|오디오|음악|음성|사운드|音声|オーディオ|音楽",
}
# White space between two parts: as much of it as anybody means, so that no run of it is looked through again and again.
_GAP = r"\s{0,20}+"
_LETTER_UNITS = (
    r"s|k?hz|bits?|secs?|seconds?|segundos?|secondes?|sekunden|minutes?|minutos?|mins?|hours?|horas?|ms|mm|cm|m|fps|frames?|bpm|k|p|px|x|d|"
    r"th|nd|rd|years?|days?|hours?|inch(?:es)?|mb|gb|kb|db|people|persons?|times"
)
_UNITS = r"秒|分|张|個|个|条|枚|本|段|幅|年|点|倍|초|분|장|개|편|컷|년|시|명|배|つ|回|人|歳|時"
# One rule tells a name from a count or a measure. What stands right behind a number belongs to it: "图片2张", "视频4K",
# "photo 35mm". What is parted from it by a blank belongs to it where a blank also parts it from the word before it, as
# in "a video 5 seconds long", but not in "@图片1 张开翅膀", which names picture 1.
_ATTACHED = rf"(?!\d|[.:/]\d|%|-?(?:{_LETTER_UNITS})(?![a-z])|-(?:{_LETTER_UNITS})(?![a-z])|{_UNITS})"
_PARTED = rf"(?!{_GAP}(?:\d|%|x{_GAP}\d|-?(?:{_LETTER_UNITS})(?![a-z])|{_UNITS}))"
_REFERENCE = re.compile(
    "|".join(
        rf"(?P<{kind}>@{_GAP}(?:{words})|(?<![A-Za-z])(?:{words}))(?:{_GAP}(?:#|no\.?|number|[-_]){_GAP})?"
        rf"(?:(?P<{kind}_number>\d{{1,2}}){_ATTACHED}|(?P<{kind}_parted>\s{{1,20}}+\d{{1,2}}){_ATTACHED}{_PARTED})"
        for kind, words in _WORDS.items()
    ),
    re.IGNORECASE,
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "첫": 1, "두": 2, "세": 3, "네": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "최": 1, "最初": 1,
}  # fmt: skip
_KINDS: dict[AssetKind, str] = {
    "image": r"(?:reference )?(?:image|picture|photo)\b(?! of\b)|图片|图像|照片|图|이미지|사진|그림|画像|写真",
    "video": r"(?:reference )?(?:video|clip)\b(?! of\b)|视频|影片|비디오|동영상|영상|動画|ビデオ|映像",
    "audio": r"(?:reference )?(?:audio|sound|song|track)\b(?! of\b)|音频|声音|오디오|음악|음성|音声|オーディオ",
}
_ORDINAL_REFERENCE = re.compile(
    r"(?:\bthe[ ](?P<en>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)[ ]|第(?P<zh>[一二三四五六七八九]|\d)(?:张|个|段|幅|份|条)"
    r"|(?P<ko>첫|두|세|네|다섯|여섯|일곱|여덟|아홉)[ ]?번째[ ]?|(?P<ja>[一二三四五六七八九]|\d)(?:枚|つ|本|個|番)目の|(?P<begin>最初)の)(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
    + r")(?![片像子]|[ ]?(?:frame|shot|프레임|フレーム))",
    re.IGNORECASE,
)
_ORDINAL = {"image": "images", "video": "videos", "audio": "audios"}
_MOST_PARTED = 15  # "music 90", "photo 50": no such number is a name


# "videos 1, 2 and 3", "视频1、2、3", "이미지 1과 2": further numbers of the same kind, each one higher than the last, and
# followed by something that shows that they count nothing else ("image 1, 2 cats").
_NEXT = re.compile(
    rf"{_GAP}(?:,{_GAP}and\b|and\b|[,，、&+]|和|与|及|와|과|랑|と|및|[-–~～]|to\b){_GAP}(?P<number>\d{{1,2}})"
    + _ATTACHED
    + _PARTED
    + rf"(?={_GAP}(?:$|[.,;:，。；：、&)\]】]|(?:and|with|into|as|together|in|to|for|are|is|from|of|at|on|through|seamlessly)\b"
    r"|[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]))",
    re.IGNORECASE,
)
_SPAN = re.compile(rf"{_GAP}(?:[-–~～]|to\b)", re.IGNORECASE)
_COUNTED = re.compile(r"[ ](?P<word>[a-z]{3,16}s)\b", re.IGNORECASE)


def find_references(prompt: str) -> tuple[AssetReference, ...]:
    """Every place in `prompt` that names an asset by number, in order."""
    reading = read(prompt)
    text = reading.text
    references: list[AssetReference] = []

    def add(kind: AssetKind, number: int, begin: int, end: int) -> None:
        first, last = reading.span(begin, end)
        references.append(AssetReference(kind, number, prompt[first:last].strip(), first, last))

    for match in _REFERENCE.finditer(text):  # PR-03
        kind: AssetKind = next(kind for kind in _WORDS if match[kind] is not None)
        number = int(match[f"{kind}_number"] or match[f"{kind}_parted"])
        if match[f"{kind}_parted"] is not None and (number > _MOST_PARTED or _counts(text, match.end(), number)):
            continue
        add(kind, number, match.start(), match.end())
        end = match.end()
        while (further := _NEXT.match(text, end)) is not None:
            last, number = number, int(further["number"])
            span = _SPAN.match(text, end) is not None
            if number <= last or (number > last + 1 and not span) or number > 9:
                break
            for between in range(last + 1, number + 1):
                add(kind, between, further.start(), further.end())
            end = further.end()
    for match in _ORDINAL_REFERENCE.finditer(text):  # PR-03
        kind = next(kind for kind in _KINDS if match[kind] is not None)
        word = next(group for group in match.group("en", "zh", "ko", "ja", "begin") if group is not None).lower()
        add(kind, _ORDINALS.get(word) or int(word), match.start(), match.end())
    return tuple(sorted(references, key=lambda reference: reference.begin))


def _counts(text: str, end: int, number: int) -> bool:
    """Whether a number that ends at `end` counts what follows it: "a picture 2 dogs", but not "image 2 runs"."""
    match = _COUNTED.match(text, end)
    if match is None or number < 2:
        return False
    known = lexicon().meaning(match["word"].lower())
    return "subject" in known and "verb" not in known


def missing_references(
    prompt: str,
    given: Mapping[AssetKind, int],
    *,
    field: str = "prompt",
    given_in: Mapping[AssetKind, str] | None = None,
) -> Iterator[Problem]:
    """Each asset that `prompt` names and that was not given.

    Args:
        given: how many of each kind there are.
        field: where the prompt stands.
        given_in: where the assets of each kind stand, for the message.
    """
    for reference in find_references(prompt):
        count = given[reference.kind]
        if not any(letter.isdigit() for letter in reference.words):
            continue  # "the first picture" may be any picture
        if not 1 <= reference.number <= count:
            have = f"{_ORDINAL[reference.kind]} 1 to {count} are" if count > 1 else f"only {reference.kind} 1 is"
            have = f"no {_ORDINAL[reference.kind]} are" if count == 0 else have
            where = "" if given_in is None else f" in {given_in[reference.kind]}"
            yield Problem(
                field,
                "reference_not_given",
                f"it names {reference.words!r}, but {have} given{where}",
                {"kind": reference.kind, "number": reference.number, "given": count},
                begin=reference.begin,
                end=reference.end,
            )


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
        field, given_in: as in `missing_references`.

    Raises:
        InvalidRequest: the first that was not.
    """
    given: dict[AssetKind, int] = {"image": num_images, "video": num_videos, "audio": num_audios}
    for problem in missing_references(prompt, given, field=field, given_in=given_in):
        raise InvalidRequest.of([problem])
