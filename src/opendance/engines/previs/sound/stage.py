"""The sound of a plan without its picture, for clips of engines that make none: beds, effects, music, speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from opendance.catalog import FRAME_RATE, SAMPLE_RATE
from opendance.engines.base import Cancelled
from opendance.engines.previs.sound.mix import mix_sound
from opendance.engines.previs.sound.reference import load_references
from opendance.engines.previs.sound.score import compose
from opendance.engines.previs.sound.voice import spoken
from opendance.engines.previs.staging import Staging, sound_events
from opendance.job import Job
from opendance.media.loudness import Stereo

_SIZE, _DETAIL = (160, 96), 0.2  # px; nobody sees the scenes: only what happens in them is of use


def sound_of(job: Job, cancelled: Cancelled) -> Stereo:
    """(num_samples, 2) at 48 kHz, -16 LUFS: the sound that the plan asks for, with the user's own in it.

    Raises:
        RenderCancelled: `cancelled` said so.
    """
    heard = load_references(job)
    notes = [] if heard.music is not None else compose(job.plan, job.seed)
    num_samples = job.num_frames * SAMPLE_RATE // FRAME_RATE
    speech = spoken(job.plan, num_samples, Path(job.work_folder), job.seed, cancelled) if job.plan.dialogue else None
    # The user's pictures make no sound, and take seconds to be cut out.
    shots = tuple(
        replace(shot, subjects=tuple(replace(subject, image=None) for subject in shot.subjects))
        for shot in job.plan.shots
    )
    bare = replace(job, plan=replace(job.plan, shots=shots, assets=()), assets=())
    scenes = Staging(bare, notes, _SIZE, _DETAIL, cancelled).scenes()
    return mix_sound(
        job.plan,
        notes,
        lambda: sound_events(scenes),
        heard,
        num_samples=num_samples,
        seed=job.seed,
        speech=None if speech is None else speech.wave,
    )
