"""opendance accounts, groups, admin-key."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from opendance import administration as admin
from opendance.administration.views import account_json, group_json
from opendance.cli.common import AsJson, ConfigFile, DataDir, app, checked, on_store
from opendance.cli.printing import say
from opendance.cli.tables import print_list
from opendance.credits import shown
from opendance.engines.configured import Engines
from opendance.errors import ConfigurationError, NotFound
from opendance.settings import load_settings
from opendance.store.accounts import list_accounts, list_groups
from opendance.store.database import Connection

accounts_app = typer.Typer(help="Make, list and change accounts.", no_args_is_help=True)
groups_app = typer.Typer(help="Prices, priorities and limits of groups of accounts.", no_args_is_help=True)
admin_key_app = typer.Typer(help="The key for /admin/v1.", no_args_is_help=True)
app.add_typer(accounts_app, name="accounts")
app.add_typer(groups_app, name="groups")
app.add_typer(admin_key_app, name="admin-key")

AccountName = Annotated[str, typer.Argument(help="Id or name of the account.")]
GroupName = Annotated[str, typer.Argument(help="Name of the group.")]
RequestLimit = Annotated[int | None, typer.Option("--requests-per-minute", help="Reading may be ten times as much.")]
TaskLimit = Annotated[int | None, typer.Option("--max-tasks", help="Tasks that wait or run at once.")]


def _or_dash(limit: int | None) -> str:
    return "-" if limit is None else str(limit)


@accounts_app.command("create")
def accounts_create(
    name: Annotated[str, typer.Option(help="Whose it is.")],
    group: Annotated[str | None, typer.Option(help="Its group [default: default].")] = None,
    credits_: Annotated[str | None, typer.Option("--credits", help="Credits that it starts with [default: 0].")] = None,
    requests_per_minute: RequestLimit = None,
    max_tasks: TaskLimit = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make an account and print its id. Keys for it: `opendance keys create --account`."""
    request = checked(
        admin.NewAccount,
        name=name,
        user_group=group,
        credits=credits_,
        requests_per_minute=requests_per_minute,
        max_tasks=max_tasks,
    )
    say(on_store(lambda c: admin.create_account(c, request), data_dir=data_dir, config=config).id)


@accounts_app.command("list")
def accounts_list(as_json: AsJson = False, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show all accounts."""
    records = on_store(list_accounts, data_dir=data_dir, config=config)
    if as_json:
        say(json.dumps([account_json(record) for record in records]))
        return
    table = Table("id", "name", "group", "state", "credits", "requests a minute", "tasks at once")
    for record in records:
        limits = (_or_dash(record.requests_per_minute), _or_dash(record.max_tasks))
        state = "on" if record.enabled else "off"
        table.add_row(record.id, record.name, record.user_group, state, shown(record.balance), *limits)
    print_list(table)


@accounts_app.command("update")
def accounts_update(
    account: AccountName,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    group: Annotated[str | None, typer.Option(help="Another group.")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Off: its keys are refused.")] = None,
    requests_per_minute: RequestLimit = None,
    max_tasks: TaskLimit = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="A limit to remove: requests_per_minute, max_tasks; repeat.")
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Change an account; what is not given stays."""
    given = {
        "name": name,
        "user_group": group,
        "enabled": enabled,
        "requests_per_minute": requests_per_minute,
        "max_tasks": max_tasks,
    }
    request = checked(admin.AccountChange, remove, **given)
    record = on_store(lambda c: admin.change_account(c, account, request), data_dir=data_dir, config=config)
    say(f"changed {record.id}")


@groups_app.command("list")
def groups_list(as_json: AsJson = False, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show all groups."""
    groups = on_store(list_groups, data_dir=data_dir, config=config)
    if as_json:
        say(json.dumps([group_json(group) for group in groups]))
        return
    table = Table(
        "name", "price x", "priority", "requests a minute", "tasks at once", "all: requests", "all: tasks", "files",
        "kept GiB", "own keys", "engines",
    )  # fmt: skip
    for group in groups:
        table.add_row(
            group.name,
            shown(group.price_ratio),
            str(group.priority),
            _or_dash(group.requests_per_minute),
            _or_dash(group.max_tasks),
            _or_dash(group.total_requests_per_minute),
            _or_dash(group.total_max_tasks),
            str(group.max_files),
            f"{group.max_kept_bytes / 2**30:g}",
            "yes" if group.own_keys else "no",
            "all" if group.engines is None else ", ".join(group.engines),
        )
    print_list(table)


@groups_app.command("set")
def groups_set(
    name: GroupName,
    price_ratio: Annotated[str | None, typer.Option(help="On every price, such as 0.9.")] = None,
    priority: Annotated[int | None, typer.Option(help="Share of the engines' time, 1 to 100.")] = None,
    requests_per_minute: RequestLimit = None,
    max_tasks: TaskLimit = None,
    total_requests_per_minute: Annotated[int | None, typer.Option(help="Of all its accounts together.")] = None,
    total_max_tasks: Annotated[int | None, typer.Option(help="Of all its accounts together.")] = None,
    max_files: Annotated[int | None, typer.Option(help="Uploads that an account keeps.")] = None,
    max_kept_bytes: Annotated[int | None, typer.Option(help="Room for results that an account keeps.")] = None,
    own_keys: Annotated[bool | None, typer.Option(help="Whether accounts may make keys of their own.")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="An engine it may use; repeat. Default: all.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A limit to remove, such as max_tasks; repeat.")] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make a group or change it; what is not given stays."""
    given = {
        "price_ratio": price_ratio,
        "priority": priority,
        "requests_per_minute": requests_per_minute,
        "max_tasks": max_tasks,
        "total_requests_per_minute": total_requests_per_minute,
        "total_max_tasks": total_max_tasks,
        "max_files": max_files,
        "max_kept_bytes": max_kept_bytes,
        "own_keys": own_keys,
        "engines": engine or None,
    }
    request = checked(admin.GroupChange, remove, **given)
    known = Engines(load_settings(config, data_dir=data_dir).engine)
    if (problem := admin.unknown_engine(request, known)) is not None:
        raise ConfigurationError(f"--engine: {problem}")
    named = checked(admin.NewAccount, name="x", user_group=name).user_group
    group = on_store(lambda c: admin.put_group(c, named, request), data_dir=data_dir, config=config)
    say(f"set {group.name}")


@groups_app.command("remove")
def groups_remove(name: GroupName, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Remove a group that no account is in."""
    on_store(lambda c: admin.remove_group(c, name), data_dir=data_dir, config=config)
    say(f"removed {name}")


@admin_key_app.command("create")
def admin_key_create(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Make the admin key, in place of the one before, and print it, alone, on stdout: the only time it can be seen."""
    say(on_store(admin.new_admin_key, data_dir=data_dir, config=config))


@admin_key_app.command("remove")
def admin_key_remove(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Forget the admin key that was made; one in the settings stays."""

    async def work(connection: Connection) -> None:
        if not await admin.remove_admin_key(connection):  # inside, so that the audit log does not tell of it
            raise NotFound(what="admin key", name="made", hint="; one in the settings is removed there")

    on_store(work, data_dir=data_dir, config=config)
    say("removed")
