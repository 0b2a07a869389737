"""The OpenAPI document: made by FastAPI, with the request schema and the error examples of the Seedance 2.0 API."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic import TypeAdapter

from opendance import __version__
from opendance.api.ark.errors import ArkErrorResponse
from opendance.api.ark.request import ContentGenerationRequest
from opendance.api.base64_body import Base64Upload
from opendance.api.limits import HEADERS as RATE_LIMIT_HEADERS
from opendance.api.openai.errors import OpenAIErrorResponse
from opendance.api.openai.request import VideoCreateRequest
from opendance.api.responses import HEADERS, header_references
from opendance.api.unified.errors import ErrorResponse, FileErrorResponse
from opendance.api.unified.request import VideoGenerationRequest

_DESCRIPTION = (
    "Self-hosted video generation, wire-compatible with the Seedance 2.0 unified API: one endpoint, nine models "
    "(text-, image- and reference-to-video, each standard, fast and mini), asynchronous tasks."
)
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "Every call needs a key: `Authorization: Bearer YOUR_API_KEY`. The operator of this server makes "
    "keys with `opendance keys create --name NAME`.",
}
_ERROR_MODELS: tuple[type, ...] = (
    ErrorResponse,
    FileErrorResponse,
    ArkErrorResponse,
    OpenAIErrorResponse,
)  # that routes name
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


async def api_page() -> HTMLResponse:
    """The page that shows the API. It asks for what lies beside it, so that it works below a path of a proxy too."""
    files = "static-offline-docs"
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Opendance",
        swagger_js_url=f"{files}/swagger-ui-bundle.js",
        swagger_css_url=f"{files}/swagger-ui.css",
        swagger_favicon_url=f"{files}/favicon.png",
    )


def build_openapi(app: FastAPI, below: str = "") -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`; built once.

    Args:
        below: the path that clients reach the API below, such as `/video`; nothing for none.
    """
    if app.openapi_schema is None:
        document = get_openapi(
            title="Opendance", version=__version__, description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        if below:
            document["servers"] = [{"url": below}]
        document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        document["security"] = [{"bearerAuth": []}]
        components = document["components"]
        components["securitySchemes"]["bearerAuth"] = _BEARER
        components["headers"] = {
            name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.items()
        }
        schemas = components["schemas"]
        ark = ContentGenerationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= ark.pop("$defs") | {"ContentGenerationRequest": ark}
        request = VideoGenerationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["VideoGenerationRequest"] = request
        params = request.pop("$defs")["ModelParams"]
        request["properties"]["model_params"] = {**params, "description": params["description"]}
        schemas["VideoCreateRequest"] = VideoCreateRequest.model_json_schema()
        schemas["Base64Upload"] = Base64Upload.model_json_schema()
        for model in _ERROR_MODELS:
            schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
            schemas |= schema.pop("$defs") | {model.__name__: schema}
        schemas["VideoGenerationChanges"] = _changes_of(request)
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


def _finish_responses(operation: dict[str, Any]) -> None:
    """In order of their status, with the headers that every answer has, and without FastAPI's own errors."""
    operation["responses"] = dict(sorted(operation["responses"].items()))
    operation["responses"].pop("422", None)
    of_callers = "security" not in operation
    for status, response in operation["responses"].items():
        limits = RATE_LIMIT_HEADERS if of_callers and status in ("200", "429") else ()
        response["headers"] = header_references(["X-Request-Id", *limits]) | response.get("headers", {})


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
