"""opendance-client: the client as a package of its own, which needs nothing of the server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import opendance

ROOT = Path(__file__).parents[2]
HERE = ROOT / "clients" / "python"
SOURCE = ROOT / "src" / "opendance" / "client"
_USE = """
import sys
for name in ("pydantic", "fastapi", "starlette", "sqlalchemy", "standardwebhooks", "typer", "numpy", "av"):
    sys.modules[name] = None  # what is not installed beside it
from opendance.client import AsyncClient, Client, webhooks
Client("http://server.test", "od-key").close()
print(sys.modules["opendance.client"].__file__)
"""


def imported_from(folder: Path) -> Path:
    """Where the client is imported from that lies in `folder`, without what the server needs."""
    packages = [str(Path(__import__(name).__file__ or "").parents[1]) for name in ("httpx", "httpx_sse")]
    # Before all others, and without what is installed for development, such as the server itself.
    code = f"import sys; sys.path[:0] = {[str(folder), *packages]!r}\n{_USE}"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert told.returncode == 0, told.stderr
    return Path(told.stdout.strip())


def test_it_is_used_without_the_server_and_with_two_packages_alone(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "opendance" / "client", ignore=shutil.ignore_patterns("__pycache__"))
    assert imported_from(tmp_path).is_relative_to(tmp_path)
    wanted = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [each.partition(">")[0] for each in wanted] == ["httpx", "httpx-sse"]


def test_it_needs_the_same_versions_as_the_server() -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set(tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["dependencies"]) <= set(ours)


def test_its_package_is_the_one_source_also_when_it_is_built_from_an_archive(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling comes with the extra dev")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(build, cwd=HERE, env=dict(os.environ), capture_output=True, check=True)
    [archive], [wheel] = tmp_path.glob("*.tar.gz"), tmp_path.glob("*.whl")
    shutil.unpack_archive(archive, tmp_path / "archive")
    [unpacked] = (tmp_path / "archive").iterdir()
    again = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(again, cwd=unpacked, capture_output=True, check=True)
    assert wheel.name == f"opendance_client-{opendance.__version__}-py3-none-any.whl"
    assert wheel.read_bytes() == (tmp_path / "again" / wheel.name).read_bytes()
    with zipfile.ZipFile(wheel) as package:
        told = {name: package.read(name) for name in package.namelist() if name.startswith("opendance/")}
    sources = {f"opendance/client/{path.name}": path.read_bytes() for path in SOURCE.iterdir() if path.is_file()}
    assert told == sources
