"""Writing clips: H.264 and AAC in an MP4 that starts to play before it is loaded whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace

from opendance.catalog import FRAME_RATE, SAMPLE_RATE
from opendance.machine import cores
from opendance.media.descriptor import Descriptor, File, written
from opendance.media.sound_watermark import add_sound_watermark
from opendance.media.watermark import TURNS_EVERY, PictureWatermark

# As many as x264 takes by itself, which knows nothing of a container's quota; more than these bring little, and each
# takes some 20 MB of address space, which is short in the confined process.
_LARGE = 1_500_000  # pixels: of larger frames each that x264 keeps takes 10 MB, and it keeps fewer
_THREADS = min(6, cores() * 3 // 2)
_BT709 = 1  # ITU-T H.273: primaries, transfer and matrix of BT.709
_AUDIO_BIT_RATE = 160_000
_EXACT_Q = 10  # quantiser of such frames


@dataclass(frozen=True)
class Encoding:
    """How much care the encoder takes.

    Attributes:
        preset: of x264.
        crf: constant rate factor; lower is better and larger.
        subme: how finely x264 looks for motion between pixels, 0 to 11; None leaves it to the preset.
    """

    preset: str
    crf: int
    subme: int | None = None


def encode_clip(
    path: File,
    frames: Iterable[av.VideoFrame],
    sound: Callable[[], npt.NDArray[np.float32]] | None,
    *,
    size: tuple[int, int],
    encoding: Encoding,
    metadata: dict[str, str],
    exact: tuple[int, ...] = (),
    watermark: int | None = None,
    watermark_before: int | None = None,
) -> None:
    """Write a clip.

    Args:
        frames: YUV 4:2:0, BT.709 limited range, of `size`; one may come again to be held.
        sound: gives (num_samples, 2) at 48 kHz, -1 to 1, asked after the last frame; None for a clip without sound.
        metadata: tags of the container, such as title and comment.
        exact: numbers of frames that are kept as close to what they were as the eye can tell.
        watermark: the number that the invisible watermarks of picture and sound carry; None: they get none.
        watermark_before: the number that the frames carry already, which `watermark` takes the place of.
    """
    width, height = size
    count = 0
    marker = None if watermark is None else PictureWatermark(watermark, watermark_before)
    # To begin with what players read first, the file is opened once more when it is whole.
    reopened = _reopening(path) if isinstance(path, Descriptor) else None
    options = {"movflags": "+faststart"}
    with av.open(written(path), "w", format="mp4", options=options, io_open=reopened) as container:
        container.metadata.update(metadata)
        zones = "/".join(f"{number},{number},q={_EXACT_Q}" for number in exact)
        # Without macroblock trees x264 gives the first frame a quantiser of its own, whatever its zone says.
        exactly = f":zones={zones}:mbtree=1:rc-lookahead=10:aq-mode=1" if zones else ""
        # Seeking is quick, the content filter finds frames evenly spread, and the watermark turns at no cost.
        parameters = f"8x8dct=1:keyint={TURNS_EVERY}" + exactly
        if encoding.subme is not None:
            parameters += f":subme={encoding.subme}"
        if width * height > _LARGE and not exactly:
            parameters += ":rc-lookahead=4:bframes=1"
        # The fastest presets switch off what makes High out of Baseline: 8x8 transforms.
        video: av.VideoStream = container.add_stream(
            "libx264",
            rate=FRAME_RATE,
            options={"preset": encoding.preset, "crf": str(encoding.crf), "profile": "high", "x264-params": parameters},
        )
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.time_base = video.codec_context.time_base = Fraction(1, FRAME_RATE)
        context = video.codec_context
        context.thread_count = _THREADS
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = context.color_trc = _BT709
        audio = None if sound is None else add_sound(container)
        for frame in frames:
            if marker is not None:
                marker.apply(frame)
            frame.pts, frame.time_base = count, Fraction(1, FRAME_RATE)
            frame.color_range, frame.colorspace = ColorRange.MPEG, Colorspace.ITU709
            container.mux(video.encode(frame))
            count += 1
        container.mux(video.encode(None))
        if audio is not None and sound is not None:
            wave = sound()
            write_sound(container, audio, wave if watermark is None else add_sound_watermark(wave))


def _reopening(file: Descriptor) -> Callable[..., Descriptor]:
    return lambda *_: file.again()


def add_sound(container: OutputContainer) -> av.AudioStream:
    """A stream of AAC, 48 kHz stereo."""
    audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    audio.bit_rate = _AUDIO_BIT_RATE
    return audio


def write_sound(container: OutputContainer, audio: av.AudioStream, wave: npt.NDArray[np.floating[Any]]) -> None:
    """Encode all of a sound, (num_samples, 2) at 48 kHz, -1 to 1, into the stream of `add_sound`."""
    step = audio.codec_context.frame_size or 1024
    planes = np.ascontiguousarray(wave.T.astype(np.float32, copy=False))
    for begin in range(0, planes.shape[1], step):
        part = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes[:, begin : begin + step]), "fltp", "stereo")
        part.sample_rate, part.pts, part.time_base = SAMPLE_RATE, begin, Fraction(1, SAMPLE_RATE)
        container.mux(audio.encode(part))
    container.mux(audio.encode(None))
