"""The OpenAI Videos API of vLLM-Omni and SGLang, over true HTTP to a server that speaks it."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from opendance.engines.upstream.vllm_omni import VllmOmni
from opendance.task import Status
from tests import files
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.until import until
from tests.upstreams import Made, Service, serving, videos_app

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
    assert [content for *_, content in got.files[2:]] == [sound, clip]
    assert got.body["prompt"] == "<Picture 2> runs like <Video 1>, with <Audio 1>; <Picture 1> is the setting"
    assert got.body["extra_params"] == '{"task": "ref2va"}'
    assert (got.body["seconds"], got.body["num_frames"]) == ("4", "96")
    assert all(int(side) % 32 == 0 for side in got.body["size"].split("x"))
    assert got.cancelled, "a video that was fetched is forgotten there"


async def test_a_text_request_is_a_multipart_form_too(desk: Desk, videos: Service) -> None:
    assert (await desk.made()).status is Status.COMPLETED
    assert videos.made[0].body["seconds"] == "4"


async def test_a_picture_that_was_turned_by_the_camera_reaches_it_upright_and_in_the_canvas(
    desk: Desk, videos: Service
) -> None:
    links = desk.media("image", turned_picture())
    task = await desk.made("seedance-2.0-image-to-video", links=links, aspect_ratio="16:9")
    assert task.status is Status.COMPLETED
    (got,) = videos.made
    [(name, _, kind, content)] = got.files
    with Image.open(io.BytesIO(content)) as seen:
        assert (name, kind, f"{seen.width}x{seen.height}") == ("input_references", "image/png", got.body["size"])
        red, green, blue = seen.getpixel((seen.width // 2, 5))  # what the camera held up
    assert red > 200 > 90 > max(green, blue)


def turned_picture() -> bytes:
    """480x640 as it lies in the file, 640x480 as it is seen: red above, blue below."""
    upright = Image.new("RGB", (640, 480), (20, 20, 230))
    upright.paste((230, 20, 20), (0, 0, 640, 240))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right by a quarter
    out = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=95, exif=exif.tobytes())
    return out.getvalue()


async def test_what_a_model_does_not_read_is_told(open_desk: MakeDesk, videos: Service) -> None:
    desk = await opened(open_desk, videos, dialect="sglang", family="other")
    clip = files.video_bytes()
    pictures = (files.image_bytes(640, 480), files.image_bytes(480, 480))
    links = (*desk.media("image", *pictures), *desk.media("video", clip))
    task = await desk.made(REFERENCE, prompt="image 1 runs like video 1", links=links)
    assert task.status is Status.COMPLETED
    (got,) = videos.made
    given = {name: content for name, _, _, content in got.files}
    assert list(given) == ["input_reference", "video_reference"]
    assert given["video_reference"] == clip
    assert (got.body["prompt"], got.body["seconds"]) == ("image 1 runs like video 1", "4")
    assert "extra_params" not in got.body
    assert any("left out: image 2" in note for note in (await desk.rendered(task)).notes)


async def test_another_model_gets_footage_to_edit_instead_of_pictures(open_desk: MakeDesk, videos: Service) -> None:
    desk = await opened(open_desk, videos, family="other")
    clip = files.video_bytes()
    links = (*desk.media("image", files.image_bytes(640, 480)), *desk.media("video", clip))
    assert (await desk.made(REFERENCE, prompt="extend video 1", links=links)).status is Status.COMPLETED
    assert [(name, content) for name, _, _, content in videos.made[0].files] == [("input_reference", clip)]


async def test_a_cancelled_task_counts_until_sglang_is_done_with_it(open_desk: MakeDesk, videos: Service) -> None:
    desk = await opened(open_desk, videos, dialect="sglang", family="other", at_once=1)
    upstream = cast(VllmOmni, desk.host._upstream)
    handle = f"one@{videos.address}"
    videos.tasks["one"] = Made("one", {"prompt": "", "size": "864x480", "seconds": "4"}, 0.0)
    videos.held = True
    assert not await upstream.cancel(handle), "it forgets and works on"
    [server] = upstream._servers
    await upstream._look_after_unwanted(server)
    assert (server.load, videos.tasks["one"].cancelled) == (1, False)
    videos.held, videos.asks_until_done = False, 0
    await upstream._look_after_unwanted(server)
    assert (server.load, videos.tasks["one"].cancelled) == (0, True)


async def test_a_handle_names_its_server_wherever_that_stands(
    open_desk: MakeDesk, videos: Service, tmp_path: Path
) -> None:
    with serving(videos_app, tmp_path / "other") as other:
        videos.tasks["one"] = Made("one", {"prompt": "", "size": "864x480", "seconds": "4"}, 0.0)
        for servers in ((videos, other), (other, videos)):
            desk = await opened(open_desk, *servers)
            status = await cast(VllmOmni, desk.host._upstream).status(f"one@{videos.address}")
            assert status.state != "unknown"


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
