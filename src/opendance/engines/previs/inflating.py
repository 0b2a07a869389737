"""Flat drawings made soft bodies: a height is guessed from the outline and the drawing's own lightness, and lit."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.colour import Light
from opendance.engines.previs.jit import compiled
from opendance.engines.previs.paint import with_rim

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

MARGIN = 10  # pixels that come back on each side, for the rims
_SMALL = 240  # pixels: the larger side at which heights are worked out; they are smooth
_ROUNDING = 0.10  # radius of the rounded edge, as a share of the drawing's size
_FOLDS = 0.28  # how much of that radius light parts of the drawing rise over dark ones
_OWN = 0.22  # the share of a drawing's own colours that no light changes: it is shaded a little already


def relief(rgba: Bytes, volume: float = 1.0) -> Floats:
    """Normals (h, w, 3) of the body that a drawing (h, w, 4), premultiplied, suggests: x right, y down, z to us.

    Args:
        volume: 0 leaves it flat.
    """
    alpha = rgba[..., 3].astype(np.float32) / 255
    height, width = alpha.shape
    radius = max(2.0, _ROUNDING * float(np.sqrt(height * width)))
    distance = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inwards = np.clip(distance / radius, 0, 1)
    rounded = (np.sqrt(1 - (1 - inwards) ** 2) * radius).astype(np.float32)
    lightness = (rgba[..., :3].astype(np.float32) / 255).mean(-1)
    folds = np.asarray(cv2.GaussianBlur(lightness, (0, 0), radius * 0.10), np.float32) * (radius * _FOLDS)
    surface = np.asarray(cv2.GaussianBlur(rounded, (0, 0), radius * 0.16) + folds, np.float32)
    normals = np.empty((height, width, 3), np.float32)
    normals[..., 0] = cv2.Sobel(surface, cv2.CV_32F, 1, 0) * (-volume / 8)
    normals[..., 1] = cv2.Sobel(surface, cv2.CV_32F, 0, 1) * (-volume / 8)
    normals[..., 2] = 1
    normals /= np.sqrt((normals * normals).sum(-1, keepdims=True))
    return normals


def inflate(
    rgba: Bytes,
    light: Light,
    towards: tuple[float, float],
    *,
    depth: float,
    volume: float = 1.0,
    gloss: float = 0.12,
) -> Bytes:
    """A flat drawing as a body in the light.

    Args:
        rgba: (h, w, 4), premultiplied; what comes back has `MARGIN` pixels more on each side.
        towards: direction of the light from the subject, x right and y down.
        depth: how far away it is; the subject's is 1.
        volume: 0 leaves it flat.
        gloss: how bright the light is mirrored, 0 to 1.
    """
    rgba = np.asarray(cv2.copyMakeBorder(rgba, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT), np.uint8)
    height, width = rgba.shape[:2]
    factor = max(1.0, max(height, width) / _SMALL)
    small = cv2.resize(
        rgba, (max(4, round(width / factor)), max(4, round(height / factor))), interpolation=cv2.INTER_AREA
    )
    length = max(1e-6, float(np.hypot(*towards)))
    lx, ly = towards[0] / length, towards[1] / length
    shares, shine, key = _lit(relief(np.asarray(small, np.uint8), volume), light, (lx, ly), gloss)
    shares = np.asarray(cv2.resize(shares, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    shine = np.asarray(cv2.resize(shine, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    out = np.empty_like(rgba)
    _paint(rgba, shares, shine, key, np.array(light.haze, np.float32), np.float32(light.haze_share(depth)), out)
    out = with_rim(out, (lx, ly), light.key, 0.5 * (0.4 + 0.6 * light.strength), max(1.2, height * 0.009))
    return with_rim(out, (-lx, -0.6), light.sky[min(1, len(light.sky) - 1)][1], 0.24, max(1.0, height * 0.007))


@compiled
def _paint(
    rgba: Bytes, shares: Floats, shine: Floats, key: Floats, haze: Floats, haze_share: np.float32, out: Bytes
) -> None:
    """Light and air over each pixel, in one pass."""
    clear = np.float32(1) - haze_share
    for y in range(rgba.shape[0]):
        for x in range(rgba.shape[1]):
            alpha = np.float32(rgba[y, x, 3])
            out[y, x, 3] = rgba[y, x, 3]
            for k in range(3):
                lit = np.float32(rgba[y, x, k]) * shares[y, x, k] + shine[y, x] * key[k] * alpha
                out[y, x, k] = np.uint8(min(lit * clear + haze[k] * haze_share * alpha, alpha))


def _lit(normals: Floats, light: Light, towards: tuple[float, float], gloss: float) -> tuple[Floats, Floats, Floats]:
    """What colours are multiplied by (h, w, 3), how much of the light is mirrored (h, w), and its colour (3,)."""
    to_light = np.array([towards[0] * 0.78, towards[1] * 0.78, 0.62], np.float32)
    to_light /= np.linalg.norm(to_light)
    facing = normals @ to_light
    exposed = np.clip(facing * 0.75 + 0.25, 0, 1) ** 1.3
    half = to_light + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    mirrored = np.clip(normals @ half, 0, 1) ** 40 * gloss
    edge = np.clip(1 - normals[..., 2], 0, 1) ** 2 * np.clip(facing + 0.3, 0, 1) * 0.4
    # Subjects keep their own colours (blue light on yellow fur would make it green) and stay readable at night.
    ambient = _softened(np.array(light.ambient, np.float32), 0.45)
    ambient = ambient + np.maximum(0, 0.50 - ambient.mean())
    key = _softened(np.array(light.key, np.float32), 0.35) * np.float32(0.30 + 0.66 * light.strength)
    from_above = (0.58 - 0.20 * normals[..., 1:2]).astype(np.float32)
    shares = ambient * from_above + key * exposed[..., None] * np.float32(1.02)
    shares = np.minimum(shares * (1 - _OWN) + _OWN, 1.15).astype(np.float32)
    return shares, (mirrored + edge).astype(np.float32), key.astype(np.float32)


def _softened(colour: Floats, saturation: float) -> Floats:
    grey = colour.mean()
    return (grey + (colour - grey) * saturation).astype(np.float32)
