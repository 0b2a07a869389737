from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import MINI, RunningServer, body, wait_for

pytestmark = pytest.mark.on_each_database


def created(api: httpx.Client, **changes: Any) -> dict[str, Any]:
    return api.post("/v1/videos/generations", json=body(**changes)).raise_for_status().json()


def asked(api: httpx.Client, task_id: str) -> dict[str, Any]:
    return api.get(f"/v1/tasks/{task_id}", params={"include": "request"}).raise_for_status().json()


def test_the_same_is_made_once_more_with_another_seed(api: httpx.Client) -> None:
    first = created(api, model_params={"seed": 5}, aspect_ratio="9:16")
    wait_for(api, first["id"])
    answer = api.post(f"/v1/tasks/{first['id']}/again")
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] != first["id"]
    one, other = asked(api, first["id"]), asked(api, answer.json()["id"])
    assert one["request"].pop("model_params") == {"web_search": False, "seed": 5}
    assert other["request"].pop("model_params") == {"web_search": False}
    assert one["request"] == other["request"]
    assert other["seed"] != 5


def test_fields_of_the_body_are_different_and_null_takes_one_away(api: httpx.Client) -> None:
    first = created(api, quality="720p", generate_audio=False)
    changes = {"prompt": "a dog runs", "quality": None, "model_params": {"seed": 9}}
    again = api.post(f"/v1/tasks/{first['id']}/again", json=changes).raise_for_status().json()
    request = asked(api, again["id"])["request"]
    assert (request["prompt"], request["quality"], request["generate_audio"]) == ("a dog runs", "720p", False)
    assert request["model_params"]["seed"] == 9


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[]", "the body must be a JSON object, not an array"),
        (b"{", "the body is not JSON"),
        (b'{"promt": "x"}', "promt: is no field of a request; there are model, prompt"),
        (b'{"duration": 99}', "duration: must be an integer from 4 to 15, not 99"),
        (b'{"prompt": null}', "prompt: is required"),
        (b'{"image_urls": ["https://a.example/1.png"]}', "image_urls: seedance-2.0-mini-text-to-video takes none"),
    ],
)
def test_what_is_not_possible_creates_and_charges_nothing(api: httpx.Client, content: bytes, problem: str) -> None:
    first = created(api)
    before = api.get("/v1/tasks").json()["data"][0]["id"]
    answer = api.post(f"/v1/tasks/{first['id']}/again", content=content)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]["message"]
    assert api.get("/v1/tasks").json()["data"][0]["id"] == before


def test_an_idempotency_key_gives_the_same_task_again(api: httpx.Client) -> None:
    first = created(api)
    key = {"Idempotency-Key": f"again-{first['id']}"}
    url = f"/v1/tasks/{first['id']}/again"
    one, other = [api.post(url, json={"duration": 5}, headers=key) for _ in range(2)]
    assert one.json()["id"] == other.json()["id"]
    assert "Idempotent-Replayed" not in one.headers
    assert other.headers["Idempotent-Replayed"] == "true"
    assert api.post(url, json={"duration": 6}, headers=key).status_code == 409


def test_nobody_repeats_what_is_not_theirs(server: RunningServer, api: httpx.Client) -> None:
    first = created(api)
    with server.admin() as admin:
        admin.post("/admin/v1/accounts", json={"name": "stranger", "credits": 100})
        key = admin.post("/admin/v1/accounts/stranger/keys", json={"name": "stranger"}).json()["key"]
    with server.client(key=key) as stranger:
        for answer in (stranger.post(f"/v1/tasks/{first['id']}/again"), stranger.get(f"/v1/tasks/{first['id']}")):
            assert answer.status_code == 404


@pytest.mark.on_each_database(thorough="postgresql")
def test_a_task_tells_what_was_asked_only_when_it_is_asked_for_that(api: httpx.Client) -> None:
    first = created(api, prompt="a cat walks in a garden at night")
    ended = wait_for(api, first["id"])
    full = asked(api, first["id"])
    assert ended.items() <= full.items()
    assert set(full) - set(ended) >= {"request", "seed", "plan", "started", "finished", "links"}
    assert full["request"]["model"] == MINI
    assert full["plan"]["shots"][0]["hour"] == "night"
    assert (full["seed"] is None) == (full["engine"] == "blank"), "the dark picture is the same with every seed"
    assert ended["created"] <= full["started"] <= full["finished"]
    listed = api.get("/v1/tasks", params={"include": "request"}).json()["data"][0]
    assert listed.items() <= full.items()
    wrong = api.get(f"/v1/tasks/{first['id']}", params={"include": "everything"})
    assert wrong.status_code == 400
    assert "include" in wrong.json()["error"]["message"]
