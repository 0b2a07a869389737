"""opendance credits: balances, top-ups, the ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from opendance import administration as admin
from opendance.administration.views import entry_json
from opendance.cli.common import AsJson, ConfigFile, DataDir, app, checked, on_store
from opendance.cli.printing import say
from opendance.cli.tables import print_list
from opendance.credits import shown
from opendance.store.database import Connection
from opendance.store.ledger import LedgerRecord, list_entries

credits_app = typer.Typer(help="Top up, correct and look at what accounts hold.", no_args_is_help=True)
app.add_typer(credits_app, name="credits")

AccountName = Annotated[str, typer.Argument(help="Id or name of the account.")]


@credits_app.command("add", context_settings={"ignore_unknown_options": True})
def credits_add(
    account: AccountName,
    amount: Annotated[str, typer.Argument(help="Credits, at most four decimals.")],
    reason: Annotated[str | None, typer.Option(help="Kept in the ledger [default: top-up].")] = None,
    reference: Annotated[str | None, typer.Option(help="Of the payment; booked once, however often.")] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Add credits that were paid."""
    request = checked(admin.TopUp, None, ["credits"], credits=amount, reason=reason, reference=reference)
    record, added = on_store(lambda c: admin.top_up(c, account, request), data_dir=data_dir, config=config)
    say(f"{record.name} holds {shown(record.balance)}" + ("" if added else f" ({reference} was booked before)"))


@credits_app.command("adjust", context_settings={"ignore_unknown_options": True})
def credits_adjust(
    account: AccountName,
    amount: Annotated[str, typer.Argument(help="Credits to add, or to take with a minus.")],
    reason: Annotated[str, typer.Option(help="Kept in the ledger.")],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Correct a balance; never below zero."""
    request = checked(admin.Adjustment, None, ["credits"], credits=amount, reason=reason)
    record = on_store(lambda c: admin.adjust(c, account, request), data_dir=data_dir, config=config)
    say(f"{record.name} holds {shown(record.balance)}")


@credits_app.command("ledger")
def credits_ledger(
    account: AccountName,
    task: Annotated[str | None, typer.Option(help="Only rows of this task.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Newest rows.")] = 50,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show the movements of an account's credits, newest first."""

    async def work(connection: Connection) -> list[LedgerRecord]:
        owner = await admin.read_account(connection, account)
        return await list_entries(connection, owner.id, task_id=task, limit=limit)

    entries = on_store(work, data_dir=data_dir, config=config)
    if as_json:
        say(json.dumps([entry_json(entry) for entry in entries]))
        return
    table = Table("no", "when", "what", "credits", "task", "why")
    for entry in entries:
        when = datetime.fromtimestamp(entry.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        why = ", ".join(word for word in (entry.reason, entry.reference) if word)
        table.add_row(str(entry.id), when, entry.kind, f"{entry.amount:+f}", entry.task_id or "-", why or "-")
    print_list(table)
