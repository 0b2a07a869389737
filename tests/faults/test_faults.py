"""A sample of the faults; `make faults` does hundreds."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.faults import run
from tests.faults.world import Kind, judge, running_world


@pytest.mark.parametrize(
    ("kind", "faults"),
    [pytest.param("sqlite", 4, marks=pytest.mark.thorough), pytest.param("postgresql", 4, marks=pytest.mark.thorough)],
)
def test_whatever_is_killed_filled_or_taken_away_nothing_is_lost(tmp_path: Path, kind: Kind, faults: int) -> None:
    with running_world(kind, tmp_path) as world:
        table = run(world, faults=faults, seed=11, each=faults)
    print(table)
    assert table.faults == faults
    assert not table.verdict.problems, f"{table}\n{(tmp_path / 'log').read_text()[-3000:]}"


@pytest.mark.thorough  # as all that it judges
def test_the_judge_sees_what_was_lost(tmp_path: Path) -> None:
    with running_world("sqlite", tmp_path) as world:
        kept, settled, untold, stuck = (world.create(media=False) for _ in range(4))
        assert not judge(world).problems
        world.end(world.roles[0], signal.SIGTERM)
        world.rows("DROP TRIGGER ledger_keeps_rows")
        world.rows("DELETE FROM ledger WHERE task_id = :id", id=settled.id)
        world.rows("UPDATE tasks SET status = 'processing', owner = 'x', attempts = 99 WHERE id = :id", id=stuck.id)
        world.receiver.got[:] = [one for one in world.receiver.got if one.path != f"/{untold.name}"]
        (world.disk / "work" / "left").mkdir()
        problems = "\n".join(judge(world, patience=8).problems)
    for expected in (settled.id, untold.id, "the ledger differs", "left was left"):
        assert expected in problems
    assert kept.id not in problems
