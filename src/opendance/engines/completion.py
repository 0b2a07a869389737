"""The one place where what an engine draws becomes the clip that was asked for: length, frame rate, size and sound."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from opendance.cancelling import end_process
from opendance.catalog import FRAME_RATE
from opendance.engines.base import Cancelled
from opendance.engines.environment import engine_environment
from opendance.job import JOB, Job
from opendance.media.audio import write_wav
from opendance.media.finish import Finish, finish_frames
from opendance.media.loudness import Stereo

_STAGE_LIMIT = 120.0  # s; 15 s of sound take about one


def complete(
    job: Job,
    engine: str,
    frames: Iterable[npt.NDArray[np.uint8]],
    *,
    num_given: int,
    frame_rate: float = FRAME_RATE,
    sound: tuple[npt.NDArray[np.float32], int] | None = None,
    cancelled: Cancelled = lambda: False,
) -> tuple[str, ...]:
    """Leave the clip of `job` at its place, and give notes for the journal of what was made up.

    Args:
        engine: who drew it, for the container's tags.
        frames: (h, w, 3) each, of one size.
        num_given: how many they are.
        frame_rate: frames a second that were drawn.
        sound: (num_channels, num_samples), -1 to 1, and its samples a second; None: the engine makes none.

    Raises:
        TaskError: they are too few to be stretched to the length that was asked for.
        RenderCancelled: `cancelled` said so.
    """
    stand_in = None
    if sound is None and has_stage(job):
        stand_in = stage_sound(job, cancelled)
    finish_frames(
        Path(job.output),
        frames,
        sound,
        Finish.of(job, engine),
        frame_rate=frame_rate,
        num_given=num_given,
        stand_in=stand_in,
    )
    return tuple(_notes(job, num_given / frame_rate, frame_rate, has_sound=sound is not None))


def _notes(job: Job, drawn: float, frame_rate: float, *, has_sound: bool) -> Iterable[str]:
    seconds = job.num_frames / FRAME_RATE
    if frame_rate != FRAME_RATE:
        yield f"drawn at {frame_rate:g} frames a second, brought to {FRAME_RATE}"
    if drawn < seconds - 1 / FRAME_RATE:
        yield f"drawn for {drawn:.2f} s, slowed to {seconds:g}"
    if job.generate_audio and not has_sound:
        yield sound_note(job)


def has_stage(job: Job) -> bool:
    """Whether the sound stage is to make the sound of a clip that has none."""
    return job.generate_audio and job.completion.sound == "stage"


def sound_note(job: Job) -> str:
    """For the journal, of a clip that came without sound."""
    return "the sound is the sound stage's" if has_stage(job) else "it has no sound; silence stands for it"


def stage_sound(job: Job, cancelled: Cancelled = lambda: False) -> Stereo:
    """(num_samples, 2) at 48 kHz: what previs' sound stage makes of the plan; takes about a second."""
    from opendance.engines.previs.sound.stage import sound_of  # with it comes much that other engines need not

    return sound_of(job, cancelled)


async def stage_sound_apart(job: Job) -> Path | None:
    """The same as a WAV in the job's work folder, made by a process of its own; None where that failed."""
    target = Path(job.work_folder) / "stage.wav"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        str(target),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        env=engine_environment({}),
    )
    try:
        async with asyncio.timeout(_STAGE_LIMIT):
            await process.communicate(JOB.dump_json(job))
    except TimeoutError:
        return None
    finally:
        await end_process(process)
    return target if process.returncode == 0 else None


def main() -> None:
    """Write the sound of the job on stdin to the file that the command line names."""
    write_wav(Path(sys.argv[1]), (stage_sound(JOB.validate_json(sys.stdin.buffer.read())) * 32767).astype(np.int16))


if __name__ == "__main__":
    main()
