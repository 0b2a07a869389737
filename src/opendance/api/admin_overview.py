"""`/admin/v1/overview`, the queue, settings and sign-in links, for the operator.

What is said of readiness is what this process knows; tasks, engines, callbacks and credits are of all.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance import __version__
from opendance import administration as admin
from opendance.administration.settings import SettingRow, setting_rows
from opendance.api.admin import AccountId
from opendance.api.admin_engines import EngineRow, engine_rows
from opendance.api.operators import operator_router
from opendance.api.queue import LaneObject, lane_object, lanes_here
from opendance.api.responses import NotStored
from opendance.api.state import Reading, ServerState, Writing, base_url_of, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import InvalidRequest, NotFound, RequestTooLarge
from opendance.store.accounts import names_of
from opendance.store.overview import numbers
from opendance.store.waiting import live_tasks
from opendance.studio import link_address

router = operator_router()


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
    engines: list[EngineRow]
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
        engines = await engine_rows(state, connection)
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
