"""The client without a server: what it sends, and what it makes of every kind of answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.client import ApiProblem, Client, Task, sync

ADDRESS = "http://server.test"
EVENTS = "/v1/tasks/task-1/events"
Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer, address: str = ADDRESS) -> Client:
    return Client(address, "od-key", retries=0, transport=httpx.MockTransport(answer))


class Broken(httpx.SyncByteStream):
    """A body that breaks off after these parts."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        raise httpx.RemoteProtocolError("peer closed connection")


class Server:
    """Answers one request after the other, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = iter(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        return client_of(self)


def task(status: str, **facts: Any) -> dict[str, Any]:
    return {"id": "task-1", "status": status, **facts}


def event(number: int, shown: dict[str, Any]) -> bytes:
    return f"event: task\r\nid: {number}\r\ndata: {json.dumps(shown)}\r\n\r\n".encode()


def stream(*parts: bytes, broken: bool = False) -> httpx.Response:
    body = Broken(*parts) if broken else httpx.ByteStream(b"".join(parts))
    return httpx.Response(200, headers={"Content-Type": "text/event-stream; charset=utf-8"}, stream=body)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited, s."""
    waited: list[float] = []
    monkeypatch.setattr(sync.time, "sleep", waited.append)
    return waited


def following(server: Server) -> list[dict[str, Any]]:
    with server.client() as client:
        return [dict(each.raw) for each in client.follow("task-1")]


# ── what is sent ──


@pytest.mark.parametrize(
    ("call", "method", "path", "sent"),
    [
        (lambda c: c.create({"prompt": "고양이"}), "POST", "/v1/videos/generations", {"prompt": "고양이"}),
        (lambda c: c.task("task-1"), "GET", "/v1/tasks/task-1", None),
        (lambda c: c.cancel("task-1"), "POST", "/v1/tasks/task-1/cancel", None),
    ],
    ids=["create", "task", "cancel"],
)
def test_a_call_has_its_method_path_key_and_body(
    call: Callable[[Client], Task], method: str, path: str, sent: object
) -> None:
    server = Server(httpx.Response(200, json=task("pending")))
    with server.client() as client:
        assert call(client).raw == task("pending")
    (asked,) = server.asked
    assert (asked.method, asked.url.path) == (method, path)
    assert asked.headers["Authorization"] == "Bearer od-key"
    assert (json.loads(asked.content) if asked.content else None) == sent


def test_an_address_with_a_path_keeps_it() -> None:
    server = Server(httpx.Response(200, json=task("pending")))
    client_of(server, "https://server.test/video").task("task-1")
    assert str(server.asked[0].url) == "https://server.test/video/v1/tasks/task-1"


def test_an_upload_sends_the_file_as_a_form_and_gives_its_url(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG content")
    server = Server(httpx.Response(200, json={"success": True, "data": {"file_url": "https://server.test/f"}}))
    assert server.client().upload(tmp_path / "photo.png").url == "https://server.test/f"
    (asked,) = server.asked
    assert (asked.method, asked.url.path) == ("POST", "/api/v1/files/upload/stream")
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="photo.png"' in asked.content
    assert b"\r\n\r\n\x89PNG content\r\n" in asked.content


def test_a_file_that_is_not_there_is_not_sent(tmp_path: Path) -> None:
    server = Server()
    with pytest.raises(FileNotFoundError):
        server.client().upload(tmp_path / "missing.png")
    assert server.asked == []


def test_the_key_does_not_follow_a_redirect_to_another_server() -> None:
    server = Server(
        httpx.Response(307, headers={"Location": "/v1/elsewhere"}),
        httpx.Response(307, headers={"Location": "http://other.test/x"}),
        httpx.Response(200, json=task("pending")),
    )
    server.client().task("task-1")
    assert [asked.headers.get("Authorization") for asked in server.asked] == ["Bearer od-key", "Bearer od-key", None]


# ── what is told of a refusal ──


def refusal(answer: httpx.Response | Exception) -> ApiProblem:
    with pytest.raises(ApiProblem) as told:
        Server(answer).client().create({})
    return told.value


def test_a_refusal_is_told_with_the_words_of_the_server() -> None:
    error = {"error": {"code": "insufficient_quota", "message": "the account holds 3 credits", "type": "x"}}
    problem = refusal(httpx.Response(402, json=error))
    assert (problem.status, problem.code, str(problem)) == (402, "insufficient_quota", "the account holds 3 credits")


def test_a_refusal_in_the_form_of_the_upload_calls_is_told_too() -> None:
    problem = refusal(httpx.Response(400, json={"success": False, "code": 400, "msg": "file: it is empty"}))
    assert (problem.status, problem.message) == (400, "file: it is empty")


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", ""])
@pytest.mark.parametrize("status", [200, 502])
def test_what_is_no_json_is_told_with_its_status(status: int, body: str) -> None:
    problem = refusal(httpx.Response(status, text=body))
    assert (problem.status, problem.code) == (status, "not_json")
    assert f"HTTP {status} without a JSON object" in problem.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    JSON
    | st.fixed_dictionaries({"error": JSON})
    | st.fixed_dictionaries({"error": st.fixed_dictionaries({}, optional={"code": JSON, "message": JSON})})
    | st.fixed_dictionaries({}, optional={"msg": JSON, "detail": JSON}),
    st.integers(400, 599),
)
def test_any_refusal_is_told_in_words(body: Any, status: int) -> None:
    problem = refusal(httpx.Response(status, json=body))
    assert problem.status == status
    assert isinstance(problem.code, str)
    assert problem.message.strip()


