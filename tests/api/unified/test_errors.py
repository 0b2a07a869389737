"""Errors in the words of the unified API."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from opendance.api.unified.errors import ErrorResponse, FileErrorResponse, enveloped_error_answer, error_answer
from opendance.errors import ApiError
from tests.test_errors import API_ERRORS, made


@pytest.mark.parametrize("kind", API_ERRORS)
def test_every_error_is_told_in_the_documented_shape_and_nothing_more(kind: type[ApiError]) -> None:
    error = made(kind)
    status, body = error_answer(error)
    assert status == error.status
    assert body == {"error": {"code": error.code, "message": error.message, "type": error.type}}
    assert TypeAdapter(ErrorResponse).validate_python(body, strict=True) == body


@pytest.mark.parametrize("kind", API_ERRORS)
def test_routes_of_files_tell_the_same_beside_what_their_clients_look_for(kind: type[ApiError]) -> None:
    error = made(kind)
    status, body = enveloped_error_answer(error)
    assert (status, {"error": body["error"]}) == error_answer(error)
    assert (body["success"], body["code"], body["msg"], body["data"]) == (False, status, error.message, None)
    assert TypeAdapter(FileErrorResponse).validate_python(body, strict=True) == body
