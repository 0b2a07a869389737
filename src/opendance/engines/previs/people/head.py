"""Heads: skull, ears, face, hair and beard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from opendance.engines.previs.people.dressed import HEAD, TORSO, Dressed
from opendance.engines.previs.people.hair import draw_back_hair, draw_beard, draw_hair
from opendance.engines.previs.people.sheet import Paint, toned
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import Beard, heads

Mood = Literal["calm", "happy", "sad", "angry", "surprised"]
Mouth = Literal["closed", "open", "round"]

_DARK: Paint = (42, 32, 34)
_WHITE: Paint = (250, 250, 248)
_LIPS: Paint = (196, 84, 86)
_EYES_AT = 25.0  # azimuth, degrees


@dataclass(frozen=True)
class Face:
    """What a face does.

    Attributes:
        gaze: where the eyes look: to its left and up, -1 to 1.
    """

    mood: Mood = "calm"
    mouth: Mouth = "closed"
    blink: bool = False
    gaze: tuple[float, float] = (0.0, 0.0)


def draw_head(d: Dressed, face: Face) -> None:
    """The whole head but what is worn on it."""
    ball = Ball(d.skeleton, d.camera)
    look = d.look
    hair = heads().hairs[look.hair]
    hat = None if look.hat is None else heads().hats[look.hat.name]
    beard = None if look.beard is None else heads().beards[look.beard]
    covered = hat is not None and not hat.open
    _neck(d)
    draw_back_hair(d, ball, hair, covered)
    radii = (ball.across * (1.0 if abs(ball.facing(0)) > 0.5 else 1.05), float(ball.radii[1]))
    skull = np.concatenate(
        [ball.points(np.full(19, ball.azimuth + side), np.linspace(-90, 90, 19)) for side in (-90, 90)]
    )
    d.sheet.hull(HEAD, skull, look.skin)
    jaw = ball.local(np.array([[0.0, -0.55, 0.30]]))[0]
    d.sheet.ellipse(HEAD, (float(jaw[0]), float(jaw[1])), (radii[0] * 0.74, radii[1] * 0.42), ball.angle, look.skin)
    _ears(d, ball)
    if look.face == "robot":
        _robot(d, ball, face)
        return
    if not (look.hat is not None and look.hat.name == "space_helmet"):
        draw_hair(d, ball, hair, covered)
    _features(d, ball, face)
    if beard is not None:
        draw_beard(d, ball, beard)
    _mouth(d, ball, face, beard)
    _glasses(d, ball)


def _neck(d: Dressed) -> None:
    s, p = d.skeleton, d.skeleton.proportions
    top, low = d.camera.place(s.skull), d.camera.place(s.shoulders - s.torso @ np.array([0.0, 0.012, 0.0]))
    d.sheet.capsule(TORSO + 3e-4, low, p.head * 0.20, top, p.head * 0.20, toned(d.look.skin, 0.88))


def _ears(d: Dressed, ball: Ball) -> None:
    size = ball.across * 0.24
    for azimuth in (-90.0, 90.0):
        facing = ball.facing(azimuth)
        if facing < -0.25:
            continue
        x, y = ball.place(azimuth * 1.02, -8, 1.03)
        d.sheet.ellipse(
            HEAD + (0.0035 if facing > 0.4 else -0.0005),
            (x, y),
            (size * 0.8, size),
            ball.angle,
            toned(d.look.skin, 0.93),
        )
        if d.look.face == "elf":
            tip = ball.place(azimuth * 1.2, 30, 1.45)
            d.sheet.polygon(HEAD + 0.0036, [(x, y - size), tip, (x, y + size)], toned(d.look.skin, 0.93))


def _features(d: Dressed, ball: Ball, face: Face) -> None:
    """Eyes, brows, nose and cheeks."""
    look, unit = d.look, ball.across
    order = HEAD + 0.0030
    young = look.age in ("baby", "child")
    for side in (-1.0, 1.0):
        azimuth = side * _EYES_AT
        facing = ball.facing(azimuth)
        if facing < 0.05:
            continue
        narrow = 0.45 + 0.55 * facing
        x, y = ball.place(azimuth, -9 if young else -4)
        if look.face == "alien":
            d.sheet.ellipse(order, (x, y), (unit * 0.26 * narrow, unit * 0.36), ball.angle + side * 0.4, _DARK)
            d.sheet.disc(order + 1e-5, (x + unit * 0.06, y + unit * 0.12), unit * 0.06, _WHITE)
            continue
        if look.glasses == "eyepatch" and side < 0:
            d.sheet.disc(HEAD + 0.0046, (x, y), unit * 0.26, _DARK)
            continue
        size = unit * (0.150 if young else 0.128) * (1.15 if look.gender == "woman" else 1.0)
        if face.blink:
            d.sheet.stroke(
                order, [(x - size * narrow, y), (x, y - size * 0.3), (x + size * narrow, y)], unit * 0.06, _DARK
            )
        else:
            tall = size * (1.55 if face.mood == "surprised" else 1.25)
            d.sheet.ellipse(order, (x, y), (size * narrow * 1.45, tall * 1.16), ball.angle, _WHITE)
            pupil = (x + (face.gaze[0] * 0.45) * size + (1 - facing) * side * 0.0, y + face.gaze[1] * size * 0.4)
            d.sheet.ellipse(order + 1e-5, pupil, (size * narrow, tall * 0.98), ball.angle, _DARK)
            d.sheet.disc(order + 2e-5, (pupil[0] - size * 0.25, pupil[1] + size * 0.45), size * 0.32, _WHITE)
            if look.gender == "woman" and not young:
                angles = np.radians(np.linspace(165, 15, 7))
                lid = np.stack([np.cos(angles) * size * narrow * 1.5 + x, np.sin(angles) * tall * 1.22 + y], axis=1)
                d.sheet.stroke(order + 3e-5, lid, unit * 0.05, _DARK)
                outer = lid[-1] if _on_the_right(ball, side) else lid[0]
                flick = outer + np.array([np.sign(outer[0] - x) * size * 0.55, size * 0.35])
                d.sheet.stroke(order + 3e-5, np.stack([outer, flick]), unit * 0.05, _DARK)
        raised = {"calm": 0.0, "happy": 0.06, "sad": 0.02, "angry": -0.04, "surprised": 0.14}[face.mood]
        slope = {"calm": -0.02, "happy": -0.03, "sad": -0.14, "angry": 0.16, "surprised": -0.04}[face.mood]
        low = ball.place(azimuth - side * 11, 18 if not young else 14, 1.02)
        high = ball.place(azimuth + side * 14, 18 if not young else 14, 1.02)
        brows = toned(look.hair_colour, 0.92) if sum(look.hair_colour) < 600 else toned(look.hair_colour, 1.0)
        shift = unit * raised
        d.sheet.stroke(
            HEAD + 0.0046,
            [(low[0], low[1] + shift - unit * slope), (high[0], high[1] + shift + unit * slope)],
            unit * (0.115 if look.gender == "man" and not young else 0.075),
            brows,
        )
        if face.mood != "angry":
            cheek = ball.place(side * 44, -30, 0.98)
            if ball.facing(side * 44) > 0.15:
                d.sheet.ellipse(
                    order - 2e-5,
                    cheek,
                    (unit * 0.17 * ball.facing(side * 44), unit * 0.12),
                    ball.angle,
                    _blush(look.skin),
                )
    if ball.facing(0) > -0.05 and d.look.face != "alien":
        nose = ball.place(0, -20, 1.08 if look.face != "clown" else 1.14)
        size = unit * {"baby": 0.10, "child": 0.11, "teen": 0.13, "adult": 0.155, "elderly": 0.19}[look.age]
        size *= 0.85 if look.gender == "woman" else 1.0
        colour: Paint = (214, 40, 50) if look.face == "clown" else toned(look.skin, 0.91)
        size *= 1.6 if look.face == "clown" else 1.0
        d.sheet.ellipse(HEAD + 0.0044, nose, (size, size * 0.92), ball.angle, colour)
    if look.face == "bindi" and ball.facing(0) > 0.1:
        d.sheet.disc(HEAD + 0.0044, ball.place(0, 24), unit * 0.06, (190, 30, 50))


def _on_the_right(ball: Ball, side: float) -> bool:
    """Whether the outer corner of an eye is the right one in the picture."""
    return ball.place(side * (_EYES_AT + 15), 0)[0] > ball.place(side * (_EYES_AT - 15), 0)[0]


def _blush(skin: Paint) -> Paint:
    red, green, blue = skin
    return (min(255, red + 6), round(green * 0.84), round(blue * 0.82))


def _mouth(d: Dressed, ball: Ball, face: Face, beard: Beard | None) -> None:
    if ball.facing(0) < 0.02:
        return
    unit, order = ball.across, HEAD + 0.0043
    bend = {"calm": 0.13, "happy": 0.2, "sad": -0.14, "angry": -0.08, "surprised": 0.0}[face.mood]
    centre = ball.place(0, -46, 1.0)
    narrow = 0.4 + 0.6 * ball.facing(0)
    mouth: Mouth = "round" if face.mood == "surprised" and face.mouth == "closed" else face.mouth
    lips = _LIPS if d.look.gender == "woman" and d.look.age not in ("child", "baby") else toned(d.look.skin, 0.58)
    if mouth == "open" or (face.mood == "happy" and mouth == "closed" and beard is None):
        wide, tall = unit * 0.30 * narrow, unit * (0.20 if mouth == "open" else 0.15)
        angles = np.radians(np.linspace(180, 360, 12))
        curve = np.stack([np.cos(angles) * wide, np.sin(angles) * tall + tall * 0.4], axis=1)
        d.sheet.polygon(order, curve + np.array(centre), (120, 40, 46))
        d.sheet.ellipse(
            order + 1e-5, (centre[0], centre[1] - tall * 0.3), (wide * 0.5, tall * 0.25), 0, (224, 110, 112)
        )
        d.sheet.polygon(
            order + 1e-5,
            [
                (centre[0] - wide * 0.8, centre[1] + tall * 0.4),
                (centre[0] + wide * 0.8, centre[1] + tall * 0.4),
                (centre[0] + wide * 0.66, centre[1] + tall * 0.12),
                (centre[0] - wide * 0.66, centre[1] + tall * 0.12),
            ],
            _WHITE,
        )
        return
    if mouth == "round":
        d.sheet.ellipse(order, centre, (unit * 0.13 * narrow, unit * 0.17), ball.angle, (120, 40, 46))
        return
    places = [
        ball.place(a, -46 + bend * (abs(a) / 20) ** 2 * 60 - bend * 20, 1.01)
        for a in (-20, -10, 0, 10, 20)
        if ball.facing(a) > 0.05
    ]
    if len(places) > 1:
        d.sheet.stroke(order, places, unit * (0.085 if lips == _LIPS else 0.065), lips)


def _glasses(d: Dressed, ball: Ball) -> None:
    kind, unit, order = d.look.glasses, ball.across, HEAD + 0.0048
    if kind is None or ball.facing(0) < -0.2:
        return
    if kind == "eyepatch":
        places = [ball.place(a, e, 1.03) for a, e in ((-80, 12), (-25, 8), (20, 34), (60, 46)) if ball.facing(a) > 0]
        d.sheet.stroke(order, places, unit * 0.06, _DARK)
        return
    frame: Paint = {"round": (60, 48, 46), "goggles": (86, 120, 140), "sunglasses": (24, 24, 28)}[kind]
    for side in (-1.0, 1.0):
        facing = ball.facing(side * _EYES_AT)
        if facing < 0.1:
            continue
        x, y = ball.place(side * _EYES_AT, -5, 1.06)
        radii = (unit * 0.31 * (0.3 + 0.7 * facing), unit * (0.31 if kind == "round" else 0.27))
        angles = np.linspace(0, 2 * np.pi, 17)
        ring = np.stack([np.cos(angles) * radii[0] + x, np.sin(angles) * radii[1] + y], axis=1)
        if kind == "sunglasses":
            d.sheet.polygon(order, ring, frame)
        d.sheet.stroke(order, ring, unit * (0.065 if kind == "round" else 0.10), frame)
    bridge = [ball.place(a, -3, 1.07) for a in (-9, 0, 9) if ball.facing(a) > 0]
    if len(bridge) > 1:
        d.sheet.stroke(order, bridge, unit * 0.06, frame)
    for side in (-1.0, 1.0):
        temple = [ball.place(side * a, -2, 1.04) for a in (46, 66, 86) if ball.facing(side * a) > 0.02]
        if len(temple) > 1:
            d.sheet.stroke(order, temple, unit * 0.06, frame)


def _robot(d: Dressed, ball: Ball, face: Face) -> None:
    """A face of a screen with lights for eyes."""
    if ball.facing(0) < 0:
        return
    azimuths = ball.clamped(np.array([-58, -58, -30, 0, 30, 58, 58, 30, 0, -30], float))
    elevations = np.array([-28, 26, 34, 36, 34, 26, -28, -38, -40, -38], float)
    d.sheet.polygon(HEAD + 0.003, ball.points(azimuths, elevations, 1.03), (36, 48, 66))
    light: Paint = (110, 220, 250)
    for side in (-1.0, 1.0):
        if (facing := ball.facing(side * 24)) > 0.1:
            tall = ball.across * (0.03 if face.blink else 0.17)
            d.sheet.ellipse(
                HEAD + 0.0032, ball.place(side * 24, 6, 1.05), (ball.across * 0.15 * facing, tall), ball.angle, light
            )
    tall = {"closed": 0.04, "open": 0.13, "round": 0.10}[face.mouth]
    d.sheet.ellipse(
        HEAD + 0.0032,
        ball.place(0, -24, 1.05),
        (ball.across * 0.22 * max(0.2, ball.facing(0)), ball.across * tall),
        ball.angle,
        light,
    )
