from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.api.rules import count_tokens
from opendance.api.unified.request import VideoGenerationRequest, parse_request
from opendance.catalog import MODELS, AspectRatio
from opendance.errors import ApiError, InvalidRequest
from tests.conftest import body

IMAGE, REFERENCE = "seedance-2.0-image-to-video", "seedance-2.0-reference-to-video"
URL = "https://example.com/a.jpg"


def parsed(**changes: Any) -> VideoGenerationRequest:
    return parse_request(json.dumps(body(**changes)).encode())


def problem(**changes: Any) -> str:
    """The message of the refusal; a change to `...` leaves the field out."""
    fields = {name: value for name, value in body(**changes).items() if value is not ...}
    with pytest.raises(InvalidRequest) as caught:
        parse_request(json.dumps(fields).encode())
    assert caught.value.status == 400
    return caught.value.message


@pytest.mark.parametrize("model", list(MODELS))
def test_MO_01_each_of_the_nine_models_is_accepted(model: str) -> None:
    urls = {"image_urls": [URL]} if "image-to" in model else {}
    assert parsed(model=model, **urls).model == model


@pytest.mark.parametrize("model", ["", "seedance-2.0", "Seedance-2.0-text-to-video", 1, None, ["x"], ...])
def test_MO_01_any_other_model_is_refused(model: Any) -> None:
    assert problem(model=model).startswith("model: ")


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", None, 5, ["a"], {"a": 1}, ...])
def test_PR_01_a_prompt_that_is_missing_empty_or_no_text_is_refused(prompt: Any) -> None:
    assert problem(prompt=prompt).startswith("prompt: ")


def test_PR_01_ten_thousand_tokens_are_possible_and_one_more_is_not() -> None:
    assert parsed(prompt="猫" * 10_000)
    assert "at most 10000" in problem(prompt="猫" * 10_001)
    assert parsed(prompt="prompt " * 10_000)
    assert "at most 70001" in problem(prompt="prompt " * 10_000 + "ab")


@pytest.mark.rule("PR-02")
@pytest.mark.parametrize("prompt", ["word " * 1_500, "字" * 800, "고양이가 걷는다", "猫が歩く", "🐱"])
def test_prompts_in_four_languages_and_over_the_recommended_length_are_accepted(prompt: str) -> None:
    assert parsed(prompt=prompt).prompt == prompt


def test_tokens_are_counted_by_character_in_cjk_and_by_word_in_english() -> None:
    assert count_tokens("猫が歩く") == 4
    assert count_tokens("a cat walks.") == 4
    assert count_tokens("x" * 60) == 10


@pytest.mark.parametrize("name", ["image_urls", "video_urls", "audio_urls"])
def test_MD_01_text_to_video_takes_no_media_and_an_empty_array_is_none(name: str) -> None:
    assert "takes none" in problem(**{name: [URL]})
    assert parsed(**{name: []})


def test_MD_02_image_to_video_takes_one_or_two_images_and_nothing_else() -> None:
    assert parsed(model=IMAGE, image_urls=[URL])
    assert parsed(model=IMAGE, image_urls=[URL, URL])
    assert "takes 1 to 2, 0 given" in problem(model=IMAGE)
    assert "takes 1 to 2, 0 given" in problem(model=IMAGE, image_urls=[])
    assert "takes 1 to 2, 3 given" in problem(model=IMAGE, image_urls=[URL] * 3)
    assert problem(model=IMAGE, image_urls=[URL], video_urls=[URL]).startswith("video_urls: ")
    assert problem(model=IMAGE, image_urls=[URL], audio_urls=[URL]).startswith("audio_urls: ")


@pytest.mark.rule("MD-03")
def test_the_order_of_first_and_last_frame_is_kept() -> None:
    urls = ["https://example.com/first.png", "https://example.com/last.png"]
    assert parsed(model=IMAGE, image_urls=urls).image_urls == urls


@pytest.mark.parametrize(("name", "most"), [("image_urls", 9), ("video_urls", 3), ("audio_urls", 3)])
def test_MD_04_reference_to_video_has_its_limits_for_each_kind(name: str, most: int) -> None:
    other = {"image_urls": [URL]} if name != "image_urls" else {}
    assert parsed(model=REFERENCE)
    assert parsed(model=REFERENCE, **other, **{name: [URL] * most})
    assert problem(model=REFERENCE, **other, **{name: [URL] * (most + 1)}).startswith(f"{name}: ")


def test_MD_05_audio_alone_is_refused() -> None:
    assert "audio alone" in problem(model=REFERENCE, audio_urls=[URL])
    assert "audio alone" in problem(model=REFERENCE, audio_urls=[URL], image_urls=[], video_urls=[])
    assert parsed(model=REFERENCE, audio_urls=[URL], video_urls=[URL])


