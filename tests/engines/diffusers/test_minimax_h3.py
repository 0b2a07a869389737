"""What is MiniMax H3's own: two transformers of which one is at work, and parts that are loaded one by one."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opendance.catalog import Mode
from opendance.engines.registry import load_engine
from opendance.errors import ConfigurationError, TaskError
from opendance.job import Job
from tests.engines.diffusers.test_engines import OPTIONS, job, never, with_media

__all__ = ["job"]
diffusers = pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")
torch = pytest.importorskip("torch")

from opendance.engines.diffusers.memory import Layout  # noqa: E402
from opendance.engines.diffusers.minimax_h3 import MiniMaxH3  # noqa: E402
from tests.engines.diffusers import tiny  # noqa: E402


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_minimax_h3(tmp_path_factory.mktemp("weights") / "h3")


def made(weights: Path, **options: Any) -> MiniMaxH3:
    engine = load_engine("minimax_h3", {"weights": str(weights), **OPTIONS["minimax_h3"], **options})
    assert isinstance(engine, MiniMaxH3)
    return engine


def transformers() -> int:
    gc.collect()
    return sum(isinstance(each, diffusers.MiniMaxH3Transformer3DModel) for each in gc.get_objects())


def test_a_transformer_that_makes_room_is_let_go_of(weights: Path, job: Job, tmp_path: Path) -> None:
    engine = made(weights, keep_both=False)
    engine.warm()
    before, parts = transformers(), len(engine._manager.components)
    for name in ("transformer_ref", "transformer", "transformer_ref", "transformer"):
        engine._prepare(name)
        assert len(engine._manager.components) == parts
    assert transformers() == before
    assert Path(engine.render(job, lambda _: None, never).path).is_file()


def test_the_other_transformer_is_not_brought_to_the_device(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = made(weights, keep_both=True)
    engine.warm()
    moved: list[tuple[Any, str]] = []
    to = torch.nn.Module.to
    monkeypatch.setattr(
        torch.nn.Module,
        "to",
        lambda self, *given, **named: moved.append((self, str(given[0]))) or to(self, *given, **named),
    )
    engine._runtime.device = torch.device("cpu:0")  # told apart from the memory where the other one waits
    engine._prepare("transformer_ref")
    names = {id(part): name for name, part in engine._pipe.components.items()}
    by_name = [(names[id(part)], place) for part, place in moved if id(part) in names]
    assert ("transformer", "cpu") in by_name
    assert ("transformer", "cpu:0") not in by_name
    assert ("transformer_ref", "cpu:0") in by_name


def test_what_could_not_be_placed_is_placed_for_the_next_job(
    weights: Path, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(weights)
    engine.warm()
    place, failures = engine._place, [torch.OutOfMemoryError("CUDA out of memory")]

    def placed(*given: Any) -> None:
        if failures:
            raise failures.pop()
        placings.append(given)
        place(*given)

    placings: list[Any] = []
    monkeypatch.setattr(engine, "_place", placed)
    wanted = with_media(job, tmp_path, images=1, prompt="image 1 walks", mode=Mode.REFERENCE)
    with pytest.raises(TaskError) as caught:
        engine.render(wanted, lambda _: None, never)
    assert caught.value.code == "resource_exhausted"
    assert Path(engine.render(replace(wanted), lambda _: None, never).path).is_file()
    assert placings == [("transformer_ref", "transformer")]


def test_weights_without_a_part_are_told_when_they_are_loaded(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "h3"
    shutil.copytree(weights, folder)
    shutil.rmtree(folder / "vae")
    with pytest.raises(ConfigurationError, match=r"the weights in .* are incomplete: vae cannot be loaded"):
        made(folder).warm()


def test_a_machine_without_a_gpu_does_not_begin_to_read_what_it_cannot_hold(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opendance.engines.diffusers import runtime

    with pytest.raises(ConfigurationError, match="no GPU is visible here, and a CPU runs only weights that lie in a"):
        made(Path("MiniMaxAI/MiniMax-H3")).warm()
    monkeypatch.setattr(runtime, "main_memory_gib", lambda _processes: 0.0)
    with pytest.raises(ConfigurationError, match="on a CPU the weights take"):
        made(weights).warm()


@pytest.mark.parametrize(
    ("layout", "keep_both", "needed"),
    [
        (Layout("none", "none"), False, 68),  # the larger part for a moment, and the process
        (Layout("none", "model"), False, 135),
        (Layout("none", "model"), True, 197),
        (Layout("int8", "group"), False, 77),
    ],
)
def test_a_gpu_engine_does_not_begin_to_read_what_main_memory_cannot_hold(
    layout: Layout, keep_both: bool, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opendance.engines.diffusers import runtime

    engine = made(Path("MiniMaxAI/MiniMax-H3"), keep_both=keep_both)
    engine._runtime.device, engine._runtime.layout = torch.device("cuda"), layout
    read: list[str] = []
    monkeypatch.setattr(diffusers.ModularPipeline, "from_pretrained", lambda *_, **__: read.append("it"))
    monkeypatch.setattr(runtime, "main_memory_gib", lambda processes: (needed - 1) / processes)
    told = f"beside the GPU the weights take {needed} GiB of main memory, of which there are {needed - 1}$"
    with pytest.raises(ConfigurationError, match=told):
        engine.warm()
    monkeypatch.setenv("OPENDANCE_ENGINE_PROCESSES", "2")
    monkeypatch.setattr(runtime, "main_memory_gib", lambda processes: (needed + 1) / processes)
    with pytest.raises(ConfigurationError, match="for each of 2 processes"):
        engine.warm()
    assert read == []
    monkeypatch.delenv("OPENDANCE_ENGINE_PROCESSES")
    engine._runtime.check_memory("MiniMaxAI/MiniMax-H3", besides=61.8 if keep_both else 0.0)


def test_weights_in_a_folder_count_as_what_lies_there(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opendance.engines.diffusers import runtime

    engine = made(weights)
    engine._runtime.device = torch.device("cuda")
    monkeypatch.setattr(runtime, "main_memory_gib", lambda _processes: 6.5)
    engine._runtime.check_memory(str(weights))
    engine._runtime.device, engine._runtime.layout = torch.device("mps"), Layout("int8", "none")
    with pytest.raises(ConfigurationError, match=r"with the GPU the weights take 77 GiB .* of which there are 6$"):
        engine._runtime.check_memory("MiniMaxAI/MiniMax-H3")


def test_quantised_weights_move_where_an_engine_draws(weights: Path) -> None:
    pytest.importorskip("torchao")
    engine = made(weights, quantization="int8")
    engine.warm()
    transformer = engine._pipe.transformer
    with engine._runtime.guarded():
        transformer.to("meta")
    assert {parameter.device.type for parameter in transformer.parameters()} == {"meta"}


def test_a_step_cache_is_refused_where_it_fits_beside_nothing_and_left_out_where_a_clip_is_too_long(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = made(weights, cache=3)._runtime
    runtime.layout, runtime._gpu_gib = Layout("int8", "model"), 79.2  # an H100
    assert (runtime.has_room_for_cache(5), runtime.has_room_for_cache(10)) == (True, False)
    runtime.layout = Layout("none", "model")
    assert not runtime.has_room_for_cache(5)


def test_eight_bit_weights_in_groups_of_blocks(weights: Path, job: Job) -> None:
    pytest.importorskip("torchao")
    engine = made(weights, quantization="int8", offload="group")
    engine.warm()
    assert Path(engine.render(job, lambda _: None, never).path).is_file()
