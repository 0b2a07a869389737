"""What models are asked for: canvas, length, order of references, labels."""

from __future__ import annotations

import pytest

from opendance.asset import Asset
from opendance.catalog import PIXELS, AspectRatio, Mode, Quality, Tier
from opendance.engines.canvas import canvas_for
from opendance.engines.references import left_out, ordered_references, tagged_prompt
from opendance.job import Job
from opendance.prompt import plan_prompt

SIZES = [(ratio, quality) for ratio in PIXELS for quality in Quality]


def job_for(
    prompt: str = "a cat", *, seconds: int = 4, ratio: AspectRatio = AspectRatio.R16_9, quality: Quality = Quality.P720,
    assets: tuple[Asset, ...] = (), mode: Mode = Mode.TEXT,
) -> Job:  # fmt: skip
    plan = plan_prompt(prompt, seconds=seconds, aspect_ratio=ratio.value, mode=mode, assets=assets)
    return Job(
        plan=plan, tier=Tier.STANDARD, quality=quality, size=PIXELS[ratio][quality], num_frames=seconds * 24, seed=1,
        generate_audio=True, title="", work_folder="", output="", assets=assets, mode=mode,
    )  # fmt: skip


@pytest.mark.parametrize(("ratio", "quality"), SIZES)
def test_the_canvas_of_minimax_h3(ratio: AspectRatio, quality: Quality) -> None:
    job = job_for(ratio=ratio, quality=quality)
    canvas = canvas_for(
        job, multiple=32, short_edge=768, max_pixels=768 * 1344, shortest=5, longest=345 / 24, step=(17, 5)
    )
    assert canvas.width % 32 == canvas.height % 32 == 0
    assert canvas.width * canvas.height <= 768 * 1344
    assert canvas.width / canvas.height == pytest.approx(job.size[0] / job.size[1], rel=0.06)
    assert canvas.num_frames == 124, "5 s at least, in steps that the model can decode"


@pytest.mark.parametrize(("seconds", "frames"), [(4, 124), (5, 124), (10, 243), (14, 345), (15, 345)])
def test_lengths_of_minimax_h3(seconds: int, frames: int) -> None:
    job = job_for(seconds=seconds)
    canvas = canvas_for(
        job, multiple=32, short_edge=768, max_pixels=768 * 1344, shortest=5, longest=345 / 24, step=(17, 5)
    )
    assert canvas.num_frames == frames


@pytest.mark.parametrize(("seconds", "frames"), [(4, 65), (5, 81), (15, 81)])
def test_a_model_with_a_frame_rate_of_its_own(seconds: int, frames: int) -> None:
    canvas = canvas_for(
        job_for(seconds=seconds), multiple=16, short_edge=720, max_pixels=1280 * 720, frame_rate=16, longest=81 / 16,
        step=(4, 1),
    )  # fmt: skip
    assert (canvas.num_frames, canvas.seconds) == (frames, min(seconds, 5))


def assets(images: int, videos: int = 0, audios: int = 0) -> tuple[Asset, ...]:
    counts = (("image", images), ("video", videos), ("audio", audios))
    return tuple(
        Asset(kind, number, width=640, height=480, seconds=3.0 if kind != "image" else 0.0)
        for kind, count in counts for number in range(1, count + 1)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        (
            "image 2 meets image 1 as in video 1, to audio 1",
            "<Picture 2> meets <Picture 1> as in <Video 1>, to <Audio 1>",
        ),
        ("图片1中的人走路，参考视频1的运镜", "<Picture 1>中的人走路，参考<Video 1>的运镜"),
        ("이미지1의 고양이가 걷는다", "<Picture 1>의 고양이가 걷는다"),
        ("@Image1 dances", "<Picture 1> dances"),
    ],
)
def test_labels_match_the_numbers_of_the_prompt(prompt: str, wanted: str) -> None:
    job = job_for(prompt, assets=assets(2, 1, 1), mode=Mode.REFERENCE)
    references = ordered_references(job, most=12)
    assert [reference.label for reference in references] == ["<Picture 1>", "<Picture 2>", "<Audio 1>", "<Video 1>"]
    assert tagged_prompt(job.plan, references) == wanted


def test_of_more_than_twelve_the_least_important_are_left_out_and_told() -> None:
    prompt = "image 9 walks through the place of image 3, camera work of video 3, audio 2 as background music"
    job = job_for(prompt, assets=assets(9, 3, 3), mode=Mode.REFERENCE)
    references = ordered_references(job, most=12)
    kept = {(reference.asset.kind, reference.asset.number) for reference in references}
    assert len(references) == 12
    assert {("image", 9), ("image", 3), ("video", 3), ("audio", 2)} <= kept
    (note,) = left_out(job, references)
    assert note.startswith("the model reads 12 references; left out: ")
    assert note.count(",") == 2
    labels = {(r.asset.kind, r.asset.number): r.label for r in references}
    assert labels["image", 9] in tagged_prompt(job.plan, references)
