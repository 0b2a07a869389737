"""Reading a JSON body into a model of it; what is wrong is told with its place and what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar, cast

import pydantic_core
from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from opendance.catalog import MAX_DURATION, MIN_DURATION, AspectRatio, Quality
from opendance.errors import InvalidRequest, UnsupportedMediaType
from opendance.validation import in_words, kind_of, shown

M = TypeVar("M", bound=BaseModel)
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
Uri = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]


async def json_body(request: Request) -> bytes:
    """The body of a request that is JSON by its media type, or names none.

    Raises:
        UnsupportedMediaType: it is something else.
    """
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMediaType(given=content_type or "(empty)")
    return await request.body()


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` is.

    Raises:
        InvalidRequest: it is none.
    """
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
