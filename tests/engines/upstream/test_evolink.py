"""Another server of this very API as an upstream: a true one."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from opendance.task import Status
from tests import files
from tests.conftest import RunningServer, start_server
from tests.engines.upstream.desk import Desk, MakeDesk

IMAGE = "seedance-2.0-image-to-video"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """The installation that makes the videos."""
    environment = {"OPENDANCE_ENGINES": "blank", "OPENDANCE_FETCH_ALLOW": "127.0.0.1/32"}
    running = start_server(tmp_path_factory.mktemp("behind"), **environment)
    yield running
    running.stop()


async def opened(open_desk: MakeDesk, behind: RunningServer, **options: object) -> Desk:
    settings = {"base_url": behind.address, "api_key": behind.key, "poll": 0.05, "allow": ("127.0.0.1/32",)}
    return await open_desk("evolink", **{**settings, **options})


async def test_two_installations_stand_behind_each_other(open_desk: MakeDesk, behind: RunningServer) -> None:
    desk = await opened(open_desk, behind, seed=True)
    task = await desk.made(IMAGE, links=desk.media("image", files.image_bytes()), seed=77)
    with behind.client() as there:
        (other,) = there.get("/v1/tasks").json()["data"]
    assert (task.status, other["status"], other["model"]) == (Status.COMPLETED, "completed", IMAGE)
    usage = (await desk.rendered(task)).usage
    assert usage["task"] == other["id"]
    assert usage["credits_used"] == other["usage"]["credits_used"]


async def test_a_wrong_key_is_told_without_naming_it(open_desk: MakeDesk, behind: RunningServer) -> None:
    desk = await opened(open_desk, behind, api_key="od-wrong")
    task = await desk.made()
    assert task.error_code == "service_unavailable"
    assert "od-wrong" not in (task.error_message or "")
