"""The same request through each engine gives the same service: all nine models, one table."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from opendance.catalog import MODELS, PIXELS, AspectRatio, Mode, Model, Quality, Tier
from opendance.media.loudness import TARGET_LUFS, loudness
from opendance.media.sound_watermark import SURE, find_sound_watermark
from opendance.media.watermark import watermark_in_clip, watermark_of
from opendance.provenance.manifest import read_manifest
from tests import files
from tests.conftest import RunningServer, body, start_server, wait_for
from tests.engines.upstream.peers.running import running_peer
from tests.receiver import Receiver, running_receiver
from tests.upstreams import KEY, ark_app, serving, setting, videos_app

CALLBACKS = {"OPENDANCE_CALLBACK_ALLOW": "127.0.0.1/32", "OPENDANCE_FETCH_ALLOW": "127.0.0.1/32"}


@dataclass(frozen=True)
class Case:
    """An engine of the table.

    Attributes:
        start: gives the environment of a server that has it.
        sounds: whether its clips are never all but silent.
        draws: whether modes and tiers differ in what is computed here, or read by the other side's own code.
        by: whose code is on the other side, where it is theirs.
    """

    engine: str
    start: Callable[[ExitStack, Path], dict[str, str]]
    sounds: bool = True
    draws: bool = False
    by: str = ""

    @property
    def name(self) -> str:
        return f"{self.engine}{'-' * bool(self.by)}{self.by}"


def _ark(stack: ExitStack, folder: Path) -> dict[str, str]:
    service = stack.enter_context(serving(ark_app, folder / "ark"))
    return setting(ark={"base_url": f"{service.address}/api/v3", "api_key": KEY, "poll": 0.1})


def _vllm_omni(stack: ExitStack, folder: Path) -> dict[str, str]:
    services = [stack.enter_context(serving(videos_app, folder / f"videos{n}")) for n in range(2)]
    return setting(vllm_omni={"servers": ",".join(s.address for s in services), "poll": 0.1})


def _peer(package: str, model: str) -> Callable[[ExitStack, Path], dict[str, str]]:
    """A server of MiniMax H3 by its own code."""

    def start(stack: ExitStack, folder: Path) -> dict[str, str]:
        (folder / "peer").mkdir()
        peer = stack.enter_context(running_peer(package, model, folder / "peer"))
        return setting(vllm_omni={"servers": peer.address, "dialect": package, "poll": 0.1})

    return start


def _evolink(stack: ExitStack, folder: Path) -> dict[str, str]:
    behind = start_server(folder / "behind", OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    stack.callback(behind.stop)
    return setting(evolink={"base_url": behind.address, "api_key": behind.key, "poll": 0.1, "seed": True})


def _gpu(engine: str, save: str, **options: Any) -> Callable[[ExitStack, Path], dict[str, str]]:
    """An engine with open weights, with tiny random ones from a folder."""

    def start(_stack: ExitStack, folder: Path) -> dict[str, str]:
        pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
        from tests.engines.diffusers import tiny

        weights = getattr(tiny, save)(folder / "weights")
        tiers = {tier.value: {"steps": 2, "short_edge": 128} for tier in Tier}
        return setting(**{engine: {"weights": str(weights), "max_pixels": 160 * 96, "tiers": tiers, **options}})

    return start


def _row(name: str) -> Callable[[ExitStack, Path], dict[str, str]]:
    """A model of the table, which draws without sound and at its own frame rate."""

    def start(_stack: ExitStack, folder: Path) -> dict[str, str]:
        pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
        from tests.engines.diffusers.tiny_rows import SAVED

        tiers = {tier.value: {"steps": 2, "short_edge": 128} for tier in Tier}
        return setting(**{name: {**SAVED[name](folder / "weights"), "max_pixels": 160 * 96, "tiers": tiers}})

    return start


CASES = [
    Case("blank", lambda stack, folder: {"OPENDANCE_ENGINES": "blank"}, sounds=False),
    Case("previs", lambda stack, folder: {}),
    Case("ark", _ark),
    Case("vllm_omni", _vllm_omni),
    Case("vllm_omni", _peer("vllm_omni", "MiniMaxH3Pipeline"), draws=True, by="peers-vllm_omni"),
    Case("vllm_omni", _peer("sglang", "minimax_h3"), draws=True, by="peers-sglang"),
    Case("evolink", _evolink),
    Case("minimax_h3", _gpu("minimax_h3", "save_minimax_h3", reference_short_edge=64), draws=True),
    Case("ltx2", _gpu("ltx2", "save_ltx2", distilled="none"), draws=True),
    Case("wan2_2", _row("wan2_2"), draws=True),
]


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Generator[Receiver]:
    with running_receiver(tmp_path_factory.mktemp("receiver")) as made:
        yield made


@pytest.fixture(scope="module")
def service(case: Case, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    folder = tmp_path_factory.mktemp(case.name)
    with ExitStack() as stack:
        environment = case.start(stack, folder)
        server = start_server(folder / "data", **environment, **CALLBACKS, OPENDANCE_CALLBACK_CA=str(receiver.ca))
        stack.callback(server.stop)
        yield server


_OF_EVERY_RUN = {(Mode.REFERENCE, Tier.STANDARD), (Mode.IMAGE, Tier.FAST), (Mode.TEXT, Tier.MINI)}


def is_of_every_run(case: Case, model: Model) -> bool:
    """Each mode and each tier once where they make a difference, else the mode with the most in it; the rest when
    there is time."""
    if not case.draws:
        return model.tier is Tier.STANDARD and model.mode is Mode.REFERENCE
    return (model.mode, model.tier) in _OF_EVERY_RUN


@pytest.mark.parametrize(
    ("case", "model"),
    [
        pytest.param(
            case, m.id, id=f"{case.name}-{m.id}", marks=() if is_of_every_run(case, m) else pytest.mark.thorough
        )
        for case in CASES
        for m in MODELS.values()
    ],
    indirect=["case"],
    scope="module",
)
def test_every_engine_gives_the_same_service(
    case: Case, service: RunningServer, receiver: Receiver, model: str, hosted: Any, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"model": model, "duration": 4, "quality": "480p", "aspect_ratio": "9:16"}
    if MODELS[model].mode is not Mode.TEXT:
        asked["image_urls"] = [hosted.put("a.png", files.image_bytes(640, 480))]
    if MODELS[model].mode is Mode.REFERENCE:
        asked["prompt"] = "image 1 walks through the rain, audio 1 as background music"
        asked["audio_urls"] = [hosted.put("b.wav", files.audio_bytes(3.0))]
    name = f"{case.name}-{model}"
    with service.client() as client:
        asked["callback_url"] = receiver.url(name)
        made = client.post("/v1/videos/generations", json=body(**asked)).raise_for_status().json()
        price = client.post("/v1/videos/generations?dry_run=true", json=body(**asked)).raise_for_status().json()
        seen = _progress_of(client, made["id"])
        task = wait_for(client, made["id"])
        assert task["status"] == "completed", task
        assert (task["model"], task["engine"], task["progress"]) == (model, case.engine, 100)
        assert task["usage"]["credits_used"] == made["usage"]["credits_reserved"] == price["usage"]["credits_reserved"]
        assert seen == sorted(seen)
        (callback,) = receiver.wait(name)
        assert callback.body == client.get(f"/v1/tasks/{made['id']}").content
        clip = tmp_path / "clip.mp4"
        clip.write_bytes(client.get(task["results"][0]).raise_for_status().content)
    with av.open(str(clip)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height) == PIXELS[AspectRatio.R9_16][Quality.P480]
        assert (video.average_rate, video.codec_context.pix_fmt, audio.sample_rate) == (24, "yuv420p", 48_000)
        assert sum(1 for packet in container.demux(video) if packet.size) == 96
        container.seek(0)
        resampler = av.AudioResampler("fltp", "stereo", 48_000)
        wave = np.concatenate([p.to_ndarray() for f in container.decode(audio) for p in resampler.resample(f)], axis=1)
    assert math.isclose(wave.shape[1] / 48_000, 4, abs_tol=0.1)
    _tells_where_it_comes_from(clip, made["id"], case.engine, model)
    if case.sounds:
        sigmas = find_sound_watermark(wave.T)
        assert sigmas is not None
        assert sigmas >= SURE
        assert abs(loudness(wave.T) - TARGET_LUFS) < 1.5


def _tells_where_it_comes_from(clip: Path, task_id: str, engine: str, model: str) -> None:
    manifest, mark = read_manifest(clip), watermark_in_clip(clip)
    assert manifest is not None
    assert (manifest.state, manifest.problems) == ("valid", ())
    assert (manifest.generation["engine"], manifest.generation["model"]) == (engine, model)
    kinds = {Mode.TEXT: {"text"}, Mode.IMAGE: {"text", "image"}, Mode.REFERENCE: {"text", "image", "audio"}}
    assert set(manifest.generation["inputs"]) == kinds[MODELS[model].mode]
    learned = engine not in ("previs", "blank")
    assert ("rained" in (manifest.source_type or "")) == learned
    # `blank` only measures the service: there is nothing to see, so nothing is marked.
    assert mark.is_there == (engine != "blank")
    assert mark.number == manifest.watermark == (None if engine == "blank" else watermark_of(task_id))


def _progress_of(client: Any, task_id: str) -> list[int]:
    with client.stream("GET", f"/v1/tasks/{task_id}/events") as answer:
        told = [line for line in answer.iter_lines() if line.startswith("data:")]
    return [json.loads(line.removeprefix("data:"))["progress"] for line in told]
