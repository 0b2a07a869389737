"""Make the pictures in docs/gallery: `make gallery`. The same prompts, files and seeds give the same pictures.

The photographs are those that scikit-image ships: Chelsea the cat and the coffee (CC0), the astronaut (NASA, public
domain), the motorcycle (CC0).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import skimage

from opendance.asset import Asset
from opendance.catalog import AspectRatio, Mode, Quality, Tier, pixels_for
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.media.image import examine_image
from opendance.media.video import examine_video
from opendance.prompt import plan_prompt

PHOTOS = Path(skimage.__file__).parent / "data"
# name, moment of the picture in s, seed, prompt
PICTURES = (
    ("cat-piano", 2.0, 1, "A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot"),
    ("city-sunset", 1.0, 3, "Time-lapse photography of a city sunset, golden light spilling across the skyline"),
    ("neon-street", 2.4, 4, "赛博朋克城市街道，雨夜，一辆出租车驶过，霓虹灯"),
    ("cherry-walk", 2.2, 5, "벚꽃이 흩날리는 공원을 걷는 소녀, 따뜻한 햇살"),
    ("reef", 2.5, 3, "珊瑚礁を泳ぐ熱帯魚の群れ、光が差し込む海の中"),
    ("noir", 2.6, 3, "A detective walks down a rainy street at night, film noir"),
)
# name, mode, photographs, prompt of a video of the engine's own or None, prompt; shown at three moments
STRIPS = (
    ("image-coffee", Mode.IMAGE, ("coffee",), None, "The camera slowly pushes in, petals drifting in the wind"),
    ("image-night", Mode.IMAGE, ("motorcycle_left",), None, "Truck right, it turns to night, heavy rain"),
    ("image-two", Mode.IMAGE, ("coffee", "chelsea"), None, "The coffee turns into a cat"),
    (
        "reference-subject",
        Mode.REFERENCE,
        ("astronaut",),
        None,
        "The astronaut in image 1 stands in a desert at dusk, orbit",
    ),
    (
        "reference-edit",
        Mode.REFERENCE,
        (),
        "A red car drives along a street at noon, wide shot, pan right",
        "Remove the car from video 1 and let it snow heavily",
    ),
    ("reference-style", Mode.REFERENCE, ("coffee",), None, "A fox runs through a forest in the style of image 1"),
)


def main() -> None:
    folder = Path(__file__).parent.parent / "docs" / "gallery"
    folder.mkdir(exist_ok=True)
    engine = Previs()
    engine.warm()
    for name, moment, seed, prompt in PICTURES:
        with tempfile.TemporaryDirectory() as work:
            frames = _frames(engine, prompt, Path(work), seed=seed, mode=Mode.TEXT, assets=())
        _save(folder / f"{name}.jpg", cv2.resize(frames[int(moment * 24)], (960, 540), interpolation=cv2.INTER_AREA))
    for name, mode, photos, footage, prompt in STRIPS:
        with tempfile.TemporaryDirectory() as work:
            assets = [_image(Path(work), number, photo) for number, photo in enumerate(photos, start=1)]
            if footage is not None:
                _frames(engine, footage, Path(work), seed=1, mode=Mode.TEXT, assets=())
                assets.append(_video(Path(work)))
            frames = _frames(engine, prompt, Path(work), seed=1, mode=mode, assets=tuple(assets))
        shown = [frames[0], frames[len(frames) // 2], frames[-1]]
        size = (480, round(480 * shown[0].shape[0] / shown[0].shape[1]))
        _save(folder / f"{name}.jpg", np.hstack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in shown]))


def _image(folder: Path, number: int, photo: str) -> Asset:
    target = folder / f"image-{number}.png"
    facts: dict[str, Any] = examine_image(PHOTOS / f"{photo}.png", target) | {"notes": ()}
    return Asset("image", number, path=str(target), **facts)


def _video(folder: Path) -> Asset:
    target = folder / "video-1.mp4"
    facts: dict[str, Any] = examine_video(folder / "clip.mp4", target, folder / "video-1.wav", most_pixels=921_600) | {
        "notes": ()
    }
    return Asset("video", 1, path=str(target), **facts)


def _frames(
    engine: Previs, prompt: str, folder: Path, *, seed: int, mode: Mode, assets: tuple[Asset, ...]
) -> list[np.ndarray]:
    output = folder / "clip.mp4"
    ratio = "16:9" if mode is Mode.TEXT or not assets else "adaptive"
    plan = plan_prompt(prompt, seconds=4, aspect_ratio=ratio, mode=mode, assets=assets)
    job = Job(
        plan=plan,
        tier=Tier.STANDARD,
        quality=Quality.P720,
        size=pixels_for(AspectRatio(plan.aspect_ratio), Quality.P720),
        num_frames=96,
        seed=seed,
        generate_audio=False,
        title=prompt,
        work_folder=str(folder),
        output=str(output),
        assets=assets,
    )
    engine.render(job, lambda _share: None, lambda: False)
    with av.open(str(output)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def _save(path: Path, picture: np.ndarray) -> None:
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(path)


if __name__ == "__main__":
    main()
