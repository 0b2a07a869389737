"""Only the command that was asked for is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from opendance.cli import _MODULES, program

_HEAVY = ("alembic", "av", "cv2", "fastapi", "numba", "numpy", "sqlalchemy", "starlette", "uvicorn")
_LOADED = "import sys; from opendance.cli import program; program(sys.argv[2:]); print(*set(sys.argv[1].split()) & set(sys.modules))"  # fmt: skip


@pytest.mark.parametrize("arguments", [("generate",), ("--version",)], ids=" ".join)
def test_a_client_loads_nothing_of_the_server(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", _LOADED, " ".join(_HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_every_command_has_its_module() -> None:
    import typer

    assert set(typer.main.get_command(program(())).commands) == set(_MODULES)  # type: ignore[attr-defined]
