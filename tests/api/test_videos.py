from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest

from opendance.catalog import MODELS
from tests.conftest import RunningServer, body, wait_for


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    assert set(error) - {"details"} == {"code", "message", "type"}
    assert len(error["message"]) > 10
    return response.status_code, error["code"], error["type"]


@pytest.mark.rule("EP-01", "EP-02", "TK-01", "TK-03", "TK-04", "TK-05")
def test_a_task_object_comes_at_once(api: httpx.Client) -> None:
    response = api.post("/v1/videos/generations", json=body(model="seedance-2.0-text-to-video", duration=5))
    assert response.status_code == 200
    task = response.json()
    assert re.fullmatch(r"task-unified-\d{10}-[a-z0-9]{6,}", task["id"])
    assert task["id"].split("-")[2] == str(task["created"])
    assert (task["object"], task["type"], task["status"], task["progress"]) == (
        "video.generation.task",
        "video",
        "pending",
        0,
    )
    assert task["model"] == "seedance-2.0-text-to-video"
    assert task["task_info"].keys() == {"can_cancel", "estimated_time", "video_duration"}
    assert (task["task_info"]["can_cancel"], task["task_info"]["video_duration"]) == (True, 5)
    assert task["task_info"]["estimated_time"] >= 1
    assert task["usage"] == {"billing_rule": "per_second", "credits_reserved": 31.255, "user_group": "default"}
    again = api.get(f"/v1/tasks/{task['id']}")
    assert again.status_code == 200
    assert again.json()["id"] == task["id"]
    api.post(f"/v1/tasks/{task['id']}/cancel")


@pytest.mark.rule("AU-01", "ER-401")
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Basic abc", "od-no-scheme", "Bearer od-unknown", "Bearer a b", "Token x", "Bearer \u00e9"],
)
def test_without_a_good_key_there_is_nothing(server: RunningServer, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    for method, path in (
        ("POST", "/v1/videos/generations"), ("GET", "/v1/tasks"), ("GET", "/v1/tasks/task-unified-1774857405-abc123"),
        ("POST", "/v1/tasks/task-unified-1774857405-abc123/cancel"), ("GET", "/v1/models"),
        ("GET", "/v1/tasks/task-unified-1774857405-abc123/events"),
    ):  # fmt: skip
        response = httpx.request(method, server.address + path, headers=headers)  # type: ignore[arg-type]
        assert error_of(response) == (401, "unauthorized", "authentication_error")
        assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.rule("AU-02")
def test_a_revoked_key_ends_at_once(server: RunningServer) -> None:
    def keys(*arguments: str) -> str:
        command = [sys.executable, "-m", "opendance.cli", "keys", *arguments, "--data-dir", str(server.data_dir)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    key = keys("create", "--name", "short-lived").strip()
    with server.client(key) as client:
        assert client.get("/v1/tasks").status_code == 200
        assert key not in keys("list")
        assert keys("revoke", "short-lived").startswith("revoked key-")
        assert error_of(client.get("/v1/tasks")) == (401, "unauthorized", "authentication_error")


@pytest.mark.rule("AU-03", "ER-403")
def test_a_key_for_some_models_makes_no_others(server: RunningServer) -> None:
    allowed = "seedance-2.0-mini-text-to-video"
    command = [sys.executable, "-m", "opendance.cli", "keys", "create", "--name", "mini", "--model", allowed, "--data-dir", str(server.data_dir)]  # fmt: skip
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with server.client(key) as client:
        refused = client.post("/v1/videos/generations", json=body(model="seedance-2.0-text-to-video"))
        assert error_of(refused) == (403, "model_access_denied", "invalid_request_error")
        assert allowed in refused.json()["error"]["message"]
        assert [m["id"] for m in client.get("/v1/models").json()["data"]] == [allowed]
        made = client.post("/v1/videos/generations", json=body(model=allowed))
        assert made.status_code == 200
        client.post(f"/v1/tasks/{made.json()['id']}/cancel")


@pytest.mark.rule("ER-400")
@pytest.mark.parametrize(
    "changes",
    [{"duration": 99}, {"prompt": ""}, {"model": "x"}, {"image_urls": ["https://example.com/a.png"]}, {"quality": "1080p"},
     {"callback_url": "https://127.0.0.1/"}, {"prompt": "image 1 walks"}],
)  # fmt: skip
def test_a_wrong_request_is_400_and_makes_no_task(api: httpx.Client, changes: dict[str, Any]) -> None:
    before = api.get("/v1/tasks").json()["data"][:1]
    assert error_of(api.post("/v1/videos/generations", json=body(**changes))) == (
        400,
        "invalid_request",
        "invalid_request_error",
    )
    assert [t["id"] for t in api.get("/v1/tasks").json()["data"][:1]] == [t["id"] for t in before]


@pytest.mark.rule("PR-04")
def test_an_asset_that_is_not_there_is_named(api: httpx.Client) -> None:
    request = body(
        model="seedance-2.0-reference-to-video", prompt="image 2 dances", image_urls=["https://example.com/1.png"]
    )
    message = api.post("/v1/videos/generations", json=request).json()["error"]["message"]
    assert message == "prompt: it names 'image 2', but only image 1 is given in image_urls"


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff", b"null"])
def test_a_body_that_is_no_json_object_is_400(api: httpx.Client, raw: bytes) -> None:
    response = api.post("/v1/videos/generations", content=raw, headers={"Content-Type": "application/json"})
    assert error_of(response)[:2] == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_another_media_type_is_415(api: httpx.Client, kind: str) -> None:
    response = api.post("/v1/videos/generations", content=json.dumps(body()), headers={"Content-Type": kind})
    assert error_of(response) == (415, "unsupported_media_type", "invalid_request_error")


@pytest.mark.rule("EP-03")
def test_a_body_over_64_mb_is_refused_by_what_it_declares(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1])), timeout=10) as connection:
        head = f"POST /v1/videos/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Type: application/json\r\nContent-Length: {64 * 2**20 + 1}\r\n\r\n"  # fmt: skip
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "request_too_large" in answer


