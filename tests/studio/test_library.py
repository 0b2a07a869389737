"""The Library and its viewer: found, acted on, and shown as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer
from tests.studio.tasks import made, task, wait_until

pytestmark = pytest.mark.studio
PROMPTS = (
    "A Fox runs through the autumn forest",
    "夜晚的花园里有一只猫",
    "눈 내리는 마을의 골목",
    "海辺を走る犬",
)


@pytest.fixture(scope="module")
def library(studio: Studio) -> list[str]:
    """Tasks of the shared server that have ended, in the order of `PROMPTS`."""
    return made(studio, *PROMPTS)


def _shown(page: Any) -> Any:
    return page.get_by_role("grid").get_by_role("link")


def test_a_phrase_finds_its_video_in_every_writing(
    studio: Studio, library: list[str], sign_in: Callable[..., Any]
) -> None:
    page = sign_in(studio, path="/library")
    found = {"花园": PROMPTS[1], "골목": PROMPTS[2], "走る": PROMPTS[3], "fox RUNS": PROMPTS[0], "ｆｏｘ": PROMPTS[0]}
    for phrase, prompt in found.items():
        page.get_by_role("searchbox").fill(phrase)
        page.wait_for_function("phrase => new URLSearchParams(location.search).get('search') === phrase", arg=phrase)
        page.get_by_text("1 video", exact=True).wait_for()
        page.get_by_role("grid").get_by_role("link", name=re.compile(f"^{prompt}")).wait_for()
        assert _shown(page).count() == 1


def test_an_id_and_a_tag_find_their_video_and_filters_combine_with_them(
    studio: Studio, library: list[str], sign_in: Callable[..., Any]
) -> None:
    with studio.server.client() as client:
        client.patch(f"/v1/tasks/{library[1]}", json={"tags": ["Kundin Ü", "夜"]}).raise_for_status()
    page = sign_in(studio, path="/library")
    for phrase in (library[1], library[1].removeprefix("task-unified-"), "kundin ü", "KUNDIN Ü"):
        page.get_by_role("searchbox").fill(phrase)
        page.get_by_text("1 video", exact=True).wait_for()
        assert _shown(page).get_attribute("data-id") == library[1]
    page.goto(f"{studio.address}/library?search=kundin&tag=夜&status=completed&tier=standard")
    page.get_by_text("1 video", exact=True).wait_for()
    assert _shown(page).get_attribute("data-id") == library[1]
    page.goto(f"{studio.address}/library?search=kundin&tag=夜&tier=mini")
    page.get_by_role("heading", name="Nothing found").wait_for()


def test_an_address_gives_the_same_search_and_an_empty_one_says_what_to_drop(
    studio: Studio, library: list[str], sign_in: Callable[..., Any]
) -> None:
    page = sign_in(studio, path="/library?search=fox&favourite=true&quality=480p")
    page.get_by_role("heading", name="Nothing found").wait_for()
    page.get_by_role("button", name="Without Favourites: 1").click()
    _shown(page).first.wait_for()
    assert parse_qs(urlsplit(str(page.url)).query) == {"search": ["fox"], "quality": ["480p"]}
    assert page.get_by_role("searchbox").input_value() == "fox"
    page.get_by_role("button", name="Remove 480p").click()
    page.wait_for_url(re.compile(r"/library\?search=fox$"))
    assert page.watched.is_clean, page.watched


def test_keys_move_mark_open_and_come_back_to_the_same_place(
    studio: Studio, library: list[str], sign_in: Callable[..., Any]
) -> None:
    page = sign_in(studio, path="/library")
    _shown(page).first.focus()
    page.keyboard.press("ArrowRight")
    here = page.evaluate("() => document.activeElement.dataset.id")
    page.keyboard.press("f")
    wait_until(lambda: task(studio, here, include="card")["favourite"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/library/{here}")
    page.get_by_role("tab", name="Request").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/library$"))
    page.wait_for_function("id => document.activeElement.dataset.id === id", arg=here)
    page.keyboard.press("f")


def test_what_is_hidden_or_deleted_can_be_undone(studio: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = made(studio, "A paper plane over the roofs")
    page = sign_in(studio, path="/library?search=paper+plane")
    tile = page.locator(f"[data-id='{task_id}']")
    tile.focus()
    page.keyboard.press("Delete")
    tile.wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()
    tile.wait_for()
    assert task(studio, task_id)["results"]
    tile.focus()
    page.keyboard.press("Delete")
    page.get_by_role("heading", name="Nothing found").wait_for(timeout=15_000)
    wait_until(lambda: not task(studio, task_id).get("results"))


def test_remix_brings_every_field_but_the_seed(studio: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = made(
        studio,
        "A lighthouse at dusk, waves",
        model="seedance-2.0-fast-text-to-video",
        duration=6,
        aspect_ratio="9:16",
        generate_audio=False,
        model_params={"seed": 4711},
    )
    page = sign_in(studio, path=f"/library/{task_id}")
    page.get_by_role("tab", name="Request").wait_for()
    page.keyboard.press("r")
    page.wait_for_url("**/create*")
    composer = Composer(page)
    asked = composer.checked("A lighthouse at dusk, waves") and composer.asked[-1]
    request = task(studio, task_id, include="request")["request"]
    parameters = {**request.pop("model_params")}
    parameters.pop("seed")
    told = asked.pop("model_params", {})
    assert "seed" not in told
    assert {**parameters, **told} == parameters
    assert {**request, **asked} == request


def test_the_last_frame_becomes_the_first(studio: Studio, library: list[str], sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio, path=f"/library/{library[0]}")
    page.get_by_role("tab", name="Request").wait_for()
    page.get_by_role("button", name="Last frame → first frame").wait_for()
    page.keyboard.press("n")
    page.wait_for_url("**/create*")
    composer = Composer(page)
    composer.write("The fox stops and looks back")
    composer.checked("The fox stops and looks back")
    assert composer.asked[-1]["image_urls"] == [f"{studio.address}/v1/tasks/{library[0]}/last-frame"]
    assert composer.asked[-1]["model"].endswith("image-to-video")


def test_a_title_and_tags_are_given_where_they_stand(studio: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = made(studio, "A train leaves the station")
    page = sign_in(studio, path=f"/library/{task_id}")
    page.get_by_role("heading", name="A train leaves the station").get_by_role("button").click()
    page.get_by_role("textbox", name="Title").fill("Departure")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Departure").wait_for()
    page.get_by_role("button", name="+ tags").click()
    page.get_by_role("textbox", name="Tags").fill("trains, client A")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="client A").click()
    page.wait_for_url("**/library?tag=client**")
    _shown(page).first.wait_for()
    assert _shown(page).first.get_attribute("aria-label").startswith("Departure")


def test_new_results_come_in_without_moving_what_is_seen(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    quick = new_studio(**QUICK)
    made(quick, *[f"Stone {number}" for number in range(40)], duration=4)
    page = sign_in(quick, path="/library", viewport={"width": 900, "height": 500})
    _shown(page).first.wait_for()
    page.mouse.move(450, 300)
    page.mouse.wheel(0, 900)
    page.wait_for_function("() => scrollY > 700")
    where = "() => Math.round(document.querySelector('[data-id]').getBoundingClientRect().top + scrollY)"
    seen, at = page.evaluate(where), page.evaluate("() => scrollY")
    made(quick, "Fresh one", "Fresh two")
    page.get_by_role("button", name="2 new").wait_for()
    assert page.evaluate(where) == seen
    assert page.evaluate("() => scrollY") == at
    page.get_by_role("button", name="2 new").click()
    page.wait_for_function("() => scrollY === 0")
    page.get_by_role("link", name=re.compile("^Fresh")).first.wait_for()


def test_takes_of_one_request_lie_under_the_newest(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    studio = new_studio(**QUICK)
    first, second = (made(studio, "A fox at dawn", model_params={"seed": seed})[0] for seed in (1, 2))
    made(studio, "A boat on the sea")
    page = sign_in(studio, path="/library")
    stack = page.get_by_role("link", name=re.compile("^A fox at dawn.*2 takes$"))
    stack.wait_for()
    assert second in stack.get_attribute("href")
    assert page.get_by_text("2 videos", exact=True).is_visible()
    [third] = made(studio, "A fox at dawn", model_params={"seed": 3})
    newer = page.get_by_role("link", name=re.compile("^A fox at dawn.*3 takes$"))
    newer.wait_for()
    assert third in newer.get_attribute("href")
    assert page.get_by_role("link", name=re.compile("^A fox at dawn")).count() == 1

    page.get_by_role("link", name="3 takes", exact=True).click()
    page.get_by_text("3 videos", exact=True).wait_for()
    shown = page.get_by_role("link", name=re.compile("^A fox at dawn"))
    assert [shown.nth(at).get_attribute("href") for at in range(3)] == [
        f"/library/{each}" for each in (third, second, first)
    ]
    page.get_by_role("button", name="Remove takes of one request").click()
    newer.wait_for()
    assert page.watched.is_clean, page.watched
