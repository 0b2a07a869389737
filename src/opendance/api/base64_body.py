"""A file inside a JSON body, as base64: written to the disk in pieces, without becoming a string or objects."""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import BaseModel, ConfigDict, Field

from opendance.api.reading import json_object, read_as, without_mark
from opendance.catalog import MAX_NAME_LENGTH
from opendance.errors import InvalidRequest

FileName = Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
_PIECE = 1 << 20  # bytes that are decoded at a time: some milliseconds
_MOST_BESIDE = 64 << 10  # bytes of the body beside the file; a body of so few is read as it is
_MOST_QUOTES = 1000
_STAND_IN = "\x1a"  # stands for the file while the rest of the body is read
_DATA_URL = re.compile(rb"data:[\w.+/-]{0,127}(?:;[\w=.+-]{1,127}){0,4};base64,", re.IGNORECASE)
_MOST_HEAD = 1024  # bytes that a data URL may have before its data
# JSON may spell any letter with a backslash; these are the ones of base64, and of its line ends, that some do.
_SPELLED = {
    b"\\/": b"/", b"\\u002b": b"+", b"\\u002B": b"+", b"\\u002f": b"/", b"\\u002F": b"/", b"\\u003d": b"=",
    b"\\u003D": b"=", b"\\n": b"", b"\\r": b"", b"\\t": b"",
}  # fmt: skip
_ALPHABET = bytes.maketrans(b"-_", b"+/")  # that of URLs (RFC 4648, 5) has these two


class Base64Upload(BaseModel):
    """A file in the body, as base64 or as a data URL; for large files the stream upload is better."""

    model_config = ConfigDict(strict=True, extra="ignore")
    base64_data: str = Field(description="The content: base64, or `data:image/png;base64,...`.")
    upload_path: FileName | None = Field(default=None, description="A folder name of your own, kept with the file.")
    file_name: FileName | None = Field(default=None, description="A name of your own.")


def write_base64(body: bytes, path: Path) -> Base64Upload:
    """Write the file that a body brings to `path`; gives what else the body says.

    Raises:
        InvalidRequest: the body is not JSON, has not the fields of `Base64Upload`, or what it brings is not base64.
    """
    body = without_mark(body)
    if len(body) <= _MOST_BESIDE:
        upload = read_as(Base64Upload, json_object(body))
        content = memoryview(upload.base64_data.encode())
    else:
        begin, end = _longest_string(body)
        beside = body[:begin] + json.dumps(_STAND_IN)[1:-1].encode() + body[end:]
        if len(beside) > _MOST_BESIDE:
            raise InvalidRequest(problem=f"the body has {len(beside)} bytes beside base64_data; at most {_MOST_BESIDE}")
        upload = read_as(Base64Upload, json_object(beside))
        if upload.base64_data != _STAND_IN:
            raise InvalidRequest(problem="only base64_data may be so long")
        content = memoryview(body)[begin:end]
    with path.open("wb") as out:
        write_decoded(content, out)
    if not path.stat().st_size:
        raise InvalidRequest(problem="base64_data: must not be empty")
    return upload


def _longest_string(body: bytes) -> tuple[int, int]:
    """Where the longest stretch between two quotation marks begins and ends.

    Raises:
        InvalidRequest: there are too many of them.
    """
    longest, before = (0, 0), -1
    for _ in range(_MOST_QUOTES):
        at = body.find(b'"', before + 1)
        if at < 0:
            return longest
        if before >= 0 and at - before - 1 > longest[1] - longest[0]:
            longest = before + 1, at
        before = at
    raise InvalidRequest(problem="the body has more fields than any upload has")


def write_decoded(content: memoryview, out: BinaryIO, *, field: str = "base64_data") -> None:
    """Write what base64, or a data URL with base64, stands for.

    Args:
        field: where it stands in the request.

    Raises:
        InvalidRequest: it is neither.
    """
    wrong = f"{field}: must be base64 or a data URL with base64"
    at = 0
    if bytes(content[:5]).lower() == b"data:":
        end = bytes(content[:_MOST_HEAD]).find(b",")
        if end < 0 or not _DATA_URL.fullmatch(_unspelled(bytes(content[: end + 1]))):
            raise InvalidRequest(problem=wrong)
        at = end + 1
    left, has_ended = b"", False
    while at < len(content):
        piece = bytes(content[at : at + _PIECE])
        if (escape := piece.rfind(b"\\", len(piece) - 6)) > 0 and at + len(piece) < len(content):
            piece = piece[:escape]  # it may go on in the next piece
        at += len(piece)
        if b"\\" in piece:
            piece = _unspelled(piece)
        letters = left + piece.translate(_ALPHABET, b" \t\r\n\x0b\x0c")
        whole = len(letters) if at >= len(content) else len(letters) // 4 * 4
        letters, left = letters[:whole], letters[whole:]
        if has_ended and letters:
            raise InvalidRequest(problem=wrong)
        has_ended = letters.endswith(b"=")
        if at >= len(content) and not has_ended:
            letters += b"=" * (-len(letters) % 4)  # may be left out, as in JWT and Go's RawURLEncoding
        try:
            out.write(base64.b64decode(letters, validate=True))
        except (binascii.Error, ValueError):
            raise InvalidRequest(problem=wrong) from None


def _unspelled(text: bytes) -> bytes:
    for spelled, letter in _SPELLED.items():
        text = text.replace(spelled, letter)
    return text
