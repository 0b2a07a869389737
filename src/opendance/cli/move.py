"""opendance move: from the embedded form to PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opendance.cli.common import ConfigFile, DataDir, app
from opendance.cli.printing import say
from opendance.cli.where import require_installation
from opendance.credits import shown
from opendance.moving import move as move_to
from opendance.settings import load_settings


@app.command()
def move(
    to: Annotated[str, typer.Option(help="The database, postgresql://user:password@host/name; it must be empty.")],
    objects_to: Annotated[
        str | None,
        typer.Option(help="Copy the objects too, such as to s3://bucket/folder. Default: they stay."),
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Move the installation of a data folder to PostgreSQL: accounts, keys, ledger, tasks. The server must not run.

    All of it is moved or nothing; the sums are compared before it counts. Run it again after an interruption.
    """
    settings = load_settings(config, data_dir=data_dir)
    if isinstance(settings.database, Path) and not settings.database.is_file():
        require_installation(settings)
    moved = move_to(settings, to, objects=objects_to)
    rows = ", ".join(f"{count} {table}" for table, count in moved.rows.items() if count)
    say(f"moved: {rows}")
    say(f"the accounts hold {shown(moved.credits)} credits, as before, and the ledger says the same")
    if objects_to is None:
        say(f"the objects are where they were: {settings.storage}; start with OPENDANCE_DATABASE_URL and that folder")
    else:
        say(f"{moved.objects} objects are in {objects_to}; start with OPENDANCE_DATABASE_URL and OPENDANCE_STORAGE_URL")
    say(f"the old database is {moved.left}; remove it once the new one works")
