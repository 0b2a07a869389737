"""The whole application inside a test's own process, and requests told to it as a server would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from opendance.app import create_app
from opendance.running import running
from opendance.settings import Settings
from tests.databases import lay_tables

ADMIN_KEY = "od-admin-of-the-border-tests"


@asynccontextmanager
async def running_app(folder: Path, **settings: Any) -> AsyncGenerator[tuple[FastAPI, str]]:
    """The application with all that works behind it, and a key."""
    keys: list[str] = []
    values: dict[str, Any] = {"failed_keys_per_minute": 100_000, **settings}  # all that is asked has one address
    given = Settings(data_dir=folder, admin_key=ADMIN_KEY, work=False, engines=("blank",), **values)  # type: ignore[arg-type]
    if given.database_url is None:
        lay_tables(folder)
    app = create_app(given)
    async with running(given, keys.append, serves=True) as state:
        app.state.opendance = state
        await asyncio.sleep(0)  # what runs behind has begun, so that it can end
        yield app, keys[0]


class Exchange:
    """One request, told to the application as a server would, and its answer."""

    def __init__(self, method: str, path: str, key: str | None = None, **headers: str) -> None:
        self.status, self.headers, self.body, self.read = 0, dict[str, str](), b"", 0
        self._is_told = False
        path, _, query = path.partition("?")
        given = {"host": "x", "content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["authorization"] = f"Bearer {key}"
        self._scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in given.items()],
            "client": ("203.0.113.7", 1), "server": ("x", 80), "state": {},
        }  # fmt: skip

    def at(self, path: str) -> None:
        """Say what the path is, decoded, where it is written with escapes."""
        self._scope["path"] = path

    async def run(self, app: FastAPI, chunks: Iterator[bytes] | None = None) -> Exchange:
        async def receive() -> dict[str, Any]:
            chunk = None if chunks is None else next(chunks, None)
            if chunk is None and self._is_told:
                await asyncio.Event().wait()  # the client neither says more nor goes
            self._is_told = chunk is None
            self.read += len(chunk or b"")
            return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                self.body += message.get("body", b"")

        await app(self._scope, receive, send)  # type: ignore[arg-type]
        return self

    @property
    def error(self) -> dict[str, str]:
        return json.loads(self.body)["error"]
