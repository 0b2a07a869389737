"""How drawings become what is seen: pictures of the right surface, stand-ins for what nobody draws, bodies in the light."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from opendance.engines.previs import subjects
from opendance.engines.previs.colour import light_for, to_oklab
from opendance.engines.previs.inflating import MARGIN, inflate
from opendance.engines.previs.materials import RECIPES
from opendance.engines.previs.people import look_for, rig
from opendance.engines.previs.performers import performer_of
from opendance.engines.previs.raster_cache import RasterCache
from opendance.engines.previs.subjects import Body, animal_or_thing, person, raster
from opendance.engines.previs.surfaces import Surface, recoloured_svg
from opendance.plan import Subject
from tests.drawings.packages import needs_packages

Bytes = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "raster_cache", lambda: RasterCache(None))
    raster.cache_clear()


def main_lab(rgba: Bytes) -> npt.NDArray[np.float32]:
    """OKLab of the middle of what is solid."""
    solid = rgba[rgba[..., 3] > 250][:, :3].astype(np.float32) / 255
    return to_oklab(np.median(solid, axis=0))


def hue_of(rgba: Bytes) -> float:
    lab = main_lab(rgba)
    return float(np.degrees(np.arctan2(lab[2], lab[1])))


def a_ball() -> Bytes:
    y, x = np.mgrid[0:200, 0:200] - 100
    ball = np.zeros((200, 200, 4), np.uint8)
    ball[x * x + y * y < 90 * 90] = (240, 200, 60, 255)
    return ball


@needs_packages
def test_a_picture_is_cut_to_what_is_drawn_and_premultiplied() -> None:
    picture = raster("🏎️", 200)
    assert picture.shape[0] < picture.shape[1] <= 200
    assert (picture[..., :3] <= picture[..., 3:]).all()
    assert all(edge.any() for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]))


@pytest.mark.parametrize("name", ["perfume_sprayer", "高压线"])
def test_what_nobody_draws_has_a_shape_with_its_name(name: str) -> None:
    picture = raster(name, 160)
    letters = (picture[..., 3] == 255) & (picture[..., :3].max(-1) < 125)
    assert max(picture.shape[:2]) == 160
    assert 0.02 < letters.mean() < 0.4
    assert len(animal_or_thing("perfume_sprayer", 160).pictures) == 1


@needs_packages
def test_animals_blink_and_things_do_not() -> None:
    cat = animal_or_thing("🐱", 240)
    assert cat.blink == 1
    open_eyes, closed = cat.pictures
    changed = np.abs(open_eyes.astype(int) - closed.astype(int)).max(-1) > 40
    assert 0.001 < changed.mean() < 0.08, "the eyes alone"
    assert animal_or_thing("🚗", 240).blink is None


@needs_packages
@pytest.mark.parametrize(
    ("emoji", "colour", "hue"), [("🚗", "blue", -100), ("🐈", "green", 143), ("🐘", "red", 27), ("👗", "pink", 0)]
)
def test_a_word_for_a_colour_colours_what_is_large(emoji: str, colour: str, hue: float) -> None:
    picture = raster(emoji, 160, surface=Surface(colour))  # type: ignore[arg-type]
    assert abs((hue_of(picture) - hue + 180) % 360 - 180) < 26
    assert (picture[..., 3] == raster(emoji, 160)[..., 3]).mean() > 0.99, "the outline stays"


def test_a_person_wears_the_colour_and_keeps_the_face() -> None:
    pictures: list[Bytes] = []
    for colour in (None, "green"):
        subject = Subject("👩", "woman", "woman", colour=colour)  # type: ignore[arg-type]
        who = performer_of(subject, 0, 1)
        assert who is not None
        pictures.append(person(rig(who.look, "front", "stand", 300)).pictures[0])
    plain, green = pictures
    rows = plain.shape[0]
    assert np.array_equal(plain[: rows // 5], green[: rows // 5])
    assert abs(hue_of(green[int(rows * 0.42) : int(rows * 0.6)]) - 143) < 26


def test_a_person_of_a_material_is_made_of_it() -> None:
    of = rig(look_for("knight"), "front", "stand", 200)
    plain, ice = person(of).pictures[0], person(of, Surface(material="ice")).pictures[0]
    assert plain.shape == ice.shape
    assert not np.array_equal(plain, ice)
    assert np.array_equal(of.pictures[0], plain), "what is kept is not painted over"


@pytest.mark.parametrize("colour", ["red", "blue"])
def test_a_drawing_of_our_own_says_which_fills_change(colour: str) -> None:
    svg = '<rect fill="#3d5472"/><rect fill="#33465e"/><rect fill="#ffcc00"/>'
    changed = recoloured_svg(svg, ("#3d5472", "#33465e"), colour)  # type: ignore[arg-type]
    assert 'fill="#ffcc00"' in changed
    assert "#3d5472" not in changed
    assert "#33465e" not in changed
    assert changed.count("#") == 3


@needs_packages
def test_every_material_is_a_surface_of_its_own() -> None:
    pictures = {material: raster("🐉", 120, surface=Surface(None, material)) for material in RECIPES}
    plain = raster("🐉", 120)
    for material, picture in pictures.items():
        assert picture.shape == plain.shape
        assert (picture[..., :3] <= picture[..., 3:]).all(), material
    shades = np.array([picture[..., :3].mean(axis=(0, 1)) for picture in pictures.values()])
    apart = np.abs(shades[:, None] - shades[None]).max(-1) + np.eye(len(shades)) * 99
    assert apart.min() > 0.5
    assert pictures["glass"][..., 3].mean() < 0.75 * plain[..., 3].mean(), "one sees through it"
    assert 30 < hue_of(pictures["gold"]) < 100
    blue_ice = raster("🐉", 120, surface=Surface("blue", "ice"))
    assert main_lab(blue_ice)[2] < main_lab(pictures["ice"])[2]


def test_a_drawing_becomes_a_body_that_is_light_towards_the_light() -> None:
    day = light_for("day", "clear", "natural", "field")
    ball = a_ball()
    lit = inflate(ball, day, (-1.0, 0.0), depth=1.0)
    assert lit.shape == (200 + 2 * MARGIN, 200 + 2 * MARGIN, 4)
    assert (lit[..., :3] <= lit[..., 3:]).all()
    row = lit[110, :, :3].astype(float).mean(-1)
    assert row[30] > row[110] > row[190]
    flat = inflate(ball, day, (-1.0, 0.0), depth=1.0, volume=0)[110, 40:180, :3].astype(float).mean(-1)
    assert np.ptp(flat) < np.ptp(row[40:180]) / 3


def test_yellow_fur_stays_yellow_in_blue_light_and_is_seen_at_night() -> None:
    night = light_for("night", "clear", "natural", "city")
    lit = inflate(a_ball(), night, (-0.5, -1.0), depth=1.0)
    middle = lit[90:130, 90:130].reshape(-1, 4)
    red, green, blue = middle[:, :3].astype(float).mean(axis=0)
    assert red > green > blue, "not green"
    assert red > 90


def test_air_takes_what_is_far_and_gloss_mirrors_the_light() -> None:
    fog = light_for("day", "fog", "natural", "field")
    near, far = (inflate(a_ball(), fog, (0, -1), depth=depth) for depth in (1.0, 8.0))
    haze = np.array(fog.haze) * 255
    assert np.abs(far[110, 110, :3] - haze).sum() < np.abs(near[110, 110, :3] - haze).sum()
    day = light_for("day", "clear", "natural", "field")
    dark = a_ball() // np.array((4, 4, 4, 1), np.uint8)
    dull, bright = (inflate(dark, day, (-1, -1), depth=1.0, gloss=gloss)[40:180, 40:180, :3] for gloss in (0.0, 1.0))
    assert int(bright.max()) > int(dull.max()) + 40


def test_a_body_has_pictures_of_one_size() -> None:
    body: Body = animal_or_thing("perfume_sprayer", 90)
    assert {picture.shape for picture in body.pictures} == {body.pictures[0].shape}
