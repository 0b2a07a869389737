"""Errors in the words of the unified API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.responses import Responses, responses_of
from opendance.errors import ApiError, InsufficientQuota, Problem


class ProblemObject(TypedDict):
    """One thing that is wrong with a request, for programs."""

    path: Annotated[str, Field(description="Of the field, such as `image_urls[0]`; empty for the whole request.")]
    code: str
    level: Annotated[Literal["error", "warning"], Field(description="Whether it stops the request.")]
    message: Annotated[str, Field(description="What is wrong, and what would be right.")]
    params: Annotated[dict[str, Any], Field(description="What the message is made of.")]
    begin: Annotated[int | None, Field(description="Where in the prompt, code points; null where it is not there.")]
    end: int | None


class ErrorDetail(TypedDict):
    """What went wrong."""

    code: Annotated[str, Field(description="Error code.")]
    message: Annotated[str, Field(description="What is wrong, where, and what would be right.")]
    type: Annotated[str, Field(description="Kind of error.")]
    details: NotRequired[
        Annotated[list[ProblemObject], Field(description="Opendance's own: the same for programs, each problem.")]
    ]


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


def problem_object(problem: Problem) -> ProblemObject:
    """The problem as JSON."""
    return {
        "path": problem.path,
        "code": problem.code,
        "level": problem.level,
        "message": problem.message,
        "params": dict(problem.params),
        "begin": problem.begin,
        "end": problem.end,
    }


def error_answer(error: ApiError) -> tuple[int, ErrorResponse]:
    """Status and body of an answer that tells the error."""
    detail: ErrorDetail = {"code": error.code, "message": error.message, "type": error.type}
    if error.details:
        detail["details"] = [problem_object(problem) for problem in error.details]
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
