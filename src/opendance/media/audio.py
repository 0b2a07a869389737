"""Sound from outside: judged, then brought to 48 kHz stereo."""

from __future__ import annotations

import itertools
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import av.filter
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from opendance.catalog import MAX_INPUT_SECONDS, SAMPLE_RATE
from opendance.errors import TaskError, is_disk_full
from opendance.media.formats import damage, described, media_type, read_head
from opendance.media.rules import check_seconds

_DEMUXERS = {"audio/wave": "wav", "audio/mpeg": "mp3"}  # AUD-01
_MOST_DAMAGED = 0.1  # share of packets that may be unreadable


def examine_audio(path: Path, target: Path) -> dict[str, Any]:
    """Facts of a sound file, and a copy at `target` (WAV).

    Raises:
        TaskError: it is neither WAV nor MP3, out of bounds, or damaged.
    """
    head = read_head(path)
    demuxer = _DEMUXERS.get(media_type(head))
    if demuxer is None:
        raise TaskError("invalid_audio", f"it is {described(head)}, no WAV or MP3")
    try:
        # Through a file object and with a fixed demuxer: FFmpeg can open nothing but these very bytes.
        with path.open("rb") as file, av.open(file, "r", format=demuxer) as container:
            if not container.streams.audio:
                raise TaskError("invalid_audio", "there is no sound in it")
            samples, damaged = decode_sound(container, most_seconds=MAX_INPUT_SECONDS + 1)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise
        raise TaskError("invalid_audio", f"it is damaged or incomplete: {damage(error)}") from None
    if not len(samples) or damaged > _MOST_DAMAGED:
        raise TaskError("invalid_audio", "it is damaged or incomplete: no sound can be read from it")
    check_seconds("audio", len(samples) / SAMPLE_RATE)
    write_wav(target, samples)
    return {"seconds": round(len(samples) / SAMPLE_RATE, 4)}


def decode_sound(container: InputContainer, *, most_seconds: float) -> tuple[npt.NDArray[np.int16], float]:
    """(num_samples, 2) at 48 kHz of the first sound stream, and the share of its packets that are unreadable.

    Args:
        most_seconds: no more than this is read.
    """
    stream = container.streams.audio[0]
    resampler = av.AudioResampler("s16", "stereo", SAMPLE_RATE)
    parts: list[npt.NDArray[np.int16]] = []
    count = packets = damaged = 0
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
            frame.pts = None  # gaps and jumps in the timestamps are not kept
            for out in resampler.resample(frame):
                parts.append(out.to_ndarray().reshape(-1, 2).astype(np.int16))
                count += len(parts[-1])
        if count > most_seconds * SAMPLE_RATE:
            break
    if parts:
        parts += [out.to_ndarray().reshape(-1, 2).astype(np.int16) for out in resampler.resample(None)]
    samples = np.concatenate(parts) if parts else np.zeros((0, 2), np.int16)
    return samples, damaged / max(1, packets)


def write_wav(target: Path, samples: npt.NDArray[np.int16]) -> None:
    """(num_samples, 2) at 48 kHz as a WAV."""
    with wave.open(str(target), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(np.ascontiguousarray(samples).tobytes())


def read_wav(path: Path) -> npt.NDArray[np.float32]:
    """(num_samples, 2), -1 to 1, of a WAV that `write_wav` wrote."""
    with wave.open(str(path), "rb") as file:
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
