"""Which steps run again: what is gone, where the walk stopped, and whether an upstream is at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.step import Scope, Step, due
from opendance.pipeline.steps import STEPS
from tests import tasks
from tests.pipeline.rows import (
    IMAGE,
    TEXT,
    UPSTREAM_ROW,
    journal_of,
    leave_files,
    names_of,
    row,
    rows_before,
)

NOTHING: tuple[str, ...] = ()
ALL = ("sources", "copies", "clip", "signed")
CLIPS = ("clip", "signed")
INPUTS = ("sources", "copies")

# Where it stopped, what is gone of what was left, and the first step to run: those behind it follow, all of them.
FOLLOWING = [
    (TEXT, "moderate", ALL, "moderate"),
    (TEXT, "plan", ALL, "plan"),
    (TEXT, "render", ALL, "render"),
    (TEXT, "check", NOTHING, "check"),
    (TEXT, "check", ALL, "render"),
    (TEXT, "sign", NOTHING, "sign"),
    (TEXT, "sign", ALL, "render"),
    (TEXT, "store", NOTHING, "store"),
    (TEXT, "store", ("signed",), "sign"),
    (TEXT, "store", ALL, "render"),
    (IMAGE, "moderate", ALL, "moderate"),
    (IMAGE, "fetch", ALL, "fetch"),
    (IMAGE, "probe", CLIPS, "probe"),
    (IMAGE, "probe", ALL, "fetch"),
    (IMAGE, "screen", CLIPS, "screen"),
    (IMAGE, "screen", ("copies", *CLIPS), "probe"),
    (IMAGE, "screen", ("sources", *CLIPS), "fetch"),
    (IMAGE, "screen", ALL, "fetch"),
    (IMAGE, "plan", CLIPS, "plan"),
    (IMAGE, "plan", ALL, "fetch"),
    (IMAGE, "render", CLIPS, "render"),
    (IMAGE, "render", ("copies", *CLIPS), "probe"),
    (IMAGE, "render", ALL, "fetch"),
    (IMAGE, "check", NOTHING, "check"),
    (IMAGE, "check", INPUTS, "check"),
    (IMAGE, "check", CLIPS, "render"),
    (IMAGE, "check", ALL, "fetch"),
    (IMAGE, "sign", INPUTS, "sign"),
    (IMAGE, "sign", CLIPS, "render"),
    (IMAGE, "sign", ALL, "fetch"),
    (IMAGE, "store", INPUTS, "store"),
    (IMAGE, "store", ("clip", *INPUTS), "store"),
    (IMAGE, "store", ("signed", *INPUTS), "sign"),
    (IMAGE, "store", CLIPS, "render"),
    (IMAGE, "store", ALL, "fetch"),
]


@pytest.mark.parametrize(("order", "stopped", "gone", "first"), FOLLOWING)
def test_a_walk_goes_on_where_it_stopped_and_makes_again_what_is_gone_and_needed(
    tmp_path: Path, order: Order, stopped: str, gone: tuple[str, ...], first: str
) -> None:
    folder = Folder(tmp_path / "work")
    leave_files(folder, order, without=gone)
    journal = journal_of(rows_before(stopped, order, folder))
    names = names_of(order)
    assert [step.name for step in due(STEPS, order, journal, folder)] == names[names.index(first) :]


@pytest.mark.parametrize("order", [TEXT, IMAGE], ids=["text", "image"])
def test_after_the_last_step_nothing_runs_again_whatever_is_gone(tmp_path: Path, order: Order) -> None:
    folder = Folder(tmp_path / "work")
    assert due(STEPS, order, journal_of(rows_before("end", order, folder)), folder) == []


@pytest.mark.parametrize("stopped", ["render", "check", "sign", "store"])
def test_what_an_upstream_has_needs_no_files_of_the_user(tmp_path: Path, stopped: str) -> None:
    folder = Folder(tmp_path / "work")  # nothing is left: another machine goes on
    rows = {**rows_before(stopped, IMAGE, folder), "upstream": UPSTREAM_ROW}
    assert [step.name for step in due(STEPS, IMAGE, journal_of(rows), folder)] == ["render", "check", "sign", "store"]


@pytest.mark.parametrize(
    "upstream", [None, {"engine": "ark", "begun": {"errand": "e-0", "handle": None, "at": 1.0}}], ids=["none", "asked"]
)
def test_without_a_task_of_an_upstream_they_are_fetched_again(tmp_path: Path, upstream: object) -> None:
    folder = Folder(tmp_path / "work")
    rows = {**rows_before("render", IMAGE, folder), "upstream": upstream}
    assert due(STEPS, IMAGE, journal_of(rows), folder)[0].name == "fetch"


def test_files_of_another_folder_count_as_gone(tmp_path: Path) -> None:
    before, now = Folder(tmp_path / "task.1"), Folder(tmp_path / "task.2")
    leave_files(before, IMAGE)
    leave_files(now, IMAGE, without=("copies", "clip", "signed"))
    assert due(STEPS, IMAGE, journal_of(rows_before("render", IMAGE, before)), now)[0].name == "probe"


def test_a_search_is_not_made_and_charged_twice(tmp_path: Path) -> None:
    order = tasks.order("seedance-2.0-text-to-video", web_search=True)
    folder = Folder(tmp_path / "work")
    rows = rows_before("store", order, folder)
    assert "search" in rows
    assert [step.name for step in due(STEPS, order, journal_of(rows), folder)] == ["render", "check", "sign", "store"]


@pytest.mark.parametrize("lost", [step.name for step in STEPS if step.when(IMAGE)])
def test_an_entry_that_was_lost_or_cannot_be_read_is_made_again_with_all_that_stands_on_it(
    tmp_path: Path, lost: str
) -> None:
    folder = Folder(tmp_path / "work")
    leave_files(folder, IMAGE)
    for damage in (None, "what no release ever wrote"):
        rows = {**rows_before("end", IMAGE, folder), lost: damage}
        again = {step.name for step in due(STEPS, IMAGE, journal_of(rows), folder)}
        standing_on: set[str] = {lost}
        for step in STEPS:
            if any(needed.name in standing_on for needed in step.needs):
                standing_on.add(step.name)
        assert again == standing_on


def test_a_step_reads_only_what_its_line_says_that_it_needs(tmp_path: Path) -> None:
    render, check, store = (next(step for step in STEPS if step.name == name) for name in ("render", "check", "store"))
    folder = Folder(tmp_path)
    journal = journal_of({"render": row("render", TEXT, folder)})
    nothing: dict[str, None] = dict.fromkeys(("tools", "engines", "report", "cancel"))
    scope = {"task": None, "folder": folder, "journal": journal, **nothing}
    assert Scope(**scope, step=check).given(render).engine == "blank"  # type: ignore[arg-type]
    with pytest.raises(LookupError, match="store does not say that it needs render"):
        Scope(**scope, step=store).given(render)  # type: ignore[arg-type]


def test_the_table_is_in_order_and_its_progress_rises() -> None:
    seen: set[Step[object]] = set()
    for step in STEPS:
        assert seen.issuperset(step.needs), f"{step.name} needs what comes later"
        seen.add(step)
    assert [step.until for step in STEPS] == sorted(step.until for step in STEPS)
    assert len({step.name for step in STEPS}) == len(STEPS)
    assert all(len(step.name) <= 20 for step in STEPS), "a stage's column holds 20 letters"
