"""Tasks of a server that a page shows: made by the API, as other programs make them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.conftest import TERMINAL
from tests.studio.conftest import QUICK, Studio

SLOW = {**QUICK, "OPENDANCE_BLANK_SECONDS": "600"}
"""A server whose clips are not done before a test is."""


def wait_until(said: Callable[[], bool], *, seconds: float = 60) -> None:
    """Asks until it is so. Playwright's `wait_for_function` does not wait for what a promise brings: any is true to it.

    Raises:
        AssertionError: it is not so after `seconds`.
    """
    ends = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < ends, f"not so after {seconds} s"
        time.sleep(0.1)


def begin(studio: Studio, *prompts: str, key: str | None = None, **fields: Any) -> list[str]:
    """The ids of new tasks, one for each prompt."""
    request = {"model": "seedance-2.0-text-to-video", "duration": 4, "quality": "480p", **fields}
    with studio.server.client(key) as client:
        answers = [client.post("/v1/videos/generations", json={**request, "prompt": prompt}) for prompt in prompts]
    return [answer.raise_for_status().json()["id"] for answer in answers]


def made(studio: Studio, *prompts: str, **fields: Any) -> list[str]:
    """The same, once they have ended."""
    ids = begin(studio, *prompts, **fields)
    wait_until_ended(studio, *ids)
    return ids


def wait_until_ended(studio: Studio, *task_ids: str) -> None:
    for task_id in task_ids:
        while task(studio, task_id)["status"] not in TERMINAL:
            time.sleep(0.05)


def task(studio: Studio, task_id: str, **query: str) -> dict[str, Any]:
    """The task as the API tells it."""
    with studio.server.client() as client:
        return client.get(f"/v1/tasks/{task_id}", params=query).raise_for_status().json()


def own_order(studio: Studio, key: str | None = None) -> list[str]:
    """Ids of an account's tasks that wait, in the order in which they will run."""
    with studio.server.client(key) as client:
        queue = client.get("/v1/queue").raise_for_status().json()
    return [each["task"]["id"] for each in queue["own"] if each["task"]["status"] == "pending"]


def clip_of(studio: Studio, task_id: str) -> bytes:
    """The video of a task that is done."""
    with studio.server.client() as client:
        return client.get(f"/v1/tasks/{task_id}/result", params={"download": True}).raise_for_status().content
