"""The invisible marks: where they are found again, and where none is."""

from __future__ import annotations

import io
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from skimage import data

from opendance.catalog import SAMPLE_RATE
from opendance.media.encode import Encoding, encode_clip
from opendance.media.sound_watermark import SURE, add_sound_watermark, find_sound_watermark
from opendance.media.watermark import PictureWatermark, is_watermark, watermark_in_clip, watermark_of
from opendance.media.watermarks import find_watermarks

NUMBER = watermark_of("task-unified-1")


def yuv(picture: np.ndarray) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24").reformat(format="yuv420p")


def moving(size: tuple[int, int], num_frames: int) -> Generator[av.VideoFrame]:
    """A photograph that the camera pans over, with grain."""
    width, height = size
    whole = cv2.resize(data.astronaut(), (2 * max(size), 2 * max(size)), interpolation=cv2.INTER_CUBIC)
    rng = np.random.default_rng(0)
    for index in range(num_frames):
        part = whole[100 + index : 100 + index + height, 50 + index : 50 + index + width].astype(np.int16)
        yield yuv(np.clip(part + rng.normal(0, 1.5, (height, width, 1)).astype(np.int16), 0, 255).astype(np.uint8))


def still(size: tuple[int, int], num_frames: int) -> Generator[av.VideoFrame]:
    frame = yuv(cv2.resize(data.coffee(), size))
    for _ in range(num_frames):
        yield frame  # the same one again and again, as where a picture is held


def plain(size: tuple[int, int], num_frames: int) -> Generator[av.VideoFrame]:
    for _ in range(num_frames):
        yield yuv(np.full((size[1], size[0], 3), 30, np.uint8))


PICTURES = {"moving": moving, "still": still, "plain": plain}


def tune(seconds: float, *, kind: str) -> np.ndarray:
    """(num_samples, 2)."""
    rng = np.random.default_rng(1)
    count = int(seconds * SAMPLE_RATE)
    at = np.arange(count) / SAMPLE_RATE
    match kind:
        case "noise":
            wave = rng.normal(0, 0.05, count)
        case "tone":
            wave = 0.05 * np.sin(2 * np.pi * 440 * at)
        case "chord":
            wave = sum(np.sin(2 * np.pi * hertz * at) for hertz in (261, 329, 392, 523)) * 0.06
        case _:
            step = SAMPLE_RATE // 4
            notes = rng.choice([262, 294, 330, 392, 440, 523], count // step + 1)
            inside = np.arange(step) / SAMPLE_RATE
            wave = np.concatenate([np.sin(2 * np.pi * n * inside) * np.exp(-8 * inside) for n in notes])[:count] * 0.2
    return np.stack([wave, wave], axis=1).astype(np.float32)


def clip(
    path: Path, kind: str, size: tuple[int, int] = (864, 496), num_frames: int = 96, mark: int | None = NUMBER
) -> Path:
    sound = tune(num_frames / 24, kind="melody")
    encode_clip(
        path, PICTURES[kind](size, num_frames), lambda: sound, size=size, encoding=Encoding("veryfast", 18),
        metadata={}, watermark=mark,
    )  # fmt: skip
    return path


def again(
    source: Path, target: Path, *, scale: float = 1.0, begin: int = 0, codec: str = "libx264", **options: str
) -> Path:
    """The video encoded again, as a platform would."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = given.streams.video[0]
        video: Any = out.add_stream(codec, rate=24, options=options)
        video.width, video.height = (round(side * scale / 2) * 2 for side in (stream.width, stream.height))
        video.pix_fmt = "yuv420p"
        for index, frame in enumerate(given.decode(stream)):
            if index >= begin:
                small = frame.reformat(video.width, video.height, format="yuv420p")
                small.pts, small.time_base, small.pict_type = index - begin, Fraction(1, 24), 0
                out.mux(video.encode(small))
        out.mux(video.encode(None))
    return target


@pytest.fixture(scope="module")
def hd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A marked clip of each kind, 1280x720."""
    folder = tmp_path_factory.mktemp("hd")
    return {kind: clip(folder / f"{kind}.mp4", kind, (1280, 720)) for kind in PICTURES}


@pytest.mark.parametrize("size", [(864, 496), (496, 864), (640, 640), (1120, 480)])
@pytest.mark.parametrize("kind", PICTURES)
def test_a_fresh_clip_tells_its_number(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    found = watermark_in_clip(clip(tmp_path / "c.mp4", kind, size))
    assert (found.is_there, found.number) == (True, NUMBER)


REENCODINGS: dict[str, dict[str, Any]] = {
    "crf 28": {"crf": "28", "preset": "veryfast"},
    "crf 32": {"crf": "32", "preset": "medium"},
    "smaller": {"scale": 0.6, "crf": "24"},
    "larger": {"scale": 1.5, "crf": "28"},
    "cut": {"begin": 31, "crf": "26"},
    "VP9": {"codec": "libvpx-vp9", "crf": "36", "b": "0", "deadline": "realtime", "cpu-used": "8"},
}


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("moving", "crf 32"),
        ("moving", "VP9"),
        ("plain", "smaller"),
        *(
            pytest.param("moving", how, marks=pytest.mark.thorough)
            for how in REENCODINGS
            if how not in ("crf 32", "VP9")
        ),
        *(pytest.param(kind, "crf 32", marks=pytest.mark.thorough) for kind in ("still", "plain")),
    ],
)
def test_the_picture_mark_survives_encoding_again(tmp_path: Path, hd: dict[str, Path], kind: str, how: str) -> None:
    suffix = ".webm" if how == "VP9" else ".mp4"
    copy = again(hd[kind], tmp_path / f"again{suffix}", **REENCODINGS[how])
    found = find_watermarks(copy)
    assert (found["picture"], found["number"]) == (True, NUMBER), found
    assert found["sound"] is None


