"""Videos from outside: judged, then brought to 24 even frames a second, upright, in ordinary colours."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
import av.filter
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace

from opendance.catalog import FRAME_RATE, MAX_INPUT_SECONDS, MAX_SIDE
from opendance.errors import TaskError, is_disk_full
from opendance.media.audio import decode_sound, write_wav
from opendance.media.formats import damage, described, is_mp4, read_head
from opendance.media.rules import check_frame_rate, check_seconds, check_shape, check_video_pixels

_BT709, _PQ, _HLG = 1, 16, 18  # ITU-T H.273
_MOST_DAMAGED = 0.05  # share of frames that may be missing or unreadable
_TURNS = {90: ["transpose=cclock"], -90: ["transpose=clock"], 180: ["hflip", "vflip"], -180: ["hflip", "vflip"]}


@dataclass(frozen=True)
class Timing:
    """How long a video is and how fast, told by the packets, for headers may be wrong or missing.

    Attributes:
        rate: frames a second.
    """

    num_frames: int
    seconds: float
    rate: Fraction


def examine_video(path: Path, target: Path, sound_target: Path, *, most_pixels: int) -> dict[str, Any]:
    """Facts of a video, a copy at `target` (MP4), and its sound at `sound_target` (WAV).

    Args:
        most_pixels: the copy is no larger.

    Raises:
        TaskError: it is neither MP4 nor MOV, out of bounds, or damaged.
    """
    head = read_head(path)
    if not is_mp4(head):  # VID-01
        raise TaskError("invalid_video", f"it is {described(head)}, no MP4 or MOV video")
    try:
        with path.open("rb") as file:
            return _examine(file, target, sound_target, most_pixels)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        raise TaskError("invalid_video", f"it is damaged or incomplete: {damage(error)}") from None


def _examine(file: Any, target: Path, sound_target: Path, most_pixels: int) -> dict[str, Any]:
    with opened_mp4(file) as container:
        stream = video_stream(container)
        expected = stream.frames
        timing = timing_of(container, stream)
        width, height, rotation, transfer = _first_frame(container, stream)
    check_shape(width, height)
    check_video_pixels(width, height)
    if expected and timing.num_frames < expected * (1 - _MOST_DAMAGED):
        raise TaskError("invalid_video", f"it is cut off: {timing.num_frames} of its {expected} frames are there")
    check_seconds("video", timing.seconds)
    check_frame_rate(timing.rate)
    notes = ["HDR: brought to standard range"] if transfer in (_PQ, _HLG) else []
    file.seek(0)
    with opened_mp4(file) as container:
        written = _copy(container, target, (width, height), rotation, transfer, most_pixels)
    if written < timing.seconds * FRAME_RATE * (1 - _MOST_DAMAGED) - 2:
        raise TaskError("invalid_video", "it is damaged: too many of its frames cannot be read")
    file.seek(0)
    has_audio = _copy_sound(file, sound_target, timing.seconds)
    return {
        "width": width,
        "height": height,
        "seconds": round(timing.seconds, 4),
        "frame_rate": round(float(timing.rate), 3),
        "has_audio": has_audio,
        "notes": notes,
    }


def opened_mp4(file: Any) -> InputContainer:
    """Through a file object and with a fixed demuxer: FFmpeg can open nothing but these very bytes."""
    return cast(InputContainer, av.open(file, "r", format="mov"))


def video_stream(container: InputContainer) -> av.VideoStream:
    """The first video of a file, ready to be decoded within the bounds that are set.

    Raises:
        TaskError: there is none.
    """
    for stream in container.streams.video:  # a cover picture is no video
        if not stream.disposition & Disposition.attached_pic:
            context = stream.codec_context
            context.thread_type, context.thread_count = "AUTO", 2
            context.options = {"max_pixels": str(MAX_SIDE * MAX_SIDE)}
            return stream
    raise TaskError("invalid_video", "there is no video in it")


def timing_of(container: InputContainer, stream: av.VideoStream) -> Timing:
    """Read every packet of the stream for it.

    Raises:
        TaskError: there are no frames.
    """
    times: list[int] = []
    limit = 60 * (MAX_INPUT_SECONDS + 45)
    for packet in container.demux(stream):
        if packet.size and packet.pts is not None and not packet.is_discard:
            times.append(packet.pts)
        if len(times) > limit:
            break
    if len(times) < 2 or stream.time_base is None:
        raise TaskError("invalid_video", "there are no frames in its video")
    steps = np.diff(np.sort(np.asarray(times, np.float64)))
    step = float(np.median(steps))
    # How long the last frame stays is often told wrongly; it stays as long as the others.
    seconds = float((max(times) - min(times) + step) * stream.time_base)
    if seconds <= 0:
        raise TaskError("invalid_video", "its video has no length")
    # Even but for a few frames (the seams of fragments, a dropped frame): the even rate. Variable: the average.
    even = step > 0 and bool((np.abs(steps - step) < 0.05 * step).mean() > 0.9)
    rate = 1 / (step * stream.time_base) if even else len(times) / seconds
    return Timing(len(times), seconds, Fraction(rate).limit_denominator(100_000))


def _first_frame(container: InputContainer, stream: av.VideoStream) -> tuple[int, int, int, int]:
    """Width and height as shown, rotation in degrees, and the transfer function by its number in H.273."""
    container.seek(0)
    tries = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []
            tries += 1
            if tries > 8:
                break
        for frame in frames:
            aspect = stream.sample_aspect_ratio or Fraction(1)
            width = round(frame.width * aspect) if Fraction(1, 8) < aspect < 8 else frame.width
            rotation = round(frame.rotation / 90) * 90
            shown = (frame.height, width) if rotation % 180 else (width, frame.height)
            return *shown, rotation, int(frame.color_trc)
    raise TaskError("invalid_video", "none of its frames can be read")


def fit_pixels(width: int, height: int, most: int) -> tuple[int, int]:
    """The size of the same shape with at most `most` pixels, even on both sides, never larger than it was."""
    scale = min(1.0, math.sqrt(most / (width * height)))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _copy(
    container: InputContainer,
    target: Path,
    shown: tuple[int, int],
    rotation: int,
    transfer: int,
    most_pixels: int,
) -> int:
    """Write our own copy and give the number of its frames."""
    stream = video_stream(container)
    size = fit_pixels(*shown, most_pixels)
    steps = [f"fps={FRAME_RATE}:round=near"]
    if rotation in _TURNS:
        steps += _TURNS[rotation]
    hdr = transfer in (_PQ, _HLG)
    if hdr:
        cube = target.with_suffix(".cube")
        write_tone_cube(cube, transfer)
        steps += [f"scale={size[0]}:{size[1]}", "format=gbrp10le", f"lut3d=file='{cube}'"]
        steps += ["scale=out_color_matrix=bt709:out_range=tv"]
    else:
        steps += [f"scale={size[0]}:{size[1]}:out_color_matrix=bt709:out_range=tv"]
    steps += ["format=yuv420p", "setsar=1"]
    written = 0
    most = math.ceil((MAX_INPUT_SECONDS + 1) * FRAME_RATE)
    with av.open(str(target), "w", format="mp4") as out:
        video: av.VideoStream = out.add_stream(
            "libx264", rate=FRAME_RATE, options={"preset": "ultrafast", "crf": "14", "g": "1", "tune": "fastdecode"}
        )
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        context = video.codec_context
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries = context.color_trc = _BT709
        for frame in filtered_frames(container, stream, steps):
            frame.pts, frame.time_base = written, Fraction(1, FRAME_RATE)
            frame.pict_type = 0
            out.mux(video.encode(frame))
            written += 1
            if written >= most:
                break
        if not written:
            raise TaskError("invalid_video", "none of its frames can be read")
        out.mux(video.encode(None))
    return written


def filtered_frames(container: InputContainer, stream: av.VideoStream, steps: list[str]) -> Generator[av.VideoFrame]:
    """The frames of a stream through a chain of filters; unreadable ones are left out.

    Args:
        steps: each one filter of FFmpeg with its options, `scale=64:64`.

    Raises:
        TaskError: the size of its frames changes.
    """
    graph: av.filter.Graph | None = None
    shape: tuple[int, int, str] | None = None
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if frame.pts is None:
                continue
            if graph is None:
                shape = (frame.width, frame.height, frame.format.name)
                graph = av.filter.Graph()
                before: Any = graph.add_buffer(template=stream, width=shape[0], height=shape[1], format=frame.format)
                for step in steps:
                    name, _, options = step.partition("=")
                    after = graph.add(name, options) if options else graph.add(name)
                    before.link_to(after)
                    before = after
                before.link_to(graph.add("buffersink"))
                graph.configure()
            if (frame.width, frame.height, frame.format.name) != shape:
                raise TaskError("invalid_video", "its size changes in the middle")
            graph.push(frame)
            yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Generator[av.VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, av.VideoFrame):
            yield frame


def _copy_sound(file: Any, target: Path, seconds: float) -> bool:
    """Write the sound of a video; False where there is none that can be read."""
    try:
        with opened_mp4(file) as container:
            if not container.streams.audio:
                return False
            samples, _ = decode_sound(container, most_seconds=seconds + 1)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        return False
    if len(samples) < 1024:
        return False
    write_wav(target, samples)
    return True


def write_tone_cube(path: Path, transfer: int, size: int = 33) -> None:
    """A look-up table from HDR (BT.2100 PQ or HLG, BT.2020 colours) to BT.709, as a .cube file.

    Sources: PQ and HLG from ITU-R BT.2100-2 (tables 4 and 5), the matrix from BT.2087-0, the curve from BT.709-6. The
    shoulder is Reinhard's, with 203 cd/m2 (BT.2408's reference white) at 0.8 of the range.
    """
    v = np.linspace(0, 1, size)
    if transfer == _PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        p = v ** (1 / m2)
        light = 10_000 * (np.maximum(p - c1, 0) / (c2 - c3 * p)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(v <= 0.5, v * v / 3, (np.exp((v - c) / a) + b) / 12)
        light = 1000 * scene**1.2
    linear = light / 203.0
    blue, green, red = np.meshgrid(linear, linear, linear, indexing="ij")  # red changes fastest, as the format wants
    rgb = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    to_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    rgb = np.maximum(rgb @ to_709.T, 0)
    peak = rgb.max(axis=1, keepdims=True)
    white = 4.9  # about 1,000 cd/m2
    mapped = peak * (1 + peak / white**2) / (1 + peak * 0.25)
    rgb = np.clip(rgb * (mapped / np.maximum(peak, 1e-9)), 0, 1)
    coded = cast(Any, np).where(rgb < 0.018, 4.5 * rgb, 1.099 * rgb**0.45 - 0.099).tolist()
    lines = [f"LUT_3D_SIZE {size}", *(f"{row[0]:.6f} {row[1]:.6f} {row[2]:.6f}" for row in coded)]
    path.write_text("\n".join(lines) + "\n")


def read_frames(path: Path, size: tuple[int, int]) -> Generator[npt.NDArray[np.uint8]]:
    """(h, w, 3) each, 24 a second: the middle of a copy that `examine_video` left, scaled to cover `size`."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "AUTO"
        width, height = cover(stream.width, stream.height, size)
        for frame in container.decode(stream):
            scaled = frame.reformat(width, height, "rgb24", interpolation="BICUBIC")
            yield middle(np.asarray(scaled.to_ndarray(), np.uint8), size)


def cover(width: int, height: int, size: tuple[int, int]) -> tuple[int, int]:
    """The least size of the same shape that covers `size`."""
    scale = max(size[0] / width, size[1] / height)
    return max(size[0], round(width * scale)), max(size[1], round(height * scale))


def middle(picture: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The middle of a picture (h, w, c), of this width and height."""
    top, left = (picture.shape[0] - size[1]) // 2, (picture.shape[1] - size[0]) // 2
    return picture[top : top + size[1], left : left + size[0]]


def key_frames(path: Path, *, most: int, edge: int) -> list[npt.NDArray[np.uint8]]:
    """Frames of an MP4 of ours that can be read without the others, (h, w, 3) RGB, evenly over its length.

    Args:
        most: how many at most.
        edge: px of their short side, at most.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size and packet.is_keyframe]
        step = max(1, math.ceil(len(packets) / most))
        context = stream.codec_context
        frames = [frame for packet in packets[::step] for frame in context.decode(packet)] + context.decode(None)
        scale = min(1.0, edge / min(context.width, context.height))
        size = (max(1, round(context.width * scale)), max(1, round(context.height * scale)))
        small = [frame.reformat(*size, format="rgb24", interpolation="AREA") for frame in frames]
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in small]
