"""Tasks of all accounts, as the operator sees them.

What others asked for and got - prompts, media, and what repeats words of theirs - is shown only where the operator asks
for it, and the audit log says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, NotRequired, cast

from pydantic import Field
from typing_extensions import TypedDict

from opendance.administration.operations import read_account
from opendance.administration.views import DeliveryProgress, LedgerRow, delivery_progress, entry_json
from opendance.errors import FAULTS, InvalidTaskId, NotFound
from opendance.links import Links
from opendance.store.accounts import names_of
from opendance.store.all_tasks import WhichTasks, find_task, list_all_tasks
from opendance.store.audit import record
from opendance.store.audited import ACTOR
from opendance.store.database import Connection
from opendance.store.deliveries import DeliveryRecord, list_deliveries
from opendance.store.journal import KeptEntry, list_journal
from opendance.store.ledger import LedgerRecord, list_entries
from opendance.store.listing import Position
from opendance.store.tasks import TaskRecord, list_changes
from opendance.task import Status, is_task_id
from opendance.telemetry.traces import trace_id_of

StatusName = Literal["pending", "processing", "completed", "failed", "cancelled"]
_UPSTREAM, _FAILURES = "upstream", "engines"  # entries of the journal that have no words of the user
_DECISIONS = "filter"


class TaskProblem(TypedDict):
    """Why a task has no video."""

    code: str
    message: Annotated[
        str | None,
        Field(description="What its user was told. Null, unless asked for, where it may repeat words of theirs."),
    ]


class TaskRow(TypedDict):
    """A task of any account, without what was asked for."""

    id: str
    account_id: str
    account: Annotated[str, Field(description="Its name.")]
    key_id: str | None
    wire: Annotated[str, Field(description="The API that it came by.")]
    model: str
    quality: str
    duration: Annotated[int, Field(description="Length of the video, s.")]
    status: StatusName
    stage: str | None
    progress: int
    created: Annotated[float, Field(description="Unix time, as all times here.")]
    started: float | None
    finished: float | None
    engine: Annotated[str | None, Field(description="What made it, or makes it at an upstream.")]
    substitute: Annotated[bool, Field(description="Whether `engine` was not the first of its route.")]
    attempts: Annotated[int, Field(description="How often a worker took it.")]
    owner: Annotated[str | None, Field(description="Who has it, in the words of the queue.")]
    parks: Annotated[int, Field(description="How often it went on once something outside had happened.")]
    parked_until: Annotated[float | None, Field(description="When it is looked at, while it is parked.")]
    awaits: Annotated[str | None, Field(description="The task that it waits for.")]
    cancel_requested: bool
    error: TaskProblem | None
    credits_reserved: float
    credits_used: float | None
    trace_id: Annotated[str | None, Field(description="Its trace, where traces are recorded.")]


class JournalRow(TypedDict):
    """A step that has finished, or what steps keep beside."""

    name: str
    seconds: Annotated[float, Field(description="That the step took; 0 of what is no step.")]
    finished: float
    value: Annotated[Any, Field(description="What it gave. Null, unless asked for, but for what engines did.")]


class EventRow(TypedDict):
    """A change of a task that its owner could see."""

    revision: int
    status: StatusName
    stage: str | None
    progress: int


class FindingRow(TypedDict):
    """Why the content filter refuses something."""

    policy: str
    category: str
    by: Annotated[str, Field(description="`rules`, or the name of a classifier.")]
    score: Annotated[float | None, Field(description="Of a classifier.")]
    words: Annotated[list[str] | None, Field(description="Those of the prompt. Null, unless asked for.")]


class DecisionRow(TypedDict):
    """What the content filter decided of an input, or of the video."""

    input: Annotated[str, Field(description="Where it stands in the request: `prompt`, `image_urls[0]`; or `output`.")]
    verdict: Literal["allowed", "refused"]
    findings: list[FindingRow]
    unasked: Annotated[list[str], Field(description="Classifiers that could not be asked.")]


class DeliveryRow(DeliveryProgress):
    """A callback of a task. Its whole address is part of the request."""

    id: str
    host: str


class RequestShown(TypedDict):
    """What was asked for, and what came of it."""

    order: Annotated[dict[str, Any], Field(description="Prompt, links and parameters, in no API's words.")]
    seed: int
    title: str | None
    tags: list[str]
    results: Annotated[list[str], Field(description="A link to the video, made just now, while it is kept.")]


class TaskReport(TaskRow):
    """A task of any account with all that is known of how it went."""

    journal: list[JournalRow]
    events: Annotated[list[EventRow], Field(description="In order; of one that ended long ago only the last.")]
    decisions: Annotated[list[DecisionRow], Field(description="Of the content filter.")]
    deliveries: list[DeliveryRow]
    ledger: Annotated[list[LedgerRow], Field(description="Oldest first.")]
    request: NotRequired[Annotated[RequestShown, Field(description="With `include=request`.")]]


async def list_tasks(
    connection: Connection, which: WhichTasks, *, account: str | None, limit: int, after: Position | None = None
) -> list[TaskRecord]:
    """Tasks of all accounts, newest first.

    Args:
        account: only its, by id or name.

    Raises:
        NotFound: there is no such account.
    """
    if account is not None:
        which = replace(which, account_id=(await read_account(connection, account)).id)
    return await list_all_tasks(connection, which, limit=limit, after=after)


async def read_task(connection: Connection, task_id: str) -> TaskRecord:
    """The task, whoever's it is.

    Raises:
        InvalidTaskId: `task_id` has not the form of one.
        NotFound: there is none.
    """
    if not is_task_id(task_id):
        raise InvalidTaskId(task_id=repr(task_id[:80]))
    task = await find_task(connection, task_id)
    if task is None:
        raise NotFound(what="task", name=task_id, hint="")
    return task


async def task_rows(connection: Connection, tasks: Sequence[TaskRecord]) -> list[TaskRow]:
    """The tasks, as lists show them."""
    names = await names_of(connection, {task.account_id for task in tasks})
    return [_row(task, names.get(task.account_id, ""), whole=False) for task in tasks]


async def task_report(
    connection: Connection, task: TaskRecord, *, links: Links | None = None, base_url: str = ""
) -> TaskReport:
    """The task with its journal, callbacks and ledger.

    Args:
        links: with them also what was asked for. The audit log tells who looked: the connection must be a writing one.
        base_url: of the links, where the task knows none.
    """
    names = await names_of(connection, [task.account_id])
    whole = links is not None
    journal = await list_journal(connection, task.id)
    report: TaskReport = {
        **_row(task, names.get(task.account_id, ""), whole=whole),
        "journal": [_journal_row(entry, whole=whole) for entry in journal if entry.name != _DECISIONS],
        "events": [
            {"revision": each.revision, "status": each.status.value, "stage": each.stage, "progress": each.progress}
            for each in await list_changes(connection, task.account_id, task.id, after=0)
        ],
        "decisions": [
            _decision_row(row, whole=whole)
            for entry in journal
            if entry.name == _DECISIONS
            for row in entry.value or ()
        ],
        "deliveries": [_delivery_row(each) for each in await list_deliveries(connection, task.account_id, task.id)],
        "ledger": [entry_json(entry) for entry in await _entries(connection, task)],
    }
    if links is not None:
        report["request"] = _request(task, links, base_url)
        await record(
            connection,
            "admin.read_request",
            actor=ACTOR.get(),
            account_id=task.account_id,
            task_id=task.id,
            detail={},
        )
    return report


async def _entries(connection: Connection, task: TaskRecord) -> list[LedgerRecord]:
    return (await list_entries(connection, task.account_id, task_id=task.id))[::-1]


def _row(task: TaskRecord, account: str, *, whole: bool) -> TaskRow:
    return {
        "id": task.id,
        "account_id": task.account_id,
        "account": account,
        "key_id": task.key_id,
        "wire": task.wire,
        "model": task.model,
        "quality": task.order.quality.value,
        "duration": task.order.duration,
        "status": task.status.value,
        "stage": task.stage,
        "progress": task.progress,
        "created": task.created,
        "started": task.started,
        "finished": task.finished,
        "engine": task.engine,
        "substitute": task.substitute,
        "attempts": task.attempts,
        "owner": task.owner,
        "parks": task.parks,
        "parked_until": task.parked_until,
        "awaits": task.awaits,
        "cancel_requested": task.cancel_requested,
        "error": None if task.error_code is None else _problem(task.error_code, task.error_message, whole=whole),
        "credits_reserved": float(task.credits_reserved),
        "credits_used": None if task.credits_used is None else float(task.credits_used),
        "trace_id": trace_id_of(task.trace),
    }


def _problem(code: str, message: str | None, *, whole: bool) -> TaskProblem:
    """Of a fault of their own users are told in words of theirs, such as those that the content filter found."""
    return {"code": code, "message": message if whole or _is_ours(code) else None}


def _is_ours(code: object) -> bool:
    return code == "request_cancelled" or FAULTS.get(str(code), "server") == "server"


def _journal_row(entry: KeptEntry, *, whole: bool) -> JournalRow:
    value: Any = entry.value if whole or entry.name == _UPSTREAM else None
    if entry.name == _FAILURES and isinstance(entry.value, list) and not whole:
        failures = cast("list[dict[str, Any]]", entry.value)
        value = [each | ({} if _is_ours(each.get("code")) else {"message": None}) for each in failures]
    return {"name": entry.name, "seconds": entry.seconds, "finished": entry.finished, "value": value}


def _decision_row(decision: Mapping[str, Any], *, whole: bool) -> DecisionRow:
    findings: list[dict[str, Any]] = decision.get("findings", [])
    return {
        "input": decision["input"],
        "verdict": decision["verdict"],
        "findings": [
            {
                "policy": each["policy"],
                "category": each["category"],
                "by": each.get("by", "rules"),
                "score": each.get("score"),
                "words": list(each.get("words", ())) if whole else None,
            }
            for each in findings
        ],
        "unasked": decision.get("unasked", []),
    }


def _delivery_row(delivery: DeliveryRecord) -> DeliveryRow:
    return {"id": delivery.id, "host": delivery.host, **delivery_progress(delivery)}


def _request(task: TaskRecord, links: Links, base_url: str) -> RequestShown:
    is_kept = task.status is Status.COMPLETED and task.result_key is not None and task.swept is None
    link = links.result(task.base_url or base_url, task.result_key or "", made=time.time()) if is_kept else None
    return {
        "order": task.order.as_json(),
        "seed": task.seed,
        "title": task.title,
        "tags": task.tags or [],
        "results": [] if link is None else [link],
    }
