"""The inner loops of painting: light, shade and ground, onto (h, w, 4) uint8, premultiplied."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.jit import compiled, inlined

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@compiled
def add_light(part: Bytes, light: Floats, red: float, green: float, blue: float) -> None:
    """Add a colour (0 to 1) times light (h, w), 0 to 255, and hide nothing."""
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            value = light[y, x]
            if value > np.float32(0.0):
                part[y, x, 0] = np.uint8(min(255.0, part[y, x, 0] + value * red))
                part[y, x, 1] = np.uint8(min(255.0, part[y, x, 1] + value * green))
                part[y, x, 2] = np.uint8(min(255.0, part[y, x, 2] + value * blue))


@compiled
def shade(rgba: Bytes, factors: Floats) -> None:
    """Darken or lighten by factors (h, w), no brighter than its alpha lets it be."""
    for y in range(factors.shape[0]):
        for x in range(factors.shape[1]):
            factor, most = factors[y, x], np.float32(rgba[y, x, 3])
            for channel in range(3):
                value = np.float32(rgba[y, x, channel]) * factor
                rgba[y, x, channel] = np.uint8(max(np.float32(0.0), min(value, most)))


@inlined
def _folded(place: np.float32, length: int) -> int:
    along = int(np.floor(place)) % (2 * length)
    return min(along, 2 * length - 1 - along)


@compiled
def lay_ground(
    rgba: Bytes,
    colours: Floats,
    across: Floats,
    depth: Floats,
    pattern: Floats,
    spots: Floats,
    scale: float,
    texture: float,
    haze: Floats,
    air: Floats,
    dither: Floats,
) -> None:
    """Fill a floor with uneven ground that goes into the haze.

    Args:
        colours: (h, 3) by row.
        across: (w,) x of each column at depth 1; `depth`: (h,) of each row.
        pattern: (n, n) unevenness, 0 to 1, `scale` cells in one picture height; mirrored at its borders.
        spots: (m, m) of light through leaves, or (0, 0).
        texture: strength of the unevenness.
        haze: (h,) share of the `air`'s colour, (3,).
        dither: (h,), 0 to 1.
    """
    fine, broad = np.float32(scale), np.float32(scale / 7)
    one, zero, half = np.float32(1.0), np.float32(0.0), np.float32(0.5)
    for y in range(rgba.shape[0]):
        z = depth[y]
        fade = min(one, max(zero, np.float32(1.4) / z))
        near, wide = np.float32(texture) * fade, np.float32(texture * 1.3) * min(fade * np.float32(2.0), one)
        row, broad_row = pattern[_folded(z * fine, pattern.shape[0])], pattern[_folded(z * broad, pattern.shape[0])]
        clear = one - haze[y]
        for x in range(rgba.shape[1]):
            place = across[x] * z
            value = row[_folded(place * fine, pattern.shape[1])] - half
            value = value * near + (broad_row[_folded(place * broad, pattern.shape[1])] - half) * wide
            light = one + value * np.float32(2.0)
            if spots.shape[0] > 0:
                spot = spots[
                    _folded(z * np.float32(70.0), spots.shape[0]), _folded(place * np.float32(70.0), spots.shape[1])
                ]
                sunny = min(one, max(zero, (spot - np.float32(0.56)) * np.float32(6.0)))
                light *= np.float32(0.82) + np.float32(0.75) * sunny * fade
            for channel in range(3):
                colour = colours[y, channel] * light * clear + air[channel] * haze[y]
                rgba[y, x, channel] = np.uint8(min(np.float32(255.0), max(zero, colour * 255 + dither[y])))
            rgba[y, x, 3] = 255
