from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from opendance.errors import TaskError
from opendance.media.examine import Examiner
from opendance.plan import AssetKind

Judge = Callable[..., Awaitable[dict[str, Any]]]
SUFFIX = {"image": ".png", "video": ".mp4", "audio": ".wav"}


@pytest.fixture
async def examiner() -> AsyncGenerator[Examiner]:
    process = Examiner()
    yield process
    await process.close()


@pytest.fixture
def judge(examiner: Examiner, tmp_path: Path) -> Judge:
    """Facts of a file of these bytes; its copy is tmp_path / "copy.png", ".mp4" or ".wav"."""

    async def facts(kind: AssetKind, content: bytes, *, most_pixels: int = 921_600) -> dict[str, Any]:
        source = tmp_path / "source"
        source.write_bytes(content)
        return await examiner.examine(kind, source, tmp_path / f"copy{SUFFIX[kind]}", most_pixels=most_pixels)

    return facts


@pytest.fixture
def refusal(judge: Judge) -> Callable[..., Awaitable[tuple[str, str]]]:
    """Code and message of the refusal of a file."""

    async def refused(kind: AssetKind, content: bytes) -> tuple[str, str]:
        with pytest.raises(TaskError) as caught:
            await judge(kind, content)
        return caught.value.code, caught.value.message

    return refused


def sandboxes() -> list[int]:
    """The confined processes that this one has started."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                is_one = b"opendance.media.sandbox" in (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if is_one and parent == os.getpid():
                found.append(int(folder.name))
    return found
