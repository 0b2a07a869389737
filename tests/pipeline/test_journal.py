from __future__ import annotations

from dataclasses import dataclass

import pytest

from opendance.engines.upstream.base import Submission
from opendance.pipeline.journal import FAILURES, UPSTREAM, Entry, Failure, Journal, TakenOver, UpstreamTask
from tests.pipeline.rows import Memory
from tests.workshop import Workshop


@dataclass(frozen=True)
class Cake:
    layers: tuple[int, ...]


CAKE: Entry[Cake] = Entry("cake", Cake, Cake(()))


async def test_what_is_kept_is_given_back_as_its_type(workshop_on_each: Workshop) -> None:
    await workshop_on_each.submit()
    task = await workshop_on_each.claim()
    journal = await workshop_on_each.journal(task)
    assert (journal.has(CAKE), journal.get(CAKE)) == (False, Cake(()))
    await journal.put(CAKE, Cake((1, 2)))
    await journal.put(UPSTREAM, UpstreamTask("ark", Submission("e", "h", 2.5)))
    await journal.put(FAILURES, (Failure("ark", "service_error", "no", final=True),))
    again = await workshop_on_each.journal(task)
    assert again.get(CAKE) == journal.get(CAKE) == Cake((1, 2))
    assert again.get(UPSTREAM) == UpstreamTask("ark", Submission("e", "h", 2.5))
    assert again.get(FAILURES) == (Failure("ark", "service_error", "no", final=True),)
    await again.forget([CAKE, FAILURES])
    assert not (await workshop_on_each.journal(task)).has(CAKE)
    assert again.get(FAILURES) == ()


async def test_nothing_is_kept_for_a_task_in_other_hands(workshop_on_each: Workshop) -> None:
    await workshop_on_each.submit()
    task = await workshop_on_each.claim("one")
    journal = await workshop_on_each.journal(task)
    await journal.put(CAKE, Cake((1,)))
    await workshop_on_each.claim("another")
    for change in (journal.put(CAKE, Cake((2,))), journal.forget([CAKE])):
        with pytest.raises(TakenOver):
            await change
    assert (await workshop_on_each.journal(task)).get(CAKE) == Cake((1,))
    assert journal.get(CAKE) == Cake((1,)), "what could not be written is not believed either"


def test_null_and_what_cannot_be_read_count_as_nothing() -> None:
    for row in (None, "no cake", {"layers": "three"}):
        journal = Journal({"cake": row}, Memory())
        assert (journal.has(CAKE), journal.get(CAKE)) == (False, Cake(()))


def test_rows_of_the_release_before_are_read() -> None:
    rows = {
        "engines": [{"engine": "ark", "code": "service_error", "message": "no"}],
        "upstream": {"engine": "ark", "begun": {"errand": "task-1-0", "handle": "cgt-1", "at": 1.5}},
    }
    journal = Journal(rows, Memory())
    assert journal.get(FAILURES) == (Failure("ark", "service_error", "no"),)
    assert journal.get(UPSTREAM) == UpstreamTask("ark", Submission("task-1-0", "cgt-1", 1.5))


def test_rows_keep_their_names_for_the_releases_around_this_one() -> None:
    task = UpstreamTask("ark", Submission("task-1-0", None, 1.5))
    row = {"engine": "ark", "begun": {"errand": "task-1-0", "handle": None, "at": 1.5}}
    assert UPSTREAM.adapter.dump_python(task, mode="json") == row


async def test_forgetting_what_is_not_there_asks_nobody() -> None:
    book = Memory()
    await Journal({}, book).forget([CAKE])
    assert book.removed == []
