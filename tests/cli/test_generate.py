"""opendance generate: what is checked before anything is sent, and what is made of the answers of a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from opendance.cli import generate
from opendance.client import Client
from tests.cli.conftest import Run, Told
from tests.conftest import MINI, free_port
from tests.files import image_bytes

SERVER = ("--base-url", "http://server.test", "--api-key", "od-key")
QUICK = ("--duration", "4", "--quality", "480p")
MakeServer = Callable[..., "FakeServer"]


class FakeServer:
    """Answers the calls of one video, in memory.

    Attributes:
        asked: method and path of every call.
        request: what was to be made.
    """

    def __init__(self, *events: dict[str, Any] | BaseException, video: httpx.Response | None = None) -> None:
        self._events = events
        self._video = video or httpx.Response(200, content=b"a video")
        self.asked: list[tuple[str, str]] = []
        self.request: dict[str, Any] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append((request.method, request.url.path))
        match request.url.path:
            case "/api/v1/files/upload/stream":
                number = sum(path == request.url.path for _, path in self.asked)
                return httpx.Response(200, json={"data": {"file_url": f"https://server.test/files/{number}"}})
            case "/v1/videos/generations":
                self.request = json.loads(request.content)
                return httpx.Response(200, json={"id": "task-1", "task_info": {"estimated_time": 9}})
            case "/v1/tasks/task-1/events":
                return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=self._stream())
            case "/x.mp4":
                return self._video
            case _:
                return httpx.Response(200, json={})

    def _stream(self) -> Any:
        for number, event in enumerate(self._events, start=1):
            if isinstance(event, BaseException):
                raise event
            yield f"id: {number}\ndata: {json.dumps({'id': 'task-1', 'progress': 0, **event})}\n\n".encode()


DONE = ({"status": "pending"}, {"status": "completed", "results": ["https://server.test/x.mp4"]})


@pytest.fixture
def server_of(monkeypatch: pytest.MonkeyPatch) -> MakeServer:
    """Makes a server that `generate` then reaches."""

    def server_of(*events: dict[str, Any] | BaseException, **facts: Any) -> FakeServer:
        server = FakeServer(*events, **facts)
        monkeypatch.setattr(generate, "Client", partial(Client, transport=httpx.MockTransport(server)))
        return server

    return server_of


@pytest.fixture(autouse=True)
def no_server_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a server was started")

    monkeypatch.setattr(generate.subprocess, "Popen", refuse)


# ── before anything is sent ──


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x", "--image", "missing.png"), "--image: there is no file missing.png"),
        (("x", "--video", "."), "--video: there is no file ."),
        (("x", "--audio", "https://example.com/a.mp3"), "audio alone is not enough"),
        (("",), "prompt: must not be empty"),
        (("x", "--duration", "99"), "duration: must be an integer from 4 to 15, not 99"),
        (("x", "--quality", "8k"), "quality: "),
        (("x", "--aspect-ratio", "5:4"), "aspect_ratio: "),
        (("x", "--quality", "1080p", "--model", MINI), "needs a standard model"),
        (("x", "--model", "gpt"), "gpt"),
        (("x", "--seed", "-1"), "seed"),
        (("image 1 dances",), "no images are given"),
        (("image 2 dances", "--image", "photo.png"), "only image 1 is given"),
        (("x", "-o", "nowhere/x.mp4"), "--output: there is no folder nowhere"),
        (("x", "-o", "."), "--output: . is a folder; name a file in it, such as video.mp4"),
        (("x", "--base-url", "http://server.test"), "--api-key: a server needs a key"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(
    refused: Told, folder: Path, server_of: MakeServer, arguments: tuple[str, ...], words: str
) -> None:
    server = server_of()
    (folder / "photo.png").write_bytes(image_bytes(64, 64))
    assert words in refused("generate", *arguments)
    assert server.asked == []


@pytest.mark.parametrize(
    ("media", "model"),
    [
        ((), "seedance-2.0-text-to-video"),
        (("image",), "seedance-2.0-image-to-video"),
        (("image", "image"), "seedance-2.0-image-to-video"),
        (("image", "image", "image"), "seedance-2.0-reference-to-video"),
        (("video",), "seedance-2.0-reference-to-video"),
        (("image", "audio"), "seedance-2.0-reference-to-video"),
    ],
)
def test_the_model_is_the_one_for_what_is_given(
    run: Run, server_of: MakeServer, media: tuple[str, ...], model: str
) -> None:
    server = server_of(*DONE)
    given = [f"--{kind}=https://example.com/{number}" for number, kind in enumerate(media)]
    assert run("generate", "wind", *given, *SERVER).exit_code == 0
    assert server.request["model"] == model
    assert server.request["aspect_ratio"] == ("adaptive" if media else "16:9")


# ── with a server ──


def test_the_options_become_the_request(run: Run, server_of: MakeServer) -> None:
    server = server_of(*DONE)
    flags = (*QUICK, "--aspect-ratio", "9:16", "--no-sound", "--no-filter", "--seed", "3", "--model", MINI)
    assert run("generate", "a cat", *flags, *SERVER).exit_code == 0
    assert server.request == {
        "model": MINI, "prompt": "a cat", "duration": 4, "quality": "480p", "aspect_ratio": "9:16",
        "generate_audio": False, "content_filter": False, "model_params": {"seed": 3},
    }  # fmt: skip


def test_the_video_is_saved_under_the_name_of_its_task_or_the_one_asked_for(
    run: Run, server_of: MakeServer, folder: Path
) -> None:
    for target in ("task-1.mp4", "mine.mp4"):
        server_of(*DONE)
        named = () if target == "task-1.mp4" else ("-o", target)
        done = run("generate", "a cat", *named, *SERVER)
        assert (done.exit_code, done.stdout) == (0, f"saved {target}\n"), done.stderr
        assert "task task-1, about 9 s" in done.stderr
        assert (folder / target).read_bytes() == b"a video"


def test_the_server_and_the_key_can_come_from_the_environment(run: Run, server_of: MakeServer) -> None:
    server = server_of(*DONE)
    environment = {"OPENDANCE_BASE_URL": "http://server.test", "OPENDANCE_API_KEY": "od-key"}
    assert run("generate", "a cat", **environment).exit_code == 0
    assert ("POST", "/v1/videos/generations") in server.asked


def test_local_files_are_uploaded_and_urls_are_not(run: Run, server_of: MakeServer, folder: Path) -> None:
    server = server_of(*DONE)
    (folder / "photo.png").write_bytes(image_bytes(64, 64))
    given = ("--image", "photo.png", "--image", "HTTPS://example.com/b.png", "--audio", "photo.png")
    assert run("generate", "wind", *given, *SERVER).exit_code == 0
    assert server.request["image_urls"] == ["https://server.test/files/1", "HTTPS://example.com/b.png"]
    assert server.request["audio_urls"] == ["https://server.test/files/2"]


def test_a_file_that_cannot_be_read_is_told(
    refused: Told, server_of: MakeServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    server = server_of(*DONE)
    monkeypatch.setattr(Client, "upload", deny)
    (folder / "photo.png").write_bytes(image_bytes(64, 64))
    words = refused("generate", "wind", "--image", "photo.png", *SERVER)
    assert words == "error: --image: cannot read photo.png: Permission denied"
    assert server.asked == []


def test_a_task_that_failed_is_told_with_its_reason(run: Run, server_of: MakeServer, folder: Path) -> None:
    error = {"code": "content_policy_violation", "message": "the prompt asks for [something] banned"}
    server_of({"status": "failed", "error": error})
    done = run("generate", "a cat", *SERVER)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error: failed: the prompt asks for [something] banned (content_policy_violation)" in done.stderr
    assert list(folder.iterdir()) == []


def test_ctrl_c_cancels_the_task(run: Run, server_of: MakeServer) -> None:
    server = server_of({"status": "processing"}, KeyboardInterrupt())
    done = run("generate", "a cat", *SERVER)
    assert (done.exit_code, done.stdout) == (130, "")
    assert "error: cancelled" in done.stderr
    assert server.asked[-1] == ("POST", "/v1/tasks/task-1/cancel")


def test_a_video_that_cannot_be_saved_is_told(run: Run, server_of: MakeServer, folder: Path) -> None:
    server_of(*DONE)
    (folder / "x.mp4.part").mkdir()
    done = run("generate", "a cat", "-o", "x.mp4", *SERVER)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: --output: cannot write x.mp4: Is a directory" in done.stderr


def test_a_video_that_is_gone_is_told(run: Run, server_of: MakeServer, folder: Path) -> None:
    server_of(*DONE, video=httpx.Response(410))
    done = run("generate", "a cat", *SERVER)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the result cannot be downloaded: HTTP 410" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("status", "code"), [(400, 2), (401, 1), (503, 1)])
def test_a_refusal_of_the_server_is_told_in_its_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    answer = httpx.Response(status, json={"error": {"code": "x", "message": "not like this"}})
    transport = httpx.MockTransport(lambda _: answer)
    monkeypatch.setattr(generate, "Client", partial(Client, transport=transport))
    done = run("generate", "a cat", *SERVER)
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", "error: not like this\n")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:{port}", "http://127.0.0.1:{port} does not answer"),
        ("http://server.test:port", "http://server.test:port is no address of a server"),
        ("server.test", "server.test/ does not answer: Request URL is missing"),
    ],
)
def test_an_address_without_a_server_is_told(run: Run, address: str, words: str) -> None:
    port = free_port()
    done = run("generate", "a cat", "--base-url", address.format(port=port), "--api-key", "k")
    assert (done.exit_code, done.stdout) == (1, "")
    assert words.format(port=port) in done.stderr


def test_a_server_of_its_own_that_does_not_start_is_told_and_leaves_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    class Ended:
        def __init__(self, command: list[str], **_: object) -> None:
            assert [path.name for path in folder.iterdir()] == [Path(command[-1]).name]

        def poll(self) -> int:
            return 1

        def terminate(self) -> None:
            pass

        def wait(self, _timeout: float) -> int:
            return 1

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(generate.subprocess, "Popen", Ended)
    done = run("generate", "a cat")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the server for this video did not start; `opendance doctor` may tell why" in done.stderr
    assert list(folder.iterdir()) == []
