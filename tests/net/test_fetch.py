"""The guarded client on real sockets: what it fetches, and what it never connects to."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpcore
import pytest
import trustme

from opendance.errors import ConfigurationError, FetchError, TooLarge
from opendance.net.fetch import FetchLimits, GuardedClient, trusted

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
QUICK = FetchLimits(connect=2, stall=0.5, overall=6, pauses=(0.01, 0.01))
Answer = Callable[[str, int], Awaitable[bytes] | bytes]  # path, number of the request → raw HTTP


@asynccontextmanager
async def serving(
    answer: Answer, *, host: str = "127.0.0.1", trust: ssl.SSLContext | None = None, slowly: float = 0.0
) -> AsyncGenerator[tuple[int, list[str]]]:
    """A server of raw answers; gives its port and the paths that were asked for."""
    asked: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split()[1].decode())
        raw = answer(asked[-1], len(asked))
        raw = raw if isinstance(raw, bytes) else await raw
        for begin in range(0, len(raw), 4096):
            writer.write(raw[begin : begin + 4096])
            await writer.drain()
            if slowly:
                await asyncio.sleep(slowly)
        writer.close()

    server = await asyncio.start_server(handle, host, 0, ssl=trust)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


def ok(body: bytes = b"hello", headers: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def redirect_to_bytes(location: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def client() -> AsyncGenerator[GuardedClient]:
    guarded = GuardedClient(LOOPBACK, limits=QUICK)
    yield guarded
    await guarded.close()


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that anything connects to from now on."""
    made: list[str] = []
    connect = httpcore.AnyIOBackend.connect_tcp

    async def seen(self: httpcore.AnyIOBackend, host: str, *args: object, **options: object) -> object:
        made.append(host)
        return await connect(self, host, *args, **options)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", seen)
    return made


HOSTILE = [
    # loopback and "this host", in every spelling that a resolver reads
    "http://127.0.0.1/", "http://127.0.0.1:8000/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0.0.0.0/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/",
    "http://127.255.255.254/", "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://[::1]/", "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/", "https://127.0.0.1/", "https://localhost:443/",
    # mapped, compatible, translated and tunnelled IPv4
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[64:ff9b:1::a9fe:a9fe]/", "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/", "http://[2001:0:7f00:1::]/", "http://[2001::1]/",
    # private
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1.1:8080/admin", "http://0xa.0.0.1/", "http://167772161/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
    "http://[fec0::1]/",
    # link-local and metadata
    "http://169.254.169.254/latest/meta-data/", "http://169.254.0.1/", "http://2852039166/", "http://0xA9FEA9FE/",
    "http://[fe80::1]/", "http://[fd00:ec2::254]/latest/", "http://168.63.129.16/", "http://100.100.100.200/latest/meta-data",
    "http://192.0.0.192/",
    # shared, benchmark, documentation, multicast, reserved, broadcast
    "http://100.64.0.1/", "http://100.127.255.255/", "http://198.18.0.1/", "http://192.0.2.1/", "http://198.51.100.7/",
    "http://203.0.113.9/", "http://224.0.0.1/", "http://239.255.255.250:1900/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://[ff02::1]/", "http://[2001:db8::1]/", "http://192.0.0.1/",
    # other schemes, credentials, nonsense
    "file:///etc/passwd", "ftp://example.com/x", "gopher://127.0.0.1:70/_x", "http://user:pw@example.com/", "http://",
    "http:///x", "javascript:alert(1)", "data:text/plain,x", "//example.com/x", "example.com/x",
]  # fmt: skip


def test_the_table_of_hostile_urls_is_long_enough() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.rule("MD-07", "CB-02")
@pytest.mark.parametrize("url", HOSTILE)
async def test_no_hostile_url_is_connected_to(url: str, connections: list[str], tmp_path: Path) -> None:
    guarded = GuardedClient(limits=FetchLimits(connect=2, stall=1, overall=5, pauses=()))
    with pytest.raises(FetchError) as caught:
        await guarded.download(url, tmp_path / "file", max_bytes=1000)
    assert connections == []
    assert not caught.value.transient
    assert list(tmp_path.iterdir()) == []
    await guarded.close()


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "::ffff:192.168.0.1", "fe80::1%eth0", "100.64.1.1"]
)
async def test_a_name_that_resolves_inside_is_refused(address: str, connections: list[str], tmp_path: Path) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", address]  # one good address beside it changes nothing

    guarded = GuardedClient(limits=QUICK, resolve=resolve)
    with pytest.raises(FetchError, match="no public host"):
        await guarded.download("http://media.example.com/x", tmp_path / "file", max_bytes=1000)
    assert connections == []


