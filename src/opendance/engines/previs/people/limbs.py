"""Arms, legs, hands and feet with what covers them."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.people.dressed import Dressed, along
from opendance.engines.previs.people.looks import Worn
from opendance.engines.previs.people.sheet import Paint, Place, toned
from opendance.engines.previs.people.skeleton import SIDES, Side, Vector


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
