"""How the film is made and looks, as the words say it: kinds of film, frames, lenses, backgrounds, regions, moves."""

from __future__ import annotations

import pytest

from opendance.plan import Plan
from opendance.prompt import plan_prompt


def plan(prompt: str) -> Plan:
    return plan_prompt(prompt, seconds=6, aspect_ratio="16:9")


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("A beekeeper opens a hive, quiet documentary feel", "documentary"),
        ("Product ad: a steel thermos on a rock", "product_ad"),
        ("two cousins dance in a garage, phone video, funny", "phone_video"),
        ("a surfer drops in, GoPro", "action_camera"),
        ("a gnome builds a clock, stop-motion claymation", "stop_motion"),
        ("a barn at noon, hyperrealistic", "realistic"),
        ("采茶姑娘唱歌，纪录片", "documentary"),
        ("仙侠风，一位女侠站在山顶", "wuxia"),
        ("手机竖屏拍摄，孩子们在操场上跑", "phone_video"),
    ],
)
def test_a_word_for_the_kind_of_film_is_told_as_a_style_and_shown_as_no_thing(prompt: str, style: str) -> None:
    understood = plan(prompt)
    assert style in understood.styles
    assert not {"phone", "product", "documentary", "smartphone"} & {
        s.name for shot in understood.shots for s in shot.subjects
    }


def test_a_word_that_qualifies_a_thing_tells_nothing_of_the_film() -> None:
    assert plan("a woman with wide eyes in a clean kitchen").styles == ()
    assert plan("a woman with wide eyes").shots[0].framing == ()


@pytest.mark.parametrize(
    ("prompt", "lens"),
    [
        ("a drummer on a bridge, 28mm", "wide_angle"), ("a drummer on a bridge, 50mm lens", "normal"), ("一位鼓手，135毫米镜头", "telephoto"),
        ("드러머, 70mm", "telephoto"), ("ドラマー、24mm", "wide_angle"),
    ],
)  # fmt: skip
def test_the_length_of_a_lens_says_what_lens_it_is(prompt: str, lens: str) -> None:
    assert plan(prompt).shots[0].lens == lens


def test_the_gauge_of_a_film_is_no_lens() -> None:
    understood = plan("a farm in the rain, 35mm film grain")
    assert understood.shots[0].lens is None
    assert "film_stock" in understood.styles


@pytest.mark.parametrize(
    ("prompt", "framing", "size"),
    [
        ("Wide of a petrol station at dusk", "wide", "wide"), ("medium two-shot, a judge and a clerk talk", "two_shot", "medium"),
        ("extreme wide, a ship on the horizon", "extreme_wide", "wide"), ("中近景，一位裁缝", "medium_close_up", "medium"),
        ("投手がボールを投げる、ツーショット", "two_shot", "medium"),
    ],
)  # fmt: skip
def test_the_frame_that_words_name_is_kept(prompt: str, framing: str, size: str) -> None:
    shot = plan(prompt).shots[0]
    assert framing in shot.framing
    assert shot.size == size


@pytest.mark.parametrize(
    ("prompt", "detail"),
    [
        ("tap dancers, just feet, on a barrel", "feet"), ("close-up of the weaver's hands", "hands"),
        ("the camera circles him and ends on his tired eyes", "eyes"), ("手部特写，老人剥豆子", "hands"),
    ],
)  # fmt: skip
def test_the_part_of_a_body_that_fills_the_frame_is_told(prompt: str, detail: str) -> None:
    assert plan(prompt).shots[0].detail == detail


def test_a_plain_background_has_its_colour() -> None:
    assert plan("a teapot, plain green background").shots[0].backdrop == "green"
    assert plan("一支钢笔，背景纯黑").shots[0].backdrop == "black"


@pytest.mark.parametrize(
    ("prompt", "region"),
    [
        ("a tram climbs a hill in Porto", "Porto"), ("1920s Chicago, a newsboy shouts", "1920s Chicago"), ("宋代汴京，船夫撑船", "宋代汴京"),
        ("a stove made of marble", ""), ("大理石台面上的杯子", ""),
    ],
)  # fmt: skip
def test_the_region_and_the_age_are_told_as_the_words_have_them(prompt: str, region: str) -> None:
    assert plan(prompt).shots[0].region == region


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("A shepherd sleeps. The camera slowly rises.", "pedestal_up"), ("A shepherd sleeps, the camera drifts away", "pull_out"),
        ("A shepherd walks and the camera overtakes him", "tracking"), ("一位牧人睡着了，镜头先是特写，再缓缓后移", "pull_out"),
        ("一位牧人睡着了，镜头缓慢上升", "pedestal_up"), ("镜头从窗户慢慢转向牧人的脸", "pan_right"),
    ],
)  # fmt: skip
def test_what_the_camera_does_is_read_from_its_whole_clause(prompt: str, move: str) -> None:
    assert plan(prompt).shots[0].camera.move == move


def test_what_somebody_else_pulls_out_moves_no_camera() -> None:
    shot = plan("She reaches up and pulls out a drawer").shots[0]
    assert shot.camera.move == "push_in"
    assert "pull" in [deed.verb for subject in shot.subjects for deed in subject.deeds]


def test_what_the_camera_does_is_no_deed_of_whom_it_films() -> None:
    shot = plan(
        "A potter turns a bowl. Around the halfway mark the camera overtakes her and turns to face the kiln."
    ).shots[0]
    assert "overtake" not in [deed.verb for subject in shot.subjects for deed in subject.deeds]
