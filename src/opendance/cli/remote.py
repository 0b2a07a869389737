"""What `usage`, `audit` and `tasks` show, asked of the server that the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from opendance.cli.where import NamedServer

if TYPE_CHECKING:
    from opendance.administration.tasks import TaskReport, TaskRow
    from opendance.store.audit import AuditRecord
    from opendance.store.usage import UsageRow

_PAGE_OF_TASKS, _PAGE_OF_AUDIT = 100, 1000


def usage_of(server: NamedServer, *, by: list[str], account: str | None, since: str) -> list[UsageRow]:
    """Usage of all accounts where there is an admin key, else of the account of the API key.

    Args:
        since: the first day, 2026-11-23.

    Raises:
        ConfigurationError: a key is missing.
        ApiProblem: the server refused.
    """
    from opendance.store.usage import UsageRow

    wide = server.admin_key is not None or account is not None or "account" in by
    asked = _given({"by": ",".join(by), "account": account, "since": since})
    path = "/admin/v1/usage" if wide else "/v1/usage"
    with server.as_operator("usage of all accounts") if wide else server.as_account() as client:
        rows = client.ask("GET", path, params=asked)["data"]
    return [
        UsageRow(
            {name: str(row[name]) for name in by},
            row["tasks"],
            row["seconds"],
            Decimal(str(row["credits_used"])),
            Decimal(str(row["credits_reserved"])),
        )
        for row in rows
    ]


def audit_of(
    server: NamedServer,
    *,
    kind: str | None,
    account: str | None,
    task: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[AuditRecord]:
    """The audit log, the oldest first.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    from opendance.store.audit import AuditRecord

    asked = _given({"kind": kind, "account": account, "task": task, "since": _day(since), "until": _day(until)})
    rows: list[AuditRecord] = []
    after: int | None = 0
    with server.as_operator("its audit log") as client:
        while after is not None:
            page = client.ask("GET", "/admin/v1/audit", params=asked | {"after": after, "limit": _PAGE_OF_AUDIT})
            rows += [AuditRecord(**row) for row in page["data"]]
            after = page["next_after"]
    return rows


def tasks_of(server: NamedServer, asked: Mapping[str, str | None], *, limit: int) -> list[TaskRow]:
    """Tasks of all accounts, the newest first.

    Args:
        asked: filters, as the admin API names them.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    rows: list[TaskRow] = []
    cursor: str | None = None
    with server.as_operator("the tasks of all accounts") as client:
        while True:
            page = client.ask(
                "GET",
                "/admin/v1/tasks",
                params=_given(asked) | {"limit": min(_PAGE_OF_TASKS, limit - len(rows))} | _given({"cursor": cursor}),
            )
            rows += page["data"]
            cursor = page["next_cursor"]
            if cursor is None or len(rows) >= limit:
                return rows


def task_of(server: NamedServer, task_id: str, *, with_request: bool) -> TaskReport:
    """A task with its journal, callbacks and ledger.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    asked = _given({"include": "request" if with_request else None})
    with server.as_operator("the tasks of all accounts") as client:
        return cast("TaskReport", client.ask("GET", f"/admin/v1/tasks/{task_id}", params=asked))


def change_task(server: NamedServer, task_id: str, action: str, body: dict[str, Any] | None = None) -> TaskRow:
    """Do something with a task; gives it as it is then.

    Args:
        action: `cancel`, `fail` or `run-again`.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    with server.as_operator("the tasks of all accounts") as client:
        return cast("TaskRow", client.ask("POST", f"/admin/v1/tasks/{task_id}/{action}", json=body))


def _given(asked: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d")
