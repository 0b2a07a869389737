"""A walk over all pages: nothing breaks the policy of the page, nothing is asked elsewhere, nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.studio.conftest import Studio

pytestmark = pytest.mark.studio

PAGES = ("/create", "/queue", "/library", "/files", "/usage", "/keys", "/callbacks", "/settings")
ADMIN = tuple(
    f"/admin{page}"
    for page in ("", "/accounts", "/groups", "/keys", "/tasks", "/queue", "/engines", "/callbacks", "/audit", "/server")
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html ProseMirrorClipboard"
)


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.thorough)])
def test_no_page_breaks_the_policy_or_asks_another_host(
    studio: Studio, sign_in: Callable[..., Any], theme: str
) -> None:
    page = sign_in(studio, "--admin")
    page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    for path in PAGES + ADMIN:
        answer = page.goto(studio.address + path)
        assert answer.headers["content-security-policy"] == POLICY
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert page.watched.is_clean, (path, page.watched)


@pytest.mark.parametrize("width", [320, pytest.param(390, marks=pytest.mark.thorough)])
def test_no_page_scrolls_sideways(studio: Studio, sign_in: Callable[..., Any], width: int) -> None:
    page = sign_in(studio, "--admin", viewport={"width": width, "height": 700})
    wide: list[str] = []
    for path in PAGES + ADMIN:
        page.goto(studio.address + path)
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_timeout(150)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)
    assert not wide
