"""The engine: a job in, a clip out."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from opendance import __version__
from opendance.catalog import FRAME_RATE, SAMPLE_RATE, Quality, Tier
from opendance.engines.base import Cancelled, Progress, RenderCancelled
from opendance.engines.previs.bodies import forget_pictures
from opendance.engines.previs.camera import Pose
from opendance.engines.previs.memory import give_back, give_back_at_once
from opendance.engines.previs.motion import SoundEvent
from opendance.engines.previs.photo.depth import inpainted
from opendance.engines.previs.photo.footage import fill_frame
from opendance.engines.previs.photo.morph import Morph
from opendance.engines.previs.photo.nets import forget_nets
from opendance.engines.previs.render import FrameRenderer, Look, render_frames
from opendance.engines.previs.sound.mix import mix_sound
from opendance.engines.previs.sound.reference import load_references
from opendance.engines.previs.sound.score import compose
from opendance.engines.previs.sound.speech.speaking import net_for
from opendance.engines.previs.sound.synth import Wave
from opendance.engines.previs.sound.voice import Spoken, mouth_of, spoken
from opendance.engines.previs.staging import Staging, sound_events
from opendance.job import Clip, Job
from opendance.machine import cores
from opendance.media.encode import Encoding, encode_clip
from opendance.plan import LANGUAGES, Camera, Plan, Shot, Subject


@dataclass(frozen=True)
class Effort:
    """What a tier spends.

    Attributes:
        scale: rendered size over the clip's size.
        detail: density of the plates.
    """

    scale: float
    detail: float
    look: Look
    encoding: Encoding


EFFORTS: dict[Tier, Effort] = {
    Tier.STANDARD: Effort(1.0, 1.0, Look(bloom=0.55, blur_samples=6, hold=1), Encoding("veryfast", 20, 1)),
    Tier.FAST: Effort(0.75, 0.9, Look(bloom=0.0, blur_samples=1, hold=1), Encoding("ultrafast", 23)),
    Tier.MINI: Effort(0.5, 0.85, Look(bloom=0.0, blur_samples=1, hold=2), Encoding("ultrafast", 26)),
}


def effort_of(tier: Tier) -> Effort:
    """What a tier spends; one that is not told of spends as the standard one."""
    return EFFORTS.get(tier, EFFORTS[Tier.STANDARD])


# Roles whose picture is to be seen pixel by pixel: such clips are drawn at their full size in every tier.
_PICTURES = ("first_frame", "last_frame", "setting", "edit", "extend", "join")
_LARGE = 1_500_000  # pixels of a frame: then memory is short
_BUILD_SHARE = 0.12  # of the progress, until the scenes stand


class Previs:
    """Previews a plan as a moving picture with sound.

    Args:
        workers: threads that draw frames; default: all cores.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or cores()

    def warm(self) -> None:
        """Compile or load the inner loops by drawing a few small frames."""
        give_back_at_once()
        cv2.setNumThreads(1)  # frames are drawn side by side; OpenCV's own threads would only get in their way
        shot = Shot(
            start=0,
            end=1,
            text="",
            setting="forest",
            hour="day",
            weather="snow",
            size="medium",
            camera=Camera("whip_pan"),
            subjects=(Subject("🐈", "cat", "cat"),),
        )
        plan = Plan(
            prompt="", language="en", seconds=1, aspect_ratio="16:9", style="natural", mood="calm", shots=(shot,)
        )
        job = Job(
            plan=plan, tier=Tier.STANDARD, quality=Quality.P480, size=(160, 96), num_frames=24, seed=0,
            generate_audio=False, title="", work_folder="", output="",
        )  # fmt: skip
        scenes = Staging(job, [], (160, 96), 1.0, lambda: False).scenes()
        _warm_pictures()
        for look in (EFFORTS[Tier.STANDARD].look, EFFORTS[Tier.MINI].look):
            FrameRenderer(scenes, "natural", look, (160, 96), 0).draw(11)

    def render(self, job: Job, progress: Progress, cancelled: Cancelled) -> Clip:
        """Make the clip.

        Raises:
            RenderCancelled: `cancelled` said so.
        """
        started = time.monotonic()
        cv2.setNumThreads(1)
        effort = effort_of(job.tier)
        pictured = any(u.role in _PICTURES for u in job.plan.assets)
        size = job.size if pictured else _rendered_size(job.size, effort.scale)
        heard = load_references(job)
        notes = [] if heard.music is not None else compose(job.plan, job.seed)
        num_samples = job.num_frames * SAMPLE_RATE // FRAME_RATE
        pool = ThreadPoolExecutor(1)
        events: Future[list[tuple[float, SoundEvent]]] = Future()
        try:
            voice: Future[Spoken | None] | None = None
            if job.generate_audio and job.plan.dialogue:
                voice = pool.submit(spoken, job.plan, num_samples, Path(job.work_folder), job.seed, cancelled)
            staging = Staging(job, notes, size, effort.detail, cancelled, mouth_of(job.plan, voice))
            sound: Future[npt.NDArray[np.float32]] | None = None
            if job.generate_audio:  # behind the voice, on the same thread; beside the sets until it needs their events
                sound = pool.submit(
                    lambda: mix_sound(
                        job.plan,
                        notes,
                        events.result,
                        heard,
                        num_samples=num_samples,
                        seed=job.seed,
                        speech=_wave(voice),
                    )
                )
            scenes = staging.scenes()
            events.set_result(sound_events(scenes))
            forget_nets()
            if size[0] * size[1] > _LARGE:  # what is kept for the next film is kept on disk as well
                forget_pictures()
            give_back()
            if cancelled():
                raise RenderCancelled
            progress(_BUILD_SHARE)
            renderer = FrameRenderer(scenes, job.plan.style, effort.look, size, job.seed, job.size, staging.style)
            frames = render_frames(
                renderer, job.num_frames, hold=effort.look.hold, workers=self._workers, cancelled=cancelled
            )

            def counted() -> Generator[av.VideoFrame]:
                for index, frame in enumerate(frames):
                    progress(_BUILD_SHARE + (1 - _BUILD_SHARE) * index / job.num_frames)
                    yield frame

            encode_clip(
                Path(job.output),
                counted(),
                None if sound is None else sound.result,
                size=job.size,
                encoding=effort.encoding,
                watermark=job.watermark,
                exact=tuple(
                    number
                    for scene in scenes
                    for is_exact, number in (
                        (scene.exact_first, round(scene.shot.start * FRAME_RATE)),
                        (scene.exact_last, round(scene.shot.end * FRAME_RATE) - 1),
                    )
                    if is_exact
                ),
                metadata={
                    "title": job.title,
                    "comment": "preview made by Opendance's embedded engine (previs); no real footage",
                    "encoder": f"Opendance {__version__} previs",
                },
            )
        finally:
            events.cancel()  # nobody waits for what does not come
            pool.shutdown(wait=False, cancel_futures=True)  # whoever cancels does not wait for the sound
        return Clip(job.output, time.monotonic() - started, _unspoken(job.plan) if job.generate_audio else ())


