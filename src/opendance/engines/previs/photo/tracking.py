"""What moves in footage: the camera's path, and the path of a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opendance.catalog import FRAME_RATE
from opendance.engines.previs.camera import Path, Pose
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv
from opendance.engines.previs.plates import Placement


@dataclass(frozen=True)
class Track:
    """Movement over the frames of a clip, all (num_frames,), relative to its first frame.

    Attributes:
        x, y: how far what is seen went right and down, picture heights.
        scale: how much larger it became.
        angle: radians, clockwise.
    """

    x: Floats
    y: Floats
    scale: Floats
    angle: Floats

    @property
    def seconds(self) -> float:
        return len(self.x) / FRAME_RATE


def track(frames: Iterable[Bytes], inside: Mask | None = None) -> tuple[Track, Track]:
    """Follow the picture as a whole (the camera), and what moves otherwise in it (a thing), as two tracks.

    Args:
        frames: (h, w) grey, small, all of one size.
        inside: (h, w) where the thing is in the first frame; None: whatever moves against the rest.
    """
    before: Bytes | None = None
    steps: list[tuple[float, float, float, float]] = []
    own: list[tuple[float, float, float]] = []
    height = 1
    where = inside
    for grey in frames:
        height = grey.shape[0]
        if before is None:
            before = grey
            continue
        matrix, moved_by, where = _step(before, grey, where)
        centre = np.array([grey.shape[1] / 2, height / 2])
        at_centre = matrix[:, :2] @ centre + matrix[:, 2] - centre
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        angle = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
        steps.append((at_centre[0] / height, at_centre[1] / height, scale, angle))
        own.append((moved_by[0] / height, moved_by[1] / height, moved_by[2]))
        before = grey
    return _summed(steps), _summed([(x, y, s, 0.0) for x, y, s in own])


def follow_thing(frames: list[Bytes], inside: Mask, start: int, camera: Track) -> Track:
    """Follow one thing through a clip, from the frame in which it was marked both ways, relative to that frame.

    By its colours where they are its own (mean shift on the likelihood that a place belongs to it), else by its
    features.

    Args:
        frames: (h, w, 3), small, all of one size.
        inside: (h, w) where it is in frame `start`.
        camera: of the same clip, for what cannot be told apart from its surroundings.
    """
    height = inside.shape[0]
    colours = _own_colours(frames[start], inside)
    x, y = np.zeros(len(frames)), np.zeros(len(frames))
    for way in (1, -1):
        at = np.zeros(2)
        mask = inside
        for index in range(start + way, len(frames) if way > 0 else -1, way):
            before = index - way
            if colours is not None:
                guess = at + np.array([camera.x[index] - camera.x[before], camera.y[index] - camera.y[before]]) * height
                at = _mean_shift(colours[_binned(frames[index])], inside, guess)
            else:
                a, b = (cv.cvtColor(frames[k], cv.COLOR_RGB2GRAY) for k in (before, index))
                _, shift, moved = _step(np.asarray(a, np.uint8), np.asarray(b, np.uint8), mask)
                at = at + np.array(shift[:2])
                mask = mask if moved is None else moved
            x[index], y[index] = at[0] / height, at[1] / height
    return Track(x, y, np.ones(len(frames)), np.zeros(len(frames)))


def _binned(rgb: Bytes) -> npt.NDArray[np.int64]:
    bins = (rgb >> 4).astype(np.int64)
    return bins[..., 0] * 256 + bins[..., 1] * 16 + bins[..., 2]


def _own_colours(rgb: Bytes, inside: Mask) -> Floats | None:
    """(4096,) how likely a colour belongs to the thing; None where its colours are those of its surroundings too."""
    bins = _binned(rgb)
    mine = np.bincount(bins[inside], minlength=4096) / max(1, int(inside.sum()))
    others = np.bincount(bins[~inside], minlength=4096) / max(1, int((~inside).sum()))
    cube = (mine / (mine + others + 1e-6)).reshape(16, 16, 16)
    likely = cube.reshape(-1)
    own = float(likely[bins][inside].mean())
    strangers = float(likely[bins][~inside].mean())
    return likely if own > 0.6 and strangers < 0.3 else None


def _mean_shift(likely: Floats, inside: Mask, guess: Floats) -> Floats:
    """Where the outline of the thing covers most of what is likely to be it, near `guess` (shift in px)."""
    ys, xs = np.nonzero(inside)
    cx, cy = xs.mean(), ys.mean()
    half_x, half_y = max(6.0, xs.std() * 2.1), max(6.0, ys.std() * 2.1)
    at = guess.copy()
    height, width = inside.shape
    for _ in range(12):
        left, right = int(max(0, cx + at[0] - half_x)), int(min(width, cx + at[0] + half_x + 1))
        top, bottom = int(max(0, cy + at[1] - half_y)), int(min(height, cy + at[1] + half_y + 1))
        if right - left < 3 or bottom - top < 3:
            break
        part = likely[top:bottom, left:right] ** 2
        mass = float(part.sum())
        if mass < 0.02 * len(xs):  # it is hidden or gone
            break
        gx = float((part.sum(axis=0) * np.arange(left, right)).sum()) / mass
        gy = float((part.sum(axis=1) * np.arange(top, bottom)).sum()) / mass
        step = np.array([gx - cx, gy - cy]) - at
        at = at + step
        if float(np.abs(step).max()) < 0.3:
            break
    return at


def moving_region(before: Bytes, after: Bytes) -> Mask:
    """(h, w): what moves otherwise than the rest between two grey frames; nothing where it is not one compact part."""
    finder = cv.DISOpticalFlow_create(cv.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = np.asarray(finder.calc(before, after, None), np.float32)
    height, width = before.shape
    y, x = np.mgrid[0:height:6, 0:width:6]
    points = np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float32)
    moved = points + flow[y.ravel(), x.ravel()]
    matrix, _ = cv.estimateAffinePartial2D(points, moved, method=cv.RANSAC, ransacReprojThreshold=0.8)
    nothing = np.zeros((height, width), np.bool_)
    if matrix is None:
        return nothing
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    expected_x = matrix[0, 0] * xx + matrix[0, 1] * yy + matrix[0, 2] - xx
    expected_y = matrix[1, 0] * xx + matrix[1, 1] * yy + matrix[1, 2] - yy
    away = cv.GaussianBlur(np.hypot(flow[..., 0] - expected_x, flow[..., 1] - expected_y).astype(np.float32), (0, 0), 2)
    mask = (away > max(1.2, 0.45 * float(np.percentile(away, 99)))).astype(np.uint8)
    mask = np.asarray(cv.morphologyEx(mask, cv.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    count, labels, stats, _ = cv.connectedComponentsWithStats(mask)
    if count < 2:
        return nothing
    best = 1 + int(np.argmax(stats[1:, cv.CC_STAT_AREA]))
    share = stats[best, cv.CC_STAT_AREA] / (height * width)
    return labels == best if 0.006 < share < 0.35 and share > 0.5 * float(mask.mean()) else nothing


def _step(before: Bytes, after: Bytes, inside: Mask | None) -> tuple[Floats, tuple[float, float, float], Mask | None]:
    identity = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    points = cv.goodFeaturesToTrack(before, 220, 0.006, 6)
    if points is None or len(points) < 8:
        return identity, (0.0, 0.0, 1.0), inside
    places, status, _ = cv.calcOpticalFlowPyrLK(before, after, points, None, winSize=(17, 17), maxLevel=3)
    good = status.ravel() == 1
    a, b = points.reshape(-1, 2)[good], np.asarray(places).reshape(-1, 2)[good]
    if len(a) < 8:
        return identity, (0.0, 0.0, 1.0), inside
    on_thing = np.zeros(len(a), np.bool_)
    if inside is not None:
        columns = np.clip(a[:, 0].astype(int), 0, inside.shape[1] - 1)
        on_thing = inside[np.clip(a[:, 1].astype(int), 0, inside.shape[0] - 1), columns]
    rest = ~on_thing if int((~on_thing).sum()) >= 8 else np.ones(len(a), np.bool_)
    matrix, inliers = cv.estimateAffinePartial2D(a[rest], b[rest], method=cv.RANSAC, ransacReprojThreshold=1.2)
    if matrix is None:
        return identity, (0.0, 0.0, 1.0), inside
    matrix = np.asarray(matrix, np.float64)
    if inside is None:  # what does not go with the camera
        off = np.ones(len(a), np.bool_)
        off[np.flatnonzero(rest)[inliers.ravel() == 1]] = False
        on_thing = off
    if int(on_thing.sum()) < 4:
        return matrix, (0.0, 0.0, 1.0) if inside is None else _carried(matrix, inside), inside
    p, q = a[on_thing], b[on_thing]
    if inside is None:
        q = q - (p @ matrix[:, :2].T + matrix[:, 2] - p)  # against the camera's own movement
        shift = np.median(q - p, axis=0)
        return matrix, (float(shift[0]), float(shift[1]), 1.0), None
    shift = np.median(q - p, axis=0)
    scale = 1.0
    if len(p) >= 10:
        grown, kept = cv.estimateAffinePartial2D(p, q, method=cv.RANSAC, ransacReprojThreshold=1.0)
        if grown is not None and int(kept.sum()) > 0.6 * len(p):
            scale = float(np.clip(np.hypot(grown[0, 0], grown[1, 0]), 0.985, 1.015))
    where = _shifted(inside, shift)
    return matrix, (float(shift[0]), float(shift[1]), scale), where


def _carried(matrix: Floats, inside: Mask) -> tuple[float, float, float]:
    """Without own features the thing goes with the picture."""
    ys, xs = np.nonzero(inside)
    centre = np.array([xs.mean(), ys.mean()]) if len(xs) else np.zeros(2)
    shift = matrix[:, :2] @ centre + matrix[:, 2] - centre
    return float(shift[0]), float(shift[1]), 1.0


def _shifted(mask: Mask, shift: npt.NDArray[np.floating]) -> Mask:
    matrix = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
    moved = cv.warpAffine(mask.astype(np.float32), matrix, (mask.shape[1], mask.shape[0]), flags=cv.INTER_LINEAR)
    return np.asarray(moved) > 0.5


def _summed(steps: list[tuple[float, float, float, float]]) -> Track:
    values = np.array(steps or [(0.0, 0.0, 1.0, 0.0)])
    zero: Floats = np.zeros(1)
    one: Floats = np.ones(1)
    return Track(
        x=np.concatenate([zero, np.cumsum(values[:, 0])]),
        y=np.concatenate([zero, np.cumsum(values[:, 1])]),
        scale=np.concatenate([one, np.cumprod(values[:, 2])]).astype(np.float64),
        angle=np.concatenate([zero, np.cumsum(values[:, 3])]),
    )


def smoothed(values: Floats, sigma: float = 2.0) -> Floats:
    """(n,) values of frame after frame without the jitter of the measurement; the first one is kept.

    Args:
        sigma: frames.
    """
    if len(values) < 3:
        return values
    soft = cv.GaussianBlur(values[None, :].astype(np.float64), (0, 0), sigma, borderType=cv.BORDER_REPLICATE)[0]
    fade = np.minimum(1, np.arange(len(values)) / (3 * sigma))
    return np.asarray(values * (1 - fade) + soft * fade - 0.0)


def camera_matrix(camera: Track, index: int, size: tuple[int, int]) -> Floats:
    """(2, 3): where places of the first frame are in the frame of this number, px of frames of `size`."""
    k = min(index, len(camera.x) - 1)
    width, height = size
    c, s = np.cos(camera.angle[k]) * camera.scale[k], np.sin(camera.angle[k]) * camera.scale[k]
    turn = np.array([[c, -s], [s, c]])
    centre = np.array([width / 2, height / 2])
    shift = centre + np.array([camera.x[k], camera.y[k]]) * height - turn @ centre
    return np.hstack([turn, shift[:, None]])


def path_of(camera: Track, seconds: float, *, start: float, end: float, most: float = 0.45) -> Path:
    """The camera of footage, for a shot.

    Half of what the picture shifts is taken as turning, half as going sideways, so that there is parallax; what grows
    is gone towards.

    Args:
        seconds: length of the shot.
        start, end: when the footage leads, s of the shot; a longer or shorter clip is stretched to it.
        most: how far the picture may shift, picture heights; a longer way is followed on a smaller scale.
    """
    x, y = smoothed(camera.x), smoothed(camera.y)
    scale, angle = smoothed(camera.scale), smoothed(camera.angle)
    x = x * min(1.0, most / max(1e-6, float(np.abs(x).max())))
    y = y * min(1.0, 0.7 * most / max(1e-6, float(np.abs(y).max())))
    widest, closest = 1 / (1 + 0.6 * most), 1 + 1.2 * most

    def path(share: float) -> Pose:
        t = share * seconds
        at = float(np.clip((t - start) / max(1e-3, end - start), 0, 1)) * (len(x) - 1)

        def value(series: Floats) -> float:
            return float(np.interp(at, np.arange(len(series)), series))

        grown = float(np.clip(value(scale), widest, closest))
        sideways, down = value(x), value(y)
        return Pose(
            x=-0.5 * sideways,
            y=-0.5 * down,
            dolly=1 - 1 / grown,
            pan=0.5 * sideways,
            tilt=0.5 * down,
            roll=float(np.clip(value(angle), -0.25, 0.25)),
        )

    return path


def placement_of(thing: Track, seconds: float, *, strength: float = 1.0) -> Callable[[float], Placement]:
    """The movement of a thing, for a subject: where it went, and how it rocked."""
    x, y = smoothed(thing.x, 1.2), smoothed(thing.y, 1.2)
    x, y = np.clip(x * strength, -0.9, 0.9), np.clip(y * strength, -0.5, 0.5)
    lean = np.clip(np.gradient(x) * 4, -0.2, 0.2) if len(x) > 2 else np.zeros_like(x)

    def placement(t: float) -> Placement:
        at = float(np.clip(t / seconds, 0, 1)) * (len(x) - 1)
        index = np.arange(len(x))
        return Placement(
            x=float(np.interp(at, index, x)), y=float(np.interp(at, index, y)), angle=float(np.interp(at, index, lean))
        )

    return placement
