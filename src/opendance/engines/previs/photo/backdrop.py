"""A still picture that lives: layers in depth, moved in parallax; water, leaves and sky that move by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from opendance.engines.previs.camera import Path, Pose, ease, glide
from opendance.engines.previs.compositor import Pixels, pack
from opendance.engines.previs.photo.cutout import edge_quality, sharpened_mask, sky_mask, small_copy, subject_mask
from opendance.engines.previs.photo.depth import inpainted, inverse_depth, raised, subject_depth
from opendance.engines.previs.photo.mesh import apply_gain, draw_mesh, nodes
from opendance.engines.previs.photo.vision import Bytes, Floats, Mask, cv
from opendance.engines.previs.plates import Placement
from opendance.plan import Camera, Shot

_CLEAN_LAYER = 0.955  # edge quality from which what stands in front is a layer of its own
_MARGIN = 0.16  # of the height, around the picture, for what a camera sees beyond it
_FILL_IN = 0.9  # s until what moves by itself has its full strength: the first frame is the picture


class Backdrop(Protocol):
    """Fills a frame."""

    def draw(self, frame: Pixels, pose: Pose, share: float, t: float) -> None:
        """The picture of the moment `t`, s, at this share of the shot, as a camera in `pose` sees it."""
        ...


@dataclass(frozen=True)
class Life:
    """What moves by itself.

    Attributes:
        sky, water, leaves: strength, 0 to 1.5.
        breath: of the subject, 0 to 1.
        light: (red, green, blue) gain that the picture comes to.
        flicker: a candle's light.
    """

    sky: float = 1.0
    water: float = 1.0
    leaves: float = 1.0
    breath: float = 0.0
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flicker: bool = False


_WATER = re.compile(
    r"sea|ocean|lake|river|water|wave|pond|stream|海|湖|河|水|波|瀑|바다|호수|강|물|파도|川", re.IGNORECASE
)
_TURNS = re.compile(
    r"turns?|becomes?|falls?|fades?|changes?|transition|grows? dark|gets? dark|变成"
    r"|变为|渐渐|转为|降临|으로 변|되|바뀌|변하|になる|変わ|移り",
    re.IGNORECASE,
)
_LIVING = re.compile(
    r"\b(?:man|woman|girl|boy|person|people|child|she|he|her|his|cat|dog|animal|horse|bird|portrait|face|baby|lady|model)\b"
    r"|人|女|男|孩|猫|狗|脸|모델|사람|여자|남자|소녀|소년|고양이|강아지|얼굴|彼|犬|顔",
    re.IGNORECASE,
)
_FLICKERS = re.compile(r"candle|flicker|fire|torch|lantern|烛|火|촛불|불꽃|ろうそく|炎|灯", re.IGNORECASE)
_HOUR_LIGHT = {
    "dawn": (1.04, 0.95, 0.98), "golden": (1.12, 0.98, 0.80), "dusk": (0.82, 0.74, 0.94), "night": (0.36, 0.44, 0.74),
}  # fmt: skip


def life_for(shot: Shot, hour_named: bool) -> Life:
    """What the words of a shot bring to life in a picture."""
    text = shot.text
    wind = 1.6 if shot.weather in ("wind", "storm") else 1.0
    light = np.ones(3)
    if hour_named and shot.hour in _HOUR_LIGHT:
        light = 1 + (np.array(_HOUR_LIGHT[shot.hour]) - 1) * (1.0 if _TURNS.search(text) else 0.4)
    if shot.weather in ("rain", "storm"):
        light = light * np.array([0.84, 0.88, 0.94])
    return Life(
        sky=(5.0 if shot.camera.move == "time_lapse" else 1.0) * wind,
        water=1.5 if _WATER.search(text) else 1.0,
        leaves=wind,
        breath=1.0 if _LIVING.search(text) else 0.0,
        light=(float(light[0]), float(light[1]), float(light[2])),
        flicker=_FLICKERS.search(text) is not None,
    )


class Photo:
    """A picture in layers.

    Args:
        picture: (h, w, 3), the frame's size.
        path: the camera's; where it would look beyond the picture it goes a little closer. `cover` sets another.
        layered: whether what stands in front is a layer of its own.
        placement: how the subject's layer moves, relative to how it stands in the picture.
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
    ) -> None:
        height, width = picture.shape[:2]
        self._size, self._life, self._seconds = (width, height), life, seconds
        self._placement = placement
        small = small_copy(picture)
        sky = sky_mask(small)
        mask = subject_mask(small, forbidden=sky) if layered else None
        self._depth = inverse_depth(small, sky, mask)
        if mask is not None:
            # What cannot be told clearly from its surroundings comes nearer with them, and from a point on is not cut
            # loose at all: an outline that is wrong somewhere would tear there.
            doubt = (1 - edge_quality(small, mask)) / (1 - _CLEAN_LAYER)
            if doubt > 1:
                self._depth, mask = raised(self._depth, mask, 0.7, spread=0.12), None
            else:
                self._depth = raised(self._depth, mask, 0.9 * doubt, spread=0.045)
        self._sky = _drifting(sky)
        self._water, self._leaves = _living_regions(small, sky, mask, life)
        self._subject: Pixels | None = None
        behind = picture
        if mask is not None:
            behind = self._take_subject(picture, mask)
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
        px, py, nearness = self._look(pose, closer)
        if self._sky is not None or self._water is not None or self._leaves is not None:
            px, py = self._moved(px, py, t)
        u = (px + width / height / 2) * height - 0.5 + self._margin
        v = (py + 0.5) * height - 0.5 + self._margin
        draw_mesh(frame, self._behind, u.astype(np.float32), v.astype(np.float32), 256, True)
        if self._subject is not None:
            self._draw_subject(frame, pose, closer, t)
        self._light(frame, t, nearness)

    def _take_subject(self, picture: Bytes, small: Bytes) -> Bytes:
        """Keep the subject as a layer and give what is behind it.

        The layer is whole where the picture behind it is made up, and soft only where both are the same picture: laid
        on each other unmoved they are the picture.
        """
        height = picture.shape[0]
        fine = sharpened_mask(picture, small)
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
        self._subject_depth = subject_depth(small)
        return inpainted(picture, core)

    def _look(self, pose: Pose, closer: float) -> tuple[Floats, Floats, Floats]:
        """Where in the picture each node looks, picture heights, and how near that is."""
        qx, qy = self._turned(pose, closer)
        nearness = np.full_like(qx, 0.6)
        px, py = qx, qy
        for _ in range(3):  # how near it is depends on where it looks, and that on how near it is
            px = qx * (1 - pose.dolly * nearness) + pose.x * nearness
            py = qy * (1 - pose.dolly * nearness) + pose.y * nearness
            nearness = self._sample(self._depth, px, py)
        return px, py, nearness

    def _turned(self, pose: Pose, closer: float) -> tuple[Floats, Floats]:
        zoom = pose.zoom * closer
        cos, sin = np.cos(-pose.roll), np.sin(-pose.roll)
        x = (cos * self._qx - sin * self._qy - pose.pan) / zoom
        y = (sin * self._qx + cos * self._qy - pose.tilt) / zoom
        return x.astype(np.float32), y.astype(np.float32)

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
        qx, qy = self._turned(pose, closer)
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
            up = np.clip((foot_y - py) / max(tall, 1e-3), 0, 1.2)
            strength = self._life.breath * min(1.0, t / _FILL_IN)
            py = py + strength * 0.0042 * tall * up * np.sin(1.9 * t)
            px = px + strength * 0.0050 * tall * up**2 * np.sin(0.83 * t)
        u = (px + width / height / 2) * height - 0.5 - left + 1
        v = (py + 0.5) * height - 0.5 - top + 1
        draw_mesh(frame, self._subject, u.astype(np.float32), v.astype(np.float32), 256, False)

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
        edge = np.zeros(self._qx.shape, np.bool_)
        edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = True
        width, height = self._size
        reach = _MARGIN * 0.30
        out: list[float] = []
        whole = (self._qx, self._qy)
        self._qx, self._qy = self._qx[edge][None, :], self._qy[edge][None, :]
        half = width / height / 2
        self._qx = np.clip(self._qx, -half, half)
        self._qy = np.clip(self._qy, -0.5, 0.5)
        for k in range(17):
            pose = path(k / 16)
            opens = pose.dolly < -0.01 or pose.zoom < 0.99  # going back shows what is around the picture
            allowed = _MARGIN * 0.95 if opens else reach
            low, high = 1.0, 1.9
            if self._inside(pose, low, half, allowed):
                out.append(low)
                continue
            for _ in range(9):
                middle = (low + high) / 2
                if self._inside(pose, middle, half, allowed):
                    high = middle
                else:
                    low = middle
            out.append(high)
        self._qx, self._qy = whole
        # Evened out, but never less than is needed, and nothing where the picture is to be as it is.
        wide = np.pad(np.asarray(out), 2, "edge")
        smooth = np.maximum(np.convolve(wide, np.ones(5) / 5, "valid"), out)
        smooth[0], smooth[-1] = (
            (out[0] if out[0] <= 1.001 else smooth[0]),
            (out[-1] if out[-1] <= 1.001 else smooth[-1]),
        )
        return smooth.astype(np.float32)

    def _inside(self, pose: Pose, closer: float, half: float, allowed: float) -> bool:
        px, py, _ = self._look(pose, closer)
        return bool((np.abs(px).max() <= half + allowed) and (np.abs(py).max() <= 0.5 + allowed))


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


