"""Other colours and materials for a drawing: `Surface` says which, `in_surface` paints a picture so."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from opendance.engines.previs.colour import Colour, from_oklab, gradient, to_oklab
from opendance.engines.previs.inflating import relief
from opendance.engines.previs.materials import RECIPES, Recipe
from opendance.engines.previs.paint import noise
from opendance.plan import Colour as ColourWord
from opendance.plan import Material

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_SEED = 20  # textures are the same each time
_GLOSS = 0.12
_LEAST = 0.06  # of a picture: less than this is no main colour

# sRGB. `rainbow` has none: it goes through all hues.
_COLOURS: dict[ColourWord, Colour] = {
    "red": (0.85, 0.12, 0.14), "orange": (0.96, 0.52, 0.10), "yellow": (0.98, 0.84, 0.16), "green": (0.20, 0.64, 0.24),
    "turquoise": (0.12, 0.72, 0.72), "blue": (0.14, 0.40, 0.88), "purple": (0.52, 0.24, 0.78),
    "pink": (0.97, 0.52, 0.72), "brown": (0.46, 0.28, 0.16), "beige": (0.87, 0.78, 0.63), "black": (0.13, 0.13, 0.15),
    "grey": (0.54, 0.55, 0.57), "white": (0.95, 0.95, 0.94), "golden": (0.90, 0.68, 0.20), "silver": (0.76, 0.78, 0.81),
}  # fmt: skip


@dataclass(frozen=True)
class Surface:
    """What a thing's surface is, where that is not as it is drawn: a colour, a material, or a material in a colour."""

    colour: ColourWord | None = None
    material: Material | None = None

    @property
    def gloss(self) -> float:
        """How bright it mirrors the light, 0 to 1."""
        return _GLOSS if self.material is None else RECIPES[self.material].gloss


PLAIN = Surface()


def in_surface(rgba: Bytes, surface: Surface, *, keep_skin: bool = False) -> Bytes:
    """A picture (h, w, 4), premultiplied, in another colour or material.

    Args:
        keep_skin: the yellow that emoji have for skin keeps its colour.
    """
    if surface.material is not None:
        return _in_material(rgba, RECIPES[surface.material], surface.colour)
    if surface.colour is not None:
        return recoloured(rgba, surface.colour, keep_skin=keep_skin)
    return rgba


def recoloured(rgba: Bytes, colour: ColourWord, *, keep_skin: bool = False) -> Bytes:
    """The main colour of a picture becomes another one, with its shades; other colours, whites and darks stay."""
    rgb, alpha = _without_alpha(rgba)
    lab = to_oklab(rgb)
    chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])
    solid = alpha > 0.5
    coloured = solid & (chroma > 0.045) & (lab[..., 0] > 0.22)
    if keep_skin:
        coloured &= ~((np.abs(hue - 1.36) < 0.40) & (lab[..., 0] > 0.60))
    pale = solid & (chroma <= 0.045) & (lab[..., 0] > 0.35)
    if coloured.sum() >= 0.5 * pale.sum() and coloured.any():
        histogram, edges = np.histogram(hue[coloured], 48, (-np.pi, np.pi), weights=chroma[coloured])
        smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
        main = float(edges[int(np.argmax(smooth))] + np.pi / 48)
        apart = np.abs(np.angle(np.exp(1j * (hue - main))))
        share = np.clip((0.85 - apart) / 0.3, 0, 1) * np.clip((chroma - 0.025) / 0.035, 0, 1)
        if keep_skin:
            share = share * ~((np.abs(hue - 1.36) < 0.40) & (lab[..., 0] > 0.60))
    else:
        share = np.clip((0.075 - chroma) / 0.03, 0, 1)
    share = (share * np.clip((lab[..., 0] - 0.20) / 0.12, 0, 1)).astype(np.float32)
    body = solid & (share > 0.5)
    if body.sum() < _LEAST * solid.sum():
        return rgba
    target = _rainbow(rgba.shape[0], rgba.shape[1]) if colour == "rainbow" else np.array(_COLOURS[colour], np.float32)
    wanted = to_oklab(np.asarray(target, np.float32))
    middle = float(np.median(lab[..., 0][body]))
    # Shades keep their distance to the middle, pressed where the new colour is very dark or very light.
    room = np.minimum(1.0, np.minimum(wanted[..., 0], 1.06 - wanted[..., 0]) / 0.42)
    lightness = wanted[..., 0] + (lab[..., 0] - middle) * np.maximum(room, 0.35) * 0.9
    strength = np.clip(1 - np.abs(lab[..., 0] - middle) * 0.5, 0.5, 1)
    changed = np.stack([lightness, wanted[..., 1] * strength, wanted[..., 2] * strength], -1).astype(np.float32)
    mixed = lab + (changed - lab) * share[..., None]
    return _premultiplied(from_oklab(mixed.astype(np.float32)), alpha)


