"""Files that stand in a JSON body as data URLs: taken out before the body is read, so that no file becomes a string."""

from __future__ import annotations

import re

from opendance.errors import InvalidRequest

_MOST = 32  # files of one body
_MOST_HEAD = 256  # bytes that a data URL may have before its data
_BEGIN = re.compile(rb'"data:', re.IGNORECASE)
_HEAD = re.compile(rb"data:[\w.+/\\-]{0,127}(?:;[\w=.+-]{1,100}){0,1};base64,", re.IGNORECASE)
_STAND_IN = re.compile(r"https://file-(\d{1,3})\.invalid/")


def taken_out(body: bytes) -> tuple[bytes, list[memoryview]]:
    """The body with the URL of a stand-in for each data URL with base64 in it, and these, see `number_of`.

    Raises:
        InvalidRequest: there are more than any request has.
    """
    whole, files = memoryview(body), list[memoryview]()
    parts: list[bytes | memoryview] = []
    copied = at = 0
    while (match := _BEGIN.search(body, at)) is not None:
        begin = match.start() + 1
        if _HEAD.match(body, begin, begin + _MOST_HEAD) is None:
            at = begin
            continue
        end = body.find(b'"', begin)
        if end < 0:
            break
        if len(files) == _MOST:
            raise InvalidRequest(problem=f"the body has more than {_MOST} data URLs; no request has so many files")
        parts += [whole[copied:begin], b"https://file-%d.invalid/" % len(files)]
        files.append(whole[begin:end])
        copied = at = end
    return b"".join([*parts, whole[copied:]]), files


def number_of(url: str, files: list[memoryview]) -> int | None:
    """Which of the files the URL of a stand-in is for; None for every other URL."""
    match = _STAND_IN.fullmatch(url)
    return int(match[1]) if match is not None and int(match[1]) < len(files) else None
