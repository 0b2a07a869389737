"""The official MCP client, to speak to a published MCP server that runs as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

Calling = Callable[..., Any]


def with_server(command: list[str], environment: Mapping[str, str], steps: Callable[[Calling], None]) -> None:
    """Start the server and do `steps`, which call its tools: `call(tool, **arguments)` gives the answer, JSON as values."""

    async def running() -> None:
        parameters = StdioServerParameters(command=command[0], args=command[1:], env={**os.environ, **environment})
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            loop = asyncio.get_running_loop()

            def call(tool: str, **arguments: Any) -> Any:
                answer = asyncio.run_coroutine_threadsafe(session.call_tool(tool, arguments), loop).result(120)
                text = "\n".join(part.text for part in answer.content if part.type == "text")
                try:
                    return json.loads(text)
                except ValueError:
                    return text

            await asyncio.to_thread(steps, call)

    asyncio.run(running())
