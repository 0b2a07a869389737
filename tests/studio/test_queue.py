"""The queue's page: order, stopping, and what can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.studio.conftest import Studio
from tests.studio.tasks import SLOW, begin, own_order, task

pytestmark = pytest.mark.studio


@pytest.fixture
def slow(new_studio: Callable[..., Studio]) -> Studio:
    return new_studio(**SLOW)


def _row(page: Any, name: str) -> Any:
    return page.get_by_role("article", name=name)


def test_all_that_waits_is_cancelled_with_one_click_and_an_undo(slow: Studio, sign_in: Callable[..., Any]) -> None:
    ids = begin(slow, *[f"Boat number {number} on a lake" for number in range(1, 7)])
    page = sign_in(slow, path="/queue")
    waiting = own_order(slow)
    cancel = page.get_by_role("button", name=f"Cancel all that waits ({len(waiting)})")
    cancel.click()
    page.get_by_role("button", name="Undo").click()
    _row(page, "Boat number 6 on a lake").wait_for()
    assert own_order(slow) == waiting

    cancel.click()
    page.get_by_text(re.compile("Cancelled · .* came back")).first.wait_for(timeout=15_000)
    assert own_order(slow) == []
    assert {task(slow, task_id)["status"] for task_id in waiting} == {"cancelled"}
    assert {task(slow, task_id)["status"] for task_id in set(ids) - set(waiting)} == {"processing"}
    assert page.watched.is_clean, page.watched


def test_stop_asks_inside_its_own_button(slow: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = begin(slow, "A kite in the wind")
    page = sign_in(slow, path="/queue")
    row = _row(page, "A kite in the wind")
    row.get_by_role("button", name="Stop").click()
    assert task(slow, task_id)["status"] == "processing"
    row.get_by_role("button").filter(has_text="?").click()
    row.get_by_text("came back").wait_for()
    ended = task(slow, task_id)
    assert ended["status"] == "cancelled"
    assert ended["usage"]["credits_used"] == 0


def test_the_fifth_becomes_the_next_and_the_turns_of_others_stay(slow: Studio, sign_in: Callable[..., Any]) -> None:
    other = slow.server.new_account("other")
    begin(slow, *[f"Filler {number}" for number in range(4)])
    begin(slow, *[f"Theirs {number}" for number in range(5)], key=other)
    begin(slow, *[f"Mine {number}" for number in range(5)])
    before, theirs = own_order(slow), own_order(slow, other)
    page = sign_in(slow, path="/queue")
    last = task(slow, before[-1], include="request")["request"]["prompt"]
    _row(page, last).get_by_role("button", name="To the front").click()
    rows = page.get_by_role("listitem").filter(has=page.get_by_role("checkbox"))
    rows.first.get_by_role("article", name=last).wait_for()
    assert own_order(slow) == [before[-1], *before[:-1]]
    assert own_order(slow, other) == theirs


def test_what_is_selected_is_moved_and_cancelled_together(slow: Studio, sign_in: Callable[..., Any]) -> None:
    begin(slow, *[f"Filler {number}" for number in range(4)])
    begin(slow, *[f"Cloud {number}" for number in range(4)])
    before = own_order(slow)
    page = sign_in(slow, path="/queue")
    boxes = page.get_by_role("listitem").get_by_role("checkbox")
    boxes.nth(len(before) - 2).check()
    boxes.nth(len(before) - 1).click(modifiers=["Shift"])
    page.get_by_text("2 selected").wait_for()
    page.get_by_role("button", name="To the front").first.click()
    page.wait_for_function("() => document.querySelector('ol article')?.getAttribute('aria-label') === 'Cloud 2'")
    assert own_order(slow) == [*before[-2:], *before[:-2]]


def test_edit_cancels_what_waits_and_opens_it_in_create(slow: Studio, sign_in: Callable[..., Any]) -> None:
    begin(slow, *[f"Filler {number}" for number in range(4)])
    [task_id] = begin(slow, "A lamp that flickers in an old attic")
    page = sign_in(slow, path="/queue")
    _row(page, "A lamp that flickers in an old attic").get_by_role("button", name="Edit").click()
    page.wait_for_url("**/create*")
    page.get_by_role("textbox", name="Prompt").get_by_text("A lamp that flickers in an old attic").wait_for()
    assert task(slow, task_id)["status"] == "cancelled"
