"""What the OpenAPI document says of a route's errors: each class that it can give tells for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import Depends, Response

from opendance.api.limits import HEADERS as RATE_LIMIT_HEADERS
from opendance.errors import ApiError, InternalError, InvalidRequest, NotReady, RateLimitExceeded, Unauthorized

Responses = dict[int | str, dict[str, Any]]
ErrorAnswer = Callable[[ApiError], tuple[int, Mapping[str, Any]]]
OF_ANY_ROUTE = (InternalError, NotReady)
# What every route that needs a key can give; a wrong Host or query is found before it comes to any of them.
OF_CALLERS = (Unauthorized, RateLimitExceeded, InvalidRequest, *OF_ANY_ROUTE)
OF_OPERATOR = (Unauthorized, RateLimitExceeded, InvalidRequest, *OF_ANY_ROUTE)
HEADERS = {
    "X-Request-Id": "Id of this request; the server's log has it too.",
    "Retry-After": "Seconds until it may work.",
    "WWW-Authenticate": "How to say who you are: `Bearer`.",
    "Allow": "The methods that are possible there.",
    "Content-Range": "How many bytes the file has, as `bytes */1000`.",
    "Connection": "`close`: the rest of the body is not read.",
    **RATE_LIMIT_HEADERS,
}


def _not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


NotStored = Depends(_not_stored)  # of a route whose answer holds a secret


def responses_of(errors: Iterable[type[ApiError]], answer: ErrorAnswer, model: type) -> Responses:
    """The answers by status; where one is 400, `InvalidRequest` is one of its kinds, as on every route.

    Args:
        answer: status and body of an answer that tells the error, in the words of the wire.
        model: of that body, by its name: the document has it once. FastAPI would build it anew for each answer of each
            route, at every start.
    """
    kinds = dict.fromkeys(errors)
    if any(kind.status == InvalidRequest.status for kind in kinds):
        kinds |= {InvalidRequest: None}  # what a route says of a status stands instead of what its router says
    examples: dict[int, dict[type[ApiError], Mapping[str, Any]]] = {}
    for error in kinds:
        status, body = answer(error.documented())
        examples.setdefault(status, {})[error] = body
    return {status: _response(examples[status], model) for status in sorted(examples)}


def _response(examples: Mapping[type[ApiError], Mapping[str, Any]], model: type) -> dict[str, Any]:
    kinds, bodies = list(examples), list(examples.values())
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    if len(kinds) > 1:
        named = zip(kinds, bodies, strict=True)
        content["examples"] = {kind.code: {"summary": kind.when, "value": body} for kind, body in named}
    else:
        content["example"] = bodies[0]
    response = {
        "description": "; ".join(kind.when for kind in kinds),
        "content": {"application/json": content},
    }
    headers = [name for kind in kinds for name in kind.headers]
    return response | ({"headers": header_references(headers)} if headers else {})


def header_references(names: Sequence[str]) -> dict[str, Any]:
    """These of `HEADERS`, as an answer refers to them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
