"""Pages as those meet them who see, hear or point otherwise: axe, targets, motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.studio.conftest import Studio
from tests.studio.tasks import made
from tests.studio.test_walk import ADMIN, PAGES

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_any_page(studio: Studio, sign_in: Callable[..., Any], theme: str) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    [task_id] = made(studio, "A boat on a quiet lake")
    page = sign_in(studio, "--admin")
    page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    page.evaluate("theme => localStorage.setItem('preferences', JSON.stringify({theme}))", theme)
    states = [
        *PAGES,
        *ADMIN,
        f"/library/{task_id}",
        *[f"/library/{task_id}?tab={tab}" for tab in ("plan", "files", "course", "credits", "origin")],
        "/library?search=nothing+of+this",
        f"/admin/tasks?open={task_id}",
        "/admin/groups?open=default",
    ]
    found: list[str] = []
    for state in states:
        page.goto(studio.address + state)
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_timeout(600)
        for violation in axe.run(page, options=_RULES)["violations"]:
            found += [f"{state}: {violation['id']} {node['target']}" for node in violation["nodes"]]
    assert not found


def test_with_reduced_motion_no_clip_begins_by_itself(studio: Studio, sign_in: Callable[..., Any]) -> None:
    made(studio, "A mill by the river")
    page = sign_in(studio, path="/library?search=mill", reduced_motion="reduce")
    tile = page.get_by_role("grid").get_by_role("link").first
    tile.hover()
    tile.focus()
    page.wait_for_timeout(800)
    assert page.locator("video").count() == 0


def test_every_target_is_large_enough(studio: Studio, sign_in: Callable[..., Any]) -> None:
    made(studio, "A bridge in the fog")
    page = sign_in(studio, "--admin", viewport={"width": 390, "height": 800})
    small: list[str] = []
    for path in PAGES + ADMIN:
        page.goto(studio.address + path)
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_timeout(300)
        small += page.evaluate(
            """path => [...document.querySelectorAll('button, select, input:not(.unseen), a.button, [role=tab]')]
                .filter(each => each.checkVisibility({ visibilityProperty: true, opacityProperty: false }))
                .map(each => [each, (each.closest('label') ?? each).getBoundingClientRect()])
                .filter(([, box]) => box.width > 2 && (box.width < 24 || box.height < 24))
                .map(([each, box]) => `${path} ${each.outerHTML.slice(0, 90)} ${box.width} x ${box.height}`)""",
            path,
        )
    assert not small
