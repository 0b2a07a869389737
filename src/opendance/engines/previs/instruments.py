"""Instruments that are plates of their own: the keyboard that is played, what an animal holds."""

from __future__ import annotations

from collections.abc import Callable

from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.colour import Colour
from opendance.engines.previs.inflating import inflate
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.props import Stroke, paws, piano
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.subjects import raster
from opendance.engines.previs.traits import traits_of


def is_keyboard(instrument: str | None) -> bool:
    """Whether who plays it sits behind keys, as who plays nothing that was named does."""
    return instrument is None or traits_of(instrument).keyboard


def keyboard_plates(
    film_set: FilmSet, spot: Spot, skin: Colour, strokes: list[Stroke]
) -> tuple[list[Plate], tuple[float, float]]:
    """A piano before who plays it, with hands or paws on its keys, and where its notes come from."""
    light, x, foot, height = film_set.light, spot.x, spot.foot, spot.height
    density = film_set.resolution * film_set.detail * 1.15
    width = min(film_set.aspect * 0.80, height * 2.05)
    top = foot - height * 0.16
    near = spot.depth * 0.94
    bottom = max(foot, top + width * 0.3)
    plates = piano(light, x, top, width, density=density, depth=near, strokes=strokes, bottom=bottom)
    plates += paws(light, skin, x, top, width, density=density, depth=near - 0.005, strokes=strokes)
    return plates, (x + width * 0.30, top - 0.02)


def held_instrument(film_set: FilmSet, spot: Spot, instrument: str, motion: Callable[[float], Placement]) -> Plate:
    """An instrument before the one who plays it, which goes along."""
    x, foot, height = spot.x, spot.foot, spot.height
    density = film_set.resolution * film_set.detail * 1.15
    hold = traits_of(instrument).hold
    picture = raster(instrument, int(height * hold.size * density))
    lit = inflate(picture, film_set.light, (film_set.sun[0] - x, film_set.sun[1]), depth=spot.depth)
    own = (lit.shape[0] - 20) / (height * hold.size)
    cx, cy = x + hold.x * height, foot - hold.y * height

    def held(t: float) -> Placement:
        placement = motion(t)
        return Placement(x=placement.x, y=placement.y * 1.4, angle=placement.angle * 0.8 + hold.angle)

    return Plate(
        pack(lit), cx - lit.shape[1] / own / 2, cy - lit.shape[0] / own / 2, own, spot.depth - 0.01, anchor=(cx, cy),
        motion=held,
    )  # fmt: skip
