"""Drawing plates: shapes, gradients, noise, glow, on a canvas measured in picture heights."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.colour import Colour, gradient
from opendance.engines.previs.fills import add_light, shade
from opendance.engines.previs.lanes import Packed, pack

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
_SHIFT = 4  # sub-pixel bits of OpenCV's drawing calls


def noise(height: int, width: int, rng: np.random.Generator, *, base: float = 4.0, octaves: int = 5) -> Floats:
    """Fractal value noise, (height, width), 0 to 1.

    Args:
        base: cells over the height in the first octave.
    """
    total = np.zeros((height, width), np.float32)
    strength, cells = 1.0, base
    for _ in range(octaves):
        rows = max(2, round(cells) + 2)
        columns = max(2, round(cells * width / height) + 2)
        grid = rng.random((rows, columns), dtype=np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        strength, cells = strength * 0.5, cells * 2
        if cells > height:
            break
    total -= total.min()
    return total / max(1e-6, float(total.max()))


def bands(height: int) -> Generator[slice]:
    """Bands of rows: large pictures are worked on piece by piece, which needs less memory and stays in the cache."""
    for begin in range(0, height, 96):
        yield slice(begin, min(height, begin + 96))


def repeated(pattern: Floats, rows: Floats, columns: Floats) -> Floats:
    """A pattern (h, w) over an endless plane, mirrored at its borders so that no seam shows.

    Args:
        rows, columns: places in it; they broadcast to the shape of what comes back.
    """
    return pattern[_folded(rows, pattern.shape[0]), _folded(columns, pattern.shape[1])]


def _folded(places: Floats, length: int) -> npt.NDArray[np.int64]:
    along = np.mod(np.floor(places), 2 * length).astype(np.int64)
    return np.minimum(along, 2 * length - 1 - along)


def skyline(
    length: int, rng: np.random.Generator, *, base: float = 3.0, roughness: float = 0.5, octaves: int = 7
) -> Floats:
    """A ridge: (length,) heights, 0 to 1."""
    total = np.zeros(length, np.float32)
    strength, cells = 1.0, base
    at = np.linspace(0, 1, length, dtype=np.float32)
    for _ in range(octaves):
        knots = int(cells) + 2
        values = rng.random(knots, dtype=np.float32)
        place = at * (knots - 1)
        k = np.minimum(place.astype(int), knots - 2)
        f = place - k
        f = f * f * (3 - 2 * f)
        total += strength * (values[k] * (1 - f) + values[k + 1] * f)
        strength, cells = strength * roughness, cells * 2.1
    total -= total.min()
    return total / max(1e-6, float(total.max()))


class Canvas:
    """A transparent picture to draw on; coordinates in picture heights, colours sRGB 0 to 1.

    Args:
        box: left, top, right, bottom.
        density: pixels for one picture height.
    """

    def __init__(self, box: tuple[float, float, float, float], density: float) -> None:
        self.left, self.top, right, bottom = box
        self.density = density
        self.width = max(4, int(np.ceil((right - self.left) * density)))
        self.height = max(4, int(np.ceil((bottom - self.top) * density)))
        self.rgba: Bytes = np.zeros((self.height, self.width, 4), np.uint8)

    # ── places ──

    def px(self, x: float) -> float:
        return (x - self.left) * self.density

    def py(self, y: float) -> float:
        return (y - self.top) * self.density

    @property
    def xs(self) -> Floats:
        """(width,) x of each column."""
        return (self.left + (np.arange(self.width, dtype=np.float32) + 0.5) / self.density).astype(np.float32)

    @property
    def ys(self) -> Floats:
        """(height,) y of each row."""
        return (self.top + (np.arange(self.height, dtype=np.float32) + 0.5) / self.density).astype(np.float32)

    # ── shapes ──

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """A filled shape."""
        cv2.fillPoly(self.rgba, [self._corners(points)], _solid(colour), cv2.LINE_AA, _SHIFT)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """A filled box."""
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0) -> None:
        """A filled ellipse; `angle` in degrees."""
        one = 1 << _SHIFT
        cv2.ellipse(
            self.rgba,
            (round(self.px(x) * one), round(self.py(y) * one)),
            (max(1, round(rx * self.density * one)), max(1, round(ry * self.density * one))),
            angle, 0, 360, _solid(colour), -1, cv2.LINE_AA, _SHIFT,
        )  # fmt: skip

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, thickness: float) -> None:
        """A stroke; `thickness` in picture heights."""
        cv2.polylines(
            self.rgba,
            [self._corners(points)],
            False,
            _solid(colour),
            max(1, round(thickness * self.density)),
            cv2.LINE_AA,
            _SHIFT,
        )

    def _corners(self, points: Sequence[tuple[float, float]]) -> npt.NDArray[np.int32]:
        """(n, 2) in the sub-pixels of OpenCV's drawing calls."""
        scale, left, top = self.density * (1 << _SHIFT), self.left, self.top
        return np.array([(round((x - left) * scale), round((y - top) * scale)) for x, y in points], np.int32)

    def ridge(self, tops: Floats, colours: Floats) -> None:
        """Fill below a ridge.

        Args:
            tops: (width,) y of the ridge at each column.
            colours: (height, 3) by row, or (height, width, 3).
        """
        cover = np.clip((self.ys[:, None] - tops[None, :]) * self.density + 0.5, 0, 1)
        self.blend(colours if colours.ndim == 3 else np.broadcast_to(colours[:, None, :], (*cover.shape, 3)), cover)

    # ── surfaces ──

    def fill(self, stops: list[tuple[float, Colour]], rng: np.random.Generator | None = None) -> None:
        """Cover everything with a gradient from the top (0) to the bottom (1); `rng` dithers it against bands."""
        colours = np.broadcast_to(gradient(stops, self.height)[:, None, :], (self.height, self.width, 3)) * 255
        if rng is not None:
            tile = rng.random((self.height, min(self.width, 509), 1), dtype=np.float32)
            colours = colours + np.tile(tile, (1, -(-self.width // tile.shape[1]), 1))[:, : self.width]
        self.rgba[..., :3] = np.clip(colours, 0, 255).astype(np.uint8)
        self.rgba[..., 3] = 255

    def blend(self, colours: Floats | Colour, cover: Floats) -> None:
        """Lay colours (h, w, 3) or one colour over, with a cover (h, w), 0 to 1."""
        rgb = np.asarray(colours, np.float32)
        for band in bands(self.height):
            c = cover[band, :, None].astype(np.float32)
            if float(c.max()) <= 0.002:
                continue
            part = self.rgba[band].astype(np.float32) * (1 - c)
            part[..., :3] += (rgb[band] if rgb.ndim == 3 else rgb) * c * 255
            part[..., 3:] += c * 255
            self.rgba[band] = np.minimum(part + np.float32(0.5), 255).astype(np.uint8)

    def tint(self, colours: Floats | Colour, share: Floats | float) -> None:
        """Mix what is drawn towards colours, keeping its shape; `share` broadcasts to (h, w)."""
        shares = np.broadcast_to(np.asarray(share, np.float32), (self.height, self.width))
        columns = np.flatnonzero(shares.max(axis=0) > 0.002)
        if columns.size == 0:
            return
        across = slice(int(columns[0]), int(columns[-1]) + 1)
        rgb = np.asarray(colours, np.float32)
        for band in bands(self.height):
            s = shares[band, across, None]
            if float(s.max()) <= 0.002:
                continue
            part = self.rgba[band, across].astype(np.float32)
            target = (rgb[band, across] if rgb.ndim == 3 else rgb) * part[..., 3:]
            part[..., :3] += (target - part[..., :3]) * s
            self.rgba[band, across] = (part + np.float32(0.5)).astype(np.uint8)

    def multiply(self, factor: Floats) -> None:
        """Darken or lighten what is drawn; (h, w) or anything that broadcasts to it."""
        shade(self.rgba, np.ascontiguousarray(np.broadcast_to(factor, (self.height, self.width)), np.float32))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float, power: float = 2.0) -> None:
        """Add light around a point: exp(-(distance / radius) ** power). It adds colour and hides nothing."""
        reach = radius * (4.0 if power < 1.5 else 2.4)
        x0, x1 = max(0, int(self.px(x - reach))), min(self.width, int(self.px(x + reach)) + 1)
        y0, y1 = max(0, int(self.py(y - reach))), min(self.height, int(self.py(y + reach)) + 1)
        if x0 >= x1 or y0 >= y1:
            return
        dx, dy = self.xs[x0:x1] - x, self.ys[y0:y1] - y
        edge = np.exp(-((reach / radius) ** power))
        if power == 2.0:  # then it is a product of what it is along x and along y
            falloff = np.exp(-((dy / radius) ** 2))[:, None] * np.exp(-((dx / radius) ** 2))[None, :]
        else:
            falloff = np.exp(-((np.sqrt(dx[None, :] ** 2 + dy[:, None] ** 2) / radius) ** power))
        light = np.maximum(falloff - edge, 0) * (strength * 255)
        add_light(self.rgba[y0:y1, x0:x1], light.astype(np.float32, copy=False), *(float(share) for share in colour))

    def blur(self, sigma: float) -> None:
        """Out of focus; `sigma` in picture heights. Wide blurs work at a smaller size."""
        pixels = sigma * self.density
        if pixels < 0.35:
            return
        self.rgba = blurred(self.rgba, pixels)

    def halve(self) -> None:
        """Half the density: what is out of focus shows no more than that."""
        width, height = self.width // 2, self.height // 2
        self.rgba = np.asarray(
            cv2.resize(self.rgba[: height * 2, : width * 2], (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
        self.width, self.height, self.density = width, height, self.density / 2

    def rim(self, light_x: float, light_y: float, colour: Colour, strength: float, width: float) -> None:
        """Light along the edges that face (light_x, light_y): alpha minus its blurred copy, shifted away from it."""
        self.rgba = with_rim(self.rgba, (light_x, light_y), colour, strength, width * self.density)

    def pixels(self) -> Packed:
        """The picture for the compositor, (height, width)."""
        return pack(self.rgba)


def blurred(rgba: Bytes, sigma: float) -> Bytes:
    """Gaussian blur of (h, w, 4), premultiplied, with `sigma` in pixels; wide blurs work at a smaller size."""
    factor = 1
    while sigma / factor > 5 and min(rgba.shape[:2]) // factor > 16:
        factor *= 2
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(rgba, (0, 0), sigma), np.uint8)
    height, width = rgba.shape[:2]
    small = cv2.resize(rgba, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def with_rim(rgba: Bytes, towards: tuple[float, float], colour: Colour, strength: float, width: float) -> Bytes:
    """A picture (h, w, 4), premultiplied, with light along the edges that face the direction `towards`.

    Args:
        towards: x right and y down, of any length.
        strength: 0 to 1.
        width: pixels.
    """
    alpha = np.ascontiguousarray(rgba[..., 3])
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.6, width))
    length = max(1e-6, float(np.hypot(*towards)))
    dx, dy = -towards[0] / length * width * 1.5, -towards[1] / length * width * 1.5
    size = (alpha.shape[1], alpha.shape[0])
    shifted = cv2.warpAffine(soft, np.array([[1, 0, dx], [0, 1, dy]], np.float32), size)
    edge = cv2.multiply(cv2.subtract(alpha, shifted), alpha, scale=strength / 255)
    channels = [cv2.min(cv2.add(rgba[..., k], cv2.convertScaleAbs(edge, alpha=colour[k])), alpha) for k in range(3)]
    return np.asarray(cv2.merge([*channels, alpha]), np.uint8)


def _solid(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = colour
    return (_byte(red), _byte(green), _byte(blue), 255)


def _byte(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * 255)