async def test_a_name_inside_is_told_like_one_that_is_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        if host == "vm.inside":
            return ["10.0.0.5"]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    guarded = GuardedClient(limits=QUICK, resolve=resolve)
    told: list[tuple[type, str, bool]] = []
    with caplog.at_level("INFO", logger="opendance.net"):
        for name in ("vm.inside", "no-such-host.inside"):
            with pytest.raises(FetchError) as caught:
                await guarded.download(f"http://{name}/x", tmp_path / "file", max_bytes=1000)
            told.append((type(caught.value), caught.value.reason, caught.value.transient))
    assert told[0] == told[1]
    assert "vm.inside is not fetched from: its address 10.0.0.5" in caplog.text, "the operator is told why"


async def test_a_name_that_changes_its_answer_gains_nothing(connections: list[str], tmp_path: Path) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"], ["127.0.0.2"]])

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    async with serving(lambda path, n: ok() if path == "/end" else redirect("/end")) as (port, asked):
        guarded = GuardedClient(LOOPBACK, limits=QUICK, resolve=resolve)
        with pytest.raises(FetchError, match="no public host"):  # the second hop is resolved anew, and checked anew
            await guarded.download(f"http://rebind.example.com:{port}/", tmp_path / "file", max_bytes=1000)
        assert asked == ["/"]
        assert set(connections) == {"127.0.0.1"}  # the very address that was checked


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:1/", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "file:///etc/passwd",
     "//10.1.2.3/x", "http://0/", "ftp://example.com/", "http://u:p@example.com/", "http://localhost.localdomain.:99/"],
)  # fmt: skip
async def test_a_redirect_leads_nowhere_inside(client: GuardedClient, target: str, connections: list[str], tmp_path: Path) -> None:  # fmt: skip
    async with serving(lambda path, n: redirect(target)) as (port, asked):
        with pytest.raises(FetchError):
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
        assert len(asked) == 1
        assert connections == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("location", "asked_for"),
    [
        ("/图片.jpg?名=猫".encode(), "/%E5%9B%BE%E7%89%87.jpg?%E5%90%8D=%E7%8C%AB"),
        ("/é x.jpg".encode("latin-1"), "/%E9%20x.jpg"),
        ("/图片.jpg".encode("gbk"), "/%CD%BC%C6%AC.jpg"),
        (b"/%E5%9B%BE.jpg", "/%E5%9B%BE.jpg"),
        ("图.jpg".encode(), "/a/%E5%9B%BE.jpg"),
    ],
    ids=["UTF-8", "Latin-1", "GBK", "written with escapes", "relative"],
)
async def test_a_redirect_to_a_name_that_is_not_ascii_is_followed(
    client: GuardedClient, location: bytes, asked_for: str, tmp_path: Path
) -> None:
    def answer(path: str, _: int) -> bytes:
        return redirect_to_bytes(location) if path == "/a/b" else ok()

    async with serving(answer) as (port, asked):
        await client.download(f"http://127.0.0.1:{port}/a/b", tmp_path / "f", max_bytes=100)
    assert asked == ["/a/b", asked_for]


async def test_five_redirects_are_followed_and_six_are_not(client: GuardedClient, tmp_path: Path) -> None:
    def answer(path: str, n: int) -> bytes:
        left = int(path.strip("/"))
        return ok(b"there") if left == 0 else redirect(f"/{left - 1}", status=[301, 302, 303, 307, 308][left % 5])

    async with serving(answer) as (port, _):
        assert await client.download(f"http://127.0.0.1:{port}/5", tmp_path / "file", max_bytes=1000) == 5
        assert (tmp_path / "file").read_bytes() == b"there"
        with pytest.raises(FetchError, match="redirected more than 5 times"):
            await client.download(f"http://127.0.0.1:{port}/6", tmp_path / "more", max_bytes=1000)


@pytest.mark.parametrize(
    "raw",
    [
        ok(b"x" * 5000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
    ],
    ids=["declared", "length that lies", "no length", "huge length"],
)  # fmt: skip
async def test_size_is_limited_whatever_the_header_says(client: GuardedClient, raw: bytes, tmp_path: Path) -> None:
    async with serving(lambda path, n: raw) as (port, _):
        with pytest.raises(FetchError) as caught:
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=4096)
        # A length that contradicts the transfer coding is a broken answer; all others are too large.
        assert "larger than" in caught.value.reason or "broke" in caught.value.reason
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "raw", [ok(b"x" * 5000), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000], ids=["declared", "no length"]
)
async def test_too_large_is_an_error_of_its_own_and_final(client: GuardedClient, raw: bytes, tmp_path: Path) -> None:
    async with serving(lambda path, n: raw) as (port, asked):
        with pytest.raises(TooLarge) as caught:
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=2**12)
        assert (caught.value.max_bytes, caught.value.transient) == (2**12, False)
        assert len(asked) == 1


