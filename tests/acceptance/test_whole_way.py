"""From an HTTP request to a file, and what survives on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import httpx
import numpy as np
import pytest

from tests.conftest import QUICK_ENGINE, RunningServer, body, wait_for, wait_until_cleared

EXAMPLE = {
    "model": "seedance-2.0-text-to-video",
    "prompt": "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot",
    "duration": 8,
    "quality": "720p",
    "aspect_ratio": "16:9",
    "generate_audio": True,
    "content_filter": True,
}


def frames_of(path: Path) -> tuple[int, int, int]:
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.grab():
        count += 1
    return count, int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))


@pytest.mark.rule("EP-01", "EP-02", "OUT-04", "OUT-06", "OUT-09", "TK-03")
def test_the_example_of_the_source_becomes_a_video(api: httpx.Client, tmp_path: Path) -> None:
    created = api.post("/v1/videos/generations", json=EXAMPLE).json()
    task = wait_for(api, created["id"])
    assert task["status"] == "completed"
    assert task["progress"] == 100
    assert len(task["results"]) == 1
    (tmp_path / "x.mp4").write_bytes(httpx.get(task["results"][0]).content)
    assert frames_of(tmp_path / "x.mp4") == (192, 1280, 720)


@pytest.mark.rule("MO-02")
@pytest.mark.parametrize("model", [pytest.param("seedance-2.0-text-to-video", marks=pytest.mark.thorough), "seedance-2.0-fast-text-to-video", "seedance-2.0-mini-text-to-video"])  # fmt: skip
def test_each_text_model_makes_a_video(api: httpx.Client, tmp_path: Path, model: str) -> None:
    created = api.post("/v1/videos/generations", json=body(model=model, aspect_ratio="adaptive", prompt="a vertical video of a tree"))  # fmt: skip
    task = wait_for(api, created.json()["id"])
    assert (task["status"], task["model"]) == ("completed", model)
    (tmp_path / "x.mp4").write_bytes(httpx.get(task["results"][0]).content)
    assert frames_of(tmp_path / "x.mp4") == (96, 496, 864)


def test_the_same_seed_gives_the_same_picture_through_the_service(api: httpx.Client, tmp_path: Path) -> None:
    made = [wait_for(api, api.post("/v1/videos/generations", json=body(model_params={"seed": seed})).json()["id"]) for seed in (5, 5, 6)]  # fmt: skip
    frames = []
    for task in made:
        (tmp_path / "clip.mp4").write_bytes(httpx.get(task["results"][0]).content)
        with av.open(str(tmp_path / "clip.mp4")) as container:
            frames.append(
                [frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)][::24]
            )
    # Each clip has a mark of its own in its colours; the lightness differs by what the encoder makes of that.
    same, other = (np.mean([np.abs(a - b).mean() for a, b in zip(frames[0], frames[i], strict=True)]) for i in (1, 2))
    assert same < 1
    assert other > 2 * same


def test_unfinished_tasks_are_run_on_after_a_crash(new_server: Callable[..., RunningServer], tmp_path: Path) -> None:
    first = new_server()
    with first.client() as client:
        request = body(model="seedance-2.0-fast-text-to-video", quality="720p", duration=5)
        ids = [client.post("/v1/videos/generations", json=request).json()["id"] for _ in range(2)]
        for _ in range(600):
            running = client.get(f"/v1/tasks/{ids[0]}").json()
            if running["progress"] > 8:
                break
            time.sleep(0.05)
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    second = new_server(first.key)
    with second.client() as client:
        again = client.get(f"/v1/tasks/{ids[0]}").json()
        assert again["progress"] >= running["progress"]
        for task_id in ids:
            task = wait_for(client, task_id)
            assert task["status"] == "completed", task
    wait_until_cleared(tmp_path / "data" / "work")
    assert not list((tmp_path / "data" / "work").iterdir())


@pytest.mark.thorough
def test_a_killed_engine_is_replaced_and_its_task_goes_on(new_server: Callable[..., RunningServer]) -> None:
    server = new_server()
    with server.client() as client:
        request = body(model="seedance-2.0-fast-text-to-video", quality="720p", duration=8)
        task_id = client.post("/v1/videos/generations", json=request).json()["id"]
        for _ in range(600):
            if client.get(f"/v1/tasks/{task_id}").json().get("stage") == "render":
                break
            time.sleep(0.05)
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=False)  # fmt: skip
        for process_id in children.stdout.split():
            subprocess.run(["kill", "-9", process_id], check=False)
        assert children.stdout.split()
        assert wait_for(client, task_id)["status"] == "completed"


def test_engines_end_with_their_server(new_server: Callable[..., RunningServer]) -> None:
    server = new_server(**QUICK_ENGINE)
    listed = ["ps", "-o", "pid=", "--ppid", str(server.process.pid)]
    children = subprocess.run(listed, capture_output=True, text=True, check=False).stdout.split()
    assert children
    server.stop(signal.SIGKILL)
    for _ in range(100):
        alive = subprocess.run(["ps", "-o", "stat=", "-p", ",".join(children)], capture_output=True, text=True, check=False).stdout.split()  # fmt: skip
        if all(state.startswith("Z") for state in alive):
            break
        time.sleep(0.1)
    assert all(state.startswith("Z") for state in alive)


def test_a_second_server_on_the_same_folder_says_why_it_will_not_start(
    new_server: Callable[..., RunningServer],
) -> None:
    server = new_server(**QUICK_ENGINE)
    command = [sys.executable, "-m", "opendance.cli", "serve", "--port", "0", "--data-dir", str(server.data_dir)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert "another server already works on" in second.stderr
    assert "Traceback" not in second.stderr
