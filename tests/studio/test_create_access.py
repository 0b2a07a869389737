"""Create by keyboard alone, for a screen reader, and for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import Studio
from tests.studio.create import open_create, picture

pytestmark = pytest.mark.studio
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.thorough)])
def test_axe_finds_nothing_in_any_state_of_create(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path, theme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    page = new_page()
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    found: list[str] = []

    def judge(state: str) -> None:
        found.extend(
            f"{state}: {violation['id']}: {violation['nodes'][0]['html'][:200]}"
            for violation in axe.run(page, options=_RULES)["violations"]
        )

    page.goto(studio.address)
    page.get_by_label("API key").wait_for()
    judge("sign-in")
    composer = open_create(studio, page)
    page.wait_for_timeout(300)
    judge("empty")
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    composer.prompt.click()
    composer.type("The cat of @")
    page.get_by_role("listbox").wait_for()
    judge("list of assets")
    page.keyboard.press("Enter")
    composer.type("sleeps")
    composer.checked()
    judge("with chips")
    composer.tile("image 1").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="1 problem").wait_for()
    judge("with a problem")
    for control in ("tier", "duration", "ratio", "quality", "takes", "seed"):
        page.locator(f"#control-{control}").click()
        judge(control)
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").wait_for()
    judge("finding")
    assert not found


def test_files_chips_and_settings_work_without_a_mouse(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    composer.add(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"))
    composer.prompt.focus()
    composer.type("The cat of ")

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Shift+Tab")
            label = page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
            )
            if label.startswith(name):
                return
        raise AssertionError(f"{name} is not reached by Tab")

    tab_to("Put image 2")
    page.keyboard.press("Enter")
    composer.type("sleeps")
    tab_to("Put image 2")
    page.keyboard.press("Alt+ArrowLeft")
    composer.checked("The cat of [@Image1] sleeps")
    tab_to("Length")
    page.keyboard.press("Enter")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    composer.checked()
    assert composer.asked[-1]["duration"] == 6


def test_a_screen_reader_hears_files_chips_price_and_button(
    studio: Studio, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    composer.add(picture(tmp_path, "cat.png"), picture(tmp_path, "beach.png"))
    composer.write("The cat of ", "@1", " on the beach of ", "@2")
    composer.checked()
    page.wait_for_timeout(300)
    heard = page.locator("main").aria_snapshot()
    for part in (
        'button "Put image 1, cat.png into the prompt"',
        'textbox "Prompt"',
        'img "image 1, cat.png, role subject"',
        'img "image 2, beach.png, role setting"',
        'region "What was understood"',
        'button "Generate',
        'region "Queue and results"',
    ):
        assert part in heard, (part, heard)
    page.get_by_role("status").filter(has_text="Price").first.wait_for(state="attached", timeout=5_000)


def test_on_a_phone_prompt_and_button_are_in_sight_together(studio: Studio, new_page: Callable[..., Any]) -> None:
    composer = open_create(studio, new_page(viewport={"width": 360, "height": 640}, has_touch=True))
    page = composer.page
    composer.prompt.click()
    composer.type("A cat sleeps")
    composer.checked()
    for each in (composer.prompt, composer.send_button):
        box = each.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
