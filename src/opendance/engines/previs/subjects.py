"""Subjects: emoji drawings made solid - lit, rounded, rimmed - with faces that blink and bodies that walk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import resvg_py

from opendance.engines.previs.colour import Colour, Light
from opendance.engines.previs.paint import with_rim
from opendance.engines.previs.traits import Cloth, Clothes, drawing_file

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

# The drawings' dark of eyes; a lid closes when they are pressed flat.
_EYES = re.compile(r'<(path|circle|ellipse) fill="#(?:292F33|31373D|664500|2B3B47)"([^>]*?)/>')
_FIRST_Y = re.compile(r"^\s*[Mm]\s*-?[\d.]+[ ,]?(-?[\d.]+)")


@lru_cache(maxsize=64)
def raster(emoji: str, size: int, blink: bool = False) -> Bytes:
    """The drawing, premultiplied (h, w, 4), its height in pixels about `size`, cut to what is drawn.

    Raises:
        ValueError: there is no drawing of this emoji.
    """
    svg = drawing_file(emoji).read_text("utf-8")
    if blink:
        svg = _EYES.sub(_closed, svg)
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    encoded = np.array(bytearray(png), np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError(f"the drawing of {emoji!r} cannot be read")
    rgba = np.asarray(cv2.cvtColor(np.asarray(picture, np.uint8), cv2.COLOR_BGRA2RGBA), np.uint8)
    alpha = rgba[..., 3:].astype(np.uint16)
    rgba[..., :3] = (rgba[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    rows, columns = np.flatnonzero(rgba[..., 3].any(axis=1)), np.flatnonzero(rgba[..., 3].any(axis=0))
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _closed(match: re.Match[str]) -> str:
    attributes = match[2]
    centre = re.search(r'cy="([\d.]+)"', attributes)
    path = re.search(r' d="([^"]*)"', attributes)
    first = _FIRST_Y.match(path[1]) if path else None
    y = float(centre[1]) if centre else float(first[1]) if first else None
    if y is None:
        return match[0]
    return f'<g transform="translate(0 {y}) scale(1 .13) translate(0 {-y})">{match[0]}</g>'


def fur(emoji: str) -> Colour:
    """The main colour of a drawing: of paws and bodies."""
    rgba = raster(emoji, 72).reshape(-1, 4)
    solid = rgba[rgba[:, 3] > 250][:, :3]
    keys, counts = np.unique(solid // 8, axis=0, return_counts=True)
    red, green, blue = (float(c) * 8 / 255 for c in keys[int(np.argmax(counts))])
    return (min(1, red + 0.015), min(1, green + 0.015), min(1, blue + 0.015))


def shaded(rgba: Bytes, light: Light, towards: tuple[float, float], *, depth: float, volume: float = 1.0) -> Bytes:
    """A flat drawing as a body in the light.

    Its roundness is guessed from its outline: the softened alpha is taken as a height, and its slope as the surface's.

    Args:
        rgba: (h, w, 4), premultiplied; what comes back has 10 pixels more on each side.
        towards: direction of the light from the subject, x right and y down.
        volume: 0 leaves it flat.
    """
    margin = 10
    rgba = np.asarray(cv2.copyMakeBorder(rgba, margin, margin, margin, margin, cv2.BORDER_CONSTANT), np.uint8)
    height, width = rgba.shape[:2]
    factor = max(1, height // 180)
    alpha = cv2.resize(rgba[..., 3], (width // factor, height // factor), interpolation=cv2.INTER_AREA) / np.float32(
        255
    )
    body = cv2.GaussianBlur(alpha, (0, 0), height / factor * 0.085) + 0.6 * cv2.GaussianBlur(
        alpha, (0, 0), height / factor * 0.03
    )
    slope_x = cv2.Sobel(body, cv2.CV_32F, 1, 0) * (height / factor) * 0.012
    slope_y = cv2.Sobel(body, cv2.CV_32F, 0, 1) * (height / factor) * 0.012
    length = max(1e-6, float(np.hypot(*towards)))
    lx, ly = towards[0] / length, towards[1] / length
    facing = np.clip(0.58 - (slope_x * lx + slope_y * ly) * 0.85 * volume, 0, 1)
    down = np.linspace(1.06, 0.86, body.shape[0], dtype=np.float32)[:, None]
    facing = np.asarray(cv2.resize((facing * down).astype(np.float32), (width, height)), np.float32)[..., None]
    # Subjects keep their own colours (blue light on yellow fur would make it green) and stay readable at night.
    ambient = _softened(np.array(light.ambient, np.float32), 0.45)
    key = _softened(np.array(light.key, np.float32), 0.35) * (0.30 + 0.66 * light.strength)
    ambient = ambient + np.maximum(0, 0.46 - ambient.mean())
    lit = ambient * (1 - facing * 0.42) + key * facing * 0.86
    rgb = rgba[..., :3].astype(np.float32) * np.minimum(lit, 1.08)
    haze = light.haze_share(depth)
    rgb = rgb * (1 - haze) + np.array(light.haze, np.float32) * haze * rgba[..., 3:]
    out = rgba.copy()
    out[..., :3] = np.clip(np.minimum(rgb, rgba[..., 3:]), 0, 255).astype(np.uint8)
    out = with_rim(out, (lx, ly), light.key, 0.62 * (0.4 + 0.6 * light.strength), max(1.2, height * 0.011))
    return with_rim(out, (-lx, -0.6), light.sky[min(1, len(light.sky) - 1)][1], 0.30, max(1.0, height * 0.008))


def _softened(colour: Floats, saturation: float) -> Floats:
    grey = colour.mean()
    return (grey + (colour - grey) * saturation).astype(np.float32)


def shadow_of(rgba: Bytes, squash: float) -> Bytes:
    """A contact shadow of (h, w, 4), a third as large: its outline, pressed to a share of its height, softened."""
    height, width = rgba.shape[:2]
    flat = cv2.resize(
        rgba[..., 3], (max(8, width // 3), max(4, int(height * squash) // 3)), interpolation=cv2.INTER_AREA
    )
    pad = max(4, flat.shape[1] // 5)
    flat = cv2.copyMakeBorder(flat, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    soft = cv2.GaussianBlur(flat, (0, 0), max(1.2, pad * 0.32)).astype(np.float32)
    dense = cv2.GaussianBlur(flat, (0, 0), max(0.8, pad * 0.12)).astype(np.float32)
    shade = np.clip(soft * 0.45 + dense * 0.22, 0, 255)
    out = np.zeros((*shade.shape, 4), np.uint8)
    out[..., 2] = (shade * 0.10).astype(np.uint8)
    out[..., 3] = (shade * 0.78).astype(np.uint8)
    return out


@dataclass(frozen=True)
class Body:
    """Pictures of a subject, all of one size.

    Attributes:
        pictures: premultiplied (h, w, 4); 0 is the normal one.
        blink: index of the one with closed eyes, or None.
        steps: indexes of the walk cycle, or empty.
        foot: y of its foot as a share of the height.
    """

    pictures: tuple[Bytes, ...]
    blink: int | None
    steps: tuple[int, ...]
    foot: float


_SKIN: Cloth = (255, 220, 93)  # the yellow that emoji have for people of no certain skin


def animal_or_thing(emoji: str, size: int) -> Body:
    """A drawing as it is, with a second picture that blinks where it has eyes."""
    plain = raster(emoji, size)
    closed = raster(emoji, size, True)
    if plain.shape == closed.shape and not np.array_equal(plain, closed):
        return Body((plain, closed), 1, (), 1.0)
    return Body((plain,), None, (), 1.0)


def cutout_body(rgba: Bytes, size: int, width: float) -> Body:
    """A cut-out photograph (h, w, 4), premultiplied, `size` px high, or less where it would be wider than `width`."""
    scale = min(size / rgba.shape[0], max(16.0, width) / rgba.shape[1])
    shape = (max(4, round(rgba.shape[1] * scale)), max(4, round(rgba.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(rgba, shape, interpolation=how), np.uint8)
    picture[..., :3] = np.minimum(picture[..., :3], picture[..., 3:])
    return Body((np.ascontiguousarray(picture),), None, (), 1.0)


def _stroke(canvas: Bytes, points: list[tuple[float, float]], colour: Cloth, width: float) -> None:
    corners = np.round(np.array(points) * 16).astype(np.int32)
    cv2.polylines(canvas, [corners], False, (*colour, 255), max(1, round(width)), cv2.LINE_AA, 4)


def _oval(canvas: Bytes, x: float, y: float, rx: float, ry: float, colour: Cloth, angle: float = 0.0) -> None:
    centre, axes = (round(x * 16), round(y * 16)), (max(1, round(rx * 16)), max(1, round(ry * 16)))
    cv2.ellipse(canvas, centre, axes, angle, 0, 360, (*colour, 255), -1, cv2.LINE_AA, 4)


def _darker(colour: Cloth, factor: float) -> Cloth:
    red, green, blue = (int(min(255, c * factor)) for c in colour)
    return (red, green, blue)


def _head_on(canvas: Bytes, head: Bytes, centre: float) -> None:
    h, w = head.shape[:2]
    x0 = max(0, int(centre - w / 2))
    w = min(w, canvas.shape[1] - x0)
    part, head = canvas[:h, x0 : x0 + w], head[:, :w]
    cover = head[..., 3:].astype(np.float32) / 255
    canvas[:h, x0 : x0 + w] = (part * (1 - cover) + head).astype(np.uint8)


def person_with_body(emoji: str, clothes: Clothes, size: int) -> Body:
    """A head with torso, arms and legs: four pictures of a walk cycle, the first one standing."""
    head = raster(emoji, int(size * 0.40))
    top, trousers = clothes.top, clothes.trousers
    h = head.shape[0]
    pictures: list[Bytes] = []
    for swing in (0.0, 1.0, 0.0, -1.0):
        canvas = np.zeros((size, int(size * 0.62), 4), np.uint8)
        cx, neck, hip, foot = canvas.shape[1] / 2, h * 0.93, size * 0.66, size * 0.965
        limb = size * 0.088
        reach = size * 0.085 * swing
        for side, tone in ((1, _darker(trousers, 0.78)), (-1, trousers)):
            lift = abs(reach) * (0.5 if side * swing > 0 else 0.0)
            toe = (cx + side * size * 0.050 + side * reach * 1.3, foot - lift)
            knee = (cx + side * size * 0.048 + side * reach * 0.6, (hip + foot) / 2)
            _stroke(canvas, [(cx + side * size * 0.045, hip), knee, toe], tone, limb)
            _oval(
                canvas,
                toe[0] - size * 0.012,
                toe[1] + size * 0.005,
                size * 0.058,
                size * 0.030,
                _darker(trousers, 0.45),
            )
        hands = _darker(top, 0.8) if clothes.gloves else _SKIN
        for side, tone, way in ((1, _darker(top, 0.78), -1), (-1, _darker(top, 0.9), 1)):
            elbow = (cx + side * size * 0.165 + way * reach * 0.7, size * 0.54)
            wrist = (cx + side * size * 0.150 + way * reach * 1.2, size * 0.635)
            _oval(canvas, *wrist, size * 0.036, size * 0.036, hands)
            _stroke(
                canvas,
                [(cx + side * size * 0.105, neck + size * 0.05), elbow, (wrist[0], wrist[1] - size * 0.01)],
                tone,
                limb * 0.78,
            )
            if side == 1:
                torso = [
                    (cx - size * 0.118, neck + size * 0.02),
                    (cx - size * 0.08, neck - size * 0.02),
                    (cx + size * 0.08, neck - size * 0.02),
                    (cx + size * 0.118, neck + size * 0.02),
                    (cx + size * 0.10, hip + size * 0.03),
                    (cx - size * 0.10, hip + size * 0.03),
                ]
                cv2.fillPoly(canvas, [np.round(np.array(torso) * 16).astype(np.int32)], (*top, 255), cv2.LINE_AA, 4)
        _head_on(canvas, head, cx)
        pictures.append(canvas)
    return Body(tuple(pictures), None, (0, 1, 2, 3), 0.99)


def animal_with_body(emoji: str, size: int) -> Body:
    """An animal's head on a seated body with paws and a tail: four pictures of its steps."""
    head = raster(emoji, int(size * 0.56))
    red, green, blue = fur(emoji)
    coat: Cloth = (int(red * 255), int(green * 255), int(blue * 255))
    belly = tuple(min(255, int(c + (255 - c) * 0.55)) for c in coat)
    light_coat: Cloth = (belly[0], belly[1], belly[2])
    pictures: list[Bytes] = []
    for swing in (0.0, 1.0, 0.0, -1.0):
        canvas = np.zeros((size, int(size * 0.86), 4), np.uint8)
        cx, foot = canvas.shape[1] * 0.46, size * 0.965
        tail = [
            (cx + size * 0.14, foot - size * 0.10),
            (cx + size * 0.29, foot - size * 0.16 - swing * size * 0.02),
            (cx + size * 0.33, foot - size * 0.32 - swing * size * 0.03),
        ]
        _stroke(canvas, tail, _darker(coat, 0.82), size * 0.085)
        _oval(canvas, *tail[-1], size * 0.048, size * 0.055, light_coat)
        _oval(canvas, cx, foot - size * 0.24, size * 0.205, size * 0.245, _darker(coat, 0.92))
        for side in (-1, 1):
            _oval(
                canvas, cx + side * size * 0.165, foot - size * 0.085, size * 0.095, size * 0.095, _darker(coat, 0.80)
            )
            _oval(canvas, cx + side * size * 0.175, foot - size * 0.02, size * 0.080, size * 0.036, _darker(coat, 0.72))
        _oval(canvas, cx, foot - size * 0.20, size * 0.115, size * 0.17, light_coat)
        for side in (-1, 1):
            lift = max(0.0, side * swing) * size * 0.045
            _stroke(
                canvas,
                [(cx + side * size * 0.075, foot - size * 0.25), (cx + side * size * 0.075, foot - size * 0.05 - lift)],
                coat,
                size * 0.085,
            )
            _oval(canvas, cx + side * size * 0.078, foot - size * 0.018 - lift, size * 0.060, size * 0.034, light_coat)
        _head_on(canvas, head, cx)
        pictures.append(canvas)
    return Body(tuple(pictures), None, (0, 1, 2, 3), 0.985)
