"""Pictures of a video over HTTP: of a fresh task and of an older one, from a folder and from an object store."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.conftest import MINI, QUICK_ENGINE, RunningServer, body, wait_for
from tests.objects import S3Server, running_s3

KINDS = {"poster": ("WEBP", (640, 367)), "strip": ("WEBP", (1600, 92)), "last-frame": ("PNG", (864, 496))}
TYPES = {"poster": "image/webp", "strip": "image/webp", "last-frame": "image/png"}
NEVER = "task-unified-1774857405-abc123"


@pytest.fixture(params=["folder", "bucket"])
def keeping(
    request: pytest.FixtureRequest, tmp_path: Path, new_server: Callable[..., RunningServer]
) -> Generator[RunningServer]:
    """A server that keeps its objects in a folder, and one that keeps them in an object store."""
    engine = QUICK_ENGINE | {"OPENDANCE_BLANK_SECONDS": "0"}
    if request.param == "folder":
        yield new_server(**engine)
        return
    with running_s3(tmp_path / "s3") as s3:
        yield new_server(**engine, **s3.environment, OPENDANCE_STORAGE_URL=S3Server.url)


def completed(client: httpx.Client, **changes: object) -> str:
    task = wait_for(client, client.post("/v1/videos/generations", json=body(**changes)).json()["id"])
    assert task["status"] == "completed", task
    return task["id"]


def test_each_picture_is_behind_a_fresh_link_and_may_begin_the_next_video(keeping: RunningServer) -> None:
    with keeping.client() as client:
        task_id = completed(client)
        for name, expected in KINDS.items():
            redirected = client.get(f"/v1/tasks/{task_id}/{name}")
            assert (redirected.status_code, redirected.content) == (307, b"")
            answer = httpx.get(redirected.headers["location"])  # without a key
            assert (answer.status_code, answer.headers["content-type"]) == (200, TYPES[name])
            picture = Image.open(io.BytesIO(answer.content))
            assert (picture.format, picture.size) == expected
        # This server may fetch nothing from loopback, where its own links lead.
        for url in (f"{keeping.address}/v1/tasks/{task_id}/last-frame", redirected.headers["location"]):
            completed(client, model=MINI.replace("text", "image"), image_urls=[url])
        result = client.get(f"/v1/tasks/{task_id}").json()["results"][0]
        completed(client, model=MINI.replace("text-to", "reference-to"), video_urls=[result])


def test_an_older_task_gets_its_pictures_when_they_are_asked_for_while_its_video_is_kept(
    new_server: Callable[..., RunningServer],
) -> None:
    server = new_server(**QUICK_ENGINE)
    with server.client() as client:
        task_id = completed(client)
        assert client.get(f"/v1/tasks/{task_id}/poster").status_code == 307  # they are there now
        objects = server.data_dir / "objects"

        def forget(**also: int) -> None:
            for path in objects.glob(f"{task_id}.*.*"):
                path.unlink()
            with sqlite3.connect(server.data_dir / "opendance.sqlite3") as database:
                for column, value in {"pictures": 0, **also}.items():
                    database.execute(f"UPDATE tasks SET {column} = {value}")

        forget()
        for _ in range(2):
            link = client.get(f"/v1/tasks/{task_id}/strip").headers["location"]
            assert httpx.get(link).headers["content-type"] == "image/webp"
        assert len(list(objects.glob(f"{task_id}.*.*"))) == 3

        forget(swept=1)
        refused = client.get(f"/v1/tasks/{task_id}/strip")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "resource_not_found")
        assert "not kept any more" in refused.json()["error"]["message"]


@pytest.mark.parametrize("name", KINDS)
def test_what_has_no_video_or_is_another_accounts_has_no_picture(idle: RunningServer, name: str) -> None:
    with idle.client() as client:
        waiting = client.post("/v1/videos/generations", json=body()).json()["id"]
        stranger = idle.new_account(f"strange to {name}")
        answers = [
            client.get(f"/v1/tasks/{waiting}/{name}"),
            httpx.get(f"{idle.address}/v1/tasks/{waiting}/{name}", headers={"Authorization": f"Bearer {stranger}"}),
            client.get(f"/v1/tasks/{NEVER}/{name}"),
            client.get(f"/v1/tasks/nonsense/{name}"),
            httpx.get(f"{idle.address}/v1/tasks/{waiting}/{name}"),
        ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (409, "task_not_completed"),
        (404, "task_not_found"),
        (404, "task_not_found"),
        (400, "invalid_task_id"),
        (401, "unauthorized"),
    ]


def test_a_link_to_a_picture_that_was_altered_or_has_no_picture_is_refused(idle: RunningServer) -> None:
    link = f"{idle.address}/v1/results/{NEVER}.poster.webp?ends=9999999999&signature=0"
    assert httpx.get(link).json()["error"]["code"] == "link_invalid"
