"""`/v1/models`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.aliases import aliased
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.responses import OF_CALLERS
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS, Mode, Tier
from opendance.errors import InvalidRequest, NotFound
from opendance.store.keys import Caller

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
    aliases: Annotated[
        list[str],
        Field(
            description="Other names that this server takes for it, where the media of the request fit.", examples=[[]]
        ),
    ]
    available: Annotated[bool, Field(description="Whether an engine of this server serves it.")]


class ModelList(TypedDict):
    """The models that this key may use."""

    object: Literal["list"]
    data: list[ModelObject]


@router.get("/v1/models", operation_id="listModels", summary="List models")
async def read_models(request: Request, caller: CallerDependency) -> ModelList:
    """The models that this key may use, and whether an engine of this server serves them."""
    return {"object": "list", "data": [_model_object(request, caller, name) for name in _allowed(caller)]}


@router.get(
    "/v1/models/{model}",
    operation_id="readModel",
    summary="A model",
    responses=error_responses(InvalidRequest, NotFound),
)
async def read_model(
    request: Request, caller: CallerDependency, model: Annotated[str, Path(max_length=200)]
) -> ModelObject:
    """One of the models that this key may use; of a name that stands for several, the one that takes no media."""
    meant = aliased(model, state_of(request).settings.model_aliases, Mode.TEXT)
    if meant is not None:
        model = meant.id
    if model not in (allowed := _allowed(caller)):
        raise NotFound(what="model", name=model[:80], hint=f"; choose one of {', '.join(allowed)}" if allowed else "")
    return _model_object(request, caller, model)


def _allowed(caller: Caller) -> list[str]:
    return [name for name in MODELS if caller.key.models is None or name in caller.key.models]


def _model_object(request: Request, caller: Caller, name: str) -> ModelObject:
    model = MODELS[name]
    aliases = state_of(request).settings.model_aliases
    return {
        "id": model.id,
        "object": "model",
        "created": _CREATED,
        "owned_by": "opendance",
        "mode": model.mode.value,
        "tier": model.tier.value,
        "qualities": [quality.value for quality in model.qualities],
        "aliases": [alias for alias in aliases if aliased(alias, aliases, model.mode) == model],
        "available": state_of(request).routes.engine_for(model, caller.group.engines) is not None,
    }
