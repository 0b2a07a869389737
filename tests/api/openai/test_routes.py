"""`/v1/videos` of a running server, and the same task through three wires."""

from __future__ import annotations

import base64
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from tests.conftest import QUICK_ENGINE, RunningServer, start_server, wait_for
from tests.files import image_bytes

ARK = "/api/v3/contents/generations/tasks"
SMALL = {"prompt": "a cat walks in a garden", "seconds": "4", "size": "864x496", "model": "seedance-2.0-mini"}
MADE_UP = "task-unified-1774857405-abc123"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("quick"), **QUICK_ENGINE)
    yield running
    running.stop()


def form(fields: dict[str, str], **files: Any) -> dict[str, Any]:
    """A multipart form, also without a file."""
    return {"files": [(name, (None, value)) for name, value in fields.items()] + list(files.items())}


def test_a_video_from_a_form_with_a_picture_to_its_file(quick: RunningServer) -> None:
    with quick.client(quick.new_account("forms")) as api:
        picture = ("still.png", image_bytes(640, 480), "application/octet-stream")
        created = api.post("/v1/videos", **form(SMALL, input_reference=picture)).raise_for_status().json()
        assert (created["object"], created["status"], created["model"]) == ("video", "queued", "seedance-2.0-mini")
        assert (created["seconds"], created["size"], created["error"]) == ("4", "864x496", None)
        not_yet = api.get(f"/v1/videos/{created['id']}/content")
        if not_yet.status_code != 200:
            assert (not_yet.status_code, not_yet.headers["x-should-retry"]) == (409, "false")
        task = wait_for(api, created["id"])
        assert (task["status"], task["model"]) == ("completed", "seedance-2.0-mini-image-to-video")
        answer = api.get(f"/v1/videos/{created['id']}")
        video = answer.json()
        assert (video["status"], video["progress"], video["prompt"]) == ("completed", 100, SMALL["prompt"])
        assert video["created_at"] <= video["completed_at"] < video["expires_at"]
        assert 500 <= int(answer.headers["openai-poll-after-ms"]) <= 5000
        content = api.get(f"/v1/videos/{created['id']}/content", headers={"Accept": "application/binary"})
        assert (content.headers["content-type"], content.content[4:8]) == ("video/mp4", b"ftyp")
        for variant in ("thumbnail", "spritesheet"):
            shown = api.get(f"/v1/videos/{created['id']}/content", params={"variant": variant})
            assert (shown.status_code, shown.headers["content-type"], shown.content[8:12]) == (
                200,
                "image/webp",
                b"WEBP",
            )
        remix = (
            api.post(f"/v1/videos/{created['id']}/remix", json={"prompt": "now in the snow"}).raise_for_status().json()
        )
        assert (remix["remixed_from_video_id"], remix["prompt"]) == (created["id"], "now in the snow")
        again = wait_for(api, remix["id"])
        assert (again["status"], again["model"]) == ("completed", "seedance-2.0-mini-reference-to-video"), again
        page = api.get("/v1/videos", params={"limit": 1}).json()
        assert ([each["id"] for each in page["data"]], page["has_more"], page["last_id"]) == (
            [remix["id"]],
            True,
            remix["id"],
        )
        rest = api.get("/v1/videos", params={"after": page["last_id"]}).json()
        assert ([each["id"] for each in rest["data"]], rest["has_more"]) == ([created["id"]], False)
        oldest = api.get("/v1/videos", params={"order": "asc"}).json()
        assert oldest["first_id"] == created["id"]
        assert api.delete(f"/v1/videos/{created['id']}").json() == {
            "id": created["id"],
            "object": "video.deleted",
            "deleted": True,
        }
        assert api.get(f"/v1/videos/{created['id']}").status_code == 404
        assert api.get("/v1/videos").json()["last_id"] == remix["id"]


def test_a_picture_in_json_becomes_an_upload_and_what_is_refused_leaves_none(idle: RunningServer) -> None:
    data = "data:image/png;base64," + base64.b64encode(image_bytes(640, 480)).decode()
    with idle.client(idle.new_account("json")) as api:
        asked = {**SMALL, "input_reference": {"image_url": data}}
        assert api.post("/v1/videos", json={**asked, "seconds": "99"}).status_code == 400
        assert api.get("/api/v1/files/list").json()["data"]["total"] == 0
        made = api.post("/v1/videos", json=asked, headers={"Idempotency-Key": "videos-1"}).raise_for_status().json()
        (upload,) = api.get("/api/v1/files/list").json()["data"]["files"]
        assert upload["mime_type"] == "image/png"
        again = api.post("/v1/videos", json=asked, headers={"Idempotency-Key": "videos-1"})
        assert (again.json()["id"], again.headers["idempotency-replayed"]) == (made["id"], "true")
        assert api.get("/api/v1/files/list").json()["data"]["total"] == 1
        assert api.delete(f"/v1/videos/{made['id']}").json()["deleted"] is True
        assert api.get(f"/v1/tasks/{made['id']}").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        ({"json": {"prompt": "a"} | {"seconds": 99}}, 400, "seconds"),
        ({"json": {"prompt": "a", "model": "gpt-5"}}, 404, None),
        (form({"prompt": "a"}, other=("x.png", b"x")), 400, "other"),
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, None),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, None),
    ],
    ids=["seconds", "model", "file", "kind", "boundary"],
)
def test_errors_have_openai_s_form(idle: RunningServer, asked: dict[str, Any], status: int, param: str | None) -> None:
    with idle.client() as api:
        answer = api.post("/v1/videos", **asked)
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert (set(error), error["param"]) == ({"message", "type", "param", "code"}, param)
        assert api.get(f"/v1/videos/{MADE_UP}").json()["error"]["code"] == "task_not_found"
        assert api.post("/v1/videos/edits", json={}).status_code in (404, 405)


@pytest.mark.parametrize("made_by", ["unified", "ark", "openai"])
def test_one_task_is_seen_by_three_wires_and_paid_once(quick: RunningServer, made_by: str) -> None:
    bodies = {
        "unified": ("/v1/videos/generations", {"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat", "duration": 4, "quality": "480p"}),
        "ark": (ARK, {"model": "doubao-seedance-2-0-mini-260615", "content": [{"type": "text", "text": "a cat"}], "ratio": "16:9", "duration": 4, "resolution": "480p"}),
        "openai": ("/v1/videos", {**SMALL, "prompt": "a cat"}),
    }  # fmt: skip
    with quick.client(quick.new_account(f"three-{made_by}")) as api:
        path, asked = bodies[made_by]
        task_id = api.post(path, json=asked).raise_for_status().json()["id"]
        ours = wait_for(api, task_id)
        theirs, video = api.get(f"{ARK}/{task_id}").json(), api.get(f"/v1/videos/{task_id}").json()
        assert (ours["status"], theirs["status"], video["status"]) == ("completed", "succeeded", "completed")
        assert ours["results"] == [theirs["content"]["video_url"]]
        assert httpx.get(ours["results"][0]).content == api.get(f"/v1/videos/{task_id}/content").content
        assert (video["size"], theirs["ratio"], theirs["duration"], video["seconds"]) == ("864x496", "16:9", 4, "4")
        assert [each["id"] for each in api.get(ARK).json()["items"]] == [task_id]
        assert [each["id"] for each in api.get("/v1/videos").json()["data"]] == [task_id]
        assert [each["id"] for each in api.get("/v1/tasks", params={"page": 1}).json()["data"]] == [task_id]
        entries = api.get(f"/v1/tasks/{task_id}/ledger").json()["data"]
        assert sorted(entry["kind"] for entry in entries) == ["reserve", "settle"]
