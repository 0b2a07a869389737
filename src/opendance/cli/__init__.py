"""The command line: opendance serve | generate | plan | doctor, and what the operator does with accounts and keys."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from opendance import __version__
from opendance.cli import (
    accounts,
    audit,
    backup,
    doctor,
    engines,
    generate,
    keys,
    ledger,
    migrate,
    plan,
    serve,
    tasks,
    usage,
    verify,
)
from opendance.cli.common import app
from opendance.cli.printing import say

__all__ = [
    "accounts", "app", "audit", "backup", "doctor", "engines", "generate", "keys", "ledger", "main", "migrate",
    "plan", "serve", "tasks", "usage", "verify",
]  # fmt: skip

logging.captureWarnings(True)


def main() -> None:
    """Entry point."""
    app()


@app.callback(invoke_without_command=True)
def version_option(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
) -> None:
    """Options of the program itself."""
    if version:
        say(f"opendance {__version__}")
        raise typer.Exit
