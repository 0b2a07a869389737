"""Media files for tests: real ones, made here."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

P = ParamSpec("P")


def _made_once(make: Callable[P, bytes]) -> Callable[P, bytes]:
    """`make`, which gives the same bytes for the same arguments, asked once: many tests want the same few files."""
    kept = lru_cache(maxsize=32)(make)

    @wraps(make)
    def give(*args: P.args, **kwargs: P.kwargs) -> bytes:
        try:
            hash((args, tuple(kwargs.values())))
        except TypeError:  # options, say, which are a dictionary
            return make(*args, **kwargs)
        return kept(*args, **kwargs)

    return give


def picture(width: int, height: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """(height, width, 3): a landscape of gradients, hills and stripes; no flat colour."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(seed)
    sky = np.stack([110 + 60 * y / height, 150 + 50 * y / height, 220 - 20 * y / height], axis=-1)
    hills = height * (0.55 + 0.08 * np.sin(x / width * 7 + seed) + 0.03 * np.sin(x / width * 23))
    ground = np.stack([70 + 40 * np.sin(x / 17), 120 + 30 * np.cos(y / 11), 60 + 20 * np.sin((x + y) / 29)], axis=-1)
    out = np.where((y > hills)[..., None], ground, sky) + rng.normal(0, 3, (height, width, 1))
    return np.clip(out, 0, 255).astype(np.uint8)


@_made_once
def image_bytes(width: int = 640, height: int = 480, kind: str = "PNG", seed: int = 0, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture(width, height, seed)).save(out, kind, **options)
    return out.getvalue()


@_made_once
def video_bytes(
    width: int = 640,
    height: int = 640,
    *,
    rate: Fraction | int = 24,
    num_frames: int = 48,
    container: str = "mp4",
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: bool | str = True,
    times: list[float] | None = None,
    options: dict[str, str] | None = None,
    movflags: str = "+faststart",
    tags: tuple[int, int, int] | None = None,
) -> bytes:
    """A video that pans over a picture, with a tone.

    Args:
        sound: whether it has sound, or the codec of it.
        times: of the frames, s; default: evenly at `rate`.
        tags: primaries, transfer and matrix by H.273.
    """
    out = Path(tempfile.mkdtemp()) / "made"  # a real file: faststart opens it again
    wide = picture(width + num_frames * 4, height, 1)
    with av.open(str(out), "w", format=container, options={"movflags": movflags} if movflags else {}) as file:
        video = file.add_stream(codec, rate=rate, options={"preset": "ultrafast", "crf": "30"} | (options or {}))
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        base = Fraction(1, 90_000) if times else Fraction(1) / Fraction(rate)
        video.time_base = video.codec_context.time_base = base
        if tags:
            video.codec_context.color_primaries, video.codec_context.color_trc, video.codec_context.colorspace = tags
        audio = None
        if sound:
            audio = file.add_stream("aac" if sound is True else sound, rate=48_000, layout="stereo")
        for index in range(num_frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, index * 4 : index * 4 + width]), "rgb24")
            frame = frame.reformat(format=pixel_format)
            if tags:
                frame.color_primaries, frame.color_trc, frame.colorspace = tags
            frame.pts = round(times[index] * 90_000) if times else index
            frame.time_base = base
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if audio is not None:
            seconds = (times[-1] if times else num_frames / rate) if num_frames else 1
            tone = np.sin(np.arange(int(48_000 * seconds)) * 2 * np.pi * 330 / 48_000).astype(np.float32) * 0.3
            for begin in range(0, len(tone), 1024):
                part = np.ascontiguousarray(np.stack([tone[begin : begin + 1024]] * 2))
                sample = av.AudioFrame.from_ndarray(part, "fltp", "stereo")
                sample.sample_rate, sample.pts, sample.time_base = 48_000, begin, Fraction(1, 48_000)
                file.mux(audio.encode(sample))
            file.mux(audio.encode(None))
    content = out.read_bytes()
    shutil.rmtree(out.parent)
    return content


