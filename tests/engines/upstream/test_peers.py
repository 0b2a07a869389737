"""vLLM-Omni and SGLang Diffusion by their own code: what we ask is what they read. `make test-engines` installs them."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from opendance.catalog import Mode
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import files
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.engines.upstream.test_vllm_omni import turned_picture

FOLDER = Path(os.environ.get("OPENDANCE_PEERS", Path(sys.prefix) / "peers"))
H3, WAN_IMAGE = "MiniMaxH3Pipeline", "WanImageToVideoPipeline"  # pipelines, as vLLM-Omni has them
MODELS = {mode: f"seedance-2.0-{mode.value}" for mode in Mode}


@dataclass
class Peer:
    """A server of theirs in a process of its own.

    Attributes:
        told: what its model was given, one for each task.
    """

    address: str
    process: subprocess.Popen[str]
    lines: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    @property
    def told(self) -> dict[str, Any]:
        return self.lines.get(timeout=30)


def start(package: str, pipeline: str, folder: Path) -> Peer:
    pytest.importorskip("torch", reason="the extra gpu is not installed; make test-engines installs it")
    if not (FOLDER / package).is_dir():
        pytest.skip(f"{package} is not in {FOLDER}; make test-engines puts it there, where its registry can be reached")
    if shutil.which("ffprobe") is None:
        stand_in = folder / "ffprobe"
        stand_in.write_text(f"#!{sys.executable}\n" + (Path(__file__).parent / "peers" / "ffprobe.py").read_text())
        stand_in.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.engines.upstream.peers.{package.partition('/')[0]}", str(FOLDER), pipeline],
        stdout=subprocess.PIPE,
        stderr=(folder / "peer.log").open("w"),
        text=True,
        env={
            **os.environ,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "VLLM_OMNI_SERVER_STORAGE__PATH": str(folder / "storage"),
        },
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first, (folder / "peer.log").read_text()[-3000:]
    peer = Peer(f"http://127.0.0.1:{json.loads(first)['port']}", process)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            peer.lines.put(json.loads(line))

    threading.Thread(target=listen, daemon=True).start()
    return peer


def _running(package: str, pipeline: str, factory: pytest.TempPathFactory) -> Generator[Peer]:
    peer = start(package, pipeline, factory.mktemp("peer"))
    yield peer
    peer.process.kill()
    peer.process.wait()


@pytest.fixture(scope="module")
def vllm_omni_h3(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    yield from _running("vllm_omni", H3, tmp_path_factory)


@pytest.fixture(scope="module")
def vllm_omni_wan(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    yield from _running("vllm_omni", WAN_IMAGE, tmp_path_factory)


@pytest.fixture(scope="module")
def sglang_h3(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    yield from _running("sglang", "minimax_h3", tmp_path_factory)


@pytest.fixture(scope="module")
def sglang_wan(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    yield from _running("sglang", "wan", tmp_path_factory)


async def made(desk: Desk, mode: Mode) -> TaskRecord:
    """A clip of each mode: a picture that lies on its side, two frames, or one of each kind of reference."""
    links: Any = ()
    prompt = "a cat walks"
    if mode is Mode.IMAGE:
        links = desk.media("image", turned_picture(), files.image_bytes(640, 480))
    elif mode is Mode.REFERENCE:
        prompt = "image 1 runs like video 1, with audio 1"
        links = (
            *desk.media("image", turned_picture()),
            *desk.media("video", files.video_bytes(sound=True)),
            *desk.media("audio", files.audio_bytes(3.0)),
        )
    task = await desk.made(MODELS[mode], prompt=prompt, links=links, duration=4, aspect_ratio="16:9")
    assert task.status is Status.COMPLETED, task.error_message
    return task


TASKS = {Mode.TEXT: "t2va", Mode.IMAGE: "fl2va", Mode.REFERENCE: "ref2va"}
TAGGED = "<Picture 1> runs like <Video 1>, with <Audio 1>"


@pytest.mark.parametrize("mode", Mode)
async def test_minimax_h3_on_vllm_omni(open_desk: MakeDesk, vllm_omni_h3: Peer, mode: Mode) -> None:
    desk = await open_desk("vllm_omni", servers=vllm_omni_h3.address, poll=0.02)
    await made(desk, mode)
    told = vllm_omni_h3.told
    assert (told["task"], told["num_frames"]) == (TASKS[mode], 107), "4 s in frames that H3 decodes"
    assert told["prompt"] == (TAGGED if mode is Mode.REFERENCE else "a cat walks")
    assert (told["sound"], told["seed"] is None) == (True, False)
    if mode is Mode.IMAGE:
        assert told["images"] == [told["size"]] * 2, "they are stretched to the canvas where they have another shape"
        red, green, blue = told["corners"][0]
        assert red > 200 > max(green, blue), "the picture lies on its side"
        assert told["extra"]["frame_indices"] == [0, -1]
    if mode is Mode.REFERENCE:
        assert (told["images"], told["videos"], told["audios"]) == ([[640, 480]], [".mp4"], [".wav"])


@pytest.mark.parametrize("mode", Mode)
async def test_another_model_on_vllm_omni(open_desk: MakeDesk, vllm_omni_wan: Peer, mode: Mode) -> None:
    desk = await open_desk("vllm_omni", servers=vllm_omni_wan.address, poll=0.02, family="other")
    task = await made(desk, mode)
    told = vllm_omni_wan.told
    assert told["videos"] == told["audios"] == [], "a picture is no video"
    assert len(told["images"]) == {Mode.TEXT: 0, Mode.IMAGE: 2, Mode.REFERENCE: 1}[mode]
    assert (told["num_frames"], told["fps"]) == (96, 24)
    if mode is Mode.REFERENCE:
        notes = (await desk.rendered(task)).notes
        assert any("audio 1" in note and "video 1" in note for note in notes)


@pytest.mark.parametrize("mode", Mode)
async def test_minimax_h3_on_sglang(open_desk: MakeDesk, sglang_h3: Peer, mode: Mode) -> None:
    desk = await open_desk("vllm_omni", servers=sglang_h3.address, poll=0.02, dialect="sglang", steps=8)
    await made(desk, mode)
    told = sglang_h3.told
    assert (told["task"], told["num_frames"], told["steps"]) == (TASKS[mode], 107, 8)
    assert told["prompt"] == (TAGGED if mode is Mode.REFERENCE else "a cat walks")
    assert told["target"] == {"short_edge": 512, "aspect_ratio": "16:9", "duration_seconds": 4.0}
    kinds = [(condition["role"], condition["type"], condition.get("frame_index")) for condition in told["conditions"]]
    assert (
        kinds
        == {
            Mode.TEXT: [],
            Mode.IMAGE: [("keyframe", "image", 0), ("keyframe", "image", -1)],
            Mode.REFERENCE: [("reference", kind, None) for kind in ("image", "audio", "video")],
        }[mode]
    )


@pytest.mark.parametrize("mode", [Mode.IMAGE, Mode.REFERENCE])  # this model makes nothing from text alone
async def test_another_model_on_sglang(open_desk: MakeDesk, sglang_wan: Peer, mode: Mode) -> None:
    desk = await open_desk("vllm_omni", servers=sglang_wan.address, poll=0.02, dialect="sglang", family="other")
    await made(desk, mode)
    told = sglang_wan.told
    assert told["prompt"] == ("image 1 runs like video 1, with audio 1" if mode is Mode.REFERENCE else "a cat walks")
    assert (told["video"] is None) == (mode is not Mode.REFERENCE)
    if mode is Mode.IMAGE:
        assert told["image"] == told["size"]
