"""Files from outside, seen from the safe side: each is opened in a confined process; facts and copies come back."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opendance.asset import Asset
from opendance.errors import OpendanceError, TaskError
from opendance.media.finish import Finish
from opendance.media.rules import INVALID
from opendance.plan import AssetKind

_log = logging.getLogger(__name__)
_LIMIT = 60.0  # s for one file
_FINISH_LIMIT = 280.0  # s; 15 s of 1080p take some 20 s on two cores
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class _Unreadable(OpendanceError):
    """The confined process could not open a file."""


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
        request = {"kind": kind, "path": str(path), "target": str(target), "most_pixels": most_pixels}
        try:
            return await self._ask(request, _LIMIT)
        except _Unreadable as problem:
            raise TaskError(INVALID[kind], str(problem)) from None

    async def asset(self, kind: AssetKind, number: int, path: Path, target: Path, *, most_pixels: int) -> Asset:
        """The file at `path` as an asset; arguments and errors as of `examine`.

        Args:
            number: from 1 among those of its kind.
        """
        facts = await self.examine(kind, path, target, most_pixels=most_pixels)
        facts["notes"] = tuple(facts.get("notes", ()))
        return Asset(
            kind=kind,
            number=number,
            path=str(target),
            sound_path=str(target.with_suffix(".wav")) if facts.get("has_audio") else None,
            source_path=str(path),
            **facts,
        )

    async def finish(self, path: Path, target: Path, finish: Finish) -> dict[str, Any]:
        """Make the clip at `target` out of the video at `path`, which another service made; gives its facts.

        Raises:
            TaskError: there is no such video in the file.
        """
        request = {"kind": "finish", "path": str(path), "target": str(target), "finish": asdict(finish)}
        try:
            return await self._ask(request, _FINISH_LIMIT)
        except _Unreadable as problem:
            raise TaskError("generation_failed_no_content", f"the upstream's video: {problem}") from None

    async def marks(self, path: Path) -> dict[str, Any]:
        """What `find_watermarks` says of the video at `path`.

        Raises:
            TaskError: there is no readable video in the file.
        """
        try:
            return await self._ask({"kind": "marks", "path": str(path)}, _FINISH_LIMIT)
        except _Unreadable as problem:
            raise TaskError("invalid_video", str(problem)) from None

    async def _ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
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
        line = b""
        try:
            async with asyncio.timeout(limit):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            await self.close()
            raise _Unreadable(f"it could not be read within {limit:g} s") from None
        except (BrokenPipeError, ConnectionResetError):
            pass
        except BaseException:
            await self.close()
            raise
        if not line:
            await self.close()
            _log.warning("the process that reads media ended on a file (%s)", request["kind"])
            raise _Unreadable("it cannot be opened: its content brings the decoder down")
        answer = json.loads(line)
        if "error" in answer:
            raise TaskError(answer["error"]["code"], answer["error"]["message"])
        return answer["facts"]
