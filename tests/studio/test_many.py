"""A library of 10,000 videos: nothing of it is too much for the page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from opendance.store.search import index_task
from opendance.store.tasks import create_task
from opendance.task import Status, new_task_id
from tests.databases import opened
from tests.studio.conftest import QUICK, Studio
from tests.tasks import order, waiting_task

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
MANY = 10_000
_DAYS = 800  # over which they were made, evenly
_SUBJECTS = ("fox", "lighthouse", "paper plane", "夜晚的花园", "눈 내리는 마을", "海辺")


async def fill(studio: Studio, account: str) -> None:
    """Tasks that have ended and whose videos were kept long enough: what a library is mostly of."""
    begin = time.time() - _DAYS * 86_400
    async with opened(studio.server.data_dir / "opendance.sqlite3") as database:
        for first in range(0, MANY, 1000):
            async with database.write() as connection:
                for number in range(first, first + 1000):
                    created = begin + number * _DAYS * 86_400 / MANY
                    prompt = f"{_SUBJECTS[number % len(_SUBJECTS)]}, take {number}"
                    ended = {"status": Status.COMPLETED, "progress": 100, "swept": created + 2, "finished": created + 1}
                    task = waiting_task(
                        account, order(prompt=prompt), id=new_task_id(created), created=created, engine="blank", **ended
                    )
                    await create_task(connection, task)
                    await index_task(connection, account, task.id, title=None, tags=None, prompt=prompt)


def test_ten_thousand_videos_are_scrolled_searched_and_come_back_to(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    studio = new_studio(**QUICK)
    with studio.server.admin() as client:
        account = client.get("/admin/v1/accounts").raise_for_status().json()["data"][0]["id"]
    with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
        thread.submit(lambda: asyncio.run(fill(studio, account))).result()

    page = sign_in(studio, path="/library")
    tiles = page.get_by_role("grid").get_by_role("link")
    tiles.first.wait_for()
    page.get_by_text("10,000 videos", exact=True).wait_for()
    for screen in range(1, 101):
        page.evaluate("y => scrollTo(0, y)", screen * 700)
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-id]')].some(tile => {"
            " const at = tile.getBoundingClientRect(); return at.bottom > 0 && at.top < innerHeight })"
        )
        assert page.evaluate("document.querySelectorAll('*').length") < 3000

    month = datetime.fromtimestamp(time.time() - 700 * 86_400, UTC)
    page.get_by_role("navigation", name="Months").get_by_role("button", name=month.strftime("%b %Y")).click()
    page.get_by_text(month.strftime("%B %Y")).first.wait_for()
    seen = page.evaluate(
        "() => [...document.querySelectorAll('[data-id]')].find(tile => tile.getBoundingClientRect().top > 150).dataset.id"
    )
    tile = page.locator(f"[data-id='{seen}']")
    tile.focus()
    page.wait_for_timeout(300)  # the browser has brought it into sight, and what is read then is there
    at = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/library/{seen}")
    page.get_by_role("tab", name="Request").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("id => document.activeElement.dataset.id === id", arg=seen)
    assert abs(page.evaluate("scrollY") - at) <= 2

    page.get_by_role("searchbox").fill("花园, take 9")
    page.get_by_text(f"{sum(n % 6 == 3 and str(n).startswith('9') for n in range(MANY))} videos", exact=True).wait_for()
    assert page.watched.is_clean, page.watched
