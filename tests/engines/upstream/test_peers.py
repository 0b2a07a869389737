"""vLLM-Omni and SGLang Diffusion by their own code: what we ask is what they read. `make test-engines` installs them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from opendance.catalog import Mode
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import files
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.engines.upstream.peers.running import Peer, running_peer
from tests.engines.upstream.test_vllm_omni import turned_picture

H3 = "MiniMaxH3Pipeline"  # as vLLM-Omni names it
MODELS = {mode: f"seedance-2.0-{mode.value}" for mode in Mode}


@pytest.fixture(scope="module")
def vllm_omni_h3(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    with running_peer("vllm_omni", H3, tmp_path_factory.mktemp("peer")) as peer:
        yield peer


@pytest.fixture(scope="module")
def vllm_omni(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    """With the pipeline that a test names."""
    with running_peer("vllm_omni", request.param, tmp_path_factory.mktemp("peer")) as peer:
        yield peer


@pytest.fixture(scope="module")
def sglang_h3(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    with running_peer("sglang", "minimax_h3", tmp_path_factory.mktemp("peer")) as peer:
        yield peer


@pytest.fixture(scope="module")
def sglang_wan(tmp_path_factory: pytest.TempPathFactory) -> Generator[Peer]:
    with running_peer("sglang", "wan", tmp_path_factory.mktemp("peer")) as peer:
        yield peer


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


# Pipelines of vLLM-Omni, the family they are of, the mode; then what they are to draw: frames, a second.
OTHERS = [
    pytest.param("WanPipeline", "wan2_2", Mode.TEXT, 65, 16, marks=pytest.mark.thorough),
    ("WanImageToVideoPipeline", "wan2_2", Mode.IMAGE, 65, 16),
    pytest.param("WanImageToVideoPipeline", "other", Mode.IMAGE, 96, 24, marks=pytest.mark.thorough),
    ("WanVACEPipeline", "wan2_1_1_3b", Mode.REFERENCE, 65, 16),
    pytest.param(
        "HunyuanVideo15ImageToVideoPipeline", "hunyuan_video_1_5", Mode.IMAGE, 97, 24, marks=pytest.mark.thorough
    ),
    pytest.param("LTX2TwoStagePipeline", "ltx2_3", Mode.TEXT, 97, 24, marks=pytest.mark.thorough),
    ("LTX2TwoStagePipeline", "ltx2_3", Mode.IMAGE, 97, 24),
    pytest.param("LTX2TwoStagePipeline", "ltx2_3", Mode.REFERENCE, 97, 24, marks=pytest.mark.thorough),
]


@pytest.mark.parametrize(
    ("vllm_omni", "family", "mode", "num_frames", "frame_rate"), OTHERS, indirect=["vllm_omni"], scope="module"
)
async def test_other_models_on_vllm_omni_by_their_own_code(
    open_desk: MakeDesk, vllm_omni: Peer, family: str, mode: Mode, num_frames: int, frame_rate: int
) -> None:
    desk = await open_desk("vllm_omni", servers=vllm_omni.address, poll=0.02, family=family)
    task = await made(desk, mode)
    told = vllm_omni.told
    assert (told["num_frames"], told["fps"]) == (num_frames, frame_rate)
    assert told["videos"] == told["audios"] == [], "a picture is no video"
    assert told["images"] == ([] if mode is Mode.TEXT else [told["size"]]), "they stretch what has another shape"
    notes = (await desk.rendered(task)).notes
    if mode is Mode.IMAGE:
        red, green, blue = told["corners"][0]
        assert red > 200 > max(green, blue), "the picture lies on its side"
        assert any("left out: image 2" in note for note in notes), "nothing of a request becomes a last frame"
    if mode is Mode.REFERENCE:
        assert any("audio 1" in note and "video 1" in note for note in notes)
    if family.startswith("wan2_1"):
        assert min(told["corners"][0]) > 250, "a reference is whole, on white"
    assert any("frames made between" in note for note in notes) == (frame_rate < 24)


# Footage is not asked for here: what reads it is vLLM's own decoder, which is a stub.
@pytest.mark.parametrize("vllm_omni", ["WanVACEPipeline"], indirect=True, scope="module")
async def test_vace_on_vllm_omni_reads_several_pictures(open_desk: MakeDesk, vllm_omni: Peer) -> None:
    desk = await open_desk("vllm_omni", servers=vllm_omni.address, poll=0.02, family="wan2_2")
    links = desk.media("image", files.image_bytes(640, 480), files.image_bytes(480, 640))
    task = await desk.made(MODELS[Mode.REFERENCE], prompt="image 1 meets image 2", links=links, duration=4)
    assert task.status is Status.COMPLETED, task.error_message
    told = vllm_omni.told
    assert (told["images"], told["videos"]) == ([told["size"]] * 2, [])


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
    desk = await open_desk("vllm_omni", servers=sglang_wan.address, poll=0.02, dialect="sglang", family="wan2_2")
    await made(desk, mode)
    told = sglang_wan.told
    assert told["prompt"] == ("image 1 runs like video 1, with audio 1" if mode is Mode.REFERENCE else "a cat walks")
    assert (told["num_frames"], told["fps"]) == (65, 16)
    assert (told["video"] is None) == (mode is not Mode.REFERENCE)
    assert told["image"] == told["size"]
