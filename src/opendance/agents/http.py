"""MCP over HTTP, on the server itself: each request stands alone, and has the rights of its key.

What a tool does goes through the API as any request, in this process, so that limits, prices and errors are the same.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from opendance.agents.tools import make_server
from opendance.client import AsyncClient

# A key is needed, cookies are not taken, and the border looks at Host: no page of another host can ask here.
_SECURITY = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class Agents:
    """The endpoint.

    Args:
        api: what the tools ask.
        max_body: bytes of a request.
    """

    def __init__(self, api: ASGIApp, *, max_body: int) -> None:
        self._api, self._max_body = api, max_body
        # A stream of events would come whole, at its end: tasks are asked for instead.
        self._server = make_server(self._client, paths=False, streams=False)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whose key has been looked at."""
        manager = StreamableHTTPSessionManager(
            self._server._lowlevel_server,  # pyright: ignore[reportPrivateUsage]
            stateless=True,
            security_settings=_SECURITY,
            max_request_body_size=self._max_body,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    @asynccontextmanager
    async def _client(self, context: Any) -> AsyncGenerator[AsyncClient]:
        request = context.request_context.request
        key = request.headers["authorization"].partition(" ")[2].strip()
        transport = httpx.ASGITransport(app=self._api, client=request.scope.get("client") or ("127.0.0.1", 0))
        address = f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"
        async with AsyncClient(address, key, retries=0, transport=transport) as client:
            yield client
