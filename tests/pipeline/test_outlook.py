"""When whose turn comes: places, times, and moving one's own without touching those of others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opendance.pipeline.outlook import ahead_of, lanes_of, moved, outlooks
from opendance.store.waiting import WaitingTask


def task(name: str, *, account: str = "me", runs: bool = False, parked: bool = False, progress: int = 0, tag: int = 0) -> WaitingTask:  # fmt: skip
    return WaitingTask(name, account, "m", "480p", 10, runs, parked, progress, tag, None, None, 0.0)


def seconds(_: WaitingTask) -> float:
    return 10.0


def test_what_runs_is_ready_when_the_rest_of_it_is_made_and_what_waits_behind_all_before_it() -> None:
    tasks = [
        task("a", runs=True, progress=50),
        task("b", account="other", runs=True, parked=True),
        task("c", account="other"),
        task("d"),
        task("e"),
    ]
    [lane] = lanes_of(tasks, {"m": "previs"}, {"previs": 1}).values()
    told = [
        (each.task_id, each.place, each.ahead, each.starts_in, each.ready_in) for each in outlooks(lane, "me", seconds)
    ]
    assert told == [("a", None, None, None, 5.0), ("d", 1, 2, 15.0, 25.0), ("e", 2, 3, 25.0, 35.0)]


def test_with_a_free_place_the_next_begins_at_once() -> None:
    [lane] = lanes_of([task("a", runs=True), task("b")], {"m": "previs"}, {"previs": 2}).values()
    assert [each.starts_in for each in outlooks(lane, "me", seconds)] == [None, 0.0]
    assert ahead_of(lane, 5, seconds) == (2, 10.0)


def test_a_new_task_comes_behind_those_whose_turn_is_before_its_own() -> None:
    tasks = [task("a", account="other", tag=1), task("b", account="other", tag=9)]
    [lane] = lanes_of(tasks, {"m": "previs"}, {"previs": 1}).values()
    assert ahead_of(lane, 5, seconds) == (1, 10.0)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8).map(sorted), st.data())
def test_moving_gives_the_same_turns_anew_and_brings_the_task_to_its_place(
    tags: list[int], data: st.DataObject
) -> None:
    order = [(f"t{number}", tag) for number, tag in enumerate(tags)]
    chosen = data.draw(st.sampled_from([name for name, _ in order]))
    to = data.draw(st.integers(-1, len(order)))
    after = dict(order) | moved(order, chosen, to)
    names = sorted(after, key=lambda name: after[name])
    expected = [name for name, _ in order if name != chosen]
    expected.insert(max(0, min(to, len(expected))), chosen)
    assert names == expected
    if len(set(tags)) == len(tags):
        assert sorted(after.values()) == tags
