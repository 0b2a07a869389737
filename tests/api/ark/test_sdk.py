"""The official SDK of Ark, as it is, against a server of ours."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest

from tests.conftest import QUICK_ENGINE, RunningServer, start_server, wait_for
from tests.files import image_bytes
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
    assert (task.seed, task.generate_audio, task.usage.completion_tokens) == (None, True, 40176), (
        "its engine takes none"
    )
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
        ("PUT", TASKS, 405, "OperationDenied"),
        ("DELETE", f"{TASKS}/task-unified-1774857405-abc123", 404, "ResourceNotFound"),
        ("POST", f"{TASKS}/task-unified-1774857405-abc123/cancel", 404, "ResourceNotFound"),
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


def test_pictures_in_the_request_become_uploads_and_the_last_frame_comes_back(
    connect: Callable[..., Any], calling: RunningServer
) -> None:
    key = calling.new_account("embedding")
    tasks = connect(key)
    data = "data:image/png;base64," + base64.b64encode(image_bytes(640, 480)).decode()
    created = tasks.create(
        model=MINI, content=[*CONTENT, {"type": "image_url", "image_url": {"url": data}, "role": "first_frame"}],
        resolution="480p", duration=4, return_last_frame=True, safety_identifier="somebody",
    )  # fmt: skip
    task = wait(tasks, created.id)
    assert (task.status, task.ratio, task.safety_identifier) == ("succeeded", "4:3", "somebody")
    frame = httpx.get(task.content.last_frame_url)
    assert (frame.status_code, frame.headers["content-type"]) == (200, "image/png")
    with calling.client(key) as api:
        (upload,) = api.get("/api/v1/files/list").json()["data"]["files"]
        assert upload["mime_type"] == "image/png"
        # What is refused leaves no upload behind.
        for changes in ({"duration": 3}, {"model": STANDARD, "resolution": "1080p", "duration": 15}):
            asked = {"model": MINI, "content": [*CONTENT, {"type": "image_url", "image_url": {"url": data}}]} | changes
            with calling.client(calling.new_account(f"poor-{changes['duration']}", credits_="1")) as poor:
                assert poor.post(TASKS, json=asked).status_code in (400, 403)
                assert poor.get("/api/v1/files/list").json()["data"]["total"] == 0


def test_the_sdk_lists_filters_and_deletes(connect: Callable[..., Any], calling: RunningServer) -> None:
    tasks = connect(calling.new_account("listing"))
    ids = [
        tasks.create(model=model, content=CONTENT, duration=4, resolution="480p").id for model in (MINI, MINI, STANDARD)
    ]
    assert {wait(tasks, task_id).status for task_id in ids} == {"succeeded"}
    listed = tasks.list(page_num=1, page_size=2)
    assert ([item.id for item in listed.items], listed.total) == ([ids[2], ids[1]], 3)
    assert [item.id for item in tasks.list(page_num=2, page_size=2).items] == [ids[0]]
    assert [item.id for item in tasks.list(model=STANDARD).items] == [ids[2]]
    assert [item.id for item in tasks.list(task_ids=ids[:2]).items] == [ids[1], ids[0]]
    assert tasks.list(status="failed").total == 0
    assert tasks.list(status="succeeded").total == 3
    tasks.delete(task_id=ids[0])
    assert [item.id for item in tasks.list().items] == [ids[2], ids[1]]
    with pytest.raises(sdk._exceptions.ArkNotFoundError):
        tasks.get(task_id=ids[0])


def test_one_that_waits_is_cancelled_and_one_that_runs_is_not(idle: RunningServer) -> None:
    with idle.client() as api:
        asked = {"model": MINI, "content": CONTENT}
        task_id = api.post(TASKS, json=asked).json()["id"]
        assert api.request("DELETE", f"{TASKS}/{task_id}", json={}).json() == {}
        assert api.get(f"{TASKS}/{task_id}").json()["status"] == "cancelled"
        # A repetition by the key that the client chose.
        first, again = (api.post(TASKS, json=asked, headers={"Idempotency-Key": "ark-1"}) for _ in range(2))
        assert first.json() == again.json()
        conflict = api.post(TASKS, json={**asked, "seed": 1}, headers={"Idempotency-Key": "ark-1"})
        assert (conflict.status_code, conflict.headers["x-should-retry"]) == (409, "false")
        assert "x-should-retry" not in first.headers


def test_a_body_that_is_no_json_by_its_media_type_is_refused(calling: RunningServer) -> None:
    with calling.client() as api:
        plain = api.post(TASKS, content=b"x", headers={"Content-Type": "text/plain"})
        assert (plain.status_code, plain.json()["error"]["code"]) == (415, "InvalidParameter")
