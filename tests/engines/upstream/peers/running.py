"""Starts a peer in a process of its own, for the tests that ask it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("OPENDANCE_PEERS", Path(sys.prefix) / "peers"))


@dataclass
class Peer:
    """A server of theirs in a process of its own.

    Attributes:
        told: what its model was given, one for each task.
    """

    address: str
    process: subprocess.Popen[str]
    lines: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    @property
    def told(self) -> dict[str, Any]:
        return self.lines.get(timeout=30)


def _started(package: str, pipeline: str, folder: Path) -> Peer:
    pytest.importorskip("torch", reason="the extra gpu is not installed; make test-engines installs it")
    if not (FOLDER / package).is_dir():
        pytest.skip(f"{package} is not in {FOLDER}; make test-engines puts it there, where its registry can be reached")
    if shutil.which("ffprobe") is None:
        stand_in = folder / "ffprobe"
        stand_in.write_text(f"#!{sys.executable}\n" + (Path(__file__).parent / "ffprobe.py").read_text())
        stand_in.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.engines.upstream.peers.{package.partition('/')[0]}", str(FOLDER), pipeline],
        stdout=subprocess.PIPE,
        stderr=(folder / "peer.log").open("w"),
        text=True,
        env={
            **os.environ,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "VLLM_OMNI_SERVER_STORAGE__PATH": str(folder / "storage"),
        },
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first, (folder / "peer.log").read_text()[-3000:]
    peer = Peer(f"http://127.0.0.1:{json.loads(first)['port']}", process)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            peer.lines.put(json.loads(line))

    threading.Thread(target=listen, daemon=True).start()
    return peer


@contextmanager
def running_peer(package: str, pipeline: str, folder: Path) -> Generator[Peer]:
    """A server of theirs; skips the test where it is not installed.

    Args:
        package: `vllm_omni` or `sglang`.
        pipeline: the model that it serves, as the peer names it.
        folder: for its files.
    """
    peer = _started(package, pipeline, folder)
    try:
        yield peer
    finally:
        peer.process.kill()
        peer.process.wait()
