"""The programs of the docs run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunningServer

DOCS = Path(__file__).parent.parent / "docs"
PROGRAM = re.compile(r"```python\n(# test: .*\n(?:.*\n)*?)```")
PROGRAMS = {
    f"{page.relative_to(DOCS).with_suffix('').as_posix()}: {program.partition(chr(10))[0].removeprefix('# test: ')}": program
    for page in sorted(DOCS.rglob("*.md"))
    for program in PROGRAM.findall(page.read_text("utf-8"))
}


@pytest.fixture(scope="session")
def test_key(server: RunningServer) -> str:
    return server.new_account("docs", credits_="1", kind="test")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_the_docs_runs(name: str, server: RunningServer, test_key: str, tmp_path: Path) -> None:
    if name.startswith("mcp"):
        pytest.importorskip("mcp", reason="mcp comes with the extra dev")
    surroundings = {"OPENDANCE_BASE_URL": server.address, "OPENDANCE_API_KEY": test_key}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[name]],
        cwd=tmp_path,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if '"cat.mp4"' in PROGRAMS[name] and not name.startswith("sandbox"):
        assert (tmp_path / "cat.mp4").read_bytes()[4:8] == b"ftyp"
