"""What ComfyUI has in memory, as files, and a video file as what ComfyUI has in memory."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from PIL import Image


def save_image(image: Any, path: Path) -> None:
    """Write one picture as PNG.

    Args:
        image: (height, width, 3 or 4) float, 0 to 1.
    """
    pixels = np.clip(np.asarray(image, np.float32) * 255 + 0.5, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def save_audio(audio: dict[str, Any], path: Path) -> None:
    """Write a sound as WAV, 16 bits.

    Args:
        audio: `waveform`, (1, channels, samples) float, -1 to 1, and `sample_rate`; of several only the first is taken.
    """
    samples = np.asarray(audio["waveform"], np.float32)[0]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(samples.shape[0])
        out.setsampwidth(2)
        out.setframerate(int(audio["sample_rate"]))
        out.writeframes((np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes())


def read_frames(path: Path, *, most: int | None = None) -> Any:
    """The frames of a video, (num_frames, height, width, 3) float, 0 to 1.

    Args:
        most: that are read; None for all.
    """
    frames: list[Any] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == most:
                break
    whole = np.empty((len(frames), *frames[0].shape), np.float32)
    for number, frame in enumerate(frames):  # one copy of all in floats is large enough
        np.multiply(frame, np.float32(1 / 255), out=whole[number])
    return torch.from_numpy(whole)


def read_audio(path: Path) -> dict[str, Any]:
    """The sound of a video, as ComfyUI has it; a moment of silence where there is none."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return {"waveform": torch.from_numpy(np.zeros((1, 2, 1), np.float32)), "sample_rate": 48_000}
        rate = container.streams.audio[0].rate
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
        parts = [part.to_ndarray() for frame in container.decode(audio=0) for part in resampler.resample(frame)] + [
            part.to_ndarray() for part in resampler.resample(None)
        ]
    return {"waveform": torch.from_numpy(np.concatenate(parts, axis=1)[None]), "sample_rate": rate}
