"""The engines with open weights: the true pipelines of diffusers with tiny random weights, loaded from a folder."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from opendance.asset import Asset
from opendance.catalog import Mode, Quality, Tier
from opendance.engines.base import RenderCancelled
from opendance.engines.canvas import Canvas
from opendance.engines.registry import load_engine
from opendance.errors import TaskError
from opendance.job import Job
from opendance.media.frames import read_frames
from opendance.media.probe import probe_clip
from opendance.prompt import plan_prompt
from tests.upstreams import make_clip

pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
torch = pytest.importorskip("torch")

from tests.engines.diffusers import tiny  # noqa: E402

SIZE = (432, 248)  # of the clips: what random weights draw is noise, which takes long to encode
TIERS = {tier.value: {"steps": 2, "short_edge": 128} for tier in Tier}
OPTIONS: dict[str, dict[str, Any]] = {
    "minimax_h3": {"max_pixels": 160 * 96, "tiers": TIERS, "reference_short_edge": 64},
    "ltx2": {"max_pixels": 160 * 96, "tiers": TIERS, "distilled": None},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def weights(folder: Path) -> dict[str, Path]:
    made = {"minimax_h3": tiny.save_minimax_h3(folder / "made"), "ltx2": tiny.save_ltx2(folder / "ltx2")}
    # A folder that was moved: what its index says of where the parts are is no longer true.
    made["minimax_h3"] = made["minimax_h3"].rename(folder / "minimax_h3")
    return made


@pytest.fixture(scope="module")
def engines(weights: dict[str, Path]) -> dict[str, Any]:
    made = {name: load_engine(name, {"weights": str(weights[name]), **OPTIONS[name]}) for name in OPTIONS}
    for engine in made.values():
        engine.warm()
    return made


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_in(tmp_path)


def job_in(folder: Path) -> Job:
    """A clip of 4 s in this folder."""
    return Job(
        plan=plan_prompt("a cat walks", seconds=4, aspect_ratio="16:9"), tier=Tier.MINI, quality=Quality.P480,
        size=SIZE, num_frames=96, seed=7, generate_audio=True, title="cat", work_folder=str(folder),
        output=str(folder / "clip.mp4"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def plain(engines: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The first frame that each plain engine makes of the job."""
    folder = tmp_path_factory.mktemp("plain")
    asked = job_in(folder)
    return {name: first_frame(engine.render(asked, lambda _: None, never).path) for name, engine in engines.items()}


def never() -> bool:
    return False


def first_frame(path: str, number: int = 0) -> np.ndarray:
    return next(islice(read_frames(Path(path), SIZE), number, None)).astype(np.int16)


@pytest.mark.parametrize("name", OPTIONS)
def test_steps_are_told_and_the_clip_is_exact(engines: dict[str, Any], name: str, job: Job) -> None:
    told: list[float] = []
    clip = engines[name].render(job, told.append, never)
    assert told == pytest.approx([0.45, 0.9])
    facts = probe_clip(Path(clip.path))
    assert (facts.width, facts.height, facts.num_frames, facts.frame_rate) == (*SIZE, 96, 24)
    assert facts.audio_seconds == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_seed_decides(
    engines: dict[str, Any], plain: dict[str, np.ndarray], name: str, job: Job, tmp_path: Path
) -> None:
    clips = []
    for seed in (job.seed, job.seed + 1):
        wanted = replace(job, seed=seed, output=str(tmp_path / f"{seed}.mp4"), generate_audio=False)
        clips.append(first_frame(engines[name].render(wanted, lambda _: None, never).path))
    # x264's macroblock trees are not the same to the bit each time; the frames that they are given are.
    assert np.abs(clips[0] - plain[name]).mean() < 2
    assert np.abs(clips[1] - plain[name]).mean() > 5


@pytest.mark.parametrize("name", OPTIONS)
def test_it_stops_between_two_steps_and_works_on(engines: dict[str, Any], name: str, job: Job) -> None:
    steps: list[float] = []
    with pytest.raises(RenderCancelled):
        engines[name].render(job, steps.append, lambda: bool(steps))
    assert len(steps) == 1
    assert not Path(job.output).exists()
    assert Path(engines[name].render(job, lambda _: None, never).path).is_file()


