"""Credits over HTTP: reserving, settling, refusing, telling; idempotency; estimates."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import httpx
import pytest

from tests.conftest import FileServer, RunningServer, body, wait_for
from tests.files import video_bytes

pytestmark = pytest.mark.on_each_database

CREATE = "/v1/videos/generations"
PRICE = 12.502  # of `body()`


def credits_of(client: httpx.Client) -> tuple[float, float]:
    """What is left and what was used of the account."""
    user = client.get("/v1/credits").json()["data"]["user"]
    return user["remaining_credits"], user["used_credits"]


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


@pytest.mark.rule("TK-04", "TK-05", "OUT-07")
def test_a_finished_video_is_charged_line_by_line(server: RunningServer) -> None:
    with server.admin() as admin:
        admin.put("/admin/v1/groups/silver", json={"price_ratio": 0.9}).raise_for_status()
    with server.client(server.new_account("payer", group="silver", credits_="100")) as client:
        made = client.post(CREATE, json=body(content_filter=False)).json()
        reserved = round(PRICE * 1.1 * 0.9, 4)
        assert made["usage"] == {"billing_rule": "per_second", "credits_reserved": reserved, "user_group": "silver"}
        assert credits_of(client) == pytest.approx((100 - reserved, reserved))
        task = wait_for(client, made["id"])
        assert task["status"] == "completed"
        assert task["usage"]["credits_used"] == reserved
        assert [(line["item"], line["credits"]) for line in task["usage"]["lines"]] == [
            ("video", 12.502),
            ("content_filter_off", 1.2502),
            ("group", -1.3752),
        ]
        assert credits_of(client) == pytest.approx((100 - reserved, reserved))
        rows = client.get(f"/v1/tasks/{made['id']}/ledger").json()["data"]
        assert [(row["kind"], row["amount"]) for row in rows] == [("reserve", -reserved), ("settle", 0)]
        assert rows[1]["lines"] == task["usage"]["lines"]


@pytest.mark.rule("VID-06")
def test_input_seconds_are_charged_as_measured(media_server: RunningServer, hosted: FileServer) -> None:
    url = hosted.put("seven.mp4", video_bytes(960, 540, num_frames=7 * 24))
    with media_server.client(media_server.new_account("director", credits_="200")) as client:
        wanted = body(model="seedance-2.0-mini-reference-to-video", video_urls=[url], prompt="the camera of video 1")
        made = client.post(CREATE, json=wanted).json()
        assert made["usage"]["credits_reserved"] == pytest.approx((15 + 4) * 1.9035)
        task = wait_for(client, made["id"])
        assert task["status"] == "completed", task
        lines = {line["item"]: line["quantity"] for line in task["usage"]["lines"]}
        assert lines == {"input_video": pytest.approx(7, abs=0.05), "video": 4}
        assert task["usage"]["credits_used"] == pytest.approx((7 + 4) * 1.9035, abs=0.1)
        assert credits_of(client)[0] == pytest.approx(200 - task["usage"]["credits_used"])


@pytest.mark.rule("ER-402")
def test_too_few_credits_are_402_and_tell_both_amounts(idle: RunningServer) -> None:
    with idle.client(idle.new_account("poor", credits_="20")) as client:
        assert client.post(CREATE, json=body()).status_code == 200
        response = client.post(CREATE, json=body())
        assert error_of(response)[:2] == (402, "insufficient_quota")
        assert response.json()["error"]["type"] == "insufficient_quota"
        assert "holds 7.498 credits, this video needs 12.502" in error_of(response)[2]
        assert len(client.get("/v1/tasks").json()["data"]) == 1
        assert credits_of(client) == pytest.approx((7.498, 12.502))


@pytest.mark.rule("ER-402")
def test_a_key_has_its_own_limit(idle: RunningServer) -> None:
    with idle.client(idle.new_account("thrifty", credits_="1000", credit_limit=20)) as client:
        assert client.post(CREATE, json=body()).status_code == 200
        token = client.get("/v1/credits").json()["data"]["token"]
        assert token == {"remaining_credits": pytest.approx(7.498), "unlimited_credits": False, "used_credits": PRICE}
        code, _, message = error_of(client.post(CREATE, json=body()))
        assert code == 402
        assert "this key may use 7.498 more credits of its 20" in message
        waiting = client.get("/v1/tasks").json()["data"][0]["id"]
        client.post(f"/v1/tasks/{waiting}/cancel")
        assert client.post(CREATE, json=body()).status_code == 200, "what came back can be used again"


def test_an_idempotency_key_belongs_to_one_request_of_one_account(idle: RunningServer) -> None:
    first, second = idle.new_account("first"), idle.new_account("second")
    header = {"Idempotency-Key": "k-1"}
    with idle.client(first) as client, idle.client(second) as other:
        made = client.post(CREATE, json=body(), headers=header).json()["id"]
        spaced = dict(reversed(body().items())) | {"an unknown field": 1}
        again = client.post(CREATE, json=spaced, headers=header)
        assert again.json()["id"] == made, "the request is the same"
        assert again.headers["Idempotent-Replayed"] == "true"
        status, code, message = error_of(client.post(CREATE, json=body(duration=5), headers=header))
        assert (status, code) == (409, "idempotency_conflict")
        assert made in message
        assert other.post(CREATE, json=body(), headers=header).json()["id"] != made
        assert client.post(CREATE, json=body(), headers={"Idempotency-Key": "k-2"}).json()["id"] != made


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "schlüssel"])
def test_an_idempotency_key_of_the_wrong_form_is_400(idle: RunningServer, key: str) -> None:
    with idle.client() as client:
        status, code, message = error_of(client.post(CREATE, json=body(), headers={"Idempotency-Key": key.encode()}))
        assert (status, code) == (400, "invalid_request")
        assert "idempotency-key" in message.lower()


def test_a_dry_run_tells_price_and_plan_and_creates_nothing(idle: RunningServer) -> None:
    with idle.client(idle.new_account("planner", credits_="5")) as client:
        wanted = body(prompt="A cat runs through a garden, tracking shot", model_params={"seed": 1})
        answer = client.post(CREATE, params={"dry_run": "true"}, json=wanted).json()
        assert answer["object"] == "video.generation.estimate"
        assert answer["usage"]["credits_reserved"] == PRICE
        assert answer["usage"]["lines"] == [
            {"item": "video", "unit": "second", "quantity": 4, "unit_price": 3.1255, "credits": PRICE}
        ]
        assert (answer["usage"]["credits_available"], answer["usage"]["sufficient"]) == (5, False)
        assert answer["plan"]["shots"][0]["subjects"][0]["name"] == "cat"
        assert client.get("/v1/tasks").json()["data"] == []
        assert credits_of(client) == (5, 0)
        assert client.post(CREATE, params={"dry_run": "true"}, json=body(duration=99)).status_code == 400


@pytest.mark.parametrize("params", [{"dryrun": "true"}, {"dry_run": "maybe"}])
def test_a_misspelled_dry_run_is_refused_not_charged(idle: RunningServer, params: dict[str, str]) -> None:
    with idle.client(idle.new_account(f"typo-{len(params)}-{next(iter(params))}")) as client:
        assert error_of(client.post(CREATE, params=params, json=body()))[:2] == (400, "invalid_request")
        assert credits_of(client) == (1000, 0)


def test_usage_is_reported_by_what_is_asked(server: RunningServer) -> None:
    with server.client(server.new_account("analyst", credits_="100", name="=cmd|x")) as client:
        done = wait_for(client, client.post(CREATE, json=body()).json()["id"])
        failing = body(model="seedance-2.0-mini-image-to-video", image_urls=["https://127.0.0.1/x.png"])
        wait_for(client, client.post(CREATE, json=failing).json()["id"])
        today = time.strftime("%Y-%m-%d", time.gmtime(done["created"]))
        rows = client.get("/v1/usage", params={"by": "day,model,key,status"}).json()["data"]
        assert rows == [
            {"day": today, "model": failing["model"], "key": "=cmd|x", "status": "failed", "tasks": 1, "seconds": 0, "credits_used": 0, "credits_reserved": 0},
            {"day": today, "model": body()["model"], "key": "=cmd|x", "status": "completed", "tasks": 1, "seconds": 4, "credits_used": PRICE, "credits_reserved": 0},
        ]  # fmt: skip
        table = client.get("/v1/usage", params={"by": "key", "format": "csv"})
        assert table.headers["content-type"].startswith("text/csv")
        assert list(csv.DictReader(io.StringIO(table.text))) == [
            {"key": "'=cmd|x", "tasks": "2", "seconds": "4", "credits_used": "12.502", "credits_reserved": "0"}
        ]
        assert client.get("/v1/usage", params={"since": "2001-01-01", "until": "2001-01-02"}).json()["data"] == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"by": "colour"}, "colour is not possible; choose day, model, key, status"),
        ({"by": "account"}, "account is not possible"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "is after until"),
        ({"since": "yesterday"}, "since"),
        ({"format": "xml"}, "format"),
    ],
)
def test_a_wrong_question_about_usage_is_400(api: httpx.Client, params: dict[str, Any], words: str) -> None:
    status, code, message = error_of(api.get("/v1/usage", params=params))
    assert (status, code) == (400, "invalid_request")
    assert words in message


def test_another_account_sees_neither_ledger_nor_usage(idle: RunningServer) -> None:
    with idle.client(idle.new_account("mine")) as client, idle.client(idle.new_account("theirs")) as other:
        task_id = client.post(CREATE, json=body()).json()["id"]
        assert error_of(other.get(f"/v1/tasks/{task_id}/ledger"))[:2] == (404, "task_not_found")
        assert other.get("/v1/usage").json()["data"] == []
        assert credits_of(other) == (1000, 0)
