"""What the words of a shot bring to life in a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from opendance.plan import Shot


@dataclass(frozen=True)
class Life:
    """What moves by itself.

    Attributes:
        sky, water, leaves: strength, 0 to 1.5.
        breath: of the subject, 0 to 1.
        light: (red, green, blue) gain that the picture comes to.
        flicker: a candle's light.
    """

    sky: float = 1.0
    water: float = 1.0
    leaves: float = 1.0
    breath: float = 0.0
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flicker: bool = False


_WATER = re.compile(
    r"sea|ocean|lake|river|water|wave|pond|stream|海|湖|河|水|波|瀑|바다|호수|강|물|파도|川", re.IGNORECASE
)
_TURNS = re.compile(
    r"turns?|becomes?|falls?|fades?|changes?|transition|grows? dark|gets? dark|变成"
    r"|变为|渐渐|转为|降临|으로 변|되|바뀌|변하|になる|変わ|移り",
    re.IGNORECASE,
)
_LIVING = re.compile(
    r"\b(?:man|woman|girl|boy|person|people|child|she|he|her|his|cat|dog|animal|horse|bird|portrait|face|baby|lady|model)\b"
    r"|人|女|男|孩|猫|狗|脸|모델|사람|여자|남자|소녀|소년|고양이|강아지|얼굴|彼|犬|顔",
    re.IGNORECASE,
)
_FLICKERS = re.compile(r"candle|flicker|fire|torch|lantern|烛|火|촛불|불꽃|ろうそく|炎|灯", re.IGNORECASE)
_HOUR_LIGHT = {
    "dawn": (1.04, 0.95, 0.98), "golden": (1.12, 0.98, 0.80), "dusk": (0.82, 0.74, 0.94), "night": (0.36, 0.44, 0.74),
}  # fmt: skip


def life_for(shot: Shot, hour_named: bool) -> Life:
    """What the words of a shot bring to life in a picture."""
    text = shot.text
    wind = 1.6 if shot.weather in ("wind", "storm") else 1.0
    light = np.ones(3)
    if hour_named and shot.hour in _HOUR_LIGHT:
        light = 1 + (np.array(_HOUR_LIGHT[shot.hour]) - 1) * (1.0 if _TURNS.search(text) else 0.4)
    if shot.weather in ("rain", "storm"):
        light = light * np.array([0.84, 0.88, 0.94])
    return Life(
        sky=(5.0 if shot.camera.move == "time_lapse" else 1.0) * wind,
        water=1.5 if _WATER.search(text) else 1.0,
        leaves=wind,
        breath=1.0 if _LIVING.search(text) else 0.0,
        light=(float(light[0]), float(light[1]), float(light[2])),
        flicker=_FLICKERS.search(text) is not None,
    )
