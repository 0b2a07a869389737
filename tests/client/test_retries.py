"""What is sent again, and that nothing can be paid twice by it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from opendance.client import ApiProblem, Client, RateLimited, ServerFailed, Unreachable, sync
from tests.client.test_sync import Server, task

DONE = httpx.Response(200, json=task("pending"))
FAILED = {"error": {"code": "service_unavailable", "message": "the database is away"}}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(sync.time, "sleep", waited.append)
    return waited


def patient(server: Server) -> Client:
    return Client("http://server.test", "od-key", transport=httpx.MockTransport(server))


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("timed out"),
        httpx.RemoteProtocolError("peer closed connection"),
        httpx.Response(500, json=FAILED),
        httpx.Response(503, json=FAILED),
        httpx.Response(502, text="<html>"),
        httpx.Response(429, json=FAILED),
    ],
    ids=["refused", "timed out", "broken off", "500", "503", "a proxy", "429"],
)
def test_a_creation_is_sent_again_under_the_same_key(broken: httpx.Response | Exception) -> None:
    server = Server(broken, DONE)
    assert patient(server).create({"prompt": "wind"}).id == "task-1"
    first, second = server.asked
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.content == second.content


def test_every_creation_has_a_key_of_its_own_that_any_server_takes() -> None:
    server = Server(DONE, DONE)
    for _ in range(2):
        patient(server).create({})
    first, second = (asked.headers["Idempotency-Key"] for asked in server.asked)
    assert first != second
    assert 16 <= len(first) <= 96
    assert first.isalnum()


@pytest.mark.parametrize("status", [400, 401, 402, 403, 409])
def test_what_was_refused_for_good_is_not_sent_again(status: int, pauses: list[float]) -> None:
    server = Server(httpx.Response(status, json=FAILED))
    with pytest.raises(ApiProblem):
        patient(server).create({})
    assert (len(server.asked), pauses) == (1, [])


@pytest.mark.parametrize("broken", [httpx.ReadTimeout("timed out"), httpx.Response(500, json=FAILED)])
def test_a_call_without_a_key_is_not_sent_again_once_it_may_have_arrived(broken: httpx.Response | Exception) -> None:
    server = Server(broken)
    with pytest.raises((Unreachable, ServerFailed)):
        patient(server).cancel("task-1")
    assert len(server.asked) == 1


def test_an_upload_that_never_arrived_is_sent_again_whole(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a picture")
    server = Server(httpx.ConnectError("refused"), httpx.Response(200, json={"data": {"file_url": "https://f"}}))
    assert patient(server).upload(tmp_path / "a.png").url == "https://f"
    assert all(b"a picture" in asked.content for asked in server.asked)


def test_it_waits_as_long_as_the_server_says(pauses: list[float]) -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "7"}, json=FAILED), DONE)
    patient(server).create({})
    assert pauses == [7.0]


def test_a_wait_that_is_too_long_is_the_programs_own(pauses: list[float]) -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "600"}, json=FAILED))
    with pytest.raises(RateLimited) as told:
        patient(server).create({})
    assert (told.value.retry_after, pauses) == (600.0, [])


def test_it_gives_up_with_the_last_error() -> None:
    server = Server(*[httpx.ConnectError("refused")] * 3)
    with pytest.raises(Unreachable, match="does not answer: refused"):
        patient(server).task("task-1")
    assert len(server.asked) == 3
