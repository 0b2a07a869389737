"""What is wrong with a request stands where it arose, in words, and nothing is sent."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.files import audio_bytes, video_bytes
from tests.studio.conftest import Studio
from tests.studio.create import Composer, open_create, picture
from tests.studio.tasks import SLOW, begin

pytestmark = pytest.mark.studio
_WORDS: dict[str, Any] = json.loads(
    Path(__file__, "../../../web/src/words/en/problems.json").resolve().read_text(encoding="utf-8")
)
_FIELD = """words => [...document.querySelectorAll('[aria-describedby]')]
    .filter(field => field.checkVisibility())
    .filter(field => field.getAttribute('aria-describedby').split(' ')
        .some(id => document.getElementById(id)?.innerText.includes(words)))
    .map(field => [field.id || field.getAttribute('aria-label') || field.innerText,
        !!document.getElementById(field.getAttribute('aria-describedby').split(' ')[0]).querySelector('svg')])"""


def fields_described(page: Any, words: str) -> list[tuple[str, bool]]:
    """Which fields are described by these words, and whether an icon stands beside them."""
    return [tuple(each) for each in page.evaluate(_FIELD, words)]


def nothing_goes_out(composer: Composer, count: int) -> None:
    """The button says how many stand in the way, goes to the first, and no key sends."""
    page = composer.page
    button = page.get_by_role("button", name=re.compile(rf"^{count} problems?$"))
    button.wait_for()
    assert composer.send_button.count() == 0
    button.click()
    focused = page.evaluate("document.activeElement.getAttribute('aria-describedby') ?? ''")
    assert re.match("wrong-|prompt-problems", focused), focused
    page.keyboard.press("Control+Enter")
    assert not composer.sent


def test_three_problems_at_once_stand_each_at_its_field(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    small = picture(tmp_path, "small.png", (299, 400))
    composer.add(picture(tmp_path, "a.png"), small, picture(tmp_path, "c.png"))
    composer.write("A cat like image 8 walks")
    page.get_by_role("button", name="More", exact=True).click()
    field = page.get_by_role("textbox", name="Callback address")
    field.fill("https://localhost/x")
    page.get_by_role("button", name=re.compile(r"^3 problems")).wait_for()
    tile = composer.tile("image 2")
    assert re.search(r"299 [x×] 400 px", page.locator(f"#{tile.get_attribute('aria-describedby')}").inner_text())
    assert "names" in page.locator(f"#{composer.prompt.get_attribute('aria-describedby')}").inner_text()
    assert "localhost" in page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
    nothing_goes_out(composer, 3)


@dataclass(frozen=True)
class Wrong:
    """Something that the page's user can do wrong.

    Attributes:
        code: the server's, from its own judgement of the request.
        field: which is described by the words: its id, or its name.
        files: that are put in.
        prompt: that is written, after the files are in.
    """

    code: str
    field: str
    files: tuple[str, ...] = ()
    prompt: str = "A cat walks"
    callback: str = ""


_IMAGE = "Put image 1, "
_WRONG = (
    Wrong("prompt_too_long", "Prompt", prompt="word, " * 6000),
    Wrong("reference_not_given", "Prompt", files=("a.png",), prompt="A cat like image 4 walks"),
    Wrong("media_count", "control-assets", files=tuple(f"{n}.png" for n in range(10))),
    Wrong("audio_alone", "control-assets", files=("song.wav",)),
    Wrong("image_side", _IMAGE, files=("299x400.png",)),
    Wrong("image_ratio", _IMAGE, files=("300x900.png",)),
    Wrong("video_length", "Put video 1, ", files=("1s.mp4",)),
    Wrong("audio_total_length", "control-assets", files=("a.png", "9s.wav", "8s.wav")),
    Wrong("video_frame_rate", "Put video 1, ", files=("10fps.mp4",)),
    Wrong("audio_length", "Put audio 1, ", files=("a.png", "short.wav")),
    Wrong("file_unreadable", "Put video 1, ", files=("broken.mp4",)),
    Wrong("url_invalid", "control-callback", callback="http://example.com/hook"),
    Wrong("callback_internal", "control-callback", callback="https://10.0.0.1/hook"),
    Wrong("callback_credentials", "control-callback", callback="https://me:you@example.com/hook"),
)


def file_named(folder: Path, name: str) -> Path:
    """A file that is as its name says."""
    path = folder / name
    if size := re.match(r"(\d+)x(\d+)\.png", name):
        return picture(folder, name, (int(size[1]), int(size[2])))
    if name.endswith(".png"):
        return picture(folder, name)
    if name == "broken.mp4":
        path.write_bytes(video_bytes(num_frames=60)[:3000])
    elif seconds := re.match(r"(\d+)s\.mp4", name):
        path.write_bytes(video_bytes(num_frames=24 * int(seconds[1])))
    elif rate := re.match(r"(\d+)fps\.mp4", name):
        path.write_bytes(video_bytes(rate=int(rate[1]), num_frames=3 * int(rate[1])))
    else:
        lengths = {"short.wav": 1, "9s.wav": 9, "8s.wav": 8}
        path.write_bytes(audio_bytes(lengths.get(name, 4)))
    return path


@pytest.mark.thorough
@pytest.mark.parametrize("wrong", _WRONG, ids=[each.code for each in _WRONG])
def test_what_the_server_finds_wrong_stands_at_its_field(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path, wrong: Wrong
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    if wrong.files:
        composer.add(*[file_named(tmp_path, name) for name in wrong.files])
    composer.prompt.click()
    composer.paste(wrong.prompt)
    if wrong.callback:
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("textbox", name="Callback address").fill(wrong.callback)
    page.get_by_role("button", name="1 problem").wait_for()
    found = [each for each in composer.checked()["problems"] if each["level"] == "error"]
    assert [each["code"] for each in found] == [wrong.code]
    words = page.locator(".note.bad").first.inner_text()
    assert words
    assert [(name.startswith(wrong.field), icon) for name, icon in fields_described(page, words)][-1:] == [(True, True)]
    nothing_goes_out(composer, 1)


@pytest.mark.thorough
def test_what_a_key_may_not_and_what_no_engine_makes_stands_at_the_model(
    studio: Studio, new_page: Callable[..., Any]
) -> None:
    mini = studio.server.new_account("mini only", models=["seedance-2.0-mini-text-to-video"])
    composer = open_create(studio, new_page(), mini)
    page = composer.page
    composer.type("A cat walks")
    words = "Your key may not use seedance-2.0-text-to-video."
    page.get_by_text(words).wait_for()
    assert fields_described(page, words) == [("control-tier", True)]
    nothing_goes_out(composer, 1)
    page.keyboard.press("Alt+3")
    composer.send_button.wait_for()


@pytest.mark.thorough
def test_a_file_that_ends_too_soon_is_only_a_warning_and_one_that_is_gone_stops(
    new_studio: Callable[..., Studio], new_page: Callable[..., Any], tmp_path: Path
) -> None:
    studio = new_studio(**SLOW)
    begin(studio, *[f"A long film {number}" for number in range(8)], duration=15, quality="720p")  # before its turn
    composer = open_create(studio, new_page())
    page = composer.page
    composer.add(picture(tmp_path, "a.png"))
    composer.type("A cat walks")
    composer.checked()
    with studio.server.client() as client:
        [file] = client.get("/api/v1/files/list").json()["data"]["files"]
    _end(studio, time.time() + 15)
    composer.type(" on")
    page.get_by_role("button", name="Keep it").wait_for()
    assert "goes at" in page.locator(f"#{composer.tile('image 1').get_attribute('aria-describedby')}").inner_text()
    assert composer.send_button.is_enabled()
    with studio.server.client() as client:
        client.delete(f"/api/v1/files/{file['file_id']}").raise_for_status()
    composer.type(" and on")
    words = _WORDS["file_gone"]
    page.get_by_text(words).wait_for()
    [(name, icon)] = fields_described(page, words)
    assert name.startswith(_IMAGE)
    assert icon
    nothing_goes_out(composer, 1)


def _end(studio: Studio, at: float) -> None:
    engine = create_engine(f"sqlite:///{studio.server.data_dir / 'opendance.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE uploaded_files SET expires = :at"), {"at": at})
    engine.dispose()


_PLACES = {
    "must_not_be_null": ("duration", "control-duration"),
    "out_of_range": ("model_params.seed", "control-seed"),
    "missing_field": ("aspect_ratio", "control-ratio"),
    "quality_not_possible": ("quality", "control-quality"),
    "web_search_not_possible": ("model_params.web_search", "control-more"),
    "seed_conflict": ("seed", "control-seed"),
    "no_engine": ("model", "control-tier"),
    "model_access_denied": ("model", "control-tier"),
    "too_complex": ("prompt", "Prompt"),
    "prompt_control_character": ("prompt", "Prompt"),
    "unknown_field": ("loras", "control-whole"),
    "something_new": ("", "control-whole"),
    "url_too_long": ("image_urls[0]", _IMAGE),
    "image_format": ("image_urls[0]", _IMAGE),
    "file_too_large": ("image_urls[0]", _IMAGE),
    "file_wrong_kind": ("image_urls[0]", _IMAGE),
    "video_pixels": ("image_urls[0]", _IMAGE),
    "video_total_length": ("video_urls", "control-assets"),
}
"""What the page never brings about by itself, and remixes or other servers may: where it would stand."""


@pytest.mark.thorough
def test_each_problem_that_a_server_may_tell_has_a_place(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    composer.add(picture(tmp_path, "a.png"))
    composer.type("A cat walks")
    composer.checked()
    told: dict[str, Any] = {}

    def answer(route: Any) -> None:
        real = route.fetch()
        body = real.json()
        base = {"level": "error", "begin": None, "end": None}
        params = {"given": 1, "low": 2, "high": 3, "model": "m", "quality": "q", "possible": ["a"], "kind": "image"}
        facts = {**params, "length": 9, "most": 8, "format": "TIFF", "size": 7, "pixels": 6, "least": 5, "seconds": 4}
        problem = {**base, "message": f"the words of {told['code']}", "params": facts, **told}
        route.fulfill(response=real, json={**body, "ok": False, "problems": [problem]})

    page.route("**/v1/videos/check", answer)
    misplaced: list[str] = []
    for number, (code, (path, field)) in enumerate(_PLACES.items()):
        told.update(code=code, path=path)
        composer.type(f" {number}")
        composer.checked()
        page.get_by_role("button", name="1 problem").wait_for()
        words = page.locator(".note.bad").first.inner_text()
        if (code in _WORDS) == ("the words of" in words) or "{" in words:
            misplaced.append(f"{code}: {words}")
        described = fields_described(page, words)
        if not described or not described[-1][0].startswith(field) or not described[-1][1]:
            misplaced.append(f"{code}: {described} instead of {field}")
        page.get_by_role("button", name="1 problem").click()
        if not page.evaluate(
            "field => (document.activeElement.id || document.activeElement.getAttribute('aria-label')).startsWith(field)",
            field,
        ):
            misplaced.append(f"{code}: the button does not go to {field}")
        composer.prompt.click()
        page.keyboard.press("Control+End")
    assert not misplaced
    page.keyboard.press("Control+Enter")
    assert not composer.sent
    own = {"callback_invalid", "chip_lost", "chip_unread", "asset_unnamed", "prompt_empty", "insufficient_credits"}
    of_uploads = {"quota_exceeded", "request_too_large", "rate_limit_exceeded", "invalid_request"}
    warnings = {"prompt_recommended_length", "file_ends_soon"}
    shown = set(_PLACES) | {each.code for each in _WRONG} | own | of_uploads | warnings | {"file_gone"}
    assert {code for code in _WORDS if not code.startswith(("kind_", "unit_"))} <= shown
