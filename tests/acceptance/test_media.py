"""Media on its whole way: hosted or uploaded, fetched, judged, understood, rendered - or refused with a reason."""

from __future__ import annotations

import io
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from tests.conftest import FileServer, RunningServer, body, wait_for, wait_until_cleared
from tests.files import audio_bytes, image_bytes, picture, video_bytes

I2V, R2V = "seedance-2.0-mini-image-to-video", "seedance-2.0-mini-reference-to-video"


def frames_of(task: dict[str, Any], folder: Path) -> list[np.ndarray]:
    """By the independent decoder."""
    path = folder / f"{task['id']}.mp4"
    path.write_bytes(httpx.get(task["results"][0]).content)
    capture, frames = cv2.VideoCapture(str(path)), []
    while (step := capture.read())[0]:
        frames.append(step[1])
    return frames


def run(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    made = client.post("/v1/videos/generations", json=body(**changes))
    assert made.status_code == 200, made.text
    return wait_for(client, made.json()["id"])


def failed(client: httpx.Client, **changes: Any) -> tuple[str, str]:
    task = run(client, **changes)
    assert task["status"] == "failed", task
    return task["error"]["code"], task["error"]["message"]


def similar(frame: np.ndarray, rgb: np.ndarray) -> float:
    size = (frame.shape[1], frame.shape[0])
    scale = max(size[0] / rgb.shape[1], size[1] / rgb.shape[0])
    wide = cv2.resize(rgb, (max(size[0], round(rgb.shape[1] * scale)), max(size[1], round(rgb.shape[0] * scale))), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)  # fmt: skip
    top, left = (wide.shape[0] - size[1]) // 2, (wide.shape[1] - size[0]) // 2
    wide = wide[top : top + size[1], left : left + size[0]]
    return structural_similarity(cv2.cvtColor(wide, cv2.COLOR_RGB2GRAY), cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))


@pytest.mark.rule("MD-02", "MD-03", "OUT-05")
def test_an_image_becomes_a_video_that_begins_with_it(
    media_api: httpx.Client, hosted: FileServer, tmp_path: Path
) -> None:
    url = hosted.put("tall.jpg", image_bytes(600, 1000, "JPEG", quality=95))
    task = run(media_api, model=I2V, prompt="the camera slowly pushes in, petals drifting", image_urls=[url], aspect_ratio="adaptive")  # fmt: skip
    assert task["status"] == "completed", task
    frames = frames_of(task, tmp_path)
    assert (len(frames), frames[0].shape) == (96, (864, 496, 3))  # 9:16 is nearest to 0.6
    assert similar(frames[0], picture(600, 1000)) >= 0.97
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 3


@pytest.mark.rule("MD-04", "MD-06", "PR-03", "OUT-05")
def test_references_of_every_kind_become_one_video(media_api: httpx.Client, hosted: FileServer, tmp_path: Path) -> None:
    task = run(
        media_api,
        model=R2V,
        prompt="The flower of image 1 dances in the scene of image 2, use the camera movement of video 1, audio 1 as background music",
        image_urls=[hosted.put("a.png", image_bytes(seed=3)), hosted.put("b.webp", image_bytes(kind="WEBP"))],
        video_urls=[hosted.put("v.mp4", video_bytes(960, 540))],
        audio_urls=[hosted.put("m.mp3", audio_bytes(3, kind="mp3"))],
        aspect_ratio="adaptive",
    )
    assert task["status"] == "completed", task
    frames = frames_of(task, tmp_path)
    assert frames[0].shape == (496, 864, 3)  # the video's 16:9 comes before the images' 4:3


