"""What is on clothes: ties, buttons, belts, armour, emblems."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from opendance.engines.previs.people.carried import CARRIED, draw_pack
from opendance.engines.previs.people.dressed import TORSO, Dressed, star
from opendance.engines.previs.people.looks import Worn
from opendance.engines.previs.people.necks import NECKS, no_neck
from opendance.engines.previs.people.pen import WHITE, Corners, Pen
from opendance.engines.previs.people.sheet import Paint, toned


def draw_details(d: Dressed) -> None:
    """Collars and details of everything worn on the torso."""
    for layer, worn in d.layers:
        g = worn.garment
        if g.part in ("feet", "hands"):
            continue
        pen = Pen(d, layer, worn)
        NECKS.get(g.neck, no_neck)(pen, worn)
        for detail in g.details:
            if (draw := _DETAILS.get(detail)) is not None and not (detail == "tie" and "no_tie" in d.look.details):
                draw(pen, worn)
    for detail in d.look.details:
        if (draw := CARRIED.get(detail)) is not None:
            draw(d)


def _dots(azimuths: Sequence[float], heights: Sequence[float], radius: float) -> Callable[[Pen, Worn], None]:
    def draw(pen: Pen, worn: Worn) -> None:
        for azimuth in azimuths:
            for t in heights:
                pen.dot(azimuth, t, radius, worn.trim)

    return draw


def _belt(
    low: float, high: float, colour: Paint | None = None, buckle: Paint | None = None
) -> Callable[[Pen, Worn], None]:
    def draw(pen: Pen, worn: Worn) -> None:
        pen.band(low, high, worn.trim if colour is None else colour, 3e-5)
        if buckle is not None:
            pen.dot(0, (low + high) / 2, 0.017, buckle, 4e-5)

    return draw


def _patches(shapes: Sequence[tuple[Corners, Paint | float | None]]) -> Callable[[Pen, Worn], None]:
    """Shapes in a colour, in the second one of the garment, or in a tone of its own."""

    def draw(pen: Pen, worn: Worn) -> None:
        for k, (corners, colour) in enumerate(shapes):
            own = worn.trim
            if isinstance(colour, tuple):
                own = colour
            elif colour is not None:
                own = toned(worn.colour, colour)
            pen.patch(corners, own, 2e-5 + k * 1e-6)

    return draw


def _stripes(pen: Pen, worn: Worn) -> None:
    for t in (0.12, 0.30, 0.48, 0.66, 0.82):
        pen.band(t, t + 0.07, worn.trim, -1e-4)


def _checks(pen: Pen, worn: Worn) -> None:
    for t in (0.18, 0.42, 0.66, 0.88):
        pen.band(t, t + 0.045, worn.trim, -1e-4)
    for azimuth in (-60, -24, 24, 60, 150, 210):
        pen.line([(azimuth, 0.02), (azimuth, 0.3), (azimuth, 0.6), (azimuth, 0.94)], 0.009, worn.trim)


def _tie(pen: Pen, worn: Worn) -> None:
    colour: Paint = (168, 40, 52) if worn.garment.part == "over" else toned(worn.colour, 0.6)
    pen.patch([(-6, 0.92), (-11, 0.56), (0, 0.47), (11, 0.56), (6, 0.92)], colour, 2.5e-5)
    pen.patch([(-8, 0.94), (-4, 0.87), (4, 0.87), (8, 0.94)], toned(colour, 0.85), 2.6e-5)


def _bow_tie(pen: Pen, worn: Worn) -> None:
    for side in (-1, 1):
        pen.patch([(0, 0.905), (side * 17, 0.955), (side * 17, 0.855)], (30, 30, 36), 5e-5)
    pen.dot(0, 0.905, 0.008, (50, 50, 58), 6e-5)


def _bib(pen: Pen, worn: Worn) -> None:
    pen.patch([(-38, 0.2), (-32, 0.70), (32, 0.70), (38, 0.2)], worn.colour)
    pen.patch([(-18, 0.60), (-16, 0.44), (16, 0.44), (18, 0.60)], toned(worn.colour, 0.85), 2e-5)


def _shoulder_straps(pen: Pen, worn: Worn) -> None:
    for side in (-1, 1):
        pen.patch([(side * 32, 0.70), (side * 42, 1.0), (side * 32, 1.0), (side * 22, 0.70)], worn.colour)
        pen.dot(side * 27, 0.68, 0.010, worn.trim)
        pen.patch([(side * 150, 0.3), (side * 140, 1.0), (side * 152, 1.0), (side * 164, 0.3)], worn.colour)


def _ribbon(pen: Pen, worn: Worn) -> None:
    trim: Paint = (214, 72, 92) if worn.name == "men_hanbok" else (150, 40, 80)
    pen.patch([(-2, 0.80), (-10, 0.30), (2, 0.28), (6, 0.80)], trim, 5e-5)
    pen.patch([(0, 0.82), (26, 0.88), (28, 0.76)], trim, 5e-5)


def _jeogori(pen: Pen, worn: Worn) -> None:
    pen.band(0.64, 1.0, worn.trim, -1e-4)


def _obi(pen: Pen, worn: Worn) -> None:
    pen.band(0.26, 0.60, worn.trim, 3e-5)
    pen.band(0.40, 0.46, toned(worn.colour, 0.8), 4e-5)
    back = pen.d.trunk.spot(180, 0.5)
    if back is not None:
        pen.d.sheet.ellipse(pen.order + 5e-5, back, (0.05, 0.055), 0, toned(worn.trim, 0.92))


def _drape(pen: Pen, worn: Worn) -> None:
    pen.patch([(88, 0.05), (40, 0.05), (-60, 1.0), (-20, 1.04), (60, 0.5), (88, 0.4)], toned(worn.colour, 0.85), 3e-5)
    pen.patch([(40, 0.05), (-60, 1.0), (-48, 1.0), (52, 0.05)], worn.trim, 4e-5)


def _toga(pen: Pen, worn: Worn) -> None:
    pen.line([(-70, 0.66), (-30, 0.80), (20, 0.92), (60, 1.0)], 0.012, worn.trim)
    pen.line([(-60, 0.45), (-10, 0.62), (40, 0.82)], 0.008, toned(worn.colour, 0.85))
    pen.line([(-50, 0.25), (0, 0.42), (50, 0.62)], 0.008, toned(worn.colour, 0.85))


def _plates(pen: Pen, worn: Worn) -> None:
    for t in (0.30, 0.16):
        pen.band(t, t + 0.02, worn.trim)
    pen.line([(0, 0.9), (0, 0.5)], 0.007, worn.trim)


def _tabard(pen: Pen, worn: Worn) -> None:
    colour: Paint = (44, 74, 140)
    pen.patch([(-34, 0.0), (-36, 0.86), (36, 0.86), (34, 0.0)], colour, 1e-5)
    pen.patch([(-5, 0.34), (-5, 0.78), (5, 0.78), (5, 0.34)], (236, 226, 196), 2e-5)
    pen.patch([(-20, 0.58), (-20, 0.66), (20, 0.66), (20, 0.58)], (236, 226, 196), 2e-5)
    pen.patch([(146, 0.0), (146, 0.86), (214, 0.86), (214, 0.0)], colour, 1e-5)


def _lames(pen: Pen, worn: Worn) -> None:
    for t in (0.08, 0.26, 0.44, 0.62, 0.80):
        pen.band(t, t + 0.035, worn.trim, -1e-4)
    pen.patch([(-30, 0.66), (-26, 0.94), (26, 0.94), (30, 0.66)], toned(worn.trim, 1.2))
    pen.dot(0, 0.8, 0.02, (224, 184, 64), 6e-5)


def _breastplate(pen: Pen, worn: Worn) -> None:
    pen.band(0.30, 0.97, worn.trim, -1e-4)
    for side in (-1, 1):
        pen.line([(side * 42, 0.84), (side * 26, 0.74), (side * 4, 0.76)], 0.008, toned(worn.trim, 0.8))
    pen.line([(0, 0.72), (0, 0.42)], 0.007, toned(worn.trim, 0.8))


def _pteruges(pen: Pen, worn: Worn) -> None:
    for azimuth in range(-75, 76, 25):
        pen.patch([(azimuth - 7, 0.02), (azimuth - 7, 0.28), (azimuth + 7, 0.28), (azimuth + 7, 0.02)], worn.trim)


def _reflective(pen: Pen, worn: Worn) -> None:
    pen.band(0.24, 0.33, worn.trim, 3e-5)
    pen.band(0.60, 0.68, worn.trim, 3e-5)


def _emblem(pen: Pen, worn: Worn) -> None:
    spot = pen.d.trunk.spot(0, 0.72)
    if spot is not None:
        pen.d.sheet.disc(pen.order + 2e-5, spot, 0.042, worn.trim)
        star(pen.d.sheet, pen.order + 3e-5, spot, 0.032, (250, 214, 84))


def _chest_stars(pen: Pen, worn: Worn) -> None:
    for azimuth, t in ((-42, 0.70), (38, 0.58), (-20, 0.2), (30, 0.88)):
        spot = pen.d.trunk.spot(azimuth, t)
        if spot is not None:
            star(pen.d.sheet, pen.order + 3e-5, spot, 0.018, worn.trim)


def _camouflage(pen: Pen, worn: Worn) -> None:
    for azimuth, t, radius in (
        (-50, 0.3, 0.024),
        (-20, 0.72, 0.028),
        (30, 0.5, 0.026),
        (55, 0.84, 0.022),
        (10, 0.16, 0.024),
        (-60, 0.6, 0.02),
    ):
        pen.dot(azimuth, t, radius, worn.trim if t < 0.6 else toned(worn.colour, 1.2), -1e-5)


def _controls(pen: Pen, worn: Worn) -> None:
    pen.patch([(-34, 0.46), (-32, 0.74), (32, 0.74), (34, 0.46)], toned(worn.colour, 0.86), 1e-5)
    for azimuth, colour in ((-18, (216, 60, 60)), (0, (244, 190, 60)), (18, (70, 150, 220))):
        pen.dot(azimuth, 0.64, 0.012, colour, 3e-5)
    pen.patch([(-22, 0.50), (-22, 0.56), (22, 0.56), (22, 0.50)], worn.trim, 2e-5)


def _backpack_of_suit(pen: Pen, worn: Worn) -> None:
    draw_pack(pen.d, (212, 218, 226), 1.15)


def _tank(pen: Pen, worn: Worn) -> None:
    draw_pack(pen.d, worn.trim, 0.8)


def _number(pen: Pen, worn: Worn) -> None:
    for centre in (0, 180):
        pen.patch([(centre - 14, 0.5), (centre - 14, 0.78), (centre + 14, 0.78), (centre + 14, 0.5)], worn.trim)


def _hem(pen: Pen, worn: Worn) -> None:
    pen.band(0.0, 0.07, worn.trim)


def _pocket(pen: Pen, worn: Worn) -> None:
    pen.patch([(-42, 0.10), (-28, 0.36), (28, 0.36), (42, 0.10)], worn.trim)


def _sash_end(pen: Pen, worn: Worn) -> None:
    pen.band(0.36, 0.46, worn.trim, 3e-5)
    pen.patch([(14, 0.40), (10, 0.06), (22, 0.06), (24, 0.40)], worn.trim, 4e-5)


def _slant(pen: Pen, worn: Worn) -> None:
    pen.line([(0, 0.96), (-26, 0.84), (-52, 0.72)], 0.010, worn.trim)


def _cross_on(pen: Pen, worn: Worn) -> None:
    pen.patch([(-3, 0.40), (-3, 0.66), (3, 0.66), (3, 0.40)], (226, 192, 87), 3e-5)
    pen.patch([(-9, 0.55), (-9, 0.60), (9, 0.60), (9, 0.55)], (226, 192, 87), 3e-5)


def _red_cross(pen: Pen, worn: Worn) -> None:
    for corners in ([(-3, 0.62), (-3, 0.80)], [(-9, 0.68), (-9, 0.74)]):
        (a, low), (_, high) = corners
        pen.patch([(28 + a, low), (28 + a, high), (28 - a, high), (28 - a, low)], (211, 58, 63), 3e-5)


def _neckerchief(pen: Pen, worn: Worn) -> None:
    pen.patch([(-40, 1.03), (0, 0.86), (40, 1.03)], (200, 60, 56), 4e-5)
    pen.dot(0, 0.90, 0.013, (170, 44, 44), 5e-5)


def _scarf_end(pen: Pen, worn: Worn) -> None:
    d, p = pen.d, pen.d.skeleton.proportions
    neck = d.camera.place(d.skeleton.shoulders + d.skeleton.torso @ np.array([0.0, 0.0, 0.01]))
    d.sheet.ellipse(TORSO + 0.014, neck, (p.head * 0.36, p.head * 0.16), 0, worn.colour)
    pen.patch([(14, 0.98), (12, 0.46), (34, 0.46), (36, 0.98)], worn.trim, 1e-3)


_DETAILS: dict[str, Callable[[Pen, Worn], None]] = {
    "buttons": _dots([0], [0.14, 0.34, 0.54, 0.74], 0.008),
    "double_buttons": _dots([-15, 15], [0.22, 0.42, 0.62], 0.010),
    "one_button": _dots([0], [0.36], 0.009),
    "belt": _belt(0.33, 0.43), "duty_belt": _belt(0.20, 0.31, (40, 38, 42), (200, 180, 110)),
    "black_belt": _belt(0.26, 0.38, (36, 34, 38), (232, 196, 84)), "rope": _belt(0.36, 0.42),
    "waistband": _belt(0.20, 0.28), "sash": _sash_end,
    "zip": _patches([([(-2.5, 0.02), (-2.5, 0.94), (2.5, 0.94), (2.5, 0.02)], None)]),
    "handkerchief": _patches([([(32, 0.72), (30, 0.80), (46, 0.78), (44, 0.72)], WHITE)]),
    "pen": _patches([([(26, 0.54), (26, 0.70), (50, 0.70), (50, 0.54)], 0.9),
                     ([(32, 0.66), (32, 0.76), (36, 0.76), (36, 0.66)], (60, 110, 190))]),
    "pocket_chest": _patches([([(22, 0.54), (22, 0.72), (46, 0.72), (46, 0.54)], 0.88)]),
    "pockets": _patches([([(20, 0.58), (20, 0.76), (48, 0.76), (48, 0.58)], None),
                         ([(-48, 0.58), (-48, 0.76), (-20, 0.76), (-20, 0.58)], None)]),
    "badge": _patches([([(30, 0.66), (26, 0.76), (34, 0.82), (42, 0.76), (38, 0.66)], None)]),
    "wings": _patches([([(18, 0.74), (32, 0.78), (48, 0.74), (32, 0.71)], None)]),
    "side_stripe": _patches([([(70, 0.0), (70, 0.9), (84, 0.9), (84, 0.0)], None),
                             ([(-84, 0.0), (-84, 0.9), (-70, 0.9), (-70, 0.0)], None)]),
    "yoke": _patches([([(-88, 1.0), (-88, 0.70), (0, 0.60), (88, 0.70), (88, 1.0)], None)]),
    "briefs": _belt(0.0, 0.16), "trim": _patches([([(-4, 0.02), (-4, 0.66), (4, 0.66), (4, 0.02)], None)]),
    "stripes": _stripes, "checks": _checks, "tie": _tie, "bow_tie": _bow_tie, "bib": _bib, "straps": _shoulder_straps,
    "ribbon": _ribbon, "jeogori": _jeogori, "obi": _obi, "drape": _drape, "toga": _toga, "plates": _plates,
    "tabard": _tabard, "lames": _lames, "breastplate": _breastplate, "pteruges": _pteruges, "reflective": _reflective,
    "emblem": _emblem, "stars": _chest_stars, "camouflage": _camouflage, "controls": _controls, "number": _number,
    "backpack": _backpack_of_suit, "tank": _tank, "hem": _hem, "pocket": _pocket, "slant": _slant, "cross": _cross_on,
    "red_cross": _red_cross, "scarf": _neckerchief, "scarf_end": _scarf_end,
}  # fmt: skip
