"""opendance backup and restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from opendance.backup import Contents, back_up
from opendance.backup import restore as restore_from
from opendance.cli.common import ConfigFile, DataDir, app, existing_file
from opendance.cli.printing import say
from opendance.cli.where import require_installation
from opendance.settings import load_settings


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to make, such as opendance.tar.")],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Put the whole data folder into one file; the server may run meanwhile. Keep the file safe: it holds secrets."""
    settings = load_settings(config, data_dir=data_dir)
    if isinstance(settings.database, Path) and not settings.database.is_file():
        require_installation(settings)
    contents = back_up(settings, target)
    say(f"{target}: {_said(contents)}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `opendance backup` made.")],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make a data folder from a backup. Tasks that had not ended then go on when the server starts."""
    existing_file(source)
    settings = load_settings(config, data_dir=data_dir)
    contents = restore_from(settings, source)
    when = datetime.fromtimestamp(contents.created, UTC).isoformat(timespec="seconds")
    say(f"{settings.data_dir} is as it was at {when}: {_said(contents)}")


def _said(contents: Contents) -> str:
    return f"{contents.tasks} tasks, {contents.objects} objects ({contents.bytes / 2**20:.1f} MB)"
