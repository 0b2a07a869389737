"""A hub on loopback: what `huggingface_hub` asks of one, for folders of this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass
class Hub:
    """Which repositories there are, and how it fails.

    Attributes:
        address: of the endpoint.
        breaks: bytes after which each answer breaks off, by the file's name.
        damaged: names of files that come with another byte.
        served: (path, first byte) of each answer with a file.
    """

    repositories: dict[str, Path]
    address: str = ""
    licence: str = "apache-2.0"
    breaks: dict[str, int] = field(default_factory=dict[str, int])
    damaged: set[str] = field(default_factory=set[str])
    served: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    made: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": blob}
    if path.endswith(".safetensors"):
        digest = hashlib.sha256(content).hexdigest()
        made["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 130}
    return made


@contextmanager
def running_hub(repositories: dict[str, Path]) -> Generator[Hub]:
    hub = Hub(repositories)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path.startswith("/api/models/"):
                self._model("/".join(path.split("/")[3:5]))
                return
            owner, name, _, _, *rest = path.strip("/").split("/")
            self._file(hub.repositories.get(f"{owner}/{name}"), "/".join(rest))

        def _model(self, name: str) -> None:
            folder = hub.repositories.get(name)
            if folder is None:
                self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
                return
            siblings = [_sibling(path, content) for path, content in _files(folder).items()]
            made = {"id": name, "sha": _COMMIT, "siblings": siblings, "cardData": {"license": hub.licence}}
            self._answer(200, json.dumps(made).encode())

        def _file(self, folder: Path | None, path: str) -> None:
            content = None if folder is None else _files(folder).get(path)
            if content is None:
                self._answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})
                return
            if path in hub.damaged:
                content = bytes([content[0] ^ 1]) + content[1:]
            asked = self.headers.get("Range")
            begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            hub.served.append((path, begin))
            rest = content[begin:]
            headers = {"X-Repo-Commit": _COMMIT}
            if asked:
                headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            if path in hub.breaks:
                self.send_response(206 if asked else 200)
                self.send_header("Content-Length", str(len(rest)))
                self.end_headers()
                self.wfile.write(rest[: hub.breaks[path]])
                self.close_connection = True
                return
            self._answer(206 if asked else 200, rest, headers)

        def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
