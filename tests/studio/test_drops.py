"""What is dropped or pasted on Create: real drops of the browser, which would leave a page that let them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FileServer
from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer, open_create, picture
from tests.upstreams import make_clip

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_PROMPT = "A prompt that stays"


def drop(page: Any, target: Any, *paths: Path) -> None:
    """Drops files or folders from outside the browser in the middle of an element."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    held = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    protocol = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        protocol.send("Input.dispatchDragEvent", {"type": kind, **at, "data": held})
    protocol.detach()


def paste(target: Any, *, text: str = "", picture_: bool = False) -> None:
    """Pastes text, or a picture as a screenshot brings it, where `target` is."""
    target.evaluate(
        """async (target, [text, isPicture]) => {
            const clipboardData = new DataTransfer()
            if (text) clipboardData.setData('text/plain', text)
            if (isPicture) {
                const canvas = new OffscreenCanvas(640, 480)
                canvas.getContext('2d').fillRect(0, 0, 640, 480)
                const blob = await canvas.convertToBlob({ type: 'image/png' })
                clipboardData.items.add(new File([blob], 'image.png', { type: 'image/png' }))
            }
            target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
        }""",
        [text, picture_],
    )


def _has_tiles(page: Any, count: int) -> None:
    page.wait_for_function(
        "count => document.querySelectorAll('.tile').length === count && !document.querySelector('.tile progress')",
        arg=count,
    )


@pytest.fixture
def composer(new_studio: Callable[..., Studio], new_page: Callable[..., Any]) -> Composer:
    """Create, with a prompt and a card beside it, of a server that may fetch from this machine."""
    studio = new_studio(**QUICK, OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    composer = open_create(studio, new_page())
    composer.type(_PROMPT)
    composer.checked()
    composer.page.keyboard.press("Control+Enter")
    composer.page.get_by_role("article", name=_PROMPT).first.wait_for()
    return composer


def test_nothing_that_is_dropped_leaves_the_page(composer: Composer, tmp_path: Path) -> None:
    page = composer.page
    address, loaded = page.url, page.evaluate("performance.timeOrigin")
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    for inside in ("one.png", "inner/two.png"):
        picture(folder, inside)
    (folder / "notes.txt").write_text("words")
    places = [composer.prompt, page.get_by_role("navigation").first, page.get_by_role("article", name=_PROMPT).first]
    for number, place in enumerate(places):
        for name in ("a", "b"):
            drop(page, place, picture(tmp_path, f"{number}{name}.png"))
    _has_tiles(page, 6)
    assert [composer.tile(f"image {number}").count() for number in range(1, 8)] == [1] * 6 + [0]

    (tmp_path / "notes.txt").write_text("words")
    drop(page, composer.prompt, tmp_path / "notes.txt")
    page.get_by_text("notes.txt is no image, video or sound.").first.wait_for()
    drop(page, page.locator("main"), folder)
    _has_tiles(page, 8)
    names = page.locator(".tile .picture").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert sorted(name.split(", ")[1].split(" ")[0] for name in names[6:]) == ["one.png", "two.png"]

    composer.checked(_PROMPT)
    assert len(composer.asked[-1]["image_urls"]) == 8
    assert (page.url, page.evaluate("performance.timeOrigin")) == (address, loaded)
    assert composer.prompt.inner_text().strip() == _PROMPT
    assert not page.watched.violations


def test_what_is_pasted_becomes_an_asset_or_is_refused_in_words(
    composer: Composer, hosted: FileServer, tmp_path: Path
) -> None:
    page = composer.page
    composer.prompt.click()
    paste(composer.prompt, picture_=True)
    _has_tiles(page, 1)
    film = hosted.put("films/walk.mp4", make_clip(tmp_path / "walk.mp4", (640, 368), 96).read_bytes())
    paste(composer.prompt, text=film)
    _has_tiles(page, 2)
    assert composer.tile("video 1").get_attribute("aria-label") == "Put video 1, walk.mp4 into the prompt"
    website = hosted.put("about.html", b"<!doctype html><title>About</title><p>Words about films.")
    paste(page.locator("main"), text=website)
    page.get_by_text("no image, video or sound can be had from there").first.wait_for()
    _has_tiles(page, 2)
    composer.checked(_PROMPT)
    assert (len(composer.asked[-1]["image_urls"]), len(composer.asked[-1]["video_urls"])) == (1, 1)
    assert composer.prompt.inner_text().strip() == _PROMPT


@pytest.mark.parametrize("path", ["/library", "/queue", "/settings"])
def test_a_file_that_is_dropped_on_another_page_does_not_replace_it(
    studio: Studio, sign_in: Callable[..., Any], tmp_path: Path, path: str
) -> None:
    page = sign_in(studio, path=path)
    page.locator("main h1").first.wait_for(state="attached")
    drop(page, page.locator("main"), picture(tmp_path, "a.png"))
    page.wait_for_timeout(500)
    assert page.url == studio.address + path
