"""The command line: opendance serve | generate | plan | doctor, and what the operator does with accounts and keys.

Each command is a module of its own, and only the one that was asked for is imported: what the server needs takes
longer to load than most commands take to run.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Sequence
from typing import Final

import typer

# The module of each command, in the order of the help.
_MODULES: Final = {
    "accounts": "accounts",
    "groups": "accounts",
    "admin-key": "accounts",
    "audit": "audit",
    "backup": "backup",
    "callbacks": "callbacks",
    "restore": "backup",
    "doctor": "doctor",
    "engines": "engines",
    "generate": "generate",
    "keys": "keys",
    "link": "link",
    "listen": "listen",
    "credits": "ledger",
    "mcp": "mcp",
    "migrate": "migrate",
    "move": "move",
    "openapi": "openapi",
    "plan": "plan",
    "serve": "serve",
    "worker": "serve",
    "tasks": "tasks",
    "usage": "usage",
    "verify": "verify",
}
_COMPLETION = "_OPENDANCE_COMPLETE"  # shells set it, and want to know all commands

logging.captureWarnings(True)


def program(arguments: Sequence[str]) -> typer.Typer:
    """The program, with the command that `arguments` begin with; with all where they begin with none.

    Args:
        arguments: of the command line, without the name of the program.
    """
    from opendance.cli.common import app

    first = arguments[0] if arguments else ""
    if first in _MODULES and _COMPLETION not in os.environ:
        needed = [_MODULES[first]]
    else:
        needed = [] if first == "--version" else list(dict.fromkeys(_MODULES.values()))
    for module in needed:
        importlib.import_module(f"opendance.cli.{module}")
    return app


def main() -> None:
    """Entry point of installations that were made before it was a module of its own."""
    from opendance.__main__ import main as run

    run()


def __getattr__(name: str) -> typer.Typer:
    """`app` is the program with all commands."""
    if name == "app":
        return program(())
    raise AttributeError(name)
