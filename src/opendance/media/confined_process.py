"""A confined process, seen from outside: it gets open files, a question about them, and a time limit."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from opendance.cancelling import end_process
from opendance.errors import OpendanceError

# All that the process has of our environment: what Python needs to start and libraries to be found. No secret of the
# server's, and none of its settings.
_KEPT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_ITS_OWN = {
    "LANG": "C.UTF-8",
    # Address space is limited, and each thread's arena reserves 64 MB of it.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class ProcessEnded(OpendanceError):
    """The process ended on a file."""


class Confined:
    """One process; it begins with the first question."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._handing: socket.socket | None = None

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if self._handing is not None:
            self._handing.close()
        if process is not None:
            await end_process(process)

    async def ask(
        self, request: dict[str, Any], limit: float, read: Sequence[Path] = (), write: Sequence[Path] = ()
    ) -> dict[str, Any]:
        """What the process answers.

        Args:
            limit: s for the answer.
            read, write: files that it gets, in this order; the latter are made, or emptied.

        Raises:
            TimeoutError: there is no answer yet; the process was ended.
            ProcessEnded: it ended by itself.
            OSError: a file cannot be opened.
        """
        line = b""
        try:
            async with asyncio.timeout(limit):
                process = await self._running()
                assert process.stdin is not None
                assert process.stdout is not None
                question = request | self._hand_over(read, write)
                try:
                    process.stdin.write(json.dumps(question).encode() + b"\n")
                    await process.stdin.drain()
                    line = await process.stdout.readline()
                except (BrokenPipeError, ConnectionResetError):
                    pass
        except BaseException:
            await self.close()
            raise
        if not line:
            await self.close()
            raise ProcessEnded
        return json.loads(line)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self.close()
        theirs: socket.socket | None = None
        if sys.platform != "win32":  # where descriptors cannot be handed over
            self._handing, theirs = socket.socketpair(socket.AF_UNIX)
        numbers = [] if theirs is None else [theirs.fileno()]
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # modules come from where Python is installed, not from the folder where the server runs
                "-m",
                "opendance.media.sandbox",
                *map(str, numbers),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=numbers,
                env={name: os.environ[name] for name in _KEPT if name in os.environ} | _ITS_OWN,
                start_new_session=True,
            )
        finally:
            if theirs is not None:
                theirs.close()
        return self._process

    def _hand_over(self, read: Sequence[Path], write: Sequence[Path]) -> dict[str, Any]:
        if self._handing is None or sys.platform == "win32":
            return {"paths": [str(path) for path in (*read, *write)]}
        with ExitStack() as opened:
            files = [opened.enter_context(path.open("rb", buffering=0)) for path in read]
            files += [opened.enter_context(path.open("w+b", buffering=0)) for path in write]
            if files:
                socket.send_fds(self._handing, [b"."], [file.fileno() for file in files])
        return {"files": len(files)}