async def test_a_packed_answer_is_refused(client: GuardedClient, tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    async with serving(lambda path, n: ok(bomb, "Content-Encoding: gzip\r\n")) as (port, _):
        with pytest.raises(FetchError, match="packed"):
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=100_000)


async def test_a_stalled_answer_ends(tmp_path: Path) -> None:
    async def stall(path: str, n: int) -> bytes:
        await asyncio.sleep(5)
        return ok()

    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(connect=1, stall=0.2, overall=3, pauses=()))
    async with serving(lambda path, n: stall(path, n)) as (port, _):
        with pytest.raises(FetchError, match="in time") as caught:
            await guarded.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
        assert caught.value.transient


@pytest.mark.parametrize("drips", ["body", "head"])
async def test_an_answer_that_comes_more_slowly_than_it_may_ends_and_is_not_tried_again(
    tmp_path: Path, drips: str
) -> None:
    limits = FetchLimits(connect=1, stall=60, overall=60, pauses=(0.01,), grace=0.2, least_rate=102_400)
    guarded, body = GuardedClient(LOOPBACK, limits=limits), b"x" * 10_000_000
    answer = ok(body) if drips == "body" else ok(b"hello", "".join(f"X-{n}: {'x' * 90}\r\n" for n in range(900)))
    async with serving(lambda path, n: answer, slowly=0.06) as (port, asked):
        with pytest.raises(FetchError, match="it comes too slowly: a host must give 100 KB/s and more"):
            await guarded.download(f"http://127.0.0.1:{port}/a", tmp_path / "a", max_bytes=10**8)
    assert asked == ["/a"]
    assert list(tmp_path.iterdir()) == []
    await guarded.close()


async def test_an_answer_that_is_slow_and_fast_enough_comes(tmp_path: Path) -> None:
    limits = FetchLimits(connect=1, stall=60, overall=60, pauses=(), grace=2, least_rate=1000)
    guarded = GuardedClient(LOOPBACK, limits=limits)
    async with serving(lambda path, n: ok(b"x" * 40_000), slowly=0.3) as (port, _):
        assert await guarded.download(f"http://127.0.0.1:{port}/a", tmp_path / "a", max_bytes=10**6) == 40_000
    await guarded.close()


async def test_a_dripping_answer_ends_too(tmp_path: Path) -> None:
    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(connect=1, stall=1, overall=0.5, pauses=()))
    async with serving(lambda path, n: ok(b"x" * 200_000), slowly=0.1) as (port, _):
        with pytest.raises(FetchError, match="did not arrive within"):
            await guarded.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1_000_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_transient_errors_are_tried_again(client: GuardedClient, status: int, tmp_path: Path) -> None:
    async with serving(lambda path, n: ok() if n == 3 else f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()) as (port, asked):  # fmt: skip
        assert await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000) == 5
        assert len(asked) == 3


@pytest.mark.parametrize("pauses", [(0.5, 1.5), (0.0, 3.0, 0.25), ()])
async def test_before_each_further_try_is_the_pause_that_was_set(
    pauses: tuple[float, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(pauses=pauses))
    async with serving(lambda path, n: b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n") as (port, asked):
        with monkeypatch.context() as patched:
            patched.setattr(asyncio, "sleep", at_once)
            with pytest.raises(FetchError, match="503") as caught:
                await guarded.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
        assert len(asked) == 1 + len(pauses)
    assert tuple(slept) == pauses
    assert caught.value.transient
    await guarded.close()


def test_a_download_is_tried_three_times_unless_told_otherwise() -> None:
    assert FetchLimits().pauses == (0.5, 1.5)


async def test_the_overall_limit_holds_in_the_pauses_too(tmp_path: Path) -> None:
    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(overall=0.3, pauses=(600.0,)))
    async with serving(lambda path, n: b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n") as (port, _):
        with pytest.raises(FetchError, match=r"did not arrive within 0\.3 s"):
            await guarded.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
    await guarded.close()


async def test_a_download_that_is_cancelled_is_not_tried_again(tmp_path: Path) -> None:
    begun, held = asyncio.Event(), asyncio.Event()

    async def hold(path: str, n: int) -> bytes:
        begun.set()
        await held.wait()
        return ok()

    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(pauses=(0.0, 0.0)))
    async with serving(hold) as (port, asked):
        getting = asyncio.create_task(guarded.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000))
        await begun.wait()
        getting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await getting
        held.set()
        assert len(asked) == 1
    assert list(tmp_path.iterdir()) == []
    await guarded.close()


