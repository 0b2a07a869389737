"""Sound from outside: judged, then brought to 48 kHz stereo."""

from __future__ import annotations

import io
import itertools
import wave
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, BinaryIO, cast

import av
import av.error
import av.filter
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from opendance.catalog import MAX_INPUT_SECONDS, SAMPLE_RATE
from opendance.errors import TaskError, is_disk_full
from opendance.media.codecs import SOUND, decoders_only, sound_stream
from opendance.media.descriptor import File, opened, written
from opendance.media.formats import damage, described, media_type, mp3_begin, read_head
from opendance.media.rules import check_seconds

_DEMUXERS = {"audio/wave": "wav", "audio/mpeg": "mp3"}  # AUD-01
_MOST_DAMAGED = 0.1  # share of packets that may be unreadable
_MP3_DELAY = 576 + 529  # samples of an encoder (LAME and most others) and of any decoder
_GAP = 0.1  # s; less than that between two timestamps is how they are rounded
_MOST_EARLY = 120.0  # s of sound before the picture that are left out; more is a wrong timestamp


def examine_audio(source: File, target: File) -> dict[str, Any]:
    """Facts of a sound file, and a copy at `target` (WAV).

    Raises:
        TaskError: it is neither WAV nor MP3, out of bounds, or damaged.
    """
    head = read_head(source)
    demuxer = _DEMUXERS.get(media_type(head))
    if demuxer is None:
        raise TaskError("invalid_audio", f"it is {described(head)}, no WAV or MP3")
    try:
        # Through a file object and with a fixed demuxer: FFmpeg can open nothing but these very bytes.
        with opened(source) as file, _opened_sound(file, demuxer, head) as container:
            if sound_stream(container, code="invalid_audio", better="16-bit PCM, or as an MP3") is None:
                raise TaskError("invalid_audio", "there is no sound in it")
            has_more = len(container.streams) > 1  # such as the picture of a cover
            samples, damaged = decode_sound(container, most_seconds=MAX_INPUT_SECONDS + 1)
            if demuxer == "mp3":
                samples = _without_padding(samples, container.streams.audio[0])
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        raise TaskError("invalid_audio", f"it is damaged or incomplete: {damage(error)}") from None
    if not len(samples) or damaged > _MOST_DAMAGED:
        raise TaskError("invalid_audio", "it is damaged or incomplete: no sound can be read from it")
    check_seconds("audio", len(samples) / SAMPLE_RATE)
    write_wav(target, samples)
    return {"seconds": round(len(samples) / SAMPLE_RATE, 4), "has_more": has_more}


def _opened_sound(file: BinaryIO, demuxer: str, head: bytes) -> InputContainer:
    begin = mp3_begin(head) if demuxer == "mp3" else 0
    if begin:  # a tag behind it is found only at the beginning
        file.seek(begin)
        file = io.BytesIO(file.read())
    return av.open(file, "r", format=demuxer, options=decoders_only())


def _without_padding(samples: npt.NDArray[np.int16], stream: av.AudioStream) -> npt.NDArray[np.int16]:
    """What an MP3 of 15 s has, where it is longer by no more than its encoder had to add.

    An encoder fills the last frame, and each of the two ends has a delay: at 16 kHz that is up to 0.11 s. Where a file
    tells how much it is (a Xing header by LAME), it was taken away already.
    """
    most = MAX_INPUT_SECONDS * SAMPLE_RATE
    added = (_MP3_DELAY + stream.codec_context.frame_size) * SAMPLE_RATE / stream.rate
    surplus = len(samples) - most
    if stream.start_time or not 0 < surplus <= added:
        return samples
    delay = min(surplus, round(_MP3_DELAY * SAMPLE_RATE / stream.rate))
    return samples[delay : delay + most]


