"""Clips from media by the embedded engine, in wall seconds: one image, and nine images with three videos and audios.

`python -m benchmarks.media`. The bars, on two cores: 6 s for 5 s of 720p from one image, 20 s for all fifteen assets,
with what is needed to read and judge them.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from examples.make_media import make_media

from opendance.asset import Asset
from opendance.catalog import AspectRatio, Mode, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.media.examine import Examiner
from opendance.plan import AssetKind
from opendance.prompt import plan_prompt

ALL = (
    "A summer film. Image 1 is the product, image 2 is the style, the others are places. Use the camera of video 1, "
    "the motion of video 2 and the camera of video 3. Audio 1 as music, audio 2 as a sound effect at 2 seconds, "
    "audio 3 as narration"
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="opendance-bench-") as name:
        folder = Path(name)
        make_media(folder)
        engine = Previs()
        engine.warm()
        one: dict[AssetKind, list[str]] = {"image": ["flower.jpg"]}
        every: dict[AssetKind, list[str]] = {
            "image": ["ref1.jpg", "flower.jpg", "ref2.jpg"] * 3,
            "video": ["reference.mp4"] * 3,
            "audio": ["bgm.mp3"] * 3,
        }
        print(f"{'what':<44}{'read and judge s':>18}{'render s':>10}{'together s':>12}")
        for tier in Tier:
            _measure(
                engine, folder, f"one image, {tier}, 5 s 720p", "the camera slowly pushes in, petals", one, tier, 5
            )
        for seconds in (5, 10):
            _measure(
                engine, folder, f"9 images, 3 videos, 3 audios, {seconds} s 720p", ALL, every, Tier.STANDARD, seconds
            )


def _measure(
    engine: Previs,
    folder: Path,
    what: str,
    prompt: str,
    files: dict[AssetKind, list[str]],
    tier: Tier,
    seconds: int,
) -> None:
    began = time.monotonic()
    assets = asyncio.run(_examined(folder, files))
    judged = time.monotonic()
    mode = Mode.IMAGE if len(assets) == 1 else Mode.REFERENCE
    plan = plan_prompt(prompt, seconds=seconds, aspect_ratio="16:9", mode=mode, assets=assets)
    job = Job(
        plan=plan,
        tier=tier,
        quality=Quality.P720,
        size=pixels_for(AspectRatio.R16_9, Quality.P720),
        num_frames=seconds * 24,
        seed=1,
        generate_audio=True,
        title="benchmark",
        work_folder=str(folder),
        output=str(folder / "clip.mp4"),
        assets=tuple(assets),
    )
    engine.render(job, lambda _share: None, lambda: False)
    done = time.monotonic()
    print(f"{what:<44}{judged - began:>18.2f}{done - judged:>10.2f}{done - began:>12.2f}")


async def _examined(folder: Path, files: dict[AssetKind, list[str]]) -> list[Asset]:
    """Judged by two processes side by side, as the service does it."""
    wanted: list[tuple[AssetKind, int, str]] = [
        (kind, number, name) for kind, names in files.items() for number, name in enumerate(names, start=1)
    ]
    upcoming = iter(wanted)
    found: dict[tuple[str, int], Asset] = {}
    suffix = {"image": ".png", "video": ".mp4", "audio": ".wav"}

    async def work() -> None:
        examiner = Examiner()
        try:
            for kind, number, name in upcoming:
                target = folder / f"{kind}-{number}{suffix[kind]}"
                facts: dict[str, Any] = await examiner.examine(kind, folder / name, target, most_pixels=921_600)
                sound = str(target.with_suffix(".wav")) if facts.get("has_audio") else None
                facts["notes"] = tuple(facts.get("notes", ()))
                found[kind, number] = Asset(kind=kind, number=number, path=str(target), sound_path=sound, **facts)
        finally:
            await examiner.close()

    await asyncio.gather(work(), work())
    return [found[kind, number] for kind, number, _ in wanted]


if __name__ == "__main__":
    main()
