"""The MCP server: what agents can do here. It asks the API by the client, with the key of whoever asks."""

from __future__ import annotations

import importlib.util

MISSING = "agents need the package mcp: pip install 'opendance[mcp]'"


def is_installed() -> bool:
    """Whether the package is there that speaks MCP; it is not imported for that."""
    return importlib.util.find_spec("mcp") is not None
