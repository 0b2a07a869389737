from __future__ import annotations

import pytest

from opendance.errors import InvalidRequest
from opendance.prompt import check_references, find_references


@pytest.mark.rule("PR-03")
@pytest.mark.parametrize(
    ("prompt", "kind", "number"),
    [
        ("the first frame is image 1", "image", 1), ("Image2 runs", "image", 2), ("@Image1 smiles", "image", 1),
        ("【@图片1】跑步", "image", 1), ("图片3作为背景", "image", 3), ("图1是主角", "image", 1), ("이미지1을 첫 프레임으로", "image", 1),
        ("画像2の人物", "image", 2), ("use the camera work of video 1 throughout", "video", 1), ("参考视频2的运镜", "video", 2),
        ("비디오1의 카메라 워크", "video", 1), ("영상 2처럼", "video", 2), ("動画1を延長", "video", 1), ("audio 1 as music", "audio", 1),
        ("音频1作为背景音乐", "audio", 1), ("오디오1을 배경 음악으로", "audio", 1), ("音声1の声で", "audio", 1), ("image #4", "image", 4),
    ],
)  # fmt: skip
def test_an_asset_is_found_in_every_wording(prompt: str, kind: str, number: int) -> None:
    assert [(r.kind, r.number) for r in find_references(prompt)] == [(kind, number)]


@pytest.mark.parametrize(
    "prompt",
    ["a video 5 seconds long", "make a video 10s long", "영상 3개", "이미지 2장", "图片2张", "地图3", "画像3枚", "image 16:9",
     "video 1080p", "video 24 fps", "an image of two cats", "imagery 1", "audio 48 kHz? no: audio 48k", "动画 3秒"],
)  # fmt: skip
def test_counts_and_measures_are_no_assets(prompt: str) -> None:
    assert find_references(prompt) == ()


def test_PR_04_an_asset_that_was_not_given_is_refused_and_named() -> None:
    with pytest.raises(InvalidRequest, match=r"'image 3', but images 1 to 2 are given"):
        check_references("image 1 meets image 3", num_images=2, num_videos=0, num_audios=0)
    with pytest.raises(InvalidRequest, match=r"'비디오1', but no videos are given"):
        check_references("비디오1의 카메라", num_images=1, num_videos=0, num_audios=0)
    with pytest.raises(InvalidRequest, match="only audio 1 is given"):
        check_references("audio 2", num_images=1, num_videos=0, num_audios=1)
    with pytest.raises(InvalidRequest):
        check_references("image 0", num_images=1, num_videos=0, num_audios=0)
    check_references("image 1, image 2, video 1", num_images=2, num_videos=1, num_audios=0)
