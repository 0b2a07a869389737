"""`/admin/v1/overview`, engines, the queue, settings, callbacks and sign-in links, for the operator.

What is said of engines and of readiness is what this process knows; tasks, callbacks and credits are of all.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance import __version__
from opendance import administration as admin
from opendance.administration.settings import SettingRow, setting_rows
from opendance.administration.views import DeliveryProgress, delivery_progress
from opendance.api.admin import AccountId
from opendance.api.lists import Cursor, PageSize, decode_place, encode_place
from opendance.api.operators import operator_router
from opendance.api.queue import LaneObject, lane_object, lanes_here
from opendance.api.responses import NotStored
from opendance.api.state import Reading, ServerState, Writing, base_url_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS
from opendance.engines.kinds import EngineKind, kind_of_engine
from opendance.engines.registry import EngineFacts, known_engines
from opendance.errors import FAULTS, InvalidRequest, NotFound, RequestTooLarge
from opendance.store.accounts import names_of
from opendance.store.database import Connection
from opendance.store.deliveries import DeliveryState, WhichDeliveries, page_of_deliveries
from opendance.store.overview import last_errors, numbers, speeds
from opendance.store.waiting import live_tasks
from opendance.studio import link_address

router = operator_router()
_ERRORS_SHOWN = 5
_OURS = sorted(code for code, fault in FAULTS.items() if fault == "server")


class MeasuredSpeed(TypedDict):
    """How fast an engine is here."""

    tier: str
    quality: str
    seconds_per_second: Annotated[float, Field(description="Seconds of work for one of video.")]
    samples: int


class LastError(TypedDict):
    """A task that an engine failed."""

    task_id: str
    at: float
    code: str


class EngineState(TypedDict):
    """An engine, as this process knows it."""

    name: str
    kind: EngineKind
    summary: str
    missing: Annotated[list[str], Field(description="Modules that are not installed.")]
    install: str | None
    here: Annotated[bool, Field(description="Whether it runs in this process.")]
    loaded: bool
    problem: Annotated[str | None, Field(description="Why it cannot be loaded.")]
    up: bool
    rests_for: Annotated[float | None, Field(description="Seconds until it is tried first again.")]
    failures: Annotated[int, Field(description="In a row.")]
    slots: int
    modes: list[str]
    models: Annotated[list[str], Field(description="Whose routes name it.")]
    speeds: list[MeasuredSpeed]
    last_errors: list[LastError]


class EngineStates(TypedDict):
    """All engines."""

    object: Literal["list"]
    data: list[EngineState]


class TaskNumbers(TypedDict):
    """Tasks that have not ended."""

    pending: int
    processing: int
    oldest_pending: Annotated[float | None, Field(description="When that was created which waits longest.")]


class ErrorNumber(TypedDict):
    """How often tasks failed so."""

    code: str
    count: int


class DayCredits(TypedDict):
    """What was charged on a day, UTC."""

    day: str
    credits: float


class Disk(TypedDict):
    """The disk of the data folder, bytes."""

    free: int
    total: int


class Worker(TypedDict):
    """A process that works on tasks now."""

    name: str
    running: int


class Overview(TypedDict):
    """What there is now."""

    object: Literal["overview"]
    version: str
    ready: bool
    problems: list[str]
    tasks: TaskNumbers
    engines: list[EngineState]
    failed_callbacks: Annotated[int, Field(description="Of 7 days.")]
    errors: Annotated[list[ErrorNumber], Field(description="Of 24 hours, most frequent first.")]
    refusals: Annotated[int, Field(description="Of the content filter, of 24 hours.")]
    credits: Annotated[list[DayCredits], Field(description="Of 30 days; days without any are left out.")]
    disk: Disk | None
    store: Annotated[str, Field(description="Where results are kept: `folder`, or the kind of object store.")]
    workers: list[Worker]
    accounts: int
    keys: int


class RunningTask(TypedDict):
    """A task that runs."""

    id: str
    account: str
    model: str
    owner: str | None
    started: float | None
    progress: int
    parked: bool


class WaitingAccount(TypedDict):
    """An account with tasks that wait."""

    account_id: str
    account: str
    count: int
    first_task: str


class OperatorLane(LaneObject):
    """A lane with what runs and who waits."""

    tasks: list[RunningTask]
    turns: Annotated[list[WaitingAccount], Field(description="In the order of their next turn.")]


class OperatorQueue(TypedDict):
    """The queue of all accounts."""

    object: Literal["queue"]
    lanes: list[OperatorLane]
    workers: list[Worker]


class SettingList(TypedDict):
    """All settings of this process."""

    object: Literal["list"]
    data: list[SettingRow]


class OperatorDelivery(DeliveryProgress):
    """A callback of any account. Its whole address is part of the request."""

    id: str
    task_id: str
    account_id: str
    account: str
    host: str


class OperatorDeliveries(TypedDict):
    """A page of callbacks, newest first."""

    object: Literal["list"]
    data: list[OperatorDelivery]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class SignInLinkObject(TypedDict):
    """A link that signs a browser in, once."""

    link: Annotated[str, Field(description="The secret, shown only this once.")]
    url: str
    expires: float
    account: str


@router.get("/overview", operation_id="readOverview", summary="What there is now")
async def read_overview(request: Request) -> Overview:
    """Whether all works, what waits, what failed, and what was charged."""
    state = state_of(request)
    problem = await state.readiness.problem()
    async with state.database.read() as connection:
        now = await numbers(connection)
        engines = await _engine_states(state, connection)
    url = state.settings.storage_url
    return {
        "object": "overview",
        "version": __version__,
        "ready": problem is None,
        "problems": [] if problem is None else problem.split("; "),
        "tasks": {"pending": now.pending, "processing": now.processing, "oldest_pending": now.oldest},
        "engines": [each for each in engines if each["models"]],
        "failed_callbacks": now.failed_callbacks,
        "errors": [{"code": code, "count": count} for code, count in now.errors],
        "refusals": now.refusals,
        "credits": [{"day": day, "credits": float(amount)} for day, amount in now.credits_by_day],
        "disk": await asyncio.to_thread(_disk, state),
        "store": "folder" if url is None else url.partition(":")[0],
        "workers": [{"name": name, "running": count} for name, count in now.workers],
        "accounts": now.accounts,
        "keys": now.keys,
    }


def _disk(state: ServerState) -> Disk | None:
    try:
        usage = shutil.disk_usage(state.settings.data_dir)
    except OSError:
        return None
    return {"free": usage.free, "total": usage.total}


@router.get("/engines", operation_id="listEngines", summary="The engines")
async def read_engines(request: Request, connection: Reading) -> EngineStates:
    """Each that is known, what it lacks, how it stands in this process, and how fast it was measured to be."""
    return {"object": "list", "data": await _engine_states(state_of(request), connection)}


async def _engine_states(state: ServerState, connection: Connection) -> list[EngineState]:
    measured = await speeds(connection)
    told: list[EngineState] = []
    for name, facts in known_engines().items():
        errors = await last_errors(connection, name, codes=_OURS, limit=_ERRORS_SHOWN)
        own: list[MeasuredSpeed] = [
            {
                "tier": each.tier,
                "quality": each.quality,
                "seconds_per_second": round(each.seconds_per_second, 3),
                "samples": each.samples,
            }
            for each in measured
            if each.engine == name
        ]
        last: list[LastError] = [{"task_id": each.task_id, "at": each.at, "code": each.code} for each in errors]
        told.append(_engine_state(state, facts, own, last))
    return told


def _engine_state(
    state: ServerState, facts: EngineFacts, measured: list[MeasuredSpeed], errors: list[LastError]
) -> EngineState:
    host = state.hosts.get(facts.name)
    failures, rests = state.health.failures(facts.name)
    return {
        "name": facts.name,
        "kind": kind_of_engine(facts.name),
        "summary": facts.summary,
        "missing": facts.missing(),
        "install": facts.install or None,
        "here": host is not None,
        "loaded": host is not None and host.is_loaded,
        "problem": None if host is None else host.problem,
        "up": host is not None and state.is_up(facts.name),
        "rests_for": rests,
        "failures": failures,
        "slots": 0 if host is None else host.slots,
        "modes": sorted(mode.value for mode in facts.modes),
        "models": [name for name, model in MODELS.items() if facts.name in state.routes.of(model)],
        "speeds": measured,
        "last_errors": errors,
    }


@router.get("/queue", operation_id="readWholeQueue", summary="The queue of all accounts")
async def read_queue(request: Request, connection: Reading) -> OperatorQueue:
    """Lanes with what runs, and the accounts whose turn comes next."""
    state = state_of(request)
    tasks = await live_tasks(connection)
    names = await names_of(connection, {task.account_id for task in tasks})
    workers = (await numbers(connection)).workers
    lanes: list[OperatorLane] = []
    for lane in lanes_here(state, tasks).values():
        turns: dict[str, WaitingAccount] = {}
        for task in lane.waiting:
            turn = turns.setdefault(
                task.account_id,
                {
                    "account_id": task.account_id,
                    "account": names.get(task.account_id, ""),
                    "count": 0,
                    "first_task": task.id,
                },
            )
            turn["count"] += 1
        running: list[RunningTask] = [
            {
                "id": task.id,
                "account": names.get(task.account_id, ""),
                "model": task.model,
                "owner": task.owner,
                "started": task.started,
                "progress": task.progress,
                "parked": task.parked,
            }
            for task in lane.running
        ]
        lanes.append({**lane_object(state, lane, ""), "tasks": running, "turns": list(turns.values())})
    return {"object": "queue", "lanes": lanes, "workers": [{"name": name, "running": n} for name, n in workers]}


@router.get("/settings", operation_id="listSettings", summary="The settings of this process")
async def read_settings(request: Request) -> SettingList:
    """Each with its value, where that comes from, and what it means. What is secret is told to be set, or not."""
    return {"object": "list", "data": setting_rows(state_of(request).settings)}


@router.get(
    "/deliveries",
    operation_id="listDeliveriesOfAll",
    summary="Callbacks of all accounts",
    responses=error_responses(InvalidRequest, NotFound),
)
async def read_deliveries(
    connection: Reading,
    status: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    host: Annotated[str | None, Query(max_length=300, description="Only those to this host.")] = None,
    account: Annotated[str | None, Query(max_length=200, description="Only of this account, by id or name.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> OperatorDeliveries:
    """Newest first, with their attempts."""
    owner = None if account is None else (await admin.read_account(connection, account)).id
    before = None if cursor is None else decode_place(cursor)
    which = WhichDeliveries(owner, status, host, None, before)
    records = await page_of_deliveries(connection, which, limit=limit + 1)
    names = await names_of(connection, {record.account_id for record in records})
    more = len(records) > limit
    return {
        "object": "list",
        "data": [
            {
                "id": record.id,
                "task_id": record.task_id,
                "account_id": record.account_id,
                "account": names.get(record.account_id, ""),
                "host": record.host,
                **delivery_progress(record),
            }
            for record in records[:limit]
        ],
        "has_more": more,
        "next_cursor": encode_place(records[limit - 1].created, records[limit - 1].id) if more else None,
    }


@router.post(
    "/accounts/{account}/link",
    operation_id="createSignInLink",
    summary="Make a link that signs a browser in",
    responses=error_responses(InvalidRequest, NotFound, RequestTooLarge),
    dependencies=[NotStored],
)
async def create_link(
    request: Request, connection: Writing, account: AccountId, body: admin.NewLink
) -> SignInLinkObject:
    """To the Studio, as this account, once. `link` and `url` are shown only this once."""
    owner, secret, ends = await admin.create_link(connection, account, body)
    return {
        "link": secret,
        "url": link_address(base_url_of(request), secret),
        "expires": ends,
        "account": owner.name,
    }
