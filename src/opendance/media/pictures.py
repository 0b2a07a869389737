"""Pictures of a finished clip, in one pass over it: a poster, a strip of ten frames, and the last frame.

They are made in the server's own process, for a clip is ours. What an upstream gave was encoded again where files from
outside may be opened, and an engine of a package is the operator's own program, whose clip has been opened here before,
to be checked and marked. All the same it is read through a file object by a fixed demuxer, so that nothing else can be
opened.
"""

from __future__ import annotations

import io
import wave
from collections import deque
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import av
import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from opendance.catalog import FRAME_RATE
from opendance.errors import TaskError
from opendance.media.video import opened_mp4, video_stream

if TYPE_CHECKING:
    _Packet = av.Packet[av.VideoStream]

_SAMPLE_RATE = 48_000  # Hz
POSTER_SIDE = 640  # px of the long side, at most
STRIP_FRAMES = 10
STRIP_SIDE = 160  # px of the long side of each frame, at most; players show about that much over their time line
_QUALITY, _METHOD = 80, 2  # of WebP: method 4 takes three times as long for a twentieth of the bytes
_PNG_LEVEL = 1  # of zlib: 6 takes up to four times as long for a tenth or two of the bytes
_EVERY = 4  # px between two that are looked at: what is told of a frame is the same, sixteen times as fast
_LOOK_AHEAD = FRAME_RATE // 2  # frames: of a fade over four seconds that is an eighth
_STEP = 3  # frames between two that may become the poster, so that few are held
_PLAIN = 6.0  # levels of 219: noise of a camera in the dark has about three
_STEADY = 1 / 8
# Frames that no other stands on - every second one, where the encoder takes care - are decoded only where the last one
# is among them.
_SKIPPED = ("NONREF", "DEFAULT")


@dataclass(frozen=True)
class Pictures:
    """Pictures of a clip, as files.

    Attributes:
        poster: WebP of the first good frame, of at most 640 px.
        strip: WebP of ten frames side by side, each from the middle of its tenth of the clip and of at most 160 px.
        last_frame: PNG of the last frame at its full size.
    """

    poster: bytes
    strip: bytes
    last_frame: bytes


def pictures_of(clip: BinaryIO) -> Pictures:
    """The pictures of an MP4 of ours. It takes about as long as decoding half of the clip.

    Raises:
        TaskError: there is no video in it, or it is cut off.
        av.error.FFmpegError, OSError: it is damaged.
    """
    for skipped in _SKIPPED:
        clip.seek(0)
        pictures = _taken(clip, skipped)
        if pictures is not None:
            return pictures
    raise TaskError("invalid_video", "its last frames are not there")


def frame_at(clip: BinaryIO, seconds: float) -> bytes:
    """PNG of the frame that an MP4 of ours shows at a moment, at its full size; the last one behind its end.

    Raises:
        TaskError: there is no video in it.
        av.error.FFmpegError, OSError: it is damaged.
    """
    clip.seek(0)
    shown: av.VideoFrame | None = None
    with opened_mp4(clip) as container:
        stream = video_stream(container)
        at = (stream.start_time or 0) + int(max(0.0, seconds) / (stream.time_base or 1))
        container.seek(at, stream=stream, backward=True)
        for frame in container.decode(stream):
            if shown is not None and frame.pts is not None and frame.pts > at:
                break
            shown = frame
        if shown is None:
            raise TaskError("invalid_video", "there are no frames in its video")
        return _png(shown)


