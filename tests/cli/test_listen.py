"""opendance listen: how tasks are found, followed and told; signatures are judged by the library of Standard Webhooks."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from opendance.cli import listen as command
from opendance.cli.listen import Listener
from opendance.client import AsyncClient
from tests.cli.conftest import Run, Told
from tests.conftest import RunningServer

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
HOOK = "http://localhost:3000/hook"


class Service:
    """Tells of these tasks; each has ended by the time that its events are asked for."""

    def __init__(self, *tasks: dict[str, Any]) -> None:
        self.tasks = {task["id"]: task for task in tasks}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/v1/tasks":
            status, after = request.url.params.get("status"), int(request.url.params.get("created_after", -1))
            found = [t for t in self.tasks.values() if status in (None, t["status"]) and t["created"] > after]
            return httpx.Response(200, json={"data": found, "next_cursor": None})
        task = {**self.tasks[path.split("/")[3]], "status": "completed", "prompt": "猫"}
        event = f"id: 1\ndata: {json.dumps(task)}\n\n"
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, text=event)


class Program:
    """Takes what is told, and answers with these statuses first."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers = list(answers)
        self.told: list[dict[str, Any]] = []
        self.ids: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        Webhook(SECRET).verify(request.content, dict(request.headers))
        assert str(request.url) == HOOK
        self.told.append(json.loads(request.content))
        self.ids.append(request.headers["webhook-id"])
        answer = self._answers.pop(0) if self._answers else 204
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_AGAIN_AFTER", (0.0, 0.0, 0.0))


def listener(service: Service, program: Program) -> Listener:
    client = AsyncClient("http://server.test", "od-key", transport=httpx.MockTransport(service))
    receiver = httpx.AsyncClient(transport=httpx.MockTransport(program))
    return Listener(client, receiver, HOOK, secret=SECRET, since=1000)


def task(task_id: str, status: str, created: int = 2000) -> dict[str, Any]:
    return {"id": task_id, "status": status, "created": created}


async def test_every_task_that_ends_is_told_once_signed() -> None:
    program = Program()
    service = Service(
        task("new", "pending"), task("quick", "failed"), task("older", "processing", 10), task("before", "failed", 10)
    )
    listening = listener(service, program)
    for _ in range(2):
        await listening.look()
        await listening.done()
    assert sorted(program.ids) == ["msg-new", "msg-older", "msg-quick"]
    assert {each["id"]: each["status"] for each in program.told} == {
        "new": "completed", "quick": "failed", "older": "completed",
    }  # fmt: skip


async def test_it_is_told_again_where_the_program_does_not_take_it(capsys: pytest.CaptureFixture[str]) -> None:
    program = Program(500, httpx.ConnectError("refused"), 302)
    listening = listener(Service(task("one", "failed")), program)
    await listening.look()
    await listening.done()
    assert program.ids == ["msg-one"] * 4
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("failed: ")[2] for line in lines] == [
        "HTTP 500",
        "no answer: refused",
        "HTTP 302",
        "HTTP 204",
    ]


async def test_of_a_true_server_it_tells_what_a_callback_would_byte_for_byte(server: RunningServer) -> None:
    key = server.new_account("listener", kind="test")
    bodies: list[bytes] = []

    def receive(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(204)

    async with AsyncClient(server.address, key) as client:
        receiver = httpx.AsyncClient(transport=httpx.MockTransport(receive))
        listening = Listener(client, receiver, HOOK, secret=await client.callback_secret())
        made = await client.start("a cat", simulate="service_error")
        await listening.look()
        await listening.done()
    with server.client(key) as api:
        assert bodies == [api.get(f"/v1/tasks/{made.id}").content]


async def test_after_four_tries_it_is_given_up() -> None:
    program = Program(*[500] * 9)
    listening = listener(Service(task("one", "failed")), program)
    await listening.look()
    await listening.done()
    assert len(program.told) == 4


def test_what_is_no_address_is_told(refused: Told) -> None:
    assert "--forward: localhost:3000 is no address" in refused("listen", "--forward", "localhost:3000")


def test_a_server_needs_a_key(run: Run) -> None:
    done = run("listen", "--forward", HOOK, OPENDANCE_BASE_URL="http://server.test")
    assert done.exit_code == 2
    assert "OPENDANCE_API_KEY" in done.stderr


def test_a_folder_without_an_installation_is_told_and_left_as_it_is(refused: Told, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert "there is no installation in" in refused("listen", "--forward", HOOK, "--data-dir", folder)
    assert not folder.exists()
