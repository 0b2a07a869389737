"""The library over HTTP: what the routes add to what `pipeline` and `store` are tested for."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer, body, wait_for

pytestmark = pytest.mark.on_each_database


@pytest.fixture
def mine(server: RunningServer) -> Any:
    """A client of an account of its own."""
    with server.client(server.new_account(f"library-{time.time_ns()}")) as client:
        yield client


def create(client: httpx.Client, **changes: Any) -> str:
    return wait_for(client, client.post("/v1/videos/generations", json=body(**changes)).json()["id"])["id"]


def listed(client: httpx.Client, **params: Any) -> list[str]:
    response = client.get("/v1/tasks", params=params)
    assert response.status_code == 200, response.text
    return [task["id"] for task in response.json()["data"]]


def test_tasks_are_named_found_hidden_kept_and_deleted(mine: httpx.Client) -> None:
    cat, han = create(mine, prompt="a cat in the rain"), create(mine, prompt="一只猫在花园里", aspect_ratio="9:16")
    before = mine.get(f"/v1/tasks/{cat}").json()
    changed = mine.patch(f"/v1/tasks/{cat}", json={"title": "Wet", "tags": ["Sea", "SEA"], "favourite": True})
    assert changed.status_code == 200
    assert changed.json() == before | {
        "title": "Wet", "tags": ["Sea"], "favourite": True, "hidden": False, "kept": False,
    }  # fmt: skip
    assert mine.get(f"/v1/tasks/{cat}").json() == before
    for params in (
        {"search": "ＣＡＴ in"},
        {"search": "wet"},
        {"tag": "sea"},
        {"favourite": "true"},
        {"ratio": "16:9"},
    ):
        assert listed(mine, **params) == [cat], params
    assert listed(mine, search="猫") == listed(mine, search="花园", quality="480p") == [han]
    engine = before["engine"]
    assert listed(mine, engine=engine) == [han, cat]
    assert listed(mine, sort="created") == [cat, han]
    assert listed(mine, engine="no-such") == []
    mine.patch(f"/v1/tasks/{han}", json={"hidden": True})
    assert (listed(mine), listed(mine, hidden="true")) == ([cat], [han])

    assert mine.patch(f"/v1/tasks/{cat}", json={"kept": True}).json()["kept"] is True
    assert listed(mine, kept="true") == [cat]
    deleted = mine.delete(f"/v1/tasks/{cat}/result")
    assert deleted.status_code == 200
    assert "results" not in deleted.json()
    assert deleted.json()["kept"] is False
    assert mine.delete(f"/v1/tasks/{cat}/result").json() == deleted.json()
    assert "results" not in mine.get(f"/v1/tasks/{cat}").json()
    again = mine.patch(f"/v1/tasks/{cat}", json={"kept": True})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "result_not_available")


def test_from_and_to_are_days_or_moments_and_include_their_ends(mine: httpx.Client) -> None:
    task = create(mine)
    created = datetime.fromtimestamp(mine.get(f"/v1/tasks/{task}").json()["created"], UTC)
    day, second = timedelta(days=1), timedelta(seconds=1)
    here = created.date().isoformat()
    moment = created.isoformat().replace("+00:00", "Z")
    for params in ({"from": here}, {"to": here}, {"from": here, "to": here}, {"from": moment, "to": moment}):
        assert listed(mine, **params) == [task], params
    for params in (
        {"from": (created + day).date().isoformat()},
        {"to": (created - day).date().isoformat()},
        {"from": (created + second).isoformat()},
        {"to": (created - second).isoformat()},
        {"to": moment, "created_before": int(created.timestamp())},
    ):
        assert listed(mine, **params) == [], params


def test_a_cursor_belongs_to_its_sort(mine: httpx.Client) -> None:
    made = [create(mine) for _ in range(3)]
    for sort, expected in (("-finished", made[::-1]), ("finished", made), ("created", made), ("-created", made[::-1])):
        first = mine.get("/v1/tasks", params={"sort": sort, "limit": 2}).json()
        assert [task["id"] for task in first["data"]] == expected[:2]
        params = {"sort": sort, "limit": 2, "cursor": first["next_cursor"]}
        assert listed(mine, **params) == expected[2:]
        other = "finished" if sort != "finished" else "-created"
        refused = mine.get("/v1/tasks", params=params | {"sort": other})
        assert refused.status_code == 400
        assert f"cursor: it is of a list with sort={sort}" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "params",
    [{"search": "x" * 201}, {"tag": "x" * 41}, {"tag": ""}, {"favourite": "maybe"}, {"quality": "8k"}, {"ratio": "2:1"},
     {"from": "yesterday"}, {"to": "2026-13-01"}, {"from": "2026-01-01T00:00:00 02:00"}, {"sort": "title"},
     {"favorite": "true"}, {"aspect_ratio": "16:9"}, {"stacked": "true", "status": "completed"},
     {"stacked": "true", "hidden": "true"}],
)  # fmt: skip
def test_wrong_filters_are_400_and_named(mine: httpx.Client, params: dict[str, Any]) -> None:
    response = mine.get("/v1/tasks", params=params)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(next(iter(params)))


def test_a_task_of_another_account_cannot_be_changed(mine: httpx.Client, api: httpx.Client) -> None:
    task = create(mine)
    for response in (api.patch(f"/v1/tasks/{task}", json={"title": "x"}), api.delete(f"/v1/tasks/{task}/result")):
        assert (response.status_code, response.json()["error"]["code"]) == (404, "task_not_found")
    wrong = mine.patch(f"/v1/tasks/{task}", json={"favorite": True})
    assert wrong.status_code == 400
    assert wrong.json()["error"]["message"] == (
        "the body: favorite cannot be changed; there are title, tags, favourite, hidden, kept"
    )


def test_takes_of_one_request_are_stacked_under_the_newest(mine: httpx.Client) -> None:
    """Alike but for the seed: whatever else differs, and what is hidden or not done, is no take."""
    same = {"prompt": "a fox at dawn", "model_params": {"seed": 7}}
    first, second = create(mine, **same), create(mine, **(same | {"model_params": {"seed": 8}}))
    other = create(mine, **same, quality="720p")
    third = create(mine, prompt="a fox at dawn", callback_url="https://example.com/done")
    assert listed(mine) == [third, other, second, first]

    def stacked(**params: Any) -> tuple[list[str], list[int]]:
        answer = mine.get("/v1/tasks", params={"include": "card", "stacked": "true", **params}).json()
        return [card["id"] for card in answer["data"]], [
            answer["takes"].get(card["take_group"], 1) for card in answer["data"]
        ]

    assert stacked() == ([third, other], [3, 1])
    assert stacked(sort="created") == ([other, third], [1, 3])
    assert mine.get("/v1/tasks/counts", params={"stacked": "true"}).json()["total"] == 2
    group = mine.get(f"/v1/tasks/{first}", params={"include": "card"}).json()["take_group"]
    assert listed(mine, take=group) == [third, second, first]
    assert stacked(**{"from": "2026-01-01"}) == ([third, other], [3, 1])
    mine.patch(f"/v1/tasks/{third}", json={"hidden": True})
    assert stacked() == ([other, second], [1, 2])
    assert mine.delete(f"/v1/tasks/{second}/result").status_code == 200
    assert stacked()[0] == [other, second, first], "what has no video any more covers none"
    assert "takes" not in mine.get("/v1/tasks", params={"include": "card"}).json()