def rgb_of(colour: ColourWord) -> Colour | None:
    """The colour that a word means, sRGB; none for `rainbow`, which is all of them."""
    return _COLOURS.get(colour)


_FILL = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")


def recoloured_svg(svg: str, fills: tuple[str, ...], colour: ColourWord) -> str:
    """A drawing of our own in another colour: the first of its fills becomes it, the others keep their shade to it.

    Args:
        colour: none but `rainbow`, which is no single one.
    """
    labs = to_oklab(np.array([_from_hex(fill) for fill in fills], np.float32))
    target = to_oklab(np.array([_COLOURS[colour]], np.float32))[0]
    labs[:, 0] = np.clip(target[0] + (labs[:, 0] - labs[0, 0]) * 0.9, 0.04, 0.99)
    labs[:, 1:] = target[1:]
    new = {fill: _to_hex(rgb) for fill, rgb in zip(fills, from_oklab(labs), strict=True)}
    return _FILL.sub(lambda match: new.get(match[0], match[0]), svg)


def _from_hex(fill: str) -> Colour:
    digits = fill.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4))
    return (red, green, blue)


def _to_hex(rgb: Floats) -> str:
    return "#" + "".join(f"{round(float(channel) * 255):02x}" for channel in rgb)


def _in_material(rgba: Bytes, recipe: Recipe, colour: ColourWord | None) -> Bytes:
    rgb, alpha = _without_alpha(rgba)
    height, width = alpha.shape
    rng = np.random.default_rng(_SEED)
    normals = _normals(rgba)
    if recipe.form == "lines":
        value = shade = _lines(rgb, alpha)
    else:
        shade = _stretched(rgb.mean(-1), alpha)
        value = 0.5 + (shade - 0.5) * recipe.keeps * 1.3
    if recipe.mirrors > 0:
        value = value + (_mirrored(normals) - 0.5) * recipe.mirrors
    if recipe.pattern is not None:
        value = value + recipe.pattern(height, width, rng) * recipe.strength
    stops = _tinted(recipe.ramp, colour)
    table = gradient(list(stops), 256)
    painted = table[np.clip(value * 255, 0, 255).astype(np.uint8)]
    if colour == "rainbow":
        painted = painted * 0.4 + _rainbow(height, width) * painted.mean(-1, keepdims=True) * 0.9
    return _premultiplied(np.asarray(painted, np.float32), alpha * _cover(recipe, normals, shade, alpha, rng))


def _cover(recipe: Recipe, normals: Floats, shade: Floats, alpha: Floats, rng: np.random.Generator) -> Floats:
    if recipe.form == "lines":
        return np.maximum(recipe.cover, np.clip(shade * 1.6, 0, 1)).astype(np.float32)
    # Seen along its surface, what is transparent hides more.
    cover = recipe.cover + (1 - recipe.cover) * np.clip((1 - normals[..., 2]) * 1.8, 0, 1)
    if recipe.form == "frayed":
        height, width = alpha.shape
        inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / (0.09 * max(height, width))
        frayed = np.clip((inside - np.asarray(noise(height, width, rng, base=7), np.float32) * 0.9) * 2.2 + 0.55, 0, 1)
        cover = cover * (0.05 + 0.95 * frayed)
    return cover.astype(np.float32)


