from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.conftest import MINI, body, wait_for

pytestmark = pytest.mark.on_each_database


def events_of(client: httpx.Client, task_id: str, last: str | None = None) -> list[tuple[int, dict[str, Any]]]:
    """(id, task) of every event until the stream ends."""
    headers = {"Last-Event-ID": last} if last is not None else {}
    found: list[tuple[int, dict[str, Any]]] = []
    number = 0
    with client.stream("GET", f"/v1/tasks/{task_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("id:"):
                number = int(line[3:])
            elif line.startswith("data:"):
                found.append((number, json.loads(line[5:])))
    return found


@pytest.mark.rule("TK-03", "OUT-09")
def test_events_tell_every_change_and_resume(api: httpx.Client) -> None:
    task_id = api.post("/v1/videos/generations", json=body()).json()["id"]
    events = events_of(api, task_id)
    tasks = [task for _, task in events]
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    assert tasks[0]["status"] == "pending"
    assert tasks[-1]["status"] == "completed"
    assert tasks[-1]["progress"] == 100
    progress = [task["progress"] for task in tasks]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 5
    stages = list(dict.fromkeys(task["stage"] for task in tasks if "stage" in task))
    assert stages == ["moderate", "render", "check", "store"], "the brief ones between them are not told"
    assert tasks[-1] == api.get(f"/v1/tasks/{task_id}").json()
    middle = len(events) // 2
    assert events_of(api, task_id, last=str(events[middle][0])) == events[middle + 1 :]
    assert events_of(api, task_id, last=str(events[-1][0])) == []


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
def test_a_wrong_last_event_id_is_400(api: httpx.Client, last: str) -> None:
    task_id = api.post("/v1/videos/generations", json=body()).json()["id"]
    response = api.get(f"/v1/tasks/{task_id}/events", headers={"Last-Event-ID": last})
    assert response.status_code == 400
    assert "Last-Event-ID" in response.json()["error"]["message"]


@pytest.mark.parametrize("task_id", ["x", "task-unified-1", "task-unified-1774857405-ABC", "%00", "task-unified-1774857405-abc123x!"])  # fmt: skip
def test_an_id_of_the_wrong_form_is_400(api: httpx.Client, task_id: str) -> None:
    for response in (api.get(f"/v1/tasks/{task_id}"), api.post(f"/v1/tasks/{task_id}/cancel")):
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "invalid_task_id"


def test_an_unknown_id_is_404(api: httpx.Client) -> None:
    for suffix in ("", "/events"):
        response = api.get(f"/v1/tasks/task-unified-1774857405-abc123{suffix}")
        assert response.status_code == 404
        assert response.json()["error"] == {
            "code": "task_not_found",
            "message": "task_id: there is no task task-unified-1774857405-abc123 in this account",
            "type": "invalid_request_error",
        }


def test_tasks_are_listed_filtered_and_paged(api: httpx.Client) -> None:
    made = [api.post("/v1/videos/generations", json=body(model="seedance-2.0-image-to-video", image_urls=["https://example.com/x.png"])).json()["id"] for _ in range(3)]  # fmt: skip
    for task_id in made:
        wait_for(api, task_id)
    found: list[str] = []
    cursor = None
    while True:
        params: dict[str, Any] = {"limit": 2, "model": "seedance-2.0-image-to-video", "status": "failed"}
        page = api.get("/v1/tasks", params=params | ({"cursor": cursor} if cursor else {})).json()
        found += [task["id"] for task in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert found[:3] == made[::-1]
    assert len(found) == len(set(found))
    newest = api.get(f"/v1/tasks/{made[-1]}").json()
    after = api.get("/v1/tasks", params={"created_after": newest["created"]}).json()["data"]
    assert made[-1] not in [t["id"] for t in after]
    before = api.get("/v1/tasks", params={"created_before": newest["created"] + 1, "limit": 100}).json()["data"]
    assert made[-1] in [t["id"] for t in before]


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"status": "done"}, {"model": "x"}, {"cursor": "x"}, {"cursor": "WzEsMl0="},
     {"created_after": "yesterday"}, {"created_before": -1}, {"statuss": "failed"}],
)  # fmt: skip
def test_wrong_filters_are_400_and_named(api: httpx.Client, params: dict[str, Any]) -> None:
    response = api.get("/v1/tasks", params=params)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(next(iter(params)))


@pytest.mark.rule("TK-03")
def test_a_running_task_is_cancelled_within_the_call(api: httpx.Client) -> None:
    request = body(model="seedance-2.0-text-to-video", duration=15, quality="1080p")
    task_id = api.post("/v1/videos/generations", json=request).json()["id"]
    for _ in range(600):
        task = api.get(f"/v1/tasks/{task_id}").json()
        if task.get("stage") == "render" and task["progress"] > 6:
            break
        time.sleep(0.05)
    began = time.monotonic()
    cancelled = api.post(f"/v1/tasks/{task_id}/cancel").json()
    print(f"cancelled after {time.monotonic() - began:.2f} s")
    assert cancelled["status"] == "cancelled"
    assert cancelled["error"]["code"] == "request_cancelled"
    assert cancelled["task_info"]["can_cancel"] is False
    again = api.post(f"/v1/tasks/{task_id}/cancel")
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "task_not_cancellable"


@pytest.mark.rule("OUT-09")
def test_the_result_supports_ranges_and_refuses_altered_links(api: httpx.Client) -> None:
    task = wait_for(api, api.post("/v1/videos/generations", json=body(model=MINI)).json()["id"])
    link = task["results"][0]
    whole = httpx.get(link)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "video/mp4"
    part = httpx.get(link, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    for altered in (link[:-1] + ("0" if link[-1] != "0" else "1"), link.replace("ends=", "ends=1"), link.split("?")[0]):
        refused = httpx.get(altered)
        assert refused.status_code in (400, 403)
        assert refused.json()["error"]["code"] in ("link_invalid", "invalid_request")
