"""Errors in the words of the unified API."""

from __future__ import annotations

from typing import Any

from opendance.errors import ApiError


def error_answer(error: ApiError) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer that tells the error."""
    return error.status, {**error.body()}


def enveloped_error_answer(error: ApiError) -> tuple[int, dict[str, Any]]:
    """The same for routes of files, whose clients look for `success` and `msg` first."""
    return error.status, {"success": False, "code": error.status, "msg": error.message, "data": None, **error.body()}
