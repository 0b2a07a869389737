"""Colour and light: one light with a place in the picture; sky, haze, rim and shadows all take their colour from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from opendance.plan import Hour, Setting, Style, Weather

Colour = tuple[float, float, float]  # sRGB, 0 to 1
Floats = npt.NDArray[np.float32]

_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32
)  # fmt: skip
_FROM_LAB, _FROM_LMS = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_LMS)
_LMS_OF_LAB: list[list[float]] = _FROM_LAB.tolist()
_RGB_OF_LMS: list[list[float]] = _FROM_LMS.tolist()


def to_oklab(rgb: Floats) -> Floats:
    """(..., 3) sRGB to OKLab (Ottosson 2020)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4)
    return (np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T).astype(np.float32)


def from_oklab(lab: Floats) -> Floats:
    """(..., 3) OKLab to sRGB, cut to 0 to 1."""
    linear = np.maximum((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(rgb, 0, 1).astype(np.float32)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Between two colours, in OKLab; `share` 1 gives the second."""
    kept = 1 - share
    ones, others = _lab(first), _lab(second)
    light, green, blue = (one * kept + other * share for one, other in zip(ones, others, strict=True))
    lms = [(row[0] * light + row[1] * green + row[2] * blue) ** 3 for row in _LMS_OF_LAB]
    return (_companded(lms, 0), _companded(lms, 1), _companded(lms, 2))


@lru_cache(maxsize=4096)
def _lab(colour: Colour) -> tuple[float, float, float]:
    """As `to_oklab`, of one colour: sets mix thousands of them, and an array for each is slow."""
    lightness, green_red, blue_yellow = to_oklab(np.array(colour, np.float32)).tolist()
    return (lightness, green_red, blue_yellow)


def _companded(lms: list[float], channel: int) -> float:
    """As in `from_oklab`, of one colour."""
    row = _RGB_OF_LMS[channel]
    linear = row[0] * lms[0] + row[1] * lms[1] + row[2] * lms[2]
    if linear <= 0.0031308:
        return max(0.0, linear) * 12.92
    return min(1.0, 1.055 * linear ** (1 / 2.4) - 0.055)


def times(first: Colour, second: Colour, factor: float = 1.0) -> Colour:
    """Product of two colours, channel by channel."""
    return (first[0] * second[0] * factor, first[1] * second[1] * factor, first[2] * second[2] * factor)


def gradient(stops: list[tuple[float, Colour]], length: int) -> Floats:
    """(length, 3): colours between stops at 0 to 1, in OKLab."""
    places = np.array([place for place, _ in stops], np.float32)
    labs = to_oklab(np.array([colour for _, colour in stops], np.float32))
    at = np.linspace(0, 1, length, dtype=np.float32)
    lab = np.stack([np.interp(at, places, labs[:, k]) for k in range(3)], -1).astype(np.float32)
    return from_oklab(lab)


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    Attributes:
        sky: stops of the sky from top (0) to horizon (1).
        key: colour of the light; `strength` 0 to 1.
        ambient: colour that everything in shade gets.
        haze: colour of the air; `density` how fast it swallows what is far.
        place: where the light stands, x from -1 to 1 over the half width, y in picture heights over the horizon.
    """

    sky: tuple[tuple[float, Colour], ...]
    key: Colour
    strength: float
    ambient: Colour
    haze: Colour
    density: float
    place: tuple[float, float]
    night: bool = False

    def lit(self, material: Colour, exposure: float = 0.5) -> Colour:
        """A material in this light; `exposure` 0 is in the shade, 1 faces the light."""
        shade, sun = times(material, self.ambient), times(material, self.key, self.strength)
        red, green, blue = (min(1.0, s * (1 - 0.35 * exposure) + k * exposure) for s, k in zip(shade, sun, strict=True))
        return (red, green, blue)

    def neutral(self) -> Light:
        """The same light with paler colours, for what must keep its own."""
        grey = sum(self.ambient) / 3
        lifted = max(grey, 0.44)
        return replace(
            self, ambient=mix(self.ambient, (lifted, lifted, lifted), 0.65), key=mix(self.key, (1, 1, 1), 0.55)
        )

    def hazed(self, colour: Colour, depth: float) -> Colour:
        """A colour seen through the air at this depth (1 is the subject's)."""
        return mix(colour, self.haze, self.haze_share(depth))

    def haze_share(self, depth: float) -> float:
        """How much of what is at this depth is swallowed by the air, 0 to 1."""
        return float(1 - np.exp(-self.density * max(0.0, depth - 1.0)))


_HOURS: dict[Hour, Light] = {
    "dawn": Light(
        sky=((0, (0.30, 0.38, 0.64)), (0.45, (0.66, 0.58, 0.72)), (0.75, (0.92, 0.68, 0.64)), (1, (0.98, 0.80, 0.66))),
        key=(1.0, 0.80, 0.64), strength=0.65, ambient=(0.50, 0.48, 0.62), haze=(0.86, 0.70, 0.70), density=0.06,
        place=(-0.5, 0.10),
    ),
    "day": Light(
        sky=((0, (0.16, 0.42, 0.80)), (0.5, (0.40, 0.68, 0.93)), (1, (0.76, 0.89, 0.96))),
        key=(1.0, 0.97, 0.90), strength=0.78, ambient=(0.56, 0.64, 0.80), haze=(0.70, 0.82, 0.93), density=0.045,
        place=(0.45, 0.42),
    ),
    "golden": Light(
        sky=((0, (0.16, 0.19, 0.42)), (0.35, (0.50, 0.30, 0.50)), (0.68, (0.95, 0.52, 0.36)), (1, (1.0, 0.82, 0.50))),
        key=(1.0, 0.70, 0.40), strength=0.85, ambient=(0.50, 0.40, 0.54), haze=(0.92, 0.58, 0.42), density=0.075,
        place=(0.38, 0.13),
    ),
    "dusk": Light(
        sky=((0, (0.05, 0.08, 0.24)), (0.5, (0.20, 0.20, 0.45)), (0.82, (0.62, 0.36, 0.50)), (1, (0.93, 0.55, 0.46))),
        key=(0.92, 0.58, 0.60), strength=0.50, ambient=(0.36, 0.36, 0.60), haze=(0.52, 0.38, 0.56), density=0.085,
        place=(-0.4, 0.06),
    ),
    "night": Light(
        sky=((0, (0.012, 0.022, 0.085)), (0.5, (0.03, 0.065, 0.19)), (1, (0.10, 0.17, 0.36))),
        key=(0.66, 0.78, 1.0), strength=0.55, ambient=(0.24, 0.29, 0.48), haze=(0.09, 0.14, 0.30), density=0.075,
        place=(-0.42, 0.34), night=True,
    ),
}  # fmt: skip


def light_for(hour: Hour, weather: Weather, style: Style, setting: Setting) -> Light:
    """The light of an hour, changed by weather, then by the place, then by the style."""
    light = _in_weather(_HOURS[hour], weather)
    light = _in_place(light, setting)
    return _in_style(light, style)


# How grey weather makes all light, 0 to 1, and how many times as thick the air is.
_GREY: dict[Weather, tuple[float, float]] = {
    "rain": (0.62, 1.8), "storm": (0.85, 1.6), "clouds": (0.5, 1.2), "fog": (0.6, 4.0), "snow": (0.45, 1.7),
}  # fmt: skip


def _in_weather(light: Light, weather: Weather) -> Light:
    if weather not in _GREY:
        return light
    amount, thickness = _GREY[weather]
    grey = _grey_of(light, weather)

    def clouded(at: float, colour: Colour) -> Colour:
        shade = 0.7 + 0.3 * at  # lighter towards the horizon
        return mix(colour, (grey[0] * shade, grey[1] * shade, grey[2] * shade), amount)

    return replace(
        light,
        sky=tuple((at, clouded(at, colour)) for at, colour in light.sky),
        haze=mix(light.haze, grey, amount),
        key=mix(light.key, grey, amount * 0.5),
        strength=light.strength * (1 - 0.55 * amount),
        ambient=mix(light.ambient, grey, amount * 0.4),
        density=light.density * thickness,
    )


def _in_place(light: Light, setting: Setting) -> Light:
    match setting:
        case "underwater":
            deep = (0.01, 0.10, 0.22) if light.night else (0.02, 0.22, 0.40)
            bright = (0.10, 0.42, 0.62) if light.night else (0.36, 0.82, 0.88)
            return replace(
                light, sky=((0, bright), (0.45, mix(bright, deep, 0.6)), (1, deep)), haze=mix(bright, deep, 0.72),
                key=(0.70, 0.98, 1.0), ambient=mix(deep, (0.40, 0.70, 0.86), 0.72), density=0.16, place=(0.2, 0.7),
            )  # fmt: skip
        case "space":
            return replace(
                light, sky=((0, (0.008, 0.008, 0.03)), (1, (0.02, 0.015, 0.06))), haze=(0.06, 0.04, 0.14),
                key=(1.0, 0.95, 0.88), strength=0.9, ambient=(0.26, 0.26, 0.42), density=0.0, place=(-0.55, 0.30),
                night=True,
            )  # fmt: skip
        case "stage":
            return replace(
                light, key=(1.0, 0.88, 0.74), strength=0.85, ambient=(0.46, 0.38, 0.44), haze=(0.22, 0.10, 0.18),
                place=(0.25, 0.5), night=True,
            )  # fmt: skip
        case "room" if light.night:  # lamps
            return replace(light, ambient=mix(light.ambient, (0.52, 0.42, 0.38), 0.35))
        case _:
            return light


def _in_style(light: Light, style: Style) -> Light:
    match style:
        case "neon":
            return replace(
                light, sky=((0, (0.03, 0.01, 0.10)), (0.55, (0.18, 0.03, 0.30)), (0.85, (0.62, 0.08, 0.50)),
                            (1, (0.98, 0.32, 0.56))),
                key=(1.0, 0.35, 0.75), strength=0.7, ambient=(0.24, 0.30, 0.62), haze=(0.42, 0.10, 0.48), night=True,
            )  # fmt: skip
        case "pastel":
            return replace(
                light,
                sky=tuple((at, mix(c, (1.0, 0.90, 0.94), 0.55)) for at, c in light.sky),
                ambient=mix(light.ambient, (1.0, 0.94, 0.98), 0.5),
                haze=mix(light.haze, (1.0, 0.93, 0.95), 0.6),
            )
        case "anime" if not light.night:
            sky = tuple((at, _saturated(c, 1.25)) for at, c in light.sky)
            return replace(light, sky=sky, key=_saturated(light.key, 1.1))
        case _:
            return light


def _grey_of(light: Light, weather: Weather) -> Colour:
    """The grey of clouds: as light as the sky is, a little blue, for clouds are lit by it."""
    level = float(np.mean([sum(c) / 3 for _, c in light.sky])) * (1.15 if weather in ("fog", "snow") else 0.85)
    level = min(level, 0.9 if weather == "snow" else 0.82)
    return (level * 0.92, level * 0.97, level * 1.06)


def _saturated(colour: Colour, factor: float) -> Colour:
    lab = to_oklab(np.array(colour, np.float32))
    lab[1:] *= factor
    red, green, blue = from_oklab(lab).tolist()
    return (red, green, blue)


def tone_curve(style: Style) -> Floats:
    """(256,): a soft shoulder and a little contrast; harder for noir, lifted for vintage."""
    v = np.linspace(0, 1, 256, dtype=np.float32)
    contrast = {
        "noir": 0.75,
        "black_and_white": 0.35,
        "cinematic": 0.30,
        "neon": 0.34,
        "pastel": 0.0,
        "watercolor": 0.05,
    }.get(style, 0.18)
    s = v * v * (3 - 2 * v)
    out = v * (1 - contrast) + s * contrast
    out = out * 1.30 / (1 + 0.24 * out)
    lift = {"vintage": 0.055, "pastel": 0.06, "watercolor": 0.04}.get(style, 0.0)
    return ((lift + out * (1 - lift)) * 255).astype(np.float32)
