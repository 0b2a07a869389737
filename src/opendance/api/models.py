"""`GET /v1/models`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.responses import OF_CALLERS
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS, Mode, Tier

router = APIRouter(tags=["Models"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_CREATED = 1761264000  # 2025-10-24, when the nine models were published


class ModelObject(TypedDict):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    mode: Annotated[str, Field(json_schema_extra={"enum": [mode.value for mode in Mode]})]
    tier: Annotated[str, Field(json_schema_extra={"enum": [tier.value for tier in Tier]})]
    qualities: list[str]
    available: Annotated[bool, Field(description="Whether an engine of this server serves it.")]


class ModelList(TypedDict):
    """The models that this key may use."""

    object: Literal["list"]
    data: list[ModelObject]


@router.get("/v1/models", operation_id="listModels", summary="List models")
async def read_models(request: Request, caller: CallerDependency) -> ModelList:
    """The models that this key may use, and whether an engine of this server serves them."""
    routes = state_of(request).routes
    allowed = MODELS if caller.key.models is None else [name for name in MODELS if name in caller.key.models]
    models: list[ModelObject] = [
        {
            "id": model.id,
            "object": "model",
            "created": _CREATED,
            "owned_by": "opendance",
            "mode": model.mode.value,
            "tier": model.tier.value,
            "qualities": [quality.value for quality in model.qualities],
            "available": routes.engine_for(model, caller.group.engines) is not None,
        }
        for model in (MODELS[name] for name in allowed)
    ]
    return {"object": "list", "data": models}