def _wave(voice: Future[Spoken | None] | None) -> Wave | None:
    """What is spoken, waited for."""
    speech = None if voice is None else voice.result()
    return None if speech is None else speech.wave


def _unspoken(plan: Plan) -> tuple[str, ...]:
    """Which dialogue nothing here can speak; mouths move all the same."""
    spoken_in = {line.language for line in plan.dialogue}
    return tuple(
        f"dialogue in {name} is not spoken: pip install 'opendance[speech]'"
        for language, name in LANGUAGES.items()
        if language in spoken_in and net_for(language) is None
    )


def _rendered_size(size: tuple[int, int], scale: float) -> tuple[int, int]:
    width, height = size
    return (max(64, round(width * scale / 2) * 2), max(64, round(height * scale / 2) * 2))


def _warm_pictures() -> None:
    """Compile or load what pictures and footage are drawn with.

    In plain pictures nothing stands out, so that no time goes into cutting it out: of noise that takes seconds.
    """
    dark, light = np.full((96, 160, 3), 60, np.uint8), np.full((96, 160, 3), 200, np.uint8)
    frame = np.zeros((96, 160), np.uint64)
    fill_frame(frame, dark)
    morph = Morph(dark, light, seconds=1.0, seed=0)
    for share in (0.2, 0.5):
        morph.draw(frame, Pose(), share, share)
    hole = np.zeros((96, 160), np.bool_)
    hole[40:56, 70:90] = True
    inpainted(dark, hole)
