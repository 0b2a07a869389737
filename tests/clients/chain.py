"""Two installations in a row: our own engine `vllm_omni` asks another one by OpenAI Videos."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.clients.clients import Step
from tests.conftest import RunningServer, start_server
from tests.files import image_bytes, video_bytes

_CLIENT, _WIRE = "Opendance's engine `vllm_omni`", "OpenAI Videos"
_PICTURE, _CLIP = image_bytes(640, 480), video_bytes()


def run_chain(behind: RunningServer, folder: Path, stderr: Any = None) -> list[Step]:
    """Ask for videos of each mode at a server in front of `behind`, and tell what came.

    Args:
        folder: for the data of the server in front.
    """
    engine = "OPENDANCE_ENGINE__VLLM_OMNI__"
    front = start_server(
        folder,
        stderr=stderr,
        OPENDANCE_ENGINES="vllm_omni",
        **{
            engine + "SERVERS": behind.address,
            engine + "API_KEY": behind.key,
            engine + "FAMILY": "other",
            engine + "MODEL": "seedance-2.0-mini",
            engine + "POLL": "0.3",
        },
    )
    picture = ("input_reference", ("a.png", _PICTURE, "image/png"))
    try:
        return [
            _step("a video of text", lambda: _made(front, [], "text")),
            _step("a video of a first frame", lambda: _made(front, [picture], "image")),
            _step(
                "a video of a reference video",
                lambda: _made(front, [("input_reference", ("a.mp4", _CLIP, "video/mp4"))], "reference"),
            ),
            _step("what was fetched is removed behind", lambda: _removed(behind)),
        ]
    finally:
        front.stop()


def _step(done: str, act: Callable[[], None]) -> Step:
    problem = None
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is told
        problem = f"{type(error).__name__}: {error}"
    return Step(_CLIENT, version("opendance"), _WIRE, done, problem)


def _made(front: RunningServer, files: list[Any], mode: str) -> None:
    asked = {"model": "seedance-2.0-mini", "prompt": "a cat walks in a garden", "seconds": "4", "size": "1280x720"}
    with front.client() as api:
        video = api.post("/v1/videos", data=asked, files=files or None).raise_for_status().json()
        for _ in range(300):
            video = api.get(f"/v1/videos/{video['id']}").json()
            if video["status"] in ("completed", "failed"):
                break
            time.sleep(0.2)
        assert video["status"] == "completed", video
        assert api.get(f"/v1/tasks/{video['id']}").json()["model"] == f"seedance-2.0-mini-{mode}-to-video"
        content = api.get(f"/v1/videos/{video['id']}/content").raise_for_status().content
        assert content[4:8] == b"ftyp"


def _removed(behind: RunningServer) -> None:
    """Nothing that the front asked for is left in the list behind."""
    with behind.client() as api:
        left = api.get("/v1/videos").json()["data"]
    assert left == [], left
