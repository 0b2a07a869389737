"""opendance plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Told
from tests.files import image_bytes, video_bytes

Read = Callable[..., Any]


def test_it_tells_what_it_understood(told: Told) -> None:
    table = told("plan", "A cat runs through a garden, tracking shot")
    for word in ("cat (run)", "garden", "tracking"):
        assert word in table


def test_as_json_it_tells_language_and_subjects(read: Read) -> None:
    made = read("plan", "고양이", "--duration", "7")
    assert made["language"] == "ko"
    assert made["shots"][0]["subjects"][0]["emoji"] == "🐈"
    assert made["shots"][-1]["end"] == 7


def test_the_prompt_comes_from_a_file_too(read: Read, folder: Path) -> None:
    (folder / "prompt.txt").write_text("a cat runs\n", encoding="utf-8")
    assert read("plan", "--prompt-file", "prompt.txt")["shots"][0]["subjects"][0]["emoji"] == "🐈"


def test_words_in_quotation_marks_are_shown_as_they_are(told: Told) -> None:
    assert "I like [red] and :cat:" in told("plan", 'A man says "I like [red] and :cat: [/]"')


def test_each_asset_is_shown_with_its_role_and_the_words_that_said_so(told: Told, read: Read, folder: Path) -> None:
    (folder / "photo.png").write_bytes(image_bytes())
    (folder / "clip.mp4").write_bytes(video_bytes(960, 540))
    shown = told("plan", "The first frame is image 1, use the camera work of video 1", "--image", "photo.png", "--video", "clip.mp4")  # fmt: skip
    for words in ("first_frame", "The first frame is image 1", "camera", "video 1 is 960 x 540"):
        assert words in shown
    plan = read("plan", "wind", "--frames", "--image", "photo.png")
    assert [(use["kind"], use["role"]) for use in plan["assets"]] == [("image", "first_frame")]


def test_a_file_that_is_no_picture_is_told(refused: Told, folder: Path) -> None:
    (folder / "bad.png").write_bytes(b"no picture")
    words = refused("plan", "wind", "--image", "bad.png")
    assert "--image bad.png: " in words
    assert "no JPEG, PNG or WebP" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "PROMPT: must not be empty"),
        ((" \n",), "PROMPT: must not be empty"),
        (("x", "--aspect-ratio", "5:4"), "--aspect-ratio: 5:4 is not possible; choose 16:9"),
        (("x", "--video", "missing.mp4"), "--video: there is no file missing.mp4"),
        (("x", "--duration", "0"), "'--duration'"),
        (("image 1 dances",), "no images are given"),
        ((), "PROMPT: give a prompt, - to read it from standard input, or --prompt-file"),
        (("one", "--prompt-file", "two.txt"), "PROMPT: give a prompt"),
        (("x", "--image", "."), "--image: . is a folder; name a file in it"),
        (("word " * 20_000,), "PROMPT: 100000 characters; at most 70001 are possible"),
        (("a " * 20_000,), "PROMPT: too long; at most 10000 tokens are possible"),
    ],
)
def test_what_is_asked_wrongly_is_told(refused: Told, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused("plan", *arguments)
