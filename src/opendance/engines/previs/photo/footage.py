"""Footage as it is or in another light, or with a thing in it replaced or removed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path as FilePath

import numpy as np

from opendance.catalog import FRAME_RATE
from opendance.engines.previs.camera import Pose
from opendance.engines.previs.jit import compiled
from opendance.engines.previs.lanes import Pixels
from opendance.engines.previs.photo.depth import inpainted
from opendance.engines.previs.photo.grading import Grader
from opendance.engines.previs.photo.mattes import mattes_of_one
from opendance.engines.previs.photo.outline import thing_mask
from opendance.engines.previs.photo.regions import edge_quality
from opendance.engines.previs.photo.tracking import (
    Track,
    camera_matrix,
    follow_thing,
    moving_region,
    smoothed,
    track,
)
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv
from opendance.media.frames import read_frames

_KEPT = 10  # decoded frames: the drawing threads are never farther apart
_PLATE_FRAMES = 12  # of a clip, for what is behind a thing in it
_CLEAR = 0.55  # edge quality from which a thing is told from its surroundings
_TRACKED = 320  # px: width of the pictures in which movement is followed


class Reel:
    """The frames of a clip at any size, read in order; several threads may ask for neighbouring ones.

    Args:
        path: our own copy of a video.
        size: the frames' width and height; the middle is shown.
    """

    def __init__(self, path: FilePath, size: tuple[int, int], num_frames: int) -> None:
        self._path, self._size, self.num_frames = path, size, max(1, num_frames)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Bytes] = OrderedDict()
        self._frames: Generator[Bytes] | None = None
        self._next = 0

    def frame(self, index: int) -> Bytes:
        """(h, w, 3); before the first and after the last it stands still."""
        index = min(max(0, index), self.num_frames - 1)
        with self._lock:
            while index not in self._kept:
                if self._frames is None or index < self._next:
                    self._frames, self._next = read_frames(self._path, self._size), 0
                frame = next(self._frames, None)
                if frame is None:  # shorter than it was said to be
                    self.num_frames = max(1, self._next)
                    index = min(index, self.num_frames - 1)
                    if index not in self._kept:
                        last = next(reversed(self._kept))
                        self._kept[index] = self._kept[last]
                    self._frames = None
                    break
                if index - self._next < _KEPT:
                    self._kept[self._next] = np.ascontiguousarray(frame)
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
                self._next += 1
            return self._kept[index]


def small_frames(path: FilePath, aspect: float, most: int) -> Generator[Bytes]:
    """Small frames of a clip for tracking, (h, w, 3)."""
    size = (_TRACKED, max(64, round(_TRACKED / aspect)))
    for index, frame in enumerate(read_frames(path, size)):
        if index >= most:
            return
        yield np.ascontiguousarray(frame)


def small_greys(path: FilePath, aspect: float, most: int) -> Generator[Bytes]:
    """The same in grey, (h, w)."""
    for frame in small_frames(path, aspect, most):
        yield np.asarray(cv.cvtColor(frame, cv.COLOR_RGB2GRAY), np.uint8)


def frame_at(t: float) -> int:
    """The frame of our copy of a clip that is seen at `t`, s."""
    return int(t * FRAME_RATE + 1e-3)  # a moment that is computed may be a little early


@compiled
def fill_frame(frame: Pixels, rgb: Bytes) -> None:
    """Write an opaque picture (h, w, 3) into a frame (h, w) of the same size."""
    for y in range(frame.shape[0]):
        for x in range(frame.shape[1]):
            frame[y, x] = (
                np.uint64(rgb[y, x, 0])
                | (np.uint64(rgb[y, x, 1]) << np.uint64(16))
                | (np.uint64(rgb[y, x, 2]) << np.uint64(32))
                | np.uint64(0x00FF000000000000)
            )


class Footage:
    """Frames of a clip from one of them on.

    Args:
        first: number of the frame that is shown first.
        grader: puts it in another light, last of all.
    """

    def __init__(self, reel: Reel, first: int = 0, grader: Grader | None = None) -> None:
        self._reel, self._first, self.grader = reel, first, grader

    def draw(self, frame: Pixels, pose: Pose, share: float, t: float) -> None:
        rgb = self.picture(t)
        fill_frame(frame, rgb if self.grader is None else self.grader.apply(rgb))

    def picture(self, t: float) -> Bytes:
        """(h, w, 3) at a moment, s."""
        return self._reel.frame(self._first + frame_at(t))


class FollowedFootage(Footage):
    """Footage in which one thing is followed: what moves, or what stands out.

    Args:
        path: of the clip, to follow the thing.
    """

    def __init__(self, reel: Reel, path: FilePath, size: tuple[int, int], num_frames: int) -> None:
        super().__init__(reel)
        self._size = size
        frames = list(small_frames(path, size[0] / size[1], num_frames))
        greys = [np.asarray(cv.cvtColor(frame, cv.COLOR_RGB2GRAY), np.uint8) for frame in frames]
        self._marked = len(frames) // 2  # in the middle of a clip it is most likely to be seen whole
        self._opening = opening = frames[self._marked]
        moving = moving_region(greys[self._marked], greys[min(len(greys) - 1, self._marked + 3)])
        mask = thing_mask(opening, moving)
        clear = mask is not None and edge_quality(opening, mask) > _CLEAR
        if mask is None:  # nothing stands out: the middle, where things that matter are
            height, width = opening.shape[:2]
            mask = np.zeros((height, width), np.uint8)
            cv.ellipse(
                mask,
                (width // 2, round(height * 0.55)),
                (round(width * 0.13), round(height * 0.27)),
                0,
                0,
                360,
                255,
                -1,
            )
        self._inside = mask > 0
        self._mattes = mattes_of_one(frames, mask, self._marked).frames
        # What is not clearly told from its surroundings is left alone: a patch on the wrong place helps nobody.
        self.is_known = clear or bool(self._mattes)
        self._boxes = _boxes(self._mattes, size[0] / opening.shape[1]) if self._mattes else None
        self._camera, _ = track(greys)
        thing = follow_thing(frames, mask > 0, self._marked, self._camera)
        self._track = Track(smoothed(thing.x, 1.2), smoothed(thing.y, 1.2), thing.scale, thing.angle)
        work = (size[0] // 4, size[1] // 4)
        quarter = np.asarray(cv.resize(mask, work, interpolation=cv.INTER_LINEAR), np.uint8)
        reach = max(3, work[1] // 40)
        self._rim = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        self._hole = np.asarray(cv.dilate((quarter > 90).astype(np.uint8), self._rim))
        rows, columns = np.flatnonzero((quarter > 127).any(axis=1)), np.flatnonzero((quarter > 127).any(axis=0))
        self._box = tuple(float(v) * 4 for v in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))

    def _hole_at(self, index: int) -> Mask:
        """Where the thing is in a frame, with a rim around it, (h, w) of a quarter of the size."""
        k = min(index, len(self._track.x) - 1)
        width, height = self._size
        dx, dy = float(self._track.x[k]) * height, float(self._track.y[k]) * height
        scale = float(np.clip(self._track.scale[k], 0.6, 1.7))
        left, top, right, bottom = self._box
        cx, cy = (left + right) / 2, (top + bottom) / 2
        move = np.array([[scale, 0, (dx + cx * (1 - scale)) / 4], [0, scale, (dy + cy * (1 - scale)) / 4]])
        quarter = (width // 4, height // 4)
        followed = np.asarray(cv.warpAffine(self._hole, move, quarter, flags=cv.INTER_LINEAR)) > 0
        if not self._mattes:
            return followed
        # The net may see a part of it alone, and what is followed may have turned: it is in either.
        matte = cv.resize(self._mattes[min(index, len(self._mattes) - 1)], quarter, interpolation=cv.INTER_LINEAR)
        return followed | (np.asarray(cv.dilate((matte > 64).astype(np.uint8), self._rim)) > 0)

    def _soft_at(self, index: int, *, wholly: bool) -> Floats:
        """How much each place belongs to the thing, (h, w) of the frame, 0 to 1; roughly, with a rim."""
        width, height = self._size
        if not self._mattes or wholly:
            hole = self._hole_at(index).astype(np.float32)
            soft = cv.resize(hole, (width, height), interpolation=cv.INTER_LINEAR)
            return np.asarray(cv.GaussianBlur(soft, (0, 0), height / 200), np.float32)
        matte = self._mattes[min(index, len(self._mattes) - 1)].astype(np.float32) / np.float32(255)
        soft = cv.resize(matte, (width, height), interpolation=cv.INTER_LINEAR)
        return np.clip(np.asarray(soft, np.float32) * 1.4 - 0.2, 0, 1).astype(np.float32)

    def _standing_at(self, index: int) -> tuple[float, float, float, float]:
        """(middle, foot, width, height) of the thing in a frame, px."""
        k = min(index, len(self._track.x) - 1)
        if self._boxes is not None:
            x, y, wide, tall = (float(v) for v in self._boxes[min(index, len(self._boxes) - 1)])
            return x, y, wide, tall
        height = self._size[1]
        scale = float(np.clip(self._track.scale[k], 0.6, 1.7))
        left, top, right, bottom = self._box
        foot = bottom + float(self._track.y[k]) * height + (bottom - top) / 2 * (scale - 1)
        return (
            (left + right) / 2 + float(self._track.x[k]) * height,
            foot,
            (right - left) * scale,
            (bottom - top) * scale,
        )


class EditedFootage(FollowedFootage):
    """Footage in which one thing is covered by its surroundings, and another stands in its place.

    Without another, what cannot be told from its surroundings stays.

    Args:
        path: of the clip, to follow the thing.
        cutout: what takes its place, premultiplied (h, w, 4); None only removes it.
    """

    def __init__(
        self, reel: Reel, path: FilePath, size: tuple[int, int], cutout: Bytes | None, num_frames: int
    ) -> None:
        super().__init__(reel, path, size, num_frames)
        self._cutout = cutout
        self._brightness = float(self._opening.mean())
        self._plate = self._clean_plate(path, num_frames)

    def _clean_plate(self, path: FilePath, num_frames: int) -> Bytes:
        """The first frame's view without the thing: from the frames in which it is elsewhere, and where it never
        leaves, guessed from the surroundings."""
        width, height = self._size
        total = np.zeros((height, width, 3), np.float32)
        weight = np.zeros((height, width), np.float32)
        every = max(1, num_frames // _PLATE_FRAMES)
        for index, frame in enumerate(read_frames(path, self._size)):
            if index >= num_frames:
                break
            if index % every:
                continue
            rgb = np.ascontiguousarray(frame)
            hole = self._hole_at(index)
            free = 1 - np.asarray(cv.resize(hole.astype(np.float32), (width, height), interpolation=cv.INTER_LINEAR))
            back = camera_matrix(self._camera, index, self._size)
            flags = cv.INTER_LINEAR | cv.WARP_INVERSE_MAP
            seen = np.asarray(cv.warpAffine(free, back, (width, height), flags=flags), np.float32)
            seen = np.where(seen > 0.98, seen, 0).astype(np.float32)
            total += np.asarray(cv.warpAffine(rgb, back, (width, height), flags=flags), np.float32) * seen[..., None]
            weight += seen
        known = weight > 0.5
        plate = (total / np.maximum(weight, 1e-3)[..., None]).astype(np.uint8)
        return inpainted(plate, ~known) if known.any() else self._reel.frame(0)

    def picture(self, t: float) -> Bytes:
        index = frame_at(t)
        rgb = super().picture(t).copy()
        if self._cutout is None and not self.is_known:
            return rgb
        self._cover(rgb, index)
        if self._cutout is not None:
            self._place(rgb, *self._standing_at(index))
        return rgb

    def _cover(self, rgb: Bytes, index: int) -> None:
        width, height = self._size
        hole = self._hole_at(index)
        if not hole.any():
            return
        soft = cv.resize(hole.astype(np.float32), (width, height), interpolation=cv.INTER_LINEAR)
        soft = np.asarray(cv.GaussianBlur(soft, (0, 0), height / 160), np.float32)
        rows, columns = np.flatnonzero((soft > 0.004).any(axis=1)), np.flatnonzero((soft > 0.004).any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        move = camera_matrix(self._camera, index, self._size)
        move[:, 2] -= (left, top)
        size = (right - left, bottom - top)
        behind = cv.warpAffine(self._plate, move, size, flags=cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        share = soft[top:bottom, left:right, None]
        part = rgb[top:bottom, left:right]
        rgb[top:bottom, left:right] = (part * (1 - share) + np.asarray(behind, np.float32) * share).astype(np.uint8)

    def _place(self, rgb: Bytes, cx: float, foot: float, width: float, height: float) -> None:
        assert self._cutout is not None
        rows, columns = self._cutout.shape[:2]
        scale = max(0.02, min(height / rows, 1.35 * width / columns) * 1.04)
        size = (max(2, round(columns * scale)), max(2, round(rows * scale)))
        how = cv.INTER_AREA if scale < 1 else cv.INTER_CUBIC
        cut = np.asarray(cv.resize(self._cutout, size, interpolation=how), np.float32)
        left, top = cx - size[0] / 2, foot - size[1] * 0.99
        whole_left, whole_top = int(np.floor(left)), int(np.floor(top))
        move = np.array([[1, 0, left - whole_left], [0, 1, top - whole_top]])
        cut = np.asarray(cv.warpAffine(cut, move, (size[0] + 1, size[1] + 1), flags=cv.INTER_LINEAR), np.float32)
        x0, y0 = max(0, whole_left), max(0, whole_top)
        x1, y1 = min(rgb.shape[1], whole_left + cut.shape[1]), min(rgb.shape[0], whole_top + cut.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = cut[y0 - whole_top : y1 - whole_top, x0 - whole_left : x1 - whole_left]
        light = float(np.clip(0.6 + 0.4 * self._brightness / 118, 0.7, 1.15))  # a dark room darkens what stands in it
        target = rgb[y0:y1, x0:x1].astype(np.float32)
        mixed = target * (1 - part[..., 3:] / 255) + part[..., :3] * light
        rgb[y0:y1, x0:x1] = np.clip(mixed, 0, 255).astype(np.uint8)


def _boxes(mattes: tuple[Bytes, ...], scale: float) -> Floats:
    """(n, 4) middle, foot, width and height of each matte, px of the frame, evened out over time."""
    boxes = np.zeros((len(mattes), 4))
    for index, matte in enumerate(mattes):
        rows, columns = np.flatnonzero((matte > 127).any(axis=1)), np.flatnonzero((matte > 127).any(axis=0))
        if not rows.size or not columns.size:  # hidden: as before
            boxes[index] = boxes[max(0, index - 1)]
            continue
        wide, tall = columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
        boxes[index] = ((columns[0] + columns[-1] + 1) / 2, rows[-1] + 1, wide, tall)
    return np.stack([smoothed(boxes[:, k], 2.5 if k < 2 else 8.0) for k in range(4)], axis=-1) * scale
