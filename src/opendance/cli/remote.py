"""What `usage`, `audit`, `tasks` and `callbacks` show, asked of the server that the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from opendance.cli.where import API_KEY, NamedServer
from opendance.client import Client

if TYPE_CHECKING:
    from opendance.administration.callbacks import FailedCallbacks
    from opendance.administration.tasks import TaskReport, TaskRow
    from opendance.store.audit import AuditRecord
    from opendance.store.usage import UsageRow

_PAGE_OF_TASKS, _PAGE_OF_AUDIT = 100, 1000
_ALL_USAGE = "tells usage of all accounts only to its operator"
_ALL_TASKS = f"tells the tasks of all accounts only to its operator, and those of its own account to {API_KEY}"
_CHANGES = {
    "cancel": f"lets only its operator cancel tasks of all accounts, and {API_KEY} those of its own account",
    "fail": "lets only its operator fail tasks; who asked for one can cancel it: opendance tasks cancel",
    "run-again": "lets only its operator make tasks of others again; who asked for one can ask for it once more: "
    "POST /v1/tasks/{task_id}/again",
}


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
    with server.as_operator(_ALL_USAGE) if wide else server.as_account() as client:
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
    with server.as_operator("tells its audit log only to its operator") as client:
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
    with server.as_operator(_ALL_TASKS) as client:
        return _pages(client, "/admin/v1/tasks", asked, limit=limit)


def task_of(server: NamedServer, task_id: str, *, with_request: bool) -> TaskReport:
    """A task with its journal, callbacks and ledger.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    asked = _given({"include": "request" if with_request else None})
    with server.as_operator(_ALL_TASKS) as client:
        return cast("TaskReport", client.ask("GET", f"/admin/v1/tasks/{quote(task_id, safe='')}", params=asked))


def change_task(server: NamedServer, task_id: str, action: str, body: dict[str, Any] | None = None) -> TaskRow:
    """Do something with a task; gives it as it is then.

    Args:
        action: `cancel`, `fail` or `run-again`.

    Raises:
        ConfigurationError: the admin key is missing.
        ApiProblem: the server refused.
    """
    with server.as_operator(_CHANGES[action]) as client:
        return cast("TaskRow", client.ask("POST", f"/admin/v1/tasks/{quote(task_id, safe='')}/{action}", json=body))


def own_tasks_of(server: NamedServer, asked: Mapping[str, str | None], *, limit: int) -> list[dict[str, Any]]:
    """Tasks of the account of the API key, the newest first, as the API tells them.

    Args:
        asked: filters, as the API names them.

    Raises:
        ApiProblem: the server refused.
    """
    with server.as_account() as client:
        return _pages(client, "/v1/tasks", asked, limit=limit)


def own_task_of(server: NamedServer, task_id: str, *, with_request: bool) -> dict[str, Any]:
    """A task of the account of the API key, as the API tells it, with its `deliveries` and its `ledger`.

    Raises:
        ApiProblem: the server refused.
    """
    path, asked = f"/v1/tasks/{quote(task_id, safe='')}", _given({"include": "request" if with_request else None})
    with server.as_account() as client:
        task = client.ask("GET", path, params=asked)
        return {
            **task,
            "deliveries": client.ask("GET", f"{path}/deliveries")["data"],
            "ledger": client.ask("GET", f"{path}/ledger")["data"],
        }


def cancel_own(server: NamedServer, task_id: str) -> dict[str, Any]:
    """Cancel a task of the account of the API key; gives it as it is then.

    Raises:
        ApiProblem: the server refused.
    """
    with server.as_account() as client:
        return dict(client.cancel(task_id).raw)


def failed_callbacks_of(server: NamedServer, account: str | None, *, limit: int) -> FailedCallbacks:
    """Callbacks that were given up, the oldest first.

    Args:
        account: of an account, by id or name, for the operator; None for that of the API key, whose callbacks are told
            with their addresses.

    Raises:
        ConfigurationError: a key is missing.
        ApiProblem: the server refused.
    """
    with _for_callbacks(server, account) as client:
        answer = client.ask("GET", _callbacks_path(account), params={"limit": limit})
    return cast("FailedCallbacks", answer)


def redeliver_failed_of(server: NamedServer, account: str | None) -> tuple[int, int]:
    """Send them again: how many are on their way now, and how many are left.

    Args:
        account: as in `failed_callbacks_of`.

    Raises:
        ConfigurationError: a key is missing.
        ApiProblem: the server refused.
    """
    with _for_callbacks(server, account) as client:
        answer = client.ask("POST", f"{_callbacks_path(account)}/redeliver")
    return answer["sent"], answer["left"]


def _for_callbacks(server: NamedServer, account: str | None) -> Client:
    refusal = f"tells callbacks of another account only to its operator; leave the account out for that of {API_KEY}"
    return server.as_account() if account is None else server.as_operator(refusal)


def _callbacks_path(account: str | None) -> str:
    of_account = "/v1" if account is None else f"/admin/v1/accounts/{quote(account, safe='')}"
    return f"{of_account}/callbacks/failed"


def _pages(client: Client, path: str, asked: Mapping[str, str | None], *, limit: int) -> list[Any]:
    """Rows of a list, page by page, at most `limit`."""
    rows: list[Any] = []
    cursor: str | None = None
    while True:
        page_size = min(_PAGE_OF_TASKS, limit - len(rows))
        page = client.ask("GET", path, params=_given(asked) | {"limit": page_size} | _given({"cursor": cursor}))
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None or len(rows) >= limit:
            return rows


def _given(asked: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d")