def remuxed(
    content: bytes,
    *,
    container: str = "mp4",
    shifts: tuple[Fraction | int, Fraction | int] = (0, 0),
    without_first: int = 0,
    sounds: int = 1,
) -> bytes:
    """The same packets in a new file.

    Args:
        shifts: of the times of the picture and of the sound, s; what is before 0 then is hidden by an edit list.
        without_first: packets of the picture that are left out.
        sounds: how often the sound is in it.
    """
    out = Path(tempfile.mkdtemp()) / "made"
    with av.open(io.BytesIO(content)) as source, av.open(str(out), "w", format=container) as file:
        wanted: list[tuple[Any, Fraction | int, int]] = [(source.streams.video[0], shifts[0], without_first)]
        wanted += [(each, shifts[1], 0) for each in source.streams.audio[:1]] * sounds
        packets: list[tuple[Fraction, Any]] = []
        for stream, shift, left_out in ((*each,) for each in wanted):
            made: Any = file.add_stream_from_template(stream)
            source.seek(0)
            read = [packet for packet in source.demux(stream) if packet.size]
            for packet in read[left_out:]:
                by = round(shift / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts + by, packet.dts + by, made
                packets.append((packet.dts * packet.time_base, packet))
        for _, packet in sorted(packets, key=lambda each: each[0]):
            file.mux(packet)
    made_of_it = out.read_bytes()
    shutil.rmtree(out.parent)
    return made_of_it


def coloured(width: int, height: int, *, matrix: int, colour: tuple[int, int, int] = (200, 40, 40)) -> bytes:
    """Two seconds of one colour that tell nothing of their colours.

    Args:
        matrix: that they were made with, in the numbers of FFmpeg's scaler: 1 is BT.709, 5 BT.601.
    """
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        video = file.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        pixels = np.full((height, width, 3), colour, np.uint8)
        plain = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv420p", dst_colorspace=matrix)
        plain.colorspace = plain.color_primaries = plain.color_trc = 2
        for index in range(48):
            plain.pts, plain.time_base = index, Fraction(1, 24)
            file.mux(video.encode(plain))
        file.mux(video.encode(None))
    return out.getvalue()


def interlaced(first: str, container: str) -> bytes:
    """Two seconds of stripes that move between the fields of a frame.

    Args:
        first: `tff` or `bff`: which field is shown first.
    """
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        options = {"preset": "ultrafast", "crf": "10", "x264-params": f"{first}=1"}
        video = file.add_stream("libx264", rate=25, options=options)
        video.width, video.height, video.pix_fmt = 640, 640, "yuv420p"
        x = np.arange(640)
        for index in range(50):
            pixels = np.empty((640, 640, 3), np.uint8)
            for field in range(2):
                at = 2 * index + (field if first == "tff" else 1 - field)
                pixels[field::2] = np.where((x + 8 * at) // 32 % 2, 210, 40)[None, :, None]
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return out.getvalue()


@_made_once
def audio_bytes(
    seconds: float = 3.0,
    *,
    kind: str = "wav",
    rate: int = 44_100,
    layout: str = "stereo",
    codec: str | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """Beats of a tone: two a second.

    Args:
        options: of the container.
    """
    out = io.BytesIO()
    codec = codec or {"wav": "pcm_s16le", "mp3": "libmp3lame", "flac": "flac", "adts": "aac"}[kind]
    n = round(seconds * rate)
    t = np.arange(n) / rate
    tone = (np.sin(2 * np.pi * 440 * t) * np.exp(-((t % 0.5) * 6)) * 0.5).astype(np.float32)
    with av.open(out, "w", format=kind, options=options or {}) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        channels = len(stream.codec_context.layout.channels)
        resampler = av.AudioResampler(
            stream.codec_context.format, layout, rate, frame_size=stream.codec_context.frame_size or 1024
        )
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.stack([tone] * channels)), "fltp", layout)
        whole.sample_rate = rate
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
