"""A LoRA and noise levels of a tier: at work in that tier alone, read once, and told where they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opendance.catalog import Mode, Tier
from opendance.engines.registry import load_engine
from opendance.errors import ConfigurationError
from opendance.job import Job
from tests.engines.diffusers.test_engines import OPTIONS, job, never, with_media

__all__ = ["job"]
diffusers = pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

from opendance.engines.diffusers import generic, minimax_h3  # noqa: E402
from tests.engines.diffusers import tiny  # noqa: E402
from tests.engines.diffusers.tiny_rows import SAVED  # noqa: E402

SPENT = {"steps": 2, "short_edge": 128}


def save_lora(folder: Path, pipeline: Any, transformer: Any, name: str = "turbo.safetensors") -> str:
    """A LoRA of the attention of a transformer, with layers that change what it draws; its place."""
    torch.manual_seed(1)
    layers = peft.LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v"], init_lora_weights=False)
    model = peft.get_peft_model(transformer, layers)
    state = {key: 20 * value for key, value in peft.get_peft_model_state_dict(model).items()}
    state = {key.removeprefix("base_model.model."): value.contiguous() for key, value in state.items()}
    pipeline.save_lora_weights(folder, transformer_lora_layers=state, weight_name=name)
    return f"{folder}:{name}"


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return SAVED["wan2_2_5b"](tmp_path_factory.mktemp("weights") / "wan")


@pytest.fixture(scope="module")
def lora_of_wan(wan: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    transformer = diffusers.WanTransformer3DModel.from_pretrained(wan["weights"], subfolder="transformer")
    return save_lora(tmp_path_factory.mktemp("lora"), diffusers.WanPipeline, transformer)


Drawn = Callable[[Any, Job, Tier], Any]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drawn:
    """What a model draws for a tier, before it is encoded: (num_frames, height, width, 3)."""
    shown: list[Any] = []
    for module in (generic, minimax_h3):
        as_frames = module.as_frames
        monkeypatch.setattr(module, "as_frames", lambda frames, of=as_frames: shown.append(frames) or of(frames))

    def draw(engine: Any, job: Job, tier: Tier) -> Any:
        engine.render(replace(job, tier=tier, output=str(tmp_path / "clip.mp4")), lambda _: None, never)
        return shown[-1]

    return draw


def is_same(one: Any, other: Any) -> bool:
    return np.allclose(one, other, atol=1e-3)


def test_a_lora_is_at_work_in_its_own_tier_alone_and_read_once(
    wan: dict[str, Any], lora_of_wan: str, job: Job, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    load = diffusers.WanPipeline.load_lora_weights
    monkeypatch.setattr(
        diffusers.WanPipeline,
        "load_lora_weights",
        lambda self, *given, **named: read.append(given) or load(self, *given, **named),
    )
    tiers = {"standard": SPENT, "fast": {**SPENT, "lora": lora_of_wan}, "mini": {**SPENT, "lora": lora_of_wan}}
    engine: Any = load_engine("wan2_2_5b", {**wan, "max_pixels": 160 * 96, "tiers": tiers})
    engine.warm()
    before, fast, mini, after = (
        drawn(engine, job, tier) for tier in (Tier.STANDARD, Tier.FAST, Tier.MINI, Tier.STANDARD)
    )
    assert is_same(before, after)
    assert is_same(fast, mini)
    assert not is_same(before, fast)
    assert len(read) == 1


def test_noise_levels_and_guidance_are_of_their_tier(wan: dict[str, Any], job: Job, drawn: Drawn) -> None:
    tiers = {"standard": SPENT, "fast": {**SPENT, "shift": 1.5}, "mini": {**SPENT, "guidance": 1.0}}
    engine: Any = load_engine("wan2_2_5b", {**wan, "max_pixels": 160 * 96, "tiers": tiers})
    engine.warm()
    before, fast, mini, after = (
        drawn(engine, job, tier) for tier in (Tier.STANDARD, Tier.FAST, Tier.MINI, Tier.STANDARD)
    )
    assert is_same(before, after)
    assert not is_same(before, fast)
    assert not is_same(before, mini)


def test_a_lora_that_is_not_there_or_of_another_model_is_told_when_weights_are_loaded(
    wan: dict[str, Any], lora_of_wan: str, tmp_path: Path
) -> None:
    def warmed(place: str) -> None:
        tiers = {"standard": SPENT, "fast": {**SPENT, "lora": place}}
        load_engine("wan2_2_5b", {**wan, "max_pixels": 160 * 96, "tiers": tiers}).warm()

    with pytest.raises(ConfigurationError, match=r"engine\.wan2_2_5b: the LoRA .*none\.safetensors cannot be loaded"):
        warmed(f"{tmp_path}:none.safetensors")
    with pytest.raises(ConfigurationError, match=r"tiers\.fast\.lora: .*"):
        warmed(str(tmp_path / "turbo.safetensors"))
    mochi = SAVED["mochi_1"](tmp_path / "mochi")
    transformer = diffusers.MochiTransformer3DModel.from_pretrained(mochi["weights"], subfolder="transformer")
    with pytest.raises(ConfigurationError, match=r"engine\.wan2_2_5b: .*LoRA"):
        warmed(save_lora(tmp_path / "other", diffusers.MochiPipeline, transformer))


def test_h3_draws_references_with_their_own_lora_and_its_own_noise_levels(
    job: Job, drawn: Drawn, tmp_path: Path
) -> None:
    weights = tiny.save_minimax_h3(tmp_path / "h3")
    transformer = diffusers.MiniMaxH3Transformer3DModel.from_pretrained(weights, subfolder="transformer_ref")
    place = save_lora(tmp_path / "lora", diffusers.MiniMaxH3ModularPipeline, transformer)
    spent = OPTIONS["minimax_h3"]["tiers"]["standard"]
    tiers = {"standard": spent, "fast": {**spent, "reference_lora": place}, "mini": {**spent, "shift": 3.0}}
    engine: Any = load_engine("minimax_h3", {**OPTIONS["minimax_h3"], "weights": str(weights), "tiers": tiers})
    engine.warm()
    text = [drawn(engine, job, tier) for tier in (Tier.STANDARD, Tier.FAST, Tier.MINI, Tier.STANDARD)]
    assert is_same(text[0], text[1])
    assert not is_same(text[0], text[2])
    assert is_same(text[0], text[3])
    asked = with_media(job, tmp_path, images=1, prompt="image 1 walks", mode=Mode.REFERENCE)
    standard, fast, after = (drawn(engine, asked, tier) for tier in (Tier.STANDARD, Tier.FAST, Tier.STANDARD))
    assert not is_same(standard, fast)
    assert is_same(standard, after)
