"""Engines as the operator sees them: of all processes, and whether one works."""

from __future__ import annotations

import time
from pathlib import Path

from opendance.administration.engine_check import EngineChecks
from opendance.catalog import Mode
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import TaskError
from opendance.store.audit import list_audit
from opendance.store.engine_states import EngineStateRecord, tell_states
from tests.api.test_admin_overview import ask
from tests.exchange import running_app
from tests.workshop import MadeUpHost


async def test_an_engine_is_told_as_every_process_that_has_it_tells_it(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        now = time.time()
        resting = EngineStateRecord("one:1", "previs", now, True, None, 4, now + 60, 2)
        async with app.state.opendance.database.write() as connection:
            await tell_states(connection, "one:1", [resting])
            await tell_states(connection, "two:2", [EngineStateRecord("two:2", "previs", now, True, None, 0, None, 3)])
        _, engines = await ask(app, "GET", "/admin/v1/engines")
    rows = {engine["name"]: engine for engine in engines["data"]}
    previs = rows["previs"]
    assert (previs["here"], previs["up"], previs["loaded"], previs["slots"]) == (False, True, True, 5)
    assert [(each["process"], each["up"], each["failures"]) for each in previs["processes"]] == [
        ("one:1", False, 4),
        ("two:2", True, 0),
    ]
    assert 0 < previs["processes"][0]["rests_for"] <= 60
    assert (previs["licence"], rows["ark"]["processes"], rows["ark"]["up"]) == (None, [], False)
    assert rows["minimax_h3"]["licence"]


def unforeseen(_request: UpstreamRequest) -> None:
    raise RuntimeError("a fault of ours")


async def test_an_engine_makes_a_clip_to_show_that_it_works_and_the_audit_log_says_who_asked(tmp_path: Path) -> None:
    async with running_app(tmp_path) as (app, _):
        state = app.state.opendance
        host = MadeUpHost()
        checks = EngineChecks({"blank": host}, {"blank": {Mode.TEXT}}, tmp_path / "work")
        object.__setattr__(state, "engine_checks", checks)
        object.__setattr__(state, "hosts", {"blank": host})
        status, check = await ask(app, "POST", "/admin/v1/engines/blank/check")
        assert (status, check["state"], check["problem"]) == (200, "ended", None)
        assert (check["model"], check["width"], check["height"], check["frames"], check["sound"]) == (
            "seedance-2.0-mini-text-to-video", 864, 496, 96, True,
        )  # fmt: skip
        assert check["bytes"] > 1000
        _, engines = await ask(app, "GET", "/admin/v1/engines")
        (told,) = [engine["check"] for engine in engines["data"] if engine["name"] == "blank"]
        assert told == check
        assert list((tmp_path / "work").iterdir()) == []

        host.fates = [TaskError("resource_exhausted", "no memory is left")]
        _, check = await ask(app, "POST", "/admin/v1/engines/blank/check")
        assert (check["problem"], check["width"]) == ("resource_exhausted: no memory is left", None)
        host.fates = [unforeseen]
        _, check = await ask(app, "POST", "/admin/v1/engines/blank/check")
        assert check["problem"] == "it failed unexpectedly (RuntimeError); the log tells more"
        status, refused = await ask(app, "POST", "/admin/v1/engines/previs/check")
        assert (status, refused["error"]["code"]) == (409, "engine_elsewhere")
        assert (await ask(app, "POST", "/admin/v1/engines/warp/check"))[0] == 404
        async with state.database.read() as connection:
            rows = await list_audit(connection, kind="admin.check_engine", limit=9)
    assert [(row.actor, row.detail) for row in rows] == [("admin key", {"engine": "blank"})] * 3