@pytest.mark.parametrize("body", [[], "text", None, 5])
def test_json_that_is_no_object_is_no_answer(body: object) -> None:
    problem = refusal(httpx.Response(200, json=body))
    assert (problem.status, problem.code) == (200, "not_json")


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("connection refused"),
        httpx.ReadTimeout("timed out"),
        httpx.RemoteProtocolError("peer closed connection"),
        httpx.TooManyRedirects("exceeded maximum allowed redirects"),
        httpx.DecodingError("incorrect header check"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_told_with_the_address_and_the_reason(error: Exception) -> None:
    problem = refusal(error)
    assert (problem.status, problem.code) == (0, "unreachable")
    assert problem.message == f"{ADDRESS} does not answer: {error}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://server.test:port", "is no address"),
        ("http://[::1", "is no address"),
        ("server.test", "is no address of a server: it begins with http:// or https://"),
        ("localhost:8000", "it begins with http:// or https://"),
        ("", "it begins with http:// or https://"),
        ("http://server.test/v1", "leave /v1 out: http://server.test"),
    ],
)
def test_an_address_that_is_none_is_told(address: str, words: str) -> None:
    with pytest.raises(ApiProblem, match=words):
        Client(address, "od-key")


def test_a_key_that_is_not_given_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENDANCE_API_KEY", raising=False)
    with pytest.raises(ApiProblem, match="no API key; give api_key, or set OPENDANCE_API_KEY"):
        Client(ADDRESS)


@pytest.mark.parametrize("key", ["od-abcdef…", "od-a\nb", "ключ"])
def test_a_key_that_no_header_can_carry_is_told(key: str) -> None:
    with pytest.raises(ApiProblem, match="the API key"):
        Client(ADDRESS, key)


# ── following a task ──


def test_every_event_is_given_until_the_task_ends(pauses: list[float]) -> None:
    shown = [task("pending"), task("processing", progress=40, stage="render"), task("completed", progress=100)]
    server = Server(stream(*(event(number, each) for number, each in enumerate(shown, start=1))))
    assert following(server) == shown
    (asked,) = server.asked
    assert (asked.url.path, asked.headers["Accept"]) == (EVENTS, "text/event-stream")
    assert asked.headers["Authorization"] == "Bearer od-key"
    assert "Last-Event-ID" not in asked.headers
    assert pauses == []


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_the_terminal_state_is_the_last_whatever_comes_after(status: str) -> None:
    assert following(Server(stream(event(1, task(status)), event(2, task("processing"))))) == [task(status)]


def test_signs_of_life_and_data_in_several_lines_are_understood() -> None:
    ping = b": ping - 2026-01-01\r\n\r\n"
    spread = b'id: 2\ndata: {"id": "task-1",\ndata: "status": "completed"}\n\n'
    assert following(Server(stream(ping, event(1, task("pending")), ping, ping, spread))) == [
        task("pending"),
        task("completed"),
    ]


def test_characters_that_end_a_line_elsewhere_do_not_end_an_event() -> None:
    shown = task("completed", prompt="one\u2028two\x85three\x0bfour")
    raw = b"id: 1\ndata: " + json.dumps(shown, ensure_ascii=False).replace("\x0b", "\\u000b").encode() + b"\n\n"
    assert following(Server(stream(raw))) == [shown]


@given(st.lists(st.integers(0, 400), max_size=12))
def test_events_are_the_same_wherever_the_network_cuts_them(cuts: list[int]) -> None:
    shown = [task("pending", prompt="猫"), task("processing"), task("completed")]
    raw = b"".join(
        f"id: {number}\r\ndata: {json.dumps(each, ensure_ascii=False)}\r\n\r\n".encode()
        for number, each in enumerate(shown, start=1)
    )
    places = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    parts = [raw[start:end] for start, end in pairwise(places)]
    response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=iter(parts))
    assert following(Server(response)) == shown


def test_a_broken_stream_goes_on_after_the_last_event(pauses: list[float]) -> None:
    half = event(3, task("completed"))[:20]
    server = Server(
        stream(event(1, task("pending")), event(2, task("processing")), half, broken=True),
        httpx.ConnectError("connection refused"),
        stream(broken=True),
        stream(event(3, task("completed"))),
    )
    assert following(server) == [task("pending"), task("processing"), task("completed")]
    assert [asked.headers.get("Last-Event-ID") for asked in server.asked] == [None, "2", "2", "2"]
    assert len(pauses) == 3
    assert min(pauses) > 0


