"""What clients of Ark ask for, and the order that it is; no server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.api.ark.request import ContentGenerationRequest, models_named, parse_request
from opendance.api.unified.request import parse_request as parse_unified
from opendance.catalog import MODELS, AspectRatio, Quality
from opendance.errors import ApiError, InvalidRequest, NotFound
from opendance.order import Link, Order

STANDARD, FAST, MINI = (
    "doubao-seedance-2-0-260128",
    "doubao-seedance-2-0-fast-260128",
    "doubao-seedance-2-0-mini-260615",
)
A, B, C = (f"https://files.example/{name}.png" for name in "abc")
CLIP, SONG = "https://files.example/dance.mp4", "https://files.example/song.mp3"
FIRST, LAST, REFERENCE = {"role": "first_frame"}, {"role": "last_frame"}, {"role": "reference_image"}


def text(words: str = "a cat walks") -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(url: str = A, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}, **more}


def video(url: str = CLIP, **more: Any) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}, **more}


def audio(url: str = SONG, **more: Any) -> dict[str, Any]:
    return {"type": "audio_url", "audio_url": {"url": url}, **more}


def fields(*content: Any, **changes: Any) -> dict[str, Any]:
    return {"model": STANDARD, "content": list(content) or [text()]} | changes


def order(*content: Any, **changes: Any) -> Order:
    return parse_request(json.dumps(fields(*content, **changes)).encode())


def problem(*content: Any, **changes: Any) -> str:
    """The message of the refusal; a change to `...` leaves the field out."""
    asked = {name: value for name, value in fields(*content, **changes).items() if value is not ...}
    with pytest.raises(InvalidRequest) as caught:
        parse_request(json.dumps(asked).encode())
    return caught.value.message


# ── what it is ──


def test_words_alone_are_text_to_video_with_the_defaults_of_ark() -> None:
    assert order() == Order(
        model="seedance-2.0-text-to-video", prompt="a cat walks", links=(), duration=5, quality=Quality.P720,
        aspect_ratio=AspectRatio.ADAPTIVE, generate_audio=True, web_search=False, seed=None, callback_url=None,
    )  # fmt: skip


@pytest.mark.parametrize("family", ["doubao", "dreamina"])
@pytest.mark.parametrize(
    ("name", "tier"), [("-260128", ""), ("-fast-260128", "-fast"), ("-mini-260615", "-mini")], ids=["standard", "fast", "mini"]
)  # fmt: skip
def test_a_model_is_a_tier_and_the_content_its_mode(family: str, name: str, tier: str) -> None:
    model = f"{family}-seedance-2-0{name}"
    assert order(model=model).model == f"seedance-2.0{tier}-text-to-video"
    assert order(text(), image(), model=model).model == f"seedance-2.0{tier}-image-to-video"
    assert order(text(), image(**REFERENCE), model=model).model == f"seedance-2.0{tier}-reference-to-video"


def test_whatever_a_request_says_its_order_says_too() -> None:
    asked = order(
        ratio="9:16", resolution="1080p", duration=15, generate_audio=False, seed=7, watermark=True,
        tools=[{"type": "web_search"}], callback_url="https://hooks.example/done", safety_identifier="somebody",
        return_last_frame=True, execution_expires_after=3600, model="dreamina-seedance-2-0-260128",
    )  # fmt: skip
    assert asked == Order(
        model="seedance-2.0-text-to-video", prompt="a cat walks", duration=15, quality=Quality.P1080,
        aspect_ratio=AspectRatio.R9_16, generate_audio=False, web_search=True, seed=7,
        callback_url="https://hooks.example/done", asked_model="dreamina-seedance-2-0-260128", end_user="somebody",
        expires_after=3600, last_frame=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        [image(A), image(B)],
        [image(A, **FIRST), image(B, **LAST)],
        [image(A, **FIRST), image(B)],
        [image(A), image(B, **LAST)],
        [image(B, **LAST), image(A, **FIRST)],
        [image(B, **LAST), image(A)],
    ],
    ids=str,
)
def test_the_first_frame_is_image_one_and_the_last_image_two_wherever_they_stand(content: list[Any]) -> None:
    asked = order(*content, text())
    assert asked.model == "seedance-2.0-image-to-video"
    at = {part["image_url"]["url"]: f"content[{index}].image_url.url" for index, part in enumerate(content)}
    assert asked.links == (Link("image", 1, A, at[A]), Link("image", 2, B, at[B]))


def test_references_are_numbered_by_kind_and_know_where_they_stand() -> None:
    content = [audio(), text(), image(B, **REFERENCE), video(role="reference_video"), image(A, **REFERENCE)]
    assert order(*content).links == (
        Link("image", 1, B, "content[2].image_url.url"),
        Link("image", 2, A, "content[4].image_url.url"),
        Link("video", 1, CLIP, "content[3].video_url.url"),
        Link("audio", 1, SONG, "content[0].audio_url.url"),
    )


def test_an_image_without_a_role_is_a_reference_beside_references() -> None:
    asked = order(text(), image(A), image(B, **REFERENCE), video())
    assert asked.model == "seedance-2.0-reference-to-video"
    assert [link.url for link in asked.links] == [A, B, CLIP]


ENDPOINTS = {"ep-20260101120000-abcde": "fast", "ep-mini": "seedance-2.0-mini-text-to-video"}


def test_an_endpoint_stands_for_what_the_operator_says() -> None:
    def endpoint(name: str, *content: Any) -> Order:
        return parse_request(json.dumps(fields(*content, model=name)).encode(), aliases=ENDPOINTS)

    asked = endpoint("ep-20260101120000-abcde", text(), image())
    assert (asked.model, asked.asked_model) == ("seedance-2.0-fast-image-to-video", "ep-20260101120000-abcde")
    assert endpoint("ep-mini").model == "seedance-2.0-mini-text-to-video"
    with pytest.raises(InvalidRequest, match="content"):
        endpoint("ep-mini", text(), image())
    assert len(models_named("ep-20260101120000-abcde", ENDPOINTS)) == 3
    assert models_named("ep-mini", ENDPOINTS) == ("seedance-2.0-mini-text-to-video",)
    assert models_named(STANDARD, {}) == tuple(
        f"seedance-2.0-{mode}-to-video" for mode in ("image", "reference", "text")
    )
    assert models_named("nobody", ENDPOINTS) == ()


def test_several_texts_are_one_prompt() -> None:
    assert (
        order(text("a cat walks"), image(), text("the camera pushes in")).prompt == "a cat walks\nthe camera pushes in"
    )


# ── null is absent ──

ABSENT = [
    "ratio", "resolution", "duration", "generate_audio", "seed", "watermark", "tools", "callback_url", "safety_identifier",
    "return_last_frame", "service_tier", "execution_expires_after", "priority", "draft", "camera_fixed", "frames",
    "output_format", "omni_reference_task_type", "made_up",
]  # fmt: skip


@given(st.lists(st.sampled_from(ABSENT), unique=True))
def test_what_is_null_was_not_said(names: list[str]) -> None:
    part = {"video_url": None, "role": None, **image()}
    assert order(text(), part, **dict.fromkeys(names)) == order(text(), image())


@pytest.mark.parametrize(
    ("name", "value"),
    [("camera_fixed", False), ("draft", False), ("return_last_frame", False), ("service_tier", "default"), ("seed", -1),
     ("duration", -1), ("tools", []), ("priority", 0)],
)  # fmt: skip
def test_a_value_that_asks_for_nothing_changes_nothing(name: str, value: Any) -> None:
    assert order(**{name: value}) == order()


def test_what_the_official_client_sends_is_read() -> None:
    sdk = pytest.importorskip("volcenginesdkarkruntime", reason="volcengine-ark-runtime is not installed")
    sent: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"id": "task"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as transport:
        client = sdk.Ark(base_url="http://ark.example/api/v3", api_key="k", http_client=transport)
        client.content_generation.tasks.create(model=STANDARD, content=[text(), image(role="first_frame")])
        client.content_generation.tasks.create(
            model=MINI, content=[text()], ratio="1:1", resolution="480p", duration=4, seed=3, generate_audio=False,
            watermark=False, camera_fixed=False,
        )  # fmt: skip
    assert None in sent[0].values(), "it sends what is not set as null"
    plain, full = (parse_request(json.dumps(body).encode()) for body in sent)
    assert plain == order(text(), image(role="first_frame"))
    assert full == order(model=MINI, ratio="1:1", resolution="480p", duration=4, seed=3, generate_audio=False)


# ── what is refused ──


@pytest.mark.parametrize(
    ("name", "value"),
    [("frames", 121), ("camera_fixed", True), ("camera_fixed", 0), ("draft", True), ("service_tier", "flex"), ("priority", 1),
     ("output_format", "mov"), ("omni_reference_task_type", "x"), ("negative_prompt", "rain")],
)  # fmt: skip
def test_what_is_not_done_here_is_refused_and_not_dropped(name: str, value: Any) -> None:
    assert problem(**{name: value}) == f"{name}: is not taken here; leave it out"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "content: has no part of type text; describe what the video shows"),
        ([image()], "content: has no part of type text"),
        ([{"type": "text"}], "content[0].text: is required"),
        ([text(" ")], "content[0].text: must not be empty"),
        ([text(), text("\x00")], "content[].text: must not contain the character U+0000"),
        ([text("猫" * 10_001)], "content[0].text: too long; at most 10000 tokens"),
        ([text()] * 17, "content: at most 16 texts are possible, 17 given"),
        ([text(), *[image(**REFERENCE)] * 31], "content: at most 31 are possible, 32 given"),
        ([text(), {"type": "draft_task", "draft_task": {"id": "x"}}], "content[1].type: 'draft_task' is not possible; choose text, image_url, video_url or audio_url"),
        ([text(), None], "content[1]: must be an object, not null"),
        ([text(), {"type": "image_url"}], "content[1].image_url: is required"),
        ([text(), {"type": "image_url", "image_url": {}}], "content[1].image_url.url: is required"),
        ([text(), {"type": "image_url", "image_url": {"url": None}}], "content[1].image_url.url: is required"),
        ([text(), {"type": "image_url", "image_url": A}], "content[1].image_url: must be an object, not a string"),
        ([text(), image(image_url={"url": A, "detail": "low"})], "content[1].image_url.detail: is not taken here"),
        ([text(), image(text="x")], "content[1].text: does not go with type image_url; leave it out"),
        ([text(), image(video_url={"url": CLIP})], "content[1].video_url: does not go with type image_url"),
        ([{**text(), "role": "first_frame"}], "content[0].role: does not go with type text"),
        ([text(), image("data:image/png;base64,AAAA")], "content[1].image_url.url: must be an absolute http or https URL, not 'data:image/png;base64,AAAA'"),
        ([text(), image("asset://asset-1")], "content[1].image_url.url: must be an absolute http or https URL"),
        ([text(), image(role="style")], "content[1].role: 'style' is not possible; choose first_frame, last_frame or reference_image"),
        ([text(), video(role="first_frame")], "content[1].role: 'first_frame' is not possible; choose reference_video"),
        ([text(), audio(role="x"), video()], "content[1].role: 'x' is not possible; choose reference_audio"),
        ([text(), image(**LAST)], "content[1].role: a last_frame needs a first_frame"),
        ([text(), image(**FIRST), image(**FIRST)], "content[2].role: there is a first_frame already"),
        ([text(), image(), image(), image()], "content[3].role: there are two frames already; give references the role reference_image"),
        ([text(), image(**FIRST), image(**REFERENCE)], "content[1].role: a frame cannot stand beside references"),
        ([text(), *[image(**REFERENCE)] * 10], f"content[].image_url: {STANDARD} (reference-to-video) takes at most 9, 10 given"),
        ([text(), audio()], "content[].audio_url: audio alone is not enough"),
        ([text("image 2 meets image 1"), image(**REFERENCE)], "content[0].text: it names 'image 2', but only image 1 is given in content[].image_url"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)  # fmt: skip
def test_content_that_cannot_be_is_refused_with_its_place(content: list[Any], message: str) -> None:
    assert problem(content=content).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ...}, "model: is required"),
        ({"content": ...}, "content: is required"),
        ({"content": "a cat"}, "content: must be an array, not a string"),
        ({"duration": 3}, "duration: must be an integer from 4 to 15, not 3"),
        ({"duration": "5"}, "duration: must be an integer, not '5'"),
        ({"seed": 2**32}, "seed: must be an integer from 0 to 4294967295"),
        ({"resolution": "4k"}, "resolution: '4k' is not possible; choose 480p, 720p or 1080p"),
        ({"ratio": "2:1"}, "ratio: '2:1' is not possible"),
        ({"generate_audio": 1}, "generate_audio: must be true or false, not 1"),
        ({"resolution": "1080p", "model": FAST}, f"resolution: 1080p needs a standard model; {FAST} (text-to-video) takes 480p or 720p"),
        ({"tools": [{"type": "code"}]}, "tools[0].type: 'code' is not possible; choose web_search"),
        ({"tools": [{"type": "web_search"}], "model": MINI}, f"tools: {MINI} (text-to-video) cannot search; {STANDARD} (text-to-video) or {FAST} (text-to-video) can"),
        ({"execution_expires_after": 60}, "execution_expires_after: must be at least 3600, not 60"),
        ({"return_last_frame": "yes"}, "return_last_frame: must be true or false"),
        ({"callback_url": "http://hooks.example/"}, "callback_url: must be an absolute https URL"),
        ({"callback_url": "https://10.0.0.1/"}, "callback_url: 10.0.0.1 is an internal address"),
    ],
    ids=str,
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused_in_ark_s_words(changes: dict[str, Any], message: str) -> None:
    assert problem(**changes).startswith(message)


@pytest.mark.parametrize(
    "model", ["", "seedance-2.0-text-to-video", "doubao-seedance-1-0-pro", "ep-20260101-abcde", "x" * 999]
)
def test_an_unknown_model_is_not_found_and_the_known_ones_are_named(model: str) -> None:
    with pytest.raises(NotFound) as caught:
        order(model=model)
    assert caught.value.status == 404
    assert STANDARD in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"\xff", b'{"a": NaN}', b"[" * 5000, b'{"content":' * 500])
def test_a_body_that_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(raw)


# ── both wires keep the same rules ──


@given(
    model=st.sampled_from([("", STANDARD), ("-fast", FAST), ("-mini", MINI)]),
    prompt=st.sampled_from(["a cat", "", "image 1 walks", "audio 1 as music, video 2", "\x00"]),
    images=st.lists(st.sampled_from([A, "ftp://x", "data:image/png;base64,AA"]), max_size=10),
    videos=st.lists(st.sampled_from([CLIP, "asset://1"]), max_size=4),
    audios=st.lists(st.just(SONG), max_size=4),
    quality=st.sampled_from(list(Quality)),
    search=st.booleans(),
    callback=st.sampled_from(["https://hooks.example/", "https://localhost/", "http://hooks.example/"]),
)
def test_what_one_wire_takes_the_other_takes_too(
    model: tuple[str, str], prompt: str, images: list[str], videos: list[str], audios: list[str], quality: Quality,
    search: bool, callback: str,
) -> None:  # fmt: skip
    kind = "reference" if images or videos or audios else "text"
    unified = {
        "model": f"seedance-2.0{model[0]}-{kind}-to-video", "prompt": prompt, "quality": quality, "image_urls": images,
        "video_urls": videos, "audio_urls": audios, "aspect_ratio": "adaptive", "callback_url": callback,
        "model_params": {"web_search": search},
    }  # fmt: skip
    content = [text(prompt), *(image(u, **REFERENCE) for u in images), *map(video, videos), *map(audio, audios)]
    tools = [{"type": "web_search"}] if search else []
    asked = fields(*content, model=model[1], resolution=quality, tools=tools, callback_url=callback)

    def outcome(parse: Any, body: dict[str, Any]) -> Any:
        try:
            return parse(json.dumps(body).encode())
        except InvalidRequest as error:
            return error

    ours, theirs = outcome(lambda raw: parse_unified(raw).order(), unified), outcome(parse_request, asked)
    if isinstance(ours, Order):
        assert isinstance(theirs, Order), theirs
        assert [(each.kind, each.number, each.url) for each in theirs.links] == [
            (each.kind, each.number, each.url) for each in ours.links
        ]
        assert {**vars(theirs), "links": ()} == {**vars(ours), "links": ()}
    else:
        assert isinstance(theirs, InvalidRequest), f"the other wire says {ours}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "video_url", "audio_url"])},
    optional={"text": JSON, "image_url": JSON, "video_url": st.fixed_dictionaries({"url": JSON}), "audio_url": JSON, "role": JSON},
)  # fmt: skip
FIELDS = st.sampled_from([*ContentGenerationRequest.model_fields, *ABSENT])


@given(st.dictionaries(FIELDS, JSON, max_size=6), st.lists(PARTS, max_size=5))
def test_whatever_json_comes_it_is_parsed_or_refused_with_a_message(changes: dict[str, Any], parts: list[Any]) -> None:
    refused: ApiError | None = None
    try:
        parse_request(json.dumps({**fields(text(), *parts), **changes}).encode("utf-8", "surrogatepass"))
    except ApiError as error:
        refused = error
    assert refused is None or (refused.status in (400, 404) and len(refused.message) > 10)


def test_every_model_of_the_catalogue_can_be_asked_for() -> None:
    asked = {
        order(*content, model=model).model
        for model in (STANDARD, FAST, MINI)
        for content in ([text()], [text(), image()], [text(), image(**REFERENCE)])
    }
    assert asked == set(MODELS)
