"""opendance tasks: those of all accounts for the operator; at a server with the key of an account, its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from opendance.administration import tasks as admin
from opendance.administration.tasks import TaskReport, TaskRow
from opendance.catalog import MODELS
from opendance.cli.common import AsJson, ConfigFile, DataDir, Day, app, on_store
from opendance.cli.own_tasks import list_own, print_callbacks, print_ledger, show_own
from opendance.cli.printing import out, say
from opendance.cli.remote import cancel_own, change_task, task_of, tasks_of
from opendance.cli.tables import moment, print_list
from opendance.cli.where import installation, named_server
from opendance.errors import TASK_ERROR_CODES, ConfigurationError
from opendance.links import Links
from opendance.settings import load_settings
from opendance.store.all_tasks import WhichTasks
from opendance.store.database import Connection
from opendance.store.secrets import server_secret
from opendance.store.tasks import TaskRecord
from opendance.task import Status

if TYPE_CHECKING:  # it brings the whole pipeline along
    from opendance.pipeline.operating import Operator

tasks_app = typer.Typer(
    help="Look at tasks, and stop, fail or repeat them: those of all accounts, or of the one whose key is used.",
    no_args_is_help=True,
)
app.add_typer(tasks_app, name="tasks")

TaskId = Annotated[str, typer.Argument(help="Id of the task.")]
_DAY_SECONDS = 86_400.0


@tasks_app.command("list")
def tasks_list(
    account: Annotated[str | None, typer.Option(help="Id or name.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only tasks in this state.")] = None,
    model: Annotated[str | None, typer.Option(help="Only tasks of this model.")] = None,
    engine: Annotated[str | None, typer.Option(help="Only tasks that it made, or makes at an upstream.")] = None,
    code: Annotated[str | None, typer.Option(help="Only tasks that ended with this error code.")] = None,
    part_of_id: Annotated[str | None, typer.Option("--id", help="Only tasks with this in their id.")] = None,
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Newest tasks.")] = 50,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show tasks, newest first, without what was asked for.

    Those of all accounts; at a server with OPENDANCE_API_KEY alone, those of its account.
    """
    for option, value, known in (("model", model, MODELS), ("code", code, TASK_ERROR_CODES)):
        if value is not None and value not in known:
            raise ConfigurationError(f"--{option}: there is no {value}; there are {', '.join(sorted(known))}")
    server = named_server(data_dir, config)
    if server is not None:
        filters = {"account": account, "status": None if status is None else status.value, "model": model}
        filters |= {"engine": engine, "code": code, "id": part_of_id, "from": _day(since), "to": _day(until)}
        if server.is_of_account:
            list_own(server, filters, limit=limit, as_json=as_json)
        else:
            _list(tasks_of(server, filters, limit=limit), as_json=as_json)
        return
    which = WhichTasks(
        status=status,
        model=model,
        engine=engine,
        error_code=code,
        part_of_id=part_of_id,
        created_from=None if since is None else since.replace(tzinfo=UTC).timestamp(),
        created_before=None if until is None else until.replace(tzinfo=UTC).timestamp() + _DAY_SECONDS,
    )

    async def work(connection: Connection) -> list[TaskRow]:
        return await admin.task_rows(
            connection, await admin.list_tasks(connection, which, account=account, limit=limit)
        )

    _list(on_store(work, data_dir=data_dir, config=config), as_json=as_json)


