"""Tasks as their owner sees them, at a server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from opendance.cli.printing import out, say
from opendance.cli.remote import own_task_of, own_tasks_of
from opendance.cli.tables import moment, print_list
from opendance.cli.where import ADMIN_KEY, NamedServer
from opendance.errors import ConfigurationError

_OF_OPERATOR = ("account", "code", "id")  # filters that the public API does not have


def list_own(server: NamedServer, filters: Mapping[str, str | None], *, limit: int, as_json: bool) -> None:
    """Tasks of the account of the API key, the newest first.

    Args:
        filters: as the admin API names them.

    Raises:
        ConfigurationError: a filter is the operator's.
        ApiProblem: the server refused.
    """
    for name in _OF_OPERATOR:
        if filters.get(name) is not None:
            raise ConfigurationError(f"--{name}: only the operator can look for that; leave it out, or set {ADMIN_KEY}")
    rows = own_tasks_of(server, filters, limit=limit)
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("id", "created", "model", "state", "engine", "credits")
    for row in rows:
        table.add_row(
            row["id"], moment(row["created"]), row["model"], _state(row), row.get("engine", "-"), _credits(row)
        )
    print_list(table)


def show_own(server: NamedServer, task_id: str, *, with_request: bool, as_json: bool) -> None:
    """A task of the account of the API key, with its callbacks and credits.

    Raises:
        ApiProblem: the server refused, or the account has no such task.
    """
    task = own_task_of(server, task_id, with_request=with_request)
    if as_json:
        say(json.dumps(task, ensure_ascii=False))
        return
    facts = Table(show_header=False)
    shown = {"id": task["id"], "model": task["model"], "created": moment(task["created"]), "state": _state(task)}
    shown |= {"engine": task.get("engine", "-"), "credits": _credits(task)}
    if (error := task.get("error")) is not None:
        shown["error"] = error["message"]
    if with_request:
        shown |= {name: str(value) for name, value in task["request"].items()} | {"seed": str(task["seed"])}
    for name, value in shown.items():
        facts.add_row(name, value)
    for link in task.get("results", ()):
        facts.add_row("result", link)
    out.print(facts)
    print_callbacks(task["deliveries"])
    print_ledger(task["ledger"])


def print_callbacks(deliveries: Sequence[Mapping[str, Any]]) -> None:
    """Callbacks of a task with each try."""
    table = Table("callback to", "state", "try", "when", "answer", title="callbacks")
    for delivery in deliveries:
        table.add_row(delivery.get("host") or delivery["url"], delivery["status"], "", moment(delivery["created"]), "")
        for attempt in delivery["attempts"]:
            answer = attempt["error"] or f"HTTP {attempt['status_code']}"
            table.add_row("", "", str(attempt["number"]), moment(attempt["started"]), answer)
    out.print(table)


def print_ledger(entries: Sequence[Mapping[str, Any]]) -> None:
    """The movements of credits for a task."""
    table = Table("no", "when", "what", "credits", title="ledger")
    for entry in entries:
        table.add_row(str(entry["id"]), moment(entry["created"]), entry["kind"], f"{entry['amount']:+.4f}")
    out.print(table)


def _state(task: Mapping[str, Any]) -> str:
    note = task["error"]["code"] if "error" in task else task.get("stage")
    return f"{task['status']} ({note})" if note else task["status"]


def _credits(task: Mapping[str, Any]) -> str:
    usage = task["usage"]
    return f"{usage['credits_used']:g}" if "credits_used" in usage else f"{usage['credits_reserved']:g} reserved"
