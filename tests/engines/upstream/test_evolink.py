"""Another server of this very API as an upstream: a true one."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI, Request

from opendance.asset import Asset
from opendance.catalog import Mode, Quality, Tier
from opendance.engines.registry import known_engines, load_upstream
from opendance.engines.upstream.base import UpstreamRequest
from opendance.engines.upstream.evolink import Evolink
from opendance.errors import TaskError
from opendance.job import Job
from opendance.prompt import plan_prompt
from opendance.task import Status
from tests import files
from tests.conftest import FileServer, RunningServer, start_server
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.upstreams import serving

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


async def test_what_was_examined_is_what_the_upstream_gets_though_the_users_host_changes_its_answer(
    open_desk: MakeDesk, behind: RunningServer, hosted: FileServer
) -> None:
    desk = await opened(open_desk, behind)
    links = desk.media("image", files.image_bytes(seed=5))
    hosted.put("image-1", files.image_bytes(seed=6))  # for whoever asks after us
    asked_before = hosted.asked.count("/image-1")
    task = await desk.made(IMAGE, links=links)
    assert task.status is Status.COMPLETED
    assert hosted.asked.count("/image-1") == asked_before
    with behind.client() as there:
        usage = (await desk.rendered(task)).usage
        asked = there.get(f"/v1/tasks/{usage['task']}", params={"include": "request"}).json()
        (url,) = asked["request"]["image_urls"]
        assert there.get(url).content == files.image_bytes(seed=5)


async def test_a_file_is_uploaded_once_for_a_request_that_is_repeated(
    open_desk: MakeDesk, behind: RunningServer, tmp_path: Path
) -> None:
    settings = {"base_url": behind.address, "api_key": behind.key, "allow": ("127.0.0.1/32",)}
    upstream = load_upstream(known_engines()["evolink"], settings)
    source = files.saved(tmp_path, "image-1.source", files.image_bytes())
    asset = Asset("image", 1, path=str(source), source_path=str(source))
    plan = plan_prompt("a cat", seconds=4, aspect_ratio="16:9")
    job = Job(plan, Tier.STANDARD, Quality.P480, (864, 496), 96, 1, True, "", "", "", (asset,), Mode.IMAGE, IMAGE)
    request = UpstreamRequest("task-of-this-test")
    handles = [await upstream.create(job, request) for _ in range(2)]
    await upstream.close()
    assert handles[0] == handles[1], "it is known by its key, for it asks for the same"


@contextmanager
def a_files_host() -> Generator[tuple[str, list[str]]]:
    """The hosted API's host for files: pictures only, as documented."""
    app, asked = FastAPI(), list[str]()

    @app.post("/api/v1/files/upload/stream")
    async def upload(request: Request) -> dict[str, object]:
        file = (await request.form())["file"]
        assert not isinstance(file, str)
        asked.append(file.content_type or "")
        return {"success": True, "data": {"file_url": f"https://files.example/{len(asked)}.png"}}

    with serving(lambda _service: app, Path(tempfile.mkdtemp())) as service:
        yield service.address, asked


async def test_pictures_go_to_the_hosts_own_place_for_files_and_sound_needs_an_address(tmp_path: Path) -> None:
    sound = Asset("audio", 1, path="b.wav", source_path="b.wav")
    picture = files.saved(tmp_path, "image-1.source", files.image_bytes())
    with a_files_host() as (address, asked):
        settings = {"base_url": "http://127.0.0.1:1", "api_key": "k", "files_url": address}
        upstream = cast(Evolink, load_upstream(known_engines()["evolink"], settings))
        given = Asset("image", 1, path=str(picture), source_path=str(picture))
        assert await upstream._url(given, UpstreamRequest("one")) == "https://files.example/1.png"
        with pytest.raises(TaskError, match="no address that the upstream can read audios from"):
            await upstream._url(sound, UpstreamRequest("one"))
        await upstream.close()
    assert asked == ["image/png"]


def test_the_hosted_api_is_known_by_its_address() -> None:
    upstream = cast(Evolink, load_upstream(known_engines()["evolink"], {"base_url": "https://api.evolink.ai"}))
    assert str(upstream._files._base) == "https://files-api.evolink.ai/"