@pytest.mark.rule("EP-03")
def test_a_body_over_64_mb_is_refused_while_it_streams(server: RunningServer) -> None:
    chunk = b"x" * 2**20
    sent = 0
    with socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1])), timeout=20) as connection:
        head = f"POST /v1/videos/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"  # fmt: skip
        connection.sendall(head.encode())
        try:
            for _ in range(80):
                connection.sendall(b"100000\r\n" + chunk + b"\r\n")
                sent += 1
        except OSError:
            pass
        answer = b""
        connection.settimeout(3)
        try:
            while part := connection.recv(65536):
                answer += part
        except OSError:
            pass  # the server may close before all was sent: that is an answer too
    assert sent < 80 or (answer.startswith(b"HTTP/1.1 413") and b"request_too_large" in answer)


@pytest.mark.rule("EP-03")
def test_a_body_just_under_the_limit_is_read(api: httpx.Client) -> None:
    padding = " " * (20 * 2**20)
    raw = json.dumps(body(duration=99))[:-1] + padding + "}"
    response = api.post("/v1/videos/generations", content=raw, headers={"Content-Type": "application/json"})
    assert error_of(response)[0] == 400


@pytest.mark.rule("MO-01")
def test_models_tell_what_they_make_and_whether_they_are_served(api: httpx.Client) -> None:
    models = {m["id"]: m for m in api.get("/v1/models").json()["data"]}
    assert list(models) == list(MODELS)
    assert models["seedance-2.0-text-to-video"]["qualities"] == ["480p", "720p", "1080p"]
    assert models["seedance-2.0-fast-text-to-video"]["available"] is True
    assert models["seedance-2.0-image-to-video"]["available"] is True


@pytest.mark.rule("MD-07")
@pytest.mark.parametrize("model", ["seedance-2.0-image-to-video", "seedance-2.0-mini-reference-to-video"])
def test_an_address_inside_fails_the_task_and_says_which_asset(api: httpx.Client, model: str) -> None:
    urls = ["http://127.0.0.1:1/a.png"] if "image-to" in model else ["http://10.0.0.1/a.png"]
    made = api.post("/v1/videos/generations", json=body(model=model, image_urls=urls))
    assert made.status_code == 200
    task = wait_for(api, made.json()["id"])
    assert task["status"] == "failed"
    assert task["error"]["code"] == "invalid_parameters"
    assert task["error"]["message"].startswith("image_urls[0] (1")
    assert "not a public one" in task["error"]["message"]


def test_unknown_paths_and_methods_have_the_error_form(api: httpx.Client) -> None:
    assert error_of(api.get("/v1/nothing"))[:2] == (404, "not_found")
    response = api.delete("/v1/tasks")
    assert error_of(response)[:2] == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"
    assert api.get("/healthz").headers["x-request-id"].startswith("req-")


def test_health_needs_no_key(server: RunningServer) -> None:
    for path in ("/healthz", "/readyz"):
        assert httpx.get(server.address + path).json()["status"] == "ok"


def test_the_api_page_needs_no_outside_host(server: RunningServer) -> None:
    page = httpx.get(server.address + "/docs").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    for link in links:
        assert not re.match(r"(https?:)?//", link), link
        assert not link.startswith("/"), "below a path of a proxy it lies below the path too"
        assert httpx.get(f"{server.address}/{link}").status_code == 200
    assert "url: 'openapi.json'" in page
