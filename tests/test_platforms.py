"""What Windows and macOS do not have is not needed to import anything."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import opendance

# Modules of Python that are for Unix, or for Linux, alone; asyncio's own were chosen by what this system is.
_WITHOUT = """
import asyncio, importlib, multiprocessing, os, pkgutil, subprocess, sys, tempfile, types
import opendance
system, sys.platform, sys.modules["msvcrt"] = sys.platform, "win32", types.ModuleType("msvcrt")
import opendance.held_file
sys.platform = system
del sys.modules["msvcrt"]
for name in ("resource", "fcntl", "pwd", "grp", "termios", "pty", "tty", "syslog", "uvloop"):
    sys.modules[name] = None
sys.modules["mcp"] = None  # it asks sys.platform which of them it imports
for name in ("getuid", "geteuid", "fork", "killpg"):
    delattr(os, name)
optional = ("torch", "diffusers", "psycopg", "procrastinate", "matplotlib", "opentelemetry.sdk", "greenlet", "mcp")
import opendance
for module in pkgutil.walk_packages(opendance.__path__, "opendance."):
    if module.name.endswith(("__main__", ".env")) or ".versions." in module.name or ".engines.diffusers." in module.name or ".engines.previs" in module.name:
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(optional):
            raise
from opendance.connections import most_connections
from opendance.cli import app
print(most_connections())
"""

_OF_UNIX = {"resource", "fcntl", "pwd", "grp", "termios", "pty", "tty", "syslog", "uvloop"}


def imported(statements: list[ast.stmt]) -> set[str]:
    """Modules that are imported when a module is; not those of functions, or of branches."""
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.Import):
            names |= {name.name.partition(".")[0] for name in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names.add(statement.module.partition(".")[0])
    return names


def test_no_module_begins_with_one_of_unix() -> None:
    for module in Path(opendance.__file__).parent.rglob("*.py"):
        assert not imported(ast.parse(module.read_text()).body) & _OF_UNIX, module


def test_everything_is_imported_where_the_modules_of_unix_are_missing() -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "10000\n"), done.stderr
