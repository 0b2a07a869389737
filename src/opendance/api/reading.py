"""Reading a JSON body into a model of it; what is wrong is told with its place and what would be right.

What cannot be a request is refused by its length before anything is made of it.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import pydantic_core
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from opendance.catalog import (
    MAX_DURATION,
    MAX_PROMPT_LETTERS,
    MAX_REQUEST_BYTES,
    MAX_URL_LENGTH,
    MIN_DURATION,
    AspectRatio,
    Quality,
)
from opendance.errors import InvalidRequest, UnsupportedMediaType
from opendance.validation import in_words, kind_of, shown

if TYPE_CHECKING:  # the command line reads requests too, and serves none
    from fastapi import Request

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
MAX_SEED = 2**32 - 1


def either(choices: Sequence[str]) -> str:
    """The choices in words: `a, b or c`."""
    return choices[0] if len(choices) == 1 else ", ".join(choices[:-1]) + " or " + choices[-1]


def one_of(choices: Sequence[str]) -> BeforeValidator:
    """Lets only these strings through."""
    expected = either([f"'{choice}'" for choice in choices])

    def check(value: object) -> object:
        if value not in choices:
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return value

    return BeforeValidator(check)


def enum(choices: Sequence[str]) -> WithJsonSchema:
    """The schema of one of these strings."""
    return WithJsonSchema({"type": "string", "enum": list(choices)})


def _whole_number(low: int, high: int) -> BeforeValidator:
    def check(value: object) -> object:
        # JSON Schema counts 8.0 as an integer; a string or a boolean is none.
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, int) and not isinstance(number, bool) and not low <= number <= high:
            facts = {"low": low, "high": high, "given": shown(value)}
            raise PydanticCustomError("out_of_range", "must be an integer from {low} to {high}, not {given}", facts)
        return number

    return BeforeValidator(check)


_QUALITIES, _RATIOS = [each.value for each in Quality], [each.value for each in AspectRatio]
QualityName = Annotated[str, one_of(_QUALITIES), enum(_QUALITIES)]
RatioName = Annotated[str, one_of(_RATIOS), enum(_RATIOS)]
Duration = Annotated[int, Field(ge=MIN_DURATION, le=MAX_DURATION), _whole_number(MIN_DURATION, MAX_DURATION)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED), _whole_number(0, MAX_SEED)]
Uri = Annotated[
    str,
    Field(max_length=MAX_URL_LENGTH),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": MAX_URL_LENGTH}),
]
Prompt = Annotated[str, Field(max_length=MAX_PROMPT_LETTERS)]

_SHORT = 16 << 10  # bytes; what takes less time to read than to hand to a thread
_FEW = 64 << 10  # bytes; whatever is in so few, it is read within milliseconds
# Parts that bodies over `_FEW` bytes may have: each mark in a prompt is a token, so none that is possible has more.
_MOST_OF = {b"[": 20_000, b"{": 20_000, b'"': 60_000, b",": 200_000}
_LONGEST_SHOWN = 60  # letters of a media type that are repeated


def check_json(request: Request) -> None:
    """Whether a request's body is JSON by its media type, or names none.

    Raises:
        UnsupportedMediaType: it is something else.
    """
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMediaType(given=content_type[:_LONGEST_SHOWN] or "(empty)")


async def json_body(request: Request) -> bytes:
    """The body of a request that asks for a video.

    Raises:
        UnsupportedMediaType: it is not JSON.
        InvalidRequest: it is longer than any request can be.
    """
    check_json(request)
    return await bounded_body(request)


async def bounded_body(request: Request) -> bytes:
    """The body of a request.

    Raises:
        InvalidRequest: it is longer than any request can be. The rest of it is read and thrown away: few clients look
            for an answer before they have sent everything.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_REQUEST_BYTES:
            parts.clear()
        else:
            parts.append(part)
    if size > MAX_REQUEST_BYTES:
        raise InvalidRequest(
            problem=f"the body has {size} bytes; no request has more than {MAX_REQUEST_BYTES}. Files are given by "
            "their URLs, or uploaded first"
        )
    return b"".join(parts)


async def read_aside(size: int, read: Callable[..., T], *given: Any) -> T:
    """What `read` makes of what is given; in a thread where that has many bytes.

    Args:
        size: bytes that there are to read.
    """
    return read(*given) if size <= _SHORT else await asyncio.to_thread(read, *given)


def without_mark(body: bytes) -> bytes:
    """The body in UTF-8 without the byte order mark that PowerShell and .NET write before it.

    Raises:
        InvalidRequest: it has the mark of UTF-16, and is none.
    """
    if body.startswith(codecs.BOM_UTF8):
        return body[len(codecs.BOM_UTF8) :]
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return body.decode("utf-16").encode()
        except UnicodeError:
            raise InvalidRequest(problem="the body has the byte order mark of UTF-16 and is none; send UTF-8") from None
    return body


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` is.

    Raises:
        InvalidRequest: it is none.
    """
    body = without_mark(body)
    if len(body) > _FEW and any(body.count(part) > most for part, most in _MOST_OF.items()):
        raise InvalidRequest(problem="the body has more fields, strings or arrays than any request has")
    try:
        document = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest(problem=f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidRequest(problem=f"the body must be a JSON object, not {kind_of(document)}")
    return cast("dict[str, Any]", document)


def read_as(model: type[M], fields: Mapping[str, Any]) -> M:
    """The fields as `model` has them.

    Raises:
        InvalidRequest: the first five things that are wrong.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(problem=in_words(error.errors())) from None
