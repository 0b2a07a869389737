"""`/v1/models`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.aliases import aliased
from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.responses import OF_CALLERS
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MAX_DURATION, MIN_DURATION, MODELS, PIXELS, PRICES, AspectRatio, Mode, Tier
from opendance.engines.kinds import EngineKind, kind_of_engine
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


class QualityPrice(TypedDict):
    """What a second of video costs, with the ratio of the account's group and the content filter on."""

    quality: str
    video_input: Annotated[bool, Field(description="Whether the request names videos; their seconds count too then.")]
    credits_per_second: float


class ModelLimits(TypedDict):
    """What a request for the model may have; counts are the least and the most."""

    images: tuple[int, int]
    videos: tuple[int, int]
    audios: tuple[int, int]
    can_search_web: bool
    min_duration: int
    max_duration: int
    ratios: list[str]


class ServingEngine(TypedDict):
    """An engine that serves the model here; the first is asked first."""

    name: str
    kind: EngineKind
    up: Annotated[bool, Field(description="Whether it could begin now, as far as this process knows.")]
    seconds_per_second: Annotated[
        dict[str, float | None],
        Field(description="Seconds of work for one of video, by quality; null where nothing was measured yet."),
    ]


class ModelDetails(ModelObject):
    """A model, with what people choose by."""

    access: Annotated[bool, Field(description="Whether this key, and its account's group, may use it.")]
    prices: list[QualityPrice]
    limits: ModelLimits
    sizes: Annotated[
        dict[str, dict[str, tuple[int, int]]], Field(description="Width and height in pixels by ratio and quality.")
    ]
    engines: list[ServingEngine]


class ModelList(TypedDict):
    """The models that this key may use."""

    object: Literal["list"]
    data: list[ModelDetails]


@router.get("/v1/models", operation_id="listModels", summary="List models", responses=error_responses(InvalidRequest))
async def read_models(
    request: Request,
    caller: CallerDependency,
    all_of_them: Annotated[bool, Query(alias="all", description="Those too that this key may not use.")] = False,
) -> ModelList:
    """The models that this key may use, and whether an engine of this server serves them."""
    names = list(MODELS) if all_of_them else _allowed(caller)
    return {"object": "list", "data": [_model_object(request, caller, name) for name in names]}


@router.get(
    "/v1/models/{model}",
    operation_id="readModel",
    summary="A model",
    responses=error_responses(InvalidRequest, NotFound),
)
async def read_model(
    request: Request, caller: CallerDependency, model: Annotated[str, Path(max_length=200)]
) -> ModelDetails:
    """One of the models that this key may use; of a name that stands for several, the one that takes no media."""
    meant = aliased(model, state_of(request).settings.model_aliases, Mode.TEXT)
    if meant is not None:
        model = meant.id
    if model not in (allowed := _allowed(caller)):
        raise NotFound(what="model", name=model[:80], hint=f"; choose one of {', '.join(allowed)}" if allowed else "")
    return _model_object(request, caller, model)


def _allowed(caller: Caller) -> list[str]:
    return [name for name in MODELS if caller.key.models is None or name in caller.key.models]


def _model_object(request: Request, caller: Caller, name: str) -> ModelDetails:
    model, state, engines = MODELS[name], state_of(request), caller.group.engines
    serving = state.engines_of(model, engines)
    aliases = state.settings.model_aliases
    ratio_of_group, limits = caller.group.price_ratio, model.media_limits
    has_engine = engines is None or not state.routes.of(model) or bool(serving)
    return {
        "id": model.id,
        "object": "model",
        "created": _CREATED,
        "owned_by": "opendance",
        "mode": model.mode.value,
        "tier": model.tier.value,
        "qualities": [quality.value for quality in model.qualities],
        "aliases": [alias for alias in aliases if aliased(alias, aliases, model.mode) == model],
        "available": bool(serving),
        "access": name in _allowed(caller) and has_engine,
        "prices": [
            {"quality": quality.value, "video_input": with_video, "credits_per_second": float(amount * ratio_of_group)}
            for quality, price in PRICES[model.tier].items()
            for with_video, amount in ((False, price.without_video_input), (True, price.with_video_input))
        ],
        "limits": {
            "images": limits.images,
            "videos": limits.videos,
            "audios": limits.audios,
            "can_search_web": model.can_search_web,
            "min_duration": MIN_DURATION,
            "max_duration": MAX_DURATION,
            "ratios": [ratio.value for ratio in AspectRatio],
        },
        "sizes": {
            ratio.value: {quality.value: PIXELS[ratio][quality] for quality in model.qualities} for ratio in PIXELS
        },
        "engines": [
            {
                "name": engine,
                "kind": kind_of_engine(engine),
                "up": state.is_up(engine),
                "seconds_per_second": {
                    quality.value: state.estimator.measured(engine, model.tier.value, quality.value)
                    for quality in model.qualities
                },
            }
            for engine in serving
        ],
    }
