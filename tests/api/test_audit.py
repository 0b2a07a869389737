"""The audit log over HTTP and on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from opendance.cli import app
from tests.conftest import ONE_ENGINE, QUICK_ENGINE, RunningServer, body, start_server, wait_for

PROMPT = "a very particular cat"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A server after one account, one task that was made and one that was refused."""
    environment = {**ONE_ENGINE, **QUICK_ENGINE, "OPENDANCE_BLANK_SECONDS": "0.1"}
    server = start_server(tmp_path_factory.mktemp("audit"), **environment)
    server.new_account("ann")
    with server.client() as client:
        for prompt in (PROMPT, "a naked woman on a bed"):
            asked = body(prompt=prompt)
            wait_for(client, client.post("/v1/videos/generations", json=asked).raise_for_status().json()["id"])
    yield server
    server.stop()


def rows(server: RunningServer, **query: str | int) -> list[dict]:  # type: ignore[type-arg]
    with server.admin() as client:
        return client.get("/admin/v1/audit", params=query).raise_for_status().json()["data"]


def test_it_tells_who_asked_what_was_decided_and_what_the_operator_did(watched: RunningServer) -> None:
    found = rows(watched)
    kinds = [row["kind"] for row in found]
    assert {"task.created", "filter", "admin.create_account", "admin.create_key"} <= set(kinds)
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    asked = next(row for row in found if row["kind"] == "task.created")
    assert watched.key.startswith(asked["actor"])
    assert watched.key not in json.dumps(found)
    assert PROMPT not in json.dumps(found)
    assert len(asked["detail"]["prompt_hmac_sha256"]) == 64
    refused = [
        d for row in rows(watched, kind="filter") for d in row["detail"]["decisions"] if d["verdict"] == "refused"
    ]
    assert [d["findings"][0]["category"] for d in refused] == ["sexual"]
    assert {row["actor"] for row in rows(watched, kind="admin.")} == {"admin key"}


def test_pages_and_filters(watched: RunningServer) -> None:
    everything = rows(watched)
    with watched.admin() as client:
        seen: list[int] = []
        after = 0
        while True:
            page = client.get("/admin/v1/audit", params={"limit": 2, "after": after}).json()
            seen += [row["id"] for row in page["data"]]
            if page["next_after"] is None:
                break
            after = page["next_after"]
        assert client.get("/admin/v1/audit", params={"account": "nobody"}).status_code == 404
        assert client.get("/admin/v1/audit", params={"limit": 0}).status_code == 400
    assert seen == [row["id"] for row in everything]
    assert {row["detail"]["account"] for row in rows(watched, account="ann") if row["kind"] == "admin.create_key"} == {
        "ann"
    }
    assert rows(watched, until="2020-01-01") == []


def test_it_can_be_exported(watched: RunningServer) -> None:
    with watched.admin() as client:
        answer = client.get("/admin/v1/audit", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["id"]) for row in table] == [row["id"] for row in rows(watched)]
    told = CliRunner().invoke(app, ["audit", "--data-dir", str(watched.data_dir), "--kind", "filter"])
    assert told.exit_code == 0
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert lines == rows(watched, kind="filter")
    told = CliRunner().invoke(app, ["audit", "--data-dir", str(watched.data_dir), "--csv", "--since", "2020-01-01"])
    assert len(told.stdout.splitlines()) == len(rows(watched)) + 1


def test_only_the_admin_key_reads_it(watched: RunningServer) -> None:
    answer = httpx.get(f"{watched.address}/admin/v1/audit", headers={"Authorization": f"Bearer {watched.key}"})
    assert answer.status_code == 401


def test_whole_prompts_where_the_operator_wants_them(tmp_path: Path) -> None:
    server = start_server(tmp_path, **ONE_ENGINE, **QUICK_ENGINE, OPENDANCE_AUDIT_PROMPTS="whole")
    try:
        with server.client() as client:
            client.post("/v1/videos/generations", json=body(prompt=PROMPT)).raise_for_status()
        (asked,) = rows(server, kind="task.created")
    finally:
        server.stop()
    assert asked["detail"]["prompt"] == PROMPT
