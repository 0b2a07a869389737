"""What comes out of a mouth or a nozzle: fire, ice, water, smoke, as a jet that flickers and lights the air."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.colour import Colour, mix
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.paint import Bytes, Canvas, noise
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.surfaces import rgb_of
from opendance.plan import Subject

# Outer and inner colour by what it is; a colour word has its own.
_KINDS: Mapping[str, tuple[Colour, Colour]] = {
    "fire": ((1.0, 0.36, 0.06), (1.0, 0.92, 0.62)), "flame": ((1.0, 0.36, 0.06), (1.0, 0.92, 0.62)),
    "lava": ((0.95, 0.25, 0.05), (1.0, 0.75, 0.3)), "ice": ((0.45, 0.75, 1.0), (0.92, 0.98, 1.0)),
    "frost": ((0.45, 0.75, 1.0), (0.92, 0.98, 1.0)), "water": ((0.25, 0.55, 0.85), (0.82, 0.94, 1.0)),
    "smoke": ((0.42, 0.42, 0.45), (0.70, 0.70, 0.72)), "steam": ((0.80, 0.82, 0.85), (1.0, 1.0, 1.0)),
    "lightning": ((0.50, 0.50, 1.0), (0.95, 0.95, 1.0)), "bubbles": ((0.55, 0.80, 0.95), (0.95, 1.0, 1.0)),
}  # fmt: skip
_USUAL = _KINDS["fire"]
_PICTURES = 4  # that take turns
_RATE = 12.0  # pictures a second


def breath_plates(
    film_set: FilmSet,
    breath: Subject,
    mouth: tuple[float, float],
    aim: tuple[float, float],
    spot: Spot,
    motion: Callable[[float], Placement],
) -> list[Plate]:
    """The jet, from the mouth to what it is aimed at, picture heights.

    Args:
        spot: of whoever breathes; `motion`: how that one moves.
    """
    outer, inner = _colours(breath)
    length = float(np.hypot(aim[0] - mouth[0], aim[1] - mouth[1]))
    if length < 1e-3:
        return []
    reach = max(0.12, 0.16 * length + 0.05)
    box = (
        min(mouth[0], aim[0]) - reach, min(mouth[1], aim[1]) - reach,
        max(mouth[0], aim[0]) + reach, max(mouth[1], aim[1]) + reach,
    )  # fmt: skip
    pictures: list[Bytes] = []
    for step in range(_PICTURES):
        canvas = Canvas(box, film_set.resolution * film_set.detail * 0.5)
        _paint(canvas, mouth, aim, length, outer, inner, np.random.default_rng(97 + step))
        pictures.append(canvas.rgba)
    canvas = Canvas(box, film_set.resolution * film_set.detail * 0.5)

    def follows(t: float) -> Placement:
        at = motion(t)
        grown = min(1.0, max(0.0, (t - 0.3) / 0.7))
        pulse = 0.88 + 0.12 * float(np.sin(9.0 * t))
        return Placement(x=at.x, y=at.y, opacity=grown * pulse, visible=grown > 0)

    return [
        Plate(
            pack(pictures[0]), canvas.left, canvas.top, canvas.density, spot.depth - 0.02, anchor=mouth, motion=follows,
            others=tuple(pictures[1:]), choose=lambda t: int(t * _RATE) % _PICTURES,
        )
    ]  # fmt: skip


def _colours(breath: Subject) -> tuple[Colour, Colour]:
    named = next((pair for word, pair in _KINDS.items() if word in breath.name.lower()), None)
    material = _KINDS.get(breath.material or "")
    outer, inner = named or material or _USUAL
    if breath.colour is not None and (rgb := rgb_of(breath.colour)) is not None:
        red, green, blue = rgb
        return (red, green, blue), mix((red, green, blue), (1, 1, 1), 0.75)
    return outer, inner


def _paint(
    canvas: Canvas,
    mouth: tuple[float, float],
    aim: tuple[float, float],
    length: float,
    outer: Colour,
    inner: Colour,
    rng: np.random.Generator,
) -> None:
    """A cone of light that widens and frays."""
    ux, uy = (aim[0] - mouth[0]) / length, (aim[1] - mouth[1]) / length
    dx, dy = canvas.xs[None, :] - mouth[0], canvas.ys[:, None] - mouth[1]
    along, across = (dx * ux + dy * uy) / length, -dx * uy + dy * ux
    wobble = (noise(canvas.height, canvas.width, rng, base=5, octaves=5) - 0.5) * 0.16 * np.clip(along, 0, 1)
    width = length * (0.012 + 0.115 * np.clip(along, 0, 1.2) ** 1.1)
    alive = np.clip(along * 16, 0, 1)
    lick = 0.55 + 0.9 * noise(canvas.height, canvas.width, rng, base=9, octaves=4)
    mantle = np.exp(-(((across + wobble * length) / width) ** 2)) * alive * np.clip(1.12 - along, 0, 1) ** 0.6 * lick
    core = np.exp(-(((across + wobble * length) / (width * 0.42)) ** 2)) * alive * np.clip(1.0 - along, 0, 1) * lick
    light = mantle[..., None] * np.array(outer, np.float32) + core[..., None] * np.array(inner, np.float32) * 0.9
    canvas.rgba[..., :3] = np.clip(light * 255, 0, 255).astype(np.uint8)
    canvas.rgba[..., 3] = np.clip(mantle * 120, 0, 200).astype(np.uint8)
    canvas.rgba[..., 3] = np.minimum(canvas.rgba[..., 3], canvas.rgba[..., :3].max(axis=-1))
    canvas.glow(aim[0], aim[1], length * 0.22, outer, 0.5, 1.4)
