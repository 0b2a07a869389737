"""A clip is what was asked for to the pixel and the frame, or the task fails and says what came instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from opendance.errors import TaskError
from opendance.media.encode import Encoding, encode_clip
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.journal import DECISIONS, Journal
from opendance.pipeline.steps.check import Checked, check
from opendance.safety import Guard
from tests import files, tasks
from tests.pipeline.steps.conftest import LookingGuard, told
from tests.workshop import Workshop

ORDER = tasks.order(duration=1)
SIZE = (96, 64)


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(threshold=None)


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Makes clips: one second of 96 x 64 px with sound, unless it says otherwise."""

    def make(width: int = 96, height: int = 64, num_frames: int = 24, **options: Any) -> Path:
        content = files.video_bytes(width, height, num_frames=num_frames, **options)
        return files.saved(tmp_path, "clip.mp4", content)

    return make


async def test_a_clip_that_is_right_passes_and_its_size_is_told(
    clip: Callable[..., Path], guard: Guard, decisions: Decisions, journal: Journal
) -> None:
    path = clip()
    assert await check(path, SIZE, ORDER, guard, decisions) == Checked(path.stat().st_size)
    assert journal.get(DECISIONS) == ()


@pytest.mark.rule("OUT-06")
async def test_a_silent_clip_is_right_where_no_sound_was_asked_for(
    clip: Callable[..., Path], guard: Guard, decisions: Decisions
) -> None:
    silent = tasks.order(duration=1, generate_audio=False)
    assert (await check(clip(sound=False), SIZE, silent, guard, decisions)).bytes > 0


@pytest.mark.rule("OUT-04", "OUT-06")
@pytest.mark.parametrize(
    ("made", "facts"),
    [
        ({"width": 98}, "(98, 64, 24, 24.0, True)"),
        ({"height": 62}, "(96, 62, 24, 24.0, True)"),
        ({"num_frames": 23}, "(96, 64, 23, 24.0, True)"),
        ({"num_frames": 25}, "(96, 64, 25, 24.0, True)"),
        ({"rate": 25}, "(96, 64, 24, 25.0, True)"),
        ({"sound": False}, "(96, 64, 24, 24.0, False)"),
    ],
    ids=["width", "height", "a frame less", "a frame more", "frame rate", "no sound"],
)
async def test_a_clip_of_another_form_is_told_with_what_was_asked_for(
    made: dict[str, Any], facts: str, clip: Callable[..., Path], guard: Guard, decisions: Decisions
) -> None:
    with pytest.raises(TaskError) as caught:
        await check(clip(**made), SIZE, ORDER, guard, decisions)
    assert told(caught.value) == (
        "service_error",
        f"the engine made (width, height, frames, frame rate, sound) = {facts} where (96, 64, 24, 24, True) "
        "was asked for",
    )


@pytest.mark.rule("OUT-06")
async def test_sound_that_nobody_asked_for_is_not_passed_on(
    clip: Callable[..., Path], guard: Guard, decisions: Decisions
) -> None:
    with pytest.raises(TaskError, match="False\\) was asked for"):
        await check(clip(), SIZE, tasks.order(duration=1, generate_audio=False), guard, decisions)


@pytest.mark.parametrize("seconds", [0.8, 1.2])
async def test_sound_of_another_length_is_told(
    seconds: float, tmp_path: Path, guard: Guard, decisions: Decisions
) -> None:
    frames = [av.VideoFrame(*SIZE, "yuv420p")] * 24
    wave = np.zeros((round(seconds * 48_000), 2), np.float32)
    path = tmp_path / "clip.mp4"
    encode_clip(path, frames, lambda: wave, size=SIZE, encoding=Encoding("ultrafast", 40), metadata={})
    with pytest.raises(TaskError) as caught:
        await check(path, SIZE, ORDER, guard, decisions)
    code, message = told(caught.value)
    assert code == "service_error"
    found = re.fullmatch(r"the engine made (\d\.\d\d) s of sound", message)
    assert found is not None
    assert float(found[1]) == pytest.approx(seconds, abs=0.05)


@pytest.mark.parametrize("content", [b"", b"no video", files.audio_bytes(1.0, kind="mp3")], ids=["empty", "text", "sound"])  # fmt: skip
async def test_what_is_no_video_is_told_as_no_content(
    content: bytes, tmp_path: Path, guard: Guard, decisions: Decisions
) -> None:
    with pytest.raises(TaskError) as caught:
        await check(files.saved(tmp_path, "clip.mp4", content), SIZE, ORDER, guard, decisions)
    code, message = told(caught.value)
    assert code == "generation_failed_no_content"
    assert message.startswith(("the engine left no readable video: ", "the engine left a file without a video"))


async def test_a_clip_that_is_not_there_is_told_as_no_content(
    tmp_path: Path, guard: Guard, decisions: Decisions
) -> None:
    with pytest.raises(TaskError) as caught:
        await check(tmp_path / "clip.mp4", SIZE, ORDER, guard, decisions)
    assert caught.value.code == "generation_failed_no_content"


@pytest.mark.rule("OUT-07")
async def test_what_the_filter_finds_in_the_clip_is_refused_and_kept(
    clip: Callable[..., Path], decisions: Decisions, journal: Journal
) -> None:
    guard = LookingGuard("output")
    with pytest.raises(TaskError) as caught:
        await check(clip(), SIZE, ORDER, guard, decisions)
    assert told(caught.value) == (
        "content_policy_violation",
        "output: the content filter found explicit sexual content or nudity in the finished video; "
        "change the prompt or the media",
    )
    assert guard.seen == [("output", "clip.mp4", True, True)]
    assert [(kept["input"], kept["verdict"]) for kept in journal.get(DECISIONS)] == [("output", "refused")]


@pytest.mark.rule("OUT-07")
async def test_without_the_filter_the_clip_is_not_judged(
    clip: Callable[..., Path], decisions: Decisions, journal: Journal
) -> None:
    guard = LookingGuard("output")
    await check(clip(), SIZE, tasks.order(duration=1, content_filter=False), guard, decisions)
    assert [filtered for *_, filtered in guard.seen] == [False]
    assert journal.get(DECISIONS) == ()


async def test_a_clip_that_passes_the_filter_is_kept_as_allowed_after_what_was_decided_before(
    clip: Callable[..., Path], decisions: Decisions, journal: Journal, workshop: Workshop
) -> None:
    decisions.keep([await workshop.tools.guard.prompt("a cat walks", filtered=True)])
    await check(clip(), SIZE, ORDER, LookingGuard(), decisions)
    assert [(kept["input"], kept["verdict"]) for kept in journal.get(DECISIONS)] == [
        ("prompt", "allowed"),
        ("output", "allowed"),
    ]
