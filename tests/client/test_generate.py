"""One call from prompt to file, of both clients: uploads, the request, the wait, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from opendance.client import (
    ApiProblem,
    AsyncClient,
    Client,
    InsufficientCredits,
    StillRunning,
    Task,
    TaskCancelled,
    TaskFailed,
    VideoOptions,
    asynchronous,
    sync,
)

LINK = "https://store.test/x.mp4"
DONE = {"status": "completed", "progress": 100, "results": [LINK]}
Generate = Callable[..., Task]


class Service:
    """Takes one order, and tells these changes of it; a list of tasks has two pages.

    Attributes:
        asked: method and path of every call.
        request: what was to be made.
    """

    def __init__(self, *changes: dict[str, Any], title: str = "Opendance", streams: bool = True) -> None:
        self._changes, self._title, self._streams = [{"status": "pending"}, *changes], title, streams
        self._polls = iter(self._changes)
        self.asked: list[tuple[str, str]] = []
        self.request: dict[str, Any] = {}
        self.key = ""

    def answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        match request.method, request.url.path:
            case "POST", "/api/v1/files/upload/stream":
                assert b"\x89PNG" in body
                return httpx.Response(200, json={"data": {"file_id": "f", "file_url": f"https://f/{len(self.asked)}"}})
            case "POST", "/v1/videos/generations":
                self.request, self.key = json.loads(body), request.headers.get("idempotency-key", "")
                if request.url.params.get("dry_run"):
                    usage = {"credits_reserved": 8.5, "credits_available": 10, "sufficient": True, "lines": []}
                    told = {"object": "video.generation.estimate", "usage": usage, "plan": {"shots": []}}
                    return httpx.Response(200, json=told)
                return httpx.Response(200, json=self._task(self._changes[0]))
            case "GET", "/v1/tasks/task-1/events" if self._streams:
                events = "".join(
                    f"id: {number}\ndata: {json.dumps(self._task(change))}\n\n"
                    for number, change in enumerate(self._changes, start=1)
                )
                return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, text=events)
            case "GET", "/v1/tasks/task-1":
                return httpx.Response(200, json=self._task(next(self._polls)))
            case "GET", "/v1/tasks":
                second = "cursor" in request.url.params
                page = {"data": [{"id": f"task-{second + 1}", "status": "failed"}]}
                return httpx.Response(200, json=page | {"next_cursor": None if second else "more"})
            case "GET", "/openapi.json":
                return httpx.Response(200, json={"info": {"title": self._title}})
            case "GET", "/x.mp4":
                assert "authorization" not in request.headers
                return httpx.Response(200, content=b"a video")
            case _:
                return httpx.Response(404, json={"error": {"code": "not_found", "message": "nothing here"}})

    def _task(self, change: dict[str, Any]) -> dict[str, Any]:
        return {"id": "task-1", "progress": 0, **change}

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request, request.read())

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request, await request.aread())

    def client(self) -> Client:
        return Client("http://server.test", "od-key", transport=httpx.MockTransport(self.handle))

    def async_client(self) -> AsyncClient:
        return AsyncClient("http://server.test", "od-key", transport=httpx.MockTransport(self.handle_async))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pass_by(_: float) -> None:
        pass

    monkeypatch.setattr(sync.time, "sleep", lambda _: None)
    monkeypatch.setattr(asynchronous.asyncio, "sleep", pass_by)


@pytest.fixture(params=["sync", "async"])
def generate(request: pytest.FixtureRequest) -> Generate:
    """`generate` of either client, at a service; `changes` gets the tasks that it tells of."""

    def generate(service: Service, *arguments: Any, changes: list[Task] | None = None, **options: Any) -> Task:
        told: list[Task] = [] if changes is None else changes
        if request.param == "sync":
            with service.client() as client:
                return client.generate(*arguments, on_change=told.append, **options)

        async def run() -> Task:
            async def tell(task: Task) -> None:
                told.append(task)

            async with service.async_client() as client:
                return await client.generate(*arguments, on_change=tell, **options)

        return asyncio.run(run())

    return generate


def test_one_call_makes_waits_and_saves(generate: Generate, tmp_path: Path) -> None:
    service, changes = Service({"status": "processing", "stage": "render", "progress": 40}, DONE), []
    task = generate(service, "a cat", changes=changes, duration=4, seed=7, tier="mini", to=tmp_path / "cat.mp4")
    assert (task.status, task.link) == ("completed", LINK)
    assert (tmp_path / "cat.mp4").read_bytes() == b"a video"
    assert service.request == {
        "model": "seedance-2.0-mini-text-to-video",
        "prompt": "a cat",
        "duration": 4,
        "model_params": {"seed": 7},
    }
    assert [each.stage or each.status for each in changes] == ["pending", "pending", "render", "completed"]


def test_local_files_are_uploaded_and_urls_stay(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    service = Service(DONE)
    generate(service, "image 1 dances", images=[tmp_path / "a.png", "https://x.test/b.png"])
    assert service.request["image_urls"] == ["https://f/1", "https://x.test/b.png"]
    assert service.request["model"] == "seedance-2.0-image-to-video"
    assert service.request["aspect_ratio"] == "adaptive"


def test_a_key_of_the_program_is_sent(generate: Generate) -> None:
    service = Service(DONE)
    generate(service, "a cat", key="order-4711-of-mine")
    assert service.key == "order-4711-of-mine"


def test_where_there_is_no_event_stream_it_asks(generate: Generate) -> None:
    service = Service({"status": "processing"}, DONE, streams=False)
    assert generate(service, "a cat").status == "completed"
    assert service.asked.count(("GET", "/v1/tasks/task-1")) == 3


@pytest.mark.parametrize(
    ("end", "kind", "note"),
    [
        ({"status": "failed", "error": {"code": "content_policy_violation", "message": "no"}}, TaskFailed, "change"),
        ({"status": "cancelled", "error": {"code": "request_cancelled", "message": "no"}}, TaskCancelled, None),
        ({"status": "failed"}, TaskFailed, None),
    ],
)
def test_a_task_without_a_video_is_an_error_of_its_own(
    generate: Generate, end: dict[str, Any], kind: type[TaskFailed], note: str | None
) -> None:
    with pytest.raises(kind) as told:
        generate(Service(end), "a cat")
    assert told.value.task.status == end["status"]
    assert told.value.code == end.get("error", {}).get("code", "?")
    assert note is None or note in told.value.__notes__[0]


def test_patience_of_the_program_ends_before_the_task(generate: Generate) -> None:
    with pytest.raises(StillRunning) as told:
        generate(Service({"status": "processing"}), "a cat", timeout=0.0)
    assert told.value.task_id == "task-1"


def test_the_price_is_told_before_anything_is_made_or_sent(tmp_path: Path) -> None:
    service = Service()
    price = service.client().price("image 1 dances", images=[tmp_path / "a.png"])
    assert (price.credits, price.is_sufficient, price.plan) == (8.5, True, {"shots": []})
    assert service.asked == [("GET", "/openapi.json"), ("POST", "/v1/videos/generations")]


def test_a_server_that_would_make_the_video_is_not_asked_for_its_price() -> None:
    service = Service(title="Another")
    with pytest.raises(ApiProblem, match="Another tells no prices"):
        service.client().price("a cat")
    assert service.asked == [("GET", "/openapi.json")]


async def test_tasks_are_listed_over_pages() -> None:
    service = Service()
    assert [task.id for task in service.client().tasks(status="failed")] == ["task-1", "task-2"]
    async with service.async_client() as client:
        assert [task.id async for task in client.tasks()] == ["task-1", "task-2"]


def test_errors_have_a_class_and_say_what_would_be_right() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        error = {"code": "insufficient_quota", "message": "the account holds 3 credits"}
        return httpx.Response(402, headers={"X-Request-Id": "req-1"}, json={"error": error})

    with pytest.raises(InsufficientCredits, match="holds 3 credits") as told:
        Client("http://server.test", "od-key", transport=httpx.MockTransport(refuse)).create({})
    assert (told.value.code, told.value.request_id) == ("insufficient_quota", "req-1")
    assert "top the account up" in told.value.__notes__[0]


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_BASE_URL", "http://named.test")
    monkeypatch.setenv("OPENDANCE_API_KEY", "od-named")
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": "task-1", "status": "failed"})

    Client(transport=httpx.MockTransport(answer)).task("task-1")
    assert str(asked[0].url) == "http://named.test/v1/tasks/task-1"
    assert asked[0].headers["Authorization"] == "Bearer od-named"


def test_both_clients_have_the_same_methods() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(Client) == public(AsyncClient)
    assert VideoOptions.__total__ is False
