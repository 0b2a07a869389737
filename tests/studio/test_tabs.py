"""Several tabs of one browser: one of them holds the connection, and what happens is in all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.studio.conftest import Studio
from tests.studio.tasks import SLOW, begin

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_TABS = 7
_STREAMS = 4  # that an account may have open
_WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"
_WATCH = """() => {
    window.shown = {}
    new MutationObserver(() => {
        for (const each of document.querySelectorAll('article[aria-label]')) {
            window.shown[each.getAttribute('aria-label')] ??= performance.timeOrigin + performance.now()
        }
    }).observe(document.body, { subtree: true, childList: true })
}"""


def streams_of_pages(studio: Studio) -> int:
    """Event streams that are open at the server: as many as of those that there may be are refused to others."""
    with ExitStack() as stack:
        client = stack.enter_context(studio.server.client())
        free = 0
        while free <= _STREAMS:
            answer = stack.enter_context(client.stream("GET", "/v1/events", timeout=httpx.Timeout(60)))
            if answer.status_code == 429:
                break
            free += 1
        return _STREAMS - free


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "without locks"])
def test_seven_tabs_have_one_connection_and_another_leads_when_the_first_goes(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any], locks: bool
) -> None:
    studio = new_studio(**SLOW, OPENDANCE_EVENT_STREAMS_PER_ACCOUNT=str(_STREAMS))
    first = sign_in(studio, path="/queue")
    context = first.context
    if not locks:
        context.add_init_script(_WITHOUT_LOCKS)
        first.reload()
    first.get_by_text("Nothing waits").first.wait_for()
    tabs = [first, *(context.new_page() for _ in range(_TABS - 1))]
    for tab in tabs[1:]:
        tab.goto(f"{studio.address}/queue")
        tab.get_by_text("Nothing waits").first.wait_for()
    for tab in tabs:
        assert tab.evaluate("navigator.locks !== undefined") == locks
        tab.evaluate(_WATCH)
    first.wait_for_timeout(2_500)  # who found no leader has asked
    assert streams_of_pages(studio) == 1

    took: list[float] = []
    for number in range(5):
        begin(studio, f"Seen in every tab {number}")
        sent = time.time()
        took.append(max(_shown(tab, f"Seen in every tab {number}") / 1000 - sent for tab in tabs))

    opened: list[Any] = []
    context.on("request", lambda each: opened.append(each) if "/v1/events" in each.url else None)
    first.close()
    closed = time.time()
    during = [f"While nobody leads {number}" for number in range(6)]
    for name in during:
        begin(studio, name)
    for tab in tabs[1:]:
        for name in during:
            _shown(tab, name)
    assert len(opened) == 1
    assert opened[0].timing["startTime"] / 1000 - closed < 2
    while streams_of_pages(studio) > 1:  # the server has not seen that the first is gone
        time.sleep(0.5)
    # Each change once: as many rows as tasks, in every tab.
    assert {tab.get_by_role("article").count() for tab in tabs[1:]} == {5 + len(during)}
    assert min(took) < 2, took  # s, of five; 0.5 without load, and just so with thirty programs on two cores


def _shown(tab: Any, name: str) -> float:
    """When a task of this name was shown there, ms of unix time."""
    return tab.wait_for_function("name => window.shown[name]", arg=name).json_value()
