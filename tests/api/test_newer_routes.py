"""What newer programs ask the unified API for: numbered pages, batches, a task where it was created, prices."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from opendance.api.prices import CREDITS_A_DOLLAR
from opendance.catalog import MODELS
from tests.conftest import MINI, TEXT, RunningServer, body, wait_for
from tests.files import image_bytes

CREATE = "/v1/videos/generations"
# What the hosted gateway's newest client reads of a task of a list.
READ = {
    "id", "model", "type", "status", "progress", "created_at", "duration", "has_results", "result_count", "has_error",
    "credits_used",
}  # fmt: skip


def created(client: httpx.Client, **changes: Any) -> str:
    return client.post(CREATE, json=body(**changes)).raise_for_status().json()["id"]


@pytest.mark.on_each_database
def test_numbered_pages_go_through_all_tasks_newest_first(server: RunningServer) -> None:
    with server.client(server.new_account("pages")) as client:
        ids = [created(client, model=model) for model in (MINI, TEXT, MINI)]
        client.post(f"/v1/tasks/{ids[2]}/cancel")
        made = [wait_for(client, task_id) for task_id in ids]
        pages = [client.get("/v1/tasks", params={"page": n, "page_size": 2}).json() for n in (1, 2, 3)]
        assert [[task["id"] for task in page["data"]] for page in pages] == [[ids[2], ids[1]], [ids[0]], []]
        assert [(page["total"], page["page"], page["page_size"]) for page in pages] == [(3, 1, 2), (3, 2, 2), (3, 3, 2)]
        last, first = pages[0]["data"][0], pages[1]["data"][0]
        assert set(first) == READ
        assert (first["status"], first["has_results"], first["result_count"], first["has_error"]) == (
            "completed",
            True,
            1,
            False,
        )
        assert first["credits_used"] == made[0]["usage"]["credits_used"] > 0
        assert (last["status"], last["has_results"], last["has_error"], last["credits_used"]) == (
            "cancelled",
            False,
            True,
            0,
        )
        assert abs(first["created_at"] - made[0]["created"]) <= 1
        assert first["duration"] >= 0

        def found(**which: Any) -> list[str]:
            return [task["id"] for task in client.get("/v1/tasks", params={"page": 1, **which}).json()["data"]]

        assert found(status="completed") == [ids[1], ids[0]]
        assert found(model=TEXT) == [ids[1]]
        assert found(type="video") == [*reversed(ids)]
        assert found(type="image") == []
        batch = client.post(
            "/v1/tasks/batch", json={"task_ids": [ids[1], "task-unified-1774857405-abc123", "x", ids[0], ids[1]]}
        )
        assert batch.json() == {"data": [made[1], made[0]]}
        with server.client(server.new_account("pages-of-another")) as other:
            assert other.get("/v1/tasks", params={"page": 1}).json()["total"] == 0
            assert other.post("/v1/tasks/batch", json={"task_ids": ids}).json() == {"data": []}


def test_what_waits_counts_as_processing_on_numbered_pages_alone(idle: RunningServer) -> None:
    with idle.client(idle.new_account("waiting")) as client:
        task_id = created(client)
        of_pages = client.get("/v1/tasks", params={"page": 1, "status": "processing"}).json()
        assert [task["id"] for task in of_pages["data"]] == [task_id]
        assert of_pages["data"][0]["duration"] is None
        assert client.get("/v1/tasks", params={"status": "processing"}).json()["data"] == []


@pytest.mark.parametrize(
    "which", [{"page": 1, "cursor": "x"}, {"page": 0}, {"page_size": 51}, {"page": 1, "limit": 5}, {"type": "video"}]
)
def test_what_no_list_has_is_refused(api: httpx.Client, which: dict[str, Any]) -> None:
    assert api.get("/v1/tasks", params=which).status_code == 400


@pytest.mark.parametrize(
    "asked", [{}, {"task_ids": "x"}, {"task_ids": ["x"] * 51}, {"task_ids": [1]}, {"task_ids": [], "x": 1}]
)
def test_a_batch_is_of_at_most_fifty_ids(api: httpx.Client, asked: Any) -> None:
    assert api.post("/v1/tasks/batch", json=asked).status_code == 400


def test_a_task_is_found_and_cancelled_where_it_was_created(server: RunningServer) -> None:
    with server.client() as client:
        task = wait_for(client, created(client))
        found = client.get(f"{CREATE}/{task['id']}").json()
        [link] = task["results"]
        assert found == {
            **task,
            "result": {"video_url": link, "url": link},
            "result_data": [{"video_url": link, "url": link}],
        }
        assert client.post(f"{CREATE}/{task['id']}/cancel").status_code == 409
        assert client.get(f"{CREATE}/x").json()["error"]["code"] == "invalid_task_id"
        assert client.get(f"{CREATE}/task-unified-1774857405-abc123").status_code == 404


def test_a_task_that_waits_is_cancelled_where_it_was_created(idle: RunningServer) -> None:
    with idle.client() as client:
        task_id = created(client)
        assert client.post(f"{CREATE}/{task_id}/cancel").json()["status"] == "cancelled"
        assert client.get(f"/v1/tasks/{task_id}").json()["status"] == "cancelled"


def test_a_repetition_is_told_by_both_headers(idle: RunningServer) -> None:
    with idle.client() as client:
        first, again = (client.post(CREATE, json=body(), headers={"Idempotency-Key": "told-twice"}) for _ in range(2))
        assert first.json()["id"] == again.json()["id"]
        assert "idempotency-replayed" not in first.headers
        assert (again.headers["idempotency-replayed"], again.headers["idempotent-replayed"]) == ("true", "true")


def test_prices_are_public_and_those_that_are_charged(idle: RunningServer) -> None:
    listed = httpx.get(f"{idle.address}/web/api/models/pricing").json()
    assert listed["success"] is True
    prices = {price["model_name"]: price for price in listed["data"]}
    assert set(prices) == set(MODELS)
    with idle.client() as client:
        for model, quality in ((MINI, "480p"), (MINI, "720p"), (TEXT, "1080p")):
            asked = body(model=model, quality=quality, duration=10)
            charged = client.post(CREATE, params={"dry_run": "true"}, json=asked).json()["usage"]["credits_reserved"]
            price = prices[model]
            a_second = price["price_range"]["min_usd"] * price["resolution_multipliers"][quality]
            assert a_second * 10 * CREDITS_A_DOLLAR == pytest.approx(charged, rel=1e-3)


def test_the_limit_of_a_key_is_told_apart_from_an_empty_account(idle: RunningServer) -> None:
    limited = idle.new_account("limited", credits_="500", credit_limit="5")
    with idle.client(limited) as client:
        error = client.post(CREATE, json=body()).json()["error"]
    assert error["code"] == "insufficient_quota"
    figures = {name: value for name, value in error.items() if name not in ("code", "message", "type")}
    assert figures == {
        "key_name": "limited", "total_limit_credits": 5, "used_credits": 0, "remaining_credits": 5,
        "estimated_credits": 12.502, "account_balance_credits": 500,
    }  # fmt: skip
    with idle.client(idle.new_account("empty", credits_="1")) as client:
        assert set(client.post(CREATE, json=body()).json()["error"]) == {"code", "message", "type"}


def test_a_file_in_json_keeps_the_name_that_it_had(idle: RunningServer) -> None:
    data = base64.b64encode(image_bytes(320, 320)).decode()
    with idle.client() as client:
        kept = client.post("/api/v1/files/upload/base64", json={"base64_data": data, "file_name": "ref2.png"}).json()[
            "data"
        ]
    assert (kept["original_name"], kept["file_name"]) == ("ref2.png", "ref2.png")


def test_a_model_is_read_by_its_id(idle: RunningServer) -> None:
    with idle.client() as client:
        listed = {model["id"]: model for model in client.get("/v1/models").json()["data"]}
        assert client.get(f"/v1/models/{MINI}").json() == listed[MINI]
        missing = client.get("/v1/models/sora-9")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "resource_not_found")


def test_names_of_other_models_work_where_the_operator_says_so(new_server: Any) -> None:
    running = new_server(OPENDANCE_WORK="false", OPENDANCE_MODEL_ALIASES='{"seedance-2.0-mini": "auto"}')
    with running.client() as client:
        task = client.post(CREATE, json=body(model="seedance-2.0-mini")).raise_for_status().json()
        assert task["model"] == MINI
        again = client.post(f"/v1/tasks/{task['id']}/again", json={"model": "seedance-2.0-mini"})
        assert again.raise_for_status().json()["model"] == MINI
        listed = {model["id"]: model["aliases"] for model in client.get("/v1/models").json()["data"]}
        assert sorted(name for name in listed if listed[name]) == [
            f"seedance-2.0-mini-{mode}-to-video" for mode in ("image", "reference", "text")
        ]
        assert listed[MINI] == ["seedance-2.0-mini"]
        assert client.get("/v1/models/seedance-2.0-mini").json()["id"] == MINI
