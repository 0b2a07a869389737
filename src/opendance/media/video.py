"""Videos from outside: judged, then brought to 24 even frames a second, upright, in ordinary colours."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, cast

import av
import av.error
import av.filter
import numpy as np
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace

from opendance.catalog import FRAME_RATE, MAX_INPUT_SECONDS
from opendance.errors import TaskError, is_disk_full
from opendance.media.audio import decode_sound, write_wav
from opendance.media.codecs import MOST_STORED, VIDEO, decoders_only, picture_stream, sound_stream
from opendance.media.descriptor import File, opened, written
from opendance.media.formats import damage, described, is_mp4, read_head
from opendance.media.rules import check_frame_rate, check_seconds, check_shape, check_video_pixels
from opendance.media.timing import MOST_DAMAGED, Timing, timing_of
from opendance.media.tones import HLG, PQ, tone_table

_THREADS = 2  # of a decoder, an encoder or a chain of filters: each takes memory
_TONES = "haldclut"
_BT709, _UNKNOWN, _BT2020 = 1, 2, 9  # H.273
_MATRICES = {1: "bt709", 4: "smpte170m", 5: "smpte170m", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}  # by primaries
_QUARTERS: dict[int, tuple[str, ...]] = {
    1: ("transpose=cclock",),
    -1: ("transpose=clock",),
    2: ("hflip", "vflip"),
    -2: ("hflip", "vflip"),
}  # counter-clockwise
_LARGEST_SD = (1279, 576)  # px; what is larger is HD


@dataclass(frozen=True)
class _Shown:
    """How frames are to be shown, told by the first one.

    Attributes:
        width, height: px, upright and with square pixels.
        turns: filters that bring them upright.
        transfer: the transfer function by its number in H.273.
    """

    width: int
    height: int
    turns: tuple[str, ...]
    transfer: int


def examine_video(source: File, target: File, sound_target: File, *, most_pixels: int) -> dict[str, Any]:
    """Facts of a video, a copy at `target` (MP4), and its sound at `sound_target` (WAV).

    Args:
        most_pixels: the copy is no larger.

    Raises:
        TaskError: it is neither MP4 nor MOV, out of bounds, or damaged.
    """
    head = read_head(source)
    if not is_mp4(head):  # VID-01
        raise TaskError("invalid_video", f"it is {described(head)}, no MP4 or MOV video")
    try:
        with opened(source) as file:
            return _examine(file, target, sound_target, most_pixels)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        raise TaskError("invalid_video", f"it is damaged or incomplete: {damage(error)}") from None


def _examine(file: BinaryIO, target: File, sound_target: File, most_pixels: int) -> dict[str, Any]:
    with opened_mp4(file) as container:
        stream = video_stream(container)
        if stream.width * stream.height > MOST_STORED:
            check_shape(stream.width, stream.height)
            check_video_pixels(stream.width, stream.height)
        sound = sound_stream(container)
        num_used = 1 if sound is None else 2
        has_more = len(container.streams) > num_used
        timing = timing_of(container, stream)
    file.seek(0)
    with opened_mp4(file) as container:  # one that does not begin with a key frame cannot be wound back
        shown = _first_frame(container)
    check_shape(shown.width, shown.height)
    check_video_pixels(shown.width, shown.height)
    if not timing.is_whole:
        raise TaskError("invalid_video", "it is cut off: not all of the frames that it lists are there")
    check_seconds("video", timing.seconds)
    check_frame_rate(timing.rate)
    notes = ["HDR: brought to standard range"] if shown.transfer in (PQ, HLG) else []
    if timing.lost:
        notes.append(f"its first {timing.lost:.2f} s are left out: they have no key frame to stand on")
    file.seek(0)
    with opened_mp4(file) as container:
        num_written = _copy(container, target, shown, most_pixels)
    if num_written < timing.seconds * FRAME_RATE * (1 - MOST_DAMAGED) - 2:
        raise TaskError("invalid_video", "it is damaged: too many of its frames cannot be read")
    file.seek(0)
    has_audio = _copy_sound(file, sound_target, timing)
    return {
        "width": shown.width,
        "height": shown.height,
        "seconds": round(timing.seconds, 4),
        "frame_rate": round(float(timing.rate), 3),
        "has_audio": has_audio,
        "notes": notes,
        "has_more": has_more or timing.has_more,
    }


def opened_mp4(file: BinaryIO, demuxer: str = "mov") -> InputContainer:
    """Through a file object and with a fixed demuxer: FFmpeg can open nothing but these very bytes."""
    return av.open(file, "r", format=demuxer, options=decoders_only())


def video_stream(container: InputContainer, codecs: Mapping[str, str] = VIDEO) -> av.VideoStream:
    """The picture of a video, ready to be decoded; arguments and errors are those of `picture_stream`."""
    stream = picture_stream(container, codecs)
    context = stream.codec_context
    context.thread_type, context.thread_count = "AUTO", _THREADS
    context.options = decoders_only()
    return stream


def _decodable(container: InputContainer, stream: av.VideoStream) -> Generator[Any]:
    """The packets of a stream from its first key frame on; all of them where none is marked as one."""
    before: list[Any] = []
    begin: int | None = None
    has_key = False
    for packet in container.demux(stream):
        if has_key:
            if begin is None or packet.pts is None or packet.pts >= begin:  # else it stands on what was left out
                yield packet
        elif packet.size and packet.is_keyframe:
            has_key = True
            begin = packet.pts if before else None
            before.clear()
            yield packet
        elif packet.size:
            before.append(packet)
        else:
            yield from before
            before.clear()
            yield packet


def _first_frame(container: InputContainer) -> _Shown:
    stream = video_stream(container)
    tries = 0
    for packet in _decodable(container, stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []
            tries += 1
            if tries > 8:
                break
        for frame in cast("list[av.VideoFrame]", frames):
            aspect = stream.sample_aspect_ratio or Fraction(1)
            width = round(frame.width * aspect) if Fraction(1, 8) < aspect < 8 else frame.width
            turns = _turns(frame)
            is_turned = bool(turns) and turns[0].startswith("transpose")
            size = (frame.height, width) if is_turned else (width, frame.height)
            return _Shown(*size, turns, int(frame.color_trc))
    raise TaskError("invalid_video", "none of its frames can be read")


def _turns(frame: av.VideoFrame) -> tuple[str, ...]:
    """Filters that bring a frame upright, by its display matrix: also those of mirrored pictures, of front cameras.

    A point (x, y) is shown at (a x + c y, b x + d y), in the letters of ISO 14496-12, 6.2.2; the nearest quarter turn
    is taken.
    """
    try:
        given: Any = frame.side_data.get(cast(Any, "DISPLAYMATRIX"))
    except ValueError:  # beside it is something that PyAV has no name for, such as Exif or the second view of a pair
        return _QUARTERS.get(round(frame.rotation / 90), ())
    if given is None:
        return ()
    a, b, _, c, d, *_ = np.frombuffer(bytes(given), np.int32).astype(np.float64)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return tuple(name for name, number in (("hflip", a), ("vflip", d)) if number < 0)
    # FFmpeg calls it so that swaps rows and columns.
    return ("transpose=cclock_flip", *(name for name, number in (("hflip", c), ("vflip", b)) if number < 0))


def fit_pixels(width: int, height: int, most: int) -> tuple[int, int]:
    """The size of the same shape with at most `most` pixels, even on both sides, never larger than it was."""
    scale = min(1.0, math.sqrt(most / (width * height)))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _copy(
    container: InputContainer,
    target: File,
    shown: _Shown,
    most_pixels: int,
) -> int:
    """Write our own copy and give the number of its frames."""
    stream = video_stream(container)
    size = fit_pixels(shown.width, shown.height, most_pixels)
    steps = [f"fps={FRAME_RATE}:round=near", *shown.turns]
    hdr = shown.transfer in (PQ, HLG)
    if hdr:
        steps += [f"scale={size[0]}:{size[1]}", "format=rgb48le", _TONES]
        steps += ["scale=out_color_matrix=bt709:out_range=tv"]
    else:
        steps += [f"scale={size[0]}:{size[1]}:out_color_matrix=bt709:out_range=tv"]
    steps += ["format=yuv420p", "setsar=1"]
    num_written = 0
    most = math.ceil((MAX_INPUT_SECONDS + 1) * FRAME_RATE)
    with av.open(written(target), "w", format="mp4") as out:
        video: av.VideoStream = out.add_stream(
            "libx264", rate=FRAME_RATE, options={"preset": "ultrafast", "crf": "14", "g": "1", "tune": "fastdecode"}
        )
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        context = video.codec_context
        context.thread_count = _THREADS
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries = context.color_trc = _BT709
        for frame in filtered_frames(container, stream, steps, tones=tone_table(shown.transfer) if hdr else None):
            frame.pts, frame.time_base = num_written, Fraction(1, FRAME_RATE)
            frame.pict_type = 0
            out.mux(video.encode(frame))
            num_written += 1
            if num_written >= most:
                break
        if not num_written:
            raise TaskError("invalid_video", "none of its frames can be read")
        out.mux(video.encode(None))
    return num_written


def filtered_frames(
    container: InputContainer, stream: av.VideoStream, steps: list[str], *, tones: av.VideoFrame | None = None
) -> Generator[av.VideoFrame]:
    """The frames of a stream through a chain of filters, whole ones of interlaced video; unreadable ones are left out.

    Args:
        steps: each one filter of FFmpeg with its options, `scale=64:64`.
        tones: the table that the step `haldclut` brings colours through.

    Raises:
        TaskError: the size of its frames changes.
    """
    graph: av.filter.Graph | None = None
    first: Any = None
    table: Any = None
    shape: tuple[int, int, str] | None = None
    for packet in _decodable(container, stream):
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
                graph.threads = _THREADS
                before: Any = graph.add_buffer(template=stream, width=shape[0], height=shape[1], format=frame.format)
                first = before
                for step in (*_made_plain(frame), *steps):
                    name, _, options = step.partition("=")
                    after = graph.add(name, options) if options else graph.add(name)
                    before.link_to(after)
                    before = after
                    if name == _TONES and tones is not None:
                        table = graph.add_buffer(
                            width=tones.width, height=tones.height, format=tones.format, time_base=tones.time_base
                        )
                        table.link_to(after, 0, 1)
                before.link_to(graph.add("buffersink"))
                graph.configure()
                if table is not None:
                    table.push(tones)
                    table.push(None)
            if (frame.width, frame.height, frame.format.name) != shape:
                raise TaskError("invalid_video", "its size changes in the middle")
            first.push(frame)
            yield from _pulled(graph)
    if graph is not None:
        first.push(None)
        yield from _pulled(graph)


def _made_plain(frame: av.VideoFrame) -> Generator[str]:
    """Filters that a video needs before any other: for fields, and for colours whose matrix is not told."""
    if frame.interlaced_frame:
        yield "bwdif=mode=send_frame:deint=interlaced"
    if int(frame.colorspace) == _UNKNOWN and not frame.format.is_rgb:
        # As players have it: HD is BT.709, what is smaller BT.601.
        is_hd = frame.width > _LARGEST_SD[0] or frame.height > _LARGEST_SD[1]
        primaries = _BT2020 if int(frame.color_trc) in (PQ, HLG) else int(frame.color_primaries)
        yield f"setparams=colorspace={_MATRICES.get(primaries, 'bt709' if is_hd else 'smpte170m')}"


def _pulled(graph: av.filter.Graph) -> Generator[av.VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, av.VideoFrame):
            yield frame


def _copy_sound(file: BinaryIO, target: File, timing: Timing) -> bool:
    """Write the sound of a video; False where there is none that can be read."""
    try:
        with opened_mp4(file) as container:
            if not container.streams.audio:
                return False
            samples, _ = decode_sound(container, most_seconds=timing.seconds + 1, begin=timing.begin)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        return False
    if len(samples) < 1024:
        return False
    write_wav(target, samples)
    return True
