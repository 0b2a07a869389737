"""What things can be made of, as maps: a ramp of colours over a drawing's shades, a texture, gloss, transparency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.colour import Colour
from opendance.engines.previs.paint import noise
from opendance.plan import Material

Floats = npt.NDArray[np.float32]
Pattern = Callable[[int, int, np.random.Generator], Floats]


def _noise(height: int, width: int, rng: np.random.Generator, base: float, octaves: int = 5) -> Floats:
    return np.asarray(noise(height, width, rng, base=base, octaves=octaves), np.float32)


def _ridges(height: int, width: int, rng: np.random.Generator, base: float, sharpness: float) -> Floats:
    """Thin lines where a noise crosses its middle."""
    return np.exp(-np.abs(_noise(height, width, rng, base) - 0.5) * sharpness).astype(np.float32)


def _cracks(height: int, width: int, rng: np.random.Generator) -> Floats:
    return _ridges(height, width, rng, 5, 60)


def _veins(height: int, width: int, rng: np.random.Generator) -> Floats:
    return (-_ridges(height, width, rng, 2.5, 40) - 0.5 * _ridges(height, width, rng, 5, 60)).astype(np.float32)


def _crust(height: int, width: int, rng: np.random.Generator) -> Floats:
    plates = _ridges(height, width, rng, 3.5, 16) + 0.6 * _ridges(height, width, rng, 7, 30)
    return (plates * 1.3 - 0.55).astype(np.float32)


def _speckle(height: int, width: int, rng: np.random.Generator) -> Floats:
    coarse = _noise(height, width, rng, 8, 4) - 0.5
    fine = _noise(height, width, rng, 48, 2) - 0.5
    return (coarse + fine - 0.7 * _ridges(height, width, rng, 3, 90)).astype(np.float32)


def _sand(height: int, width: int, rng: np.random.Generator) -> Floats:
    return (_noise(height, width, rng, 90, 2) - 0.5 + 0.5 * (_noise(height, width, rng, 6, 3) - 0.5)).astype(np.float32)


def _grain(height: int, width: int, rng: np.random.Generator) -> Floats:
    """Wood: rings cut lengthwise."""
    x = np.linspace(0, width / height, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    bent = y + 0.16 * _noise(height, width, rng, 2, 3) + 0.05 * np.sin(x * 5)
    rings = 0.5 + 0.5 * np.sin(bent * 60)
    return (rings * 0.8 - 0.4 + (_noise(height, width, rng, 30, 2) - 0.5) * 0.5).astype(np.float32)


def _canes(height: int, width: int, _rng: np.random.Generator) -> Floats:
    x = np.linspace(0, width / height, width, dtype=np.float32)[None, :] * 9
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] * 4 + np.floor(x) * 0.37
    cane = np.sqrt(np.clip(1 - (2 * (x % 1) - 1) ** 2, 0, 1)) - 0.7
    return (cane - 0.9 * np.exp(-(((y % 1) - 0.5) ** 2) * 1200)).astype(np.float32)


def _fibres(height: int, width: int, rng: np.random.Generator) -> Floats:
    """Paper: faint fibres, and the planes of folds."""
    folds = cv2.GaussianBlur(np.round(_noise(height, width, rng, 3, 2) * 5) / 5, (0, 0), max(0.6, height * 0.004))
    return (folds - 0.5 + 0.3 * (_noise(height, width, rng, 60, 2) - 0.5)).astype(np.float32)


def _weave(height: int, width: int, rng: np.random.Generator) -> Floats:
    x = np.arange(width, dtype=np.float32)[None, :] / height * 300
    y = np.arange(height, dtype=np.float32)[:, None] / height * 300
    threads = np.sin(x) * np.sin(y)
    return (threads * 0.5 + (_noise(height, width, rng, 4, 3) - 0.5)).astype(np.float32)


def _wool(height: int, width: int, rng: np.random.Generator) -> Floats:
    x = np.arange(width, dtype=np.float32)[None, :] / height * 26
    y = np.arange(height, dtype=np.float32)[:, None] / height * 26
    stitches = np.abs(np.sin(np.pi * x)) * (0.6 + 0.4 * np.sin(2 * np.pi * (y + np.abs((x % 1) - 0.5) * 1.2)))
    return (stitches - 0.4 + 0.3 * (_noise(height, width, rng, 40, 2) - 0.5)).astype(np.float32)


def _bricks(height: int, width: int, rng: np.random.Generator) -> Floats:
    y = np.arange(height, dtype=np.float32)[:, None] / height * 14
    x = np.arange(width, dtype=np.float32)[None, :] / height * 7 + np.floor(y) * 0.5
    joint = np.maximum(
        np.exp(-((((y % 1) - 0.5) ** 2 - 0.25) ** 2) * 900), np.exp(-((((x % 1) - 0.5) ** 2 - 0.25) ** 2) * 3000)
    )
    shades = rng.random((64, 64), dtype=np.float32)[np.floor(y).astype(int) % 64, np.floor(x).astype(int) % 64]
    return (joint * 0.9 + shades * 0.5 - 0.45).astype(np.float32)


def _puffs(height: int, width: int, rng: np.random.Generator) -> Floats:
    billows = 1 - np.abs(_noise(height, width, rng, 4, 4) * 2 - 1)
    return (billows - 0.6).astype(np.float32)


def _waves(height: int, width: int, rng: np.random.Generator) -> Floats:
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    swell = np.sin((y + 0.25 * _noise(height, width, rng, 3, 3)) * 46)
    return (swell * 0.4 + _ridges(height, width, rng, 6, 30) * 0.7 - 0.2).astype(np.float32)


def _tongues(height: int, width: int, rng: np.random.Generator) -> Floats:
    tall = cv2.resize(_noise(max(4, height // 3), width, rng, 3, 4), (width, height), interpolation=cv2.INTER_CUBIC)
    rise = np.linspace(-0.35, 0.45, height, dtype=np.float32)[:, None]
    return (np.asarray(tall, np.float32) - 0.5 + rise).astype(np.float32)


def _facets(height: int, width: int, rng: np.random.Generator) -> Floats:
    return _cells(height, width, rng, 70, spread=1.0)


def _leaves(height: int, width: int, rng: np.random.Generator) -> Floats:
    return _cells(height, width, rng, 320, spread=0.8, joints=0.5)


def _cells(
    height: int, width: int, rng: np.random.Generator, count: int, *, spread: float, joints: float = 0.0
) -> Floats:
    """Cells around random points, each of one shade; `joints` darkens where they meet."""
    small_height = min(height, 220)
    small_width = max(4, round(width * small_height / height))
    seeds = np.ones((small_height, small_width), np.uint8)
    ys, xs = rng.integers(0, small_height, count), rng.integers(0, small_width, count)
    seeds[ys, xs] = 0
    nearest = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    distance, labels = np.asarray(nearest[0], np.float32), np.asarray(nearest[1], np.int64)
    shades = rng.random(int(labels.max()) + 1, dtype=np.float32)
    cells = (shades[labels] - 0.5) * spread - joints * distance / max(1.0, float(distance.max()))
    return np.asarray(cv2.resize(cells.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


@dataclass(frozen=True)
class Recipe:
    """One material.

    Attributes:
        ramp: colours from the darkest shade (0) to the lightest (1).
        pattern: a texture about 0, and by how much it moves the shade.
        keeps: how much of the drawing's own shades shows; without them it is one piece.
        mirrors: 0 to 1, how much its shade is what it mirrors: sky above, ground below, a line between.
        cover: how much it hides of what is behind, in the middle; edges always hide more.
        gloss: how bright the light is mirrored, 0 to 1.
        form: the whole body; one whose outline is frayed like a cloud's; or its lines alone, as tubes of light.
    """

    ramp: tuple[tuple[float, Colour], ...]
    pattern: Pattern | None = None
    strength: float = 0.0
    keeps: float = 0.5
    mirrors: float = 0.0
    cover: float = 1.0
    gloss: float = 0.12
    form: Literal["body", "frayed", "lines"] = "body"


def _three(dark: Colour, middle: Colour, bright: Colour) -> tuple[tuple[float, Colour], ...]:
    return ((0.0, dark), (0.5, middle), (1.0, bright))


_GREEN_LEAF = _three((0.05, 0.16, 0.05), (0.24, 0.48, 0.14), (0.62, 0.80, 0.32))

RECIPES: dict[Material, Recipe] = {
    "ice": Recipe(
        ((0, (0.03, 0.14, 0.30)), (0.35, (0.28, 0.56, 0.80)), (0.62, (0.66, 0.88, 0.98)), (1, (1, 1, 1))),
        _cracks, 0.34, cover=0.86, gloss=0.9,
    ),
    "snow": Recipe(_three((0.52, 0.62, 0.80), (0.86, 0.91, 0.98), (1, 1, 1)), _sand, 0.16, keeps=0.55, gloss=0.03),
    "water": Recipe(
        ((0, (0.02, 0.16, 0.30)), (0.5, (0.14, 0.50, 0.70)), (0.8, (0.60, 0.86, 0.94)), (1, (1, 1, 1))),
        _waves, 0.30, keeps=0.35, mirrors=0.3, cover=0.66, gloss=0.9,
    ),
    "fire": Recipe(
        ((0, (0.45, 0.03, 0.0)), (0.35, (0.90, 0.22, 0.02)), (0.65, (1.0, 0.62, 0.08)), (1, (1.0, 0.97, 0.68))),
        _tongues, 0.75, keeps=0.35, cover=0.88, gloss=0.0,
    ),
    "glass": Recipe(
        ((0, (0.10, 0.22, 0.26)), (0.45, (0.52, 0.72, 0.76)), (0.8, (0.88, 0.96, 0.97)), (1, (1, 1, 1))),
        keeps=0.35, mirrors=0.45, cover=0.34, gloss=1.0,
    ),
    "crystal": Recipe(
        ((0, (0.16, 0.06, 0.34)), (0.35, (0.46, 0.30, 0.82)), (0.65, (0.78, 0.72, 1.0)), (1, (1, 1, 1))),
        _facets, 0.55, keeps=0.4, cover=0.78, gloss=1.0,
    ),
    "gold": Recipe(
        ((0, (0.26, 0.12, 0.01)), (0.35, (0.70, 0.42, 0.06)), (0.58, (0.96, 0.73, 0.22)), (0.8, (1.0, 0.92, 0.55)),
         (1, (1, 1, 0.88))),
        keeps=0.42, mirrors=0.62, gloss=0.75,
    ),
    "silver": Recipe(
        ((0, (0.10, 0.11, 0.14)), (0.4, (0.48, 0.51, 0.56)), (0.65, (0.80, 0.83, 0.87)), (1, (1, 1, 1))),
        keeps=0.42, mirrors=0.6, gloss=0.75,
    ),
    "bronze": Recipe(
        ((0, (0.12, 0.06, 0.03)), (0.4, (0.46, 0.27, 0.12)), (0.7, (0.76, 0.52, 0.28)), (1, (1.0, 0.88, 0.62))),
        _speckle, 0.10, keeps=0.45, mirrors=0.5, gloss=0.45,
    ),
    "metal": Recipe(
        ((0, (0.10, 0.11, 0.13)), (0.5, (0.42, 0.45, 0.49)), (1, (0.86, 0.89, 0.92))),
        _speckle, 0.10, keeps=0.5, mirrors=0.4, gloss=0.4,
    ),
    "chrome": Recipe(
        ((0, (0.04, 0.05, 0.07)), (0.42, (0.24, 0.26, 0.30)), (0.5, (0.90, 0.93, 0.96)), (0.72, (0.46, 0.62, 0.84)),
         (1, (1, 1, 1))),
        keeps=0.24, mirrors=0.9, gloss=1.0,
    ),
    "wood": Recipe(_three((0.20, 0.10, 0.04), (0.55, 0.34, 0.18), (0.84, 0.62, 0.38)), _grain, 0.26, gloss=0.08),
    "bamboo": Recipe(_three((0.28, 0.28, 0.08), (0.66, 0.62, 0.28), (0.90, 0.86, 0.54)), _canes, 0.45, keeps=0.35),
    "stone": Recipe(_three((0.16, 0.16, 0.17), (0.48, 0.47, 0.46), (0.78, 0.76, 0.73)), _speckle, 0.32, gloss=0.02),
    "marble": Recipe(
        _three((0.48, 0.48, 0.50), (0.84, 0.83, 0.81), (1.0, 0.99, 0.97)), _veins, 0.42, keeps=0.4, gloss=0.4
    ),
    "brick": Recipe(
        _three((0.30, 0.10, 0.07), (0.64, 0.28, 0.20), (0.88, 0.74, 0.66)), _bricks, 0.42, keeps=0.4, gloss=0
    ),
    "clay": Recipe(_three((0.34, 0.15, 0.09), (0.72, 0.42, 0.29), (0.92, 0.68, 0.53)), _speckle, 0.06, gloss=0.04),
    "porcelain": Recipe(_three((0.50, 0.56, 0.68), (0.92, 0.94, 0.97), (1, 1, 1)), keeps=0.5, gloss=0.8),
    "paper": Recipe(
        _three((0.60, 0.56, 0.50), (0.90, 0.87, 0.81), (1.0, 0.99, 0.96)), _fibres, 0.34, keeps=0.6, gloss=0
    ),
    "cloth": Recipe(_three((0.34, 0.20, 0.20), (0.72, 0.50, 0.46), (0.92, 0.78, 0.72)), _weave, 0.16, gloss=0),
    "silk": Recipe(
        _three((0.40, 0.10, 0.22), (0.82, 0.36, 0.50), (1.0, 0.82, 0.86)), _waves, 0.14, mirrors=0.35, gloss=0.45
    ),
    "wool": Recipe(_three((0.44, 0.38, 0.34), (0.82, 0.76, 0.68), (0.98, 0.95, 0.90)), _wool, 0.34, gloss=0),
    "leather": Recipe(_three((0.14, 0.07, 0.04), (0.42, 0.24, 0.13), (0.70, 0.46, 0.29)), _speckle, 0.14, gloss=0.25),
    "plastic": Recipe(_three((0.55, 0.12, 0.10), (0.90, 0.26, 0.22), (1.0, 0.62, 0.56)), keeps=0.6, gloss=0.8),
    "rubber": Recipe(_three((0.05, 0.05, 0.06), (0.19, 0.19, 0.21), (0.44, 0.44, 0.47)), keeps=0.6, gloss=0.15),
    "sand": Recipe(_three((0.46, 0.33, 0.18), (0.80, 0.66, 0.44), (0.97, 0.88, 0.68)), _sand, 0.26, gloss=0),
    "cloud": Recipe(
        _three((0.60, 0.67, 0.80), (0.90, 0.93, 0.98), (1, 1, 1)), _puffs, 0.30, keeps=0.4, cover=0.92, gloss=0,
        form="frayed",
    ),
    "smoke": Recipe(
        _three((0.16, 0.16, 0.18), (0.42, 0.42, 0.45), (0.72, 0.72, 0.75)), _puffs, 0.5, keeps=0.35, cover=0.72,
        gloss=0,
        form="frayed",
    ),
    "light": Recipe(
        ((0, (0.05, 0.10, 0.30)), (0.45, (0.10, 0.55, 0.95)), (0.75, (0.55, 0.95, 1.0)), (1, (1, 1, 1))),
        keeps=0.3, cover=0.30, gloss=0, form="lines",
    ),
    "leaves": Recipe(_GREEN_LEAF, _leaves, 0.9, keeps=0.3, gloss=0.05),
    "flowers": Recipe(
        ((0, (0.16, 0.34, 0.14)), (0.35, (0.84, 0.30, 0.50)), (0.65, (0.98, 0.66, 0.78)), (1, (1.0, 0.96, 0.86))),
        _leaves, 1.1, keeps=0.25, gloss=0.03,
    ),
    "chocolate": Recipe(_three((0.10, 0.04, 0.02), (0.33, 0.17, 0.09), (0.62, 0.40, 0.26)), keeps=0.6, gloss=0.5),
    "candy": Recipe(
        _three((0.62, 0.08, 0.30), (1.0, 0.42, 0.62), (1.0, 0.88, 0.93)), _waves, 0.25, keeps=0.5, gloss=1.0
    ),
    "bone": Recipe(_three((0.44, 0.38, 0.28), (0.85, 0.80, 0.68), (0.98, 0.96, 0.90)), _speckle, 0.12, gloss=0.12),
    "lava": Recipe(
        ((0, (0.05, 0.03, 0.03)), (0.40, (0.20, 0.06, 0.04)), (0.55, (0.85, 0.18, 0.02)), (0.75, (1.0, 0.60, 0.10)),
         (1, (1.0, 0.96, 0.62))),
        _crust, 0.62, keeps=0.25, gloss=0.05,
    ),
}  # fmt: skip
