"""Files from outside, seen from the safe side: each is opened in a confined process; facts and copies come back."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from opendance.errors import TaskError
from opendance.media.rules import INVALID
from opendance.plan import AssetKind

_log = logging.getLogger(__name__)
_LIMIT = 60.0  # s for one file
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Examiner:
    """A confined process for several files, one after the other; it is started again when a file brings it down."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def examine(self, kind: AssetKind, path: Path, target: Path, *, most_pixels: int) -> dict[str, Any]:
        """The facts of the file at `path`; its copy is at `target`, the sound of a video beside it (.wav).

        Args:
            most_pixels: of the copy of a video.

        Raises:
            TaskError: the file breaks a rule, is damaged, or cannot be opened within the limits.
        """
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "opendance.media.sandbox",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        request = {"kind": kind, "path": str(path), "target": str(target), "most_pixels": most_pixels}
        line = b""
        try:
            async with asyncio.timeout(_LIMIT):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            await self.close()
            raise TaskError(INVALID[kind], f"it could not be read within {_LIMIT:g} s") from None
        except (BrokenPipeError, ConnectionResetError):
            pass
        except BaseException:
            await self.close()
            raise
        if not line:
            await self.close()
            _log.warning("the process that reads media ended on a file of %s", kind)
            raise TaskError(INVALID[kind], "it cannot be opened: its content brings the decoder down")
        answer = json.loads(line)
        if "error" in answer:
            raise TaskError(answer["error"]["code"], answer["error"]["message"])
        return answer["facts"]