def photo_path(camera: Camera, seconds: float, *, focus: tuple[float, float], seed: int, still: bool = False) -> Path:
    """A camera move that begins where the picture was taken: at share 0 it is the picture.

    Args:
        focus: what pushes and orbits keep in sight.
        still: nobody asked for a move: the least that shows depth.
    """
    amount = min(1.35, camera.speed * (0.8 + seconds / 30)) * (0.75 if still else 1.0)
    fx, fy = focus
    move = camera.move
    shaky = camera.handheld or move == "handheld"
    rng = np.random.default_rng(seed)
    shake = [(rng.uniform(0.25, 1.7), rng.uniform(0, 6.28), rng.uniform(0.4, 1.0)) for _ in range(10)]

    def toward(dolly: float, zoom: float = 1.0, roll: float = 0.0) -> Pose:
        scale = zoom / (1 - 0.85 * dolly)
        return Pose(dolly=dolly, zoom=zoom, pan=(1 - scale) * fx * 0.7, tilt=(1 - scale) * fy * 0.7, roll=roll)

    def steady(share: float) -> Pose:
        s, g = ease(share), glide(share)
        sign = -1 if move.endswith(("left", "up")) else 1
        match move:
            case "static" | "handheld":
                return Pose(dolly=0.02 * g)
            case "push_in":
                return toward(0.24 * amount * g)
            case "pull_out":
                return toward(-0.14 * min(1.0, amount) * g)
            case "zoom_in":
                return toward(0.03 * g, 1 + 0.34 * amount * g)
            case "zoom_out":
                return toward(0.0, 1 - 0.18 * min(1.0, amount) * g)
            case "dolly_zoom":
                dolly = 0.30 * amount * s
                return toward(dolly, 1 - 0.9 * dolly)
            case "pan_left" | "pan_right":
                return Pose(pan=-sign * 0.20 * amount * s, dolly=0.02 * g)
            case "tilt_up" | "tilt_down":
                return Pose(tilt=-sign * 0.13 * amount * s, dolly=0.02 * g)
            case "truck_left" | "truck_right":
                return Pose(x=sign * 0.16 * amount * g, dolly=0.03 * g)
            case "tracking":
                return Pose(x=0.15 * amount * g, dolly=0.06 * g)
            case "pedestal_up" | "pedestal_down":
                return Pose(y=sign * 0.12 * amount * g)
            case "crane_up" | "crane_down":
                return Pose(y=sign * 0.15 * amount * s, tilt=sign * 0.07 * amount * s, dolly=0.05 * g)
            case "orbit":
                x = 0.24 * amount * np.sin(np.pi * 0.5 * g)
                return Pose(x=float(x), pan=float(x) * 0.92, dolly=0.05 * g)
            case "whip_pan":
                return Pose(pan=-0.26 * ease((share - 0.40) / 0.16), dolly=0.03 * g)
            case "roll":
                return toward(0.08 * g, 1.0, roll=0.14 * amount * s)
            case "time_lapse":
                return Pose(dolly=0.06 * g)

    def path(share: float) -> Pose:
        pose = steady(share)
        if not shaky:
            return pose
        t = share * seconds
        strength = 0.008 * min(1.0, t / 0.7)
        wobble = [sum(np.sin(6.28 * f * t + p) * a for f, p, a in shake[k : k + 5]) * strength * 0.5 for k in (0, 5)]
        return Pose(
            pose.x, pose.y, pose.dolly, pose.zoom, pose.pan + float(wobble[0]), pose.tilt + float(wobble[1]), pose.roll
        )

    return path
