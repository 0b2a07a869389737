"""No process speaks to anybody it was not told to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALONE = ["unshare", "--map-root-user", "--net", "--mount"]


def test_a_server_that_makes_a_video_from_a_picture_asks_for_no_name(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "mount", "--bind", "/etc/hosts", "/etc/hosts"], capture_output=True, check=False).returncode:  # fmt: skip
        pytest.skip("this user cannot have a network of its own (unshare, user namespaces)")
    command = [*ALONE, sys.executable, "-m", "tests.telemetry.alone", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, cwd=ROOT, env={**os.environ}, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["status"] == "completed"
    assert set(told["asked"]) == {"control.example"}, "the one that shows that names are seen"
    assert told["left"] == []


@pytest.mark.parametrize("module", ["opendance.engines.child", "opendance.media.sandbox", "opendance.safety.pictures"])
def test_every_process_says_no_before_it_imports_anything_else(module: str) -> None:
    code = f"import os, sys; import {module}; sys.exit(os.environ['ORT_DISABLE_TELEMETRY'] != '1')"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False).returncode == 0
