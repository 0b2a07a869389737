"""`/v1/events`: everything of an account that changes, in one stream.

Each process looks at the database when it is told that something changed, and every 15 s. Cards go by the time of their
change: what committed late is found by looking back a little, and is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from opendance import __version__
from opendance.api.auth import CallerDependency, Credential, KeyedRoute, credential_of
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.state import ServerState, json_bytes, state_of
from opendance.api.streams import CountedStream
from opendance.api.tasks import cards
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, Unauthorized
from opendance.store.files import newest_of_files
from opendance.store.keys import Caller
from opendance.store.ledger import live_and_reserved
from opendance.store.listing import changed_since
from opendance.store.waiting import order_of_own

router = APIRouter(tags=["Tasks"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_LOOK_AGAIN = 15.0  # s between two looks without being told
_TOGETHER = 0.1  # s that changes are gathered for
_LOOK_BACK = 5.0  # s: no transaction commits later after the time that it writes
_OLDEST = 3600.0  # s that a stream goes back; who was away for longer reads the lists again
_AT_ONCE = 200  # cards of one look
_MICRO = 1e6
_EVENT_STREAM: Responses = {
    200: {
        "description": "Events named `hello`, `task` (a card), `files`, `credits`, `queue` and `reset`; `id` goes up.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/v1/events",
    operation_id="followAccount",
    summary="Follow the account",
    response_class=EventSourceResponse,
    responses=_EVENT_STREAM | error_responses(InvalidRequest),
)
async def follow_account(
    request: Request,
    caller: CallerDependency,
    last_event_id: Annotated[
        str | None, Query(max_length=20, description="As the header Last-Event-ID, which a page cannot set.")
    ] = None,
) -> EventSourceResponse:
    """Every change of the account's tasks as a card, and of files, credits and the queue as numbers.

    Send `Last-Event-ID` to go on after that event: some cards come twice then, and the one with the later `updated`
    counts. Where too much may have been missed there is a `reset`: read the lists again. Without it the stream begins
    now. It ends within 15 s with the key, the session or the account.
    """
    last = request.headers.get("last-event-id") or last_event_id or ""
    if last.strip() and not (last.strip().isascii() and last.strip().isdigit() and len(last.strip()) <= 17):
        raise InvalidRequest(problem="Last-Event-ID: must be the id of an event of this stream, a whole number")
    after = int(last) / _MICRO if last.strip() else None
    state = state_of(request)
    events = _events(state, credential_of(request), caller.account_id, after)
    return CountedStream(events, state.streams, caller.account_id)


@dataclass
class _Told:
    """What a stream has told.

    Attributes:
        position: time of the newest change that was told, unix time.
        cards: by task, the time of the change that was told last; those of the last seconds.
        numbers: by event, what it said.
    """

    position: float
    cards: dict[str, float] = field(default_factory=dict[str, float])
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def event(self, name: str, body: Any) -> ServerSentEvent:
        return ServerSentEvent(json_bytes(body).decode(), event=name, id=str(int(self.position * _MICRO)))


async def _events(
    state: ServerState, credential: Credential, account_id: str, after: float | None
) -> AsyncGenerator[ServerSentEvent]:
    now = time.time()
    is_too_old = after is not None and not now - _OLDEST <= after <= now + _LOOK_BACK
    told = _Told(now if after is None or is_too_old else after)
    with state.changes.watch(account_id) as changed:
        yield told.event("hello", {"version": __version__, "now": now, "account_id": account_id})
        if is_too_old:
            yield told.event("reset", {})
        if after is None or is_too_old:
            await _skip(state, account_id, told)
        while True:
            changed.clear()
            async with state.streams.looking():
                try:
                    caller = await credential.caller(state.callers, as_it_stands=True)
                except Unauthorized:
                    return
                events, has_more = await _look(state, caller, told)
            for event in events:
                yield event
            if has_more:
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await changed.wait()
            await asyncio.sleep(_TOGETHER)


async def _skip(state: ServerState, account_id: str, told: _Told) -> None:
    """What changed just before the stream began is no news."""
    async with state.database.read() as connection:
        before = await changed_since(connection, account_id, told.position - _LOOK_BACK, limit=_AT_ONCE)
    told.cards = {task.id: task.updated for task in before if task.updated <= told.position}


async def _look(state: ServerState, caller: Caller, told: _Told) -> tuple[list[ServerSentEvent], bool]:
    """What is new, and whether there may be more of it."""
    events: list[ServerSentEvent] = []
    account_id = caller.account_id
    async with state.database.read() as connection:
        tasks = await changed_since(
            connection, account_id, told.position - _LOOK_BACK, limit=_AT_ONCE + len(told.cards)
        )
        live, reserved = await live_and_reserved(connection, account_id)
        order, waiting = await order_of_own(connection, account_id)
        number_of_files, newest = await newest_of_files(connection, account_id)
    news = [task for task in tasks if told.cards.get(task.id) != task.updated]
    for task in news[:_AT_ONCE]:
        told.position = max(told.position, task.updated)
        told.cards[task.id] = task.updated
        events.append(told.event("task", cards(state, [task])[0]))
    told.cards = {name: at for name, at in told.cards.items() if at >= told.position - 2 * _LOOK_BACK}
    numbers: dict[str, dict[str, Any]] = {
        "files": {"count": number_of_files, "newest": newest},
        "credits": {
            "balance": float(caller.balance),
            "available": float(caller.available),
            "reserved": float(reserved),
            "live_tasks": live,
        },
        "queue": {
            "waiting": waiting,
            "making": live - waiting,
            "order": hashlib.sha256(" ".join(order).encode()).hexdigest()[:12],
        },
    }
    for name, body in numbers.items():
        if told.numbers.get(name) != body:
            told.numbers[name] = body
            events.append(told.event(name, body))
    return events, len(news) > _AT_ONCE
