"""Files from outside, seen from the safe side: each is opened in a confined process; facts and copies come back."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opendance.asset import Asset
from opendance.errors import BrokenRule, OpendanceError, TaskError, is_disk_full
from opendance.media.budget import places
from opendance.media.confined_process import Confined, ProcessEnded
from opendance.media.confinement import Layer
from opendance.media.finish import Finish
from opendance.media.rules import INVALID
from opendance.plan import AssetKind

_log = logging.getLogger(__name__)
_LIMIT = 60.0  # s for one file
_FINISH_LIMIT = 280.0  # s; 15 s of 1080p take some 20 s on two cores


class _Unreadable(OpendanceError):
    """The confined process could not open a file."""


class Examiner:
    """A confined process for several files of one task, one after the other; another where a file brings it down.

    What one file did to it may tell in the next, so files of others never meet it.
    """

    def __init__(self) -> None:
        self._confined = Confined()

    async def close(self) -> None:
        """End the process."""
        await self._confined.close()

    async def examine(self, kind: AssetKind, path: Path, target: Path, *, most_pixels: int) -> dict[str, Any]:
        """The facts of the file at `path`; its copy is at `target`, the sound of a video beside it (.wav).

        Args:
            most_pixels: of the copy of a video.

        Raises:
            TaskError: the file breaks a rule, is damaged, or cannot be opened within the limits.
        """
        request = {"kind": kind, "most_pixels": most_pixels}
        sound = [target.with_suffix(".wav")] if kind == "video" else []
        try:
            facts = await self._ask(request, _LIMIT, [path], [target, *sound])
        except _Unreadable as problem:
            raise TaskError(INVALID[kind], str(problem)) from None
        if sound and not facts["has_audio"]:
            sound[0].unlink()
        return facts

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

    async def finish(self, path: Path, target: Path, finish: Finish, stand_in: Path | None = None) -> dict[str, Any]:
        """Make the clip at `target` out of the video at `path`, which another service made; gives its facts.

        Args:
            stand_in: the sound where the video has none, a WAV of ours.

        Raises:
            TaskError: there is no such video in the file.
        """
        request = {"kind": "finish", "finish": asdict(finish)}
        try:
            sources = [path] if stand_in is None else [path, stand_in]
            return await self._ask(request, _FINISH_LIMIT, sources, [target])
        except _Unreadable as problem:
            raise TaskError("generation_failed_no_content", f"the upstream's video: {problem}") from None

    async def marks(self, path: Path) -> dict[str, Any]:
        """What `find_watermarks` says of the video at `path`.

        Raises:
            TaskError: there is no readable video in the file.
        """
        try:
            return await self._ask({"kind": "marks"}, _FINISH_LIMIT, [path])
        except _Unreadable as problem:
            raise TaskError("invalid_video", str(problem)) from None

    async def layers(self) -> tuple[Layer, ...]:
        """What keeps a confined process of this system from doing anything else."""
        return tuple(Layer(**layer) for layer in (await self._ask({"kind": "layers"}, _LIMIT))["layers"])

    async def _ask(
        self, request: dict[str, Any], limit: float, sources: Sequence[Path] = (), targets: Sequence[Path] = ()
    ) -> dict[str, Any]:
        """The facts of the first of `sources`. Where there are none, there are no targets either."""
        try:
            if places().locked():
                await self._confined.close()  # who waits takes no memory meanwhile
            async with places():
                answer = await self._confined.ask(request, limit, list(sources), targets)
            if "error" in answer:
                error = answer["error"]
                rule = error.get("rule")
                raise TaskError(error["code"], error["message"], rule=None if rule is None else BrokenRule(**rule))
        except BaseException as problem:
            for target in targets:
                with contextlib.suppress(OSError):  # a folder, say, stands where it should be: `problem` tells that
                    target.unlink(missing_ok=True)
            if isinstance(problem, TimeoutError):
                raise _Unreadable(f"it could not be read within {limit:g} s") from None
            if isinstance(problem, ProcessEnded):
                _log.warning("the process that reads media ended on a file (%s)", request["kind"])
                raise _Unreadable("it cannot be opened: its content brings the decoder down") from None
            if isinstance(problem, OSError) and not is_disk_full(problem):
                raise _Unreadable(f"it cannot be opened: {problem.strerror}") from None
            raise
        return answer["facts"]
