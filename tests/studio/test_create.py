"""Create: from a sentence to a clip, in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer, open_create, picture
from tests.studio.tasks import wait_until

pytestmark = pytest.mark.studio


@pytest.fixture
def composer(studio: Studio, new_page: Callable[..., Any]) -> Composer:
    return open_create(studio, new_page())


def test_a_sentence_and_ctrl_enter_make_a_clip_that_plays_in_its_card(composer: Composer) -> None:
    page = composer.page
    composer.type("A red ball rolls over a green meadow")
    composer.checked()
    card = page.get_by_role("article", name="A red ball rolls over a green meadow").first

    def go_on_once_it_is_there(route: Any) -> None:  # so it is before the server knows of it
        card.wait_for()
        route.continue_()

    page.route("**/v1/videos/generations", go_on_once_it_is_there)
    page.keyboard.press("Control+Enter")
    card.wait_for()
    assert composer.prompt.evaluate("box => box === document.activeElement")
    video = card.locator("video")
    video.wait_for(timeout=90_000)
    page.wait_for_function("() => [...document.querySelectorAll('article video')].some(each => each.currentTime > 0)")
    assert len(composer.sent) == 1
    assert not page.watched.violations
    assert not page.watched.elsewhere


BEHIND_A_CHIP = (
    " 2 dogs run", "이 걷는다", " frames the door", " 张开翅膀", " 개가 달린다", " つの花", " runs", "在奔跑", "が歩く",
)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [*BEHIND_A_CHIP[:2], *(pytest.param(words, marks=pytest.mark.thorough) for words in BEHIND_A_CHIP[2:])],
)
def test_a_chip_names_its_file_whatever_stands_behind_it(composer: Composer, tmp_path: Path, words: str) -> None:
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    composer.write("@2", words)
    composer.wait_until_asked(words)
    plan = composer.checked()["plan"]
    assert [(each["kind"], each["number"]) for each in plan["references"]] == [("image", 2)]
    assert composer.send_button.is_enabled()


def test_at_arrow_and_enter_put_a_chip_in(composer: Composer, tmp_path: Path) -> None:
    composer.add(picture(tmp_path, "cat.png"), picture(tmp_path, "beach.png"))
    composer.prompt.click()
    composer.type("The dog of @")
    names = composer.page.get_by_role("listbox").get_by_role("option").all_inner_texts()
    assert [name.split("\n")[0] for name in names] == ["image 1", "image 2"]
    composer.page.keyboard.press("ArrowDown")
    composer.page.keyboard.press("Enter")
    composer.type("barks at @beach")
    composer.page.keyboard.press("Tab")
    composer.checked()
    assert composer.asked[-1]["prompt"].strip() == "The dog of [@Image2] barks at [@Image2]"


def test_names_in_pasted_text_become_chips(composer: Composer, tmp_path: Path) -> None:
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    composer.prompt.click()
    composer.paste("image 1 and @图2 with 이미지 1, 2 dogs")
    composer.checked()
    assert [each.inner_text() for each in composer.prompt.get_by_role("img").all()] == ["image 1", "image 2", "image 1"]


def test_chips_follow_their_files_and_a_lost_one_stops_sending(composer: Composer, tmp_path: Path) -> None:
    page = composer.page
    composer.add(*[picture(tmp_path, name) for name in ("a.png", "b.png", "c.png")])
    composer.write("@1", " meets ", "@2", " at ", "@3")
    composer.checked()
    urls = composer.asked[-1]["image_urls"]
    composer.tile("image 3").focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+ArrowLeft")
    composer.checked("[@Image2] meets [@Image3] at [@Image1]")
    assert composer.asked[-1]["image_urls"] == [urls[2], urls[0], urls[1]]

    composer.tile("image 2").focus()
    page.keyboard.press("Delete")
    assert composer.prompt.get_by_role("img", name="image removed").count() == 1
    assert page.get_by_role("button", name="1 problem").is_visible()
    assert composer.send_button.count() == 0
    box = composer.prompt
    assert "was removed" in page.locator(f"#{box.get_attribute('aria-describedby')}").inner_text()

    page.locator("#prompt-problems").get_by_role("button", name="Undo").click()
    composer.checked("[@Image2] meets [@Image3] at [@Image1]")
    assert composer.asked[-1]["image_urls"] == [urls[2], urls[0], urls[1]]
    assert composer.send_button.is_enabled()


@pytest.mark.parametrize(
    "steps",
    [
        ["ㄱ", "고", "고양", "고양이"],
        pytest.param(["n", "ni", "你好"], marks=pytest.mark.thorough),
        pytest.param(["に", "にほ", "日本"], marks=pytest.mark.thorough),
    ],
)
def test_what_is_composed_is_what_is_written(composer: Composer, tmp_path: Path, steps: list[str]) -> None:
    page = composer.page
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    protocol = page.context.new_cdp_session(page)

    def compose() -> None:
        for step in steps:
            protocol.send(
                "Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)}
            )
        protocol.send("Input.insertText", {"text": steps[-1]})

    composer.prompt.click()
    compose()
    composer.write("@1", "@2")
    page.keyboard.press("ArrowLeft")
    compose()
    page.keyboard.press("End")
    compose()
    composer.checked()
    word = steps[-1]
    assert re.sub(r"[\[【]@\D+(\d)[\]】]", r"<\1>", composer.asked[-1]["prompt"]) == f"{word}<1>{word}<2>{word}"
    assert not composer.sent


@pytest.mark.parametrize("keys", ["Enter", "Control+Enter"])
def test_the_enter_that_ends_a_composition_sends_nothing_and_breaks_no_line(composer: Composer, keys: str) -> None:
    page = composer.page
    composer.type("한 마리 ")
    composer.checked()
    protocol = page.context.new_cdp_session(page)
    held = {"modifiers": 2} if keys.startswith("Control") else {}
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, **held}
    for step in ("ㄱ", "고", "고양이"):
        protocol.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
    page.evaluate("() => addEventListener('keydown', event => { window.composing = event.isComposing }, true)")
    protocol.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    protocol.send("Input.insertText", {"text": "고양이"})
    protocol.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    assert page.evaluate("window.composing"), "the key was not one of a composition"
    composer.checked("한 마리 고양이")
    page.wait_for_timeout(300)
    assert not composer.sent
    page.keyboard.press("Control+Enter")
    page.get_by_role("article", name="한 마리 고양이").first.wait_for()
    assert len(composer.sent) == 1


def test_nothing_that_is_dropped_leaves_the_page(composer: Composer) -> None:
    page = composer.page
    composer.prompt.click()
    composer.type("A prompt that stays")
    drop = """([place, name, type]) => {
        const dataTransfer = new DataTransfer()
        const made = type.startsWith('image')
            ? fetch(document.querySelector('link[rel=icon]').href).then(() => {
                const canvas = document.createElement('canvas')
                canvas.width = canvas.height = 400
                canvas.getContext('2d').fillRect(0, 0, 400, 400)
                return new Promise(resolve => canvas.toBlob(resolve, type))
              })
            : Promise.resolve(new Blob(['words'], { type }))
        return made.then(blob => {
            dataTransfer.items.add(new File([blob], name, { type }))
            const target = document.querySelector(place)
            for (const kind of ['dragenter', 'dragover', 'drop'])
                target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }))
        })
    }"""
    for place in ("div[role=textbox]", "nav", "aside"):
        page.evaluate(drop, [place, "a.png", "image/png"])
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 3")
    page.evaluate(drop, ["main", "notes.txt", "text/plain"])
    page.get_by_text("notes.txt is no image, video or sound.").first.wait_for()
    assert composer.prompt.inner_text().strip() == "A prompt that stays"
    assert page.url.startswith(page.evaluate("location.origin"))


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "zh", "ko", "ja"])
def test_change_role_gives_that_role(composer: Composer, tmp_path: Path, language: str) -> None:
    page = composer.page
    words = {"en": "A cat walks.", "zh": "一只猫在走。", "ko": "고양이가 걷는다.", "ja": "猫が歩く。"}
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    for role in ("subject", "product", "setting", "style", "first frame", "last frame"):
        composer.clear()
        composer.type(words[language])
        composer.checked()
        page.get_by_role("button", name="More for image 2").click()
        page.get_by_role("dialog", name="image 2").get_by_role("button", name=role, exact=True).click()
        page.wait_for_timeout(400)
        plan = composer.checked()["plan"]
        assert [use["role"] for use in plan["assets"] if use["number"] == 2] == [role.replace(" ", "_")]
        page.locator(".tile").nth(1).get_by_role("button", name=role).wait_for()


def test_the_words_that_a_fact_came_from_are_marked_where_they_stand(composer: Composer, tmp_path: Path) -> None:
    composer.add(picture(tmp_path, "a.png"))
    composer.write("🐱👨‍👩‍👧 ", "@1", " is the setting, a dog runs")
    composer.checked()
    composer.page.get_by_role("region", name="What was understood").get_by_role("button", name="dog").first.hover()
    marked = composer.prompt.locator(".lit")
    marked.first.wait_for()
    assert "dog" in "".join(marked.all_inner_texts())


@pytest.mark.parametrize("press", ["held", pytest.param("double click", marks=pytest.mark.thorough)])
def test_a_press_is_charged_once_whatever_the_network_does(
    new_studio: Callable[..., Studio], new_page: Callable[..., Any], press: str
) -> None:
    studio = new_studio()
    composer = open_create(studio, new_page())
    page = composer.page
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(1)
        route.fetch()  # it reaches the server, and its answer is lost
        route.abort()

    page.route("**/v1/videos/generations", lose)
    composer.type("A boat on the sea")
    composer.checked()
    if press == "held":
        page.keyboard.down("Control")
        for _ in range(5):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        page.keyboard.up("Control")
    else:
        composer.send_button.dblclick()
    page.get_by_role("article", name="A boat on the sea").first.wait_for()
    page.wait_for_timeout(1_500)
    with studio.server.client() as client:
        tasks = client.get("/v1/tasks").json()["data"]
        ledger = client.get("/v1/ledger").json()["data"]
    assert len(tasks) == 1
    assert [row["kind"] for row in ledger].count("reserve") == 1


@pytest.mark.thorough
def test_with_four_takes_and_two_tasks_at_once_the_others_follow_by_themselves(
    new_studio: Callable[..., Studio], new_page: Callable[..., Any]
) -> None:
    studio = new_studio(**{**QUICK, "OPENDANCE_BLANK_SECONDS": "3", "OPENDANCE_CONCURRENCY": "2"})
    key = studio.server.new_account("two", max_tasks=2)
    composer = open_create(studio, new_page(), key)
    page = composer.page
    composer.type("A boat on the sea")
    composer.checked()
    page.get_by_role("button", name="1 take", exact=True).click()
    page.get_by_role("dialog").get_by_text("4", exact=True).click()
    composer.checked()
    composer.send_button.click()
    page.get_by_role("button", name="Really").click()  # more than a tenth of what is left
    page.get_by_text("2 of 4 started.").wait_for()
    with studio.server.client(key) as client:
        assert {task["status"] for task in client.get("/v1/tasks").json()["data"]} <= {"pending", "processing"}
    page.get_by_text(re.compile("of 4 started")).wait_for(state="detached")
    with studio.server.client(key) as client:
        wait_until(lambda: len(client.get("/v1/tasks?status=completed").json()["data"]) == 4)
    prompts = {json.dumps(body, sort_keys=True) for body in composer.sent}
    assert len(prompts) == 1
    with studio.server.client(key) as client:
        assert len({card["seed"] for card in client.get("/v1/tasks?include=card").json()["data"]}) == 4


def test_who_has_too_few_credits_is_told_two_changes_that_fit(studio: Studio, new_page: Callable[..., Any]) -> None:
    composer = open_create(studio, new_page(), studio.server.new_account("forty", credits_="40"))
    page = composer.page
    composer.type("A boat on the sea")
    page.get_by_text("27.5 credits short.").wait_for()
    assert page.get_by_role("button", name="Not enough credits").is_disabled()
    offers = page.locator("#problem-price").get_by_role("button")
    for offer, cost in enumerate([33.75, 31.255]):
        assert offers.count() == 2
        assert offers.nth(offer).inner_text().endswith(f"· {cost:g}")
        offers.nth(offer).click()
        composer.send_button.wait_for()
        usage = composer.checked("A boat on the sea")["usage"]
        assert (usage["credits_reserved"], usage["sufficient"]) == (cost, True)
        page.get_by_role("button", name="Undo").first.click()
        page.get_by_text("27.5 credits short.").wait_for()


def test_with_ten_credits_nothing_fits_and_all_but_sending_works(studio: Studio, new_page: Callable[..., Any]) -> None:
    composer = open_create(studio, new_page(), studio.server.new_account("ten", credits_="10"))
    page = composer.page
    composer.type("A boat on the sea")
    page.get_by_text("57.5 credits short. The smallest video costs 12.502.").wait_for()
    assert page.get_by_role("button", name="Not enough credits").is_disabled()
    page.keyboard.press("Control+Enter")
    page.goto(f"{studio.address}/library")
    page.get_by_text("Nothing yet").first.wait_for()
    page.goto(f"{studio.address}/usage")
    page.get_by_text(re.compile(r"^10\b")).first.wait_for()
    assert not composer.sent


def test_the_page_asks_by_itself_until_a_video_is_measured(composer: Composer) -> None:
    page = composer.page
    early: list[int] = []

    def answer(route: Any) -> None:
        got = route.fetch()
        if len(early) < 2:
            early.append(1)
            route.fulfill(response=got, json={**got.json(), "is_measured": False})
        else:
            route.fulfill(response=got)

    page.route("**/v1/videos/check", answer)
    composer.type("A boat on the sea")
    for _ in range(600):
        if len(composer.answers) >= 3:
            break
        page.wait_for_timeout(50)
    assert [answer.json()["is_measured"] for _, answer in composer.answers[:3]] == [False, False, True]
    asked = len(composer.asked)
    page.wait_for_timeout(1_500)
    assert len(composer.asked) == asked


def test_a_draft_with_its_files_is_there_after_a_crash(composer: Composer, tmp_path: Path) -> None:
    page = composer.page
    composer.add(picture(tmp_path, "a.png"))
    composer.write("A cat like ", "@1", " sleeps")
    composer.checked()
    page.wait_for_timeout(700)
    page.reload()
    page.locator("div[role=textbox] .chip").wait_for()
    assert composer.tile("image 1").count() == 1
    assert "A cat like" in composer.prompt.inner_text()


def test_clear_is_taken_back(composer: Composer) -> None:
    composer.type("A fox in the snow")
    composer.page.get_by_role("button", name="Clear").click()
    assert composer.prompt.inner_text().strip() == ""
    composer.prompt.click()
    composer.page.keyboard.press("Control+z")
    assert composer.prompt.inner_text().strip() == "A fox in the snow"
