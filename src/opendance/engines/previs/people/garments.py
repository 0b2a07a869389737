"""Clothes on a figure: what covers legs, torso and arms."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.people.looks import Look, Worn
from opendance.engines.previs.people.sheet import Paint, Place, Sheet, toned
from opendance.engines.previs.people.skeleton import SIDES, Camera, Side, Skeleton, Vector
from opendance.engines.previs.people.surface import RINGS, Trunk

# What hides what, from far to near; limbs are shifted by how near they are.
LEGS, SKIRT, TORSO, HEAD, ARMS = -0.050, -0.012, 0.0, 0.040, 0.020
_LAYER = 0.0008  # from one garment to the next over it
_FAR = 0.86  # how dark the limb is that is farther away
_AROUND = np.radians(np.linspace(0, 360, 14, endpoint=False))


@dataclass(frozen=True)
class Dressed:
    """A figure that is being drawn."""

    look: Look
    skeleton: Skeleton
    camera: Camera
    trunk: Trunk
    sheet: Sheet

    def near(self, point: Vector) -> float:
        """How near a point is, from the middle of the body."""
        return self.camera.nearness(point - self.skeleton.spine[1])

    def leg_order(self, side: Side) -> float:
        hip, knee, *_ = self.skeleton.legs[side]
        return LEGS + float(np.clip(self.near(knee), -0.3, 0.3)) * 0.25 + self.near(hip) * 0.1

    def arm_order(self, side: Side) -> float:
        elbow = self.skeleton.arms[side][1]
        mean = 0.4 * self.near(elbow) + 0.6 * self.near(self.skeleton.hand(side))
        return ARMS + float(np.clip(mean, -0.3, 0.3)) * 0.6

    def tone(self, side: Side, limb: Vector) -> float:
        """Limbs on the far side are darker, so that they stand apart."""
        other = {"left": "right", "right": "left"}[side]
        rest = self.skeleton.arms if len(limb) == 3 else self.skeleton.legs
        mine, theirs = self.near(limb[0]), self.near(rest[other][0])  # pyright: ignore[reportArgumentType]
        return _FAR if mine < theirs - 0.03 else 1.0

    @property
    def layers(self) -> list[tuple[float, Worn]]:
        """What is worn, from the skin outwards, each with its share of the order."""
        order = {"bottom": 0, "top": 1, "whole": 1, "over": 3, "scarf": 4, "cape": 5, "feet": 6, "hands": 6}
        worn = sorted(self.look.wears, key=lambda each: order[each.garment.part])
        return [(_LAYER * (k + 1), each) for k, each in enumerate(worn)]


def along(points: Vector, cover: float) -> Vector:
    """The part of a limb (3, 3) that is covered: 1 ends at its middle joint, 2 at its end."""
    first, middle, end = points[0], points[1], points[2]
    if cover <= 1:
        return np.stack([first, first + (middle - first) * cover])
    return np.stack([first, middle, middle + (end - middle) * min(1.0, cover - 1)])


def _limb(d: Dressed, order: float, points: Vector, radii: tuple[float, ...], colour: Paint) -> None:
    places = [d.camera.place(point) for point in points]
    for k in range(len(places) - 1):
        d.sheet.capsule(order, places[k], radii[k], places[k + 1], radii[k + 1], colour)


def _radii(begin: float, end: float, cover: float) -> tuple[float, ...]:
    if cover <= 1:
        return (begin, begin + (end - begin) * cover * 0.5)
    return (begin, (begin + end) / 2, begin + (end - begin) * cover / 2)


def draw_legs(d: Dressed) -> None:
    """Legs and feet with all that covers them."""
    p, sheet = d.skeleton.proportions, d.sheet
    thick, thin = p.leg, p.leg * 0.60
    for side in SIDES:
        joints = d.skeleton.legs[side]
        order, tone = d.leg_order(side), d.tone(side, joints)
        _limb(d, order, joints[:3], (thick * 0.92, thick * 0.72, thin * 0.92), toned(d.look.skin, tone))
        ankle, toe = d.camera.place(joints[2]), d.camera.place(joints[3])
        footwear = next((worn for _, worn in d.layers if worn.garment.part == "feet"), None)
        sole = p.foot * 0.26
        colour = d.look.skin if footwear is None else footwear.colour
        for layer, worn in d.layers:
            g = worn.garment
            if g.legs:
                part = along(joints[:3], g.legs)
                radii = tuple(r * g.leg_width for r in _radii(thick, thin * 1.12, g.legs))
                _limb(d, order + layer, part, radii, toned(worn.colour, tone))
                if "plates" in g.details or "joints" in g.details:
                    knee = d.camera.place(joints[1])
                    sheet.disc(order + layer + 1e-4, knee, thick * 0.80, toned(worn.trim, tone))
                if "reflective" in g.details:
                    low = joints[1] + (joints[2] - joints[1]) * np.array([[0.55], [0.68]])
                    _limb(d, order + layer + 1e-4, low, (thin * g.leg_width * 1.16,) * 2, toned(worn.trim, tone))
        _foot(d, order + 0.008, ankle, toe, sole, toned(colour, tone))
        if footwear is not None:
            _shaft(d, order + 0.008, joints, footwear, thin, tone)


def _foot(d: Dressed, order: float, ankle: Place, toe: Place, sole: float, colour: Paint) -> None:
    d.sheet.blob(order, [(ankle, sole * 0.98), (toe, sole * 0.86)], colour)


def _shaft(d: Dressed, order: float, joints: Vector, footwear: Worn, thin: float, tone: float) -> None:
    g = footwear.garment
    ankle, toe = d.camera.place(joints[2]), d.camera.place(joints[3])
    sole = d.skeleton.proportions.foot * 0.26
    if g.shaft > 0.1:
        _limb(
            d,
            order,
            joints[2] + (joints[1] - joints[2]) * np.array([[0.0], [g.shaft]]),
            (thin * 1.2, thin * 1.42),
            toned(footwear.colour, tone),
        )
    if g.shaft < 0:  # straps over the skin
        _foot(d, order - 1e-4, ankle, toe, sole, toned(footwear.colour, tone))
        d.sheet.blob(order, [(ankle, sole * 0.9), (toe, sole * 0.66)], toned(d.look.skin, tone))
        d.sheet.stroke(
            order + 1e-4,
            [ankle, ((ankle[0] + toe[0]) / 2, (ankle[1] + toe[1]) / 2 + sole * 0.2)],
            sole * 0.35,
            toned(footwear.colour, tone),
        )
    if g.second is not None and g.shaft >= 0:
        line = (toe[0] * 0.7 + ankle[0] * 0.3, toe[1] * 0.7 + ankle[1] * 0.3 + sole * 0.25)
        d.sheet.disc(order + 1e-4, line, sole * 0.32, toned(g.second, tone))
    if "fins" in g.details:
        way = joints[3] - joints[2]
        tip = d.camera.place(joints[3] + way * 1.9)
        d.sheet.blob(order - 1e-4, [(toe, sole * 0.6), (tip, sole * 1.1)], toned(footwear.colour, tone))


def draw_skirts(d: Dressed) -> None:
    """Skirts, coat tails and robes: around both legs, wherever these go."""
    legs = d.skeleton.legs
    over = max(d.leg_order(side) for side in SIDES) + 0.014
    for layer, worn in d.layers:
        g = worn.garment
        if not g.skirt:
            continue
        order = max(SKIRT, over) + layer if "apron" not in g.details else max(SKIRT, over) + layer + 0.004
        if "apron" in g.details:
            _apron(d, order, worn)
            continue
        top = [d.trunk.ring(g.rise, g.puff), d.trunk.ring(0.0, g.puff + 0.004)]
        levels: list[Vector] = [np.concatenate(top)]
        for share in (0.5, 1.0) if g.skirt <= 1 else (0.9 / g.skirt, 1.0):
            radius = d.skeleton.proportions.leg * 1.05 + g.puff + g.flare * share
            levels.append(np.concatenate([_around(d, along(legs[s][:3], g.skirt * share), radius) for s in SIDES]))
        if "tutu" in g.details:
            _tutu(d, order, worn)
            continue
        for a, b in itertools.pairwise(levels):
            d.sheet.hull(order, np.concatenate([a, b]), worn.colour)
        if g.flare > 0.09 and g.rise:
            d.sheet.hull(order, np.concatenate([levels[0], levels[-1]]), worn.colour)
        _skirt_details(d, order, worn, levels)


def _around(d: Dressed, part: Vector, radius: float) -> Vector:
    """A ring at the end of a part of a limb, across it, (n, 2) in the picture."""
    way = part[-1] - part[-2]
    way = way / max(1e-6, float(np.linalg.norm(way)))
    side = np.cross(way, np.array([0.0, 0.0, 1.0]) if abs(way[2]) < 0.9 else np.array([1.0, 0.0, 0.0]))
    side = side / max(1e-6, float(np.linalg.norm(side)))
    other = np.cross(way, side)
    ring = part[-1] + radius * (np.cos(_AROUND)[:, None] * side + np.sin(_AROUND)[:, None] * other)
    return d.camera.places(ring)


def _tutu(d: Dressed, order: float, worn: Worn) -> None:
    hip = d.skeleton.hip
    for wide, low, colour in ((1.0, 0.0, worn.trim), (0.86, 0.022, worn.colour)):
        radius = (d.skeleton.proportions.hips + 0.13) * wide
        ring = np.stack([radius * np.cos(_AROUND), np.full(len(_AROUND), low), radius * np.sin(_AROUND)], axis=1)
        d.sheet.hull(order + low * 0.01, np.concatenate([d.camera.places(hip + ring), d.trunk.ring(0.12)]), colour)


def _skirt_details(d: Dressed, order: float, worn: Worn, levels: list[Vector]) -> None:
    g, sheet = worn.garment, d.sheet
    hem = levels[-1]
    low, high = hem.mean(axis=0), levels[0].mean(axis=0)
    left, right = hem[hem[:, 0].argmin()], hem[hem[:, 0].argmax()]
    if {"border", "hem_fur", "lace", "trim"} & set(g.details):
        sheet.stroke(order + 2e-4, [left, (left + right) / 2 - (high - low) * 0.018, right], 0.028, worn.trim)
    if "coat_line" in g.details and not d.trunk.turned_away:
        front = d.trunk.spot(0, 0.0)
        if front is not None:
            foot = (low[0] + (front[0] - high[0]) * 1.4, float(min(hem[:, 1])) + 0.006)
            sheet.stroke(order + 2e-4, [front, foot], 0.007, toned(worn.colour, 0.72))
    if "wrap" in g.details and not d.trunk.turned_away:
        start = d.trunk.spot(20, 0.1)
        if start is not None:
            sheet.stroke(
                order + 2e-4,
                [start, (right[0] * 0.6 + left[0] * 0.4, right[1] + 0.01)],
                0.008,
                toned(worn.colour, 0.74),
            )
    if "flowers" in g.details:
        for share, side in ((0.45, 0.2), (0.66, -0.35), (0.80, 0.3), (0.92, -0.1)):
            x, y = high + (low - high) * share
            sheet.disc(order + 3e-4, (x + side * (right[0] - left[0]) * 0.6, y), 0.013, worn.trim)
    if "stars" in g.details:
        for share, side in ((0.4, -0.2), (0.6, 0.25), (0.75, -0.3), (0.88, 0.1)):
            x, y = high + (low - high) * share
            star(sheet, order + 3e-4, (x + side * (right[0] - left[0]), y), 0.018, worn.trim)
    if g.flare > 0.04:  # folds
        for share in (0.3, 0.62):
            x = left[0] + (right[0] - left[0]) * share
            y = left[1] + (right[1] - left[1]) * share
            middle = high + (low - high) * 0.45
            begin = (middle[0] + (x - middle[0]) * 0.45, middle[1])
            sheet.stroke(order + 1e-4, [begin, (x, y + 0.014)], 0.006, toned(worn.colour, 0.86))


def star(sheet: Sheet, order: float, centre: Place, radius: float, colour: Paint) -> None:
    """A star of five points."""
    angles = np.radians(np.arange(10) * 36 + 90)
    lengths = np.where(np.arange(10) % 2 == 0, radius, radius * 0.45)
    sheet.polygon(order, np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None] + centre, colour)


def _apron(d: Dressed, order: float, worn: Worn) -> None:
    """A panel before torso and thighs."""
    g, trunk = worn.garment, d.trunk
    if trunk.turned_away:
        for t in (0.42,):
            if (tie := trunk.spot(180, t)) is not None:
                d.sheet.stroke(
                    TORSO + 0.012,
                    [(tie[0] - 0.03, tie[1] - 0.03), tie, (tie[0] + 0.03, tie[1] - 0.03)],
                    0.012,
                    worn.trim,
                )
        return
    bib = trunk.patch([(-38, 0.40), (-30, g.torso), (30, g.torso), (38, 0.40)], 0.012)
    band = trunk.patch([(-88, 0.34), (-88, 0.44), (-40, 0.46), (40, 0.46), (88, 0.44), (88, 0.34)], 0.012)
    panel = trunk.patch([(-70, 0.0), (-64, 0.44), (64, 0.44), (70, 0.0)], 0.014)
    legs = d.skeleton.legs
    if panel is None or bib is None:
        return
    front = d.skeleton.torso @ np.array([0, 0, d.skeleton.proportions.leg * 1.2 + 0.012])
    ends = np.concatenate(
        [_around(d, along(legs[s][:3] + front * 0.55, g.skirt), d.skeleton.proportions.leg * 0.9) for s in SIDES]
    )
    d.sheet.hull(order, np.concatenate([panel, ends]), worn.colour)
    torso = TORSO + 0.012
    d.sheet.polygon(torso, bib, worn.colour)
    d.sheet.polygon(torso, panel, worn.colour)
    if band is not None:
        d.sheet.polygon(torso + 1e-4, band, worn.trim)
    for side in (-1, 1):
        strap = trunk.patch([(side * 30, g.torso), (side * 38, 0.98), (side * 30, 1.0), (side * 22, g.torso)], 0.012)
        if strap is not None:
            d.sheet.polygon(torso, strap, worn.trim)


def draw_trunk(d: Dressed) -> None:
    """The torso with all that covers it."""
    _torso(d, TORSO, d.look.skin, 0.0, 1.0)
    for layer, worn in d.layers:
        g = worn.garment
        if g.part in ("feet", "cape", "scarf", "hands") or "apron" in g.details:
            continue
        if g.neck == "toga":
            shape = d.trunk.patch([(-88, 0.0), (-88, 0.62), (-30, 0.80), (60, 1.0), (88, 0.9), (88, 0.0)], g.puff)
            _torso(d, TORSO + layer, worn.colour, g.puff, 0.55)
            if shape is not None:
                d.sheet.polygon(TORSO + layer, shape, worn.colour)
            continue
        _torso(d, TORSO + layer, worn.colour, g.puff, g.torso)


def _torso(d: Dressed, order: float, colour: Paint, puff: float, upto: float) -> None:
    heights = [t for t in RINGS if t < upto] + [min(upto, RINGS[-1])]
    rings = [d.trunk.ring(t, puff) for t in heights]
    for a, b in itertools.pairwise(rings):
        d.sheet.hull(order, np.concatenate([a, b]), colour)
    if upto > 0.9:  # the shoulders close the gap to the arms
        p = d.skeleton.proportions
        tops = [(d.camera.place(d.skeleton.arms[side][0]), p.arm * 0.96 + puff * 0.5) for side in SIDES]
        d.sheet.blob(order, tops, colour)


def draw_arms(d: Dressed) -> None:
    """Arms and hands with all that covers them."""
    p = d.skeleton.proportions
    thick, thin = p.arm, p.arm * 0.72
    gloves = next((worn for _, worn in reversed(d.layers) if worn.garment.gloves), None)
    for side in SIDES:
        joints = d.skeleton.arms[side]
        order, tone = d.arm_order(side), d.tone(side, joints) * 0.97
        skin = toned(d.look.skin, tone)
        _limb(d, order, joints, (thick * 0.9, thick * 0.78, thin * 0.92), skin)
        for layer, worn in d.layers:
            g = worn.garment
            if not g.sleeves:
                continue
            colour = toned(worn.colour, tone * 0.95)
            if g.hanging:
                _hanging(d, order + layer - 3e-4, joints, g.hanging, thin * g.sleeve_width, toned(colour, 0.9))
            radii = tuple(r * g.sleeve_width for r in _radii(thick, thin, g.sleeves))
            _limb(d, order + layer, along(joints, g.sleeves), radii, colour)
            cuffed = {"cuffs", "reflective"} & set(g.details)
            if cuffed:
                end = joints[1] + (joints[2] - joints[1]) * np.array([[0.78], [0.95]])
                _limb(d, order + layer + 1e-4, end, (thin * g.sleeve_width * 1.1,) * 2, toned(worn.trim, tone))
            if {"joints", "plates"} & set(g.details):
                d.sheet.disc(order + layer + 1e-4, d.camera.place(joints[1]), thick * 0.9, toned(worn.trim, tone))
            if {"pauldrons", "sode"} & set(g.details):
                x, y = d.camera.place(joints[0])
                radius = thick * (1.75 if "pauldrons" in g.details else 1.7)
                d.sheet.ellipse(
                    order + layer + 2e-4,
                    (x, y - radius * 0.15),
                    (radius, radius * 0.92),
                    0,
                    toned(worn.colour if "pauldrons" in g.details else worn.trim, tone * 1.0),
                )
            if "epaulettes" in g.details:
                x, y = d.camera.place(joints[0])
                d.sheet.ellipse(order + layer + 2e-4, (x, y + thick * 0.75), (thick * 0.95, thick * 0.3), 0, worn.trim)
        _hand(d, order + 0.005, side, skin if gloves is None else toned(gloves.trim, tone), gloves)


def _hanging(d: Dressed, order: float, joints: Vector, length: float, radius: float, colour: Paint) -> None:
    """A wide sleeve: it hangs straight down from the forearm."""
    down = np.array([0.0, -1.0, 0.0]) * length
    elbow, wrist = joints[1], joints[2]
    middle = elbow + (wrist - elbow) * 0.25
    ends = [middle + down * 0.55, wrist + (elbow - wrist) * 0.08 + down]
    circles = [(d.camera.place(point), radius * 1.1) for point in (middle, wrist)]
    d.sheet.blob(order, circles + [(d.camera.place(point), radius * 0.8) for point in ends], colour)


def _hand(d: Dressed, order: float, side: Side, colour: Paint, gloves: Worn | None) -> None:
    p = d.skeleton.proportions
    hand = d.camera.place(d.skeleton.hand(side))
    wrist = d.camera.place(d.skeleton.arms[side][2])
    big = gloves is not None and "big_gloves" in gloves.garment.details
    radius = p.hand * (1.75 if big else 1.0)
    d.sheet.blob(order, [(wrist, radius * 0.62), (hand, radius)], colour)
    along_x, along_y = hand[0] - wrist[0], hand[1] - wrist[1]
    length = max(1e-6, float(np.hypot(along_x, along_y)))
    ahead = 1.0 if abs(d.trunk.azimuth) > 25 else (1.0 if side == "right" else -1.0)
    across = (-along_y / length * ahead, along_x / length * ahead)
    thumb = (hand[0] + across[0] * radius * 0.75, hand[1] + across[1] * radius * 0.75)
    d.sheet.capsule(order + 1e-4, hand, radius * 0.4, thumb, radius * 0.42, toned(colour, 0.95))
