"""opendance generate: what is checked before anything is sent, and what is made of the answers of a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
from typer.testing import CliRunner

from opendance.cli import app, generate, output, own_server
from opendance.client import Client, following
from opendance.errors import ConfigurationError
from opendance.server_file import ServerFile
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
            case "/v1/tasks/task-1":
                return httpx.Response(200, json={"id": "task-1", "status": "processing", "progress": 0})
            case "/v1/tasks/task-1/cancel":
                return httpx.Response(200, json={"id": "task-1", "status": "cancelled"})
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

    monkeypatch.setattr(own_server.subprocess, "Popen", refuse)


# ── before anything is sent ──


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x", "--image", "missing.png"), "--image: there is no file missing.png"),
        (("x", "--video", "."), "--video: . is a folder; name a file in it"),
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
    assert "error: cancelled: task task-1" in done.stderr
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
        ("server.test", "server.test is no address of a server: it begins with http:// or https://, such as"),
        ("http://server.test/v1/", "is no address of a server: leave /v1 out: http://server.test"),
    ],
)
def test_an_address_without_a_server_is_told(run: Run, address: str, words: str) -> None:
    port = free_port()
    done = run("generate", "a cat", "--base-url", address.format(port=port), "--api-key", "k")
    assert (done.exit_code, done.stdout) == (1, "")
    assert words.format(port=port) in done.stderr


class Process:
    """What is known of a server that `generate` starts: it leaves its address in the folder, or ends."""

    started: ClassVar[list[list[str]]] = []
    ended: ClassVar[list[str]] = []
    exit_code: int | None = None

    def __init__(self, command: list[str], **_: object) -> None:
        self.started.append(command)

    def poll(self) -> int | None:
        return self.exit_code

    def terminate(self) -> None:
        self.ended.append("terminate")

    def wait(self, _timeout: float) -> int:
        return 0


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> type[Process]:
    """Takes the place of a server's process."""
    made = type("Made", (Process,), {"started": [], "ended": []})
    monkeypatch.setattr(own_server.subprocess, "Popen", made)
    return made


def a_server_file(*addresses: str | None) -> Callable[[Path], ServerFile | None]:
    """What is found in the folder, one look after the other."""
    looks = iter(addresses)

    def read(_: Path) -> ServerFile | None:
        address = next(looks)
        return None if address is None else ServerFile(address, address, "od-near", 1)

    return read


def test_a_server_of_its_own_that_does_not_start_is_told_and_leaves_nothing(
    run: Run, process: type[Process], folder: Path
) -> None:
    process.exit_code = 1
    done = run("generate", "a cat")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the server for this video did not start; `opendance doctor` may tell why" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.fixture
