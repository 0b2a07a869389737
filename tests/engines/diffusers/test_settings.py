"""What can be told of how a model is placed and computed, with tiny random weights on a CPU."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opendance.catalog import Tier
from opendance.engines.canvas import Canvas
from opendance.engines.diffusers.memory import Layout
from opendance.engines.registry import load_engine
from opendance.errors import ConfigurationError
from opendance.job import Job
from tests.engines.diffusers.test_engines import close, first_frame, job, job_in, never

__all__ = ["job"]
pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
torch = pytest.importorskip("torch")

from opendance.engines.diffusers import placing  # noqa: E402
from tests.engines.diffusers.tiny_rows import save_ltx2_5, save_wan2_1_1_3b  # noqa: E402

SMALL = {"max_pixels": 160 * 96, "tiers": {tier.value: {"steps": 2, "short_edge": 96} for tier in Tier}}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {**save_wan2_1_1_3b(tmp_path_factory.mktemp("wan")), **SMALL}


def drawn(engine: Any, job: Job, name: str) -> np.ndarray:
    made = engine.render(replace(job, output=str(Path(job.work_folder) / name)), lambda _: None, never)
    return first_frame(made.path)


@pytest.fixture(scope="module")
def plain(weights: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    job = job_in(tmp_path_factory.mktemp("plain"))
    return drawn(load_engine("wan2_1_1_3b", weights), job, "plain.mp4")


def test_the_text_encoder_has_a_card_of_its_own_and_the_clip_is_the_same(
    weights: dict[str, Any], job: Job, plain: np.ndarray
) -> None:
    engine: Any = load_engine("wan2_1_1_3b", weights)
    engine._runtime.layout = Layout("none", "pair")
    engine._runtime.encoder_device = torch.device("cpu:0")  # told apart from where all else is
    engine.warm()
    seen: list[str] = []
    ids = engine._pipe.text_encoder.encoder.embed_tokens
    ids.register_forward_pre_hook(lambda _module, given: seen.append(str(given[0].device)))
    assert engine._pipe._execution_device == torch.device("cpu")
    assert close(drawn(engine, job, "pair.mp4"), plain)
    assert len(seen) == 2, "the prompt, and what is not to be drawn"
    assert type(engine._pipe).__name__ == "WanPipeline"


def test_what_an_encoder_is_given_and_gives_is_moved_between_the_cards() -> None:
    import transformers

    moved: list[torch.device] = []
    part = torch.nn.Linear(2, 2)
    pipe: Any = type("Pipe", (), {"components": {"text_encoder": part}})()
    placing.place_apart(pipe, ("text_encoder",), torch.device("meta"), torch.device("cpu"))
    part.register_forward_pre_hook(lambda _part, given: moved.append(given[0].device))
    with pytest.raises(NotImplementedError, match="meta"):  # there is nothing on it to bring back
        part(torch.ones(1, 2))
    assert moved == [torch.device("meta")]
    output = transformers.modeling_outputs.BaseModelOutput(
        last_hidden_state=torch.ones(1), hidden_states=(torch.ones(1),)
    )
    made = placing._moved(output, torch.device("meta"))
    assert (made.last_hidden_state.device.type, made.hidden_states[0].device.type) == ("meta", "meta")


def test_steps_in_which_little_changes_are_skipped(weights: dict[str, Any], job: Job) -> None:
    counts = []
    for first_block in (None, 0.9):
        table = {**weights, "first_block": first_block, "tiers": {"standard": {"steps": 6, "short_edge": 96}}}
        engine: Any = load_engine("wan2_1_1_3b", table)
        engine.warm()
        asked: list[str] = []
        engine._pipe.transformer.blocks[1].attn1.to_q.register_forward_hook(lambda *_, asked=asked: asked.append(""))
        drawn(engine, job, "once.mp4")
        once = len(asked)
        drawn(engine, job, "twice.mp4")
        assert len(asked) == 2 * once, "a clip begins with nothing of the one before"
        counts.append(once)
    assert 0 < counts[1] < counts[0], counts


def test_both_caches_at_once_are_refused(weights: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="cache and first_block exclude each other"):
        load_engine("wan2_1_1_3b", {**weights, "cache": 3, "first_block": 0.1})


@pytest.mark.parametrize(
    ("capability", "kernels", "backend"),
    [((9, 0), True, "_flash_3_hub"), ((9, 0), False, None), ((8, 9), True, None), ((10, 0), True, None)],
)
def test_the_fastest_attention_of_a_card_is_taken_where_it_is_installed(
    capability: tuple[int, int], kernels: bool, backend: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object() if kernels else None)
    assert placing.fastest_attention(torch.device("cuda")) == backend
    assert placing.fastest_attention(torch.device("cpu")) is None


@pytest.mark.parametrize(("capability", "kind"), [((9, 0), "float8"), ((8, 9), "float8"), ((8, 6), "int8")])
def test_eight_bit_weights_are_of_the_kind_that_the_card_computes_with(
    weights: dict[str, Any], capability: tuple[int, int], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: Any = load_engine("wan2_1_1_3b", weights)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    engine._runtime.device = engine._runtime.encoder_device = torch.device("cuda")
    assert engine._runtime._laid_out(10.0) == Layout(kind, "model")
    engine._runtime.encoder_device = torch.device("cuda:1")
    assert engine._runtime._laid_out(24.0) == Layout("none", "pair")
    assert engine._runtime._laid_out(6.5) == Layout(kind, "pair")


def test_apple_silicon_keeps_all_in_its_memory(weights: dict[str, Any]) -> None:
    engine: Any = load_engine("wan2_1_1_3b", weights)
    engine._runtime.device = torch.device("mps")
    assert engine._runtime._laid_out(27.0) == Layout("none", "none")
    assert engine._runtime._laid_out(12.0) == Layout("int8", "none")


def test_the_second_stage_of_the_full_transformer_has_the_lora_and_the_first_has_not(tmp_path: Path, job: Job) -> None:
    engine: Any = load_engine("ltx2_5", {**save_ltx2_5(tmp_path / "ltx"), **SMALL})
    told: list[float] = []
    stages: list[tuple[bool, int]] = []
    widths: list[int] = []
    call, behind = engine._call, engine._as

    def noted(*given: Any, **drawing: Any) -> Any:
        widths.append(given[1].width)
        return call(*given, **drawing)

    def shown(kind: Any) -> Any:
        layer = engine._pipe.transformer.transformer_blocks[0].attn1.to_q
        asked = torch.ones(1, layer.in_features)
        stages.append((not torch.equal(layer(asked), layer.base_layer(asked)), widths[-1]))
        return behind(kind)

    engine.warm()
    engine._call, engine._as = noted, shown
    assert engine._pipe.scheduler.config.use_dynamic_shifting
    engine.render(replace(job, tier=Tier.STANDARD), told.append, never)
    assert stages == [(False, 64), (True, 128)]
    assert len(told) == 2 + 3
    engine._call, engine._as = call, behind
    encoder = engine._pipe.text_encoder
    engine.render(replace(job, tier=Tier.MINI), lambda _: None, never)
    assert engine._weights[1] == "transformer"
    assert engine._pipe.text_encoder is encoder, "only the transformer is another"
    assert type(encoder).__name__ == "Gemma4UnifiedForConditionalGeneration"


def test_footage_and_the_second_stage_each_have_their_own_lora(tmp_path: Path, job: Job) -> None:
    table = save_ltx2_5(tmp_path / "ltx")
    folder, _, file = table["refining"].rpartition(":")
    engine: Any = load_engine("ltx2_5", {**table, **SMALL, "in_context": str(Path(folder) / file)})
    engine.warm()
    layer = engine._pipe.transformer.transformer_blocks[0].attn1.to_q
    at_work: list[list[str]] = []
    engine._as = lambda _kind: lambda **_given: at_work.append([] if layer.disable_adapters else layer.active_adapters)
    for media in ({}, {"reference_conditions": []}):
        for refining in (False, True):
            engine._call(job, Canvas(64, 64, 9), media, None, refining=refining)
    assert at_work == [[], ["refining"], ["in_context"], ["in_context", "refining"]]
