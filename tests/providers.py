"""Providers of web search: a true HTTP server on loopback with their shapes, which finds what it is told to find."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

RAIN = {
    "title": "Seoul weather",
    "text": "Heavy rain all day in Seoul, 7 degrees.",
    "url": "https://weather.example/seoul",
}


@dataclass
class Web:
    """A server with the providers' shapes.

    Attributes:
        results: what it finds; `failure`: the status that it answers instead.
        free: while it is not set, nothing is answered, for 50 s at most.
        asked: (path, query, key) of each search.
        answered: how many searches were answered.
    """

    address: str = ""
    results: list[dict[str, str]] = field(default_factory=lambda: [RAIN])
    failure: int = 0
    free: threading.Event = field(default_factory=threading.Event)
    raw: bytes | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    answered: int = 0

    @contextmanager
    def silent(self) -> Generator[None]:
        """Nothing is answered until the block ends."""
        self.free.clear()
        self.asked.clear()
        self.answered = 0
        try:
            yield
        finally:
            self.free.set()

    def wait_for_search(self) -> None:
        for _ in range(600):
            if self.asked:
                return
            time.sleep(0.05)
        raise AssertionError("no search came")


@contextmanager
def a_web() -> Generator[Web]:
    web = Web()
    web.free.set()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, query: str, key: str, told: Any) -> None:
            web.asked.append((urlsplit(self.path).path, query, key))
            web.free.wait(50)
            web.answered += 1
            content = web.raw if web.raw is not None else json.dumps(told).encode()
            try:
                self.send_response(web.failure or 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # whoever asked has gone
                pass

        def do_GET(self) -> None:
            where = urlsplit(self.path)
            query = parse_qs(where.query)
            if where.path == "/search":  # SearXNG
                assert query["format"] == ["json"]
                told = {
                    "query": query["q"][0],
                    "results": [{**r, "content": r["text"], "engine": "x"} for r in web.results],
                }
                self._answer(query["q"][0], "", told)
            else:  # Brave
                found = [{"title": r["title"], "description": r["text"], "url": r["url"]} for r in web.results]
                told = {"type": "search", "web": {"type": "search", "results": found}} if found else {"type": "search"}
                self._answer(query["q"][0], self.headers["X-Subscription-Token"], told)

        def do_POST(self) -> None:  # Tavily
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = [{"title": r["title"], "content": r["text"], "url": r["url"], "score": 0.9} for r in web.results]
            self._answer(asked["query"], self.headers["Authorization"], {"query": asked["query"], "results": found})

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