def sound_of(clip: BinaryIO, target: Path) -> bool:
    """Write the sound of an MP4 of ours as WAV, 48 kHz, stereo, 16 bit; False where it has none.

    Raises:
        av.error.FFmpegError, OSError: it is damaged.
    """
    clip.seek(0)
    with opened_mp4(clip) as container:
        if not container.streams.audio:
            return False
        resampler = av.AudioResampler("s16", "stereo", _SAMPLE_RATE)
        with wave.open(str(target), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(_SAMPLE_RATE)
            for frame in container.decode(container.streams.audio[0]):
                for piece in resampler.resample(frame):
                    out.writeframes(piece.to_ndarray().tobytes())
    return True


def _taken(clip: BinaryIO, skipped: str) -> Pictures | None:
    """The pictures; None where the last frame was skipped.

    Args:
        skipped: which frames the decoder leaves out, in FFmpeg's words.
    """
    with opened_mp4(clip) as container:
        stream = video_stream(container)
        packets = [packet for packet in container.demux(stream) if packet.size and packet.pts is not None]
        if not packets:
            raise TaskError("invalid_video", "there are no frames in its video")
        times = sorted(_time(packet) for packet in packets)
        step = (times[-1] - times[0]) / max(1, len(times) - 1) or 1.0
        middles = deque(times[(2 * tenth + 1) * len(times) // (2 * STRIP_FRAMES)] for tenth in range(STRIP_FRAMES))
        needed = {*middles, times[min(_LOOK_AHEAD, len(times) - 1)], times[-1]}
        context: Any = stream.codec_context
        context.skip_frame = skipped
        poster, tiles, last = _Poster(), list[npt.NDArray[np.uint8]](), None
        for packet in (*_up_to(packets, needed), None):
            for last in context.decode(packet):
                poster.see(last, round((last.pts - times[0]) / step))
                while middles and last.pts >= middles[0]:
                    middles.popleft()
                    tiles.append(_scaled(last, STRIP_SIDE))
    if last is None or last.pts != times[-1]:
        return None
    return Pictures(_webp(_scaled(poster.frame(), POSTER_SIDE)), _webp(np.hstack(tiles)), _png(last))


def _up_to(packets: Sequence[_Packet], needed: Collection[int]) -> Generator[_Packet]:
    """Of each key frame and those that stand on it, what has to be decoded for the frames of these times."""
    groups: list[list[_Packet]] = []
    for packet in packets:
        if packet.is_keyframe or not groups:
            groups.append([])
        groups[-1].append(packet)
    for group in groups:
        yield from group[: max((count for count, each in enumerate(group, 1) if _time(each) in needed), default=0)]


def _time(packet: _Packet) -> int:
    return packet.pts or 0


class _Poster:
    """The first good frame of those that it is shown, else the one with the most contrast.

    A frame is judged by its contrast alone, the standard deviation of its luma: what is black, white or of one colour
    has none, and a fade is what changes it steadily, whatever it comes from or goes to, as every pixel moves to the
    same colour. So a frame is good that has some, and about as much half a second later.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, float, av.VideoFrame]] = deque()
        self._good: av.VideoFrame | None = None
        self._best: tuple[float, av.VideoFrame | None] = (-1.0, None)

    def see(self, frame: av.VideoFrame, number: int) -> None:
        """The next frame, and its number in the clip."""
        if self._good is not None or (self._waiting and number < self._waiting[-1][0] + _STEP):
            return
        contrast = float(_luma(frame).std())
        if contrast > self._best[0]:
            self._best = contrast, frame
        while self._waiting and number >= self._waiting[0][0] + _LOOK_AHEAD:
            _, before, candidate = self._waiting.popleft()
            if before >= _PLAIN and abs(contrast - before) <= _STEADY * before:
                self._good = candidate
                self._waiting.clear()
                return
        self._waiting.append((number, contrast, frame))

    def frame(self) -> av.VideoFrame:
        """The poster, once all were seen.

        Raises:
            TaskError: there was none.
        """
        chosen = self._good or self._best[1]
        if chosen is None:
            raise TaskError("invalid_video", "none of its frames can be read")
        return chosen


def _luma(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """Some pixels of the Y plane, evenly spread."""
    plane: Any = frame.planes[0]
    whole = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return whole[: frame.height : _EVERY, : frame.width : _EVERY]


def _scaled(frame: av.VideoFrame, side: int) -> npt.NDArray[np.uint8]:
    """(h, w, 3) RGB, whose long side has at most `side` px."""
    scale = min(1.0, side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    return np.asarray(frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray(), np.uint8)


def _webp(pixels: npt.NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=_QUALITY, method=_METHOD)
    return out.getvalue()


def _png(frame: av.VideoFrame) -> bytes:
    """All that the frame tells: each colour is given to the four pixels that share it, so that a clip which begins with
    the picture has the very same."""
    _, content = cv2.imencode(".png", frame.to_ndarray(format="bgr24"), [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    return content.tobytes()
