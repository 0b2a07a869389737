"""What the operator looks at first, and that no secret is among it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from opendance.settings import load_settings
from opendance.store.deliveries import add_delivery
from opendance.store.tables import Delivery, Task
from tests.conftest import body
from tests.exchange import ADMIN_KEY, Exchange, running_app


async def ask(app: FastAPI, method: str, path: str, key: str = ADMIN_KEY, **fields: Any) -> tuple[int, dict[str, Any]]:
    done = await Exchange(method, path, key).run(app, iter([json.dumps(fields).encode()]))
    return done.status, json.loads(done.body)


async def test_the_overview_the_queue_and_the_engines_tell_what_there_is(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        task = (await ask(app, "POST", "/v1/videos/generations", key, **body()))[1]
        _, overview = await ask(app, "GET", "/admin/v1/overview")
        assert (overview["tasks"]["pending"], overview["accounts"], overview["store"]) == (1, 1, "folder")
        assert [engine["name"] for engine in overview["engines"]] == ["previs", "blank"]
        _, queue = await ask(app, "GET", "/admin/v1/queue")
        [lane] = [lane for lane in queue["lanes"] if lane["waiting"]]
        assert [(turn["account"], turn["count"], turn["first_task"]) for turn in lane["turns"]] == [
            ("default", 1, task["id"])
        ]
        async with app.state.opendance.database.write() as connection:
            failed = {"status": "failed", "error_code": "service_error", "finished": 2e9, "engine": "previs"}
            await connection.execute(update(Task).values(**failed))
        _, overview = await ask(app, "GET", "/admin/v1/overview")
        assert overview["errors"] == [{"code": "service_error", "count": 1}]
        _, engines = await ask(app, "GET", "/admin/v1/engines")
        [previs] = [engine for engine in engines["data"] if engine["name"] == "previs"]
        assert [error["task_id"] for error in previs["last_errors"]] == [task["id"]]


async def test_callbacks_of_all_accounts_are_listed_page_by_page_without_their_addresses(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        task = (await ask(app, "POST", "/v1/videos/generations", key, **body()))[1]["id"]
        account = (await app.state.opendance.callers.of(key)).account_id
        async with app.state.opendance.database.write() as connection:
            for number in range(3):
                url = f"https://hook.example/secret-{number}"
                await add_delivery(connection, account_id=account, task_id=task, url=url)
        _, page = await ask(app, "GET", "/admin/v1/deliveries?limit=2&host=hook.example&status=pending")
        assert (len(page["data"]), page["has_more"], page["data"][0]["account"]) == (2, True, "default")
        _, rest = await ask(app, "GET", f"/admin/v1/deliveries?limit=2&cursor={page['next_cursor']}")
        assert (len(rest["data"]), rest["has_more"]) == (1, False)
        assert "secret" not in json.dumps([page, rest])
        _, own = await ask(app, "GET", "/v1/deliveries?limit=2", key)
        assert (len(own["data"]), own["data"][0]["url"]) == (2, "https://hook.example/secret-2")


async def test_callbacks_are_sent_again_by_host_and_one_by_one(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, key):
        hook = {"callback_url": "https://hook.example/secret"}
        task = (await ask(app, "POST", "/v1/videos/generations", key, **body(**hook)))[1]["id"]
        await ask(app, "POST", f"/v1/tasks/{task}/cancel", key)
        async with app.state.opendance.database.write() as connection:
            await connection.execute(update(Delivery).values(status="failed"))
        _, sent = await ask(app, "POST", "/admin/v1/deliveries/redeliver", host="other.example")
        assert sent == {"sent": 0, "left": 0}
        _, sent = await ask(app, "POST", "/admin/v1/deliveries/redeliver", host="hook.example", since=0)
        assert sent == {"sent": 1, "left": 0}
        async with app.state.opendance.database.write() as connection:
            await connection.execute(update(Delivery).values(status="failed"))
        _, page = await ask(app, "GET", "/admin/v1/deliveries?status=failed")
        status, one = await ask(app, "POST", f"/admin/v1/deliveries/{page['data'][0]['id']}/redeliver")
        assert (status, one["task_id"], one["account"], one["host"]) == (200, task, "default", "hook.example")
        assert "secret" not in json.dumps(one)
        status, refused = await ask(app, "POST", f"/admin/v1/deliveries/{one['id']}/redeliver")
        assert (status, refused["error"]["code"]) == (409, "delivery_waits")
        assert (await ask(app, "POST", "/admin/v1/deliveries/dlv-none/redeliver"))[0] == 404
        assert (await ask(app, "POST", "/admin/v1/deliveries/redeliver", hosts="x"))[0] == 400
        _, report = await ask(app, "GET", f"/admin/v1/tasks/{task}")
        assert [(each["revision"], each["status"]) for each in report["events"]] == [(1, "pending"), (2, "cancelled")]
        assert report["decisions"] == []


async def test_a_link_is_made_for_a_person_and_signs_in_as_their_account(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        await ask(app, "POST", "/admin/v1/accounts", name="person")
        _, made = await ask(app, "POST", "/admin/v1/accounts/person/link", minutes=30)
        assert made["url"].endswith(f"/#link={made['link']}")
        host = {"host": "127.0.0.1", "origin": "http://127.0.0.1"}
        done = await Exchange("POST", "/studio/v1/session", **host).run(
            app, iter([json.dumps({"link": made["link"]}).encode()])
        )
        session = json.loads(done.body)
        assert (session["account"]["name"], session["admin_until"]) == ("person", None)


def test_every_setting_is_told_with_its_source_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opendance.administration.settings import setting_rows

    secrets = ["the-admin-key-that-nobody-reads", "hunter2", "sk-of-an-engine", "sk-of-a-search"]
    monkeypatch.setenv("OPENDANCE_ADMIN_KEY", secrets[0])
    monkeypatch.setenv("OPENDANCE_DATABASE_URL", f"postgresql://user:{secrets[1]}@db.example/opendance")
    file = tmp_path / "settings.toml"
    file.write_text(f'[engine.ark]\napi_key = "{secrets[2]}"\n[search]\nprovider = "brave"\napi_key = "{secrets[3]}"\n')
    rows = {row["name"]: row for row in setting_rows(load_settings(file, port=9000))}
    assert [rows[name]["source"] for name in ("admin_key", "engine", "port", "host")] == [
        "environment", "file", "command line", "default",
    ]  # fmt: skip
    assert (rows["admin_key"]["is_set"], rows["admin_key"]["value"], rows["admin_key"]["secret"]) == (True, None, True)
    assert rows["port"]["value"] == 9000
    assert rows["port"]["toml"] == "port = 9000"
    assert rows["search"]["value"]["provider"] == "brave"
    assert not any(secret in json.dumps(list(rows.values())) for secret in secrets)


async def test_accounts_and_keys_are_found_by_words_and_listed_page_by_page(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        for name in ("Studio 100%", "studio_b", "other"):
            await ask(app, "POST", "/admin/v1/accounts", name=name, credits=5)
            await ask(
                app, "POST", f"/admin/v1/accounts/{name.replace(' ', '%20').replace('100%', '100%25')}/keys", name="k"
            )
        _, found = await ask(app, "GET", "/admin/v1/accounts?q=STUDIO&limit=1")
        assert ([each["name"] for each in found["data"]], found["total"], found["has_more"]) == (
            ["Studio 100%"],
            2,
            True,
        )
        _, rest = await ask(app, "GET", f"/admin/v1/accounts?q=studio&limit=1&cursor={found['next_cursor']}")
        assert ([each["name"] for each in rest["data"]], rest["has_more"]) == (["studio_b"], False)
        for words, number in (("100%25", 1), ("o_b", 1), ("%25", 1), ("nobody", 0)):
            assert (await ask(app, "GET", f"/admin/v1/accounts?q={words}"))[1]["total"] == number, words
        assert rest["data"][0]["balance"] == 5
        await ask(app, "PATCH", "/admin/v1/accounts/other", enabled=False)
        _, off = await ask(app, "GET", "/admin/v1/accounts?state=off")
        assert [each["name"] for each in off["data"]] == ["other"]
        _, keys = await ask(app, "GET", "/admin/v1/keys?q=k&account=other&state=active&limit=1")
        assert ([each["name"] for each in keys["data"]], keys["total"]) == (["k"], 1)
        _, groups = await ask(app, "GET", "/admin/v1/groups")
        assert {each["name"]: each["accounts"] for each in groups["data"]}["default"] == 4