@pytest.mark.parametrize(
    "url",
    ["", "a.jpg", "/a.jpg", "example.com/a.jpg", "ftp://example.com/a", "file:///etc/passwd", "http://", "https:///a",
     "http:example.com", "https://exa mple.com/", "https://example.com/\n", "data:image/png;base64,AAAA",
     "javascript:alert(1)", "http://[::1", "https://example.com:99999/"],
)  # fmt: skip
def test_MD_07_a_malformed_url_is_refused_and_named(url: str) -> None:
    assert problem(model=IMAGE, image_urls=[URL, url]).startswith(
        "image_urls[1]: must be an absolute http or https URL"
    )


@pytest.mark.parametrize("urls", [URL, 1, {"a": URL}, None, [1], [None], [[URL]]])
def test_MD_07_urls_must_be_an_array_of_strings(urls: Any) -> None:
    assert problem(model=IMAGE, image_urls=urls).startswith("image_urls")


@pytest.mark.parametrize("duration", [4, 15, 8.0])
def test_OUT_01_whole_seconds_from_4_to_15_are_possible(duration: float) -> None:
    assert parsed(duration=duration).duration == duration


@pytest.mark.parametrize("duration", [3, 16, 0, -5, 4.5, "5", True, None, [5], 1e300, 10**30])
def test_OUT_01_any_other_duration_is_refused(duration: Any) -> None:
    assert problem(duration=duration).startswith("duration: must be an integer")


def test_the_defaults_are_those_of_the_source() -> None:
    request = parse_request(json.dumps({"model": "seedance-2.0-text-to-video", "prompt": "a"}).encode())
    assert (request.duration, request.quality, request.aspect_ratio) == (5, "720p", "16:9")
    assert (request.generate_audio, request.content_filter, request.model_params.web_search) == (True, True, False)


@pytest.mark.parametrize("model", list(MODELS))
def test_OUT_02_1080p_is_for_the_standard_models_alone(model: str) -> None:
    urls = {"image_urls": [URL]} if "image-to" in model else {}
    if "-fast-" in model or "-mini-" in model:
        expected = f"quality: 1080p needs a standard model; {model} takes 480p or 720p"
        assert problem(model=model, quality="1080p", **urls) == expected
    else:
        assert parsed(model=model, quality="1080p", **urls).quality == "1080p"


@pytest.mark.parametrize("quality", ["4k", "", "720P", 720, None])
def test_OUT_02_an_unknown_quality_is_refused(quality: Any) -> None:
    assert problem(quality=quality).startswith("quality: ")


@pytest.mark.parametrize("ratio", list(AspectRatio))
def test_OUT_03_each_ratio_is_accepted(ratio: str) -> None:
    assert parsed(aspect_ratio=ratio).aspect_ratio == ratio


@pytest.mark.parametrize("ratio", ["16:10", "16x9", "", "Adaptive", 1.78, None])
def test_OUT_03_any_other_ratio_is_refused(ratio: Any) -> None:
    assert problem(aspect_ratio=ratio).startswith("aspect_ratio: ")


@pytest.mark.rule("OUT-06", "OUT-07")
@pytest.mark.parametrize("name", ["generate_audio", "content_filter"])
@pytest.mark.parametrize("value", ["true", 1, 0, None, "no"])
def test_switches_are_booleans_and_nothing_else(name: str, value: Any) -> None:
    assert problem(**{name: value}).startswith(f"{name}: must be true or false")


@pytest.mark.parametrize("model", list(MODELS))
def test_OUT_08_web_search_is_for_two_models_alone(model: str) -> None:
    urls = {"image_urls": [URL]} if "image-to" in model else {}
    if model in ("seedance-2.0-text-to-video", "seedance-2.0-fast-text-to-video"):
        assert parsed(model=model, model_params={"web_search": True}, **urls).model_params.web_search
    else:
        message = problem(model=model, model_params={"web_search": True}, **urls)
        assert message.startswith("model_params.web_search: ")
    assert parsed(model=model, model_params={"web_search": False}, **urls)


@pytest.mark.parametrize("params", [[], "x", None, {"web_search": "yes"}, {"seed": -1}, {"seed": 2**32}, {"seed": "1"}, {"seed": None}])  # fmt: skip
def test_model_params_of_a_wrong_type_are_refused(params: Any) -> None:
    assert problem(model_params=params).startswith("model_params")


def test_CB_01_a_callback_is_https_and_at_most_2048_characters() -> None:
    start = "https://example.com/"
    assert parsed(callback_url=start + "a" * (2048 - len(start)))
    assert "2049 characters" in problem(callback_url=start + "a" * (2049 - len(start)))
    for url in ("http://example.com/", "ftp://example.com", "example.com", "", "https://"):
        assert problem(callback_url=url).startswith("callback_url: must be an absolute https URL")
    for url in ("https://user@hooks.example.com/x", "https://user:password@hooks.example.com/x"):  # none is ever sent
        assert problem(callback_url=url).startswith("callback_url: must not have a user name or a password")
    for value in (5, None, [start]):
        assert problem(callback_url=value).startswith("callback_url: ")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255",
     "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
     "[fc00::1]", "[fe80::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
     "localhost", "LOCALHOST.", "a.localhost", "server.local", "db.internal", "intranet", "127.0.0.1."],
)  # fmt: skip
def test_CB_02_a_callback_to_an_internal_address_is_refused(host: str) -> None:
    assert "is an internal address" in problem(callback_url=f"https://{host}/hook")


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "172.15.0.1", "172.32.0.1", "[2606:4700:4700::1111]", "hooks.example.co.kr:8443"])  # fmt: skip
def test_CB_02_a_public_callback_is_accepted(host: str) -> None:
    assert parsed(callback_url=f"https://{host}/hook")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"3", b"\xff\xfe", b'{"a": NaN}', b'{"model": "\\ud800"}', b"[" * 5000])  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(raw)


