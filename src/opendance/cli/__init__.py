"""The command line: opendance serve | generate | plan | doctor, and what the operator does with accounts and keys."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from opendance import __version__
from opendance.cli import accounts, audit, backup, doctor, engines, generate, keys, ledger, plan, serve, usage, verify
from opendance.cli.common import FAILURE, USAGE_ERROR, app, stop
from opendance.client import ApiProblem
from opendance.errors import ApiError, ConfigurationError

__all__ = [
    "accounts", "app", "audit", "backup", "doctor", "engines", "generate", "keys", "ledger", "main", "plan", "serve",
    "usage", "verify",
]  # fmt: skip

logging.captureWarnings(True)


def main() -> None:
    """Entry point: errors in one line on stderr; exit code 1 for a failure, 2 for what was asked wrongly."""
    try:
        app()
    except ConfigurationError as error:
        stop(str(error), USAGE_ERROR)
    except ApiError as error:
        stop(error.message, USAGE_ERROR)
    except ApiProblem as error:
        stop(error.message, USAGE_ERROR if error.status == 400 else FAILURE)


@app.callback(invoke_without_command=True)
def version_option(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
) -> None:
    """Options of the program itself."""
    if version:
        print(f"opendance {__version__}")
        raise typer.Exit
