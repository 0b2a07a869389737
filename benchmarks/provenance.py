"""What the marks, the manifest and the content filter take of a clip's time.

The same clip is drawn by previs with and without marks, by turns; then it is checked and signed.
`python -m benchmarks.provenance [--rounds 5]`
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from opendance.catalog import FRAME_RATE, AspectRatio, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.media.watermark import watermark_in_clip, watermark_of
from opendance.prompt import plan_prompt
from opendance.provenance.certificates import self_made
from opendance.provenance.manifest import Origin, sign
from opendance.safety import Guard

_BAR = 0.05  # of the clip's time: marks and manifest together
_PROMPT = "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot"
_SECONDS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    engine, guard, credentials = Previs(), Guard(), self_made()
    engine.warm()
    print("8 s, 720p, previs, standard; medians of", rounds)
    with tempfile.TemporaryDirectory(prefix="opendance-bench-") as folder:
        job = Job(
            plan=plan_prompt(_PROMPT, seconds=_SECONDS, aspect_ratio="16:9"), tier=Tier.STANDARD, quality=Quality.P720,
            size=pixels_for(AspectRatio.R16_9, Quality.P720), num_frames=_SECONDS * FRAME_RATE, seed=1,
            generate_audio=True, title="", work_folder=folder, output=f"{folder}/clip.mp4",
        )  # fmt: skip
        marked = replace(job, watermark=watermark_of("benchmark"))
        clip, signed = Path(job.output), Path(folder) / "signed.mp4"
        origin = Origin("", "previs", "seedance-2.0-text-to-video", False, {"text": 1}, time.time(), marked.watermark)

        def draw(what: Job) -> float:
            started = time.monotonic()
            engine.render(what, lambda _: None, lambda: False)
            return time.monotonic() - started

        def timed(work: Callable[[], object]) -> float:
            started = time.monotonic()
            work()
            return time.monotonic() - started

        draw(marked)
        bare: list[float] = []
        with_marks: list[float] = []
        finding: list[float] = []
        signing: list[float] = []
        prompts: list[float] = []
        frames: list[float] = []
        size = 1
        for _ in range(rounds):
            bare.append(draw(job))
            size = clip.stat().st_size
            with_marks.append(draw(marked))
            finding.append(timed(lambda: watermark_in_clip(clip)))
            signing.append(timed(lambda: sign(clip, signed, origin, credentials)))
            prompts.append(timed(lambda: asyncio.run(guard.prompt(_PROMPT, filtered=True))))
            frames.append(timed(lambda: asyncio.run(guard.file("output", clip, is_video=True, filtered=True))))
        grown = clip.stat().st_size / size - 1
        manifest = signed.stat().st_size - clip.stat().st_size
    middle = statistics.median
    marks = middle([one - other for one, other in zip(with_marks, bare, strict=True)])
    whole = marks + middle(finding) + middle(signing)
    print(f"  a clip without marks      {middle(bare):8.3f} s")
    print(f"  marking                   {marks:8.3f} s  (the file grows by {grown:+.1%})")
    print(f"  finding the mark again    {middle(finding):8.3f} s")
    print(f"  the manifest              {middle(signing):8.3f} s  ({manifest:,} bytes)")
    print(f"  provenance in all         {whole:8.3f} s = {whole / middle(bare):.1%} (bar: {_BAR:.0%})")
    print(f"  content filter: prompt    {middle(prompts):8.3f} s")
    print(f"  content filter: frames    {middle(frames):8.3f} s")


if __name__ == "__main__":
    main()
