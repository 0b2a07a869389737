"""opendance keys: API keys."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from opendance import administration as admin
from opendance.administration.views import key_json
from opendance.cli.common import AsJson, ConfigFile, DataDir, app, checked, on_store
from opendance.cli.printing import say
from opendance.cli.tables import print_list
from opendance.credits import shown
from opendance.settings import load_settings
from opendance.store.accounts import list_accounts
from opendance.store.beginning import ensure_default_account
from opendance.store.database import Connection
from opendance.store.keys import KeyRecord, list_keys

keys_app = typer.Typer(help="Make, list, change, rotate and revoke API keys.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")

KeyName = Annotated[str, typer.Argument(help="Id or name of the key.")]
Models = Annotated[list[str] | None, typer.Option("--model", help="A model it may use; repeat. Default: all.")]
CreditLimit = Annotated[str | None, typer.Option(help="Credits it may use in all. Default: all of its account.")]
RequestLimit = Annotated[int | None, typer.Option("--requests-per-minute", help="Limit of its own.")]
TaskLimit = Annotated[int | None, typer.Option("--max-tasks", help="Tasks at once, limit of its own.")]
Days = Annotated[float | None, typer.Option(min=0, help="Days until it ends. Default: never.")]


def _expires(days: float | None) -> float | None:
    return None if days is None else time.time() + days * 86400


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    account: Annotated[str | None, typer.Option(help="Id or name [default: the first account].")] = None,
    model: Models = None,
    days: Days = None,
    credit_limit: CreditLimit = None,
    requests_per_minute: RequestLimit = None,
    max_tasks: TaskLimit = None,
    test: Annotated[
        bool, typer.Option("--test", help="For the sandbox: its videos are blank, and cost nothing.")
    ] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make a key and print it, alone, on stdout: the only time that it can be seen."""
    request = checked(
        admin.NewKey,
        name=name,
        models=model or None,
        expires=_expires(days),
        credit_limit=credit_limit,
        requests_per_minute=requests_per_minute,
        max_tasks=max_tasks,
        kind="test" if test else "live",
    )

    starting_credits = load_settings(config, data_dir=data_dir).starting_credits

    async def work(connection: Connection) -> str:
        owner = account or await ensure_default_account(connection, starting_credits=starting_credits)
        return (await admin.create_key(connection, owner, request))[1]

    say(on_store(work, data_dir=data_dir, config=config))


@keys_app.command("list")
def keys_list(as_json: AsJson = False, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show all keys, without what is secret of them."""

    async def work(connection: Connection) -> tuple[list[KeyRecord], dict[str, str]]:
        return await list_keys(connection), {a.id: a.name for a in await list_accounts(connection)}

    records, owners = on_store(work, data_dir=data_dir, config=config)
    if as_json:
        say(json.dumps([key_json(record) for record in records]))
        return
    table = Table("id", "name", "account", "key", "made", "state", "models", "used", "of", "last use")
    for record in records:
        table.add_row(
            record.id,
            record.name,
            owners[record.account_id],
            record.prefix + "…",
            _minute(record.created),
            record.state(time.time()),
            ", ".join(record.models or ("all",)),
            shown(record.used),
            "-" if record.credit_limit is None else shown(record.credit_limit),
            "-" if record.last_used is None else _minute(record.last_used),
        )
    print_list(table)


def _minute(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M")


@keys_app.command("update")
def keys_update(
    key: KeyName,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Switch it on or off.")] = None,
    model: Models = None,
    days: Days = None,
    credit_limit: CreditLimit = None,
    requests_per_minute: RequestLimit = None,
    max_tasks: TaskLimit = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(help="A limit to remove: models, expires, credit_limit, requests_per_minute, max_tasks; repeat."),
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Change a key; what is not given stays."""
    given = {
        "name": name,
        "enabled": enabled,
        "models": model or None,
        "expires": _expires(days),
        "credit_limit": credit_limit,
        "requests_per_minute": requests_per_minute,
        "max_tasks": max_tasks,
    }
    request = checked(admin.KeyChange, remove, **given)
    record = on_store(lambda c: admin.change_key(c, key, request), data_dir=data_dir, config=config)
    say(f"changed {record.id}")


@keys_app.command("rotate")
def keys_rotate(
    key: KeyName,
    overlap_hours: Annotated[float, typer.Option(help="How long the old key works too.")] = admin.DEFAULT_OVERLAP_HOURS,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Give a key a new secret and print it, alone, on stdout; the old one works on for a while."""
    request = checked(admin.Rotation, overlap_hours=overlap_hours)
    say(on_store(lambda c: admin.rotate_key(c, key, request), data_dir=data_dir, config=config)[1])


@keys_app.command("revoke")
def keys_revoke(key: KeyName, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Revoke a key for good; a running server refuses it from the next request on."""
    record = on_store(lambda c: admin.revoke_key(c, key), data_dir=data_dir, config=config)
    say(f"revoked {record.id} ({record.name})")
