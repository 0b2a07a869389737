"""`POST /v1/videos/check`: all that is wrong with a request, and what can be told even so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from opendance.api.newest import Newest
from opendance.errors import Superseded
from opendance.pipeline import measuring
from opendance.prompt.places import Places
from tests.conftest import body
from tests.exchange import Exchange, running_app
from tests.files import video_bytes

REFERENCE = "seedance-2.0-reference-to-video"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[FastAPI, str]]:
    async with running_app(tmp_path_factory.mktemp("data")) as (app, key):
        yield app, key


async def checked(here: tuple[FastAPI, str], request: dict[str, Any]) -> dict[str, Any]:
    app, key = here
    asked = Exchange("POST", "/v1/videos/check", key)
    done = await asked.run(app, iter([json.dumps(request).encode()]))
    assert done.status == 200, done.body
    return json.loads(done.body)


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem["path"], problem["code"]) for problem in answer["problems"]]


async def test_a_good_request_is_told_its_price_time_engine_and_plan_and_nothing_is_made(here: Any) -> None:
    answer = await checked(here, body())
    assert (answer["ok"], answer["problems"]) == (True, [])
    assert (answer["engine"]["name"], answer["engine"]["kind"]) == ("previs", "preview")
    app, key = here
    dry = await Exchange("POST", "/v1/videos/generations?dry_run=true", key).run(
        app, iter([json.dumps(body()).encode()])
    )
    quoted = json.loads(dry.body)
    assert answer["usage"] == quoted["usage"]
    assert answer["task_info"] == quoted["task_info"]
    assert answer["price_is_exact"] is True
    assert answer["plan"]["shots"] == quoted["plan"]["shots"]
    listed = await Exchange("GET", "/v1/tasks", key).run(app)
    assert json.loads(listed.body)["data"] == []


async def test_all_problems_are_told_and_not_the_first_alone(here: Any) -> None:
    answer = await checked(
        here,
        {
            "model": "seedance-2.0-mini-text-to-video",
            "prompt": "image 3 walks",
            "duration": 99,
            "quality": "1080p",
            "aspect_ratio": "5:4",
            "resolution": "720p",
            "image_urls": ["not a url"],
            "callback_url": "https://10.0.0.1/x",
            "model_params": {"web_search": True, "seed": None},
        },
    )
    assert not answer["ok"]
    assert set(codes(answer)) == {
        ("resolution", "unknown_field"),
        ("model_params.seed", "must_not_be_null"),
        ("duration", "out_of_range"),
        ("aspect_ratio", "invalid_value"),
        ("image_urls", "media_count"),
        ("image_urls[0]", "url_invalid"),
        ("quality", "quality_not_possible"),
        ("model_params.web_search", "web_search_not_possible"),
        ("callback_url", "callback_internal"),
        ("prompt", "reference_not_given"),
    }
    [named] = [problem for problem in answer["problems"] if problem["code"] == "reference_not_given"]
    assert (named["begin"], named["end"]) == (0, 7)
    assert named["params"] == {"kind": "image", "number": 3, "given": 1}
    assert answer["plan"] is not None


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({}, ("model", "missing_field")),
        (body(prompt=""), ("prompt", "prompt_empty")),
        (body(prompt=7), ("prompt", "invalid_value")),
        (body(model="x"), ("model", "invalid_value")),
        (body(seed=1, model_params={"seed": 2}), ("seed", "seed_conflict")),
        (body(model_params=7), ("model_params", "invalid_value")),
        (body(model_params={"simulate": "slow:1"}), ("model_params.simulate", "invalid_value")),
        (body(image_urls=None), ("image_urls", "must_not_be_null")),
        (body(model=REFERENCE, audio_urls=["https://example.com/a.mp3"]), ("audio_urls", "audio_alone")),
        (body(callback_url="https://a:b@example.com/"), ("callback_url", "callback_credentials")),
    ],
)
async def test_each_is_told_where_it_is(here: Any, request_: dict[str, Any], problem: tuple[str, str]) -> None:
    answer = await checked(here, request_)
    assert problem in codes(answer)
    assert not answer["ok"]


async def test_what_stops_nobody_is_a_warning(here: Any) -> None:
    request = body(model=REFERENCE, prompt="a cat " * 600, image_urls=["https://upload.invalid/1"])
    answer = await checked(here, request)
    assert codes(answer) == [("prompt", "prompt_recommended_length"), ("image_urls[0]", "asset_unnamed")]
    assert {problem["level"] for problem in answer["problems"]} == {"warning"}
    assert answer["ok"]


async def test_a_price_with_videos_of_unknown_length_is_the_most(here: Any) -> None:
    request = body(model=REFERENCE, prompt="video 1 at night", video_urls=["https://upload.invalid/1"])
    assert (await checked(here, request))["price_is_exact"] is False


async def test_a_refusal_of_a_creation_tells_the_same_for_programs(here: Any) -> None:
    app, key = here
    asked = Exchange("POST", "/v1/videos/generations", key)
    done = await asked.run(app, iter([json.dumps(body(prompt="image 3 walks", quality="1080p")).encode()]))
    error = json.loads(done.body)["error"]
    assert [detail["code"] for detail in error["details"]] == ["quality_not_possible", "reference_not_given"]
    assert error["message"] == f"{error['details'][0]['path']}: {error['details'][0]['message']}"


async def test_the_places_of_words_are_theirs_in_the_prompt_whatever_the_spaces_and_letters(here: Any) -> None:
    prompt = "🐱👨‍👩‍👧 The cat in [@Image1] walks"
    answer = await checked(here, body(model=REFERENCE, prompt=prompt, image_urls=["https://upload.invalid/1"]))
    [use] = answer["plan"]["assets"]
    [[begin, end]] = use["spans"]
    assert "@Image1" in prompt[begin:end]
    assert Places("Ａ ｃａｔ").of("a cat") == [(0, 5)]
    assert Places("a cat, a cat").of("a cat", near=(7, 12)) == [(7, 12)]
    assert Places("a cat").of("a dog") == Places("a cat").of("") == []


async def test_of_one_session_the_newest_check_is_worked_on_and_the_older_is_told_so() -> None:
    newest, begun = Newest(), asyncio.Event()

    async def long() -> int:
        begun.set()
        await asyncio.sleep(60)
        return 1

    async def short() -> int:
        return 2

    older = asyncio.create_task(newest.newest("a", long()))
    await begun.wait()
    assert await newest.newest("b", short()) == 2
    assert await newest.newest("a", short()) == 2
    with pytest.raises(Superseded):
        await older


async def test_checks_count_as_reading(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        keys = json.loads((await Exchange("GET", "/admin/v1/keys", "od-admin-of-the-border-tests").run(app)).body)
        path = f"/admin/v1/keys/{keys['data'][0]['id']}"
        changed = Exchange("PATCH", path, "od-admin-of-the-border-tests")
        await changed.run(app, iter([b'{"requests_per_minute": 2}']))
        for address in ("/v1/videos/check", "/v1/videos/generations?dry_run=true"):
            for _ in range(5):
                done = await Exchange("POST", address, key).run(app, iter([json.dumps(body()).encode()]))
                assert done.status == 200, done.body


async def uploaded(here: Any, content: bytes, name: str) -> dict[str, Any]:
    app, key = here
    import base64

    body_ = {"base64_data": base64.b64encode(content).decode(), "file_name": name}
    done = await Exchange("POST", "/api/v1/files/upload/base64", key).run(app, iter([json.dumps(body_).encode()]))
    assert done.status == 200, done.body
    return json.loads(done.body)["data"]


async def test_uploads_are_judged_and_priced_by_what_is_measured_of_them(here: Any) -> None:
    app, key = here
    from io import BytesIO

    from PIL import Image

    pictures: list[dict[str, Any]] = []
    for size in ((640, 480), (200, 100)):
        out = BytesIO()
        Image.new("RGB", size, "red").save(out, "PNG")
        pictures.append(await uploaded(here, out.getvalue(), "a.png"))
    urls = [picture["file_url"] for picture in pictures]
    answer = await checked(here, body(model=REFERENCE, prompt="image 1 and image 2 at night", image_urls=urls))
    assert ("image_urls[1]", "image_side") in codes(answer)
    assert [problem["path"] for problem in answer["problems"] if problem["level"] == "error"] == ["image_urls[1]"]
    listed = json.loads((await Exchange("GET", "/api/v1/files/list", key).run(app)).body)["data"]["files"]
    facts = {each["file_id"]: each for each in listed}
    assert facts[pictures[0]["file_id"]]["media"]["width"] == 640
    (problem,) = facts[pictures[1]["file_id"]]["problems"]
    assert problem["code"] == "image_side"
    assert problem["params"] == {"width": 200, "height": 100, "least": 300, "most": 6000}
    wrong = await checked(here, body(model=REFERENCE, prompt="video 1", video_urls=urls[:1]))
    assert ("video_urls[0]", "file_wrong_kind") in codes(wrong)
    path = f"/api/v1/files/{pictures[0]['file_id']}"
    kept = await Exchange("PATCH", path, key).run(app, iter([b'{"kept": true, "name": "red.png"}']))
    assert (json.loads(kept.body)["data"]["kept"], json.loads(kept.body)["data"]["file_name"]) == (True, "red.png")
    await Exchange("DELETE", f"/api/v1/files/{pictures[1]['file_id']}", key).run(app)
    gone = await checked(here, body(model=REFERENCE, prompt="image 1", image_urls=urls[1:]))
    assert ("image_urls[0]", "file_gone") in codes(gone)


async def test_an_answer_says_that_an_upload_is_still_being_measured(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, opened = vars(measuring)["_media_of"], asyncio.Event()

    async def slow(*given: Any) -> dict[str, Any]:
        await opened.wait()
        return await measured(*given)

    monkeypatch.setattr(measuring, "_media_of", slow)
    monkeypatch.setattr(measuring, "_PATIENCE", 0.05)
    video = await uploaded(here, video_bytes(num_frames=50), "a.mp4")
    request = body(model=REFERENCE, prompt="video 1 at night", video_urls=[video["file_url"]])
    early = await checked(here, request)
    assert (early["is_measured"], early["price_is_exact"]) == (False, False)
    opened.set()
    monkeypatch.setattr(measuring, "_PATIENCE", 60.0)
    late = await checked(here, request)
    assert (late["is_measured"], late["price_is_exact"]) == (True, True)


async def test_files_that_are_too_long_together_are_told_of_as_one(here: Any) -> None:
    from tests.files import audio_bytes

    sounds = [(await uploaded(here, audio_bytes(seconds), "a.wav"))["file_url"] for seconds in (9, 7, 4)]
    picture = "https://example.com/a.png"
    request = body(model=REFERENCE, prompt="image 1 hears audio 1 and audio 2", image_urls=[picture])
    answer = await checked(here, request | {"audio_urls": sounds[:2]})
    [problem] = [problem for problem in answer["problems"] if problem["level"] == "error"]
    assert (problem["path"], problem["code"]) == ("audio_urls", "audio_total_length")
    assert problem["params"] == {"seconds": 16, "most": 15}
    good = await checked(here, request | {"audio_urls": sounds[1:]})
    assert [problem for problem in good["problems"] if problem["level"] == "error"] == []


async def test_more_files_than_any_model_takes_are_too_many_files(here: Any) -> None:
    pictures = [f"https://example.com/{number}.png" for number in range(10)]
    answer = await checked(here, body(model=REFERENCE, prompt="image 1 at night", image_urls=pictures))
    [problem] = [problem for problem in answer["problems"] if problem["level"] == "error"]
    assert (problem["path"], problem["code"]) == ("image_urls", "media_count")
    assert problem["params"] == {"kind": "image", "given": 10, "least": 0, "most": 9, "model": REFERENCE}
