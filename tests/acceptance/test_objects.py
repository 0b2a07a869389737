"""Results and uploads in an object store, on a whole server."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer, body, wait_for
from tests.files import image_bytes
from tests.objects import S3Server, running_s3

BLANK = {"OPENDANCE_ENGINES": "blank"}


@pytest.fixture
def s3(tmp_path: Path) -> Generator[S3Server]:
    with running_s3(tmp_path / "s3") as server:
        yield server


def upload(client: httpx.Client) -> dict[str, Any]:
    content = base64.b64encode(image_bytes(400, 400)).decode()
    return client.post("/api/v1/files/upload/base64", json={"base64_data": content}).raise_for_status().json()["data"]


def test_a_server_keeps_everything_in_an_object_store(new_server: Callable[..., RunningServer], s3: S3Server) -> None:
    server = new_server(**BLANK, **s3.environment, OPENDANCE_STORAGE_URL=s3.url)
    with server.client() as client:
        file = upload(client)
        redirected = httpx.get(file["file_url"])
        assert redirected.status_code == 307
        assert httpx.get(redirected.headers["location"]).content == image_bytes(400, 400)

        wanted = body(model="seedance-2.0-mini-image-to-video", image_urls=[file["file_url"]])
        task = wait_for(client, client.post("/v1/videos/generations", json=wanted).json()["id"])
        assert task["status"] == "completed", task
        [link] = task["results"]
        assert link.startswith(s3.environment["AWS_ENDPOINT_URL"])
        assert "X-Amz-Expires=86400" in link
        assert httpx.get(link).content[4:8] == b"ftyp"
        assert client.get(f"/v1/tasks/{task['id']}").json()["results"] == [link], "the same link each time"

        assert client.delete(f"/api/v1/files/{file['file_id']}").status_code == 200
        assert httpx.get(httpx.get(file["file_url"]).headers["location"]).is_error
        assert client.get(f"/v1/tasks/{task['id']}/poster").headers["location"].startswith(link.partition(".mp4")[0])
    left = {path.name.removeprefix(task["id"]) for path in s3.folder.iterdir() if path.is_file()}
    assert left == {".mp4", ".poster.webp", ".strip.webp", ".last-frame.png"}
    assert not (server.data_dir / "objects").exists()


@pytest.mark.thorough
def test_a_store_that_is_away_for_a_while_loses_nothing(new_server: Callable[..., RunningServer], s3: S3Server) -> None:
    server = new_server(**BLANK, **s3.environment, OPENDANCE_STORAGE_URL=s3.url)
    with server.client() as client:
        s3.stop()
        created = client.post("/v1/videos/generations", json=body()).json()
        time.sleep(2)
        assert client.get(f"/v1/tasks/{created['id']}").json()["status"] == "processing"
        assert client.get("/readyz").status_code == 503
        assert "the object store does not answer" in client.get("/readyz").text
        s3.start()
        assert wait_for(client, created["id"])["status"] == "completed"
        time.sleep(1)  # what was seen is good for so long
        assert client.get("/readyz").status_code == 200
