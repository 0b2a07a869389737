"""The nodes in ComfyUI itself: its server, its executor, its classes and its page.

ComfyUI is no package that pip could install, so that its checkout is named: `COMFYUI_FOLDER` is its folder,
`COMFYUI_PYTHON` the Python that has its requirements. Elsewhere these tests are skipped with a word.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from tests.conftest import RunningServer, free_port, start_server, wait_for

CHECKOUT = os.environ.get("COMFYUI_FOLDER", "")
PROJECT = Path(__file__).parents[2]
NAMES = ["OpendanceImageToVideo", "OpendanceReferenceToVideo", "OpendanceTextToVideo"]
TEXT = {
    "prompt": "a cat", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "tier": "mini", "generate_audio": True,
    "seed": 7, "frames": False,
}  # fmt: skip
SAVED = {"class_type": "SaveVideo", "inputs": {"filename_prefix": "video/od", "format": "auto", "codec": "auto"}}

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.timeout(900),  # its imports of torch take minutes on a busy machine
    pytest.mark.skipif(not CHECKOUT, reason="no checkout of ComfyUI is named: COMFYUI_FOLDER"),
]


@dataclass
class Comfy:
    """ComfyUI as a process.

    Attributes:
        api: its HTTP interface.
        folder: its checkout's copy, with `output` in it.
    """

    api: httpx.Client
    folder: Path

    def queue(self, workflow: dict[str, Any]) -> str:
        """The number of a workflow that it took."""
        return self.api.post("/prompt", json={"prompt": workflow}).raise_for_status().json()["prompt_id"]

    def ended(self, number: str) -> dict[str, Any]:
        """A workflow's history, once it has ended."""
        return waited(lambda: self.api.get(f"/history/{number}").json().get(number), seconds=300)


def waited(answer: Callable[[], Any], *, seconds: float) -> Any:
    """What `answer` gives once it is true.

    Raises:
        AssertionError: it never is.
    """
    for _ in range(round(seconds * 5)):
        if given := answer():
            return given
        time.sleep(0.2)
    raise AssertionError(f"nothing within {seconds} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server whose clips take long enough to be stopped."""
    running = start_server(tmp_path_factory.mktemp("data"), OPENDANCE_BLANK_SECONDS="3")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    return server.new_account("comfyui", kind="test")


@pytest.fixture(scope="module")
def comfy(server: RunningServer, key: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Comfy]:
    """ComfyUI with the nodes, and with the address and the key as its docs set them."""
    folder = tmp_path_factory.mktemp("comfyui") / "ComfyUI"
    beside = [f"{CHECKOUT}/{name}" for name in (".git", "custom_nodes", "input", "models", "output", "user")]
    shutil.copytree(CHECKOUT, folder, ignore=lambda at, names: [name for name in names if f"{at}/{name}" in beside])
    shutil.copytree(PROJECT / "integrations" / "comfyui", folder / "custom_nodes" / "opendance")
    for name in ("models", "output", "input"):
        (folder / name).mkdir(exist_ok=True)
    port = free_port()
    environment = {
        **os.environ,
        "OPENDANCE_BASE_URL": server.address,
        "OPENDANCE_API_KEY": key,
        "PYTHONPATH": str(PROJECT / "src"),
    }
    python = os.environ.get("COMFYUI_PYTHON", sys.executable)
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [python, "main.py", "--cpu", "--port", str(port)], cwd=folder, env=environment, stdout=log, stderr=log
        )
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as api:
            waited(lambda: process.poll() is not None or answers(api), seconds=600)
            assert process.poll() is None, (folder / "log").read_text("utf-8")[-2000:]
            yield Comfy(api, folder)
        process.terminate()
        process.wait(30)


def answers(api: httpx.Client) -> bool:
    try:
        return api.get("/object_info/SaveVideo").is_success
    except httpx.TransportError:
        return False


def documented() -> dict[str, Any]:
    """The workflow of the docs."""
    [text] = re.findall(r"```json\n(.*?)```", (PROJECT / "docs" / "comfyui.md").read_text("utf-8"), re.DOTALL)
    return json.loads(text)


def test_its_list_of_nodes_has_ours_as_they_define_themselves(comfy: Comfy) -> None:
    listed = comfy.api.get("/object_info").json()
    assert sorted(name for name in listed if name.startswith("Opendance")) == NAMES
    for name in NAMES:
        assert listed[name]["output"] == ["VIDEO", "IMAGE", "AUDIO", "STRING"]
        assert listed[name]["category"] == "api node/video/Opendance"
        assert listed[name]["python_module"] == "custom_nodes.opendance"


def test_the_workflow_of_the_docs_leaves_a_video_that_its_own_node_saved(comfy: Comfy) -> None:
    history = comfy.ended(comfy.queue(documented()))
    assert history["status"]["status_str"] == "success", history["status"]
    [saved] = history["outputs"]["3"]["images"]
    with av.open(comfy.folder / "output" / saved["subfolder"] / saved["filename"]) as video:
        stream = video.streams.video[0]
        assert (stream.height, round(float(stream.duration * stream.time_base))) == (496, 4)
        assert len(video.streams.audio) == 1