@pytest.mark.parametrize("kind", PICTURES)
def test_there_is_no_mark_where_none_was_made(tmp_path: Path, kind: str) -> None:
    found = find_watermarks(clip(tmp_path / "c.mp4", kind, mark=None))
    assert (found["picture"], found["number"], found["sound"]) == (False, None, False)


def test_the_mark_is_not_to_be_seen() -> None:
    """Lightness stays; blue against yellow changes by two levels of 255, three where colours are busy."""
    marker = PictureWatermark(NUMBER)
    for before, frame in zip(moving((864, 496), 2), moving((864, 496), 2), strict=True):
        marker.apply(frame)
        was, now = (np.asarray(each.to_ndarray(), np.int16).reshape(-1) for each in (before, frame))
        luma, chroma = 864 * 496, 864 * 496 // 4
        assert np.array_equal(was[:luma], now[:luma])
        assert np.array_equal(was[luma + chroma :], now[luma + chroma :])
        change = (now - was)[luma : luma + chroma]
        assert set(np.unique(np.abs(change))) <= {2, 3}
        assert abs(change.mean()) < 0.1


def test_numbers_carry_their_check() -> None:
    assert is_watermark(NUMBER)
    assert not is_watermark(NUMBER ^ 1 << 20)
    assert len({watermark_of(f"task-{index}") for index in range(1000)}) == 1000


def coded(wave: np.ndarray, codec: str, form: str, rate: int) -> np.ndarray:
    buffer = io.BytesIO()
    step = 1024 if codec == "aac" else 1152
    with av.open(buffer, "w", format=form) as out:
        stream: Any = out.add_stream(codec, rate=SAMPLE_RATE, layout="stereo")
        stream.bit_rate = rate
        for begin in range(0, len(wave), step):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[begin : begin + step].T), "fltp", "stereo")
            frame.sample_rate, frame.pts = SAMPLE_RATE, begin
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer) as given:
        return np.concatenate([frame.to_ndarray() for frame in given.decode(audio=0)], axis=1).T


@pytest.mark.parametrize("kind", ["noise", "tone", "chord", "melody"])
def test_the_sound_mark_survives(kind: str) -> None:
    wave = tune(5, kind=kind)
    marked = add_sound_watermark(wave)
    assert marked.shape == wave.shape
    for heard in (
        marked,
        marked[31_111:] * 0.3,
        coded(marked, "aac", "adts", 96_000),
        coded(marked, "libmp3lame", "mp3", 128_000),
    ):
        sigmas = find_sound_watermark(heard)
        assert sigmas is not None
        assert sigmas >= SURE
    none = find_sound_watermark(wave)
    assert none is not None
    assert none < SURE


@pytest.mark.parametrize("kind", ["noise", "tone", "chord", "melody"])
def test_the_sound_mark_is_far_below_the_sound(kind: str) -> None:
    wave = tune(3, kind=kind)
    added = add_sound_watermark(wave) - wave
    assert 20 * np.log10(added.std() / wave.std()) < -25


def test_silence_is_left_silent() -> None:
    silence = np.zeros((3 * SAMPLE_RATE, 2), np.float32)
    assert not add_sound_watermark(silence).any()
    assert find_sound_watermark(silence) is None
    assert find_sound_watermark(np.zeros((0, 2), np.float32)) is None
    assert add_sound_watermark(np.zeros((0, 2), np.float32)).shape == (0, 2)
