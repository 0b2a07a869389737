"""A task's video by the task's own address, several in one archive, and all that is known of one task."""

from __future__ import annotations

import io
import wave
import zipfile
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.conftest import RunningServer, body, wait_for


@pytest.fixture(scope="module")
def made(server: RunningServer) -> list[dict[str, Any]]:
    with server.client() as client:
        asked = [
            client.post("/v1/videos/generations", json=body(prompt=f"a {name} walks")).json() for name in ("cat", "dog")
        ]
        return [wait_for(client, task["id"], until=("completed",)) for task in asked]


def test_the_video_is_found_by_its_task_and_saved_under_a_name_for_people(api: httpx.Client, made: list[Any]) -> None:
    task = made[0]["id"]
    led = api.get(f"/v1/tasks/{task}/result")
    assert led.status_code == 307
    video = httpx.get(led.headers["location"]).content
    saved = api.get(f"/v1/tasks/{task}/result?download=true")
    assert saved.content == video
    assert "-a-cat-walks-" in saved.headers["content-disposition"]
    assert saved.headers["content-disposition"].startswith("attachment")


def test_several_are_one_archive_and_what_is_no_video_of_the_account_is_left_out(
    api: httpx.Client, made: list[Any], server: RunningServer
) -> None:
    ids = [task["id"] for task in made]
    answer = api.get("/v1/tasks/zip", params={"ids": ",".join([*ids, "task-unified-1774857405-abc123de"])})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert ["cat" in names[0], "dog" in names[1]] == [True, True]
    with server.client(server.new_account("zip")) as other:
        assert other.get("/v1/tasks/zip", params={"ids": ids[0]}).status_code == 404
        assert other.get(f"/v1/tasks/{ids[0]}/result").status_code == 404
    assert api.get("/v1/tasks/zip", params={"ids": "x"}).status_code == 400


def test_one_task_tells_its_course_its_plan_and_its_card(api: httpx.Client, made: list[Any]) -> None:
    whole = api.get(f"/v1/tasks/{made[0]['id']}", params={"include": "request"}).json()
    assert [stage["name"] for stage in whole["stages"]][-1] == "store"
    assert whole["whole_plan"]["prompt"] == "a cat walks"
    assert all(found["spans"] for found in whole["whole_plan"]["found"])
    card = whole["card"]
    assert (card["status"], card["has_result"], card["engine_kind"]) == ("completed", True, "preview")
    assert api.get(f"/v1/tasks/{made[0]['id']}", params={"include": "card"}).json()["updated"] >= card["finished"]
    counts = api.get("/v1/tasks/counts", params={"search": "a cat walks"}).json()
    assert (counts["total"], counts["by"]["status"]) == (1, {"completed": 1})


def test_models_tell_prices_limits_sizes_and_engines(api: httpx.Client) -> None:
    models = {model["id"]: model for model in api.get("/v1/models").json()["data"]}
    model = models["seedance-2.0-text-to-video"]
    assert {"quality": "720p", "video_input": False, "credits_per_second": 13.5} in model["prices"]
    assert model["sizes"]["16:9"]["720p"] == [1280, 720]
    assert model["limits"]["images"] == [0, 0]
    assert model["engines"][0]["kind"] == "preview"
    assert model["access"] is True


def test_a_frame_the_sound_and_the_video_become_uploads(api: httpx.Client, made: list[Any]) -> None:
    task = made[0]["id"]
    last = httpx.get(api.get(f"/v1/tasks/{task}/last-frame").headers["location"]).content
    shown = api.post(f"/v1/tasks/{task}/frame", params={"at": 60}).json()["data"]
    first = api.post(f"/v1/tasks/{task}/frame").json()["data"]
    assert shown["mime_type"] == "image/png"
    pixels = [picture_of(httpx.get(url).content) for url in (shown["file_url"], first["file_url"])]
    assert (pixels[0] == picture_of(last)).all()
    assert not (pixels[1] == pixels[0]).all()
    sound = api.post(f"/v1/tasks/{task}/use", json={"part": "sound"}).json()["data"]
    with wave.open(io.BytesIO(httpx.get(sound["file_url"]).content)) as heard:
        assert heard.getnframes() / heard.getframerate() == pytest.approx(4, abs=0.1)
    video = api.post(f"/v1/tasks/{task}/use", json={"part": "result"}).json()["data"]
    assert video["mime_type"] == "video/mp4"


def picture_of(content: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_a_clip_from_here_is_known_by_its_mark_a_changed_one_is_told_and_a_strangers_is_none(
    api: httpx.Client, made: list[Any], server: RunningServer
) -> None:
    task = made[0]["id"]
    by_id = api.post("/v1/verify", json={"task_id": task}).json()
    assert (by_id["generated"], by_id["task_id"]) == (True, task)
    video = api.get(f"/v1/tasks/{task}/result?download=true").content
    dropped = api.post("/v1/verify", files={"file": ("clip.mp4", video)}).json()
    assert (dropped["manifest"]["problems"], dropped["task_id"]) == ([], task)
    changed = bytearray(video)
    changed[-100] ^= 1
    broken = api.post("/v1/verify", files={"file": ("clip.mp4", bytes(changed))}).json()
    assert broken["manifest"] is None or broken["manifest"]["problems"]
    with server.client(server.new_account("verifies")) as other:
        assert other.post("/v1/verify", files={"file": ("clip.mp4", video)}).json()["task_id"] is None
        assert other.post("/v1/verify", json={"task_id": task}).status_code == 404
    assert api.post("/v1/verify", json={}).status_code == 400
    assert api.post("/v1/verify", files={"file": ("a.txt", b"no video")}).status_code == 400
