from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from opendance.media.budget import most_at_once
from opendance.media.examine import Examiner
from tests.files import image_bytes, saved
from tests.media.conftest import sandboxes


@pytest.mark.parametrize(
    ("cores", "gibibytes", "number"), [(1, 1, 1), (2, 16, 2), (64, 4, 1), (64, 16, 6), (4, 0.5, 1)]
)
def test_so_many_run_at_once_as_there_are_cores_and_memory_for(cores: int, gibibytes: float, number: int) -> None:
    assert most_at_once(cores, int(gibibytes * (1 << 30))) == number


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how many run")
async def test_the_places_are_shared_by_all_and_who_waits_runs_no_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("opendance.media.budget.num_places", lambda: 1)
    source = saved(tmp_path, "source", image_bytes(320, 320))
    examiners = [Examiner() for _ in range(3)]
    seen: list[int] = []

    async def examine(number: int) -> None:
        for turn in range(2):
            target = tmp_path / f"{number}-{turn}.png"
            await examiners[number].examine("image", source, target, most_pixels=1)
            seen.append(len(sandboxes()))
        await examiners[number].close()

    await asyncio.gather(*(examine(number) for number in range(3)))
    assert len(seen) == 6
    assert max(seen) <= 2, "one at work, and one that has just ended its file"
