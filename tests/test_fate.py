"""Fates by their names."""

from __future__ import annotations

import pytest

from opendance.errors import TASK_ERROR_CODES
from opendance.fate import Fate, Kind, read_fate


@pytest.mark.parametrize("code", sorted(TASK_ERROR_CODES))
def test_every_task_error_is_a_fate(code: str) -> None:
    assert read_fate(code) == Fate(Kind.FAILS, code=code)


@pytest.mark.parametrize(
    ("text", "fate"),
    [
        ("slow:30", Fate(Kind.SLOW, seconds=30)),
        ("callback_late:60", Fate(Kind.CALLBACK_LATE, seconds=60)),
        ("stuck", Fate(Kind.STUCK)),
        ("callback_lost", Fate(Kind.CALLBACK_LOST)),
        ("link_ended", Fate(Kind.LINK_ENDED)),
        ("402", Fate(Kind.NO_CREDITS)),
        ("429", Fate(Kind.TOO_MANY)),
        ("500", Fate(Kind.ANSWER_LOST)),
    ],
)
def test_others_have_names_and_seconds(text: str, fate: Fate) -> None:
    assert read_fate(text) == fate


@pytest.mark.parametrize(
    "text", ["", "slow", "slow:", "slow:601", "callback_late:61", "stuck:3", "slow:-1", "slow:٣", "a task error code"]
)
def test_what_is_none_is_told_with_what_there_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"there is no fate .*; choose slow:N"):
        read_fate(text)
