"""opendance callbacks: those that were given up, of one account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from opendance.administration import read_account
from opendance.administration.callbacks import FailedCallbacks, failed_callbacks
from opendance.cli.common import AsJson, ConfigFile, DataDir, app, on_store
from opendance.cli.printing import say, tell
from opendance.cli.remote import failed_callbacks_of, redeliver_failed_of
from opendance.cli.tables import moment, print_list
from opendance.cli.where import NamedServer, named_server
from opendance.errors import ConfigurationError
from opendance.store.database import Connection

callbacks = typer.Typer(help="Callbacks that were given up: list them, send them again.", no_args_is_help=True)
app.add_typer(callbacks, name="callbacks")

Account = Annotated[
    str | None,
    typer.Argument(help="Id or name of the account; without it, at a server, that of OPENDANCE_API_KEY."),
]


@callbacks.command("failed")
def list_failed(
    account: Account = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Oldest callbacks.")] = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show callbacks of an account that were given up, of tasks of which none was sent since; the oldest first."""
    server = named_server(data_dir, config)
    if server is not None:
        answer = failed_callbacks_of(server, _asked(account, server), limit=limit)
    else:
        name = _required(account)

        async def work(connection: Connection) -> FailedCallbacks:
            return await failed_callbacks(connection, name, limit=limit)

        answer = on_store(work, data_dir=data_dir, config=config)
    if as_json:
        say(json.dumps(answer, ensure_ascii=False))
        return
    table = Table("task", "callback to", "given up", "tries", "last answer")
    for row in answer["data"]:
        ended = "-" if row["finished"] is None else moment(row["finished"])
        table.add_row(row["task_id"], _receiver(row), ended, *_last(row["attempts"]))
    print_list(table)
    if (more := answer["total"] - len(answer["data"])) > 0:
        tell(f"and {more} more; --limit shows up to 1000")


@callbacks.command("redeliver")
def redeliver(account: Account = None, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Send callbacks of an account that were given up again: the oldest first, as many as may be on their way."""
    server = named_server(data_dir, config)
    if server is not None:
        sent, left = redeliver_failed_of(server, _asked(account, server))
    else:
        name = _required(account)

        async def work(connection: Connection) -> tuple[int, int]:
            from opendance.pipeline.operating import redeliver_failed_of as send_again

            return await send_again(connection, (await read_account(connection, name)).id)

        sent, left = on_store(work, data_dir=data_dir, config=config)
    say(f"{sent} are on their way" + (f", {left} are left: ask again in a moment" if left else ""))


def _asked(account: str | None, server: NamedServer) -> str | None:
    """The account that the server is asked for; None for that of the API key."""
    return account if server.is_of_account else _required(account)


def _required(account: str | None) -> str:
    if account is None:
        raise ConfigurationError("ACCOUNT: say whose callbacks, by id or name; `opendance accounts list` shows all")
    return account


def _receiver(row: Mapping[str, Any]) -> str:
    """Its address where an account asks for its own, else the host."""
    return str(row.get("url") or row["host"])


def _last(attempts: list[Any]) -> tuple[str, str]:
    if not attempts:
        return "0", "-"
    return str(len(attempts)), str(attempts[-1]["error"] or f"HTTP {attempts[-1]['status_code']}")
