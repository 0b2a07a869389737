"""The OpenAPI document: made by FastAPI, with the request schema and the error examples of the Seedance 2.0 API."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from opendance import __version__
from opendance.api.ark.request import ContentGenerationRequest
from opendance.api.base64_body import Base64Upload
from opendance.api.schemas import ErrorResponse
from opendance.api.unified.request import VideoGenerationRequest

_DESCRIPTION = (
    "Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API: one endpoint, nine models "
    "(text-, image- and reference-to-video, each standard, fast and mini), asynchronous tasks."
)
_ERRORS: dict[int, tuple[str, str, str, str]] = {
    400: ("The request is not valid", "invalid_request", "Invalid request parameters", "invalid_request_error"),
    401: ("The key is missing, wrong or expired", "unauthorized", "Invalid or expired token", "authentication_error"),
    402: (
        "Not enough credits",
        "insufficient_quota",
        "Insufficient quota. Please top up your account.",
        "insufficient_quota",
    ),
    403: (
        "Not allowed",
        "model_access_denied",
        "Token does not have access to the specified model",
        "invalid_request_error",
    ),
    404: ("There is no such thing", "task_not_found", "There is no such task", "invalid_request_error"),
    409: (
        "The task has ended",
        "task_not_cancellable",
        "The task is already completed and cannot be cancelled",
        "invalid_request_error",
    ),
    410: ("The link has ended", "link_expired", "This link ended", "invalid_request_error"),
    413: ("The body is too large", "request_too_large", "The request body is over 64 MB", "invalid_request_error"),
    415: ("Not JSON", "unsupported_media_type", "Send application/json", "invalid_request_error"),
    429: (
        "Too many requests",
        "rate_limit_exceeded",
        "Too many requests, please try again later",
        "rate_limit_error",
    ),
    500: ("The server failed", "internal_error", "Internal server error", "api_error"),
    503: ("The server is not ready", "service_unavailable", "The server is not ready", "api_error"),
}
ADMIN: dict[str, Any] = {"security": [{"adminKey": []}]}  # for routes of the operator
_ADMIN_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The operator's key: the setting OPENDANCE_ADMIN_KEY, or made with `opendance admin-key create`.",
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


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for the OpenAPI document."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        description, code, message, kind = _ERRORS[status]
        responses[status] = {
            "description": description,
            "model": ErrorResponse,
            "content": {"application/json": {"example": {"error": {"code": code, "message": message, "type": kind}}}},
        }
    return responses


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`; built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Opendance", version=__version__, description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        document["security"] = [{"bearerAuth": []}]
        document["components"]["securitySchemes"] = {"bearerAuth": _BEARER, "adminKey": _ADMIN_BEARER}
        schemas = document["components"]["schemas"]
        ark = ContentGenerationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= ark.pop("$defs") | {"ContentGenerationRequest": ark}
        request = VideoGenerationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["VideoGenerationRequest"] = request
        params = request.pop("$defs")["ModelParams"]
        request["properties"]["model_params"] = {**params, "description": params["description"]}
        schemas["Base64Upload"] = Base64Upload.model_json_schema()
        schemas["VideoGenerationChanges"] = _changes_of(request)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        document["components"]["schemas"] = _plain(schemas)
        create = document["paths"]["/v1/videos/generations"]["post"]
        create["requestBody"]["content"]["application/json"]["examples"] = _EXAMPLES
        app.openapi_schema = document
    return app.openapi_schema


def _changes_of(request: dict[str, Any]) -> dict[str, Any]:
    """The schema of what may change in a request: each field may be there, with null for none."""
    fields = {
        name: {"anyOf": [{key: value for key, value in field.items() if key != "default"}, {"type": "null"}]}
        for name, field in request["properties"].items()
    }
    return {
        "type": "object",
        "description": "Fields of the request that are to be different; null takes one away.",
        "properties": fields,
        "additionalProperties": False,
    }


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
