"""A receiver of callbacks: a true HTTPS server on loopback that answers as it is told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Received:
    """A callback that came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and what is answered.

    Attributes:
        answers: by path, statuses to give one after the other, the last again and again; default 200.
        delays: by path, s before the answer.
    """

    address: str
    ca: Path
    got: list[Received] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)

    def url(self, name: str, *statuses: int, delay: float = 0.0) -> str:
        """A callback URL that answers so."""
        self.answers[f"/{name}"] = list(statuses) or [200]
        self.delays[f"/{name}"] = delay
        return f"{self.address}/{name}"

    def at(self, name: str) -> list[Received]:
        return [one for one in self.got if one.path == f"/{name}"]

    def wait(self, name: str, count: int = 1, *, seconds: float = 30.0) -> list[Received]:
        """The first `count` callbacks at this path."""
        ends = time.monotonic() + seconds
        while len(self.at(name)) < count:
            assert time.monotonic() < ends, f"{len(self.at(name))} of {count} callbacks came to {name}"
            time.sleep(0.02)
        return self.at(name)[:count]


@contextmanager
def running_receiver(folder: Path) -> Generator[Receiver]:
    """The receiver, with a certificate of an authority of its own."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed in the middle: no server takes that for a request
                self.close_connection = True
                return
            receiver.got.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            time.sleep(receiver.delays.get(self.path, 0))
            answers = receiver.answers.get(self.path, [200])
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            try:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{receiver.address}/redirected")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:  # whoever asked has gone
                pass

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # handshakes that are refused are part of the tests

    listening = Server(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    receiver = Receiver(f"https://127.0.0.1:{listening.server_port}", folder / "ca.pem")
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        listening.shutdown()
