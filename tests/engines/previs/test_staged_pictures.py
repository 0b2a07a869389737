"""People and things from images in a set: in its light, on its floor, and speaking."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.engines.previs.blocking import Spot
from opendance.engines.previs.camera import Pose
from opendance.engines.previs.colour import light_for, tone_curve
from opendance.engines.previs.inflating import MARGIN
from opendance.engines.previs.lanes import pack
from opendance.engines.previs.marks import marks_of
from opendance.engines.previs.mouths import mouths_of
from opendance.engines.previs.photo.bodies import cutout_body
from opendance.engines.previs.photo.cutout import Cutout, cut_out
from opendance.engines.previs.photo.relighting import relit
from opendance.engines.previs.plates import Placement, Plate
from opendance.engines.previs.scene import Drawing, References, build_scene
from opendance.engines.previs.scenery.ground import FilmSet
from opendance.engines.previs.shadows import sheen_plate
from opendance.engines.previs.sound.voice import Mouth
from opendance.engines.previs.tops import top_of
from opendance.plan import Hour, Plan
from opendance.prompt import plan_prompt
from tests.engines.previs.nets import needs_nets
from tests.engines.previs.test_pictures import photo


def thing(grey: int = 200) -> np.ndarray:
    rgba = np.zeros((120, 90, 4), np.uint8)
    cv2.rectangle(rgba, (5, 5), (84, 114), (grey, grey, grey, 255), -1)
    return rgba


def middle(hour: Hour, *, grey: int = 200, curve: bool = False) -> np.ndarray:
    light = light_for(hour, "clear", "natural", "field")
    shown = tone_curve("natural") if curve else None
    out = relit(thing(grey), light, (1.0, -0.5), depth=1.0, curve=shown, stands=True)
    assert out.shape == (120 + 2 * MARGIN, 90 + 2 * MARGIN, 4)
    return out[70, 55, :3].astype(float)


def test_a_photograph_takes_the_light_of_the_hour_and_keeps_its_own_by_day() -> None:
    assert np.abs(middle("day") - 200).max() < 12
    golden, night = middle("golden"), middle("night")
    assert golden[0] > golden[2] + 20
    assert night.mean() < 0.65 * middle("day").mean()
    assert night[2] > night[0]


def test_a_photograph_that_is_dark_already_is_darkened_less() -> None:
    assert middle("night", grey=40).mean() / 40 > middle("night").mean() / 200 + 0.1


def test_the_finish_of_a_frame_gives_a_photograph_back_as_it_was() -> None:
    curve = tone_curve("natural")
    finished = curve[np.round(middle("day", curve=True)).astype(int)]
    assert np.abs(finished - middle("day")).max() < 3
    assert np.abs(curve[200] - 200) > 10, "else this test would say nothing"


def test_the_side_towards_the_light_is_lighter_and_the_foot_darker() -> None:
    light = light_for("day", "clear", "natural", "field")
    out = relit(thing(), light, (1.0, 0.0), depth=1.0, curve=None, stands=True)[..., 0].astype(float)
    assert out[60, 85] > out[60, 25] + 8
    assert out[120, 55] < out[60, 55] - 8
    floating = relit(thing(), light, (1.0, 0.0), depth=1.0, curve=None, stands=False)[..., 0].astype(float)
    assert abs(floating[120, 55] - floating[60, 55]) < 2


def test_a_polished_floor_shows_the_foot_of_a_thing_upside_down_and_fading() -> None:
    rgba = thing()
    rgba[85:115, 5:85, 1:3] = 20  # a red base
    spot = Spot(x=0.0, foot=0.3, height=0.5, depth=1.0)
    plate = Plate(pack(rgba), -0.19, 0.3 - 115 / 240, 240, 1.0, anchor=(0.0, 0.3))
    mirrored = sheen_plate(rgba, plate, lambda t: Placement(y=-0.1), spot)
    assert mirrored.top == pytest.approx(0.3)
    pixels = mirrored.pixels.view(np.uint8).reshape(*mirrored.pixels.shape, 4).astype(int)
    assert pixels[5, 45, 0] > 3 * pixels[5, 45, 1], "the base is next to the floor"
    assert pixels[45, 45, 1] > 0.6 * pixels[45, 45, 0], "and what stands on it below"
    assert pixels[2, 45, 3] > pixels[25, 45, 3] > pixels[-2, 45, 3]
    assert mirrored.motion is not None
    assert mirrored.motion(0.0).y == pytest.approx(0.1), "what rises goes down in the mirror"


def test_a_mirror_image_ends_where_its_table_does() -> None:
    plate = Plate(pack(thing()), -0.19, 0.3 - 115 / 240, 240, 1.0, anchor=(0.0, 0.3))
    spot = Spot(x=0.0, foot=0.3, height=0.5, depth=1.0)
    mirrored = sheen_plate(thing(), plate, lambda t: Placement(), spot, ends=0.35)
    assert mirrored.pixels.shape[0] == pytest.approx(0.05 * 240, abs=1)


def test_a_product_stands_on_the_plane_of_its_table() -> None:
    made = planned("The bottle of image 1 stands on a wooden table")
    references = References({1: Cutout(thing())}, None, None)
    scene = build_scene(made, made.shots[0], Drawing((160, 90), 1.0, 1), strokes=[], references=references)
    *_, table, top, mirrored, shadow, bottle = scene.plates[: scene.split]
    front, back = top.top + top.pixels.shape[0] / top.density, top.top
    foot = bottle.anchor[1]
    assert back + 0.01 < foot < front - 0.01
    assert table.top < front, "the table's side is below it"
    assert foot - 0.02 < mirrored.top < front
    assert mirrored.top + mirrored.pixels.shape[0] / mirrored.density < front + 0.02
    assert shadow.top < foot < shadow.top + shadow.pixels.shape[0] / shadow.density
    alpha = top.pixels.view(np.uint8).reshape(*top.pixels.shape, 4)[..., 3]
    assert (alpha[0] > 128).sum() <= (alpha[-1] > 128).sum(), "and narrower in the back"
    assert len({plate.motion(1.0).x for plate in (table, top) if plate.motion is not None}) == 1


@pytest.mark.parametrize(
    ("prompt", "has_one"),
    [
        ("A cup stands on a table", True),
        ("A vase stands on a kitchen counter", True),
        ("A cat playing the Moonlight Sonata on a piano, close-up shot", False),
        ("A bird sits on a car", False),
    ],
)
def test_tables_alone_have_an_upper_side(monkeypatch: pytest.MonkeyPatch, prompt: str, has_one: bool) -> None:
    asked: list[object] = []
    monkeypatch.setattr("opendance.engines.previs.actors.top_of", lambda *about: asked.append(about))
    made = planned(prompt)
    build_scene(made, made.shots[0], Drawing((160, 90), 1.0, 1), strokes=[], references=References({}, None, None))
    assert bool(asked) == has_one


def test_light_comes_through_the_upper_side_of_a_table_of_ice() -> None:
    made = planned("The bottle of image 1 stands on an ice table")
    references = References({1: Cutout(thing())}, None, None)
    scene = build_scene(made, made.shots[0], Drawing((160, 90), 1.0, 1), strokes=[], references=references)
    *_, top, _, _, _ = scene.plates[: scene.split]
    rgba = top.pixels.view(np.uint8).reshape(*top.pixels.shape, 4)
    middle = rgba[rgba.shape[0] // 2, rgba.shape[1] // 2]
    assert 128 < middle[3] < 250
    assert middle[:3].min() > 60, "it has the colour of its drawing"
    assert middle[:3].max() <= middle[3], "premultiplied"


def side_of_a_table() -> np.ndarray:
    picture = np.zeros((100, 200, 4), np.uint8)
    picture[20:30] = picture[30:, 10:20] = picture[30:, 180:190] = (150, 90, 40, 255)
    picture[5:20, 90:110] = (200, 200, 200, 255)  # what is drawn on it
    return picture


@pytest.mark.parametrize(("horizon", "seen"), [(0.05, True), (0.4, False)])
def test_a_table_has_an_upper_side_where_the_camera_is_above_it(horizon: float, seen: bool) -> None:
    film_set = FilmSet(
        shot=planned("a room").shots[0], light=light_for("day", "clear", "natural", "room"), path=lambda share: Pose(), aspect=1.78,
        resolution=180, detail=1.0, horizon=horizon, eye=0.3, seconds=2, speed=1.0, focus_blur=0.0,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    plate = Plate(pack(side_of_a_table()), -0.5, 0.2, 200, 1.0)
    spot = Spot(x=0.0, foot=0.7, height=0.5, depth=1.0)
    top = top_of(side_of_a_table(), plate, lambda t: Placement(), spot, film_set, None)
    assert (top is not None) == seen
    if top is not None:
        assert top.front == pytest.approx(0.3), "the edge, not what is on it"
        assert top.plate.top < top.foot < top.front
        rgba = top.plate.pixels.view(np.uint8).reshape(*top.plate.pixels.shape, 4)
        assert np.abs(rgba[5, rgba.shape[1] // 2, :3].astype(int) - (150, 90, 40)).max() < 40
    chair = side_of_a_table()
    chair[20:60, 30:170] = 0
    assert top_of(chair, plate, lambda t: Placement(), spot, film_set, None) is None


@pytest.fixture
def portrait() -> Cutout:
    opaque = np.full((512, 512, 1), 255, np.uint8)
    return cut_out(np.concatenate([photo("astronaut"), opaque], axis=2), plain_background=False)


def planned(prompt: str) -> Plan:
    image = Asset("image", 1, path="portrait.png", width=512, height=512)
    return plan_prompt(prompt, seconds=4, aspect_ratio="16:9", mode=Mode.REFERENCE, assets=[image])


@needs_nets
def test_a_pictured_person_has_mouths_and_lids_within_its_outline(portrait: Cutout) -> None:
    body = cutout_body(portrait, 500, width=800, speaks=True)
    assert len(body.mouths) == 6
    assert len(body.lids) == 2
    normal = body.pictures[0].astype(int)
    for index in (*body.mouths, *body.lids):
        picture = body.pictures[index].astype(int)
        assert (picture[..., 3] == normal[..., 3]).all()
        assert (picture[..., :3] <= picture[..., 3:]).all()
        changed = np.abs(picture - normal).max(axis=-1) > 12
        assert 0.0004 < changed.mean() < 0.05
    silent = cutout_body(portrait, 500, width=800)
    assert silent.mouths == ()


@needs_nets
def test_half_a_figure_in_a_wide_shot_is_not_buried_in_the_ground(portrait: Cutout) -> None:
    made = planned("wide shot of a meadow, image 1 walks")
    (shot,) = made.shots
    assert portrait.cut_off
    scene = build_scene(
        made, shot, Drawing((160, 90), 0.5, 1), strokes=[], references=References({1: portrait}, None, None)
    )
    person = scene.plates[scene.split - 1]
    assert person.top < 0.0, "the head is in the upper half"
    assert person.top + person.pixels.shape[0] / person.density > 0.5, "and it goes on below the frame"


@needs_nets
def test_the_lines_of_an_image_are_said_by_its_face(portrait: Cutout) -> None:
    made = planned('The woman of image 1 says "Good evening" in a forest')
    shot = made.shots[0]
    marks = marks_of(shot, 0, {1: portrait})
    unnamed = replace(made, dialogue=tuple(replace(line, speaker=None) for line in made.dialogue))
    for plan in (made, unnamed):
        said = mouths_of(Mouth(plan, None), plan, shot, marks, 1.0, pictured={1})
        (speech,) = said.values()
        openings = [speech.opening(t) for t in np.arange(0, 4, 1 / 24)]
        assert max(openings) > 0.6
        assert openings[0] == openings[-1] == 0
    assert mouths_of(Mouth(unnamed, None), unnamed, shot, marks, 1.0) == {}, "without a face it has no mouth"


@pytest.mark.parametrize(
    ("prompt", "action"),
    [
        ("image 1 walks through a forest", "walk"),
        ("The woman of image 1 walks through a forest", "walk"),
        ("image 1 runs along a beach", "run"),
        ("图片1走过森林", "walk"),
    ],
)
def test_an_image_that_does_something_is_who_does_it(prompt: str, action: str) -> None:
    made = planned(prompt)
    assert [use.role for use in made.assets] == ["subject"]
    assert [(subject.image, subject.action) for subject in made.shots[0].subjects] == [(1, action)]


def test_an_image_in_which_something_is_done_stays_the_place() -> None:
    made = planned("image 1 is the forest where a fox runs")
    assert [use.role for use in made.assets] == ["setting"]
