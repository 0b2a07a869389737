"""An order: what it says survives the database, its labels keep secrets, and requests become the orders they mean."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.api.unified.request import VideoGenerationRequest, parse_request
from opendance.catalog import MODELS, AspectRatio, Quality
from opendance.order import Link, Order
from tests import tasks

KINDS = st.sampled_from(["image", "video", "audio"])
# The database's JSON is text: what no text can hold, no request can either.
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
LINKS = st.builds(Link, kind=KINDS, number=st.integers(1, 9), url=TEXTS, place=TEXTS)
ORDERS = st.builds(
    Order,
    model=st.sampled_from(list(MODELS)),
    prompt=TEXTS,
    links=st.lists(LINKS, max_size=4).map(tuple),
    duration=st.integers(4, 15),
    quality=st.sampled_from(Quality),
    aspect_ratio=st.sampled_from(AspectRatio),
    generate_audio=st.booleans(),
    content_filter=st.booleans(),
    web_search=st.booleans(),
    seed=st.none() | st.integers(0, 2**32 - 1),
    callback_url=st.none() | TEXTS,
)


@given(ORDERS)
def test_an_order_comes_back_from_its_row_as_it_was(order: Order) -> None:
    back = Order.from_json(json.loads(json.dumps(order.as_json())))
    assert back == order
    assert [type(getattr(back, each.name)) for each in fields(Order)] == [
        type(getattr(order, each.name)) for each in fields(Order)
    ]


@given(ORDERS)
def test_frames_and_the_links_of_each_kind_add_up(order: Order) -> None:
    assert order.num_frames == 24 * order.duration
    assert sorted(map(repr, order.links)) == sorted(
        repr(link) for kind in ("image", "video", "audio") for link in order.links_of(kind)
    )
    assert order.catalog_model.id == order.model


def test_a_model_that_the_catalogue_has_no_more_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="seedance-1"):
        _ = Order(model="seedance-1.0", prompt="a cat").catalog_model


SECRETS = st.text(st.sampled_from("abcdefghij0123456789"), min_size=6, max_size=20).map(lambda text: f"secret{text}")


@given(secret=SECRETS, place=st.sampled_from(["image_urls[0]", "content[2]"]))
def test_a_label_shows_the_place_and_the_host_and_nothing_else_of_the_url(secret: str, place: str) -> None:
    for url in (
        f"https://files.example:8443/{secret}/a.png",
        f"https://files.example/a.png?token={secret}",
        f"https://files.example/#{secret}",
        f"https://{secret}:{secret}@files.example/a.png",
        f"https://files.example/{secret}?x={secret}#{secret}",
    ):
        assert Link("image", 1, url, place).label == f"{place} (files.example)"


@pytest.mark.parametrize("url", ["", "not a url", "https:///path-only", "/rooted", "http://[::1", "https://[not-an-address]/x"])  # fmt: skip
def test_a_label_of_what_is_no_url_shows_nothing_of_it(url: str) -> None:
    assert Link("video", 2, url, "video_urls[1]").label == "video_urls[1] (no host)"


# ── from the unified API ──

FIRST, LAST = "https://a.example/first.png", "https://b.example/last.png"
VIDEO, SOUND = "https://c.example/dance.mp4", "https://d.example/song.mp3"


def request(model: str, **changes: Any) -> VideoGenerationRequest:
    return parse_request(json.dumps({"model": model, "prompt": "a cat walks", **changes}).encode())


@pytest.mark.parametrize("tier", ["", "-fast", "-mini"])
def test_a_request_of_text_has_no_links_and_the_defaults_of_the_source(tier: str) -> None:
    model = f"seedance-2.0{tier}-text-to-video"
    assert request(model).order() == Order(
        model=model,
        prompt="a cat walks",
        links=(),
        duration=5,
        quality=Quality.P720,
        aspect_ratio=AspectRatio.R16_9,
        generate_audio=True,
        content_filter=True,
        web_search=False,
        seed=None,
        callback_url=None,
    )


@pytest.mark.rule("MD-03")
@pytest.mark.parametrize("tier", ["", "-fast", "-mini"])
def test_first_and_last_frame_are_images_one_and_two(tier: str) -> None:
    order = request(f"seedance-2.0{tier}-image-to-video", image_urls=[FIRST, LAST]).order()
    assert order.links == (
        Link("image", 1, FIRST, "image_urls[0]"),
        Link("image", 2, LAST, "image_urls[1]"),
    )


@pytest.mark.rule("PR-03")
@pytest.mark.parametrize("tier", ["", "-fast", "-mini"])
def test_references_are_numbered_by_kind_and_stand_in_the_order_of_the_request(tier: str) -> None:
    order = request(
        f"seedance-2.0{tier}-reference-to-video",
        audio_urls=[SOUND],
        video_urls=[VIDEO, VIDEO],
        image_urls=[FIRST, LAST],
    ).order()
    assert order.links == (
        Link("image", 1, FIRST, "image_urls[0]"),
        Link("image", 2, LAST, "image_urls[1]"),
        Link("video", 1, VIDEO, "video_urls[0]"),
        Link("video", 2, VIDEO, "video_urls[1]"),
        Link("audio", 1, SOUND, "audio_urls[0]"),
    )
    assert order.links_of("video") == order.links[2:4]


def test_whatever_a_request_says_its_order_says_too() -> None:
    order = request(
        "seedance-2.0-text-to-video",
        duration=15,
        quality="1080p",
        aspect_ratio="adaptive",
        generate_audio=False,
        content_filter=False,
        model_params={"web_search": True, "seed": 7},
        callback_url="https://hooks.example/done",
    ).order()
    assert order == Order(
        model="seedance-2.0-text-to-video",
        prompt="a cat walks",
        duration=15,
        quality=Quality.P1080,
        aspect_ratio=AspectRatio.ADAPTIVE,
        generate_audio=False,
        content_filter=False,
        web_search=True,
        seed=7,
        callback_url="https://hooks.example/done",
    )
    assert isinstance(order.quality, Quality)
    assert isinstance(order.aspect_ratio, AspectRatio)


MINIMAL = b'{"model": "seedance-2.0-text-to-video", "prompt": "\xe7\x8c\xab"}'


@pytest.mark.parametrize(
    "spelled",
    [
        b' {  "prompt" : "\\u732b","model":"seedance-2.0-text-to-video" } ',
        b'{"model": "seedance-2.0-text-to-video", "prompt": "\xe7\x8c\xab", "duration": 5.0}',
        b'{"model": "seedance-2.0-text-to-video", "prompt": "\xe7\x8c\xab", "quality": "720p", "aspect_ratio": "16:9"}',
        b'{"model": "seedance-2.0-text-to-video", "prompt": "\xe7\x8c\xab", "model_params": {"web_search": false}}',
        b'{"model": "seedance-2.0-text-to-video", "prompt": "\xe7\x8c\xab", "model_params": {}, "made_up": 1}',
    ],
)
def test_the_same_request_has_the_same_hash_however_it_is_spelled(spelled: bytes) -> None:
    assert parse_request(spelled).sha256() == parse_request(MINIMAL).sha256()


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "a dog walks"},
        {"model": "seedance-2.0-fast-text-to-video"},
        {"duration": 6},
        {"quality": "480p"},
        {"aspect_ratio": "9:16"},
        {"generate_audio": False},
        {"content_filter": False},
        {"model_params": {"seed": 0}},
        {"model_params": {"web_search": True}},
        {"callback_url": "https://hooks.example/done"},
    ],
    ids=str,
)
def test_a_request_for_something_else_has_another_hash(changes: dict[str, Any]) -> None:
    asked = {"model": "seedance-2.0-text-to-video", **changes}
    assert request(**asked).sha256() != request("seedance-2.0-text-to-video").sha256()


def test_the_order_of_the_media_is_part_of_the_hash() -> None:
    model = "seedance-2.0-image-to-video"
    assert (
        request(model, image_urls=[FIRST, LAST]).sha256()
        != request(model, image_urls=[LAST, FIRST]).sha256()
        != request(model, image_urls=[LAST]).sha256()
    )


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("/a.png?ends=1&signature=b", "/a.png?ends=2&signature=c", True),
        ("/a.png?X-Amz-Date=1&X-Amz-Signature=b", "/a.png?X-Amz-Date=2&X-Amz-Signature=c", True),
        ("/a.png?Expires=1&Key-Pair-Id=K&Signature=b", "/a.png", True),
        ("/file?id=1&signature=b", "/file?id=2&signature=c", False),
        ("/file?ends=1", "/file?ends=2", False),
    ],
)
def test_takes_are_of_the_same_files_whatever_signs_their_addresses(one: str, other: str, alike: bool) -> None:
    groups = [
        tasks.order(links=(tasks.link("image", "https://example.com" + path),)).take_group for path in (one, other)
    ]
    assert (groups[0] == groups[1]) is alike
