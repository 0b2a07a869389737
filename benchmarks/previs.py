"""The embedded engine against the bare encoder, in one run: wall seconds for one second of clip, by tier and quality.

`python -m benchmarks.previs [seconds]`. Ratios are what counts: machines are noisy.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import av

from opendance.catalog import AspectRatio, Quality, Tier, pixels_for
from opendance.engines.previs.engine import EFFORTS, Previs
from opendance.job import Job
from opendance.media.encode import encode_clip
from opendance.prompt import plan_prompt

PROMPTS = (
    "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot",
    "A dog runs through a snowy forest, tracking shot",
    "Time-lapse photography of a city sunset, golden light spilling across the skyline",
)


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    engine = Previs()
    started = time.monotonic()
    engine.warm()
    print(
        f"warm-up {time.monotonic() - started:.2f} s; clips of {seconds} s with sound; means of {len(PROMPTS)} prompts"
    )
    print(f"{'tier':<10}{'quality':<8}{'clip s':>8}{'per clip s':>12}{'bare encoder s':>16}{'ratio':>7}")
    baseline = 0.0
    for tier in Tier:
        for quality in Quality if tier is Tier.STANDARD else (Quality.P480, Quality.P720):
            wall = [_render(engine, prompt, tier, quality, seconds) for prompt in PROMPTS]
            bare = _encode_again(wall[-1][1], tier, quality)
            mean = sum(w for w, _ in wall) / len(wall)
            if (tier, quality) == (Tier.STANDARD, Quality.P720):
                baseline = mean
            speed = f"  standard/{tier.value} {baseline / mean:.1f}" if quality is Quality.P720 and baseline else ""
            print(f"{tier:<10}{quality:<8}{mean:>8.2f}{mean / seconds:>12.2f}{bare:>16.2f}{mean / bare:>7.1f}{speed}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def _render(engine: Previs, prompt: str, tier: Tier, quality: Quality, seconds: int) -> tuple[float, Path]:
    folder = Path(tempfile.mkdtemp(prefix="opendance-bench-"))
    ratio = AspectRatio.R16_9
    job = Job(
        plan=plan_prompt(prompt, seconds=seconds, aspect_ratio=ratio),
        tier=tier,
        quality=quality,
        size=pixels_for(ratio, quality),
        num_frames=seconds * 24,
        seed=1,
        generate_audio=True,
        title="benchmark",
        work_folder=str(folder),
        output=str(folder / "clip.mp4"),
    )
    started = time.monotonic()
    engine.render(job, lambda _share: None, lambda: False)
    return time.monotonic() - started, folder / "clip.mp4"


def _encode_again(path: Path, tier: Tier, quality: Quality) -> float:
    """Wall seconds of nothing but encoding the same frames with the tier's settings."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    for frame in frames:
        frame.pts = None
    started = time.monotonic()
    encode_clip(
        path.with_name("again.mp4"),
        frames,
        None,
        size=pixels_for(AspectRatio.R16_9, quality),
        encoding=EFFORTS[tier].encoding,
        metadata={},
    )
    return time.monotonic() - started


if __name__ == "__main__":
    main()
