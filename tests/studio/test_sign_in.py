"""Signing in, what a session leaves in the browser, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.studio.conftest import Studio
from tests.studio.create import open_create

pytestmark = pytest.mark.studio

_KEPT = """async () => {
    const kept = [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)]
    for (const { name, version } of await indexedDB.databases()) {
        const database = await new Promise(resolve => {
            const request = indexedDB.open(name, version)
            request.onsuccess = () => resolve(request.result)
        })
        for (const store of database.objectStoreNames)
            kept.push(JSON.stringify(await new Promise(resolve => {
                const request = database.transaction(store).objectStore(store).getAll()
                request.onsuccess = () => resolve(request.result)
            })))
        database.close()
    }
    return kept.join(' ')
}"""


def test_a_key_signs_in_and_nothing_of_it_stays_in_the_browser(studio: Studio, new_page: Callable[..., Any]) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    composer.type("A boat")
    composer.checked()
    page.wait_for_timeout(800)  # the draft is kept by now
    kept = page.evaluate(_KEPT)
    [cookie] = page.context.cookies()
    assert "A boat" in kept
    assert studio.server.key not in kept
    assert studio.server.key[:12] not in kept
    assert cookie["value"] not in kept
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")


def test_a_wrong_key_is_told_in_its_field(studio: Studio, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(studio.address)
    field = page.get_by_label("API key")
    field.fill("od-wrong")
    page.get_by_role("button", name="Sign in").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.get_attribute("id") == field.get_attribute("aria-describedby")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.evaluate("each => each === document.activeElement")


def test_a_revoked_key_ends_the_session_keeps_the_words_and_asks_nothing_more(
    new_studio: Callable[..., Studio], new_page: Callable[..., Any]
) -> None:
    studio = new_studio()
    key = studio.server.new_account("anna")
    composer = open_create(studio, new_page(), key)
    page = composer.page
    composer.type("Words that stay")
    composer.checked()
    with studio.server.admin() as operator:
        [of_anna] = [each for each in operator.get("/admin/v1/keys").json()["data"] if each["name"] == "anna"]
        operator.delete(f"/admin/v1/keys/{of_anna['id']}").raise_for_status()
    composer.type(" and go on")
    page.get_by_role("heading", name="Your session has ended").wait_for()
    asked = len(page.watched.asked)
    page.wait_for_timeout(8_000)
    assert page.watched.asked[asked:] == []
    page.get_by_label("API key").fill(studio.server.new_account("bert"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your session has ended").wait_for(state="detached")
    page.locator("div[role=textbox]").wait_for()
    assert "Words that stay" not in composer.prompt.inner_text()


def test_a_session_that_goes_on_has_what_was_typed(
    new_studio: Callable[..., Studio], new_page: Callable[..., Any]
) -> None:
    studio = new_studio()
    composer = open_create(studio, new_page())
    page = composer.page
    composer.type("Words that stay")
    composer.checked()
    page.context.clear_cookies()
    page.keyboard.insert_text(" here")  # at once: letters that come after the dialog are the dialog's
    page.get_by_role("heading", name="Your session has ended").wait_for()
    page.get_by_label("API key").fill(studio.server.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your session has ended").wait_for(state="detached")
    assert composer.prompt.inner_text().strip() == "Words that stay here"


@pytest.mark.parametrize(("locale", "tag"), [("zh-CN", "zh-Hans"), ("ko-KR", "ko"), ("ja-JP", "ja"), ("fr-FR", "en")])
def test_the_page_speaks_the_browsers_language_and_changes_without_a_reload(
    studio: Studio, new_page: Callable[..., Any], locale: str, tag: str
) -> None:
    page = new_page(locale=locale)
    page.goto(studio.address)
    page.get_by_role("textbox").wait_for()
    assert page.evaluate("document.documentElement.lang") == tag
    before = page.evaluate("performance.timeOrigin")
    page.get_by_role("combobox").select_option("ko")
    page.get_by_role("button", name="로그인").wait_for()
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.evaluate("performance.timeOrigin") == before
    assert not re.search(r"\{\w+\}", page.locator("body").inner_text())