@pytest.mark.parametrize("name", OPTIONS)
def test_out_of_memory_is_told_and_survived(engines: dict[str, Any], name: str, job: Job) -> None:
    def full(_share: float) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    with pytest.raises(TaskError) as error:
        engines[name].render(job, full, never)
    assert error.value.code == "resource_exhausted"
    assert "CUDA" not in error.value.message
    assert Path(engines[name].render(job, lambda _: None, never).path).is_file()


def with_media(
    job: Job, folder: Path, *, images: int = 0, videos: int = 0, prompt: str = "a walk", mode: Mode, shade: int = 40
) -> Job:
    assets = []
    for number in range(1, images + 1):
        path = folder / f"image-{number}-{shade}.png"
        Image.fromarray(np.full((480, 640, 3), shade * number, np.uint8)).save(path)
        assets.append(Asset("image", number, width=640, height=480, path=str(path)))
    for number in range(1, videos + 1):
        path = make_clip(folder / f"video-{number}.mp4", (640, 360), 48, sound=False)
        assets.append(Asset("video", number, width=640, height=360, seconds=2, frame_rate=24, path=str(path)))
    plan = plan_prompt(prompt, seconds=4, aspect_ratio="16:9", mode=mode, assets=tuple(assets))
    return replace(job, plan=plan, assets=tuple(assets), mode=mode)


@pytest.mark.parametrize("images", [1, 2])
@pytest.mark.parametrize("name", OPTIONS)
def test_frames(
    engines: dict[str, Any], plain: dict[str, np.ndarray], name: str, images: int, job: Job, tmp_path: Path
) -> None:
    wanted = with_media(job, tmp_path, images=images, mode=Mode.IMAGE)
    clip = engines[name].render(replace(wanted, output=str(tmp_path / "with.mp4")), lambda _: None, never)
    assert probe_clip(Path(clip.path)).num_frames == 96
    assert not np.array_equal(first_frame(clip.path), plain[name]), "the frames make no difference"


@pytest.mark.parametrize(
    "prompt",
    ["extend video 1", "use the camera work of video 1, image 1 is the first frame", "video 1 in the style of image 1"],
)
@pytest.mark.parametrize("name", OPTIONS)
def test_references(engines: dict[str, Any], name: str, prompt: str, job: Job, tmp_path: Path) -> None:
    wanted = with_media(job, tmp_path, images=2, videos=1, prompt=prompt, mode=Mode.REFERENCE)
    clip = engines[name].render(wanted, lambda _: None, never)
    assert probe_clip(Path(clip.path)).num_frames == 96
    if name == "ltx2":
        assert any("image 2" in note for note in clip.notes)


@pytest.mark.parametrize("name", OPTIONS)
def test_quantised_weights(weights: dict[str, Path], name: str, job: Job) -> None:
    pytest.importorskip("torchao")
    engine = load_engine(name, {"weights": str(weights[name]), "quantization": "int8", **OPTIONS[name]})
    kinds = {type(p.data).__name__ for p in _prepared(engine).transformer.parameters()}
    assert any("Int8" in kind or "Quantized" in kind for kind in kinds), kinds
    assert Path(engine.render(job, lambda _: None, never).path).is_file()


