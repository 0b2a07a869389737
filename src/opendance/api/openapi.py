"""The OpenAPI document: made by FastAPI, with the request schema and the error examples of the Seedance 2.0 API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from opendance import __version__
from opendance.api.limits import HEADERS as RATE_LIMIT_HEADERS
from opendance.api.unified.error import ErrorResponse
from opendance.api.unified.request import VideoGenerationRequest
from opendance.errors import ApiError, InternalError, NotReady, RateLimitExceeded, Unauthorized

_DESCRIPTION = (
    "Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API: one endpoint, nine models "
    "(text-, image- and reference-to-video, each standard, fast and mini), asynchronous tasks."
)
Responses = dict[int | str, dict[str, Any]]
OF_ANY_ROUTE = (InternalError, NotReady)
OF_CALLERS = (Unauthorized, RateLimitExceeded, *OF_ANY_ROUTE)  # what every route that needs a key can give
OF_OPERATOR = (Unauthorized, *OF_ANY_ROUTE)
_HEADERS = {
    "X-Request-Id": "Id of this request; the server's log has it too.",
    "Retry-After": "Seconds until it may work.",
    "WWW-Authenticate": "How to say who you are: `Bearer`.",
    "Allow": "The methods that are possible there.",
    "Connection": "`close`: the rest of the body is not read.",
    **RATE_LIMIT_HEADERS,
}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "Every call needs a key: `Authorization: Bearer YOUR_API_KEY`. The operator of this server makes "
    "keys with `opendance keys create --name NAME`.",
}
WITHOUT_KEY: dict[str, Any] = {"security": []}  # for routes that need no key
_EXAMPLES: dict[str, Any] = {
    "text_to_video": {
        "summary": "Text-to-video",
        "value": {
            "model": "seedance-2.0-text-to-video",
            "prompt": "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot",
            "duration": 8,
            "quality": "720p",
            "aspect_ratio": "16:9",
            "generate_audio": True,
            "content_filter": True,
        },
    },
    "image_to_video": {
        "summary": "Image-to-video (first frame)",
        "value": {
            "model": "seedance-2.0-image-to-video",
            "prompt": "The camera slowly pushes in, petals drifting in the wind",
            "image_urls": ["https://example.com/flower.jpg"],
            "duration": 5,
            "aspect_ratio": "adaptive",
            "generate_audio": True,
            "content_filter": True,
        },
    },
    "reference_to_video": {
        "summary": "References (images + video + audio)",
        "value": {
            "model": "seedance-2.0-reference-to-video",
            "prompt": "Use the first-person perspective framing of video 1 throughout, use audio 1 as background music "
            "throughout. First-person perspective fruit tea promotional video...",
            "image_urls": ["https://example.com/ref1.jpg", "https://example.com/ref2.jpg"],
            "video_urls": ["https://example.com/reference.mp4"],
            "audio_urls": ["https://example.com/bgm.mp3"],
            "duration": 10,
            "quality": "720p",
            "aspect_ratio": "16:9",
            "generate_audio": True,
            "content_filter": True,
        },
    },
    "fast_text_to_video": {
        "summary": "Fast text-to-video",
        "value": {
            "model": "seedance-2.0-fast-text-to-video",
            "prompt": "Time-lapse photography of a city sunset, golden light spilling across the skyline",
            "duration": 5,
            "aspect_ratio": "21:9",
            "generate_audio": True,
            "content_filter": True,
        },
    },
}


def error_responses(*errors: type[ApiError]) -> Responses:
    """The error answers of a route, for the OpenAPI document: each class that it can give, told by the class itself."""
    by_status: dict[int, list[type[ApiError]]] = {}
    for error in sorted(errors, key=lambda error: error.status):
        by_status.setdefault(error.status, []).append(error)
    return {status: _error_response(kinds) for status, kinds in by_status.items()}


def _error_response(kinds: Sequence[type[ApiError]]) -> dict[str, Any]:
    examples = {kind.code: {"summary": kind.when, "value": _example(kind)} for kind in kinds}
    shown = {"examples": examples} if len(kinds) > 1 else {"example": _example(kinds[0])}
    answer = {
        "description": "; ".join(kind.when for kind in kinds),
        "model": ErrorResponse,
        "content": {"application/json": shown},
    }
    headers = [name for kind in kinds for name in kind.headers]
    return answer | ({"headers": _headers(headers)} if headers else {})


def _example(kind: type[ApiError]) -> ErrorResponse:
    return {"error": {"code": kind.code, "message": kind.example, "type": kind.type}}


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`; built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Opendance", version=__version__, description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        document["security"] = [{"bearerAuth": []}]
        components = document["components"]
        components["securitySchemes"]["bearerAuth"] = _BEARER
        components["headers"] = {
            name: {"description": words, "schema": {"type": "string"}} for name, words in _HEADERS.items()
        }
        schemas = components["schemas"]
        request = VideoGenerationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["VideoGenerationRequest"] = request
        params = request.pop("$defs")["ModelParams"]
        request["properties"]["model_params"] = {**params, "description": params["description"]}
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in document["paths"].values():
            for operation in path.values():
                _finish_responses(operation)
        components["schemas"] = _plain(schemas)
        create = document["paths"]["/v1/videos/generations"]["post"]
        create["requestBody"]["content"]["application/json"]["examples"] = _EXAMPLES
        app.openapi_schema = document
    return app.openapi_schema


def _finish_responses(operation: dict[str, Any]) -> None:
    """In order of their status, with the headers that every answer has, and without FastAPI's own errors."""
    operation["responses"] = dict(sorted(operation["responses"].items()))
    operation["responses"].pop("422", None)
    of_callers = "security" not in operation
    for status, response in operation["responses"].items():
        limits = RATE_LIMIT_HEADERS if of_callers and status in ("200", "429") else ()
        response["headers"] = _headers(["X-Request-Id", *limits]) | response.get("headers", {})


def _plain(schema: Any) -> Any:
    """The schema as people write it: no generated titles, no null beside optional fields, `example` for one example."""
    if isinstance(schema, list):
        return [_plain(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    node = dict(cast("dict[str, Any]", schema))
    if isinstance(node.get("title"), str):
        del node["title"]
    if "anyOf" in node and {"type": "null"} in node["anyOf"] and node.get("default", 0) is None:
        rest = [choice for choice in node.pop("anyOf") if choice != {"type": "null"}]
        del node["default"]
        node = {**rest[0], **node}
    if isinstance(node.get("examples"), list) and len(node["examples"]) == 1:
        node["example"] = node.pop("examples")[0]
    return {name: _plain(value) for name, value in node.items()}
