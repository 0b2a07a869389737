"""What a start does to the collector of garbage."""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import Any

import pytest

from opendance.loading import loading


@pytest.fixture
def collections() -> Generator[list[int]]:
    """Generations that were looked through since; the collector is as before afterwards."""
    thresholds, looked = gc.get_threshold(), list[int]()

    def look(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            looked.append(info["generation"])

    gc.callbacks.append(look)
    yield looked
    gc.callbacks.remove(look)
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_a_crowd_keeps_open_is_not_looked_through_again_and_again(collections: list[int]) -> None:
    with loading():
        pass
    kept = [[number] for number in range(300_000)]
    assert len(kept) == 300_000
    assert 2 not in collections
    assert 0 < collections.count(0) <= 30


def test_nothing_is_looked_for_while_a_program_loads(collections: list[int]) -> None:
    with loading():
        made = [[number] for number in range(50_000)]
        assert collections == []
    assert len(made) == 50_000
    assert gc.isenabled()
    assert gc.get_freeze_count() > 50_000
