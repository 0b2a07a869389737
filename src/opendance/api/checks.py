"""`POST /v1/videos/check`: what would come of a request, asked with every pause in typing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from opendance.api.auth import CallerDependency, KeyedRoute, as_it_stands
from opendance.api.limits import CHECKING
from opendance.api.queue import place_of_next
from opendance.api.reading import json_body, json_object, read_aside
from opendance.api.responses import OF_CALLERS
from opendance.api.state import JSONBytes, base_url_of, json_bytes, state_of
from opendance.api.unified.check import EngineChoice, QueueAhead, VideoCheck, check_object
from opendance.api.unified.errors import error_responses
from opendance.api.unified.leniently import Leniently, read_leniently
from opendance.engines.kinds import kind_of_engine
from opendance.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType
from opendance.order import Order
from opendance.pipeline.checking import Checked, check, inputs_of, uploads_of
from opendance.store.keys import Caller

router = APIRouter(tags=["Videos"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VideoGenerationRequest"}}},
    }
}


@router.post(
    CHECKING,
    operation_id="checkVideo",
    summary="What would come of a request",
    response_model=VideoCheck,
    responses=error_responses(InvalidRequest, RequestTooLarge, UnsupportedMediaType),
    openapi_extra=_BODY,
)
async def check_video(request: Request, caller: CallerDependency) -> Response:
    """The body is that of a creation. All problems, not the first; price, time and plan as far as they can be told even
    so. Counts as reading. Of a browser's session one is worked on at a time: a newer one ends the older.
    """
    body = await json_body(request)
    if caller.session is None:
        return JSONBytes(await _answer(request, body))
    return JSONBytes(await state_of(request).checks.newest(caller.session.id, _answer(request, body)))


async def _answer(request: Request, body: bytes) -> bytes:
    state = state_of(request)
    queue: QueueAhead | None = None
    is_measured = True
    settings, caller = state.settings, await as_it_stands(request)
    read = await read_aside(len(body), _read, body, settings.callback_allow, settings.model_aliases)
    if read.order is None:
        checked, engine = Checked(available=caller.available), None
    else:
        is_measured = await _measured(request, caller, read.order)
        checked = await _checked(request, caller, read)
        ahead, starts_in = await place_of_next(state, caller, read.order.model)
        queue = {"ahead": ahead, "starts_in": starts_in}
        engine = None if checked.engine is None else _engine(request, checked.engine)
    problems = [*read.problems, *checked.problems]
    told = check_object(
        read.order,
        checked,
        problems,
        is_measured=is_measured,
        user_group=caller.group.name,
        engine=engine,
        queue=queue,
    )
    return json_bytes(told)


def _read(body: bytes, *given: Any) -> Leniently:
    return read_leniently(json_object(body), *given)


async def _measured(request: Request, caller: Caller, order: Order) -> bool:
    state = state_of(request)
    async with state.database.read() as connection:
        uploads = await uploads_of(connection, caller, order, state.links, base_url=base_url_of(request))
    return await state.measurer.ensure(uploads)


async def _checked(request: Request, caller: Caller, read: Leniently) -> Checked:
    state, order = state_of(request), read.order
    assert order is not None
    async with state.database.read() as connection:
        inputs = await inputs_of(
            connection,
            caller,
            order,
            state.links,
            base_url=base_url_of(request),
            until_begun=state.estimator.seconds_until_done(order),
        )
    return await check(
        state.estimator,
        state.routes,
        caller,
        order,
        inputs,
        engine=next(iter(state.engines_of(order.catalog_model, caller.group.engines)), None),
        prompt_is_good=read.prompt_is_good,
    )


def _engine(request: Request, name: str) -> EngineChoice:
    return {"name": name, "kind": kind_of_engine(name), "up": state_of(request).is_up(name)}
