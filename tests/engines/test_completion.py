"""What an engine cannot make is made up for: another frame rate, a short clip, no sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from opendance.catalog import Quality, Tier
from opendance.engines.completion import complete, stage_sound_apart
from opendance.errors import TaskError
from opendance.job import Completion, Job
from opendance.media.audio import decode_sound, read_wav
from opendance.media.loudness import TARGET_LUFS, loudness
from opendance.media.probe import probe_clip
from opendance.media.video import opened_mp4
from opendance.prompt import plan_prompt


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(
        plan=plan_prompt("a cat walks through heavy rain", seconds=4, aspect_ratio="16:9"), tier=Tier.MINI,
        quality=Quality.P480, size=(864, 496), num_frames=96, seed=7, generate_audio=True, title="cat",
        work_folder=str(tmp_path), output=str(tmp_path / "clip.mp4"),
    )  # fmt: skip


def frames(count: int) -> list[npt.NDArray[np.uint8]]:
    return [np.full((90, 160, 3), index, np.uint8) for index in range(count)]


def heard(path: str) -> npt.NDArray[np.float32]:
    with Path(path).open("rb") as file, opened_mp4(file) as container:
        samples, _ = decode_sound(container, most_seconds=20)
    return samples.astype(np.float32) / 32768


def test_a_silent_clip_at_another_rate_gets_24_frames_a_second_and_the_sound_stages_sound(job: Job) -> None:
    notes = complete(job, "a test", frames(65), num_given=65, frame_rate=16)
    facts = probe_clip(Path(job.output))
    assert (facts.width, facts.height, facts.num_frames, facts.frame_rate) == (864, 496, 96, 24)
    assert loudness(heard(job.output)) == pytest.approx(TARGET_LUFS, abs=1)
    assert notes == ("drawn at 16 frames a second, brought to 24", "the sound is the sound stage's")


def test_silence_is_silence_where_the_operator_wants_it(job: Job) -> None:
    notes = complete(replace(job, completion=Completion(sound="silence")), "a test", frames(96), num_given=96)
    assert np.abs(heard(job.output)).max() < 1e-3
    assert notes == ("it has no sound; silence stands for it",)


def test_a_short_clip_is_slowed_as_far_as_its_engine_may_be_and_no_further(job: Job) -> None:
    with pytest.raises(TaskError) as caught:
        complete(job, "a test", frames(60), num_given=60)
    assert caught.value.code == "generation_failed_no_content"
    far = replace(job, completion=Completion(sound="silence", slowest=2.0))
    notes = complete(far, "a test", frames(60), num_given=60)
    assert probe_clip(Path(job.output)).num_frames == 96
    assert "drawn for 2.50 s, slowed to 4" in notes


async def test_the_sound_stage_of_a_clip_from_elsewhere_runs_in_a_process_of_its_own(job: Job) -> None:
    path = await stage_sound_apart(job)
    assert path is not None
    wave = read_wav(path)
    assert wave.shape == (4 * 48_000, 2)
    assert loudness(wave) == pytest.approx(TARGET_LUFS, abs=1)
