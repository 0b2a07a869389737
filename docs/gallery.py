"""Make the pictures in docs/gallery: `make gallery`. The same prompts and seeds give the same pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
import cv2

from opendance.catalog import AspectRatio, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.prompt import plan_prompt

# name, moment of the picture in s, seed, prompt
PICTURES = (
    ("cat-piano", 2.0, 1, "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot"),
    ("city-sunset", 1.0, 3, "Time-lapse photography of a city sunset, golden light spilling across the skyline"),
    ("neon-street", 2.4, 4, "赛博朋克城市街道，雨夜，一辆出租车驶过，霓虹灯"),
    ("cherry-walk", 2.2, 5, "벚꽃이 흩날리는 공원을 걷는 소녀, 따뜻한 햇살"),
    ("reef", 2.5, 3, "珊瑚礁を泳ぐ熱帯魚の群れ、光が差し込む海の中"),
    ("noir", 2.6, 3, "A detective walks down a rainy street at night, film noir"),
)


def main() -> None:
    folder = Path(__file__).parent / "gallery"
    folder.mkdir(exist_ok=True)
    engine = Previs()
    engine.warm()
    for name, moment, seed, prompt in PICTURES:
        with tempfile.TemporaryDirectory() as work:
            output = str(Path(work) / "clip.mp4")
            job = Job(
                plan=plan_prompt(prompt, seconds=4, aspect_ratio=AspectRatio.R16_9),
                tier=Tier.STANDARD,
                quality=Quality.P720,
                size=pixels_for(AspectRatio.R16_9, Quality.P720),
                num_frames=96,
                seed=seed,
                generate_audio=False,
                title=prompt,
                work_folder=work,
                output=output,
            )
            engine.render(job, lambda _share: None, lambda: False)
            with av.open(output) as container:
                frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
        picture = cv2.resize(frames[int(moment * 24)], (960, 540), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
        print(folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