def decode_sound(
    container: InputContainer,
    *,
    most_seconds: float,
    codecs: Mapping[str, str] = SOUND,
    begin: float | None = None,
) -> tuple[npt.NDArray[np.int16], float]:
    """(num_samples, 2) at 48 kHz of the first sound stream, and the share of its packets that are unreadable.

    Args:
        most_seconds: no more than this is read.
        codecs: that are decoded.
        begin: the moment of the file, s, that the samples begin with, so that they go with its picture: what comes
            earlier is left out, and where there is no sound yet or for a while there is silence. None: the first sample
            is the beginning, and gaps in the timestamps are not kept.

    Raises:
        TaskError: there is sound, and none that is decoded.
    """
    stream = sound_stream(container, codecs)
    if stream is None:
        return np.zeros((0, 2), np.int16), 0.0
    resampler = av.AudioResampler("s16", "stereo", SAMPLE_RATE)
    parts: list[npt.NDArray[np.int16]] = []
    count = packets = damaged = early = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            damaged += 1
            continue
        for frame in frames:
            if not frame.sample_rate:
                continue
            if begin is not None and frame.pts is not None and frame.time_base is not None:
                silent = round((float(frame.pts * frame.time_base) - begin) * SAMPLE_RATE) + early - count
                if not count and silent < 0:
                    early = min(-silent, round(_MOST_EARLY * SAMPLE_RATE))
                elif not count or silent > _GAP * SAMPLE_RATE:
                    silent = min(silent, round(most_seconds * SAMPLE_RATE) + early - count)
                    parts.append(np.zeros((max(0, silent), 2), np.int16))
                    count += len(parts[-1])
            frame.pts = None
            for out in resampler.resample(frame):
                parts.append(out.to_ndarray().reshape(-1, 2).astype(np.int16))
                count += len(parts[-1])
        if count - early > most_seconds * SAMPLE_RATE:
            break
    if parts:
        parts += [out.to_ndarray().reshape(-1, 2).astype(np.int16) for out in resampler.resample(None)]
    samples = np.concatenate(parts) if parts else np.zeros((0, 2), np.int16)
    return samples[early:], damaged / max(1, packets)


def write_wav(target: File, samples: npt.NDArray[np.int16]) -> None:
    """(num_samples, 2) at 48 kHz as a WAV."""
    with wave.open(cast(Any, written(target)), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(np.ascontiguousarray(samples).tobytes())


def read_wav(source: File) -> npt.NDArray[np.float32]:
    """(num_samples, 2), -1 to 1, of a WAV that `write_wav` wrote."""
    with opened(source) as content, wave.open(content, "rb") as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return raw.reshape(-1, 2).astype(np.float32) / np.float32(32768)


def resampled(wave: npt.NDArray[np.float32], rate: int, to: int = SAMPLE_RATE) -> npt.NDArray[np.float32]:
    """(num_samples, 2) at `to` samples a second, of (num_channels, num_samples) at `rate`; mono becomes stereo."""
    planes = np.ascontiguousarray(np.broadcast_to(wave, (2, wave.shape[-1])) if wave.shape[0] == 1 else wave[:2])
    frame = av.AudioFrame.from_ndarray(planes.astype(np.float32), "fltp", "stereo")
    frame.sample_rate = rate
    resampler = av.AudioResampler("fltp", "stereo", to)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([np.asarray(part.to_ndarray(), np.float32) for part in parts], axis=1).T


def slowed(wave: npt.NDArray[np.float32], tempo: float) -> npt.NDArray[np.float32]:
    """(num_samples, 2) at 48 kHz, played at `tempo` (0.5 to 1) of its speed with its pitch kept."""
    if not len(wave):
        return wave
    graph = av.filter.Graph()
    step = Fraction(1, SAMPLE_RATE)
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=step)
    # atempo gives the samples of both channels in turn; planes are wanted.
    chain = (source, graph.add("atempo", f"{tempo:.6f}"), graph.add("aformat", "sample_fmts=fltp"))
    for before, after in itertools.pairwise((*chain, graph.add("abuffersink"))):
        before.link_to(after)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave.T.astype(np.float32)), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, step
    graph.push(frame)
    graph.push(None)
    parts: list[npt.NDArray[np.float32]] = []
    while True:
        try:
            parts.append(np.asarray(graph.pull().to_ndarray(), np.float32))  # pyright: ignore[reportAttributeAccessIssue]
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    return np.concatenate(parts, axis=1).T