def _normals(rgba: Bytes) -> Floats:
    """Those of the body, worked out small."""
    height, width = rgba.shape[:2]
    factor = max(1.0, max(height, width) / 240)
    size = (max(4, round(width / factor)), max(4, round(height / factor)))
    small = relief(np.asarray(cv2.resize(rgba, size, interpolation=cv2.INTER_AREA), np.uint8))
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _mirrored(normals: Floats) -> Floats:
    """(h, w), 0 to 1: how bright the world is where a mirror of this shape looks."""
    up = -normals[..., 1] + 0.35 * normals[..., 0]
    sky = np.clip(0.62 + up * 0.55, 0, 1)
    line = np.exp(-(((up + 0.12) / 0.10) ** 2))
    return np.clip(sky - line * 0.30 + np.clip(up - 0.45, 0, 1) * 0.5, 0, 1).astype(np.float32)


def _stretched(lightness: Floats, alpha: Floats) -> Floats:
    """Shades from 0 to 1, whatever range the drawing has; one of a single shade is in the middle."""
    solid = alpha > 0.8
    if not solid.any():
        return np.full_like(lightness, 0.5)
    low, middle, high = (float(v) for v in np.percentile(lightness[solid], (4, 50, 96)))
    spread = max(high - low, 0.25)
    return np.clip(0.5 + (lightness - middle) / spread * 0.8, 0, 1).astype(np.float32)


def _lines(rgb: Floats, alpha: Floats) -> Floats:
    """Where the drawing's colours and its outline change: bright lines with a glow, 0 to 1."""
    picture = np.dstack([rgb * alpha[..., None], alpha])
    size = max(alpha.shape)
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.7, size * 0.004))
    steps = np.abs(cv2.Sobel(soft, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    edges = np.clip(steps.max(-1) * (size * 0.006), 0, 1)
    glow = np.asarray(cv2.GaussianBlur(edges, (0, 0), max(1.0, size * 0.02)), np.float32)
    return np.clip(edges + glow * 0.9, 0, 1).astype(np.float32)


def _tinted(ramp: tuple[tuple[float, Colour], ...], colour: ColourWord | None) -> tuple[tuple[float, Colour], ...]:
    """A ramp in a colour: its shades stay, hues go there."""
    if colour is None or colour == "rainbow":
        return ramp
    labs = to_oklab(np.array([stop for _, stop in ramp], np.float32))
    target = to_oklab(np.array([_COLOURS[colour]], np.float32))[0]
    middle = float(labs[:, 0].mean())
    labs[:, 0] += (target[0] - middle) * 0.6
    bright = np.clip(1.15 - labs[:, 0], 0.15, 1)[:, None]
    labs[:, 1:] = target[1:] * bright * 1.2
    mixed = from_oklab(labs).tolist()
    return tuple((at, (red, green, blue)) for (at, _), (red, green, blue) in zip(ramp, mixed, strict=True))


def _rainbow(height: int, width: int) -> Floats:
    """(h, w, 3): all hues from left to right, sRGB."""
    turn = np.linspace(0.4, 5.9, width, dtype=np.float32)
    lab = np.stack([np.full_like(turn, 0.72), 0.16 * np.cos(turn), 0.16 * np.sin(turn)], -1)
    return np.broadcast_to(from_oklab(lab.astype(np.float32))[None], (height, width, 3)).astype(np.float32)


def _without_alpha(rgba: Bytes) -> tuple[Floats, Floats]:
    """Colours 0 to 1 without alpha in them, and alpha 0 to 1."""
    alpha = (rgba[..., 3].astype(np.float32) / 255).astype(np.float32)
    rgb = rgba[..., :3].astype(np.float32) / (255 * np.maximum(alpha, 1 / 255))[..., None]
    return np.minimum(rgb, 1).astype(np.float32), alpha


def _premultiplied(rgb: Floats, alpha: Floats) -> Bytes:
    out = np.empty((*alpha.shape, 4), np.uint8)
    out[..., :3] = np.clip(rgb * alpha[..., None] * 255 + 0.5, 0, 255).astype(np.uint8)
    out[..., 3] = np.clip(alpha * 255 + 0.5, 0, 255).astype(np.uint8)
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return out