def test_its_video_picture_and_sound_are_references(comfy: Comfy, server: RunningServer, key: str) -> None:
    references = {"images": ["1", 1], "reference_video": ["1", 0], "reference_audio": ["1", 2]}
    prompt = "the style of image 1, the camera of video 1, audio 1 as music"
    workflow = {
        "1": {"class_type": "OpendanceTextToVideo", "inputs": TEXT},
        "2": {"class_type": "OpendanceReferenceToVideo", "inputs": {**TEXT, "prompt": prompt, **references}},
        "3": {**SAVED, "inputs": {**SAVED["inputs"], "video": ["2", 0]}},
    }
    history = comfy.ended(comfy.queue(workflow))
    assert history["status"]["status_str"] == "success", history["status"]
    with server.client(key) as api:
        request = api.get("/v1/tasks?limit=1&include=request").json()["data"][0]["request"]
    assert request["model"] == "seedance-2.0-mini-reference-to-video"
    assert [len(request[f"{kind}_urls"]) for kind in ("image", "video", "audio")] == [1, 1, 1]


def test_it_refuses_what_an_input_does_not_take_before_anything_is_sent(comfy: Comfy) -> None:
    workflow = {
        "1": {"class_type": "OpendanceTextToVideo", "inputs": {**TEXT, "duration": 99, "quality": "8k"}},
        "2": {**SAVED, "inputs": {**SAVED["inputs"], "video": ["1", 0]}},
    }
    refused = comfy.api.post("/prompt", json={"prompt": workflow})
    assert refused.status_code == 400
    errors = refused.json()["node_errors"]["1"]["errors"]
    assert {error["type"] for error in errors} == {"value_bigger_than_max", "value_not_in_list"}


def test_a_refusal_is_the_error_of_its_node(comfy: Comfy) -> None:
    workflow = {
        "1": {"class_type": "OpendanceTextToVideo", "inputs": {**TEXT, "prompt": "image 3 dances"}},
        "2": {**SAVED, "inputs": {**SAVED["inputs"], "video": ["1", 0]}},
    }
    status = comfy.ended(comfy.queue(workflow))["status"]
    [error] = [message for kind, message in status["messages"] if kind == "execution_error"]
    assert error["node_type"] == "OpendanceTextToVideo"
    assert re.match(r"Opendance: .*image 3", error["exception_message"])


def test_its_stop_button_cancels_the_task(comfy: Comfy, server: RunningServer, key: str) -> None:
    # A length that no other test asks for, so that the task is known; the page of a stopped workflow has no number.
    workflow = {
        "1": {"class_type": "OpendanceTextToVideo", "inputs": {**TEXT, "duration": 15, "quality": "720p", "seed": 99}},
        "2": {**SAVED, "inputs": {**SAVED["inputs"], "video": ["1", 0]}},
    }
    number = comfy.queue(workflow)
    with server.client(key) as api:

        def newest() -> str | None:
            task = api.get("/v1/tasks?limit=1&include=request").json()["data"][0]
            return task["id"] if task["request"]["duration"] == 15 else None

        task_id = waited(newest, seconds=60)
        comfy.api.post("/interrupt").raise_for_status()
        status = comfy.ended(number)["status"]
        assert [kind for kind, _ in status["messages"]][-1] == "execution_interrupted"
        assert wait_for(api, task_id)["status"] == "cancelled"


@pytest.fixture(scope="module")
def page(comfy: Comfy, chromium: Any) -> Any:
    """ComfyUI's page."""
    comfy.api.post("/settings", json={"Comfy.TutorialCompleted": True}).raise_for_status()
    shown = chromium.new_page(viewport={"width": 1500, "height": 900})
    shown.goto(str(comfy.api.base_url))
    shown.wait_for_function(
        "!!(window.app?.graph && window.LiteGraph?.registered_node_types.OpendanceTextToVideo)", timeout=300_000
    )
    return shown


def test_its_page_shows_each_input_by_the_widget_of_its_kind(page: Any) -> None:
    widgets, sockets = page.evaluate(
        """() => {
            const node = LiteGraph.createNode('OpendanceReferenceToVideo')
            const widgets = node.widgets.map(widget => [widget.name, widget.type])
            return [widgets, node.inputs.filter(input => !input.widget).map(input => [input.name, input.type])]
        }"""
    )
    assert dict(widgets) == {
        "prompt": "customtext", "duration": "number", "quality": "combo", "aspect_ratio": "combo", "tier": "combo",
        "generate_audio": "toggle", "seed": "number", "control_after_generate": "combo", "frames": "toggle", "server": "text",
    }  # fmt: skip
    assert dict(sockets) == {"images": "IMAGE", "reference_video": "VIDEO", "reference_audio": "AUDIO"}


def test_its_page_gives_the_workflow_of_the_docs_back_as_it_was(page: Any) -> None:
    workflow = documented()
    back = page.evaluate(
        "async workflow => { await app.loadApiJson(workflow, 'od.json'); return (await app.graphToPrompt()).output }",
        workflow,
    )
    assert set(back) == set(workflow)
    for number, node in workflow.items():
        assert back[number]["class_type"] == node["class_type"]
        assert {name: back[number]["inputs"].get(name) for name in node["inputs"]} == node["inputs"]


def test_its_page_runs_the_workflow(page: Any, comfy: Comfy) -> None:
    before = set(comfy.api.get("/history").json())
    page.evaluate(
        "async workflow => { await app.loadApiJson(workflow, 'od.json'); await app.queuePrompt(0, 1) }", documented()
    )
    [number] = waited(lambda: set(comfy.api.get("/history").json()) - before, seconds=300)
    assert comfy.ended(number)["status"]["status_str"] == "success"
