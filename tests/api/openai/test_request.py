"""What clients of OpenAI Videos ask for, and the order that it is; no server."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.api.openai.request import VideoCreateRequest, nearest, order_of
from opendance.catalog import MODELS, PIXELS, AspectRatio, Quality
from opendance.errors import ApiError, InvalidRequest, NotFound
from opendance.order import Link, Order

A, B = "https://files.example/a.png", "https://files.example/b.png"
CLIP, SONG = "https://files.example/dance.mp4", "https://files.example/song.mp3"


def order(*files: Link, **fields: Any) -> Order:
    return order_of({"prompt": "a cat walks", **fields}, files)


def problem(**fields: Any) -> str:
    with pytest.raises(InvalidRequest) as caught:
        order(**fields)
    return caught.value.message


def test_a_prompt_alone_is_what_openai_makes_of_it() -> None:
    assert order() == Order(
        model="seedance-2.0-fast-text-to-video", prompt="a cat walks", duration=4, quality=Quality.P720,
        aspect_ratio=AspectRatio.R9_16,
    )  # fmt: skip


def test_a_form_says_the_same_as_json() -> None:
    form = {
        "seconds": "8", "size": "1280x720", "seed": "7", "generate_audio": "false", "model": "sora-2-pro", "user": "me",
        "image_urls": json.dumps([A]), "callback_url": "https://hooks.example/",
    }  # fmt: skip
    plain = {**form, "seconds": 8, "seed": 7, "generate_audio": False, "image_urls": [A]}
    assert order(**form) == order(**plain) == Order(
        model="seedance-2.0-image-to-video", prompt="a cat walks", links=(Link("image", 1, A, "image_urls[0]"),), duration=8,
        quality=Quality.P720, aspect_ratio=AspectRatio.R16_9, generate_audio=False, seed=7, asked_model="sora-2-pro",
        end_user="me", callback_url="https://hooks.example/",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "tier"),
    [(None, "fast"), ("sora-2", "fast"), ("sora-2-pro", ""), ("seedance-2.0", ""), ("seedance-2.0-mini", "mini"), ("mine", "mini")],
)  # fmt: skip
def test_a_name_is_a_tier_and_the_media_choose_the_mode(name: str | None, tier: str) -> None:
    def model(**media: Any) -> str:
        return order_of({"prompt": "a", "model": name, **media}, aliases={"mine": "mini"}).model

    family = f"seedance-2.0{'-' * bool(tier)}{tier}"
    assert model() == f"{family}-text-to-video"
    assert model(image_urls=[A, B]) == f"{family}-image-to-video"
    assert model(image_urls=[A], video_urls=[CLIP]) == f"{family}-reference-to-video"


def test_one_of_the_nine_is_that_one_and_others_are_not_found() -> None:
    assert {order(model=model, image_urls=[A] * ("text" not in model)).model for model in MODELS} == set(MODELS)
    with pytest.raises(NotFound, match="sora-2"):
        order(model="gpt-5")


@pytest.mark.parametrize(
    ("size", "ratio", "quality"),
    [
        ("1280x720", "16:9", "720p"), ("720x1280", "9:16", "720p"), ("1792x1024", "16:9", "1080p"), ("1024x1792", "9:16", "1080p"),
        ("1024x1024", "1:1", "720p"), ("864x496", "16:9", "480p"), ("1344x576", "21:9", "720p"), (" 640*640 ", "1:1", "480p"),
    ],
)  # fmt: skip
def test_a_size_is_the_nearest_of_the_table(size: str, ratio: str, quality: str) -> None:
    asked = order(size=size, model="sora-2-pro")
    assert (asked.aspect_ratio, asked.quality) == (ratio, quality)
    cheaper = order(size=size, model="sora-2")
    assert (cheaper.aspect_ratio, cheaper.quality) == (ratio, "720p" if quality == "1080p" else quality)


@given(st.sampled_from(list(PIXELS)), st.sampled_from(list(Quality)))
def test_each_size_of_the_table_is_its_own_nearest(ratio: AspectRatio, quality: Quality) -> None:
    assert nearest(PIXELS[ratio][quality], list(Quality)) == (ratio, quality)


@given(st.integers(10, 99_999), st.integers(10, 99_999))
def test_every_size_has_a_nearest(width: int, height: int) -> None:
    ratio, quality = nearest((width, height), list(Quality))
    assert math.prod(PIXELS[ratio][quality]) > 0


def test_ratio_and_quality_may_be_said_themselves_and_media_have_their_own() -> None:
    asked = order(size="1280x720", aspect_ratio="21:9", quality="480p")
    assert (asked.aspect_ratio, asked.quality) == ("21:9", "480p")
    assert order(image_urls=[A]).aspect_ratio is AspectRatio.ADAPTIVE
    assert order(image_urls=[A], size="1280x720").aspect_ratio is AspectRatio.R16_9


def test_references_are_read_in_every_spelling_and_files_come_first() -> None:
    asked = order(
        Link("image", 0, "https://file-0.invalid/", "input_reference"),
        input_reference={"image_url": A},
        image_reference=json.dumps([{"image_url": {"url": B}}, B]),
        video_reference=CLIP,
        audio_reference={"audio_url": SONG},
        image_urls=[A],
    )
    assert [(link.kind, link.number, link.url, link.place) for link in asked.links] == [
        ("image", 1, "https://file-0.invalid/", "input_reference"),
        ("image", 2, A, "input_reference.image_url"),
        ("image", 3, B, "image_reference[0].image_url"),
        ("image", 4, B, "image_reference[1]"),
        ("image", 5, A, "image_urls[0]"),
        ("video", 1, CLIP, "video_reference"),
        ("audio", 1, SONG, "audio_reference.audio_url"),
    ]


@pytest.mark.parametrize(
    ("task", "mode"), [("ref2va", "reference"), ("fl2va", "image"), ("made-up", "image"), (5, "image")]
)
def test_a_chained_server_says_what_pictures_are_for(task: Any, mode: str) -> None:
    assert order(image_urls=[A], extra_params=json.dumps({"task": task})).model == f"seedance-2.0-fast-{mode}-to-video"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prompt": None}, "prompt: is required"),
        ({"prompt": " "}, "prompt: must not be empty"),
        ({"seconds": "3"}, "seconds: must be at least 4"),
        ({"seconds": "long"}, "seconds: must be an integer, not 'long'"),
        ({"size": "big"}, "size: must be width x height such as 1280x720, not 'big'"),
        ({"size": "0x0"}, "size: must be"),
        ({"seed": "-1"}, "seed: must be an integer"),
        ({"input_reference": {"file_id": "x"}}, "input_reference: must have image_url, a link"),
        ({"input_reference": 5}, "input_reference: must be a file of a form, a link"),
        ({"image_urls": "[1]"}, "image_urls[0]: must be a string"),
        ({"image_reference": "ftp://x"}, "image_reference: must be an absolute http or https URL"),
        ({"image_reference": [A] * 33}, "image_reference: at most 32 are possible"),
        ({"model": "sora-2", "quality": "1080p"}, "quality: 1080p needs a standard model"),
        ({"audio_urls": [SONG]}, "audio_urls: audio alone is not enough"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(fields: dict[str, Any], message: str) -> None:
    assert problem(**fields).startswith(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*VideoCreateRequest.model_fields]), JSON, max_size=6))
def test_whatever_comes_it_is_parsed_or_refused_with_a_message(fields: dict[str, Any]) -> None:
    refused: ApiError | None = None
    try:
        order_of({"prompt": "a cat", **fields})
    except ApiError as error:
        refused = error
    assert refused is None or (refused.status in (400, 404) and len(refused.message) > 10)