@pytest.mark.rule("CB-02", "CB-04")
@pytest.mark.parametrize("status", [302, 307, 308])
async def test_what_is_posted_follows_no_redirect_and_is_sent_once(
    client: GuardedClient, connections: list[str], status: int
) -> None:
    async with serving(lambda path, n: redirect("http://10.0.0.1/inside", status)) as (port, asked):
        assert await client.post(f"http://127.0.0.1:{port}/hook", b"{}", {"webhook-id": "msg-1"}) == status
        assert asked == ["/hook"]
    assert connections == ["127.0.0.1"]


@pytest.mark.rule("CB-02")
async def test_nothing_is_posted_to_an_address_inside_whatever_its_name(connections: list[str]) -> None:
    guarded = GuardedClient((), limits=QUICK)
    with pytest.raises(FetchError, match="no public host"):
        await guarded.post("https://localhost:9/x", b"{}", {})
    assert connections == []
    await guarded.close()


@pytest.mark.rule("CB-04")
async def test_an_answer_to_what_is_posted_must_come_within_the_overall_limit() -> None:
    held = asyncio.Event()

    async def hold(path: str, n: int) -> bytes:
        await held.wait()
        return ok()

    guarded = GuardedClient(LOOPBACK, limits=FetchLimits(connect=5, stall=5, overall=0.2))
    async with serving(hold) as (port, asked):
        with pytest.raises(FetchError, match=r"it was not answered within 0\.2 s"):
            await guarded.post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert len(asked) == 1, "whoever tries again is told by the notes of the attempts"
        held.set()
    await guarded.close()


async def test_a_broken_connection_is_tried_again(client: GuardedClient, tmp_path: Path) -> None:
    async with serving(lambda path, n: ok() if n > 1 else b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf") as (port, asked):  # fmt: skip
        assert await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000) == 5
        assert len(asked) == 2


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 451])
async def test_final_errors_are_not_tried_again(client: GuardedClient, status: int, tmp_path: Path) -> None:
    async with serving(lambda path, n: f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()) as (port, asked):
        with pytest.raises(FetchError, match=str(status)):
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
        assert len(asked) == 1


async def test_an_empty_file_is_no_file(client: GuardedClient, tmp_path: Path) -> None:
    async with serving(lambda path, n: ok(b"")) as (port, _):
        with pytest.raises(FetchError, match="empty"):
            await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)


async def test_nobody_listening_and_no_such_name_are_told_apart(client: GuardedClient, tmp_path: Path) -> None:
    async with serving(lambda path, n: ok()) as (port, _):
        pass
    with pytest.raises(FetchError, match="cannot be connected to"):
        await client.download(f"http://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
    with pytest.raises(FetchError, match="no public host of this name"):
        await client.download("http://no-such-host.invalid/", tmp_path / "file", max_bytes=1000)


async def test_certificates_are_verified_for_the_name_in_the_url(tmp_path: Path) -> None:
    authority = trustme.CA()
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("media.example.com").configure_cert(theirs)
    authority.configure_trust(ours)

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with serving(lambda path, n: ok(), trust=theirs) as (port, asked):
        trusting = GuardedClient(LOOPBACK, limits=QUICK, resolve=resolve, trust=ours)
        assert await trusting.download(f"https://media.example.com:{port}/", tmp_path / "file", max_bytes=1000) == 5
        with pytest.raises(FetchError, match="certificate"):
            await trusting.download(f"https://other.example.com:{port}/", tmp_path / "file", max_bytes=1000)
        plain = GuardedClient(LOOPBACK, limits=QUICK, resolve=resolve)
        with pytest.raises(FetchError, match="certificate"):
            await plain.download(f"https://media.example.com:{port}/", tmp_path / "file", max_bytes=1000)
        assert asked == ["/"]


async def test_a_host_without_tls_is_not_said_to_have_a_wrong_certificate(
    client: GuardedClient, tmp_path: Path
) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchError, match="it does not speak TLS there") as caught:
            await client.download(f"https://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
    assert not caught.value.transient


async def test_a_host_that_hangs_up_in_the_handshake_may_be_tried_again(client: GuardedClient, tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchError, match="cannot be connected to") as caught:
            await client.download(f"https://127.0.0.1:{port}/", tmp_path / "file", max_bytes=1000)
    assert caught.value.transient


def test_a_file_without_certificates_is_told_by_the_name_of_its_setting(tmp_path: Path) -> None:
    assert trusted(None, setting="callback_ca") is None
    (tmp_path / "bad.pem").write_text("no certificate")
    for path in (tmp_path / "bad.pem", tmp_path / "absent.pem"):
        with pytest.raises(ConfigurationError, match=f"^ca: {path} has no certificates"):
            trusted(path, setting="ca")
