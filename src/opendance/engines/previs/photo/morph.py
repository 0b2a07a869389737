"""From one picture to another: by their motion where they share content, by a designed transition where they do not."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.camera import Path, Pose, ease
from opendance.engines.previs.lanes import Packed, Pixels, pack
from opendance.engines.previs.photo.backdrop import Photo
from opendance.engines.previs.photo.life import Life
from opendance.engines.previs.photo.mesh import apply_gain, blend_frames, draw_mesh, nodes
from opendance.engines.previs.photo.vision import Bytes, Floats, cv

_LONGEST = 512  # px of the pictures in which motion is looked for
_AGREEING = 0.40  # share of the picture that must be found again for it to be the same scene


class Morph:
    """First at share 0, last at share 1, and between them the motion from one to the other.

    Args:
        first, last: (h, w, 3), the frame's size.
        seed: of the transition.
    """

    def __init__(self, first: Bytes, last: Bytes, *, seconds: float, seed: int, life: Life | None = None) -> None:
        self._first, self._last = _packed(first), _packed(last)
        height, width = first.shape[:2]
        self._seconds = seconds
        self._x, self._y = nodes(width, height)
        self._local = threading.local()
        self._flows = _flows(first, last)
        if self._flows is None:
            quiet = life or Life()
            self._leave = Photo(first, _leaving(1), quiet, seconds=seconds, seed=seed)
            self._arrive = Photo(last, _leaving(-1), Life(), seconds=seconds, seed=seed + 1)
            self._arrive.reverse = True  # it comes to rest as the picture
            self._order = _wipe_order(first, last, self._x.shape)

    def draw(self, frame: Pixels, pose: Pose, share: float, t: float) -> None:
        if self._flows is None:
            self._transition(frame, share, t)
        else:
            self._flow(frame, float(np.clip(share, 0, 1)))

    def _other(self, like: Pixels) -> Pixels:
        if getattr(self._local, "frame", None) is None:
            self._local.frame = np.zeros_like(like)
        return self._local.frame

    def _flow(self, frame: Pixels, share: float) -> None:
        """Motion at a moment between, by the linear combination of both flows (Super SloMo, Jiang et al. 2018)."""
        assert self._flows is not None
        s = np.float32(0.5 * share + 0.5 * ease(share))
        forth, back, trust = self._flows
        to_first = -(1 - s) * s * forth + s * s * back
        to_last = (1 - s) * (1 - s) * forth - s * (1 - s) * back
        draw_mesh(frame, self._first, self._x + to_first[..., 0], self._y + to_first[..., 1], 256, True)
        if s <= 0:
            return
        other = self._other(frame)
        draw_mesh(other, self._last, self._x + to_last[..., 0], self._y + to_last[..., 1], 256, True)
        # Where motion is known both pictures agree and the change is even; elsewhere it is late and quick.
        late = np.clip((s - 0.5) * 2.4 + 0.5, 0, 1)
        late = late * late * (3 - 2 * late)
        blend_frames(frame, other, (trust * s + (1 - trust) * late).astype(np.float32))

    def _transition(self, frame: Pixels, share: float, t: float) -> None:
        """The camera goes into the first picture and comes out of the last; what is dark changes first."""
        # A change of 1.4 s; a short passage is hardly anything else.
        half = float(np.clip(0.7 / self._seconds, 0.16, 0.42))
        begin, end = 0.5 - half, 0.5 + half
        k = np.clip((share - begin) / (end - begin), 0, 1)
        if share < end:
            self._leave.draw(frame, _leaving(1)(share), share, t)
        if share <= begin:
            return
        other = frame if share >= end else self._other(frame)
        self._arrive.draw(other, _leaving(-1)(share), share, max(0.0, t))
        if share < end:
            soft = 0.35
            weight = np.clip((k * (1 + soft) - self._order) / soft, 0, 1)
            blend_frames(frame, other, (weight * weight * (3 - 2 * weight)).astype(np.float32))
        glow = 1 + 0.22 * float(np.sin(np.pi * k)) ** 2
        apply_gain(frame, np.full((*self._x.shape, 3), glow, np.float32))


def _leaving(way: int) -> Path:
    """Into the picture from its own view (1), or out of it to its own view (-1)."""

    def path(share: float) -> Pose:
        s = share if way > 0 else 1 - share
        go = ease(min(1.0, s * 1.25))
        return Pose(dolly=0.34 * go, x=0.05 * go * way, roll=0.02 * go * way)

    return path


def _packed(picture: Bytes) -> Packed:
    return pack(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))


def _wipe_order(first: Bytes, last: Bytes, shape: tuple[int, ...]) -> Floats:
    """When each node changes, 0 to 1: dark and low places of the last picture early."""
    grey = cv.cvtColor(first, cv.COLOR_RGB2GRAY).astype(np.float32) + cv.cvtColor(last, cv.COLOR_RGB2GRAY)
    small = cv.GaussianBlur(cv.resize(grey, (shape[1], shape[0]), interpolation=cv.INTER_AREA), (0, 0), 5)
    ranks = np.argsort(np.argsort(small.ravel())).reshape(small.shape) / max(1, small.size - 1)
    return ranks.astype(np.float32)


def _flows(first: Bytes, last: Bytes) -> tuple[Floats, Floats, Floats] | None:
    """Flow first → last and back at the nodes, px, and trust, 0 to 1; None where the pictures share no content."""
    height, width = first.shape[:2]
    scale = _LONGEST / max(height, width)
    size = (round(width * scale), round(height * scale))
    a, b = (cv.cvtColor(cv.resize(p, size, interpolation=cv.INTER_AREA), cv.COLOR_RGB2GRAY) for p in (first, last))
    shift = _global_shift(a, b)
    moved = cv.warpPerspective(
        b, shift, size, flags=cv.INTER_LINEAR | cv.WARP_INVERSE_MAP, borderMode=cv.BORDER_REPLICATE
    )
    finder = cv.DISOpticalFlow_create(cv.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finder.setFinestScale(1)
    near_forth = np.asarray(finder.calc(a, moved, None), np.float32)
    near_back = np.asarray(finder.calc(moved, a, None), np.float32)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    found_again = cv.remap(near_back, x + near_forth[..., 0], y + near_forth[..., 1], cv.INTER_LINEAR)
    error = np.linalg.norm(near_forth + found_again, axis=-1)
    after = cv.remap(moved, x + near_forth[..., 0], y + near_forth[..., 1], cv.INTER_LINEAR)
    alike = _correlation(a, np.asarray(after, np.uint8))
    trusted = (error < 1.5) & (alike > 0.5)
    if float(trusted.mean()) < _AGREEING:
        return None
    forth = _through(shift, x + near_forth[..., 0], y + near_forth[..., 1]) - np.dstack([x, y])
    inverse = np.linalg.inv(shift)
    at = _through(inverse, x, y)
    back_near = cv.remap(
        near_back,
        np.ascontiguousarray(at[..., 0]),
        np.ascontiguousarray(at[..., 1]),
        cv.INTER_LINEAR,
        borderMode=cv.BORDER_REPLICATE,
    )
    back = at + back_near - np.dstack([x, y])
    gx, gy = nodes(width, height)
    u, v = ((gx + 0.5) * scale - 0.5).astype(np.float32), ((gy + 0.5) * scale - 0.5).astype(np.float32)

    def at_nodes(field: npt.NDArray[np.floating]) -> Floats:
        smooth = cv.GaussianBlur(field.astype(np.float32), (0, 0), 2.0)
        return np.asarray(cv.remap(smooth, u, v, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE), np.float32)

    trust = at_nodes(cv.GaussianBlur(trusted.astype(np.float32), (0, 0), 3.0))
    return at_nodes(forth) / np.float32(scale), at_nodes(back) / np.float32(scale), trust


def _through(matrix: npt.NDArray[np.floating], x: Floats, y: Floats) -> Floats:
    points = np.stack([x, y, np.ones_like(x)], axis=-1) @ matrix.T.astype(np.float32)
    return (points[..., :2] / points[..., 2:]).astype(np.float32)


def _correlation(a: Bytes, b: Bytes) -> Floats:
    """(h, w) normalised correlation of the surroundings of each place; even places count as alike."""
    p, q = a.astype(np.float32), b.astype(np.float32)
    size = (15, 15)
    mp, mq = cv.blur(p, size), cv.blur(q, size)
    vp, vq = cv.blur(p * p, size) - mp * mp, cv.blur(q * q, size) - mq * mq
    out = (cv.blur(p * q, size) - mp * mq) / np.sqrt(np.maximum(vp, 0) * np.maximum(vq, 0) + 60)
    even = (vp < 30) & (vq < 30) & (np.abs(mp - mq) < 25)
    return np.where(even, 1, out).astype(np.float32)


def _global_shift(a: Bytes, b: Bytes) -> npt.NDArray[np.float64]:
    """(3, 3): where places of `a` are in `b`, as a similarity; identity where that is not clear."""
    finder = cv.ORB_create(900)
    ka, da = finder.detectAndCompute(a, None)
    kb, db = finder.detectAndCompute(b, None)
    identity = np.eye(3)
    if da is None or db is None or len(ka) < 20 or len(kb) < 20:
        return identity
    pairs = cv.BFMatcher(cv.NORM_HAMMING, crossCheck=True).match(da, db)
    if len(pairs) < 20:
        return identity
    pa = np.array([ka[m.queryIdx].pt for m in pairs], np.float32)
    pb = np.array([kb[m.trainIdx].pt for m in pairs], np.float32)
    matrix, inliers = cv.estimateAffinePartial2D(pa, pb, method=cv.RANSAC, ransacReprojThreshold=4.0)
    if matrix is None or int(inliers.sum()) < max(18, 0.25 * len(pairs)):
        return identity
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if not 0.5 < scale < 2.0:
        return identity
    return np.vstack([matrix, [0, 0, 1]]).astype(np.float64)
