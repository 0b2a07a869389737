"""What the viewer copies as a program runs as it is, asks for the same, and leaves the file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningServer, start_server
from tests.studio.conftest import QUICK, Studio
from tests.studio.tasks import made, task

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_PROMPT = """A cook says "it's 5 o'clock" \\ and laughs; 100% $HOME `here`"""


@pytest.fixture(scope="module")
def quick(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Generator[Studio]:
    running: RunningServer = start_server(tmp_path_factory.mktemp("code"), **QUICK)
    yield Studio(running)
    running.stop()


def _command(language: str, code: str, folder: Path) -> list[str]:
    if language == "curl":
        return ["bash", "-c", code]
    if language == "Python":
        return [sys.executable, "-c", code]
    if language == "CLI":
        return ["bash", "-c", f'opendance() {{ "{sys.executable}" -m opendance "$@"; }}\n{code}']
    if shutil.which("node") is None:
        pytest.skip("there is no Node here")
    (folder / "code.mjs").write_text(code)
    return ["node", "code.mjs"]


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript", "CLI"])
def test_a_request_as_code_makes_the_same_again(
    quick: Studio, sign_in: Callable[..., Any], tmp_path: Path, language: str
) -> None:
    [task_id] = made(quick, _PROMPT, aspect_ratio="1:1", generate_audio=False)
    page = sign_in(quick, path=f"/library/{task_id}")
    page.get_by_role("radio", name=language).check(force=True)
    code = page.get_by_role("region", name=language).inner_text()
    environment = {**os.environ, "OPENDANCE_API_KEY": quick.server.key}
    subprocess.run(_command(language, code, tmp_path), cwd=tmp_path, env=environment, check=True, timeout=120)
    [clip] = tmp_path.glob("*.mp4")
    again = task(quick, clip.stem, include="request")
    assert again["request"] == task(quick, task_id, include="request")["request"]
    assert clip.stat().st_size > 1000
