"""The piano and the paws that play it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opendance.engines.previs.colour import Colour, Light, mix
from opendance.engines.previs.paint import Canvas
from opendance.engines.previs.plates import Placement, Plate

_WHITE_STEPS = (0, 2, 4, 5, 7, 9, 11)  # semitones of the white keys
_LOWEST, _NUM_WHITE = 48, 22  # from C3 up, three octaves


@dataclass(frozen=True)
class Stroke:
    """A note that is played: s, MIDI pitch."""

    at: float
    pitch: int


def key_place(pitch: int) -> float:
    """Where the key of a pitch is on the keyboard, 0 (left) to 1."""
    octave, step = divmod(pitch - _LOWEST, 12)
    white = sum(1 for s in _WHITE_STEPS if s < step) + octave * 7
    return min(0.98, max(0.02, (white + 0.5) / _NUM_WHITE))


def piano(
    light: Light,
    x: float,
    top: float,
    width: float,
    *,
    density: float,
    depth: float,
    strokes: list[Stroke],
    bottom: float,
) -> list[Plate]:
    """A grand piano from the front: lid, body with the light's sheen, a keyboard whose keys go down.

    Args:
        x: middle; top: y of the edge over the keys; bottom: y of its foot; all picture heights.
    """
    box = (x - width * 0.62, top - width * 0.05, x + width * 0.62, max(bottom, top + width * 0.34))
    canvas = Canvas(box, density)
    black = light.lit((0.075, 0.065, 0.085), 0.30)
    sheen = mix(light.key, (1, 1, 1), 0.25)
    half, keys_top, keys_end = width / 2, top + width * 0.055, top + width * 0.185
    canvas.polygon(
        [(x - half * 1.16, top), (x + half * 1.16, top), (x + half * 1.20, box[3]), (x - half * 1.20, box[3])], black
    )
    canvas.rect(x - half * 1.16, top - width * 0.022, x + half * 1.16, top + width * 0.004, mix(black, sheen, 0.30))
    canvas.rect(x - half * 1.16, top - width * 0.022, x + half * 1.16, top - width * 0.017, mix(black, sheen, 0.75))
    for block in (-1, 1):
        canvas.polygon(
            [
                (x + block * half * 1.02, keys_top - width * 0.02),
                (x + block * half * 1.17, keys_top - width * 0.02),
                (x + block * half * 1.22, keys_end + width * 0.03),
                (x + block * half * 1.06, keys_end + width * 0.03),
            ],
            mix(black, sheen, 0.10),
        )
    canvas.rect(
        x - half * 1.03, keys_top - width * 0.010, x + half * 1.03, keys_top, light.lit((0.62, 0.12, 0.16), 0.4)
    )
    ivory = light.neutral().lit((0.97, 0.95, 0.90), 0.62)
    _keys(canvas, x, half, keys_top, keys_end, ivory, black, sheen)
    canvas.rect(x - half * 1.08, keys_end, x + half * 1.08, keys_end + width * 0.016, mix(black, sheen, 0.22))
    canvas.rect(x - half * 1.08, keys_end, x + half * 1.08, keys_end + width * 0.004, mix(black, sheen, 0.55))
    rows = np.clip(1 - (canvas.ys - keys_end) / (width * 0.25), 0, 1) * (canvas.ys > keys_end)
    shine = np.exp(-(((canvas.xs - x + half * 0.5) / (half * 0.30)) ** 2))[None, :] * rows[:, None] * 0.20
    canvas.tint(sheen, shine.astype(np.float32))
    plates = [Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, depth)]
    plates += _pressed(light, x, half, keys_top, keys_end, ivory, strokes, density, depth)
    return plates


def _keys(
    canvas: Canvas, x: float, half: float, y0: float, y1: float, ivory: Colour, black: Colour, sheen: Colour
) -> None:
    for k in range(_NUM_WHITE):
        a, b = x - half + 2 * half * k / _NUM_WHITE, x - half + 2 * half * (k + 1) / _NUM_WHITE
        wide = 1.035  # the keys come towards the camera
        canvas.polygon(
            [(a + 0.001, y0), (b - 0.001, y0), (x + (b - x) * wide - 0.001, y1), (x + (a - x) * wide + 0.001, y1)],
            mix(ivory, (0, 0, 0), 0.02 * (k % 3)),
        )
        canvas.polygon(
            [
                (x + (a - x) * wide + 0.001, y1 - (y1 - y0) * 0.10),
                (x + (b - x) * wide - 0.001, y1 - (y1 - y0) * 0.10),
                (x + (b - x) * wide - 0.001, y1),
                (x + (a - x) * wide + 0.001, y1),
            ],
            mix(ivory, (0.2, 0.15, 0.2), 0.28),
        )
    for k in range(_NUM_WHITE - 1):
        if k % 7 in (0, 1, 3, 4, 5):
            c = x - half + 2 * half * (k + 1) / _NUM_WHITE
            w = half / _NUM_WHITE * 0.56
            low = y0 + (y1 - y0) * 0.60
            canvas.polygon(
                [(c - w, y0), (c + w, y0), (c + w * 1.05, low), (c - w * 1.05, low)], mix(black, (0, 0, 0), 0.5)
            )
            canvas.polygon(
                [
                    (c - w * 0.7, y0),
                    (c + w * 0.7, y0),
                    (c + w * 0.7, low - (low - y0) * 0.12),
                    (c - w * 0.7, low - (low - y0) * 0.12),
                ],
                mix(black, sheen, 0.16),
            )


def _pressed(
    light: Light,
    x: float,
    half: float,
    y0: float,
    y1: float,
    ivory: Colour,
    strokes: list[Stroke],
    density: float,
    depth: float,
) -> list[Plate]:
    """The sounding keys glow a little and are darker at their end, one plate for each key that is used."""
    plates: list[Plate] = []
    by_key: dict[int, list[float]] = {}
    for stroke in strokes:
        by_key.setdefault(int(key_place(stroke.pitch) * _NUM_WHITE), []).append(stroke.at)
    for k, times in by_key.items():
        a, b = x - half + 2 * half * k / _NUM_WHITE, x - half + 2 * half * (k + 1) / _NUM_WHITE
        canvas = Canvas((a, y0, b + 0.004, y1 + 0.004), density)
        low = y0 + (y1 - y0) * 0.62
        canvas.polygon(
            [(a + 0.002, low), (b - 0.001, low), (b, y1), (a + 0.002, y1)],
            mix(ivory, mix(light.key, (1.0, 0.86, 0.5), 0.5), 0.55),
        )
        canvas.polygon([(a + 0.002, y1 - 0.004), (b, y1 - 0.004), (b, y1), (a + 0.002, y1)], mix(ivory, (0, 0, 0), 0.6))
        onsets = np.array(times)

        def motion(t: float, onsets: np.ndarray = onsets) -> Placement:
            before = onsets[onsets <= t]
            age = t - before[-1] if before.size else 9.0
            return Placement(opacity=float(np.exp(-age * 5.0)), visible=age < 0.9)

        plates.append(Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, depth, motion=motion))
    return plates


def paws(
    light: Light,
    colour: Colour,
    x: float,
    top: float,
    width: float,
    *,
    density: float,
    depth: float,
    strokes: list[Stroke],
) -> list[Plate]:
    """Two paws (or hands) that go to the keys as they sound: the left one plays what is low."""
    half, rest_y = width / 2, top + width * 0.085
    if not strokes:
        return []
    light = light.neutral()
    middle = float(np.median([s.pitch for s in strokes]))
    plates: list[Plate] = []
    for side in (-1, 1):
        own = [s for s in strokes if (s.pitch < middle) == (side < 0)] or strokes
        times = np.array([s.at for s in own])
        places = np.array([x - half + 2 * half * key_place(s.pitch) for s in own])
        home = x + side * half * 0.34
        places = home + (places - home) * 0.6
        r = width * 0.052
        canvas = Canvas((-r * 1.7, -r * 2.6, r * 1.7, r * 1.5), density)
        light_side = light.lit(colour, 0.85)
        canvas.ellipse(0, -r * 0.8, r * 0.92, r * 1.7, mix(light.lit(colour, 0.45), (0, 0, 0), 0.08))
        canvas.ellipse(0, 0, r * 1.12, r * 0.95, light.lit(colour, 0.62))
        canvas.ellipse(-r * 0.15, -r * 0.22, r * 0.72, r * 0.52, light_side)
        for toe in (-1, 0, 1):
            canvas.line(
                [(toe * r * 0.36, r * 0.42), (toe * r * 0.40, r * 0.82)],
                mix(light.lit(colour, 0.4), (0.2, 0.1, 0.05), 0.4),
                r * 0.10,
            )
        canvas.rim(-0.5, -1, light.key, 0.5, r * 0.16)

        def motion(
            t: float, times: np.ndarray = times, places: np.ndarray = places, r: float = r, side: int = side
        ) -> Placement:
            k = int(np.searchsorted(times, t, side="right")) - 1
            nxt = min(k + 1, len(times) - 1)
            at = places[max(0, k)]
            if nxt > k >= 0:
                gap = max(1e-3, times[nxt] - times[k])
                share = np.clip((t - times[k]) / gap * 1.6 - 0.5, 0, 1)
                at = at + (places[nxt] - at) * share * share * (3 - 2 * share)
            age = t - times[k] if k >= 0 else 1.0
            ahead = times[nxt] - t if nxt > k else 1.0
            press = np.exp(-((age / 0.09) ** 2)) + 0.0
            lift = np.clip(1 - abs(ahead - 0.10) / 0.10, 0, 1) * 0.7
            return Placement(x=float(at), y=float(rest_y + r * (0.75 * press - 0.8 * lift)), angle=0.05 * side)

        plates.append(Plate(canvas.pixels(), canvas.left, canvas.top, canvas.density, depth, motion=motion))
    return plates
