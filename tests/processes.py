"""Workers as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_worker(data_dir: Path, **environment: str) -> Generator[subprocess.Popen[str]]:
    """Start `opendance worker`, and kill it at the end of the block."""
    command = [sys.executable, "-m", "opendance.cli", "worker", "--concurrency", "1", "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "works" in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()
