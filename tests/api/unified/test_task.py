"""The task object and the quote of the unified API, in every state; no server."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import TypeAdapter

from opendance.api.state import json_bytes
from opendance.api.unified.quote import quote_object
from opendance.api.unified.task import VideoGenerationResponse, VideoTask, at_change, task_json, task_object
from opendance.asset import Asset
from opendance.billing import charge_for, most_it_can_cost
from opendance.catalog import RESULT_LINK_SECONDS, AspectRatio
from opendance.errors import LinkExpired
from opendance.links import Links
from opendance.order import Order
from opendance.pipeline.quote import Quote
from opendance.pipeline.steps.plan import plan
from opendance.store.tasks import TaskChange, TaskRecord
from opendance.task import Status
from tests import tasks

ID = "task-unified-1774857405-abc123de"
ERROR = ("service_error", "the engine stopped unexpectedly; please try again")


@pytest.fixture
def links() -> Links:
    return Links(b"secret")


def pending(**changes: Any) -> TaskRecord:
    values = {
        "id": ID, "created": 1774857405.9, "user_group": "vip", "estimated_time": 12,
        "credits_reserved": Decimal("30.5000"), "base_url": "https://video.example",
    }  # fmt: skip
    return tasks.waiting_task("acct-1", **{**values, **changes})


def processing(**changes: Any) -> TaskRecord:
    return pending(**{"status": Status.PROCESSING, "stage": "render", "progress": 40, "engine": "ark", **changes})


def ended(status: Status, **changes: Any) -> TaskRecord:
    values = {
        "status": status, "stage": None, "credits_used": Decimal(0), "price_lines": [], "finished": 1774857500.0,
        "error_code": ERROR[0], "error_message": ERROR[1],
    }  # fmt: skip
    return processing(**{**values, **changes})


def completed(**changes: Any) -> TaskRecord:
    charge = charge_for(tasks.order(), input_seconds=Decimal(0), searches=0)
    values = {
        "progress": 100, "error_code": None, "error_message": None, "result_key": f"{ID}.mp4",
        "credits_used": charge.credits, "price_lines": charge.as_json(),
    }  # fmt: skip
    return ended(Status.COMPLETED, **{**values, **changes})


# ── every state ──


@pytest.mark.rule("TK-01", "TK-04", "TK-05")
def test_a_task_that_waits(links: Links) -> None:
    assert task_object(pending(), links) == {
        "created": 1774857405,
        "id": ID,
        "model": tasks.MINI,
        "object": "video.generation.task",
        "progress": 0,
        "status": "pending",
        "task_info": {"can_cancel": True, "estimated_time": 12, "video_duration": 4},
        "type": "video",
        "usage": {"billing_rule": "per_second", "credits_reserved": 30.5, "user_group": "vip"},
    }


@pytest.mark.rule("TK-01", "TK-03")
def test_a_task_that_runs_tells_its_stage_and_not_yet_its_engine(links: Links) -> None:
    body = task_object(processing(substitute=True), links)
    assert (body["status"], body["stage"], body["progress"]) == ("processing", "render", 40)
    assert body["task_info"]["can_cancel"] is True
    assert body["model"] == tasks.MINI, "which engine makes it at last is not known yet"
    assert not {"engine", "results", "error"} & set(body)
    assert "credits_used" not in body["usage"]


@pytest.mark.rule("TK-01", "TK-03")
def test_a_completed_task_has_its_result_and_its_price(links: Links) -> None:
    task = completed()
    body = task_object(task, links)
    assert (body["status"], body["progress"], body["engine"]) == ("completed", 100, "ark")
    assert len(body["results"]) == 1
    assert body["task_info"]["can_cancel"] is False
    assert body["usage"]["credits_used"] == float(task.credits_used or 0)
    assert sum(line["credits"] for line in body["usage"]["lines"]) == body["usage"]["credits_used"]
    assert not {"stage", "error"} & set(body)


@pytest.mark.rule("TK-01", "TK-03")
@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_task_that_did_not_succeed_says_why_and_costs_nothing(links: Links, status: Status) -> None:
    body = task_object(ended(status), links)
    assert (body["status"], body["progress"]) == (status.value, 40)
    assert body["error"] == {"code": ERROR[0], "message": ERROR[1]}
    assert (body["usage"]["credits_used"], body["usage"]["lines"]) == (0, [])
    assert body["task_info"]["can_cancel"] is False
    assert not {"stage", "results"} & set(body)


def test_a_task_that_no_engine_made_names_none(links: Links) -> None:
    assert "engine" not in task_object(ended(Status.CANCELLED, engine=None), links)


@pytest.mark.rule("TK-01")
def test_the_model_is_the_one_really_used(links: Links) -> None:
    assert task_object(completed(), links)["model"] == tasks.MINI
    assert task_object(completed(substitute=True, engine="blank"), links)["model"] == f"{tasks.MINI}@blank"


# Byte for byte: clients may sign, compare or keep what they were told.
_HEAD = (
    '{"created":1774857405,"id":"task-unified-1774857405-abc123de","model":"%s",'
    '"object":"video.generation.task","progress":%d,"status":"%s",'
    '"task_info":{"can_cancel":%s,"estimated_time":12,"video_duration":4},"type":"video",'
    '"usage":{"billing_rule":"per_second","credits_reserved":30.5,"user_group":"vip"'
)
_LINES = '[{"item":"video","unit":"second","quantity":4.0,"unit_price":6.75,"credits":27.0}]'
_ERROR = '"error":{"code":"service_error","message":"the engine stopped unexpectedly; please try again"}}'


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (pending(), _HEAD % (tasks.MINI, 0, "pending", "true") + "}}"),
        (processing(), _HEAD % (tasks.MINI, 40, "processing", "true") + '},"stage":"render"}'),
        (processing(stage=None), _HEAD % (tasks.MINI, 40, "processing", "true") + "}}"),
        (
            completed(result_link="https://b.example/v.mp4"),
            _HEAD % (tasks.MINI, 100, "completed", "false")
            + f',"credits_used":27.0,"lines":{_LINES}}},"engine":"ark","results":["https://b.example/v.mp4"]}}',
        ),
        (
            ended(Status.FAILED, substitute=True),
            _HEAD % (f"{tasks.MINI}@ark", 40, "failed", "false")
            + f',"credits_used":0.0,"lines":[]}},"engine":"ark",{_ERROR}',
        ),
        (
            ended(Status.CANCELLED, engine=None),
            _HEAD % (tasks.MINI, 40, "cancelled", "false") + f',"credits_used":0.0,"lines":[]}},{_ERROR}',
        ),
    ],
    ids=["pending", "processing", "without a stage", "completed", "failed", "cancelled"],
)
def test_the_bytes_of_a_task_in_every_state(links: Links, task: TaskRecord, told: str) -> None:
    assert task_json(task, links).decode() == told


EVERY_STATE = [pending(), processing(), completed(substitute=True), ended(Status.FAILED), ended(Status.CANCELLED)]


@pytest.mark.parametrize("task", EVERY_STATE, ids=lambda task: task.status.value)
def test_a_task_is_what_the_documentation_says_and_nothing_more(links: Links, task: TaskRecord) -> None:
    for kind in (VideoTask, *([VideoGenerationResponse] if task.status is Status.PENDING else [])):
        # What the documentation does not know would be missing in what pydantic gives back.
        assert TypeAdapter(kind).validate_python(task_object(task, links), strict=True) == task_object(task, links)


def test_numbers_are_numbers_and_text_is_text(links: Links) -> None:
    body = task_json(ended(Status.FAILED, error_message="为什么 “x”\n"), links)
    assert b" " not in body.replace("为什么 “x”".encode(), b"")
    assert "为什么".encode() in body
    assert json.loads(body)["error"]["message"] == "为什么 “x”\n"
    assert type(json.loads(body)["usage"]["credits_reserved"]) is float
    with pytest.raises(ValueError):
        json_bytes({"never": float("nan")})


# ── links ──


@pytest.mark.rule("OUT-09")
def test_a_link_leads_to_where_the_task_was_asked_for_and_ends_a_day_after_the_video(links: Links) -> None:
    task = completed()
    (link,) = task_object(task, links)["results"]
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "video.example", f"/v1/results/{ID}.mp4")
    query = dict(parse_qsl(parts.query))
    ends = links.check(f"{ID}.mp4", query["ends"], query["signature"], now=task.finished)
    assert ends == 1774857500 + RESULT_LINK_SECONDS == 1774857500 + 24 * 3600
    with pytest.raises(LinkExpired):
        links.check(f"{ID}.mp4", query["ends"], query["signature"], now=ends)


def test_the_link_is_the_same_each_time(links: Links) -> None:
    assert task_json(completed(), links) == task_json(completed(), links)


def test_a_link_that_the_store_signed_is_given_as_it_is(links: Links) -> None:
    signed = "https://bucket.example/v.mp4?X-Amz-Expires=86400"
    assert task_object(completed(result_link=signed), links)["results"] == [signed]


def test_a_result_that_was_swept_is_still_told_as_it_was(links: Links) -> None:
    assert task_object(completed(swept=1774959999.0), links) == task_object(completed(), links)


# ── as it was before ──


@pytest.mark.parametrize(
    "task",
    [completed(substitute=True), ended(Status.FAILED), ended(Status.CANCELLED, substitute=True)],
    ids=lambda task: task.status.value,
)
def test_an_earlier_change_shows_nothing_of_the_end(links: Links, task: TaskRecord) -> None:
    first = at_change(task, TaskChange(1, Status.PENDING, None, 0))
    later = at_change(task, TaskChange(7, Status.PROCESSING, "render", 40))
    assert first == task_object(pending(), links)
    assert later == task_object(processing(), links)


def test_an_earlier_change_of_a_task_that_runs_has_its_own_stage_and_progress(links: Links) -> None:
    now = processing(stage="store", progress=97)
    earlier = at_change(now, TaskChange(3, Status.PROCESSING, "moderate", 0))
    assert earlier == task_object(processing(stage="moderate", progress=0), links)


# ── quotes ──


async def quote(order: Order, **changes: Any) -> Quote:
    assets = [Asset(kind=link.kind, number=link.number) for link in order.links]
    made = Quote(most_it_can_cost(order), 7, Decimal("12.5000"), await plan(order, assets, ()), ratio_is_open=False)
    return replace(made, **changes)


async def test_a_quote_is_in_the_words_of_a_task() -> None:
    order = tasks.order()
    body = quote_object(order, found := await quote(order), user_group="vip")
    plan_ = body.pop("plan")
    assert body == {
        "object": "video.generation.estimate",
        "model": tasks.MINI,
        "task_info": {"estimated_time": 7, "video_duration": 4},
        "usage": {
            "billing_rule": "per_second",
            "credits_reserved": float(found.charge.credits),
            "user_group": "vip",
            "lines": found.charge.as_json(),
            "credits_available": 12.5,
            "sufficient": Decimal("12.5") >= found.charge.credits,
        },
    }
    assert plan_["aspect_ratio"] == "16:9"
    assert [subject["name"] for shot in plan_["shots"] for subject in shot["subjects"]] == ["cat"]
    json_bytes(body | {"plan": plan_})  # what cannot be sent raises


async def test_a_quote_says_whether_the_credits_are_enough() -> None:
    order = tasks.order()
    needed = most_it_can_cost(order).credits
    for available, sufficient in ((needed, True), (needed - Decimal("0.0001"), False)):
        body = quote_object(order, await quote(order, available=available), user_group="default")
        assert body["usage"]["sufficient"] is sufficient


@pytest.mark.rule("OUT-05")
async def test_a_ratio_that_is_open_is_told_as_it_was_asked_for() -> None:
    order = tasks.order(
        tasks.MINI_IMAGE, links=(tasks.link("image", "https://x.example/a.png"),), aspect_ratio=AspectRatio.ADAPTIVE
    )
    settled, still_open = await quote(order), await quote(order, ratio_is_open=True)
    assert quote_object(order, still_open, user_group="default")["plan"]["aspect_ratio"] == "adaptive"
    assert quote_object(order, settled, user_group="default")["plan"]["aspect_ratio"] != "adaptive"
