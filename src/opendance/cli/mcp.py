"""opendance mcp: the MCP server of one program, over its standard input and output."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from opendance.agents import MISSING, is_installed
from opendance.cli.common import ConfigFile, DataDir, app
from opendance.cli.own_server import server_on
from opendance.cli.where import API_KEY, ApiKey, BaseUrl
from opendance.client import AsyncClient
from opendance.errors import ConfigurationError
from opendance.settings import load_settings


@app.command()
def mcp(
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Let an agent make videos: an MCP server on standard input and output. A server has one for all at /mcp."""
    if not is_installed():
        raise ConfigurationError(MISSING)
    if base_url is not None and data_dir is None and config is None:
        if not api_key:
            raise ConfigurationError(f"--api-key: a server needs a key; give --api-key or set {API_KEY}")
        asyncio.run(_serve(base_url, api_key))
        return
    with server_on(load_settings(config, data_dir=data_dir).data_dir, config, lambda _: None) as server:
        asyncio.run(_serve(server.address, server.key))


async def _serve(address: str, key: str) -> None:
    """Until standard input ends."""
    from opendance.agents.tools import make_server

    async with AsyncClient(address, key, timeout=300) as client:

        @asynccontextmanager
        async def one(_: Any) -> AsyncGenerator[AsyncClient]:
            yield client

        await make_server(one, paths=True, streams=True).run_stdio_async()