def is_ready(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Makes servers of the data folder ready, after these problems; gives what is shown while they are waited for."""

    def is_ready(*problems: str) -> list[str]:
        left, shown = list(problems), list[str]()

        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(503, json={"error": {"message": left.pop(0)}}) if left else httpx.Response(200)

        client = partial(httpx.Client, transport=httpx.MockTransport(answer))
        monkeypatch.setattr(own_server, "httpx", SimpleNamespace(Client=client, TransportError=httpx.TransportError))
        monkeypatch.setattr(generate._Bar, "show", lambda _, stage: shown.append(stage))
        return shown

    return is_ready


LOADING = "not ready: the engine previs is loading"


def test_the_start_of_a_server_and_the_loading_of_its_engine_are_stages_of_their_own(
    run: Run,
    process: type[Process],
    server_of: MakeServer,
    monkeypatch: pytest.MonkeyPatch,
    is_ready: Callable[..., list[str]],
) -> None:
    server_of(*DONE)
    monkeypatch.setattr(own_server, "read_server_file", a_server_file(None, None, "http://server.test"))
    shown = is_ready(LOADING)
    assert run("generate", "a cat").exit_code == 0
    assert shown == ["starting a server", "loading the engine"]


@pytest.mark.parametrize(
    ("problem", "stages"),
    [(LOADING, ["loading the engine"]), ("not ready: the engine previs cannot be loaded: no memory", [])],
)
def test_a_server_that_runs_is_waited_for_only_while_it_loads(
    run: Run,
    server_of: MakeServer,
    monkeypatch: pytest.MonkeyPatch,
    is_ready: Callable[..., list[str]],
    problem: str,
    stages: list[str],
) -> None:
    server_of(*DONE)
    monkeypatch.setattr(own_server, "read_server_file", a_server_file("http://server.test"))
    shown = is_ready(problem)
    assert run("generate", "a cat").exit_code == 0
    assert shown == stages


def test_a_server_of_its_own_whose_engine_cannot_be_loaded_is_told_at_once(
    run: Run, process: type[Process], monkeypatch: pytest.MonkeyPatch, is_ready: Callable[..., list[str]]
) -> None:
    monkeypatch.setattr(own_server, "read_server_file", a_server_file(None, None, "http://server.test"))
    is_ready("not ready: the engine previs cannot be loaded: no memory")
    done = run("generate", "a cat")
    assert (done.exit_code, done.stderr) == (1, "error: not ready: the engine previs cannot be loaded: no memory\n")
    assert process.ended == ["terminate"]


def test_the_time_that_is_expected_begins_with_the_start_of_the_server() -> None:
    bar = generate._Bar()
    bar._progress.tasks[0].start_time -= 3.0  # type: ignore[operator]
    bar.expect(4.5)
    assert bar._progress.tasks[0].fields["about"] == "of about 8 s"


def test_without_a_server_one_works_on_the_data_folder_for_as_long_as_it_takes(
    run: Run,
    process: type[Process],
    server_of: MakeServer,
    monkeypatch: pytest.MonkeyPatch,
    is_ready: Callable[..., list[str]],
) -> None:
    server_of(*DONE)
    monkeypatch.setattr(own_server, "read_server_file", a_server_file(None, None, "http://server.test"))
    is_ready()
    done = run("generate", "a cat", "--data-dir", "mine")
    assert (done.exit_code, done.stdout) == (0, "saved task-1.mp4\n"), done.stderr
    assert process.started[0][-2:] == ["--data-dir", "mine"]
    assert process.ended == ["terminate"]
    assert "server http://server.test, data in mine" in done.stderr
    assert "link " not in done.stderr, "it leads nowhere once the server has ended"


def test_the_server_of_the_data_folder_is_used(
    run: Run, server_of: MakeServer, monkeypatch: pytest.MonkeyPatch, is_ready: Callable[..., list[str]]
) -> None:
    server = server_of(*DONE)
    is_ready()
    monkeypatch.setattr(own_server, "read_server_file", a_server_file("http://server.test"))
    done = run("generate", "a cat", OPENDANCE_API_KEY="od-key")
    assert done.exit_code == 0, done.stderr
    assert ("POST", "/v1/videos/generations") in server.asked
    assert "the API key is not used: without OPENDANCE_BASE_URL" in done.stderr


def test_where_the_server_of_the_folder_ends_another_goes_on_with_the_task(
    run: Run, process: type[Process], monkeypatch: pytest.MonkeyPatch, is_ready: Callable[..., list[str]]
) -> None:
    first = FakeServer({"status": "pending"}, httpx.RemoteProtocolError("peer closed connection"))
    second = FakeServer(*DONE)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "second.test" or request.url.path == "/x.mp4":
            return second(request)
        if any(path.endswith("/events") for _, path in first.asked):
            raise httpx.ConnectError("connection refused")
        return first(request)

    monkeypatch.setattr(generate, "Client", partial(Client, transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(generate, "_PATIENCE_NEAR", 0.0)
    monkeypatch.setattr(following, "RESUME_AFTER", 0.0)
    looks = a_server_file("http://first.test", None, "http://second.test")
    monkeypatch.setattr(own_server, "read_server_file", looks)
    is_ready()
    done = run("generate", "a cat")
    assert (done.exit_code, done.stdout) == (0, "saved task-1.mp4\n"), done.stderr
    assert ("POST", "/v1/videos/generations") not in second.asked, "nothing is made twice"
    assert "answers no more" in done.stderr


def test_a_link_for_clients_elsewhere_is_read_from_the_server_of_this_machine(
    run: Run, monkeypatch: pytest.MonkeyPatch, is_ready: Callable[..., list[str]]
) -> None:
    is_ready()
    away = {"status": "completed", "results": ["https://videos.example.com/x.mp4"]}
    server = FakeServer(away)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "videos.example.com":
            raise httpx.ConnectError("Name or service not known")
        return server(request)

    monkeypatch.setattr(generate, "Client", partial(Client, transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(own_server, "read_server_file", a_server_file("http://server.test"))
    done = run("generate", "a cat")
    assert (done.exit_code, done.stdout) == (0, "saved task-1.mp4\n"), done.stderr
    assert "link https://videos.example.com/x.mp4" in done.stderr


# ── the output, before anything is made ──


@pytest.mark.parametrize("name", ["clip.webm", "clip.MOV", "clip.gif"])
def test_a_name_of_another_container_is_refused(refused: Told, server_of: MakeServer, name: str) -> None:
    server = server_of(*DONE)
    assert f"videos are MP4, and {name} says otherwise; name it clip.mp4" in refused(
        "generate", "x", "-o", name, *SERVER
    )
    assert server.asked == []


def test_a_name_without_a_kind_is_told(run: Run, server_of: MakeServer) -> None:
    server_of(*DONE)
    assert "note: clip will hold an MP4" in run("generate", "x", "-o", "clip", *SERVER).stderr


def test_a_file_that_is_there_is_written_over_only_by_force(
    refused: Told, run: Run, server_of: MakeServer, folder: Path
) -> None:
    server = server_of(*DONE)
    (folder / "x.mp4").write_bytes(b"older")
    assert "x.mp4 exists already; choose another name, or give --force" in refused(
        "generate", "x", "-o", "x.mp4", *SERVER
    )
    assert (server.asked, (folder / "x.mp4").read_bytes()) == ([], b"older")
    assert run("generate", "x", "-o", "x.mp4", "--force", *SERVER).exit_code == 0
    assert (folder / "x.mp4").read_bytes() == b"a video"


@pytest.mark.parametrize(("answer", "content"), [(True, b"a video"), (False, b"older")])
def test_in_a_terminal_it_asks(
    run: Run, server_of: MakeServer, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, content: bytes
) -> None:
    server_of(*DONE)
    (folder / "x.mp4").write_bytes(b"older")
    monkeypatch.setattr(output.sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(output.typer, "confirm", lambda *_, **__: answer)
    check = partial(output.check_output, Path("x.mp4"), force=False)
    if answer:
        check()
    else:
        with pytest.raises(ConfigurationError, match="stays as it is"):
            check()


def test_a_disk_without_room_is_told_before_anything_is_made(
    refused: Told, server_of: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_of(*DONE)
    monkeypatch.setattr(output.shutil, "disk_usage", lambda _: SimpleNamespace(free=3 << 20))
    assert "--output: only 3 MB are free in" in refused("generate", "x", *SERVER)
    assert server.asked == []


def test_a_folder_that_cannot_be_written_is_told(
    refused: Told, server_of: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_of(*DONE)
    monkeypatch.setattr(output.os, "access", lambda *_: False)
    assert "--output: nothing can be written into" in refused("generate", "x", *SERVER)
    assert server.asked == []


def test_the_video_goes_to_standard_output_and_all_else_does_not(server_of: MakeServer, folder: Path) -> None:
    server_of(*DONE)
    done = CliRunner().invoke(app, ["generate", "x", "-o", "-", *SERVER])
    assert (done.exit_code, done.stdout_bytes) == (0, b"a video"), done.stderr
    assert "link https://server.test/x.mp4" in done.stderr
    assert list(folder.iterdir()) == []


# ── what is told ──


def test_the_task_and_its_file_are_told_as_json(run: Run, server_of: MakeServer) -> None:
    server_of(*DONE)
    done = run("generate", "x", "--json", *SERVER)
    told = json.loads(done.stdout)
    assert (told["id"], told["status"], told["file"]) == ("task-1", "completed", "task-1.mp4")
    assert told["results"] == ["https://server.test/x.mp4"]


def test_what_was_lost_is_told_with_its_link_and_how_to_go_on(run: Run, server_of: MakeServer) -> None:
    server_of(*DONE, video=httpx.Response(502))
    done = run("generate", "a cat", *SERVER)
    assert "link https://server.test/x.mp4" in done.stderr
    assert "task task-1; go on with: opendance generate --task task-1" in done.stderr


def test_a_server_that_is_gone_ends_it_with_the_task(
    run: Run, server_of: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_PATIENCE", 0.0)
    monkeypatch.setattr(following, "RESUME_AFTER", 0.0)
    server_of({"status": "pending"}, httpx.ConnectError("connection refused"))
    done = run("generate", "a cat", *SERVER)
    assert done.exit_code == 1
    assert "error: http://server.test answers no more: connection refused" in done.stderr
    assert "go on with: opendance generate --task task-1" in done.stderr


def test_a_task_is_taken_up_again(run: Run, server_of: MakeServer) -> None:
    server = server_of(*DONE)
    done = run("generate", "--task", "task-1", *SERVER)
    assert (done.exit_code, done.stdout) == (0, "saved task-1.mp4\n"), done.stderr
    assert ("POST", "/v1/videos/generations") not in server.asked


@pytest.mark.parametrize("status", [400, 404])
def test_a_task_that_there_is_not_is_not_gone_on_with(run: Run, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    answer = httpx.Response(status, json={"error": {"code": "x", "message": "there is no such task"}})
    transport = httpx.MockTransport(lambda _: answer)
    monkeypatch.setattr(generate, "Client", partial(Client, transport=transport))
    assert run("generate", "--task", "task-9", *SERVER).stderr == "error: there is no such task\n"


def test_an_interrupt_leaves_a_task_that_was_taken_up(run: Run, server_of: MakeServer) -> None:
    server = server_of({"status": "processing"}, KeyboardInterrupt())
    done = run("generate", "--task", "task-1", *SERVER)
    assert done.exit_code == 130
    assert "interrupted; task task-1 goes on" in done.stderr
    assert "POST" not in {method for method, _ in server.asked}


def test_an_interrupt_before_the_answer_leaves_no_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/videos/generations":
            keys.append(request.headers["Idempotency-Key"])
            if len(keys) == 1:
                raise KeyboardInterrupt
        return server(request)

    monkeypatch.setattr(generate, "Client", partial(Client, transport=httpx.MockTransport(answer)))
    done = run("generate", "a cat", *SERVER)
    assert (done.exit_code, len(set(keys)), len(keys)) == (130, 1, 2)
    assert server.asked[-1] == ("POST", "/v1/tasks/task-1/cancel")


def test_files_are_told_as_they_were_named(run: Run, server_of: MakeServer, folder: Path) -> None:
    error = {"code": "invalid_image", "message": "image_urls[0] (127.0.0.1): it is no picture"}
    server_of({"status": "failed", "error": error})
    (folder / "photo.png").write_bytes(image_bytes(64, 64))
    done = run("generate", "wind", "--image", "photo.png", *SERVER)
    assert "failed: --image photo.png: it is no picture" in done.stderr


# ── the prompt ──


@pytest.mark.parametrize("raw", [b"a cat\n", b"\xef\xbb\xbfa cat\r\n"])
def test_the_prompt_is_read_from_standard_input_or_a_file(server_of: MakeServer, folder: Path, raw: bytes) -> None:
    (folder / "prompt.txt").write_bytes(raw)
    for words in (("-",), ("--prompt-file", "prompt.txt")):
        server = server_of(*DONE)
        done = CliRunner().invoke(app, ["generate", *words, "--force", *SERVER], input=raw)
        assert done.exit_code == 0, done.stderr
        assert server.request["prompt"] == "a cat"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "PROMPT: give a prompt"),
        (("x", "--prompt-file", "p.txt"), "PROMPT: give a prompt"),
        (("--prompt-file", "missing.txt"), "--prompt-file: cannot read missing.txt: No such file"),
        (("--prompt-file", "bytes"), "--prompt-file: the prompt is no text in UTF-8"),
        (("x", "--task", "task-1"), "--task: takes up a task that was begun; leave the prompt and the media out"),
        (("--task", "task-1", "--image", "bytes"), "--task: takes up a task"),
        (("x", "--json", "-o", "-"), "--json: standard output is for the video"),
    ],
)
def test_what_does_not_go_together_is_told(refused: Told, folder: Path, arguments: tuple[str, ...], words: str) -> None:
    (folder / "bytes").write_bytes(b"\xff\xfe\x00")
    assert words in refused("generate", *arguments, *SERVER)