@pytest.mark.parametrize("name", OPTIONS)
def test_a_transformer_from_a_gguf_file(
    plain: dict[str, np.ndarray], weights: dict[str, Path], name: str, job: Job, tmp_path: Path
) -> None:
    file = tiny.save_gguf(weights[name], tmp_path / "transformer.gguf", name)
    engine = load_engine(name, {"weights": str(weights[name]), "gguf": str(file), **OPTIONS[name]})
    kinds = {type(parameter.data).__name__ for parameter in _prepared(engine).transformer.parameters()}
    assert any("GGUF" in type(parameter).__name__ for parameter in engine._pipe.transformer.parameters()), kinds
    assert close(first_frame(engine.render(job, lambda _: None, never).path), plain[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_layers_that_wait_in_main_memory(
    plain: dict[str, np.ndarray], weights: dict[str, Path], name: str, job: Job
) -> None:
    engine = load_engine(name, {"weights": str(weights[name]), "offload": "group", **OPTIONS[name]})
    pipe = _prepared(engine)
    for model in (pipe.transformer, pipe.text_encoder):
        assert any(hasattr(module, "_diffusers_hook") for module in model.modules()), "no layer is brought when needed"
    assert close(first_frame(engine.render(job, lambda _: None, never).path), plain[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_a_compiled_transformer(
    plain: dict[str, np.ndarray], weights: dict[str, Path], name: str, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch._dynamo.utils import counters

    # The graphs are made as ever; turning them into C++ for this CPU, a minute's work, tells nothing of GPUs.
    compiled = torch.nn.Module.compile
    monkeypatch.setattr(
        torch.nn.Module, "compile", lambda self, **options: compiled(self, backend="aot_eager", **options)
    )
    engine = load_engine(name, {"weights": str(weights[name]), "compile": True, **OPTIONS[name]})
    counters.clear()
    assert close(first_frame(engine.render(job, lambda _: None, never).path), plain[name])
    assert counters["stats"]["unique_graphs"] > 0, "nothing was compiled"


@pytest.mark.parametrize("name", OPTIONS)
def test_a_step_cache_saves_attention(weights: dict[str, Path], name: str, job: Job) -> None:
    counts = []
    for cache in (None, 3):
        options = {**OPTIONS[name], "tiers": {"standard": {"steps": 8, "short_edge": 96}}, "attention": "native"}
        engine = load_engine(name, {"weights": str(weights[name]), "cache": cache, **options})
        transformer = _prepared(engine).transformer
        asked: list[str] = []
        for path, module in transformer.named_modules():
            if path.endswith(".attn1.to_q") or (name == "minimax_h3" and path.endswith(".attn.to_q")):
                module.register_forward_hook(lambda *_, path=path, asked=asked: asked.append(path))
        assert Path(engine.render(job, lambda _: None, never).path).is_file()
        counts.append(len(asked))
    assert 0 < counts[1] < counts[0], counts


def test_fifteen_seconds_are_the_most_that_the_model_draws_and_a_little_slower(
    engines: dict[str, Any], job: Job
) -> None:
    plan = plan_prompt("a cat walks", seconds=15, aspect_ratio="16:9")
    clip = engines["minimax_h3"].render(replace(job, plan=plan, num_frames=360), lambda _: None, never)
    facts = probe_clip(Path(clip.path))
    assert (facts.num_frames, round(facts.audio_seconds, 1)) == (360, 15.0)


def test_ltx2_draws_all_of_fifteen_seconds(engines: dict[str, Any], job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    pipe = type(engines["ltx2"]._pipe)
    monkeypatch.setattr(pipe, "__call__", lambda _self, **given: asked.append(given["num_frames"]) or 1 / 0)
    plan = plan_prompt("a cat walks", seconds=15, aspect_ratio="16:9")
    with pytest.raises(ZeroDivisionError):
        engines["ltx2"].render(replace(job, plan=plan, num_frames=360), lambda _: None, never)
    assert asked == [361]


def test_ltx2_follows_footage_only_with_what_was_trained_for_it(
    engines: dict[str, Any], job: Job, tmp_path: Path
) -> None:
    from opendance.engines.diffusers.ltx2 import _media

    wanted = with_media(job, tmp_path, videos=1, prompt="the camera work of video 1", mode=Mode.REFERENCE)
    canvas = Canvas(160, 96, 97)
    media, notes = _media(wanted, canvas, "LTX-2", in_context=False)
    assert (media, notes) == ({}, ("LTX-2 follows no footage without in_context: video 1 was left out",))
    media, notes = _media(wanted, canvas, "LTX-2", in_context=True)
    assert (list(media), notes) == (["reference_conditions"], ())


def test_weights_that_are_distilled_themselves_are_drawn_so_in_every_tier(weights: dict[str, Path], job: Job) -> None:
    place = str(weights["ltx2"])
    engine = load_engine("ltx2", {**OPTIONS["ltx2"], "weights": place, "distilled": place})
    assert [engine._options.is_distilled(tier) for tier in Tier] == [True] * len(Tier)


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two frames show the same; another seed is 10 times further away."""
    return float(np.abs(one - other).mean()) < 6


def _prepared(engine: Any) -> Any:
    engine.warm()
    return engine._pipe
