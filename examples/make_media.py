"""Make the media that the API's own examples name: a flower, two pictures of a product, a walk, and music.

`python examples/make_media.py FOLDER` leaves flower.jpg, ref1.jpg, ref2.jpg, reference.mp4 and bgm.mp3, all made by the
embedded engine, so that the examples run without anybody's files.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import av
import numpy as np
from PIL import Image

from opendance.catalog import SAMPLE_RATE, AspectRatio, Mode, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.engines.previs.sound.mix import mix_sound
from opendance.engines.previs.sound.reference import HeardReferences
from opendance.engines.previs.sound.score import compose
from opendance.engines.previs.subjects import raster
from opendance.job import Job
from opendance.prompt import plan_prompt

STILLS = {
    "flower.jpg": "A tulip in a garden at golden hour, close-up shot",
    "ref2.jpg": "Two lemons and three strawberries in a garden, close-up shot",
}
WALK = "First-person walk through a market street at noon, handheld, push in"


def make_media(folder: Path) -> None:
    """Leave the five files in `folder`; those that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in (*STILLS, "ref1.jpg", "reference.mp4", "bgm.mp3") if not (folder / name).exists()]
    if not missing:
        return
    if "ref1.jpg" in missing:
        _product(folder / "ref1.jpg")
    engine = Previs()
    engine.warm()
    for name, prompt in STILLS.items():
        if name in missing:
            with tempfile.TemporaryDirectory() as work:
                clip = _render(engine, prompt, Path(work) / "still.mp4", seconds=1)
                with av.open(str(clip)) as container:
                    frames = list(container.decode(video=0))
                    Image.fromarray(frames[12].to_ndarray(format="rgb24")).save(folder / name, quality=94)
    if "reference.mp4" in missing:
        _render(engine, WALK, folder / "reference.mp4", seconds=5)
    if "bgm.mp3" in missing:
        _music(folder / "bgm.mp3", seconds=8)


def _product(target: Path) -> None:
    """A glass of tea before a plain background, as shops show what they sell."""
    drawing = raster("🧋", 620)
    height, width = drawing.shape[:2]
    picture = np.full((900, 900, 3), (246, 244, 240), np.float32)
    top, left = (900 - height) // 2, (900 - width) // 2
    part = picture[top : top + height, left : left + width]
    alpha = drawing[..., 3:].astype(np.float32) / 255
    part[:] = part * (1 - alpha) + drawing[..., :3]
    Image.fromarray(picture.astype(np.uint8)).save(target, quality=94)


def _render(engine: Previs, prompt: str, target: Path, *, seconds: int) -> Path:
    plan = plan_prompt(prompt, seconds=seconds, aspect_ratio="16:9", mode=Mode.TEXT)
    job = Job(
        plan=plan,
        tier=Tier.STANDARD,
        quality=Quality.P720,
        size=pixels_for(AspectRatio.R16_9, Quality.P720),
        num_frames=seconds * 24,
        seed=5,
        generate_audio=seconds > 1,
        title=prompt,
        work_folder=str(target.parent),
        output=str(target),
    )
    engine.render(job, lambda _share: None, lambda: False)
    return target


def _music(target: Path, *, seconds: int) -> None:
    """A joyful bed, as MP3."""
    plan = plan_prompt("a joyful summer day in a studio", seconds=seconds, aspect_ratio="16:9")
    wave = mix_sound(
        plan,
        compose(plan, 3),
        [],
        HeardReferences(),
        num_samples=seconds * SAMPLE_RATE,
        seed=3,
        folder=target.parent,
    )
    with av.open(str(target), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="stereo")
        step = stream.codec_context.frame_size or 1152
        planes = np.ascontiguousarray(wave.T.astype(np.float32))
        for begin in range(0, planes.shape[1], step):
            part = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes[:, begin : begin + step]), "fltp", "stereo")
            part.sample_rate, part.pts = SAMPLE_RATE, begin
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    make_media(Path(sys.argv[1] if len(sys.argv) > 1 else "out/media"))
