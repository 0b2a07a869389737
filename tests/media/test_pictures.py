"""Pictures of clips that are made here, judged by an independent decoder where they must be exact."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from opendance.errors import TaskError
from opendance.media.encode import Encoding, encode_clip
from opendance.media.pictures import Pictures, pictures_of
from tests.files import picture

Frame = npt.NDArray[np.uint8]
SIZE = (320, 180)
QUICK, CAREFUL = Encoding("ultrafast", 20), Encoding("veryfast", 20)


def scene(size: tuple[int, int] = SIZE) -> Frame:
    return picture(*size)


def plain(level: int, size: tuple[int, int] = SIZE) -> Frame:
    return np.full((size[1], size[0], 3), level, np.uint8)


def faded(share: float, level: int = 0) -> Frame:
    """The scene at this share, over a colour."""
    return np.clip(scene() * share + level * (1 - share), 0, 255).astype(np.uint8)


def clip_of(folder: Path, frames: Iterable[Frame], encoding: Encoding = QUICK) -> Path:
    made = [
        av.VideoFrame.from_ndarray(each, "rgb24").reformat(format="yuv420p", dst_colorspace="ITU709") for each in frames
    ]
    path = folder / "clip.mp4"
    encode_clip(path, made, None, size=(made[0].width, made[0].height), encoding=encoding, metadata={})
    return path


def taken(path: Path) -> Pictures:
    with path.open("rb") as file:
        return pictures_of(file)


def opened(content: bytes) -> Frame:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def is_like(one: Frame, other: Frame) -> bool:
    return float(np.abs(one.astype(int) - other.astype(int)).mean()) < 6


def by_the_standard(path: Path) -> Frame:
    """The last frame by the matrix of BT.709 (limited range, each colour for four pixels), from its decoded planes."""
    with av.open(str(path)) as container:
        *_, last = container.decode(container.streams.video[0])
    planes = last.to_ndarray().astype(np.float64).reshape(-1)
    pixels = last.width * last.height
    luma = (planes[:pixels].reshape(last.height, last.width) - 16) / 219
    blue, red = (
        (plane.reshape(last.height // 2, last.width // 2).repeat(2, 0).repeat(2, 1) - 128) / 224
        for plane in np.split(planes[pixels:], 2)
    )
    out = [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue]
    return np.clip(np.stack(out, axis=-1) * 255, 0, 255).round().astype(np.uint8)


# ── the last frame ──


@pytest.mark.parametrize("encoding", [QUICK, CAREFUL], ids=["each-needed", "some-skipped"])
def test_the_last_frame_is_exactly_the_last_one(tmp_path: Path, encoding: Encoding) -> None:
    wide = picture(SIZE[0] + 200, SIZE[1], 3)
    clip = clip_of(tmp_path, [np.ascontiguousarray(wide[:, n * 2 : n * 2 + SIZE[0]]) for n in range(97)], encoding)
    last = opened(taken(clip).last_frame)
    difference = np.abs(last.astype(int) - by_the_standard(clip).astype(int))
    assert (difference.max(), difference.mean() < 1.0) <= (3, True), "rounding alone"
    with av.open(str(clip)) as container:
        *_, before, end = container.decode(container.streams.video[0])
    assert np.array_equal(last, end.to_ndarray(format="rgb24"))
    assert not np.array_equal(last, before.to_ndarray(format="rgb24"))


def test_a_last_frame_of_the_engines_colours_keeps_them(tmp_path: Path) -> None:
    """Red is where BT.601 and BT.709 differ most."""
    red = plain(0)
    red[..., 0] = 200
    last = opened(taken(clip_of(tmp_path, [red] * 24)).last_frame)
    assert np.abs(last.astype(int) - red.astype(int)).max() <= 3


def test_where_the_last_frame_would_be_skipped_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """x264 never ends with a frame that no other could stand on; other encoders may."""
    clip = clip_of(tmp_path, [np.roll(scene(), n * 3, axis=1) for n in range(30)])
    expected = taken(clip)
    monkeypatch.setattr("opendance.media.pictures._SKIPPED", ("NONKEY", "DEFAULT"))
    assert taken(clip) == expected


# ── the poster ──


def test_the_poster_is_the_first_frame_where_that_is_good(tmp_path: Path) -> None:
    frames = [scene()] * 48 + [plain(255)] * 48
    assert is_like(opened(taken(clip_of(tmp_path, frames)).poster), scene())


@pytest.mark.parametrize("level", [0, 255, 90], ids=["black", "white", "grey"])
@pytest.mark.parametrize("seconds", [1, 3])
def test_a_poster_is_none_of_a_fade_and_none_of_what_it_comes_from(tmp_path: Path, level: int, seconds: int) -> None:
    num = seconds * 24
    frames = [plain(level)] * 12 + [faded(n / num, level) for n in range(num)] + [scene()] * 48
    contrast = float(opened(taken(clip_of(tmp_path, frames)).poster).std())
    assert contrast > 0.85 * scene().std()


def test_a_poster_is_none_of_a_fade_that_goes_away(tmp_path: Path) -> None:
    frames = [faded(1 - n / 48) for n in range(48)] + [plain(0)] * 24 + [scene()] * 24
    assert is_like(opened(taken(clip_of(tmp_path, frames)).poster), scene())


@pytest.mark.parametrize("level", [0, 255])
def test_single_frames_of_one_colour_are_no_poster(tmp_path: Path, level: int) -> None:
    frames = [plain(level), *[scene()] * 7, plain(255 - level), *[scene()] * 60]
    assert is_like(opened(taken(clip_of(tmp_path, frames)).poster), scene())


def test_a_single_picture_in_the_dark_is_the_poster(tmp_path: Path) -> None:
    """There is nothing good about it, but it is the best."""
    frames = [plain(16)] * 30 + [scene()] + [plain(16)] * 30
    assert is_like(opened(taken(clip_of(tmp_path, frames)).poster), scene())


def test_a_clip_that_is_black_throughout_has_a_black_poster(tmp_path: Path) -> None:
    pictures = taken(clip_of(tmp_path, [plain(0)] * 96))
    assert max(opened(content).max() for content in vars(pictures).values()) < 8


# ── the strip, sizes ──


@pytest.mark.parametrize("encoding", [QUICK, CAREFUL], ids=["each-needed", "some-skipped"])
@pytest.mark.parametrize("seconds", [4, 15])
def test_the_strip_shows_the_middle_of_each_tenth(tmp_path: Path, seconds: int, encoding: Encoding) -> None:
    num = seconds * 24
    levels = [round(20 + 215 * n / num) for n in range(num)]
    strip = opened(taken(clip_of(tmp_path, [plain(level, (64, 36)) for level in levels], encoding)).strip)
    shown = [float(tile.mean()) for tile in np.split(strip, 10, axis=1)]
    expected = [20 + 215 * (tenth + 0.5) / 10 for tenth in range(10)]
    near = 215 / num * 2 + 3  # levels of two frames, for a neighbour may stand for one, and of what the encoder loses
    assert max(abs(one - other) for one, other in zip(shown, expected, strict=True)) < near


@pytest.mark.parametrize(
    ("size", "poster", "strip"),
    [
        ((2206, 946), (640, 274), (1600, 69)),
        ((1080, 1920), (360, 640), (900, 160)),
        ((498, 374), (498, 374), (1600, 120)),
        ((64, 2), (64, 2), (640, 2)),
        ((2, 64), (2, 64), (20, 64)),
    ],
)
def test_sizes_keep_their_shape_and_nothing_grows(
    tmp_path: Path, size: tuple[int, int], poster: tuple[int, int], strip: tuple[int, int]
) -> None:
    pictures = taken(clip_of(tmp_path, [scene(size)] * 12))
    images = [Image.open(io.BytesIO(content)) for content in vars(pictures).values()]
    assert [(image.format, image.size) for image in images] == [("WEBP", poster), ("WEBP", strip), ("PNG", size)]


@pytest.mark.parametrize("num", [1, 2, 9])
def test_a_clip_of_a_few_frames_has_all_pictures(tmp_path: Path, num: int) -> None:
    pictures = taken(clip_of(tmp_path, [scene()] * num))
    assert opened(pictures.strip).shape == (90, 1600, 3)
    assert is_like(opened(pictures.poster), scene())


def test_what_is_no_clip_or_cut_off_is_an_error(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [scene()] * 48)
    for content in (b"", b"no video at all", clip.read_bytes()[:2000]):
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(content)
        with pytest.raises((TaskError, av.error.FFmpegError, OSError)):
            taken(broken)
