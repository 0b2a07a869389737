"""The invisible watermark in the picture: faint blue and yellow cells that survive encoding again and scaling.

The picture is divided into 96 x 54 cells (54 x 96 where it is upright), each made a little bluer or yellower: two
levels of 255 of the colour difference Cb, three where colours are busy. Lightness stays as it is, and the eye sees
hardly anything of blue against yellow in places this small (Mullen, The contrast sensitivity of human colour vision,
1985); in lightness, one level already shows in flat places. A quarter of the cells carry a pattern that is the same in
every clip, so that it can be found; the others carry 32 bits, 121 cells each. The whole pattern turns over every two
seconds: what the picture shows stays mostly the same then, so that the difference of both halves is the watermark
with little else (Cox et al., Digital Watermarking, 2nd ed., chapter 5: spread spectrum; the turning is differential
modulation). Cropping takes it away, and so does turning to black and white; length, rate of frames and size do not.

Published watermarks (blind-watermark, invisible-watermark) work picture by picture on transforms, some 100 ms each.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from opendance.catalog import FRAME_RATE

LONG_SIDE, SHORT_SIDE = 96, 54  # cells
TURNS_EVERY = 48  # frames, as often as a key frame comes: the turn costs no bits then
_LEVELS = 2
_BUSY = 1.5  # mean detail of a cell from which on it takes one level more
_BITS, _CELLS_OF_A_BIT = 32, 121
_SEED = 0x0DA9CE
_PHASES = range(0, 2 * TURNS_EVERY, 6)
_SURE = 5.0  # standard deviations: three in 1e7 pictures without a watermark would reach it, at each of 16 phases

Grid = npt.NDArray[np.float32]


def watermark_of(task_id: str) -> int:
    """The 32 bits of a task: 24 of the hash of its id, and a check of them."""
    head = hashlib.sha256(task_id.encode()).digest()[:3]
    return int.from_bytes(head, "big") << 8 | zlib.crc32(head) & 0xFF


def is_watermark(number: int) -> bool:
    """Whether the check of these 32 bits is right."""
    return zlib.crc32((number >> 8).to_bytes(3, "big")) & 0xFF == number & 0xFF


@cache
def _layout() -> tuple[Grid, npt.NDArray[np.int32]]:
    """Of each cell its sign, and the bit that it carries; -1 where it is there to be found."""
    rng = np.random.default_rng(_SEED)
    count = LONG_SIDE * SHORT_SIDE
    signs = rng.choice(np.array([-1, 1], np.float32), count)
    bits = np.full(count, -1, np.int32)
    order = rng.permutation(count)
    bits[order[: _BITS * _CELLS_OF_A_BIT]] = np.repeat(np.arange(_BITS, dtype=np.int32), _CELLS_OF_A_BIT)
    return signs, bits


def _cells(number: int, *, upright: bool) -> Grid:
    signs, bits = _layout()
    values = np.array([1 if number >> bit & 1 else -1 for bit in range(_BITS)] + [1], np.float32)
    grid = (signs * values[bits]).reshape(SHORT_SIDE, LONG_SIDE)
    return grid.T if upright else grid


def _pattern(
    number: int, blue: npt.NDArray[np.uint8], *, bluer: bool, before: int | None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """What is added to pictures like this one, and what is taken from them: more where they hide more."""
    height, width = blue.shape
    upright = height > width
    across, down = (SHORT_SIDE, LONG_SIDE) if upright else (LONG_SIDE, SHORT_SIDE)
    small = cv2.resize(blue, (2 * across, 2 * down), interpolation=cv2.INTER_AREA)
    detail = cv2.resize(cv2.absdiff(small, cv2.blur(small, (3, 3))), (across, down), interpolation=cv2.INTER_AREA)
    levels = _LEVELS + (np.asarray(detail) > _BUSY)
    cells = _cells(number, upright=upright) * levels
    if before is not None:
        cells = cells - _cells(before, upright=upright) * _LEVELS
    grid = (cells if bluer else -cells).astype(np.int16)
    whole = cv2.resize(grid, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.maximum(whole, 0).astype(np.uint8), np.maximum(-whole, 0).astype(np.uint8)


class PictureWatermark:
    """Marks the frames of one clip, in their order.

    Args:
        number: 32 bits.
        before: the number that the frames are marked with already, which is taken off.
    """

    def __init__(self, number: int, before: int | None = None) -> None:
        self._number, self._before, self._index = number, before, 0
        self._pattern: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None = None
        self._last: av.VideoFrame | None = None

    def apply(self, frame: av.VideoFrame) -> None:
        """Mark a frame of YUV 4:2:0 in place; one that comes again is not marked twice."""
        again = frame is self._last
        turns = self._index % TURNS_EVERY == 0
        bluer = self._index // TURNS_EVERY % 2 == 0
        self._index += 1
        if again and not turns:
            return
        frame.make_writable()  # filters and decoders may show the same picture again
        blue = blue_of(frame)
        if again:
            self._add(blue, take_off=True)
        if turns or self._pattern is None:
            self._pattern = _pattern(self._number, blue, bluer=bluer, before=self._before)
        self._add(blue)
        self._last = frame

    def _add(self, blue: npt.NDArray[np.uint8], *, take_off: bool = False) -> None:
        assert self._pattern is not None
        more, less = reversed(self._pattern) if take_off else self._pattern
        cv2.add(blue, more, dst=blue)
        cv2.subtract(blue, less, dst=blue)


@dataclass(frozen=True)
class WatermarkReading:
    """A watermark, or what comes closest to one.

    Attributes:
        sigmas: how far it stands out from chance, in standard deviations.
        number: its 32 bits, None where they cannot be read.
    """

    sigmas: float
    number: int | None

    @property
    def is_there(self) -> bool:
        return self.sigmas >= _SURE


def cell_means(blue: npt.NDArray[np.uint8]) -> Grid:
    """The mean of each cell of a plane, as (SHORT_SIDE, LONG_SIDE)."""
    upright = blue.shape[0] > blue.shape[1]
    size = (SHORT_SIDE, LONG_SIDE) if upright else (LONG_SIDE, SHORT_SIDE)
    grid = np.asarray(cv2.resize(blue.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    return grid.T if upright else grid


def find_watermark(frames: Iterable[tuple[float, Grid]], *, any_phase: bool = True) -> WatermarkReading:
    """Look for a watermark.

    Args:
        frames: number of each frame, at 24 a second, and its `cell_means`.
        any_phase: whether frames may be missing at the beginning.
    """
    numbers: list[float] = []
    means: list[Grid] = []
    for number, grid in frames:
        numbers.append(number)
        means.append(grid)
    if not means:
        return WatermarkReading(0.0, None)
    at, stack = np.asarray(numbers), np.stack(means)
    best = WatermarkReading(0.0, None)
    for phase in _PHASES if any_phase else (0,):
        bluer = (at + phase) // TURNS_EVERY % 2 == 0
        difference = stack[bluer].mean(axis=0) if bluer.any() else np.zeros_like(stack[0])
        if not bluer.all():
            difference = difference - stack[~bluer].mean(axis=0)
        reading = _read(np.asarray(difference, np.float32))
        if reading.sigmas > best.sigmas:
            best = reading
    return best


def _read(difference: Grid) -> WatermarkReading:
    signs, bits = _layout()
    # The picture changes smoothly from cell to cell, the watermark does not; and flat places tell more than busy ones.
    rest = difference - cv2.blur(difference, (3, 3))
    busy = cv2.blur(rest * rest, (5, 5)) + np.float32(0.1)
    evidence = (rest / busy).reshape(-1) * signs
    known = evidence[bits < 0]
    sigmas = float(known.sum() / (np.sqrt((known**2).sum()) + 1e-9))
    number = 0
    for bit in range(_BITS):
        number |= int(evidence[bits == bit].sum() > 0) << bit
    return WatermarkReading(sigmas, number if is_watermark(number) else None)


def blue_of(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """The Cb plane of a frame of YUV with 8 bits, (h, w) uint8, to be written to: with 4:2:0, half the frame's size."""
    plane: Any = frame.planes[1]
    whole = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return whole[: plane.height, : plane.width]


def watermark_in_clip(path: Path) -> WatermarkReading:
    """The watermark of an MP4, told by its key frames alone."""
    with path.open("rb") as file, av.open(file, "r", format="mov") as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        begins = stream.start_time or 0
        frames = [
            (round(float((frame.pts - begins) * stream.time_base) * FRAME_RATE), cell_means(blue_of(frame)))
            for frame in container.decode(stream)
            if frame.pts is not None and stream.time_base is not None
        ]
    return find_watermark(frames, any_phase=False)
