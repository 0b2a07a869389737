"""What a server has left in its data folder for programs of the same machine; `server_file` leaves it there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from opendance.held_file import is_free

SERVER_FILE = "server.json"


@dataclass(frozen=True)
class ServerFile:
    """What it says.

    Attributes:
        address: of the server, http://host:port.
        admin_address: where its operators' routes are; the same where they have no listener of their own.
        key: of the default account; good while the server runs.
        pid: of its process.
    """

    address: str
    admin_address: str
    key: str
    pid: int


def read_server_file(data_dir: Path) -> ServerFile | None:
    """What the server that works on the folder has left there; None where there is none, or one died there."""
    try:
        with (data_dir / SERVER_FILE).open() as file:
            return None if is_free(file.fileno()) else ServerFile(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None
