"""The last step of engines that do not draw at the clip's own size: exact pixels, frames, length and loudness."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace

from opendance import __version__
from opendance.catalog import FRAME_RATE, SAMPLE_RATE
from opendance.errors import TaskError, is_disk_full
from opendance.media.audio import decode_sound, read_wav, resampled, slowed
from opendance.media.codecs import sound_stream
from opendance.media.descriptor import File, opened
from opendance.media.encode import Encoding, encode_clip
from opendance.media.formats import damage, described, is_mp4, read_head
from opendance.media.frames import cover, middle
from opendance.media.loudness import Stereo, master
from opendance.media.retiming import Picture, retimed
from opendance.media.timing import timing_of
from opendance.media.video import filtered_frames, opened_mp4, video_stream
from opendance.media.watermark import watermark_in_clip

if TYPE_CHECKING:  # what comes with it takes a third of the start of a confined process
    from opendance.job import Job

_ENCODING = Encoding("veryfast", 18)
_MOST_HELD = 12  # frames at the end that may be the last one held: half a second
_LITTLE_SLOWER = 20 / 19
_LOW_RATE = 23.0  # frames a second: below it single frames are seen, and others are made between them
_FADE = 0.05  # s, where a sound is cut


@dataclass(frozen=True)
class Finish:
    """What a finished clip is to be.

    Attributes:
        width, height: px.
        num_frames: at 24 a second.
        sound: whether it has sound.
        engine: who made it, for the container's tags.
        watermark: the number that its invisible watermarks carry; None: it gets none.
        slowest: how many times longer than it was drawn a clip may be made, by slowing it.
    """

    width: int
    height: int
    num_frames: int
    sound: bool
    title: str
    engine: str
    watermark: int | None = None
    slowest: float = _LITTLE_SLOWER

    @classmethod
    def of(cls, job: Job, engine: str) -> Finish:
        """The clip that `job` asks for."""
        slowest = job.completion.slowest
        return cls(*job.size, job.num_frames, job.generate_audio, job.title, engine, job.watermark, slowest)

    @property
    def num_samples(self) -> int:
        return self.num_frames * SAMPLE_RATE // FRAME_RATE


def finish_frames(
    target: File,
    frames: Iterable[Picture],
    sound: tuple[npt.NDArray[np.float32], int] | None,
    finish: Finish,
    *,
    frame_rate: float = FRAME_RATE,
    num_given: int | None = None,
    stand_in: Stereo | None = None,
) -> None:
    """Write the clip of a model's frames.

    Args:
        frames: (h, w, 3) each, of one size; what is too many is left out.
        sound: (num_channels, num_samples), -1 to 1, and its samples a second.
        frame_rate: frames a second that were drawn.
        num_given: how many frames come; None: enough, at 24 a second. Where they are less than was asked for, picture
            and sound are slowed down, as far as `finish` allows.
        stand_in: the sound where there is none, (num_samples, 2) at 48 kHz, of the length that was asked for.

    Raises:
        TaskError: there are too few frames.
    """
    slower = 1.0 if num_given is None else _slower(num_given / frame_rate, finish)
    wave = None
    if finish.sound and sound is not None:
        wave = slowed(resampled(*sound), 1 / slower) if slower > 1 else resampled(*sound)
    elif finish.sound:
        wave = np.zeros((0, 2), np.float32) if stand_in is None else stand_in
    shown = frames
    if num_given is not None and (slower > 1 or frame_rate != FRAME_RATE):
        most = finish.num_frames if slower > 1 else min(finish.num_frames, round(num_given / frame_rate * FRAME_RATE))
        shown = retimed(frames, num_given=num_given, frame_rate=frame_rate, num_frames=most)
    size = (finish.width, finish.height)
    _write(target, (_fitted(pixels, size) for pixels in shown), wave, finish)


def _slower(seconds: float, finish: Finish) -> float:
    """How many times longer a clip of `seconds` is made: 1 where it is long enough, or too short for that."""
    factor = finish.num_frames / FRAME_RATE / seconds
    return factor if 1 + 1e-6 < factor <= finish.slowest + 1e-6 else 1.0


def finish_video(source: File, target: File, finish: Finish, stand_in: File | None = None) -> dict[str, Any]:
    """Write the clip of a video that another service made; call it where files from outside may be opened.

    Args:
        stand_in: the sound where the video has none, a WAV of ours.

    Returns:
        `width`, `height`: what the video was, px; `has_audio`: whether it had sound; `how`: `encoded again`,
        `slowed down`, or `frames made between` where it had too few a second.

    Raises:
        TaskError: there is no readable video of this length in the file.
    """
    head = read_head(source)
    if not is_mp4(head):
        raise TaskError("generation_failed_no_content", f"the upstream gave {described(head)}, no MP4 video")
    try:
        with opened(source) as file:
            with opened_mp4(file) as container:
                timing = timing_of(container, video_stream(container))
            file.seek(0)
            wave = None
            with opened_mp4(file) as container:
                has_audio = sound_stream(container) is not None
                if finish.sound and has_audio:
                    most_seconds = finish.num_frames / FRAME_RATE + 1
                    samples, _ = decode_sound(container, most_seconds=most_seconds, begin=timing.begin)
                    wave = samples.astype(np.float32) / np.float32(32768)
            instead = None if stand_in is None or has_audio or not finish.sound else read_wav(stand_in)
            slower = _slower(round(timing.seconds * FRAME_RATE) / FRAME_RATE, finish)
            file.seek(0)
            with opened_mp4(file) as container:
                stream = video_stream(container)
                facts = {"width": stream.width, "height": stream.height, "has_audio": has_audio}
                if slower > 1 or timing.rate < _LOW_RATE:
                    rate = timing.rate if timing.rate < _LOW_RATE else Fraction(FRAME_RATE)
                    shown = filtered_frames(container, stream, [f"fps={rate}:round=near", "format=rgb24"])
                    frames = (np.asarray(frame.to_ndarray(), np.uint8) for frame in shown)
                    heard = None if wave is None else (wave.T, SAMPLE_RATE)
                    given = max(1, round(timing.seconds * rate))
                    finish_frames(
                        target, frames, heard, finish, frame_rate=float(rate), num_given=given, stand_in=instead
                    )
                    return facts | {"how": "slowed down" if slower > 1 else "frames made between"}
                steps = [
                    f"fps={FRAME_RATE}:round=near",
                    f"scale={finish.width}:{finish.height}:force_original_aspect_ratio=increase:flags=lanczos"
                    ":out_color_matrix=bt709:out_range=tv",
                    f"crop={finish.width}:{finish.height}",
                    "format=yuv420p",
                    "setsar=1",
                ]
                # Another installation of this program may stand behind this one.
                before = watermark_in_clip(source).number
                if wave is None and finish.sound:
                    wave = np.zeros((0, 2), np.float32) if instead is None else instead
                _write(target, filtered_frames(container, stream, steps), wave, finish, watermark_before=before)
            return facts | {"how": "encoded again"}
    except TaskError as error:
        if error.code != "invalid_video":
            raise
        # That it is no good is not the user's doing.
        raise TaskError("generation_failed_no_content", f"the upstream's video: {error.message}") from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        problem = f"the upstream's video is damaged or incomplete: {damage(error)}"
        raise TaskError("generation_failed_no_content", problem) from None


def _tags(finish: Finish) -> dict[str, str]:
    return {
        "title": finish.title,
        "comment": f"made by {finish.engine}",
        "encoder": f"Opendance {__version__} {finish.engine}",
    }


def _write(
    target: File,
    frames: Iterable[av.VideoFrame],
    wave: Stereo | None,
    finish: Finish,
    *,
    watermark_before: int | None = None,
) -> None:
    encode_clip(
        target,
        _exactly(frames, finish.num_frames),
        None if wave is None else lambda: master(_exact_length(wave, finish.num_samples)),
        size=(finish.width, finish.height),
        encoding=_ENCODING,
        metadata=_tags(finish),
        watermark=finish.watermark,
        watermark_before=watermark_before,
    )


def _exactly(frames: Iterable[av.VideoFrame], count: int) -> Generator[av.VideoFrame]:
    """As many frames as asked for: what is too much is cut, and a little that is missing is the last one held."""
    last, given = None, 0
    for last in itertools.islice(frames, count):
        yield last
        given += 1
    if last is None or count - given > _MOST_HELD:
        drawn, asked_for = given / FRAME_RATE, count / FRAME_RATE
        problem = f"the engine made {drawn:.2f} s of the {asked_for:g} s asked for"
        raise TaskError("generation_failed_no_content", problem)
    for _ in range(count - given):
        yield last


def _exact_length(wave: Stereo, num_samples: int) -> Stereo:
    out = np.zeros((num_samples, 2), np.float32)
    kept = min(num_samples, len(wave))
    out[:kept] = wave[:kept]
    if len(wave) > num_samples:
        edge = int(_FADE * SAMPLE_RATE)
        out[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)[:, None]
    return out


def _fitted(pixels: npt.NDArray[np.uint8], size: tuple[int, int]) -> av.VideoFrame:
    """The middle of a picture, scaled to cover `size`, as YUV 4:2:0 in BT.709's limited range."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    # What is cut off on each side is even, so that luma and chroma lose the same.
    width, height = (
        side + (target - side) % 4 for side, target in zip(cover(frame.width, frame.height, size), size, strict=True)
    )
    whole = frame.reformat(
        width,
        height,
        format="yuv420p",
        interpolation="LANCZOS",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )
    if (width, height) == size:
        return whole
    planes = np.asarray(whole.to_ndarray(), np.uint8).reshape(-1)
    luma, chroma = planes[: width * height], planes[width * height :].reshape(2, height // 2, width // 2)
    cropped = [
        middle(luma.reshape(height, width), size),
        *(middle(plane, (size[0] // 2, size[1] // 2)) for plane in chroma),
    ]
    out = np.concatenate([plane.reshape(-1) for plane in cropped]).reshape(size[1] * 3 // 2, size[0])
    return av.VideoFrame.from_ndarray(out, format="yuv420p")
