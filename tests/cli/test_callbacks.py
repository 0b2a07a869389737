"""opendance callbacks: those that were given up, on the data folder and at a server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opendance.pipeline.retries import RETRY_AFTER, note_attempt
from opendance.store.deliveries import list_deliveries
from opendance.store.tasks import finish_task
from opendance.task import Status
from tests import tasks
from tests.cli.conftest import ACCOUNT, BASE, DATABASE, OPERATOR, Run, Told
from tests.databases import opened
from tests.workshop import a_workshop

Read = Callable[..., Any]


@pytest.fixture
def given_up(folder: Path) -> list[str]:
    """Tasks of the account `default` whose callbacks were given up, the oldest first."""

    async def fill() -> list[str]:
        DATABASE.parent.mkdir()
        async with opened(DATABASE) as database, a_workshop(database, DATABASE.parent) as workshop:
            ended = [await workshop.submit(tasks.order(callback_url="https://receiver.example/hush")) for _ in range(2)]
            async with database.write() as connection:
                for task in ended:
                    await finish_task(connection, task, Status.FAILED, error=("service_error", "x"))
                    (delivery,) = await list_deliveries(connection, task.account_id, task.id)
                    for _ in range(1 + len(RETRY_AFTER)):
                        await note_attempt(
                            connection, delivery.id, started=time.time(), seconds=0.1, status_code=503, error=None
                        )
        return [task.id for task in ended]

    return asyncio.run(fill())


def test_what_was_given_up_is_listed_without_addresses_and_sent_again(
    told: Told, read: Read, given_up: list[str]
) -> None:
    answer = read("callbacks", "failed", "default", "--limit", "1")
    assert ([row["task_id"] for row in answer["data"]], answer["total"]) == ([given_up[0]], 2)
    table = told("callbacks", "failed", "default")
    for words in (*given_up, "receiver.example", "HTTP 503"):
        assert words in table
    assert "hush" not in table
    assert told("callbacks", "redeliver", "default") == "2 are on their way\n"
    assert read("callbacks", "failed", "default")["total"] == 0
    (noted,) = [json.loads(line) for line in told("audit", "--kind", "admin.redeliver_callbacks").splitlines()]
    assert (noted["actor"], noted["detail"]) == ("command line", {"sent": 2, "left": 0})


def test_an_account_that_is_not_named_or_not_there_is_told(refused: Told, installation: Path) -> None:
    for command in ("failed", "redeliver"):
        assert "ACCOUNT: say whose callbacks, by id or name" in refused("callbacks", command)
        assert "There is no account 'nobody'" in refused("callbacks", command, "nobody")


def test_a_server_is_asked_with_the_key_that_there_is(run: Run, serving: Any) -> None:
    row = {"task_id": "task-1", "url": "https://mine.example/x", "finished": 1.0, "attempts": []}
    for environment, account, place in (
        (ACCOUNT, (), "/v1/callbacks/failed"),
        (OPERATOR, ("a/b",), "/admin/v1/accounts/a%2Fb/callbacks/failed"),
    ):
        server = serving({"data": [row], "total": 1}, {"sent": 50, "left": 7})
        shown = run("callbacks", "failed", *account, **environment)
        assert "https://mine.example/x" in shown.stdout, shown.stderr
        sent = run("callbacks", "redeliver", *account, **environment)
        assert sent.stdout == "50 are on their way, 7 are left: ask again in a moment\n"
        asked = [(request.method, request.url.raw_path.decode().partition("?")[0]) for request in server.asked]
        assert asked == [("GET", place), ("POST", f"{place}/redeliver")]


@pytest.mark.parametrize(
    ("environment", "arguments", "words"),
    [
        (ACCOUNT, ("failed", "studio"), "tells callbacks of another account only to its operator; leave the account"),
        (OPERATOR, ("redeliver",), "ACCOUNT: say whose callbacks"),
        (BASE, ("failed", "studio"), "OPENDANCE_ADMIN_KEY: http://server.test tells callbacks of another account"),
    ],
)
def test_a_key_or_an_account_that_is_missing_is_told(
    run: Run, environment: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    done = run("callbacks", *arguments, **environment)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())
