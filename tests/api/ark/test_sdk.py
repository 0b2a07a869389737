"""The official SDK of Ark, as it is, against a server of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest

from tests.conftest import QUICK_ENGINE, RunningServer, start_server, wait_for
from tests.receiver import Receiver, running_receiver

sdk = pytest.importorskip("volcenginesdkarkruntime", reason="volcengine-ark-runtime is not installed")
STANDARD, MINI = "doubao-seedance-2-0-260128", "dreamina-seedance-2-0-mini-260615"
TASKS = "/api/v3/contents/generations/tasks"
CONTENT = [{"type": "text", "text": "a cat walks in a garden"}]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Generator[Receiver]:
    with running_receiver(tmp_path_factory.mktemp("receiver")) as running:
        yield running


@pytest.fixture(scope="module")
def calling(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Generator[RunningServer]:
    allowing = {"OPENDANCE_CALLBACK_ALLOW": "127.0.0.1/32", "OPENDANCE_CALLBACK_CA": str(receiver.ca)}
    running = start_server(tmp_path_factory.mktemp("calling"), **allowing, **QUICK_ENGINE)
    yield running
    running.stop()


@pytest.fixture
def connect(calling: RunningServer) -> Generator[Callable[..., Any]]:
    opened: list[Any] = []

    def client(key: str | None = None) -> Any:
        opened.append(sdk.Ark(base_url=f"{calling.address}/api/v3", api_key=key or calling.key))
        return opened[-1].content_generation.tasks

    yield client
    for each in opened:
        each.close()


def wait(tasks: Any, task_id: str) -> Any:
    """The task as the SDK reads it, once it has ended; every state on the way is one of Ark's."""
    for _ in range(600):
        task = tasks.get(task_id=task_id)
        if task.status not in ("queued", "running"):
            return task
        time.sleep(0.1)
    raise AssertionError(f"it never ended: {task}")


def test_a_video_is_made_told_and_seen_by_both_wires(
    connect: Callable[..., Any], calling: RunningServer, receiver: Receiver
) -> None:
    tasks = connect()
    created = tasks.create(
        model=MINI, content=CONTENT, resolution="480p", duration=4, seed=7, callback_url=receiver.url("ark")
    )
    task = wait(tasks, created.id)
    assert (task.id, task.status, task.error) == (created.id, "succeeded", None)
    assert (task.resolution, task.ratio, task.duration, task.framespersecond) == ("480p", "16:9", 4, 24)
    assert (task.seed, task.generate_audio, task.usage.completion_tokens) == (7, True, 40176)
    assert 0 <= task.updated_at - task.created_at < 600
    video = httpx.get(task.content.video_url)
    assert (video.status_code, video.headers["content-type"]) == (200, "video/mp4")
    (told,) = receiver.wait("ark")
    with calling.client() as api:
        assert told.body == api.get(f"{TASKS}/{created.id}").content, "a callback speaks as the task came"
        ours = api.get(f"/v1/tasks/{created.id}").json()
    assert (ours["object"], ours["status"]) == ("video.generation.task", "completed")
    assert (ours["model"], ours["results"]) == ("seedance-2.0-mini-text-to-video", [task.content.video_url])


def test_a_task_of_the_unified_api_is_read_by_the_sdk_and_its_callback_stays_as_it_was(
    connect: Callable[..., Any], calling: RunningServer, receiver: Receiver
) -> None:
    asked = {
        "model": "seedance-2.0-mini-text-to-video", "prompt": "a cat walks", "duration": 4, "quality": "480p",
        "callback_url": receiver.url("unified"),
    }  # fmt: skip
    with calling.client() as api:
        created = api.post("/v1/videos/generations", json=asked).json()
        wait_for(api, created["id"])
        task = connect().get(task_id=created["id"])
        assert (task.id, task.status, task.ratio) == (created["id"], "succeeded", "16:9")
        (told,) = receiver.wait("unified")
        assert told.body == api.get(f"/v1/tasks/{created['id']}").content
    assert json.loads(told.body)["object"] == "video.generation.task"


def test_the_sdk_has_its_class_for_what_goes_wrong(connect: Callable[..., Any], calling: RunningServer) -> None:
    from volcenginesdkarkruntime import _exceptions as raised

    tasks = connect()
    with pytest.raises(raised.ArkAuthenticationError) as caught:
        connect("od-no-such-key").create(model=MINI, content=CONTENT)
    assert (caught.value.code, caught.value.type) == ("AuthenticationError", "Unauthorized")
    with pytest.raises(raised.ArkNotFoundError) as caught:
        tasks.create(model="doubao-seedance-9", content=CONTENT)
    assert caught.value.code == "InvalidEndpointOrModel.NotFound"
    assert STANDARD in caught.value.message
    with pytest.raises(raised.ArkNotFoundError) as caught:
        tasks.get(task_id="cgt-20260101000000-abcde")
    assert caught.value.code == "ResourceNotFound"
    with pytest.raises(raised.ArkBadRequestError) as caught:
        tasks.create(model=MINI, content=CONTENT, service_tier="flex")
    assert (caught.value.code, caught.value.param) == ("InvalidParameter", "service_tier")
    with pytest.raises(raised.ArkPermissionDeniedError) as caught:
        connect(calling.new_account("poor", credits_="1")).create(model=MINI, content=CONTENT)
    assert caught.value.code == "AccountOverdueError"


def test_a_task_of_another_account_is_not_found(connect: Callable[..., Any], calling: RunningServer) -> None:
    from volcenginesdkarkruntime import _exceptions as raised

    created = connect().create(model=MINI, content=CONTENT, duration=4, resolution="480p")
    with pytest.raises(raised.ArkNotFoundError):
        connect(calling.new_account("nosy")).get(task_id=created.id)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", TASKS, 405, "OperationDenied"),
        ("DELETE", f"{TASKS}/task-unified-1774857405-abc123", 405, "OperationDenied"),
        ("GET", "/api/v3/models", 404, "ResourceNotFound"),
        ("POST", TASKS, 400, "InvalidParameter"),
    ],
)
def test_whatever_is_asked_below_api_v3_is_answered_in_ark_s_form_with_the_client_s_request_id(
    calling: RunningServer, method: str, path: str, status: int, code: str
) -> None:
    with calling.client() as api:
        answer = api.request(method, path, headers={"X-Client-Request-Id": "20260101-mine"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers["x-client-request-id"] == "20260101-mine"
        assert answer.headers["x-request-id"].startswith("req-")
        elsewhere = api.get("/v1/models", headers={"X-Client-Request-Id": "x"})
    assert "x-client-request-id" not in elsewhere.headers


def test_a_body_that_is_no_json_by_its_media_type_is_refused(calling: RunningServer) -> None:
    with calling.client() as api:
        plain = api.post(TASKS, content=b"x", headers={"Content-Type": "text/plain"})
        assert (plain.status_code, plain.json()["error"]["code"]) == (415, "InvalidParameter")
