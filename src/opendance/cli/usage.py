"""opendance usage: what was used, as a table, CSV, JSON or a picture."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from opendance import administration as admin
from opendance.cli.common import AsJson, ConfigFile, DataDir, app, on_store
from opendance.cli.printing import out, say, write
from opendance.cli.remote import usage_of
from opendance.cli.where import named_server
from opendance.errors import ConfigurationError
from opendance.reports.plot import plot_report
from opendance.reports.table import report_table
from opendance.reports.usage import dimensions_of, report_csv, report_json
from opendance.store.database import Connection
from opendance.store.usage import DIMENSIONS, UsageRow, usage_report

_DAY = 86400


@app.command()
def usage(
    by: Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(DIMENSIONS)}.")] = "day",
    account: Annotated[str | None, typer.Option(help="Id or name [default: all].")] = None,
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Today and the days before it, UTC.")] = 30,
    plot: Annotated[Path | None, typer.Option(help="Draw it into a PNG, SVG or PDF file.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of a table.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show tasks, seconds and credits, with a plot in the terminal."""
    chosen = dimensions_of(by)
    if plot is not None and plot.is_dir():
        raise ConfigurationError(f"--plot: {plot} is a folder; name a file in it, such as {plot / 'usage.png'}")
    since = (time.time() // _DAY - days + 1) * _DAY
    server = named_server(data_dir, config)

    async def work(connection: Connection) -> list[UsageRow]:
        owner = None if account is None else (await admin.read_account(connection, account)).id
        return await usage_report(connection, owner, by=chosen, since=since)

    if server is None:
        rows = on_store(work, data_dir=data_dir, config=config)
    else:
        first_day = datetime.fromtimestamp(max(since, 0.0), UTC).strftime("%Y-%m-%d")
        rows = usage_of(server, by=[str(name) for name in chosen], account=account, since=first_day)
    if plot is not None:
        target = plot if plot.suffix else plot.with_name(f"{plot.name}.png")
        plot_report(rows, chosen, target)
        say(f"saved {target}")
    elif as_csv:
        write(report_csv(rows, chosen))
    elif as_json:
        say(json.dumps(report_json(rows)))
    else:
        out.print(report_table(rows, chosen))
