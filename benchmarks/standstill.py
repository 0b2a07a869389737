"""How long everybody else waits while one hostile request is handled, and what memory it takes.

For each attack: the longest that `/healthz` took meanwhile, how the attack was answered, and the server's highest
resident memory. One server on SQLite; the attacker and who asks for `/healthz` are threads of this process.

`python -m benchmarks.standstill [words of the attacks to run]`
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.api import ours

from opendance.api.rules import count_tokens

MB = 1 << 20
TARGET = 0.1  # s
GIVE_UP = 60.0  # s for one attack
TEXT, REFERENCE = "seedance-2.0-mini-text-to-video", "seedance-2.0-mini-reference-to-video"
CREATE, DRY_RUN, ARK = (
    "/v1/videos/generations",
    "/v1/videos/generations?dry_run=true",
    "/api/v3/contents/generations/tasks",
)
PIECES = (
    "image", "video 1", "@", " ", "\n", "1", "a", "s.", "from ", "[1-2s]", "cut to ", "图1", "이미지", "、", "f r e e ",
    "n-u-d-e ", "０", "＠", "\u200b", "é", "ﷺ", "the cat's ", "replace the ", '"', "(", "shot 1:", "second 5 ",
)  # fmt: skip
BASE64, STREAM, ADMIN = "/api/v1/files/upload/base64", "/api/v1/files/upload/stream", "/admin/v1/accounts"


@dataclass(frozen=True)
class Attack:
    """One request.

    Attributes:
        body: made when it is its turn.
        keyed: whether the attacker has a key.
    """

    name: str
    path: str
    body: Callable[[], bytes]
    keyed: bool = True


def prompt(text: str, **fields: object) -> Callable[[], bytes]:
    """The body of a creation."""
    return lambda: json.dumps({"model": TEXT, "prompt": text, **fields}, ensure_ascii=False).encode()


def _references(text: str) -> Callable[[], bytes]:
    urls = {f"{kind}_urls": ["https://example.com/a"] for kind in ("image", "video", "audio")}
    return prompt(text, **{"model": REFERENCE, **urls})


def _bomb(size: int) -> bytes:
    return b"[" + b"[]," * (size // 3) + b"[]]"


def _base64(content: str) -> Callable[[], bytes]:
    return lambda: json.dumps({"base64_data": content}).encode()


def attacks() -> Iterator[Attack]:
    """Those that once brought the server to a stop, and their kin."""
    for before, filler in (("image", " "), ("[5", " "), ("1", " "), ("from", " "), ("a 5", " ")):
        text = before + filler * 20_000 + "x"
        yield Attack(f"prompt: {before!r} and {filler!r}, 20 KB", DRY_RUN, prompt(text))
    for filler in (".", ". ", "!?"):
        text = (filler * 9_990)[:9_990]
        yield Attack(f"prompt of {filler!r}, 9,990 letters", DRY_RUN, _references("image 1" + text))
    yield Attack("prompt: image and spaces, 59 KB", DRY_RUN, prompt("image" + " " * 59_000 + "x"))
    yield Attack("no key: 63 MB of arrays to /admin", ADMIN, lambda: _bomb(63 * MB), keyed=False)
    yield Attack("no key: 63 MB of arrays to base64", BASE64, lambda: _bomb(63 * MB), keyed=False)
    yield Attack("no key: 96 MB to the stream", STREAM, lambda: b"x" * (96 * MB), keyed=False)
    yield Attack("63 MB of arrays to base64", BASE64, lambda: _bomb(63 * MB))
    yield Attack("prompt of '!', 24 MB", DRY_RUN, prompt("!" * (24 * MB)))
    yield Attack("prompt of 'a ', 4 MB", DRY_RUN, prompt("a " * (2 * MB)))
    yield Attack("prompt of Han, 4 MB", DRY_RUN, prompt("猫" * (4 * MB // 3)))
    yield Attack("ignored field of arrays, 4 MB", DRY_RUN, lambda: b'{"model":"m","x":' + _bomb(4 * MB) + b"}")
    yield Attack("ignored field of arrays, 60 MB", DRY_RUN, lambda: b'{"model":"m","x":' + _bomb(60 * MB) + b"}")
    yield Attack("Ark: text of '!', 24 MB", ARK, lambda: _ark("!" * (24 * MB)))
    yield Attack("base64: data:;a;a, 24 MB", BASE64, _base64("data:" + ";a" * (12 * MB)))
    yield Attack("base64: ' a a a', 48 MB", BASE64, _base64(" a" * (24 * MB)))
    yield Attack("base64: a file of 45 MB", BASE64, _base64("A" * (60 * MB)))
    yield Attack("base64: escapes, 60 MB", BASE64, lambda: b'{"base64_data":"' + b"\\/" * (30 * MB) + b'"}')
    yield Attack("an image URL of 4 MB", CREATE, _references_with_url(4 * MB))
    yield Attack("camera of video 1, 45 KB", DRY_RUN, _references("camera of video 1 " * 2_497))
    yield Attack(
        "use image 1 as the style of, 45 KB", DRY_RUN, _references("use image 1 as the style of image " * 1_240)
    )
    yield Attack("image 1. 30 KB", DRY_RUN, _references("image 1. " * 3_330))
    yield Attack("video 1 and nothing known, 70 KB", DRY_RUN, _references("video 1 " + "zqxjvb " * 9_990))
    yield Attack("dry run of ﷺ x 59,940", DRY_RUN, prompt("ﷺ" * 59_940))
    yield Attack("creation of ﷺ x 59,940", CREATE, prompt("ﷺ" * 59_940))
    yield Attack("creation of words, 60 KB", CREATE, prompt("zqxjvb " * 8_500))
    yield Attack("creation of known words, 60 KB", CREATE, prompt("a red cat runs in the rain, " * 1_240))
    rng = random.Random(8)
    for number in range(12):
        chosen = rng.sample(PIECES, rng.choice((1, 1, 2, 3)))
        piece = "".join(chosen)
        times = min(60_000 // len(piece), 9_900 // max(1, count_tokens(piece)))
        text = rng.choice(PIECES) + piece * times + rng.choice(PIECES)
        yield Attack(f"fuzz {number}: {''.join(chosen)!r}", (DRY_RUN, CREATE)[number % 2], prompt(text))


def _ark(text: str) -> bytes:
    return json.dumps({"model": "doubao-seedance-2-0-260128", "content": [{"type": "text", "text": text}]}).encode()


def _references_with_url(length: int) -> Callable[[], bytes]:
    model = "seedance-2.0-mini-image-to-video"
    return prompt("a", model=model, image_urls=["https://example.com/" + "a" * length])


# ── who watches ──


@dataclass
class Watch:
    """What was seen while something went on.

    Attributes:
        longest: of the answers to `/healthz`, s.
        memory: highest resident memory, MB.
    """

    longest: float = 0.0
    memory: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watched(address: str, process: int) -> Generator[Watch]:
    """Ask for `/healthz` again and again."""
    watch = Watch()
    _forget_peak(process)

    def look() -> None:
        while not watch.done.is_set():
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection(address, timeout=GIVE_UP * 2)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                connection.close()
            except OSError:
                pass
            watch.longest = max(watch.longest, time.monotonic() - began)
            time.sleep(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    time.sleep(0.1)
    try:
        yield watch
    finally:
        time.sleep(0.3)
        watch.done.set()
        thread.join()
        watch.memory = _peak(process)


def _forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def _peak(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def send(address: str, attack: Attack, body: bytes, key: str) -> str:
    """Send it, and give the status of the answer with how long it took."""
    host, _, port = address.partition(":")
    head = [f"POST {attack.path} HTTP/1.1", f"Host: {address}", "Content-Type: application/json"]
    if attack.path == STREAM:
        head[-1] = "Content-Type: multipart/form-data; boundary=b"
    head += [f"Content-Length: {len(body)}", "Connection: close", *([f"Authorization: Bearer {key}"] * attack.keyed)]
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=GIVE_UP) as connection:
        answer = b""
        with contextlib.suppress(OSError):  # it would not read the rest
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        try:
            answer = connection.recv(64)
        except OSError as error:
            return type(error).__name__
    return f"{answer[9:12].decode() or 'closed'} after {time.monotonic() - began:.2f} s"


# ── connections ──


def endless_headers(address: str, size: int = 16 * MB) -> str:
    """Headers that never end, from somebody without a key."""
    host, _, port = address.partition(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            while sent < size:
                connection.sendall(b"a: b\r\n" * 10_000)
                sent += 60_000
        except OSError:
            return f"ended after {sent >> 10} KB"
    return f"{sent >> 20} MB were taken"


def silent_connections(address: str, number: int = 400) -> str:
    """Connections on which nothing is said; how many are still open after 12 s."""
    host, _, port = address.partition(":")
    connections = [socket.create_connection((host, int(port)), timeout=5) for _ in range(number)]
    time.sleep(12)
    still = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            still += connection.recv(1000) == b"never"
        except BlockingIOError:
            still += 1
        except OSError:
            pass
        connection.close()
    return f"{still} of {number} still open after 12 s"


def event_streams(address: str, key: str, number: int = 400) -> str:
    """Event streams of one key on one task that waits."""
    client = http.client.HTTPConnection(address)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    client.request("POST", CREATE, json.dumps({"model": TEXT, "prompt": "a cat"}), headers)
    task = json.loads(client.getresponse().read())["id"]
    open_streams: list[http.client.HTTPConnection] = []
    statuses: list[int] = []
    for _ in range(number):
        stream = http.client.HTTPConnection(address, timeout=10)
        stream.request("GET", f"/v1/tasks/{task}/events", headers=headers)
        statuses.append(stream.getresponse().status)
        open_streams.append(stream)
    for stream in open_streams:
        stream.close()
    return f"{statuses.count(200)} of {number} accepted"


def main() -> None:
    words = [word.lower() for word in sys.argv[1:]]
    folder = Path(tempfile.mkdtemp(prefix="opendance-standstill-"))
    process, url, key = ours(folder, OPENDANCE_WORK="true", OPENDANCE_ENGINES="blank", OPENDANCE_CONCURRENCY="1")
    address = url.removeprefix("http://")
    worst = 0.0

    def show(name: str, act: Callable[[], str]) -> None:
        nonlocal worst
        if words and not any(word in name.lower() for word in words):
            return
        with watched(address, process.pid) as watch:
            answer = act()
        worst = max(worst, watch.longest)
        print(f"{name[:44]:<44} {watch.longest * 1000:8.0f} ms {watch.memory:7.0f} MB   {answer}", flush=True)

    print(f"{'':<44} {'/healthz':>11} {'memory':>10}   the attack")
    try:
        send(address, Attack("", "/healthz", bytes), b"", key)  # the first request of a process finds its routes
        show("nothing", lambda: str(time.sleep(2) or ""))
        for attack in attacks():
            if not words or any(word in attack.name.lower() for word in words):
                body = attack.body()  # made before the clock starts
                show(attack.name, lambda attack=attack, body=body: send(address, attack, body, key))
        show("no key: headers without end", lambda: endless_headers(address))
        show("no key: 400 silent connections", lambda: silent_connections(address))
        process.terminate()
        process.wait(20)
        process, url, key = ours(folder / "idle")  # where a task waits, and its streams with it
        address = url.removeprefix("http://")
        show("400 event streams of one key", lambda: event_streams(address, key))
        print(f"longest standstill {worst * 1000:.0f} ms (target {TARGET * 1000:.0f} ms)")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