def test_unknown_fields_are_ignored() -> None:
    assert parsed(watermark=True, colour=2).model


def test_several_problems_are_told_at_once() -> None:
    message = problem(duration=99, quality="8k")
    assert "duration: must be an integer from 4 to 15, not 99" in message
    assert "quality: '8k' is not possible; choose 480p, 720p or 1080p" in message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from([*VideoGenerationRequest.model_fields, "unknown"])


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_whatever_json_comes_it_is_parsed_or_refused_with_a_message(changes: dict[str, Any]) -> None:
    refused: ApiError | None = None
    try:
        parse_request(json.dumps(body(**changes)).encode("utf-8", "surrogatepass"))
    except ApiError as error:
        refused = error
    assert refused is None or (refused.status == 400 and len(refused.message) > 10)


# ── what other APIs take ──


@pytest.mark.parametrize(
    ("field", "value", "instead"),
    [
        ("image_url", URL, "image_urls"), ("video_url", URL, "video_urls"), ("audio_url", URL, "audio_urls"),
        ("image_start", URL, "image_urls"), ("image_end", URL, "image_urls"), ("resolution", "720p", "quality"),
        ("size", "1280x720", "aspect_ratio"), ("negative_prompt", "people", "prompt"), ("n", 2, "once for each"),
        ("draft", True, "mini"), ("output_format", "mov", "MP4"), ("n", True, "once for each"), ("draft", 0, "mini"),
    ],
)  # fmt: skip
def test_a_field_that_would_change_the_video_elsewhere_is_refused_with_what_to_write(
    field: str, value: Any, instead: str
) -> None:
    message = problem(**{field: value})
    assert message.startswith(f"{field}: is no field here, and would have no effect")
    assert instead in message


@pytest.mark.parametrize(
    "fields",
    [{"n": 1}, {"draft": False}, {"output_format": "mp4"}, {"size": None}, {"remove_watermark": True}, {"generation_type": "x"}],
)  # fmt: skip
def test_what_asks_for_nothing_and_what_nobody_knows_is_ignored(fields: dict[str, Any]) -> None:
    assert parsed(**fields).sha256() == parsed().sha256()


def test_a_seed_beside_the_parameters_is_honoured_and_never_against_them() -> None:
    assert parsed(seed=7).order() == parsed(model_params={"seed": 7}).order()
    assert parsed(seed=7, model_params={"seed": 7}).order().seed == 7
    assert problem(seed=7, model_params={"seed": 8}).startswith("seed: it is another one than model_params.seed")
    assert problem(seed=2**32).startswith("seed: must be an integer from 0")
    assert problem(seed="7").startswith("seed: ")
    assert problem(seed=None).startswith("seed: must not be null")


# ── aliases ──

ALIASES = {
    "seedance-2.0": "auto", "seedance-2.0-fast": "auto", "seedance-1.5-pro": "standard", "cheap": "mini", "ours": IMAGE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "media", "model"),
    [
        ("seedance-2.0", {}, "seedance-2.0-text-to-video"),
        ("seedance-2.0", {"image_urls": [URL]}, IMAGE),
        ("seedance-2.0", {"image_urls": [URL] * 2}, IMAGE),
        ("seedance-2.0", {"image_urls": [URL] * 3}, REFERENCE),
        ("seedance-2.0", {"image_urls": [URL], "audio_urls": [URL]}, REFERENCE),
        ("seedance-2.0-fast", {"video_urls": [URL]}, "seedance-2.0-fast-reference-to-video"),
        ("seedance-1.5-pro", {}, "seedance-2.0-text-to-video"),
        ("cheap", {"image_urls": [URL]}, "seedance-2.0-mini-image-to-video"),
        ("ours", {"image_urls": [URL]}, IMAGE),
    ],
)
def test_an_alias_stands_for_a_model_or_a_tier_whose_mode_the_media_choose(
    name: str, media: dict[str, Any], model: str
) -> None:
    request = parse_request(json.dumps(body(model=name, **media)).encode(), aliases=ALIASES)
    assert request.model == model
    assert request.sha256() == parsed(model=model, **media).sha256(), "it is the same request"


def test_an_alias_does_not_loosen_the_rules_of_its_model() -> None:
    for fields in (body(model="ours"), body(model="cheap", quality="1080p"), body(model="cheap", image_urls="x")):
        with pytest.raises(InvalidRequest):
            parse_request(json.dumps(fields).encode(), aliases=ALIASES)
    assert problem(model="seedance-2.0").startswith("model: "), "there are none by default"
