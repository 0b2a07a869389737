"""What stands on the ground throws a shadow on it, what stands on water a mirror image."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.subjects import Bytes, shadow_of

_SHEEN, _SHINES = 0.45, 0.34  # of a thing, what a polished floor shows; and how clearly at its foot


def shadow_plate(picture: Bytes, plate: Plate, motion: Callable[[float], Placement], spot: Spot) -> Plate:
    """The contact shadow of a subject.

    Args:
        picture: (h, w, 4), as it is drawn; plate: its plate.
    """
    foot, height = spot.foot, spot.height
    shade = shadow_of(picture, 0.16)
    wide = picture.shape[1] / plate.density * 1.35
    density = shade.shape[1] / wide
    tall = shade.shape[0] / density
    middle = plate.left + picture.shape[1] / plate.density / 2

    def under(t: float) -> Placement:
        placement = motion(t)
        air = min(1.0, max(0.0, -placement.y / max(0.05, height)))
        return Placement(
            x=placement.x, scale_x=abs(placement.scale_x) * (1 - 0.25 * air),
            opacity=(1 - 0.65 * air) * 0.9 * placement.opacity, visible=placement.visible,
        )  # fmt: skip

    return Plate(
        pack(shade), middle - wide / 2, foot - tall * 0.52, density, spot.depth, anchor=(middle, foot), motion=under
    )


def mirror_plate(picture: Bytes, plate: Plate, motion: Callable[[float], Placement], spot: Spot) -> Plate:
    """What water shows of a subject.

    Args:
        picture: (h, w, 4), as it is drawn; plate: its plate.
    """
    rows = picture.shape[0]
    fade = np.linspace(0.55, 0.0, rows, dtype=np.float32)[:, None, None] ** 1.2
    flipped = np.clip(picture[::-1] * fade * np.array((0.7, 0.82, 0.95, 1.0), np.float32), 0, 255).astype(np.uint8)

    def below(t: float) -> Placement:
        placement = motion(t)
        return Placement(
            x=placement.x, y=-placement.y * 0.6, angle=-placement.angle, scale_y=0.8, opacity=placement.opacity,
            visible=placement.visible,
        )  # fmt: skip

    return Plate(
        pack(flipped), plate.left, spot.foot - 26 / plate.density, plate.density, spot.depth,
        anchor=(plate.anchor[0], spot.foot), motion=below, wave=(0.012, 0.16, 0.9),
    )  # fmt: skip


def sheen_plate(
    picture: Bytes, plate: Plate, motion: Callable[[float], Placement], spot: Spot, *, ends: float | None = None
) -> Plate:
    """What a polished floor shows of a thing: its lower part upside down, softer and fainter the farther away.

    Args:
        picture: (h, w, 4), as it is drawn; plate: its plate.
        ends: y of the edge at which what shows it ends; a table shows it less clearly than a floor of a studio.
    """
    rows = np.flatnonzero(picture[..., 3].any(axis=1))
    last = int(rows[-1]) + 1 if rows.size else picture.shape[0]
    part = np.ascontiguousarray(picture[max(0, last - round(_SHEEN * last)) : last][::-1])
    shines = _SHINES if ends is None else 0.7 * _SHINES
    fade = np.linspace(shines, 0.0, part.shape[0], dtype=np.float32)[:, None, None] ** 1.3
    near = part.astype(np.float32) * fade
    far = np.asarray(cv2.GaussianBlur(near, (0, 0), max(1.0, part.shape[0] / 28)), np.float32)
    share = np.linspace(0, 1, part.shape[0], dtype=np.float32)[:, None, None]
    mirrored = np.clip(near * (1 - share) + far * share, 0, 255).astype(np.uint8)
    foot = plate.top + last / plate.density
    if ends is not None:
        mirrored = mirrored[: max(2, round((ends - foot) * plate.density))]

    def below(t: float) -> Placement:
        placement = motion(t)
        return Placement(
            x=placement.x, y=-placement.y, angle=-placement.angle, scale_x=placement.scale_x, scale_y=placement.scale_y,
            opacity=placement.opacity, visible=placement.visible,
        )  # fmt: skip

    return Plate(
        pack(mirrored), plate.left, foot, plate.density, spot.depth, anchor=(plate.anchor[0], spot.foot), motion=below
    )