@pytest.mark.rule("IMG-01", "VID-01", "AUD-01", "MD-07")
@pytest.mark.parametrize(
    ("field", "name", "content", "code", "word"),
    [
        ("image_urls", "page.png", b"<!doctype html><html>gone</html>", "image_processing_error", "HTML page"),
        ("image_urls", "missing.png", 404, "resource_not_found", "answered 404"),
        ("video_urls", "short.mp4", video_bytes(num_frames=40), "invalid_parameters", "2 to 15 s"),
        ("audio_urls", "song.mp3", audio_bytes(3, kind="flac"), "invalid_parameters", "FLAC"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_fails_the_task_and_names_the_asset(
    media_api: httpx.Client, hosted: FileServer, field: str, name: str, content: bytes | int, code: str, word: str
) -> None:
    given = {"image_urls": [hosted.put("fine.png", image_bytes())]}
    given[field] = [*given.get(field, []), hosted.put(name, content)]
    if field == "image_urls" and code == "resource_not_found":
        given[field].reverse()
    found, message = failed(media_api, model=R2V, **given)
    assert found == code
    index = given[field].index(f"{hosted.address}/{name}")
    assert message.startswith(f"{field}[{index}] (127.0.0.1): ")
    assert word in message
    assert str(Path.home()) not in message


@pytest.mark.rule("IMG-04", "VID-04", "AUD-03")
@pytest.mark.parametrize(
    ("field", "most"),
    [
        pytest.param("image_urls", 30, marks=pytest.mark.thorough),
        pytest.param("video_urls", 50, marks=pytest.mark.thorough),
        ("audio_urls", 15),
    ],
)
def test_files_at_the_limit_are_taken_and_one_byte_more_is_not(
    media_api: httpx.Client, hosted: FileServer, field: str, most: int
) -> None:
    fine = {"image_urls": image_bytes(), "video_urls": video_bytes(), "audio_urls": audio_bytes(3)}[field]
    padding = b"\x00" * (most * 2**20 - len(fine) - 8)
    if field == "video_urls":  # a box that is free space (ISO 14496-12)
        whole = fine + (len(padding) + 8).to_bytes(4, "big") + b"free" + padding
    else:  # behind the end of the file, where readers do not look
        whole = fine + b"\x00" * 8 + padding
    assert len(whole) == most * 2**20
    given = {"image_urls": [hosted.put("i.png", image_bytes())]}
    given[field] = [hosted.put("limit.bin", whole)]
    prompt = "music: audio 1" if field == "audio_urls" else "a walk"
    assert run(media_api, model=R2V, prompt=prompt, **given)["status"] == "completed"
    given[field] = [hosted.put("over.bin", whole + b"\x00")]
    code, message = failed(media_api, model=R2V, prompt=prompt, **given)
    assert code == ("image_processing_error" if field == "image_urls" else "invalid_parameters")
    assert f"larger than {most} MB" in message


def test_own_uploads_are_read_without_the_network(api: httpx.Client, tmp_path: Path) -> None:
    """The server of `api` may fetch nothing from loopback, where its own links lead."""
    sent = api.post("/api/v1/files/upload/stream", files={"file": ("p.png", image_bytes())}).json()["data"]
    task = run(api, model=I2V, prompt="wind", image_urls=[sent["file_url"]], aspect_ratio="adaptive")
    assert task["status"] == "completed", task
    assert similar(frames_of(task, tmp_path)[0], picture(640, 480)) >= 0.97
    api.delete(f"/api/v1/files/{sent['file_id']}")
    code, message = failed(api, model=I2V, image_urls=[sent["file_url"]])
    assert code in ("resource_not_found", "invalid_parameters")
    assert "image_urls[0]" in message


@pytest.mark.thorough
def test_work_on_media_goes_on_after_a_crash(new_server: Callable[..., RunningServer], hosted: FileServer) -> None:
    server = new_server(OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    with server.client() as client:
        url = hosted.put("crash.png", image_bytes(1280, 960))
        standard = I2V.replace("-mini", "")
        made = client.post("/v1/videos/generations", json=body(model=standard, image_urls=[url], duration=5, quality="480p")).json()  # fmt: skip
        for _ in range(600):
            if client.get(f"/v1/tasks/{made['id']}").json()["progress"] > 20:
                break
            time.sleep(0.05)
        server.stop(signal.SIGKILL)
        asked = hosted.asked.count("/crash.png")
    again = new_server(server.key, OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    with again.client() as client:
        task = wait_for(client, made["id"])
        assert task["status"] == "completed", task
    assert hosted.asked.count("/crash.png") == asked  # what was fetched is still there
    wait_until_cleared(again.data_dir / "work")


@pytest.mark.rule("MD-07")
def test_a_redirect_inside_fails_the_task(api: httpx.Client) -> None:
    code, message = failed(api, model=I2V, image_urls=["http://127.0.0.1:1/x.png"])
    assert code == "invalid_parameters"
    assert message.startswith("image_urls[0] (127.0.0.1): ")
    code, message = failed(api, model=I2V, image_urls=["http://localhost:1/x.png"])
    assert code == "resource_not_found", "of a name that leads inside nobody is told more than of one that is not there"
    assert message == "image_urls[0] (localhost): there is no public host of this name"


def test_files_that_drip_keep_no_other_account_waiting(new_server: Callable[..., RunningServer]) -> None:
    """One slot, and more tasks of one account than it has places, whose host is just fast enough not to be given up."""
    server = new_server(OPENDANCE_FETCH_ALLOW="127.0.0.1/32", OPENDANCE_CONCURRENCY="1", OPENDANCE_ENGINES="blank")
    other = server.new_account("other")
    with dripping() as url, server.client() as theirs, server.client(other) as client:
        slow = [
            theirs.post("/v1/videos/generations", json=body(model=I2V, image_urls=[url])).json()["id"] for _ in range(6)
        ]
        assert run(client)["status"] == "completed"
        states = [theirs.get(f"/v1/tasks/{task_id}").json()["status"] for task_id in slow]
        assert "completed" not in states and "failed" not in states, "they still wait for their files"  # noqa: PT018
        for task_id in slow:
            theirs.post(f"/v1/tasks/{task_id}/cancel").raise_for_status()
            assert wait_for(theirs, task_id)["status"] == "cancelled"
        assert run(theirs)["status"] == "completed"


@contextmanager
def dripping() -> Generator[str]:
    """A URL whose host takes two minutes and more for a file."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(30 * 2**20))
            self.end_headers()
            with suppress(OSError):
                while not ended.wait(0.1):
                    self.wfile.write(b"x" * 20_000)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/drip.png"
    ended.set()
    listening.shutdown()


@pytest.mark.rule("IMG-05")
def test_the_same_image_may_be_first_and_last(media_api: httpx.Client, hosted: FileServer, tmp_path: Path) -> None:
    url = hosted.put("same.png", image_bytes(800, 600))
    frames = frames_of(run(media_api, model=I2V, prompt="wind", image_urls=[url, url], aspect_ratio="4:3"), tmp_path)
    assert similar(frames[0], picture(800, 600)) >= 0.97
    assert similar(frames[-1], picture(800, 600)) >= 0.97


@pytest.mark.rule("IMG-05", "OUT-05")
def test_a_last_frame_of_another_ratio_is_cropped_to_the_first(
    media_api: httpx.Client, hosted: FileServer, tmp_path: Path
) -> None:
    out = io.BytesIO()
    Image.fromarray(picture(500, 1000, 5)).save(out, "PNG")
    urls = [hosted.put("wide.png", image_bytes(1200, 600)), hosted.put("narrow.png", out.getvalue())]
    frames = frames_of(run(media_api, model=I2V, prompt="wind", image_urls=urls, aspect_ratio="adaptive"), tmp_path)
    assert frames[0].shape == (496, 864, 3)  # 16:9 is nearest to the first image's 2:1
    assert similar(frames[0], picture(1200, 600)) >= 0.97
    assert similar(frames[-1], picture(500, 1000, 5)) >= 0.97
