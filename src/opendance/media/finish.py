"""The last step of engines that do not draw at the clip's own size: exact pixels, frames, length and loudness."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import av.error
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace

from opendance import __version__
from opendance.catalog import FRAME_RATE, SAMPLE_RATE
from opendance.errors import TaskError, is_disk_full
from opendance.media.audio import decode_sound, resampled, slowed
from opendance.media.codecs import sound_stream
from opendance.media.descriptor import File, opened
from opendance.media.encode import Encoding, encode_clip
from opendance.media.formats import damage, described, is_mp4, read_head
from opendance.media.frames import cover, middle
from opendance.media.loudness import Stereo, master
from opendance.media.timing import timing_of
from opendance.media.video import filtered_frames, opened_mp4, video_stream
from opendance.media.watermark import watermark_in_clip

if TYPE_CHECKING:  # what comes with it takes a third of the start of a confined process
    from opendance.job import Job

_ENCODING = Encoding("veryfast", 18)
_MOST_HELD = 12  # frames at the end that may be the last one held: half a second
_MOST_SLOWER = 1 / 20
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
    """

    width: int
    height: int
    num_frames: int
    sound: bool
    title: str
    engine: str
    watermark: int | None = None

    @classmethod
    def of(cls, job: Job, engine: str) -> Finish:
        """The clip that `job` asks for."""
        return cls(*job.size, job.num_frames, job.generate_audio, job.title, engine, job.watermark)

    @property
    def num_samples(self) -> int:
        return self.num_frames * SAMPLE_RATE // FRAME_RATE


def finish_frames(
    target: File,
    frames: Iterable[npt.NDArray[np.uint8]],
    sound: tuple[npt.NDArray[np.float32], int] | None,
    finish: Finish,
    *,
    num_given: int | None = None,
) -> None:
    """Write the clip of a model's frames.

    Args:
        frames: (h, w, 3) each, 24 a second, of one size; what is too many is left out.
        sound: (num_channels, num_samples), -1 to 1, and its samples a second.
        num_given: how many frames come, where a model may draw a little less than was asked for: up to a twentieth is
            made up for by slowing picture and sound down.

    Raises:
        TaskError: there are too few frames.
    """
    missing = 0 if num_given is None else finish.num_frames - num_given
    slower = 0 < missing <= _MOST_SLOWER * finish.num_frames

    def fitted() -> Generator[av.VideoFrame]:
        shown = _with_between(frames, finish.num_frames - missing, missing) if slower else frames
        for pixels in shown:
            yield _fitted(pixels, (finish.width, finish.height))

    wave = None
    if finish.sound:
        wave = np.zeros((0, 2), np.float32) if sound is None else resampled(*sound)
        if slower:
            wave = slowed(wave, 1 - missing / finish.num_frames)
    _write(target, fitted(), wave, finish)


def finish_video(source: File, target: File, finish: Finish) -> dict[str, Any]:
    """Write the clip of a video that another service made; call it where files from outside may be opened.

    Returns:
        `width`, `height`: what the video was, px; `has_audio`: whether it had sound; `how`: `encoded again` or
        `slowed down`.

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
            if finish.sound and wave is None:
                wave = np.zeros((0, 2), np.float32)
            missing = finish.num_frames - round(timing.seconds * FRAME_RATE)
            file.seek(0)
            with opened_mp4(file) as container:
                stream = video_stream(container)
                facts = {"width": stream.width, "height": stream.height, "has_audio": has_audio}
                if 0 < missing <= _MOST_SLOWER * finish.num_frames:
                    shown = filtered_frames(container, stream, [f"fps={FRAME_RATE}:round=near", "format=rgb24"])
                    frames = (np.asarray(frame.to_ndarray(), np.uint8) for frame in shown)
                    sound = None if wave is None else (wave.T, SAMPLE_RATE)
                    finish_frames(target, frames, sound, finish, num_given=finish.num_frames - missing)
                    return facts | {"how": "slowed down"}
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


def _with_between(frames: Iterable[npt.NDArray[np.uint8]], count: int, more: int) -> Generator[npt.NDArray[np.uint8]]:
    """`count` frames and `more` between them, evenly spread: each halfway along the movement of its neighbours."""
    after = {round((place + 1) * count / (more + 1)) for place in range(more)}
    last: npt.NDArray[np.uint8] | None = None
    for index, frame in enumerate(itertools.islice(frames, count)):
        if last is not None and index in after:
            yield _between(last, frame)
        yield frame
        last = frame


def _between(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in (one, other)]
    height, width = greys[0].shape
    tracker = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = np.asarray(tracker.calc(greys[0], greys[1], np.zeros((height, width, 2), np.float32)), np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    edge = cv2.BORDER_REPLICATE
    halves = [
        cv2.remap(frame, x + side * flow[..., 0], y + side * flow[..., 1], cv2.INTER_LINEAR, borderMode=edge)
        for frame, side in ((one, -0.5), (other, 0.5))
    ]
    return np.asarray(cv2.addWeighted(halves[0], 0.5, halves[1], 0.5, 0), np.uint8)


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
