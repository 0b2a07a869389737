"""Hair and beards."""

from __future__ import annotations

import numpy as np

from opendance.engines.previs.people.dressed import HEAD, Dressed
from opendance.engines.previs.people.sheet import toned
from opendance.engines.previs.people.surface import Ball
from opendance.engines.previs.people.tables import Beard, Hair

_BEHIND = -0.020  # order of hair that falls behind the torso


def draw_hair(d: Dressed, ball: Ball, hair: Hair, covered: bool) -> None:
    colour = d.look.hair_colour
    order = HEAD + 0.004
    thick = min(hair.thick, 1.06) if covered else hair.thick
    bare = all(elevation >= 80 for _, elevation in hair.line)
    if not bare:
        d.sheet.polygon(order, ball.cap(hair.line, thick, jag=hair.jag), colour)
    if hair.lift and not covered and ball.facing(0) > -0.2:
        x, y = ball.place(15, 62, 1.04)
        d.sheet.ellipse(order, (x, y), (ball.across * 0.52, ball.across * 0.24), ball.angle, colour)
    if hair.curls and not covered:
        for k, elevation in enumerate(np.linspace(-20, 200, 10)):
            azimuth = ball.azimuth + (90 if elevation < 90 else -90)
            up = elevation if elevation < 90 else 180 - elevation
            if abs((azimuth + 180) % 360 - 180) < 100 and up < 10:
                continue
            d.sheet.disc(
                order - 1e-4,
                ball.place(azimuth, up, thick - 0.06),
                ball.across * hair.curls * (1 + 0.2 * (k % 2)),
                colour,
            )
    for azimuth, elevation, distance, radius in () if covered and hair.knots and hair.knots[0][1] > 30 else hair.knots:
        facing = ball.facing(azimuth)
        over = 0.0015 if facing > 0.1 or elevation > 70 else -0.006
        d.sheet.disc(
            order + over, ball.place(azimuth, elevation, distance), ball.across * radius * 1.05, toned(colour, 0.94)
        )
    if "kanzashi" in hair.details and not covered:
        for azimuth, elevation, tint in ((60, 50, (232, 90, 110)), (75, 40, (250, 214, 90)), (48, 62, (245, 240, 235))):
            if ball.facing(azimuth) > -0.1:
                d.sheet.disc(order + 0.002, ball.place(azimuth, elevation, 1.2), ball.across * 0.15, tint)


def draw_back_hair(d: Dressed, ball: Ball, hair: Hair, covered: bool) -> None:
    away = ball.facing(0) < -0.3
    colour = toned(d.look.hair_colour, 1.0 if away else 0.90)
    if hair.back:
        order = HEAD + 0.0055 if away else (_BEHIND if ball.facing(0) > 0.35 else HEAD - 0.002)
        angles = np.linspace(100, 260, 12)
        top = ball.points(angles, np.full(12, 20.0), hair.thick)
        around = np.radians(angles)
        middle = ball.local(
            np.stack([np.sin(around) * hair.wide, np.full(12, -0.5), np.cos(around) * 0.9 - 0.05], axis=1)
        )
        low = ball.local(
            np.stack([np.sin(around) * hair.wide * 0.92, np.full(12, -hair.back), np.cos(around) * 0.62 - 0.1], axis=1)
        )
        d.sheet.hull(order, np.concatenate([top, middle, low]), colour)
        if hair.curls:
            for x, y in low[::3]:
                d.sheet.disc(order, (float(x), float(y)), ball.across * 0.3, colour)
    for azimuth, elevation, length in (*hair.tails, *((hair.tail,) if hair.tail else ())):
        start = np.array(ball.place(azimuth, elevation, 1.08))
        order = HEAD + 0.006 if ball.facing(azimuth) > 0.1 else _BEHIND
        away_from = start - np.array(ball.centre)
        out = np.array([float(np.sign(away_from[0])) * 0.35, -0.2]) * ball.across
        end = start + out + np.array([out[0] * 0.6, -length * float(ball.radii[1])])
        middle = (start + end) / 2 + out * 0.5
        width = ball.across * 0.30
        if hair.braid:
            for k in range(7):
                share = k / 6
                at = start * (1 - share) ** 2 + 2 * middle * share * (1 - share) + end * share**2
                d.sheet.disc(
                    order + k * 1e-6,
                    (float(at[0]), float(at[1])),
                    width * (0.95 - 0.45 * share),
                    toned(colour, 1.0 if k % 2 else 0.88),
                )
            d.sheet.disc(order + 1e-5, (float(end[0]), float(end[1])), width * 0.4, (200, 70, 90))
        else:
            places = [(float(q[0]), float(q[1])) for q in (start, middle, end)]
            d.sheet.capsule(order, places[0], width * 0.55, places[1], width, colour)
            d.sheet.capsule(order, places[1], width, places[2], width * 0.35, colour)
            d.sheet.disc(order + 1e-5, places[0], width * 0.55, (214, 90, 100))


def draw_beard(d: Dressed, ball: Ball, beard: Beard) -> None:
    colour, order = d.look.hair_colour, HEAD + 0.0041
    if beard.face is not None and ball.facing(0) > -0.3:
        lowest, highest = max(-beard.within, ball.azimuth - 88), min(beard.within, ball.azimuth + 88)
        turned = np.linspace(lowest, highest, 21)
        share = np.abs(turned) / beard.within
        slope = np.clip((share - 0.35) / 0.65, 0, 1) ** 1.4
        upper = beard.face + (beard.ear - beard.face) * slope
        top = ball.points(turned, upper, 1.03)
        around = np.radians(turned)
        fall = -0.98 - beard.drop * (1 - share**1.5) + 0.72 * share**2.2
        low = ball.local(np.stack([np.sin(around) * (0.72 + 0.34 * share), fall, np.cos(around) * 0.62 + 0.20], axis=1))
        d.sheet.polygon(order if beard.drop < 0.3 else HEAD + 0.0042, np.concatenate([top, low[::-1]]), colour)
        if beard.within > 60 and beard.drop < 2:
            d.sheet.hull(
                order - 1e-5, np.concatenate([low, ball.points(turned, np.minimum(upper, -30.0), 1.02)]), colour
            )
    if (beard.face is not None or beard.moustache) and ball.facing(0) > 0.0:
        for side in (-1.0, 1.0):
            inner, outer = ball.place(0, -33, 1.07), ball.place(side * 27, -41, 1.04)
            if ball.facing(side * 20) > 0.0:
                d.sheet.capsule(
                    HEAD + 0.00435,
                    inner,
                    ball.across * 0.10,
                    outer,
                    ball.across * 0.05,
                    toned(colour, 1.0 if sum(colour) > 600 else 1.12),
                )
