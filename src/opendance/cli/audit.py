"""opendance audit: the audit log, to read or to export."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Annotated

import typer

from opendance import administration as admin
from opendance.administration.views import audit_json
from opendance.cli.common import ConfigFile, DataDir, Day, app, on_store
from opendance.cli.printing import say, tell, write
from opendance.cli.remote import audit_of
from opendance.cli.where import named_server
from opendance.reports.audit import audit_csv
from opendance.store.audit import AuditRecord, list_audit
from opendance.store.database import Connection

_PAGE = 1000


@app.command()
def audit(
    kind: Annotated[str | None, typer.Option(help="Such as filter; admin. is all that begin so.")] = None,
    account: Annotated[str | None, typer.Option(help="Id or name.")] = None,
    task: Annotated[str | None, typer.Option(help="Id of a task.")] = None,
    since: Day = None,
    until: Day = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of one JSON object a line.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Write the audit log to standard output, oldest first: creations, the filter's decisions, admin actions."""

    async def work(connection: Connection) -> list[AuditRecord]:
        owner = None if account is None else (await admin.read_account(connection, account)).id
        rows: list[AuditRecord] = []
        while True:
            page = await list_audit(
                connection,
                after=rows[-1].id if rows else 0,
                kind=kind,
                account_id=owner,
                task_id=task,
                since=None if since is None else since.replace(tzinfo=UTC).timestamp(),
                until=None if until is None else until.replace(tzinfo=UTC).timestamp() + 86_400,
                limit=_PAGE,
            )
            rows += page
            if len(page) < _PAGE:
                return rows

    server = named_server(data_dir, config)
    if server is None:
        rows = on_store(work, data_dir=data_dir, config=config)
    else:
        rows = audit_of(server, kind=kind, account=account, task=task, since=since, until=until)
    if not rows:
        tell(
            "no entry is like that"
            + ("" if kind is None else "; kinds are filter, and those that begin with task. or admin.")
        )
    if as_csv:
        write(audit_csv(rows))
    else:
        for row in rows:
            say(json.dumps(audit_json(row), ensure_ascii=False))
