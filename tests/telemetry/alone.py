"""A whole server in a network of its own: makes a video from a picture, and tells which names any process asked for.

Run by `test_quiet.py` as root of a user namespace with nothing in it but loopback; its argument is an empty folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.conftest import body, hosting, start_server, wait_for
from tests.files import image_bytes

_UP = 0x8914  # SIOCSIFFLAGS
_FLAGS = 0x1 | 0x40  # up, running
_AFTERWARDS = 3.0  # s: what a library sends, it sends later


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _UP, struct.pack("16sH14x", b"lo", _FLAGS))


def _name(question: bytes) -> str:
    labels: list[str] = []
    place = 12
    while length := question[place]:
        labels.append(question[place + 1 : place + 1 + length].decode())
        place += 1 + length
    return ".".join(labels)


def _answer_nothing(asked: list[str], folder: Path) -> None:
    """Be the only name server there is, which knows no name."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 53))
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1\n")
    subprocess.run(["mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf"], check=True)

    def work() -> None:
        while True:
            question, peer = listening.recvfrom(4096)
            asked.append(_name(question))
            listening.sendto(question[:2] + b"\x81\x83" + question[4:6] + bytes(6) + question[12:], peer)

    threading.Thread(target=work, daemon=True).start()


def main(folder: Path) -> None:
    """Write what was asked for, and how the video ended, to stdout."""
    asked: list[str] = []
    _bring_up_loopback()
    _answer_nothing(asked, folder)
    with contextlib.suppress(OSError):
        socket.getaddrinfo("control.example", 443)
    with hosting() as hosted:
        picture = hosted.put("a.png", image_bytes(480, 360))
        home = folder / "home"
        home.mkdir()
        server = start_server(
            folder / "data", OPENDANCE_FETCH_ALLOW="127.0.0.1/32", HOME=str(home), TMPDIR=str(home), XDG_CACHE_HOME=""
        )
        try:
            with server.client() as client:
                asks = body(model="seedance-2.0-mini-image-to-video", image_urls=[picture])
                task = wait_for(client, client.post("/v1/videos/generations", json=asks).json()["id"])
            time.sleep(_AFTERWARDS)
        finally:
            server.stop()
    left = sorted(
        str(path.relative_to(home)) for path in home.rglob("*") if "icrosoft" in path.name or ".ses" in path.name
    )
    print(json.dumps({"asked": asked, "status": task["status"], "left": left}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
