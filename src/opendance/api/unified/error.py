"""An error, as every route of the unified API tells it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from opendance.errors import ApiError


class ErrorDetail(TypedDict):
    """What went wrong."""

    code: Annotated[str, Field(description="Error code.")]
    message: Annotated[str, Field(description="What is wrong, where, and what would be right.")]
    type: Annotated[str, Field(description="Kind of error.")]


class ErrorResponse(TypedDict):
    """An error."""

    error: ErrorDetail


def error_object(error: ApiError) -> ErrorResponse:
    """The error as JSON."""
    return {"error": {"code": error.code, "message": error.message, "type": error.type}}
