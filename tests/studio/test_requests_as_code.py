"""What the viewer copies as a program runs as it is, asks for the same, and leaves the file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningServer, start_server
from tests.studio.conftest import QUICK, Studio
from tests.studio.create import picture
from tests.studio.tasks import clip_of, made, task
from tests.upstreams import make_clip

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


@pytest.fixture(scope="module")
def requests(quick: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A task of each mode, by its name: with everything that a page may have set."""
    folder = tmp_path_factory.mktemp("inputs")
    files = [picture(folder, "cat.png"), make_clip(folder / "walk.mp4", (1280, 720), 96)]
    urls: list[str] = []
    with quick.server.client() as client:
        for path in files:
            sent = client.post("/api/v1/files/upload/stream", files={"file": (path.name, path.read_bytes())})
            urls.append(sent.raise_for_status().json()["data"]["file_url"])
    names = {"image_urls": urls[:1], "video_urls": urls[1:]}
    asked: dict[str, dict[str, Any]] = {
        "text": {"prompt": _PROMPT, "aspect_ratio": "1:1", "generate_audio": False},
        "image": {"prompt": _PROMPT, "image_urls": urls[:1], "quality": "720p", "content_filter": False},
        "reference": {"prompt": f"[@Image1] walks as in [@Video1]. {_PROMPT}", **names, "model_params": {"seed": 7}},
    }
    return {
        mode: made(quick, fields.pop("prompt"), model=f"seedance-2.0-mini-{mode}-to-video", **fields)[0]
        for mode, fields in asked.items()
    }


@pytest.mark.parametrize("mode", ["text", "image", "reference"])
@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript", "CLI"])
def test_a_request_as_code_makes_the_same_again(
    quick: Studio, requests: dict[str, str], sign_in: Callable[..., Any], tmp_path: Path, language: str, mode: str
) -> None:
    page = sign_in(quick, path=f"/library/{requests[mode]}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=re.compile("^Actions for")).click()
    page.get_by_role("menuitem", name="Copy …").click()
    page.get_by_role("menuitem", name="Command line" if language == "CLI" else language).click()
    page.get_by_text("Copied").first.wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    assert quick.server.key not in code
    environment = {**os.environ, "OPENDANCE_API_KEY": quick.server.key}
    subprocess.run(_command(language, code, tmp_path), cwd=tmp_path, env=environment, check=True, timeout=240)
    [clip] = tmp_path.glob("*.mp4")
    again = task(quick, clip.stem, include="request")
    assert again["request"] == task(quick, requests[mode], include="request")["request"]
    assert clip.read_bytes() == clip_of(quick, clip.stem)
