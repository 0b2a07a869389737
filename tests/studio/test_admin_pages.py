"""The operator's pages: absent until the session is raised, and every change said before it is made."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ADMIN_KEY, free_port
from tests.studio.conftest import QUICK, Studio
from tests.studio.tasks import made, task
from tests.upstreams import setting

pytestmark = pytest.mark.studio


def test_without_the_admin_key_no_page_of_the_operator_is_loaded(studio: Studio, sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio, path="/settings")
    page.get_by_label("Admin key").wait_for()
    assert not [asked for asked in page.watched.asked if "Overview" in asked or asked.startswith("GET /admin/v1")]
    assert page.request.get(f"{studio.address}/admin/v1/accounts").status == 401

    page.get_by_label("Admin key").fill(ADMIN_KEY)
    page.get_by_role("button", name="Open Admin").click()
    page.get_by_role("link", name="Admin", exact=True).click()
    page.get_by_text("Ready").first.wait_for()
    assert [asked for asked in page.watched.asked if "Overview" in asked]


def test_a_payment_is_booked_once_and_says_so(studio: Studio, sign_in: Callable[..., Any]) -> None:
    studio.server.new_account("payer", credits_="10")
    page = sign_in(studio, "--admin", path="/admin/accounts?q=payer")
    page.get_by_role("row").filter(has_text="payer").click()
    drawer = page.get_by_role("dialog")
    for said in ("50 added; the balance is 60.", "This reference was booked before: nothing was added."):
        drawer.get_by_label("Credits", exact=True).fill("50")
        drawer.get_by_label("Reference of the payment").fill("invoice 17")
        drawer.get_by_role("button", name="Top up").click()
        drawer.get_by_text(said).wait_for()
    with studio.server.admin() as client:
        assert client.get("/admin/v1/accounts/payer").json()["balance"] == 60


def test_a_change_of_a_group_is_told_in_numbers_before_it_is_made(studio: Studio, sign_in: Callable[..., Any]) -> None:
    with studio.server.admin() as client:
        client.put("/admin/v1/groups/gold", json={"price_ratio": 1}).raise_for_status()
    studio.server.new_account("golden", group="gold")
    page = sign_in(studio, "--admin", path="/admin/groups?open=gold")
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Price ratio").fill("1.1")
    drawer.get_by_text("For 1 account:").wait_for()
    drawer.get_by_text("+10 % on every price").wait_for()
    drawer.get_by_role("button", name="Change 1 account").click()
    drawer.wait_for(state="detached")
    with studio.server.admin() as client:
        groups = {group["name"]: group for group in client.get("/admin/v1/groups").json()["data"]}
    assert groups["gold"]["price_ratio"] == 1.1


def test_who_looks_at_a_prompt_stands_in_the_audit_log(studio: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = made(studio, "A secret garden behind a wall")
    page = sign_in(studio, "--admin", path=f"/admin/tasks?open={task_id}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Show prompt").wait_for()
    assert drawer.get_by_text("A secret garden").count() == 0
    drawer.get_by_role("button", name="Show prompt").click()
    drawer.get_by_text("A secret garden behind a wall").last.wait_for()
    page.goto(f"{studio.address}/admin/audit?kind=admin.&task={task_id}")
    row = page.get_by_role("row").filter(has_text="admin.read_request")
    row.get_by_text(re.compile("^session")).wait_for()


@pytest.mark.thorough
def test_the_journal_of_a_task_that_another_engine_made_shows_both(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    unreachable = setting(ark={"base_url": f"http://127.0.0.1:{free_port()}/api/v3", "api_key": "k", "poll": 0.01})
    engines = {"OPENDANCE_ENGINES": "ark,blank", "OPENDANCE_ROUTES__DEFAULT": "ark,blank"}
    studio = new_studio(**{**QUICK, **engines, **unreachable})
    [task_id] = made(studio, "A boat on a quiet lake")
    assert task(studio, task_id)["status"] == "completed"
    page = sign_in(studio, "--admin", path=f"/admin/tasks?open={task_id}")
    drawer = page.get_by_role("dialog")
    render = drawer.get_by_role("listitem").filter(has=page.get_by_text("Making", exact=True))
    failure = render.get_by_role("listitem").filter(has_text="ark")
    failure.get_by_text(re.compile("service_")).wait_for()
    drawer.get_by_text("blank (another engine stood in)").wait_for()
    assert page.watched.is_clean, page.watched


def test_every_setting_tells_where_it_comes_from_and_no_secret(studio: Studio, sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio, "--admin", path="/admin/server")
    secret = page.get_by_role("row").filter(has_text="admin_key")
    secret.get_by_text("environment").wait_for()
    assert secret.get_by_text("set", exact=True).count() == 1
    assert ADMIN_KEY not in page.content()


def test_an_engine_is_checked_by_a_button_and_tells_what_it_took(studio: Studio, sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio, "--admin", path="/admin/engines")
    panel = page.get_by_role("listitem").filter(has_text="blank").first
    panel.get_by_role("button", name="Check blank").click()
    panel.get_by_role("button", name="Make a clip of 4 s now?").click()
    panel.get_by_text("works", exact=True).wait_for()
    panel.get_by_text("864 × 496").wait_for()
    page.reload()
    panel.get_by_text("works", exact=True).wait_for()
    assert page.get_by_text("Licence:").count() > 0
    assert page.watched.is_clean, page.watched


@pytest.mark.thorough
def test_callbacks_of_a_host_are_sent_again_from_the_page(studio: Studio, sign_in: Callable[..., Any]) -> None:
    tasks = made(studio, "A door", "A window", callback_url="https://gone.invalid/hook")
    while sorted(given_up(studio, "gone.invalid")) != sorted(tasks):
        time.sleep(0.2)
    page = sign_in(studio, "--admin", path="/admin/callbacks?status=failed&host=gone.invalid")
    page.get_by_role("row").filter(has_text=tasks[0]).get_by_text("gone.invalid", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Send again").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Send all of them again").click()
    page.get_by_role("button", name="Send all of them again?").click()
    page.get_by_text("1 is on its way").nth(1).wait_for()

    page.goto(f"{studio.address}/admin/tasks?open={tasks[1]}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("allowed").first.wait_for()
    drawer.get_by_text(re.compile("events?$")).click()
    drawer.get_by_text("100 %").wait_for()


def given_up(studio: Studio, host: str) -> list[str]:
    """Tasks whose callbacks to a host were given up."""
    with studio.server.admin() as client:
        page = client.get("/admin/v1/deliveries", params={"status": "failed", "host": host}).raise_for_status().json()
    return [each["task_id"] for each in page["data"]]
