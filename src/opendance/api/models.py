"""`GET /v1/models`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.openapi import error_responses
from opendance.api.schemas import ModelList
from opendance.api.state import state_of
from opendance.catalog import MODELS

router = APIRouter(tags=["Models"], route_class=KeyedRoute)
_CREATED = 1761264000  # 2025-10-24, when the nine models were published


@router.get(
    "/v1/models",
    operation_id="listModels",
    summary="List models",
    response_model=ModelList,
    responses=error_responses(401, 429, 500),
)
async def read_models(request: Request, caller: CallerDependency) -> JSONResponse:
    """The models that this key may use, and whether an engine of this server serves them."""
    routes = state_of(request).routes
    allowed = MODELS if caller.key.models is None else [name for name in MODELS if name in caller.key.models]
    data = [
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
    return JSONResponse({"object": "list", "data": data})
