"""The plan is that of the whole order: its prompt, length, ratio, mode, files and facts."""

from __future__ import annotations

import pytest

from opendance.asset import Asset
from opendance.catalog import AspectRatio
from opendance.pipeline.steps.plan import plan
from opendance.plan import Fact
from tests import tasks

TEXT, IMAGE, REFERENCE = (f"seedance-2.0-{mode}-to-video" for mode in ("text", "image", "reference"))


async def test_it_takes_prompt_length_and_ratio_of_the_order() -> None:
    made = await plan(tasks.order(prompt="a dog runs at night", duration=7, aspect_ratio=AspectRatio.R9_16), (), ())
    assert (made.prompt, made.seconds, made.aspect_ratio) == ("a dog runs at night", 7, "9:16")
    assert (made.shots[0].start, made.shots[-1].end) == (0, 7)
    assert {shot.hour for shot in made.shots} == {"night"}
    assert {subject.name for subject in made.shots[0].subjects} == {"dog"}


@pytest.mark.rule("MD-03")
async def test_in_image_to_video_the_images_are_first_and_last_frame() -> None:
    assets = [Asset("image", 1, 640, 480), Asset("image", 2, 640, 480)]
    made = await plan(tasks.order(IMAGE), assets, ())
    assert [(use.number, use.role) for use in made.assets] == [(1, "first_frame"), (2, "last_frame")]


@pytest.mark.rule("PR-03")
async def test_in_reference_to_video_the_prompt_says_what_files_are_for() -> None:
    order = tasks.order(REFERENCE, prompt="the camera work of video 1, audio 1 as background music")
    made = await plan(order, [Asset("video", 1, 640, 640, 3.0), Asset("audio", 1, seconds=3.0)], ())
    assert {(use.kind, use.role) for use in made.assets} == {("video", "camera"), ("audio", "music")}


@pytest.mark.rule("OUT-05")
async def test_adaptive_follows_the_first_frame() -> None:
    order = tasks.order(IMAGE, aspect_ratio=AspectRatio.ADAPTIVE)
    assert (await plan(order, [Asset("image", 1, 480, 640)], ())).aspect_ratio == "3:4"
    assert (await plan(order, [Asset("image", 1, 640, 640)], ())).aspect_ratio == "1:1"


async def test_facts_of_the_web_are_in_it() -> None:
    facts = (Fact("weather", "Heavy rain all day in Seoul."),)
    made = await plan(tasks.order(TEXT, prompt="the weather in Seoul today"), (), facts)
    assert made.facts == facts
    assert {shot.weather for shot in made.shots} == {"rain"}
    assert made.prompt_with_facts.endswith("quoted from the web: “Heavy rain all day in Seoul.”")
