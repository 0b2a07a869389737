"""Subjects: pictures of drawings in their colours, with faces that blink and bodies that walk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import resvg_py

from opendance.drawings.library import facts_of, own_of
from opendance.engines.previs.blinking import with_closed_eyes
from opendance.engines.previs.colour import Colour
from opendance.engines.previs.memory import Kept
from opendance.engines.previs.people.rig import AnchorName, Rig
from opendance.engines.previs.raster_cache import raster_cache
from opendance.engines.previs.standins import stand_in
from opendance.engines.previs.surfaces import PLAIN, Surface, in_surface, recoloured_svg
from opendance.engines.previs.traits import Cloth, drawing_svg

Bytes = npt.NDArray[np.uint8]

_VIEW_BOX = re.compile(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"')

_WITH_EYES = ("animal", "bird", "fish")  # those of people have whites, which leave traces
# Pixels: soft shadows in larger drawings cost seconds, and show no more than enlarged ones do.
_LARGEST_DRAWN = 800
_KEPT = 24 << 20  # bytes of pictures that are kept; all are kept on disk


def _raster(name: str, size: int, blink: bool = False, surface: Surface = PLAIN) -> Bytes:
    """A drawing, premultiplied (h, w, 4), its larger side about `size` pixels, cut to what is drawn.

    Args:
        name: an emoji, or a drawing of our own; what has no drawing gets a stand-in.
        blink: with closed eyes, where eyes are found.
        surface: another colour or material than the drawing's.
    """
    svg = drawing_svg(name)
    if svg is None:
        return in_surface(stand_in(name, size), surface)
    facts = facts_of(name)
    own = own_of(name)
    colour = surface.colour
    if own is not None and own.colour and colour is not None and colour != "rainbow" and surface.material is None:
        svg, surface = recoloured_svg(svg, own.colour, colour), PLAIN
    kind = "thing" if facts is None else facts.kind
    keep_skin, blink = kind == "person", blink and kind in _WITH_EYES

    def painted() -> Bytes:
        picture = _enlarged(drawn(svg, name, min(size, _LARGEST_DRAWN)), size / min(size, _LARGEST_DRAWN))
        if blink and (closed := with_closed_eyes(picture)) is not None:
            picture = closed
        return in_surface(picture, surface, keep_skin=keep_skin)

    return raster_cache().get(f"{size} {blink} {surface} {keep_skin}\n{svg}", painted)


raster = Kept(_raster, lambda picture: picture.nbytes, _KEPT)


def drawn(svg: str, name: str, size: int, *, cut: bool = True) -> Bytes:
    """An SVG, premultiplied (h, w, 4).

    Args:
        name: for who reads the error.
        size: px of the larger side of its box, or of its height where it is not cut.
        cut: to what is drawn; else all of the box stays.

    Raises:
        ValueError: it cannot be read, or shows nothing.
    """
    wide = cut and _is_wide(svg)  # the larger side of its box gets the size, and the other one follows
    png = resvg_py.svg_to_bytes(
        svg_string=svg, width=size if wide else None, height=None if wide else size, skip_system_fonts=True
    )
    picture = cv2.imdecode(np.array(bytearray(png), np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError(f"the drawing of {name!r} cannot be read")
    rgba = np.asarray(cv2.cvtColor(np.asarray(picture, np.uint8), cv2.COLOR_BGRA2RGBA), np.uint8)
    alpha = rgba[..., 3:].astype(np.uint16)
    rgba[..., :3] = (rgba[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    if not cut:
        return np.ascontiguousarray(rgba)
    # Soft shadows that some drawings cast around them are no part of their outline.
    seen = rgba[..., 3] > 8
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        raise ValueError(f"the drawing of {name!r} is empty")
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _enlarged(picture: Bytes, factor: float) -> Bytes:
    if factor <= 1:
        return picture
    shape = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    larger = np.asarray(cv2.resize(picture, shape, interpolation=cv2.INTER_CUBIC), np.uint8)
    larger[..., :3] = np.minimum(larger[..., :3], larger[..., 3:])
    return larger


def _is_wide(svg: str) -> bool:
    box = _VIEW_BOX.search(svg)
    return box is None or float(box[1]) >= float(box[2])


def fur(emoji: str, surface: Surface = PLAIN) -> Colour:
    """The main colour of a drawing: of paws and bodies."""
    rgba = raster(emoji, 72, surface=surface).reshape(-1, 4)
    solid = rgba[rgba[:, 3] > 250][:, :3]
    if not solid.size:
        solid = rgba[:, :3]
    # The shades of one colour are many: eyes and outlines count for less than fur in light.
    keys, counts = np.unique(solid // 24, axis=0, return_counts=True)
    red, green, blue = (float(c) * 24 / 255 for c in keys[int(np.argmax(counts * (0.3 + keys.mean(axis=1) / 10)))])
    return (min(1, red + 0.015), min(1, green + 0.015), min(1, blue + 0.015))


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
        rate: steps a second; 0 where the shot tells.
        standing: px that count as its height; the whole picture where there is none.
        middle: x of its middle as a share of the width.
        closed: by step, index of the one with closed eyes; speaking: with an open mouth.
        crown: y of the top of its head, as a share of the height.
        anchors: by step, places as shares of the picture.
        lids: of a photograph, indexes of those with eyes ever more closed; mouths: with a mouth ever more open.
    """

    pictures: tuple[Bytes, ...]
    blink: int | None
    steps: tuple[int, ...]
    foot: float
    rate: float = 0.0
    standing: float | None = None
    middle: float = 0.5
    closed: tuple[int, ...] = ()
    speaking: tuple[int, ...] = ()
    crown: float = 0.0
    anchors: tuple[Mapping[AnchorName, tuple[float, float]], ...] = ()
    lids: tuple[int, ...] = ()
    mouths: tuple[int, ...] = ()


def animal_or_thing(emoji: str, size: int, surface: Surface = PLAIN) -> Body:
    """A drawing as it is, with a second picture that blinks where it has eyes."""
    plain = raster(emoji, size, surface=surface)
    closed = raster(emoji, size, True, surface)
    if plain.shape == closed.shape and not np.array_equal(plain, closed):
        return Body((plain, closed), 1, (), 1.0)
    return Body((plain,), None, (), 1.0)


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


def person(of: Rig, material: Surface = PLAIN) -> Body:
    """A rig's pictures; in a material all of the figure is made of it."""
    pictures = of.pictures
    if material.material is not None:
        pictures = tuple(in_surface(picture.copy(), material) for picture in pictures)
    return Body(
        pictures, of.blink, of.steps, of.foot, rate=of.rate, standing=of.standing, middle=of.middle,
        closed=of.faces.get("blink", ()), speaking=of.faces.get("open", ()), crown=of.anchors[0]["top"][1],
        anchors=of.anchors,
    )  # fmt: skip


def animal_with_body(emoji: str, size: int, surface: Surface = PLAIN) -> Body:
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
        pictures.append(in_surface(canvas, surface))
    return Body(tuple(pictures), None, (0, 1, 2, 3), 0.985)
