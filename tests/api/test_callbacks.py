"""Callbacks to a true HTTPS receiver."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.conftest import QUICK_ENGINE, RunningServer, body, start_server, wait_for
from tests.receiver import Receiver, running_receiver

on_each_database = pytest.mark.on_each_database

CREATE = "/v1/videos/generations"


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory, database_kind: str) -> Generator[Receiver]:
    """One for each kind of database: on both, the same paths are called."""
    with running_receiver(tmp_path_factory.mktemp("receiver")) as running:
        yield running


def allowing(receiver: Receiver) -> dict[str, str]:
    return {"OPENDANCE_CALLBACK_ALLOW": "127.0.0.1/32", "OPENDANCE_CALLBACK_CA": str(receiver.ca)}


@pytest.fixture(scope="module")
def calling(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, on_database: Callable[[], dict[str, str]]
) -> Generator[RunningServer]:
    running = start_server(
        tmp_path_factory.mktemp("calling"), **allowing(receiver), **{**QUICK_ENGINE, **on_database()}
    )
    yield running
    running.stop()


@pytest.fixture
def api(calling: RunningServer) -> Generator[httpx.Client]:
    with calling.client() as client:
        yield client


def create(client: httpx.Client, url: str, **changes: Any) -> str:
    return client.post(CREATE, json=body(callback_url=url, **changes)).raise_for_status().json()["id"]


def cancelled(client: httpx.Client, url: str) -> str:
    """A task that ends at once, for tests of how that is told."""
    task_id = create(client, url, duration=15, model="seedance-2.0-text-to-video")
    client.post(f"/v1/tasks/{task_id}/cancel")
    return task_id


def deliveries(client: httpx.Client, task_id: str, *, until: str) -> list[dict[str, Any]]:
    """The task's callbacks, once the last of them has this status."""
    for _ in range(600):
        found = client.get(f"/v1/tasks/{task_id}/deliveries").json()["data"]
        if found and found[-1]["status"] == until:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never {until}: {found}")


def first_attempts(client: httpx.Client, task_id: str) -> list[dict[str, Any]]:
    """The attempts of the task's callback, once there is one."""
    for _ in range(600):
        attempts = client.get(f"/v1/tasks/{task_id}/deliveries").json()["data"][0]["attempts"]
        if attempts:
            return attempts
        time.sleep(0.05)
    raise AssertionError("it was never tried")


@on_each_database
@pytest.mark.rule("CB-03", "CB-05")
def test_the_three_ends_are_told_with_the_bytes_of_the_query(api: httpx.Client, receiver: Receiver) -> None:
    unreachable = ["https://127.0.0.1/x.png"]
    done = create(api, receiver.url("done"))
    failed = create(api, receiver.url("failed"), model="seedance-2.0-mini-image-to-video", image_urls=unreachable)
    ended = cancelled(api, receiver.url("cancelled"))
    for name, task_id, status in (("done", done, "completed"), ("failed", failed, "failed"), ("cancelled", ended, "cancelled")):  # fmt: skip
        told = receiver.wait(name)[0]
        asked = api.get(f"/v1/tasks/{task_id}")
        assert told.body == asked.content
        assert asked.json()["status"] == status
        assert "credits_used" in asked.json()["usage"], "it is told after settling"
        assert told.headers["content-type"] == "application/json"
    assert len(receiver.at("done")) == 1
    assert httpx.get(api.get(f"/v1/tasks/{done}").json()["results"][0]).status_code == 200


@pytest.mark.rule("CB-04")
def test_a_slow_receiver_is_given_ten_seconds_and_delays_nobody_else(api: httpx.Client, receiver: Receiver) -> None:
    slow_url = receiver.url("slow", delay=11)
    slow = [cancelled(api, slow_url) for _ in range(12)]
    receiver.wait("slow", 5)
    other = cancelled(api, receiver.url("quick").replace("127.0.0.1", "localhost"))
    deliveries(api, other, until="delivered")
    # It came last, and all that came before it still wait for the receiver that is slow.
    assert [api.get(f"/v1/tasks/{one}/deliveries").json()["data"][0]["status"] for one in slow] == ["pending"] * 12
    attempts = first_attempts(api, slow[0])
    assert attempts[0]["error"] == "it was not answered within 10 s" or "did not answer in time" in attempts[0]["error"]
    assert round(attempts[0]["seconds"]) >= 10, "it was not given less"
    receiver.delays["/slow"] = 0


