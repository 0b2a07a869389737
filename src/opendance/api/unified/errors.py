"""Errors in the words of the unified API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.responses import Responses, responses_of
from opendance.errors import ApiError, InsufficientQuota


class ErrorDetail(TypedDict):
    """What went wrong."""

    code: Annotated[str, Field(description="Error code.")]
    message: Annotated[str, Field(description="What is wrong, where, and what would be right.")]
    type: Annotated[str, Field(description="Kind of error.")]


class KeyQuotaDetail(ErrorDetail):
    """That a key may use too few credits, whatever its account has: by these fields clients tell the two apart."""

    key_name: str
    total_limit_credits: float
    used_credits: float
    remaining_credits: float
    estimated_credits: float
    account_balance_credits: float


class ErrorResponse(TypedDict):
    """An error."""

    error: ErrorDetail


class FileErrorResponse(ErrorResponse):
    """An error of a route of files, whose clients look for `success` and `msg` first."""

    success: Literal[False]
    code: Annotated[int, Field(description="The HTTP status.")]
    msg: str
    data: None


def error_answer(error: ApiError) -> tuple[int, ErrorResponse]:
    """Status and body of an answer that tells the error."""
    detail: ErrorDetail = {"code": error.code, "message": error.message, "type": error.type}
    of_key = error.of_key if isinstance(error, InsufficientQuota) else None
    if of_key is not None:
        of_this_key: KeyQuotaDetail = {
            **detail,
            "key_name": of_key.key_name,
            "total_limit_credits": of_key.total_limit,
            "used_credits": of_key.used,
            "remaining_credits": of_key.remaining,
            "estimated_credits": of_key.estimated,
            "account_balance_credits": of_key.account_balance,
        }
        detail = of_this_key
    return error.status, {"error": detail}


def enveloped_error_answer(error: ApiError) -> tuple[int, FileErrorResponse]:
    """The same for routes of files."""
    status, body = error_answer(error)
    return status, {"success": False, "code": status, "msg": error.message, "data": None, **body}


def error_responses(*errors: type[ApiError]) -> Responses:
    """The error answers of a route, for the OpenAPI document."""
    return responses_of(errors, error_answer, ErrorResponse)


def file_error_responses(*errors: type[ApiError]) -> Responses:
    """The same for routes of files."""
    return responses_of(errors, enveloped_error_answer, FileErrorResponse)
