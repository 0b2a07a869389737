"""A peer's application on a free port of loopback: `port` on standard output, then a JSON line for each request."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn

from tests import files


def tell(**facts: Any) -> None:
    """One line for the test that started this."""
    print(json.dumps(facts), file=sys.__stdout__, flush=True)


def serve(app: Any) -> None:
    """Run until the process is ended."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            tell(port=self.servers[0].sockets[0].getsockname()[1])

    Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off")).run()


def drawn(path: Path, size: tuple[int, int], num_frames: int, *, sound: bool = True, frame_rate: float = 24) -> Path:
    """What the trivial model draws."""
    path.write_bytes(files.video_bytes(*size, rate=int(frame_rate), num_frames=num_frames, sound=sound))
    return path
