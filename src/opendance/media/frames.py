"""Frames of videos of ours, as arrays, and what of them is shown."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt


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
