"""What edits of footage ask for, in four languages: nothing is removed but where removal is asked."""

from __future__ import annotations

import pytest

from opendance.prompt.edits import Edit, edit_of


@pytest.mark.parametrize(
    "words",
    [
        "Edit video 1: make it night",
        "Make video 1 golden hour",
        "Change video 1 to night",
        "Change the style of video 1 to watercolor",
        "Change the weather in video 1 to heavy rain",
        "Replace the sky in video 1 with a sunset, keep the ball",
        "Edit video 1 into black and white",
        "Remove the subtitles from video 1",
        "将视频1改成夜晚",
        "将视频1的天气改成下雪",
        "영상 1을 밤으로 바꿔",
        "動画1の天気を雨に変更",
    ],
)
def test_light_weather_and_style_change_nothing_else(words: str) -> None:
    assert edit_of(words) == Edit("look")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Remove the car from video 1", Edit("remove")),
        ("删除视频1中的汽车", Edit("remove")),
        ("영상 1에서 자동차를 제거해", Edit("remove")),
        ("動画1の車を消して", Edit("remove")),
        ("Change the colour of the ball in video 1 to red", Edit("recolour", "red")),
        ("Make the car in video 1 blue", Edit("recolour", "blue")),
        ("영상 1의 자동차를 빨간색으로 바꿔줘", Edit("recolour", "red")),
        ("動画1の車を赤に変えて", Edit("recolour", "red")),
        ("Replace the ball in video 1 with a cat", Edit("replace", None, "cat")),
        ("Replace the car in video 1 with a red bus", Edit("replace", None, "red bus")),
        ("영상 1의 공을 고양이로 바꿔", Edit("replace", None, "고양이")),
        ("動画1のボールを猫に置き換えて", Edit("replace", None, "猫")),
        ("Change the background of video 1 to a desert", Edit("background")),
        ("把视频1的背景换成沙漠", Edit("background")),
        ("Add a cat to video 1", Edit("add")),
    ],
)
def test_what_is_changed_is_told_from_the_words(words: str, expected: Edit) -> None:
    assert edit_of(words) == expected


@pytest.mark.parametrize(
    ("words", "target", "expected"),
    [
        ("把视频1中的球改成红色", "球", Edit("recolour", "red")),
        ("把视频1中的球换成猫", "球", Edit("replace", None, "猫")),
        ("将视频1的天气改成下雪", "天气", Edit("look")),
    ],
)
def test_a_thing_that_the_lexicon_lacks_is_told_by_its_place(words: str, target: str, expected: Edit) -> None:
    assert edit_of(words, target) == expected
