"""Exact pixels, frames, length and loudness, of whatever an engine or an upstream made."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from opendance.catalog import PIXELS, SAMPLE_RATE
from opendance.errors import TaskError
from opendance.media.audio import decode_sound
from opendance.media.encode import add_sound, write_sound
from opendance.media.examine import Examiner
from opendance.media.finish import Finish, finish_frames, finish_video
from opendance.media.frames import read_frames
from opendance.media.loudness import TARGET_LUFS, loudness
from opendance.media.probe import probe_clip
from opendance.media.video import opened_mp4
from opendance.media.watermark import watermark_in_clip, watermark_of
from tests.upstreams import make_clip

SIZES = sorted({size for sizes in PIXELS.values() for size in sizes.values()})


def finish(size: tuple[int, int] = (864, 496), num_frames: int = 24, *, sound: bool = True) -> Finish:
    return Finish(*size, num_frames, sound, "a title", "a test")


def bars(count: int, size: tuple[int, int] = (320, 180)) -> list[npt.NDArray[np.uint8]]:
    """A bright bar that wanders to the right, 2 px a frame."""
    frames = []
    for index in range(count):
        frame = np.full((size[1], size[0], 3), (40, 80, 160), np.uint8)
        frame[:, 20 + 2 * index : 40 + 2 * index] = 230
        frames.append(cv2.GaussianBlur(frame, (5, 5), 0))
    return frames


def tone(seconds: float, rate: int, level: float = 0.02) -> npt.NDArray[np.float32]:
    return (level * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)[None]


def heard(path: Path) -> npt.NDArray[np.float32]:
    with path.open("rb") as file, opened_mp4(file) as container:
        samples, _ = decode_sound(container, most_seconds=20)
    return samples.astype(np.float32) / 32768


@pytest.mark.parametrize("size", SIZES)
def test_frames_of_any_size_become_exactly_ours(tmp_path: Path, size: tuple[int, int]) -> None:
    finish_frames(tmp_path / "c.mp4", bars(24), (tone(1, 32_000), 32_000), finish(size))
    facts = probe_clip(tmp_path / "c.mp4")
    assert (facts.width, facts.height, facts.num_frames, facts.frame_rate) == (*size, 24, 24)
    assert facts.audio_seconds == pytest.approx(1, abs=0.03)


def test_colours_stay_what_they_were(tmp_path: Path) -> None:
    finish_frames(tmp_path / "c.mp4", bars(24, (864, 496)), None, finish())
    frame = next(read_frames(tmp_path / "c.mp4", (864, 496)))
    assert np.abs(frame[200:300, 600:800].astype(int) - (40, 80, 160)).max() <= 4


def test_a_quiet_tone_comes_at_our_loudness_and_its_pitch(tmp_path: Path) -> None:
    finish_frames(tmp_path / "c.mp4", bars(96), (tone(4, 32_000), 32_000), finish(num_frames=96))
    wave = heard(tmp_path / "c.mp4")
    assert loudness(wave) == pytest.approx(TARGET_LUFS, abs=0.7)
    spectrum = np.abs(np.fft.rfft(wave[SAMPLE_RATE : 3 * SAMPLE_RATE, 0]))
    assert np.argmax(spectrum) / 2 == pytest.approx(440, abs=2)


def test_an_offset_takes_no_room_from_the_sound(tmp_path: Path) -> None:
    finish_frames(tmp_path / "c.mp4", bars(96), (tone(4, 32_000) - 0.5, 32_000), finish(num_frames=96))
    wave = heard(tmp_path / "c.mp4")
    assert loudness(wave) == pytest.approx(TARGET_LUFS, abs=0.7)
    assert np.abs(wave.mean(axis=0)).max() < 0.01


def test_silence_stays_silence(tmp_path: Path) -> None:
    finish_frames(tmp_path / "c.mp4", bars(24), None, finish())
    assert np.abs(heard(tmp_path / "c.mp4")).max() < 1e-3


def test_a_little_too_short_is_made_up_for_by_slowing_down(tmp_path: Path) -> None:
    given = bars(115, (400, 180))
    finish_frames(tmp_path / "c.mp4", given, (tone(115 / 24, 32_000), 32_000), finish((992, 432), 120), num_given=115)
    frames = list(read_frames(tmp_path / "c.mp4", (400, 180)))
    assert len(frames) == 120
    at = [
        float(np.average(np.arange(400), weights=np.clip(frame[90, :, 0].astype(float) - 60, 0, None)))
        for frame in frames
    ]
    steps = np.diff(at)
    assert steps.min() > 0.3, "no frame stands still"
    assert steps.max() < 3
    wave = heard(tmp_path / "c.mp4")
    assert len(wave) / SAMPLE_RATE == pytest.approx(5, abs=0.05)
    assert np.abs(wave[-SAMPLE_RATE // 4 : -SAMPLE_RATE // 8]).max() > 0.05, "the sound lasts to the end"
    spectrum = np.abs(np.fft.rfft(wave[SAMPLE_RATE : 3 * SAMPLE_RATE, 0]))
    assert np.argmax(spectrum) / 2 == pytest.approx(440, abs=2)


def test_far_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"made 0\.50 s of the 4 s") as error:
        finish_frames(tmp_path / "c.mp4", bars(12), None, finish(num_frames=96))
    assert error.value.code == "generation_failed_no_content"


def test_another_services_video_is_marked_and_brought_to_its_loudness(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "s.mp4", (864, 496), 96)
    told = finish_video(source, tmp_path / "c.mp4", replace(finish(num_frames=96), watermark=watermark_of("task")))
    assert told == {"width": 864, "height": 496, "has_audio": True, "how": "encoded again"}
    assert watermark_in_clip(tmp_path / "c.mp4").number == watermark_of("task")
    assert not watermark_in_clip(source).is_there
    assert loudness(heard(tmp_path / "c.mp4")) == pytest.approx(TARGET_LUFS, abs=0.7)
    assert probe_clip(tmp_path / "c.mp4").num_frames == 96


@pytest.mark.parametrize(("size", "frames"), [((640, 640), 96), *(pytest.param(*more, marks=pytest.mark.thorough) for more in (((1344, 768), 124), ((864, 496), 90)))])  # fmt: skip
def test_what_is_not_exact_is_made_so(tmp_path: Path, size: tuple[int, int], frames: int) -> None:
    told = finish_video(make_clip(tmp_path / "s.mp4", size, frames), tmp_path / "c.mp4", finish(num_frames=96))
    assert told["how"] == "encoded again"
    facts = probe_clip(tmp_path / "c.mp4")
    assert (facts.width, facts.height, facts.num_frames) == (864, 496, 96)


def test_one_that_is_almost_long_enough_is_slowed_down(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "s.mp4", (640, 368), 92)
    told = finish_video(source, tmp_path / "c.mp4", finish((640, 368), num_frames=96))
    assert told["how"] == "slowed down"
    facts = probe_clip(tmp_path / "c.mp4")
    assert (facts.width, facts.height, facts.num_frames) == (640, 368, 96)
    frames = [frame.astype(np.int16) for frame in read_frames(tmp_path / "c.mp4", (640, 368))]
    assert min(np.abs(one - other).max() for one, other in itertools.pairwise(frames)) > 20, "no frame stands still"
    wave = heard(tmp_path / "c.mp4")
    assert np.abs(wave[-SAMPLE_RATE // 8 :]).max() > 0.05, "the sound lasts to the end"


def test_a_file_without_a_picture_is_not_the_users_fault(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "s.mp4"), "w", format="mp4") as out:
        write_sound(out, add_sound(out), np.zeros((SAMPLE_RATE, 2), np.float32))
    with pytest.raises(TaskError, match="there is no video in it") as error:
        finish_video(tmp_path / "s.mp4", tmp_path / "c.mp4", finish())
    assert error.value.code == "generation_failed_no_content"


def test_sound_that_nobody_asked_for_goes(tmp_path: Path) -> None:
    finish_video(make_clip(tmp_path / "s.mp4", (864, 496), 96), tmp_path / "c.mp4", finish(num_frames=96, sound=False))
    assert not probe_clip(tmp_path / "c.mp4").has_audio


@pytest.mark.parametrize("content", [b"", b"<html>gone</html>", b"\0\0\0\x18ftypmp42" + bytes(500)])
async def test_what_is_no_video_is_told_by_the_confined_process(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.mp4").write_bytes(content)
    examiner = Examiner()
    try:
        with pytest.raises(TaskError) as error:
            await examiner.finish(tmp_path / "s.mp4", tmp_path / "c.mp4", finish())
        assert error.value.code == "generation_failed_no_content"
    finally:
        await examiner.close()
