"""`/mcp`: the same for agents, over MCP. The key is looked at here, as for every other route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from opendance.agents import MISSING, is_installed
from opendance.api.auth import caller
from opendance.catalog import MAX_AGENT_BODY_BYTES
from opendance.errors import NotReady

if TYPE_CHECKING:
    from opendance.agents.http import Agents

PATH = "/mcp"


class _Endpoint:
    """Imports what speaks MCP with the first request: no start waits for it."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await caller(Request(scope, receive))
        if not is_installed():
            raise NotReady(problem=MISSING)
        await _agents(self._app).answer(scope, receive, send)


def _agents(app: FastAPI) -> Agents:
    from opendance.agents.http import Agents

    if getattr(app.state, "agents", None) is None:
        app.state.agents = Agents(app, max_body=MAX_AGENT_BODY_BYTES)
    return app.state.agents


def add_agents(app: FastAPI) -> None:
    """Let agents ask at `/mcp`."""
    app.router.routes.append(Route(PATH, _Endpoint(app), include_in_schema=False))
