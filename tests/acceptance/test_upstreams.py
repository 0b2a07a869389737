"""Servers with an upstream behind them, as processes: what is paid for is not lost, whoever stops or is killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import files
from tests.conftest import FileServer, RunningServer, body, start_server, wait_for
from tests.upstreams import KEY, Service, ark_app, serving, setting

Start = Callable[..., RunningServer]


@pytest.fixture
def ark(tmp_path: Path) -> Generator[Service]:
    with serving(ark_app, tmp_path / "ark") as service:
        yield service


def with_ark(ark: Service, **options: Any) -> dict[str, str]:
    return setting(ark={"base_url": f"{ark.address}/api/v3", "api_key": KEY, "poll": 0.1, **options})


def submit(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    asked = body(**{"duration": 4, "quality": "480p", **changes})
    return client.post("/v1/videos/generations", json=asked).raise_for_status().json()


def made(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    return wait_for(client, submit(client, **changes)["id"])


def balance(client: httpx.Client) -> float:
    return client.get("/v1/credits").json()["data"]["user"]["remaining_credits"]


def test_an_engine_that_keeps_failing_rests(new_server: Start, ark: Service) -> None:
    ark.error = {"code": "InternalServiceError", "message": "no"}
    server = new_server(**with_ark(ark), OPENDANCE_ROUTES__DEFAULT="ark,blank", OPENDANCE_ENGINES="ark,blank")
    with server.client() as client:
        for _ in range(5):
            task = made(client)
            assert (task["status"], task["engine"]) == ("completed", "blank")
            assert task["model"].endswith("@blank"), "the answer says who stood in"
        metrics = server.admin().get("/metrics").text
    assert len(ark.made) == 3
    assert 'opendance_engine_up{engine="ark"} 0.0' in metrics


@pytest.mark.thorough
def test_a_wait_that_ends_is_no_verdict(new_server: Start, ark: Service) -> None:
    ark.held = True
    server = new_server(**with_ark(ark, patience=0.3), OPENDANCE_RECONCILE_SECONDS="0.5")
    with server.client() as client:
        before = balance(client)
        task = submit(client)
        ark.wait_for_task()
        time.sleep(2.5)
        standing = client.get(f"/v1/tasks/{task['id']}").json()
        assert standing["status"] == "processing"
        assert balance(client) == pytest.approx(before - task["usage"]["credits_reserved"])
        # The worker is free meanwhile; the upstream is away for a while, too.
        ark.away = 503
        time.sleep(1.0)
        assert client.get(f"/v1/tasks/{task['id']}").json()["status"] == "processing"
        ark.away, ark.held = None, False
        done = wait_for(client, task["id"])
        assert done["status"] == "completed"
        assert done["usage"]["credits_used"] == task["usage"]["credits_reserved"]
        assert balance(client) == pytest.approx(before - task["usage"]["credits_reserved"])
    assert len(ark.made) == 1


def test_a_killed_server_goes_on_with_the_task_it_paid_for(tmp_path: Path, ark: Service) -> None:
    ark.held = True
    server = start_server(tmp_path / "data", **with_ark(ark))
    with server.client() as client:
        task = submit(client)
        ark.wait_for_task()
        time.sleep(0.5)
    server.stop(signal.SIGKILL)
    ark.held = False
    server = start_server(tmp_path / "data", server.key, **with_ark(ark))
    try:
        with server.client() as client:
            assert wait_for(client, task["id"])["status"] == "completed"
    finally:
        server.stop()
    assert len(ark.made) == 1


def test_our_own_links_lead_to_the_users_files(new_server: Start, ark: Service, hosted: FileServer) -> None:
    server = new_server(
        **with_ark(ark), OPENDANCE_FETCH_ALLOW="127.0.0.1/32", OPENDANCE_PUBLIC_URL="http://127.0.0.1:1"
    )
    ark.read_media = False
    picture = files.image_bytes(640, 480, "JPEG")
    ark.held = True
    with server.client() as client:
        task = submit(client, model="seedance-2.0-image-to-video", image_urls=[hosted.put("own.jpg", picture)])
        (part,) = ark.wait_for_task().body["content"][1:]
        assert part["role"] == "first_frame"
        link = httpx.URL(part["image_url"]["url"])
        assert str(link).startswith("http://127.0.0.1:1/v1/inputs/")
        there = httpx.get(server.address + link.raw_path.decode())
        assert (there.content, there.headers["content-type"]) == (picture, "image/jpeg")
        altered = link.raw_path.decode()
        altered = altered[:-1] + ("1" if altered.endswith("0") else "0")
        assert httpx.get(server.address + altered).status_code == 403
        ark.held = False
        assert wait_for(client, task["id"])["status"] == "completed"
        assert httpx.get(server.address + link.raw_path.decode()).status_code == 403, "what was lent is taken back"
