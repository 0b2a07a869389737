"""A still picture that lives: layers in depth, moved in parallax; water, leaves and sky that move by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from opendance.engines.previs.camera import Path, Pose, ease
from opendance.engines.previs.lanes import Packed, Pixels, pack
from opendance.engines.previs.photo.acting import Acting, Person, flattened, stiff
from opendance.engines.previs.photo.depth import inpainted, inverse_depth, raised, subject_depth
from opendance.engines.previs.photo.life import Life
from opendance.engines.previs.photo.mesh import apply_gain, draw_mesh, nodes
from opendance.engines.previs.photo.outline import Outline, outline_of
from opendance.engines.previs.photo.regions import sky_mask, small_copy
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv
from opendance.engines.previs.plates import Placement

_MARGIN = 0.16  # of the height, around the picture, for what a camera sees beyond it
_FILL_IN = 0.9  # s until what moves by itself has its full strength: the first frame is the picture


class Backdrop(Protocol):
    """Fills a frame."""

    def draw(self, frame: Pixels, pose: Pose, share: float, t: float) -> None:
        """The picture of the moment `t`, s, at this share of the shot, as a camera in `pose` sees it."""
        ...


class Photo:
    """A picture in layers.

    Args:
        picture: (h, w, 3), the frame's size.
        path: the camera's; where it would look beyond the picture it goes a little closer. `cover` sets another.
        layered: whether what stands in front is a layer of its own.
        placement: how the subject's layer moves, relative to how it stands in the picture.
        people: those whose faces are in it.
        seed: of what moves by itself.
    """

    def __init__(
        self,
        picture: Bytes,
        path: Path,
        life: Life,
        *,
        seconds: float,
        seed: int,
        layered: bool = True,
        placement: Callable[[float], Placement] | None = None,
        people: Sequence[Person] = (),
    ) -> None:
        height, width = picture.shape[:2]
        self._size, self._life, self._seconds = (width, height), life, seconds
        self._placement = placement
        small = small_copy(picture)
        sky = sky_mask(small)
        outline = outline_of(picture, small, sky) if layered else None
        mask = None if outline is None else outline.small
        self._depth = inverse_depth(small, sky, mask)
        if outline is not None and mask is not None:
            # What cannot be told clearly from its surroundings comes nearer with them, and from a point on is not cut
            # loose at all: an outline that is wrong somewhere would tear there.
            if outline.doubt > 1:
                self._depth, mask, outline = raised(self._depth, mask, 0.7, spread=0.12), None, None
            else:
                self._depth = raised(self._depth, mask, 0.9 * outline.doubt, spread=0.045)
        faces = stiff(people, (width, height), self._depth.shape)
        self._depth = flattened(self._depth, faces)
        self._sky = _drifting(sky)
        self._water, self._leaves = (
            None if region is None else _apart_from(region, faces) for region in _living_regions(small, sky, mask, life)
        )
        self._subject: Packed | None = None
        behind = picture
        if outline is not None:
            behind = self._take_subject(picture, outline)
        inside = [person for person in people if outline is not None and person.face.is_in(outline.alpha)]
        outside = [person for person in people if all(person is not other for other in inside)]
        self._head = max((person.face for person in inside), key=lambda face: face.height, default=None)
        rests = (_FILL_IN, seconds - _FILL_IN)
        over = None if outline is None else outline.alpha
        self._acting = Acting(picture, inside, over, seed=seed, rests=rests)
        self._acting_behind = Acting(picture, outside, None, seed=seed + 1, rests=rests)
        self._margin = round(height * _MARGIN)
        self._behind = pack(_with_alpha(_extended(behind, self._margin)))
        rng = np.random.default_rng(seed)
        self._phases = rng.uniform(0, 6.28, 8)
        x, y = nodes(width, height)
        self._qx = ((x + 0.5) / height - width / height / 2).astype(np.float32)
        self._qy = ((y + 0.5) / height - 0.5).astype(np.float32)
        self.reverse = False  # what moves by itself comes to rest at the end instead of beginning at rest
        self.cover(path)

    def cover(self, path: Path) -> None:
        """Follow this path: see how close the camera must be along it."""
        self._closer = self._covering(path)

    @property
    def focus(self) -> tuple[float, float]:
        """Where the subject is, picture heights from the middle; the middle where there is none."""
        if self._subject is None:
            return (0.0, 0.0)
        left, top, right, bottom = self._box
        width, height = self._size
        return ((left + right) / 2 / height - width / height / 2, (top + bottom) / 2 / height - 0.5)

    def draw(self, frame: Pixels, pose: Pose, share: float, t: float) -> None:
        if self.reverse:
            t = max(0.0, self._seconds * (1 - share))
        closer = float(np.interp(share, np.linspace(0, 1, len(self._closer)), self._closer))
        width, height = self._size
        px, py, nearness = self._look(pose, closer, (self._qx, self._qy))
        if self._sky is not None or self._water is not None or self._leaves is not None:
            px, py = self._moved(px, py, t)
        u = ((px + width / height / 2) * height - 0.5).astype(np.float32)
        v = ((py + 0.5) * height - 0.5).astype(np.float32)
        draw_mesh(frame, self._behind, u + np.float32(self._margin), v + np.float32(self._margin), 256, True)
        self._act(frame, self._acting_behind, u, v, t)
        if self._subject is not None:
            self._draw_subject(frame, pose, closer, t)
        self._light(frame, t, nearness)

    @staticmethod
    def _act(frame: Pixels, acting: Acting, u: Floats, v: Floats, t: float) -> None:
        """Lay over a picture, of which each node shows the place (u, v), px, what its people do."""
        for part in acting.at(t):
            draw_mesh(frame, part.pixels, u + np.float32(1 - part.left), v + np.float32(1 - part.top), 256, False)

    def _take_subject(self, picture: Bytes, outline: Outline) -> Bytes:
        """Keep the subject as a layer and give what is behind it.

        The layer is whole where the picture behind it is made up, and soft only where both are the same picture: laid
        on each other unmoved they are the picture.
        """
        height = picture.shape[0]
        fine = outline.alpha
        reach = max(2, height // 240)
        core = cv.dilate((fine > 0.35).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
        rim = cv.dilate(core.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(np.float32)
        soft = cv.blur(rim, (2 * reach + 1, 2 * reach + 1))
        alpha = np.where(core, np.float32(1), soft).astype(np.float32)
        rows, columns = np.flatnonzero((alpha > 0).any(axis=1)), np.flatnonzero((alpha > 0).any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        self._box = (left, top, right, bottom)
        part, a = picture[top:bottom, left:right], alpha[top:bottom, left:right]
        rgba = np.dstack([(part * a[..., None] + 0.5).astype(np.uint8), (a * 255 + 0.5).astype(np.uint8)])
        self._subject = pack(np.asarray(cv.copyMakeBorder(rgba, 1, 1, 1, 1, cv.BORDER_CONSTANT), np.uint8))
        self._subject_depth = subject_depth(outline.small)
        return inpainted(picture, core)

    def _look(self, pose: Pose, closer: float, places: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
        """Where in the picture each of these places of the frame looks, picture heights, and how near that is."""
        qx, qy = _turned(pose, closer, places)
        nearness = np.full_like(qx, 0.6)
        px, py = qx, qy
        for _ in range(3):  # how near it is depends on where it looks, and that on how near it is
            px = qx * (1 - pose.dolly * nearness) + pose.x * nearness
            py = qy * (1 - pose.dolly * nearness) + pose.y * nearness
            nearness = self._sample(self._depth, px, py)
        return px, py, nearness

    def _sample(self, field: Floats, px: Floats, py: Floats) -> Floats:
        """A field of the working size, read at places in picture heights."""
        rows, columns = field.shape
        width, height = self._size
        u = (px * (height / width) + 0.5) * columns - 0.5
        v = (py + 0.5) * rows - 0.5
        return np.asarray(
            cv.remap(
                field, u.astype(np.float32), v.astype(np.float32), cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE
            ),
            np.float32,
        )

    def _moved(self, px: Floats, py: Floats, t: float) -> tuple[Floats, Floats]:
        strength = min(1.0, t / _FILL_IN)
        a, b, c, d, *_ = self._phases
        dx, dy = np.zeros_like(px), np.zeros_like(py)
        if self._sky is not None:
            dx += self._sample(self._sky, px, py) * min(0.15, 0.012 * self._life.sky * t)
        if self._water is not None:
            wet = self._sample(self._water, px, py) * strength * self._life.water
            # Nearer waves are longer: the lower in the picture, the farther apart.
            row = np.log(np.maximum(py + 0.62, 0.05)) * 26
            dx += wet * 0.0040 * (np.sin(row * 1.7 + 3.1 * t + px * 9 + a) + 0.6 * np.sin(row * 0.8 - 2.2 * t + b))
            dy += wet * 0.0028 * np.sin(row * 1.3 - 2.6 * t + px * 14 + c)
        if self._leaves is not None:
            green = self._sample(self._leaves, px, py) * strength * self._life.leaves
            gust = 0.7 + 0.5 * np.sin(0.9 * t - px * 1.3 + d)
            dx += green * gust * 0.0034 * np.sin(3.4 * t + px * 17 + np.sin(py * 13 + a) * 2)
            dy += green * gust * 0.0016 * np.sin(4.3 * t + px * 11 - py * 19 + b)
        return (px + dx).astype(np.float32), (py + dy).astype(np.float32)

    def _draw_subject(self, frame: Pixels, pose: Pose, closer: float, t: float) -> None:
        assert self._subject is not None
        width, height = self._size
        qx, qy = _turned(pose, closer, (self._qx, self._qy))
        w = self._subject_depth
        px = qx * (1 - pose.dolly * w) + pose.x * w
        py = qy * (1 - pose.dolly * w) + pose.y * w
        left, top, right, bottom = self._box
        foot_x, foot_y = (left + right) / 2 / height - width / height / 2, bottom / height - 0.5
        tall = (bottom - top) / height
        if self._placement is not None:
            p = self._placement(t)
            rx, ry = px - foot_x - p.x, py - foot_y - p.y
            c, s = np.cos(-p.angle), np.sin(-p.angle)
            rx, ry = c * rx - s * ry, s * rx + c * ry
            px, py = rx / max(0.2, p.scale_x) + foot_x, ry / max(0.2, p.scale_y) + foot_y
        if self._life.breath:
            up = self._stiff_head(np.clip((foot_y - py) / max(tall, 1e-3), 0, 1.2), foot_y, tall)
            strength = self._life.breath * min(1.0, t / _FILL_IN)
            py = py + strength * 0.0042 * tall * up * np.sin(1.9 * t)
            px = px + strength * 0.0050 * tall * up**2 * np.sin(0.83 * t)
        u = ((px + width / height / 2) * height - 0.5).astype(np.float32)
        v = ((py + 0.5) * height - 0.5).astype(np.float32)
        draw_mesh(frame, self._subject, u + np.float32(1 - left), v + np.float32(1 - top), 256, False)
        self._act(frame, self._acting, u, v, t)

    def _stiff_head(self, up: Floats, foot: float, tall: float) -> Floats:
        """`up`, in the subject's heights over its foot, one for all of a face, which does not sway in itself."""
        if self._head is None:
            return up
        rows = self._head.points[:, 1] / self._size[1] - 0.5
        low, high = (float((foot - row) / max(tall, 1e-3)) for row in (rows.max(), rows.min()))
        return np.where(up < low, up, np.maximum(low, up - (high - low))).astype(np.float32)

    def _light(self, frame: Pixels, t: float, nearness: Floats) -> None:
        life = self._life
        target = np.array(life.light, np.float32)
        clouds = 0.05 if self._sky is not None else 0.0
        if not clouds and not life.flicker and np.allclose(target, 1):
            return
        gain = np.ones((*nearness.shape, 3), np.float32)
        gain *= 1 + (target - 1) * np.float32(ease(min(1.0, t / max(1.0, 0.7 * self._seconds))))
        if clouds:
            strength = clouds * min(1.0, t / (2 * _FILL_IN))
            a, b = self._phases[4:6]
            drift = np.sin(self._qx * 3.1 + self._qy * 1.7 - 0.5 * t + a) * np.sin(self._qx * 1.3 - 0.31 * t + b)
            gain *= (1 - strength * np.clip(drift + 0.1, 0, 1))[..., None]
        if life.flicker:
            beat = 0.05 * np.sin(11.3 * t) + 0.04 * np.sin(17.9 * t + 1) + 0.03 * np.sin(5.1 * t + 2)
            gain *= 1 + np.float32(beat * min(1.0, t / _FILL_IN)) * np.array([1.0, 0.9, 0.6], np.float32)
        apply_gain(frame, gain)

    def _covering(self, path: Path) -> Floats:
        """How much closer the camera must be along its way, so that it does not look over the picture's edge."""
        width, height = self._size
        half = width / height / 2
        edge = np.zeros(self._qx.shape, np.bool_)
        edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = True
        places = (np.clip(self._qx[edge][None], -half, half), np.clip(self._qy[edge][None], -0.5, 0.5))

        def inside(pose: Pose, closer: float, allowed: float) -> bool:
            px, py, _ = self._look(pose, closer, places)
            return bool((np.abs(px).max() <= half + allowed) and (np.abs(py).max() <= 0.5 + allowed))

        out: list[float] = []
        for k in range(17):
            pose = path(k / 16)
            opens = pose.dolly < -0.01 or pose.zoom < 0.99  # going back shows what is around the picture
            allowed = _MARGIN * (0.95 if opens else 0.30)
            low, high = 1.0, 1.9
            if inside(pose, low, allowed):
                out.append(low)
                continue
            for _ in range(9):
                middle = (low + high) / 2
                if inside(pose, middle, allowed):
                    high = middle
                else:
                    low = middle
            out.append(high)
        # Evened out, but never less than is needed, and nothing where the picture is to be as it is.
        wide = np.pad(np.asarray(out), 2, "edge")
        smooth = np.maximum(np.convolve(wide, np.ones(5) / 5, "valid"), out)
        smooth[0], smooth[-1] = (
            (out[0] if out[0] <= 1.001 else smooth[0]),
            (out[-1] if out[-1] <= 1.001 else smooth[-1]),
        )
        return smooth.astype(np.float32)


