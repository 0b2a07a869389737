"""The nodes for ComfyUI: their definitions as its node schema has them, and what they send, wait for and give.

ComfyUI is no package that can be installed: what the nodes use of it is stood in for here; `test_comfyui_itself.py`
runs them in ComfyUI. torch is used where it is installed; elsewhere arrays stand in for tensors, which have the same shapes.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import wave
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.conftest import RunningServer, wait_for
from tests.files import video_bytes

NODES = Path(__file__).parents[2] / "integrations" / "comfyui"
DOCS = NODES.parents[1] / "docs" / "comfyui.md"
SMALL = {"duration": 4, "quality": "480p", "aspect_ratio": "16:9", "tier": "mini", "generate_audio": True, "seed": 1}
# Of the published schema of node definitions, 1.0: what each kind of input may say beside these.
SAID = {"default", "defaultInput", "forceInput", "tooltip", "hidden", "advanced", "rawLink", "lazy"}
OPTIONS = {
    "INT": SAID | {"min", "max", "step", "display", "control_after_generate"},
    "FLOAT": SAID | {"min", "max", "step", "round", "display"},
    "BOOLEAN": SAID | {"label_on", "label_off"},
    "STRING": SAID | {"multiline", "dynamicPrompts", "placeholder"},
}


class Interrupted(Exception):
    """The user has stopped the workflow."""


class Comfy:
    """What the nodes use of ComfyUI.

    Attributes:
        progress: what was shown, of 100.
        interrupts: whether the user has stopped it.
    """

    def __init__(self, temp: Path) -> None:
        self.temp, self.progress, self.interrupts = temp, list[int](), False

    def modules(self) -> dict[str, ModuleType]:
        def module(name: str, **members: Any) -> ModuleType:
            made = ModuleType(name)
            vars(made).update(members)
            return made

        def check() -> None:
            if self.interrupts:
                raise Interrupted

        bar = SimpleNamespace(update_absolute=self.progress.append)
        utils = module("comfy.utils", ProgressBar=lambda total: bar)
        management = module("comfy.model_management", throw_exception_if_processing_interrupted=check)
        latest = module(
            "comfy_api.latest", InputImpl=SimpleNamespace(VideoFromFile=lambda path: SimpleNamespace(path=path))
        )
        made = {
            "comfy": module("comfy", utils=utils, model_management=management),
            "comfy.utils": utils,
            "comfy.model_management": management,
            "comfy_api": module("comfy_api", latest=latest),
            "comfy_api.latest": latest,
            "folder_paths": module("folder_paths", get_temp_directory=lambda: str(self.temp)),
        }
        if importlib.util.find_spec("torch") is None:
            made["torch"] = module("torch", from_numpy=lambda array: array)
        return made


@pytest.fixture
def comfy(tmp_path: Path) -> Comfy:
    return Comfy(tmp_path / "temp")


@pytest.fixture
def nodes(comfy: Comfy, monkeypatch: pytest.MonkeyPatch) -> Generator[dict[str, Any]]:
    """The nodes by their names, loaded as ComfyUI loads a folder of `custom_nodes`."""
    for name, module in comfy.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    spec = importlib.util.spec_from_file_location(
        "opendance_nodes", NODES / "__init__.py", submodule_search_locations=[str(NODES)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "opendance_nodes", package)
    spec.loader.exec_module(package)
    yield package.NODE_CLASS_MAPPINGS
    for name in ("opendance_nodes.nodes", "opendance_nodes.media"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    return server.new_account("comfy", kind="test")


@pytest.fixture
def made(
    nodes: dict[str, Any], server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Any, Any, dict[str, Any], str]]:
    """The outputs of a node, made by a server with a test key."""
    monkeypatch.setenv("OPENDANCE_BASE_URL", server.address)
    monkeypatch.setenv("OPENDANCE_API_KEY", key)
    return lambda name, **inputs: nodes[name]().make(**{**SMALL, **inputs})


NAMES = ["OpendanceTextToVideo", "OpendanceImageToVideo", "OpendanceReferenceToVideo"]


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_is_as_the_schema_of_nodes_has_it(nodes: dict[str, Any], name: str) -> None:
    node = nodes[name]
    inputs = node.INPUT_TYPES()
    assert set(inputs) <= {"required", "optional", "hidden"}
    for kind, options in (each for group in inputs.values() for each in group.values()):
        if isinstance(kind, list):
            assert options["default"] in kind
            assert set(options) <= SAID
        elif kind in OPTIONS:
            assert set(options) <= OPTIONS[kind], kind
        else:
            assert (kind in {"IMAGE", "VIDEO", "AUDIO"}, options) == (True, {})
        if kind == "INT":
            assert options["min"] <= options["default"] <= options["max"]
    assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES) == len(node.OUTPUT_TOOLTIPS)
    assert node.CATEGORY
    assert node.DESCRIPTION
    assert callable(getattr(node, node.FUNCTION))


def test_no_input_asks_for_a_key_which_a_workflow_would_keep(nodes: dict[str, Any]) -> None:
    inputs = {name for node in nodes.values() for group in node.INPUT_TYPES().values() for name in group}
    assert not {name for name in inputs if "key" in name or "token" in name}


@pytest.mark.parametrize("with_frames", [True, False])
def test_words_become_a_video_with_frames_and_sound(
    made: Callable[..., Any], comfy: Comfy, *, with_frames: bool
) -> None:
    video, frames, audio, task_id = made("OpendanceTextToVideo", prompt="a cat", frames=with_frames)
    assert Path(video.path) == comfy.temp / f"{task_id}.mp4"
    assert tuple(frames.shape) == (96 if with_frames else 1, 496, 864, 3)
    assert str(frames.dtype).endswith("float32")
    assert float(frames.max()) <= 1.0
    assert tuple(audio["waveform"].shape[:2]) == (1, 2)
    assert abs(audio["waveform"].shape[2] / audio["sample_rate"] - 4) < 0.1
    assert comfy.progress[-1] == 100
    assert comfy.progress == sorted(comfy.progress)


def test_the_workflow_of_the_docs_runs(nodes: dict[str, Any], made: Callable[..., Any]) -> None:
    [text] = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    outputs: dict[str, tuple[Any, ...]] = {}
    for number, node in json.loads(text).items():
        given = {
            name: outputs[value[0]][value[1]] if isinstance(value, list) else value
            for name, value in node["inputs"].items()
        }
        if (name := node["class_type"]) == "SaveVideo":  # ComfyUI's own
            assert Path(given["video"].path).read_bytes()[4:8] == b"ftyp"
            continue
        inputs = nodes[name].INPUT_TYPES()
        assert set(inputs["required"]) <= set(given) <= set(inputs["required"]) | set(inputs["optional"])
        outputs[number] = made(name, **given)
    assert list(outputs) == ["1", "2"]


def test_pictures_become_first_and_last_frame(made: Callable[..., Any], server: RunningServer, key: str) -> None:
    picture = np.random.default_rng(1).random((1, 400, 600, 3), np.float32)
    *_, task_id = made("OpendanceImageToVideo", prompt="wind", first_frame=picture, last_frame=picture)
    with server.client(key) as api:
        request = api.get(f"/v1/tasks/{task_id}?include=request").json()["request"]
    assert (request["model"], len(request["image_urls"])) == ("seedance-2.0-mini-image-to-video", 2)


def test_references_are_a_batch_a_video_and_a_sound(
    made: Callable[..., Any], server: RunningServer, key: str, tmp_path: Path
) -> None:
    clip = video_bytes(num_frames=72)
    video = SimpleNamespace(save_to=lambda path: Path(path).write_bytes(clip))
    sound = {"waveform": np.zeros((1, 1, 3 * 16_000), np.float32), "sample_rate": 16_000}
    *_, task_id = made(
        "OpendanceReferenceToVideo",
        prompt="the style of image 1, the camera of video 1, audio 1 as music",
        images=np.zeros((2, 400, 400, 3), np.float32),
        reference_video=video,
        reference_audio=sound,
    )
    with server.client(key) as api:
        request = api.get(f"/v1/tasks/{task_id}?include=request").json()["request"]
    assert request["model"] == "seedance-2.0-mini-reference-to-video"
    assert [len(request[f"{kind}_urls"]) for kind in ("image", "video", "audio")] == [2, 1, 1]


def test_a_refusal_says_what_would_be_right(made: Callable[..., Any]) -> None:
    with pytest.raises(RuntimeError, match=r"Opendance: .*image 3.*\(change what the message names"):
        made("OpendanceTextToVideo", prompt="image 3 dances")


def test_a_workflow_that_is_stopped_cancels_its_task(
    made: Callable[..., Any], comfy: Comfy, server: RunningServer, key: str
) -> None:
    comfy.interrupts = True
    with pytest.raises(Interrupted):
        made("OpendanceTextToVideo", prompt="a cat", simulate="stuck")
    with server.client(key) as api:
        newest = api.get("/v1/tasks?limit=1").json()["data"][0]
        assert wait_for(api, newest["id"])["status"] == "cancelled"


def test_a_sound_is_written_as_it_was(nodes: dict[str, Any], tmp_path: Path) -> None:
    waveform = np.sin(np.linspace(0, 99, 8000, dtype=np.float32))[None, None].repeat(2, axis=1)
    sys.modules["opendance_nodes.media"].save_audio({"waveform": waveform, "sample_rate": 8000}, tmp_path / "sound.wav")
    with wave.open(str(tmp_path / "sound.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (2, 8000, 8000)
        read = np.frombuffer(sound.readframes(8000), "<i2").reshape(-1, 2) / 32767
    np.testing.assert_allclose(read.T[None], waveform, atol=1e-4)
