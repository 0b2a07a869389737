"""The models of the table: the true pipelines of diffusers with tiny random weights, loaded from folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opendance.catalog import Mode, Tier
from opendance.engines.base import RenderCancelled
from opendance.engines.diffusers.models import ROWS
from opendance.engines.registry import load_engine
from opendance.job import Job
from opendance.media.probe import probe_clip
from tests.engines.diffusers.test_engines import SIZE, first_frame, job, never, with_media

__all__ = ["job"]
pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")

from tests.engines.diffusers.tiny_rows import SAVED

TIERS = {tier.value: {"steps": 2, "short_edge": 128} for tier in Tier}
SMALL = {"max_pixels": 160 * 96, "tiers": TIERS}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("weights")
    return {name: {**save(folder / name), **SMALL} for name, save in SAVED.items()}


@pytest.fixture(scope="module")
def engines(options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: load_engine(name, table) for name, table in options.items()}


def rendered(engine: Any, job: Job, folder: Path, name: str) -> Any:
    return engine.render(replace(job, output=str(folder / name)), lambda _: None, never)


@pytest.mark.parametrize("name", SAVED)
def test_text_is_drawn_and_the_clip_is_exact(engines: dict[str, Any], name: str, job: Job) -> None:
    told: list[float] = []
    engines[name].warm()
    clip = engines[name].render(job, told.append, never)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(0.9)
    facts = probe_clip(Path(clip.path))
    assert (facts.width, facts.height, facts.num_frames, facts.frame_rate) == (*SIZE, 96, 24)
    assert facts.audio_seconds == pytest.approx(4, abs=0.1)
    assert {"first step, s", "decoding, s", "encoding, s"} <= set(clip.timings)


@pytest.mark.parametrize(
    ("name", "images"),
    [
        ("wan2_2", 1),
        ("wan2_2", 2),
        ("wan2_2_5b", 1),
        ("hunyuan_video_1_5", 1),
        ("ltx_video_2b", 2),
        ("ltx2_3", 2),
        ("ltx2_5", 1),
    ],
)
def test_frames_make_a_difference(engines: dict[str, Any], name: str, images: int, job: Job, tmp_path: Path) -> None:
    wanted = with_media(job, tmp_path, images=images, mode=Mode.IMAGE)
    other = with_media(job, tmp_path, images=images, mode=Mode.IMAGE, shade=120)
    shown = [rendered(engines[name], each, tmp_path, f"{at}.mp4").path for at, each in enumerate((wanted, other))]
    # Random weights hardly look at a picture: encoded, a frame of the two clips may be the same.
    assert any(not np.array_equal(*(first_frame(path, number) for path in shown)) for number in (0, 24, 48, 95))


@pytest.mark.parametrize("name", ["wan2_2", "wan2_1_1_3b"])
@pytest.mark.parametrize("prompt", ["image 1 walks with image 2", "extend video 1", "image 1 is the first frame"])
def test_references_go_to_vace(engines: dict[str, Any], name: str, prompt: str, job: Job, tmp_path: Path) -> None:
    wanted = with_media(job, tmp_path, images=2, videos=1, prompt=prompt, mode=Mode.REFERENCE)
    clip = rendered(engines[name], wanted, tmp_path, "with.mp4")
    assert probe_clip(Path(clip.path)).num_frames == 96
    assert type(engines[name]._pipe).__name__ == "WanVACEPipeline"
    assert any("video 1" in note for note in clip.notes) == (prompt != "extend video 1")


def test_it_stops_between_two_steps(engines: dict[str, Any], job: Job) -> None:
    steps: list[float] = []
    with pytest.raises(RenderCancelled):
        engines["hunyuan_video_1_5"].render(job, steps.append, lambda: bool(steps))
    assert len(steps) == 1


def test_frames_at_the_models_own_rate_are_brought_to_the_clips(engines: dict[str, Any], job: Job) -> None:
    clip = engines["mochi_1"].render(job, lambda _: None, never)
    assert "drawn at 30 frames a second, brought to 24" in clip.notes


def test_weights_of_another_mode_keep_what_they_share(engines: dict[str, Any], job: Job, tmp_path: Path) -> None:
    engine = engines["wan2_2"]
    rendered(engine, job, tmp_path, "text.mp4")
    encoder = engine._pipe.text_encoder
    rendered(engine, with_media(job, tmp_path, images=1, mode=Mode.IMAGE), tmp_path, "image.mp4")
    assert engine._pipe.text_encoder is encoder
    assert type(engine._pipe).__name__ == "WanImageToVideoPipeline"


def test_every_row_is_drawn_here() -> None:
    assert set(ROWS) == {*SAVED, "minimax_h3", "ltx2"}