def _list(rows: list[TaskRow], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("id", "created", "account", "model", "state", "engine", "seconds")
    for row in rows:
        table.add_row(
            row["id"],
            moment(row["created"]),
            row["account"],
            row["model"],
            _state(row),
            row["engine"] or "-",
            "-" if row["finished"] is None else f"{row['finished'] - row['created']:.1f}",
        )
    print_list(table)


@tasks_app.command("show")
def tasks_show(
    task_id: TaskId,
    with_request: Annotated[
        bool, typer.Option("--request", help="Also the prompt, the media and the result; the audit log has it.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show a task with its journal, its callbacks and its credits."""
    server = named_server(data_dir, config)
    if server is not None and server.is_of_account:
        show_own(server, task_id, with_request=with_request, as_json=as_json)
        return
    if server is not None:
        _report(task_of(server, task_id, with_request=with_request), as_json=as_json)
        return
    base_url = load_settings(config, data_dir=data_dir).public_url or ""

    async def work(connection: Connection) -> TaskReport:
        task = await admin.read_task(connection, task_id)
        links = Links(await server_secret(connection, "result-links")) if with_request else None
        return await admin.task_report(connection, task, links=links, base_url=base_url)

    _report(on_store(work, data_dir=data_dir, config=config), as_json=as_json)


def _report(report: TaskReport, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(report, ensure_ascii=False))
    else:
        _show(report)


@tasks_app.command("cancel")
def tasks_cancel(task_id: TaskId, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Cancel a task: one that waits at once, one that runs by whoever works on it."""
    if (server := named_server(data_dir, config)) is not None:
        change = cancel_own(server, task_id) if server.is_of_account else change_task(server, task_id, "cancel")
        status = Status(change["status"])
    else:
        status = _operate(task_id, lambda operator, task: operator.cancel(task), data_dir, config).status
    say(f"{task_id} is {status}" + ("" if status.terminal else "; whoever works on it is asked to stop"))


@tasks_app.command("fail")
def tasks_fail(
    task_id: TaskId,
    reason: Annotated[str, typer.Option(help="Told to the task's user.")],
    code: Annotated[str, typer.Option(help="The task's error code.", show_default=True)] = "service_error",
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Fail a task that has not ended, whoever has it; nothing is charged."""
    if (server := named_server(data_dir, config)) is not None:
        status = Status(change_task(server, task_id, "fail", {"code": code, "reason": reason})["status"])
    else:

        def end(operator: Operator, task: TaskRecord) -> Awaitable[TaskRecord]:
            return operator.fail(task, code=code, reason=reason)

        status = _operate(task_id, end, data_dir, config).status
    say(f"{task_id} is {status}")


@tasks_app.command("run-again")
def tasks_run_again(task_id: TaskId, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Make a failed or stuck task once more, and print the id of the new one, alone, on stdout."""
    if (server := named_server(data_dir, config)) is not None:
        say(change_task(server, task_id, "run-again")["id"])
        return
    base_url = load_settings(config, data_dir=data_dir).public_url or ""
    say(_operate(task_id, lambda operator, task: operator.run_again(task, base_url=base_url), data_dir, config).id)


def _operate(
    task_id: str,
    work: Callable[[Operator, TaskRecord], Awaitable[TaskRecord]],
    data_dir: Path | None,
    config: Path | None,
) -> TaskRecord:
    """Do something with a task, with or without a running server; gives it as it is then."""
    from opendance.running import operating

    settings = installation(data_dir, config)

    async def run() -> TaskRecord:
        async with operating(settings) as (operator, database):
            async with database.read() as connection:
                task = await admin.read_task(connection, task_id)
            return await work(operator, task)

    return asyncio.run(run())


def _show(report: TaskReport) -> None:
    facts = Table(show_header=False)
    for name, value in report.items():
        if isinstance(value, list | dict) or name in ("status", "stage", "error", "cancel_requested"):
            continue
        if isinstance(value, float) and name in ("created", "started", "finished", "parked_until"):
            facts.add_row(name, moment(value))
        else:
            facts.add_row(name, "-" if value is None else str(value))
    facts.add_row("state", _state(report))
    if report["error"] is not None:
        facts.add_row("error", report["error"]["message"] or "(its user was told; --request shows it)")
    if (request := report.get("request")) is not None:
        for name, value in (*request["order"].items(), ("seed", request["seed"]), ("title", request["title"])):
            facts.add_row(name, str(value))
        for link in request["results"]:
            facts.add_row("result", link)
    out.print(facts)
    journal = Table("step", "finished", "seconds", "what", title="journal")
    for row in report["journal"]:
        value = "" if row["value"] is None else json.dumps(row["value"], ensure_ascii=False)
        journal.add_row(row["name"], moment(row["finished"]), f"{row['seconds']:.3f}", value)
    out.print(journal)
    print_callbacks(report["deliveries"])
    print_ledger(report["ledger"])


def _state(row: TaskRow) -> str:
    """Its state, and what there is to say of it: the stage, the error code, that it is parked or to stop."""
    notes = [row["stage"], None if row["error"] is None else row["error"]["code"]]
    notes += ["parked"] * (row["parked_until"] is not None) + ["asked to stop"] * row["cancel_requested"]
    said = ", ".join(note for note in notes if note)
    return f"{row['status']} ({said})" if said else row["status"]


def _day(day: datetime | None) -> str | None:
    return None if day is None else day.strftime("%Y-%m-%d")
