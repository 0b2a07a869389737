"""A task's video by the task's own address, several in one archive, and all that is known of one task."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
import pytest

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
