"""`POST /v1/videos/generations`."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from opendance.api.auth import CallerDependency
from opendance.api.openapi import error_responses
from opendance.api.schemas import VideoEstimate, VideoGenerationResponse
from opendance.api.state import JSONBytes, ServerState, base_url_of, state_of
from opendance.asset import Asset
from opendance.billing import most_it_can_cost
from opendance.errors import InvalidRequest, UnsupportedMediaType
from opendance.pipeline.fetch import named_assets
from opendance.pipeline.plan import PLAN
from opendance.pipeline.submit import check_allowed, submit
from opendance.pipeline.view import task_json
from opendance.prompt import plan_prompt
from opendance.request import VideoGenerationRequest, parse_request
from opendance.store.keys import Caller

router = APIRouter(tags=["Videos"])
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VideoGenerationRequest"}}},
    }
}


@router.post(
    "/v1/videos/generations",
    operation_id="createSeedance20VideoGeneration",
    summary="Generate a video",
    response_model=VideoGenerationResponse | VideoEstimate,
    response_description="The task was created; with `dry_run` what it would be",
    responses=error_responses(400, 401, 402, 403, 409, 413, 415, 429, 500),
    openapi_extra=_BODY,
)
async def create_video(
    request: Request,
    caller: CallerDependency,
    dry_run: Annotated[
        bool, Query(description="Opendance's own: answer the price and the plan, and create nothing.")
    ] = False,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="Opendance's own: within 24 hours the same key with the same request gives the same task, and "
            "no second charge.",
        ),
    ] = None,
) -> Response:
    """Start a video: the model chooses mode (text-, image- or reference-to-video) and tier (standard, fast, mini).

    The answer comes at once with a task id; query it with `GET /v1/tasks/{task_id}`, or follow it with
    `GET /v1/tasks/{task_id}/events`. The link to the finished video works for 24 hours.
    """
    state = state_of(request)
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMediaType(given=content_type or "(empty)")
    if unknown := sorted(set(request.query_params) - {"dry_run"}):  # a misspelled dry_run must not be charged
        raise InvalidRequest(problem=f"{unknown[0] or '(empty)'}: is no query parameter of this call; there is dry_run")
    wanted = parse_request(await request.body(), state.settings.callback_allow)
    check_allowed(caller, wanted, state.routes)
    if dry_run:
        return JSONResponse(await _estimate(state, caller, wanted))
    made = await submit(
        state.database,
        state.queue,
        state.estimator,
        state.routes,
        caller,
        wanted,
        prompts=state.prompts,
        base_url=base_url_of(request),
        idempotency_key=idempotency_key,
    )
    headers = {"Idempotent-Replayed": "true"} if made.replayed else None
    return JSONBytes(task_json(made.task, state.storage), headers=headers)


async def _estimate(state: ServerState, caller: Caller, wanted: VideoGenerationRequest) -> dict[str, Any]:
    """What the request would cost at most, how long it would take, and what is understood of it."""
    charge = most_it_can_cost(wanted, price_ratio=caller.group.price_ratio)
    key_left = None if caller.key.credit_limit is None else caller.key.credit_limit - caller.key.used
    available = caller.balance if key_left is None else max(Decimal(0), min(caller.balance, key_left))
    named = named_assets(wanted)
    plan = await asyncio.to_thread(
        plan_prompt,
        wanted.prompt,
        seconds=wanted.duration,
        aspect_ratio=wanted.aspect_ratio,
        mode=wanted.catalog_model.mode,
        assets=tuple(Asset(kind=asset.kind, number=asset.number) for asset in named),
    )
    by_media = wanted.aspect_ratio == "adaptive" and any(asset.kind != "audio" for asset in named)
    return {
        "object": "video.generation.estimate",
        "model": wanted.model,
        "task_info": {
            "estimated_time": state.estimator.seconds_until_done(wanted),
            "video_duration": wanted.duration,
        },
        "usage": {
            "billing_rule": "per_second",
            "credits_reserved": float(charge.credits),
            "user_group": caller.group.name,
            "lines": charge.as_json(),
            "credits_available": float(available),
            "sufficient": available >= charge.credits,
        },
        # Media are not fetched for an estimate: a ratio that they decide stays open.
        "plan": PLAN.dump_python(plan, mode="json") | ({"aspect_ratio": "adaptive"} if by_media else {}),
    }
