"""The palette and texture of a picture, lent to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.photo.vision import Bytes, Floats, cv

_TILE = 256


@dataclass(frozen=True)
class StyleImage:
    """What a style picture lends.

    Attributes:
        mean: (3,), covariance: (3, 3): of its colours, 0 to 255.
        texture: (256, 256) its fine structure, tileable, to be added to the luma.
    """

    mean: Floats
    covariance: Floats
    texture: Floats


def style_of(picture: Bytes) -> StyleImage:
    """The style of a picture (h, w, 3)."""
    small = cv.resize(picture, (96, 96), interpolation=cv.INTER_AREA).reshape(-1, 3).astype(np.float64)
    scale = max(1.0, _TILE * 1.5 / min(picture.shape[:2]))
    size = (max(_TILE + 2, round(picture.shape[1] * scale)), max(_TILE + 2, round(picture.shape[0] * scale)))
    grey = cv.cvtColor(cv.resize(picture, size, interpolation=cv.INTER_AREA), cv.COLOR_RGB2GRAY).astype(np.float32)
    top, left = (grey.shape[0] - _TILE) // 2, (grey.shape[1] - _TILE) // 2
    tile = grey[top : top + _TILE, left : left + _TILE]
    fine = tile - cv.GaussianBlur(tile, (0, 0), 5.0)
    ramp = np.minimum(1, np.minimum(np.arange(_TILE), np.arange(_TILE)[::-1]) / 32)
    window = (ramp[:, None] * ramp[None, :]).astype(np.float32)
    seamless = fine * window + np.roll(fine, (_TILE // 2, _TILE // 2), (0, 1)) * (1 - window)
    strength = float(np.clip(seamless.std(), 0, 30))
    texture = seamless / max(1e-3, float(seamless.std())) * min(3.2, 0.16 * strength)
    return StyleImage(
        small.mean(axis=0).astype(np.float32),
        np.cov(small.T).astype(np.float32),
        np.clip(texture, -18, 18).astype(np.float32),
    )


def colour_map(frame: Bytes, style: StyleImage, share: float = 0.85) -> Floats:
    """(3, 4): the linear map of colours that gives `frame` the palette of `style`.

    The optimal transport between two normal distributions (Pitié and Kokaram, The linear Monge-Kantorovitch linear
    colour mapping for example-based colour transfer, 2007).
    """
    colours = cv.resize(frame, (64, 64), interpolation=cv.INTER_AREA).reshape(-1, 3).astype(np.float64)
    mean, source = colours.mean(axis=0), np.cov(colours.T) + np.eye(3) * 24
    target = style.covariance.astype(np.float64) + np.eye(3) * 24
    root = _power(source, 0.5)
    inverse = _power(source, -0.5)
    linear = inverse @ _power(root @ target @ root, 0.5) @ inverse
    linear = np.clip(linear, -2.2, 2.2)
    linear = linear * share + np.eye(3) * (1 - share)
    offset = (style.mean * share + mean * (1 - share)) - linear @ mean
    return np.hstack([linear, offset[:, None]]).astype(np.float32)


def _power(matrix: npt.NDArray[np.float64], power: float) -> npt.NDArray[np.float64]:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vectors * np.maximum(values, 1e-6) ** power) @ vectors.T