def test_signatures_are_those_of_standard_webhooks_and_rotate(api: httpx.Client, receiver: Receiver) -> None:
    old = api.get("/v1/callbacks/secret").json()["secret"]
    cancelled(api, receiver.url("signed"))
    told = receiver.wait("signed")[0]
    assert Webhook(old).verify(told.body, told.headers)["object"] == "video.generation.task"
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(told.body + b" ", told.headers)
    before = time.time()
    new = api.post("/v1/callbacks/secret/rotate", params={"overlap_hours": 1}).json()
    assert before <= new["previous_ends"] - 3600 <= time.time()
    cancelled(api, receiver.url("rotated"))
    told = receiver.wait("rotated")[0]
    for secret in (old, new["secret"]):
        Webhook(secret).verify(told.body, told.headers)
    api.post("/v1/callbacks/secret/rotate", params={"overlap_hours": 0})
    cancelled(api, receiver.url("newest"))
    told = receiver.wait("newest")[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(new["secret"]).verify(told.body, told.headers)


def test_each_account_has_its_own_secret(calling: RunningServer) -> None:
    with calling.client() as first, calling.client(calling.new_account("other")) as second:
        assert first.get("/v1/callbacks/secret").json() != second.get("/v1/callbacks/secret").json()


def test_what_was_given_up_is_listed_and_sent_again_for_its_account_alone(calling: RunningServer) -> None:
    with calling.client(calling.new_account("quiet")) as api:
        assert api.get("/v1/callbacks/failed").json() == {"object": "list", "data": [], "total": 0}
        assert api.post("/v1/callbacks/failed/redeliver").json() == {"sent": 0, "left": 0}
        assert api.get("/v1/callbacks/failed", params={"limit": 0}).status_code == 400


def test_a_callback_can_be_sent_again(calling: RunningServer, receiver: Receiver) -> None:
    with calling.client() as api, calling.client(calling.new_account("nosy")) as other:
        task_id = cancelled(api, receiver.url("again"))
        deliveries(api, task_id, until="delivered")
        answer = api.post(f"/v1/tasks/{task_id}/redeliver").json()
        assert [one["status"] for one in answer["data"]] == ["delivered", "pending"]
        first, second = receiver.wait("again", 2)
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert [one["status"] for one in deliveries(api, task_id, until="delivered")] == ["delivered"] * 2
        assert other.get(f"/v1/tasks/{task_id}/deliveries").status_code == 404
        assert other.post(f"/v1/tasks/{task_id}/redeliver").status_code == 404
        plain = api.post(CREATE, json=body()).json()["id"]
        refused = api.post(f"/v1/tasks/{plain}/redeliver")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nothing_to_deliver")
        assert "no callback_url" in refused.json()["error"]["message"]


@pytest.mark.rule("CB-02")
def test_a_certificate_that_is_not_trusted_is_refused(
    new_server: Callable[..., RunningServer], receiver: Receiver
) -> None:
    server = new_server(**QUICK_ENGINE, OPENDANCE_CALLBACK_ALLOW="127.0.0.1/32")
    with server.client() as client:
        task_id = cancelled(client, receiver.url("untrusted"))
        wait_for(client, task_id)
        attempts = first_attempts(client, task_id)
    assert {attempt["error"] for attempt in attempts} == {"its certificate is not valid"}
    assert receiver.at("untrusted") == []


@pytest.mark.on_each_database(thorough="postgresql")
def test_a_callback_in_flight_survives_a_crash(new_server: Callable[..., RunningServer], receiver: Receiver) -> None:
    first = new_server(**QUICK_ENGINE, **allowing(receiver))
    with first.client() as client:
        task_id = cancelled(client, receiver.url("crash", delay=30))
        receiver.wait("crash")
    first.stop(signal.SIGKILL)
    receiver.delays["/crash"] = 0
    second = new_server(first.key, **QUICK_ENGINE, **allowing(receiver))
    with second.client() as client:
        receiver.wait("crash", 2)
        delivered = deliveries(client, task_id, until="delivered")
    assert len(delivered) == 1
    assert [a["status_code"] for a in delivered[0]["attempts"]] == [200]


def test_a_file_without_certificates_is_told_at_the_start(
    new_server: Callable[..., RunningServer], tmp_path: Any
) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(AssertionError, match="did not start"):
        new_server(OPENDANCE_CALLBACK_CA=str(tmp_path / "bad.pem"))
