"""What grounds and walls are made of: patterns in metres, on a canvas that is painted already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.colour import Colour
from opendance.engines.previs.paint import Canvas, Floats, noise, repeated

Surface = Literal[
    "plain", "planks", "tiles", "checkered", "marble", "stone", "brick", "cobbles", "asphalt", "concrete", "carpet",
    "metal", "earth", "grass", "sand", "snow", "ice", "tatami", "water", "wallpaper", "panels", "plaster", "paper",
]  # fmt: skip

# The usual colour of each, sRGB.
COLOURS: Mapping[Surface, Colour] = {
    "plain": (0.78, 0.74, 0.70), "planks": (0.52, 0.36, 0.25), "tiles": (0.80, 0.80, 0.78),
    "checkered": (0.84, 0.82, 0.78), "marble": (0.88, 0.86, 0.83), "stone": (0.55, 0.53, 0.50),
    "brick": (0.60, 0.34, 0.27), "cobbles": (0.50, 0.47, 0.45), "asphalt": (0.27, 0.27, 0.29),
    "concrete": (0.58, 0.57, 0.56), "carpet": (0.50, 0.22, 0.24), "metal": (0.46, 0.49, 0.53),
    "earth": (0.44, 0.33, 0.24), "grass": (0.30, 0.46, 0.22), "sand": (0.84, 0.72, 0.52), "snow": (0.92, 0.94, 0.97),
    "ice": (0.72, 0.84, 0.92), "tatami": (0.72, 0.68, 0.46), "water": (0.18, 0.36, 0.42),
    "wallpaper": (0.76, 0.68, 0.60), "panels": (0.42, 0.28, 0.20), "plaster": (0.86, 0.82, 0.76),
    "paper": (0.93, 0.90, 0.82),
}  # fmt: skip
SHINE: Mapping[Surface, float] = {
    "marble": 0.35, "tiles": 0.22, "checkered": 0.24, "planks": 0.12, "metal": 0.25, "ice": 0.4, "water": 0.5,
}  # fmt: skip
"""How much of the sky a ground mirrors, 0 to 1."""


def _chance(*cells: npt.NDArray[Any]) -> Floats:
    """A number for each cell, 0 to 1, the same whenever it is asked for."""
    mixed = sum(cell * factor for cell, factor in zip(cells, (12.9898, 78.233), strict=False))
    return np.asarray(np.abs(np.sin(mixed) * 43758.5453) % 1)


def _joint(place: Floats, width: float) -> Floats:
    """1 at the joints between cells of length 1, falling to 0 within `width`."""
    away = np.abs((place + 0.5) % 1 - 0.5)
    return np.clip(1 - away / width, 0, 1)


def _planks(across: Floats, along: Floats) -> Floats:
    board = np.floor(across / 0.18)
    tone = _chance(board)
    end = _joint(along / 2.6 + tone * 5, 0.008)
    return 1 + (tone - 0.5) * 0.24 - 0.35 * np.maximum(_joint(across / 0.18, 0.05), end)


def _tiles(across: Floats, along: Floats, side: float = 0.4, joint: float = 0.03) -> Floats:
    x, y = np.floor(across / side), np.floor(along / side)
    gap = np.maximum(_joint(across / side, joint), _joint(along / side, joint))
    return 1 + (_chance(x, y) - 0.5) * 0.08 - 0.28 * gap


def _checkered(across: Floats, along: Floats) -> Floats:
    dark = (np.floor(across / 0.45) + np.floor(along / 0.45)) % 2
    return _tiles(across, along, 0.45, 0.015) * (1 - 0.62 * dark)


def _brick(across: Floats, along: Floats) -> Floats:
    row = np.floor(along / 0.085)
    shifted = across / 0.24 + 0.5 * (row % 2)
    gap = np.maximum(_joint(shifted, 0.05), _joint(along / 0.085, 0.12))
    return 1 + (_chance(np.floor(shifted), row) - 0.5) * 0.30 + 0.25 * gap


def _stone(across: Floats, along: Floats) -> Floats:
    row = np.floor(along / 0.42)
    shifted = across / (0.55 + 0.25 * _chance(row)) + _chance(row + 7)
    gap = np.maximum(_joint(shifted, 0.03), _joint(along / 0.42, 0.04))
    return 1 + (_chance(np.floor(shifted), row) - 0.5) * 0.22 - 0.34 * gap


def _cobbles(across: Floats, along: Floats) -> Floats:
    row = np.floor(along / 0.14)
    x = across / 0.15 + 0.5 * (row % 2)
    round_ = np.hypot((x % 1 - 0.5), (along / 0.14 % 1 - 0.5)) * 2
    return 0.95 + (_chance(np.floor(x), row) - 0.5) * 0.22 + 0.16 * (1 - round_) - 0.30 * np.clip(round_ - 0.85, 0, 1)


def _metal(across: Floats, along: Floats) -> Floats:
    return _tiles(across, along, 1.2, 0.012) - 0.1 * _joint(along / 0.15, 0.06)


def _tatami(across: Floats, along: Floats) -> Floats:
    row = np.floor(along / 0.9)
    edge = np.maximum(_joint(across / 1.8 + 0.5 * (row % 2), 0.018), _joint(along / 0.9, 0.035))
    return 1 + 0.05 * np.sin(across * 260) * (1 - edge) - 0.55 * edge


def _wallpaper(across: Floats, along: Floats) -> Floats:
    return 1 + 0.05 * np.sign(np.sin(across * 16)) + 0.02 * np.sin(along * 40) * np.sin(across * 40)


def _panels(across: Floats, along: Floats) -> Floats:
    frame = np.maximum(_joint(across / 0.6, 0.06), _joint(along / 1.1, 0.05))
    inner = np.maximum(_joint(across / 0.6 + 0.13, 0.02), _joint(across / 0.6 - 0.13, 0.02))
    return 1 - 0.30 * frame + 0.12 * inner


def _paper(across: Floats, along: Floats) -> Floats:
    bars = np.maximum(_joint(across / 0.28, 0.05), _joint(along / 0.34, 0.045))
    frame = np.maximum(_joint(across / 1.12, 0.03), _joint(along / 2.05, 0.02))
    return 1 - 0.55 * np.maximum(bars * 0.8, frame)


_PATTERNS: Mapping[Surface, Callable[[Floats, Floats], Floats]] = {
    "planks": _planks, "tiles": _tiles, "checkered": _checkered, "brick": _brick, "stone": _stone, "cobbles": _cobbles,
    "metal": _metal, "tatami": _tatami, "wallpaper": _wallpaper, "panels": _panels, "paper": _paper,
    "concrete": lambda across, along: _tiles(across, along, 2.4, 0.006),
}  # fmt: skip


def pattern(surface: Surface, across: Floats, along: Floats, far: Floats | float = 1.0) -> Floats:
    """How light the surface is at places in metres, about 1; they broadcast to a shape.

    Args:
        far: 1 near, towards 0 where cells are smaller than a pixel and only their mean is seen.
    """
    draw = _PATTERNS.get(surface)
    if draw is None:
        return np.ones(np.broadcast_shapes(np.shape(across), np.shape(along)), np.float32)
    return (1 + (draw(across, along) - 1) * far).astype(np.float32)


def veins(canvas: Canvas, rng: np.random.Generator, across: Floats, along: Floats, strength: float = 1.0) -> None:
    """The dark veins of marble, over what is painted."""
    grain = noise(256, 256, rng, base=3, octaves=6)
    value = repeated(grain, along * 60, across * 60)
    cover = np.exp(-np.abs(value - 0.5) * 42) * 0.30 * strength
    canvas.tint((0.36, 0.34, 0.33), cover.astype(np.float32))