def _turned(pose: Pose, closer: float, places: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Places of the frame with turning, zoom and roll undone."""
    x, y = places
    zoom = pose.zoom * closer
    cos, sin = np.cos(-pose.roll), np.sin(-pose.roll)
    return (
        ((cos * x - sin * y - pose.pan) / zoom).astype(np.float32),
        ((sin * x + cos * y - pose.tilt) / zoom).astype(np.float32),
    )


def _drifting(sky: Mask) -> Floats | None:
    """(h, w): how far each place of the sky drifts, 0 at its lower edge, so that nothing tears there."""
    if not sky.any():
        return None
    solid = cv.erode(sky.astype(np.uint8), np.ones((3, 3), np.uint8))
    away = cv.distanceTransform(cv.copyMakeBorder(solid, 1, 0, 0, 0, cv.BORDER_REPLICATE), cv.DIST_L2, 5)[1:]
    reach = max(6.0, 0.22 * sky.shape[0])
    share = np.clip(away / reach, 0, 1)
    return np.asarray(cv.GaussianBlur((share * share * (3 - 2 * share)).astype(np.float32), (0, 0), 2.5), np.float32)


def _living_regions(small: Bytes, sky: Mask, subject: Bytes | None, life: Life) -> tuple[Floats | None, Floats | None]:
    """(h, w) 0 to 1: water and foliage, None where there is none."""
    rgb = small.astype(np.int16)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    height = sky.shape[0]
    free = ~sky
    if subject is not None:
        free &= cv.dilate(subject, np.ones((5, 5), np.uint8)) == 0
    y = np.linspace(0, 1, height)[:, None]
    skyline = (
        float(np.where(sky.any(axis=0), height - np.argmax(sky[::-1], axis=0), 0).max() / height) if sky.any() else 0.0
    )
    grey = cv.cvtColor(small, cv.COLOR_RGB2GRAY).astype(np.float32)
    detail = cv.GaussianBlur(np.abs(cv.Laplacian(grey, cv.CV_32F)), (0, 0), 4)
    bound = 2 if life.water > 1.2 else 18
    wet = free & (blue - red > bound) & (blue - green > -12) & (y > max(0.3, skyline - 0.02))
    leafy = free & (green - red > 4) & (green - blue > 12) & (detail > 3.0)
    return _soft_region(wet, 0.06 if life.water > 1.2 else 0.12), _soft_region(leafy, 0.04)


def _apart_from(region: Floats, faces: Sequence[Floats]) -> Floats:
    for face in faces:
        region = (region * (1 - face)).astype(np.float32)
    return region


def _soft_region(mask: Mask, least: float) -> Floats | None:
    whole = np.asarray(cv.morphologyEx(mask.astype(np.uint8), cv.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    whole = np.asarray(cv.morphologyEx(whole, cv.MORPH_CLOSE, np.ones((7, 7), np.uint8)))
    if float(whole.mean()) < least:
        return None
    inner = np.asarray(cv.erode(whole, np.ones((3, 3), np.uint8)), np.float32)
    return np.asarray(cv.GaussianBlur(inner, (0, 0), 2.2), np.float32)


def _extended(picture: Bytes, margin: int) -> Bytes:
    """The picture with its surroundings guessed: mirrored, and softer the farther out."""
    wide = np.asarray(cv.copyMakeBorder(picture, margin, margin, margin, margin, cv.BORDER_REFLECT_101), np.uint8)
    height, width = wide.shape[:2]
    soft = cv.resize(wide, (width // 8, height // 8), interpolation=cv.INTER_AREA)
    soft = cv.resize(cv.GaussianBlur(soft, (0, 0), 2.2), (width, height), interpolation=cv.INTER_CUBIC)
    x, y = _beyond(width, margin), _beyond(height, margin)
    share = np.clip(np.maximum(x[None, :], y[:, None]) * 1.5 - 0.25, 0, 0.85).astype(np.float32)[..., None]
    return (wide * (1 - share) + np.asarray(soft, np.float32) * share).astype(np.uint8)


def _beyond(length: int, margin: int) -> Floats:
    """(length,) how far each place is in the margin: 0 in the picture, 1 at the outer edge."""
    places: Floats = np.linspace(0, length - 1, length)
    return np.maximum(np.maximum(margin - places, places - (length - 1 - margin)), 0) / margin


def _with_alpha(rgb: Bytes) -> Bytes:
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
