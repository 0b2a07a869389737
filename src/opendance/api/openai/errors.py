"""Errors in OpenAI's form: clients choose their class by the status, people read the message."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.responses import Responses, responses_of
from opendance.errors import ApiError

_PLACE = re.compile(r"([a-z]\w{0,60}+(?:\[\d{0,6}\]|\.\w{1,60}+){0,8}): ")


class OpenAIErrorDetail(TypedDict):
    """What went wrong."""

    message: Annotated[str, Field(description="What is wrong, where, and what would be right.")]
    type: Annotated[str, Field(description="Kind of error.")]
    param: Annotated[str | None, Field(description="The field that it is about.")]
    code: Annotated[str, Field(description="As in the unified API.")]


class OpenAIErrorResponse(TypedDict):
    """An error."""

    error: OpenAIErrorDetail


def error_answer(error: ApiError) -> tuple[int, OpenAIErrorResponse]:
    """Status and body of an answer that tells the error."""
    place = _PLACE.match(error.message) if error.code == "invalid_request" else None  # it begins with where it applies
    return error.status, {
        "error": {
            "message": error.message,
            "type": error.type,
            "param": None if place is None else place[1],
            "code": error.code,
        }
    }


def error_responses(*errors: type[ApiError]) -> Responses:
    """The error answers of a route, for the OpenAPI document."""
    return responses_of(errors, error_answer, OpenAIErrorResponse)
