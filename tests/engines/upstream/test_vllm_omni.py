"""The OpenAI Videos API of vLLM-Omni and SGLang, over true HTTP to a server that speaks it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from opendance.task import Status
from tests import files
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.until import until
from tests.upstreams import Service, serving, videos_app

REFERENCE = "seedance-2.0-reference-to-video"


async def opened(open_desk: MakeDesk, *services: Service, **options: object) -> Desk:
    servers = ",".join(service.address for service in services)
    return await open_desk("vllm_omni", servers=servers, poll=0.01, **options)


@pytest.fixture
async def desk(open_desk: MakeDesk, videos: Service) -> Desk:
    return await opened(open_desk, videos)


# ── what is sent ──


async def test_ordered_references_reach_it_as_files(desk: Desk, videos: Service) -> None:
    picture, clip, sound = files.image_bytes(640, 480), files.video_bytes(), files.audio_bytes(3.0)
    links = (*desk.media("image", picture, picture), *desk.media("video", clip), *desk.media("audio", sound))
    prompt = "image 2 runs like video 1, with audio 1; image 1 is the setting"
    assert (await desk.made(REFERENCE, prompt=prompt, links=links)).status is Status.COMPLETED
    (got,) = videos.made
    assert [(name, kind) for name, _, kind, _ in got.files] == [
        ("input_references", kind) for kind in ("image/png", "image/png", "audio/wav", "video/mp4")
    ]
    assert [content for *_, content in got.files] == [picture, picture, sound, clip]
    assert got.body["prompt"] == "<Picture 2> runs like <Video 1>, with <Audio 1>; <Picture 1> is the setting"
    assert got.body["extra_params"] == '{"task": "ref2va"}'
    assert (got.body["seconds"], got.body["num_frames"]) == ("5", "120"), "shorter than 5 s is made longer, and cut"
    assert all(int(side) % 32 == 0 for side in got.body["size"].split("x"))
    assert got.cancelled, "a video that was fetched is forgotten there"


async def test_sglang_gets_one_image_and_one_video(open_desk: MakeDesk, videos: Service) -> None:
    desk = await opened(open_desk, videos, dialect="sglang", family="other")
    picture, clip = files.image_bytes(640, 480), files.video_bytes()
    links = (*desk.media("image", picture, files.image_bytes(480, 480)), *desk.media("video", clip))
    task = await desk.made(REFERENCE, prompt="image 1 runs like video 1", links=links)
    assert task.status is Status.COMPLETED
    (got,) = videos.made
    given = {name: content for name, _, _, content in got.files}
    assert given == {"input_reference": picture, "video_reference": clip}
    assert (got.body["prompt"], got.body["seconds"]) == ("image 1 runs like video 1", "4")
    assert "extra_params" not in got.body


async def test_the_packages_own_request_model_takes_our_form(desk: Desk, videos: Service) -> None:
    protocol = pytest.importorskip("vllm_omni.entrypoints.openai.protocol.videos", reason="vllm-omni is not installed")
    assert (await desk.made()).status is Status.COMPLETED
    (got,) = videos.made
    fields = {name: value for name, value in got.body.items() if name != "extra_params"}
    assert protocol.VideoGenerationRequest(**fields).resolve_video_params().num_frames == 120


# ── several servers ──


async def test_the_server_with_the_fewest_tasks_is_taken(open_desk: MakeDesk, tmp_path: Path) -> None:
    with serving(videos_app, tmp_path / "a") as a, serving(videos_app, tmp_path / "b") as b:
        a.held = b.held = True
        desk = await opened(open_desk, a, b)
        claimed = [await desk.submit() for _ in range(4)]
        working = [asyncio.create_task(desk.shop.run(task)) for task in claimed]
        await until(lambda: len(a.made) == 2 and len(b.made) == 2)
        a.held = b.held = False
        assert {task.status for task in await asyncio.gather(*working)} == {Status.COMPLETED}


async def test_a_server_that_is_down_is_passed_over(open_desk: MakeDesk, videos: Service, tmp_path: Path) -> None:
    with serving(videos_app, tmp_path / "down") as down:
        pass
    desk = await opened(open_desk, down, videos)
    assert (await desk.made()).status is Status.COMPLETED
    assert len(videos.made) == 1


# ── what is answered ──


async def test_a_forgotten_task_is_made_again(desk: Desk, videos: Service) -> None:
    videos.held = True
    working, _ = await desk.run_beside(task := await desk.submit())
    await until(lambda: videos.made and videos.made[0].asks)
    videos.tasks.clear()  # it was started again, and remembers nothing
    videos.held = False
    await working
    assert (await desk.shop.read(task)).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 400, "message": "num_frames is too large"}, "invalid_parameters"),
        ({"code": 500, "message": "CUDA out of memory"}, "resource_exhausted"),
        ({"code": "EngineDeadError", "message": "dead"}, "service_error"),
    ],
)
async def test_a_failure_is_told_with_a_code_of_ours(
    desk: Desk, videos: Service, error: dict[str, Any], code: str
) -> None:
    videos.error = error
    assert (await desk.made()).error_code == code


async def test_a_result_of_another_size_is_brought_to_ours(desk: Desk, videos: Service) -> None:
    videos.size = (640, 640)
    task = await desk.made()
    assert task.status is Status.COMPLETED
    assert any("640x640" in note for note in (await desk.rendered(task)).notes)