def test_a_stream_that_ends_before_the_task_is_taken_up_again_after_a_pause(pauses: list[float]) -> None:
    server = Server(stream(event(7, task("processing"))), stream(), stream(event(8, task("failed"))))
    assert following(server) == [task("processing"), task("failed")]
    assert [asked.headers.get("Last-Event-ID") for asked in server.asked] == [None, "7", "7"]
    assert len(pauses) == 2
    assert min(pauses) > 0


def test_an_event_without_an_id_does_not_make_it_start_again(pauses: list[float]) -> None:
    nameless = f"data: {json.dumps(task('processing'))}\n\n".encode()
    server = Server(
        stream(event(2, task("pending")), broken=True), stream(nameless, broken=True), stream(event(3, task("failed")))
    )
    assert following(server) == [task("pending"), task("processing"), task("failed")]
    assert [asked.headers.get("Last-Event-ID") for asked in server.asked] == [None, "2", "2"]
    assert len(pauses) == 2


def test_a_server_that_never_answered_is_told_and_not_waited_for(pauses: list[float]) -> None:
    server = Server(httpx.ConnectError("connection refused"))
    with server.client() as client, pytest.raises(ApiProblem, match="does not answer: connection refused"):
        next(client.follow("task-1"))
    assert (len(server.asked), pauses) == (1, [])


@pytest.mark.parametrize(
    "without",
    [httpx.Response(404, json={}), httpx.Response(405), httpx.Response(200, html="<p>hello</p>")],
    ids=["404", "405", "a page"],
)
def test_where_there_is_no_event_stream_it_asks_again_and_again(without: httpx.Response, pauses: list[float]) -> None:
    states = [task("pending"), task("processing", progress=50), task("completed")]
    server = Server(without, *(httpx.Response(200, json=state) for state in states))
    assert following(server) == states
    assert [asked.url.path for asked in server.asked] == [EVENTS, *["/v1/tasks/task-1"] * 3]
    assert len(pauses) == 2
    assert min(pauses) > 0


def test_a_task_that_is_not_there_is_told_with_the_words_of_the_server() -> None:
    unknown = {"error": {"code": "task_not_found", "message": "there is no task task-1"}}
    server = Server(httpx.Response(404, json=unknown), httpx.Response(404, json=unknown))
    with pytest.raises(ApiProblem, match="there is no task task-1") as told:
        following(server)
    assert (told.value.status, told.value.code) == (404, "task_not_found")


# ── downloads ──

LINK = "https://store.test/x.mp4?signature=1"


def test_a_download_is_the_whole_file_and_tells_its_progress(tmp_path: Path) -> None:
    parts = [b"a" * 700, b"b" * 300, b"c" * 5]
    server = Server(httpx.Response(200, content=iter(parts)))
    told: list[int] = []
    server.client().download(LINK, tmp_path / "x.mp4", told.append)
    assert (tmp_path / "x.mp4").read_bytes() == b"".join(parts)
    assert sum(told) == 1005
    assert [path.name for path in tmp_path.iterdir()] == ["x.mp4"]


def test_a_download_goes_where_the_link_leads_without_the_key(tmp_path: Path) -> None:
    server = Server(
        httpx.Response(302, headers={"Location": f"{ADDRESS}/cdn/x.mp4"}), httpx.Response(200, content=b"x")
    )
    server.client().download(LINK, tmp_path / "x.mp4")
    assert [str(asked.url) for asked in server.asked] == [LINK, f"{ADDRESS}/cdn/x.mp4"]
    assert [asked.headers.get("Authorization") for asked in server.asked] == [None, None]
    assert (tmp_path / "x.mp4").read_bytes() == b"x"


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    server = Server(httpx.Response(200, content=iter([b"one", b"two"])))
    server.client().download(LINK, tmp_path / "x.mp4", lambda _: seen.append([p.name for p in tmp_path.iterdir()]))
    assert seen == [["x.mp4.part"]] * 2


@pytest.mark.parametrize(
    ("answer", "words", "code"),
    [
        (lambda: httpx.Response(200, stream=Broken(b"half")), "downloaded: peer closed connection", "unreachable"),
        (lambda: httpx.Response(410, json={"error": {}}), "downloaded: HTTP 410", "download"),
        (lambda: httpx.ConnectTimeout("timed out"), "downloaded: timed out", "unreachable"),
        (
            lambda: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")),
            "downloaded: .*header",
            "unreachable",
        ),
    ],
    ids=["broken", "expired", "no answer", "damaged"],
)
@pytest.mark.parametrize("before", [None, b"an older video"])
def test_what_does_not_arrive_whole_leaves_nothing(
    answer: Callable[[], httpx.Response | Exception], words: str, code: str, before: bytes | None, tmp_path: Path
) -> None:
    target = tmp_path / "x.mp4"
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(ApiProblem, match=words) as told:
        Server(answer()).client().download(LINK, target)
    assert told.value.code == code
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == (
        {} if before is None else {"x.mp4": before}
    )


def test_a_download_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Server(httpx.Response(200, content=b"x" * 9)).client().download(LINK, tmp_path / "x.mp4", interrupt)
    assert list(tmp_path.iterdir()) == []
