"""Necks and collars of what is worn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from opendance.engines.previs.people.dressed import TORSO
from opendance.engines.previs.people.looks import Worn
from opendance.engines.previs.people.pen import BLACK, Pen, inner_colour
from opendance.engines.previs.people.sheet import toned


def no_neck(pen: Pen, worn: Worn) -> None:
    pass


def _round(pen: Pen, worn: Worn) -> None:
    pen.patch([(-40, 1.0), (-24, 0.94), (0, 0.92), (24, 0.94), (40, 1.0)], pen.d.look.skin)


def _wide(pen: Pen, worn: Worn) -> None:
    pen.patch([(-62, 1.0), (-40, 0.90), (0, 0.86), (40, 0.90), (62, 1.0)], pen.d.look.skin)


def _bare(pen: Pen, worn: Worn) -> None:
    skin = pen.d.look.skin
    pen.band(0.80, 1.0, skin)
    pen.patch(
        [(-88, 0.78), (-88, 0.84), (-40, 0.84), (-18, 0.86), (0, 0.80), (18, 0.86), (40, 0.84), (88, 0.84), (88, 0.78)],
        worn.colour,
    )


def _straps(pen: Pen, worn: Worn) -> None:
    for side in (-1, 1):
        pen.line([(side * 35, 0.84), (side * 40, 0.97)], 0.02, worn.colour)


def _v(pen: Pen, worn: Worn) -> None:
    pen.patch([(-34, 1.0), (0, 0.66), (34, 1.0)], inner_colour(pen.d, worn))
    pen.line([(-34, 1.0), (0, 0.66), (34, 1.0)], 0.009, worn.trim)


def _collar(pen: Pen, worn: Worn) -> None:
    pen.patch([(-26, 1.0), (0, 0.88), (26, 1.0)], pen.d.look.skin)
    light = toned(worn.colour, 1.25)
    for side in (-1, 1):
        pen.patch([(side * 8, 0.98), (side * 4, 0.88), (side * 30, 0.87), (side * 52, 1.02)], light, 2e-5)


def _turtle(pen: Pen, worn: Worn) -> None:
    d, p = pen.d, pen.d.skeleton.proportions
    neck = d.camera.place(d.skeleton.shoulders + d.skeleton.torso @ np.array([0.0, 0.004, 0.006]))
    angle = float(np.arctan2(-(d.skeleton.torso @ np.array([0, 1, 0]))[0], 1.0)) * float(
        np.cos(np.radians(d.camera.yaw))
    )
    d.sheet.ellipse(pen.order, neck, (p.head * 0.27, p.head * 0.13), angle, toned(worn.colour, 0.92))


def _cross(pen: Pen, worn: Worn) -> None:
    trim = worn.trim
    pen.patch([(-34, 1.0), (4, 0.70), (34, 1.0)], pen.d.look.skin)
    pen.patch([(34, 1.02), (-30, 0.44), (-44, 0.46), (16, 1.04)], trim, 2e-5)
    pen.patch([(-34, 1.02), (6, 0.64), (14, 0.70), (-16, 1.04)], trim, 1e-5)


def _lapels(pen: Pen, worn: Worn) -> None:
    inner, dark = inner_colour(pen.d, worn), toned(worn.colour, 0.80)
    pen.patch([(-30, 1.0), (0, 0.42), (30, 1.0)], inner)
    pen.patch([(-16, 1.0), (0, 0.90), (16, 1.0)], pen.d.look.skin, 1e-5)
    for side in (-1, 1):
        pen.patch(
            [(side * 26, 1.03), (side * 2, 0.40), (side * 34, 0.72), (side * 44, 0.84), (side * 54, 1.03)], dark, 3e-5
        )
        pen.patch([(side * 10, 0.99), (side * 6, 0.91), (side * 22, 0.90), (side * 28, 1.02)], toned(inner, 1.2), 2e-5)


def _open(pen: Pen, worn: Worn) -> None:
    pen.patch([(-24, 1.0), (-13, 0.0), (13, 0.0), (24, 1.0)], inner_colour(pen.d, worn))
    pen.patch([(-20, 1.0), (0, 0.92), (20, 1.0)], pen.d.look.skin, 1e-5)
    for side in (-1, 1):
        pen.patch(
            [(side * 22, 1.02), (side * 20, 0.84), (side * 44, 0.90), (side * 52, 1.02)], toned(worn.colour, 0.8), 2e-5
        )


def _hood(pen: Pen, worn: Worn) -> None:
    d, p = pen.d, pen.d.skeleton.proportions
    back = d.skeleton.shoulders + d.skeleton.torso @ np.array([0.0, 0.015, -p.depth * 0.55])
    order = pen.order if d.trunk.turned_away else TORSO - 0.004
    d.sheet.ellipse(order, d.camera.place(back), (p.head * 0.40, p.head * 0.26), 0, toned(worn.colour, 0.78))
    pen.patch([(-50, 1.02), (-22, 0.92), (0, 0.88), (22, 0.92), (50, 1.02)], toned(worn.colour, 0.82))
    pen.patch([(-34, 1.02), (0, 0.94), (34, 1.02)], pen.d.look.skin, 1e-5)


def _mandarin(pen: Pen, worn: Worn) -> None:
    _turtle(pen, worn)


def _sailor(pen: Pen, worn: Worn) -> None:
    trim = worn.trim
    pen.patch([(-60, 1.02), (-52, 0.84), (0, 0.70), (52, 0.84), (60, 1.02)], trim)
    pen.patch([(-28, 1.0), (0, 0.82), (28, 1.0)], pen.d.look.skin, 1e-5)
    if pen.d.trunk.turned_away:
        pen.patch([(130, 1.02), (135, 0.66), (225, 0.66), (230, 1.02)], trim)
    pen.dot(0, 0.70, 0.018, (200, 40, 50), 2e-5)


def _gorget(pen: Pen, worn: Worn) -> None:
    d, p = pen.d, pen.d.skeleton.proportions
    neck = d.camera.place(d.skeleton.shoulders)
    d.sheet.ellipse(pen.order, neck, (p.head * 0.34, p.head * 0.14), 0, toned(worn.trim, 1.1))


def _ring(pen: Pen, worn: Worn) -> None:
    d, p = pen.d, pen.d.skeleton.proportions
    neck = d.camera.place(d.skeleton.shoulders + d.skeleton.torso @ np.array([0, 0.004, 0]))
    d.sheet.ellipse(pen.order + 1e-3, neck, (p.head * 0.46, p.head * 0.13), 0, worn.trim)


def _wimple(pen: Pen, worn: Worn) -> None:
    pen.patch([(-80, 1.02), (-60, 0.84), (0, 0.74), (60, 0.84), (80, 1.02)], worn.trim)


def _ermine(pen: Pen, worn: Worn) -> None:
    _open(pen, worn)
    pen.patch(
        [(-88, 1.0), (-80, 0.82), (-20, 0.76), (-10, 0.96), (10, 0.96), (20, 0.76), (80, 0.82), (88, 1.0)],
        worn.trim,
        4e-5,
    )
    if pen.d.trunk.turned_away:
        pen.band(0.80, 1.0, worn.trim)
    for azimuth, t in ((-60, 0.88), (-34, 0.84), (34, 0.84), (60, 0.88)):
        pen.dot(azimuth, t, 0.007, BLACK, 6e-5)


def _fur(pen: Pen, worn: Worn) -> None:
    pen.line([(0, 0.95), (0, 0.7), (0, 0.4), (0, 0.1)], 0.034, worn.trim)
    _gorget(pen, worn)


NECKS: dict[str, Callable[[Pen, Worn], None]] = {
    "round": _round, "wide": _wide, "bare": _bare, "straps": _straps, "v": _v, "collar": _collar, "turtle": _turtle,
    "cross": _cross, "lapels": _lapels, "open": _open, "hood": _hood, "mandarin": _mandarin, "sailor": _sailor,
    "gorget": _gorget, "ring": _ring, "wimple": _wimple, "ermine": _ermine, "fur": _fur,
}  # fmt: skip
