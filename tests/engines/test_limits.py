"""What an engine can make by itself, and which of several is asked."""

from __future__ import annotations

import pytest

from opendance.catalog import Mode, Quality, Tier
from opendance.engines.limits import Demand, Limits, by_limits

SHORT = Limits(longest=5.0, frame_rates=(16,), sound=False, frames=1, images=1, videos=0, audios=0)
TEXT_ONLY = Limits(modes=frozenset({Mode.TEXT}))
ALL = Limits()


def demand(mode: Mode = Mode.TEXT, seconds: float = 5, **assets: int) -> Demand:
    return Demand(mode, Tier.FAST, Quality.P720, seconds, **assets)


@pytest.mark.parametrize(
    ("limits", "asked", "words"),
    [
        (SHORT, demand(seconds=5), None),
        (Limits(longest=14.4), demand(seconds=15), None),
        (SHORT, demand(seconds=6), "it makes 5 s at most, not 6"),
        (Limits(longest=5, slowest=2), demand(seconds=10), None),
        (TEXT_ONLY, demand(Mode.IMAGE, images=1), "it makes no image-to-video videos"),
    ],
)
def test_what_cannot_be_made_up_is_refused_in_words(limits: Limits, asked: Demand, words: str | None) -> None:
    assert limits.refusal(asked) == words


def test_what_is_too_short_is_drawn_longer_and_what_is_too_long_as_long_as_it_can_be() -> None:
    limits = Limits(shortest=5, longest=14.375)
    assert [limits.drawn(seconds) for seconds in (4, 7, 15)] == [5, 7, 14.375]


def test_an_engine_that_reads_all_references_comes_before_one_that_leaves_some_out() -> None:
    engines = [("short", SHORT), ("text", TEXT_ONLY), ("all", ALL)]
    assert by_limits(engines, demand()) == ("short", "text", "all")
    assert by_limits(engines, demand(Mode.IMAGE, images=1)) == ("short", "all")
    assert by_limits(engines, demand(Mode.IMAGE, images=2)) == ("all", "short")
    assert by_limits(engines, demand(Mode.REFERENCE, images=2, audios=1)) == ("all", "short")
    assert by_limits(engines, demand(seconds=12)) == ("text", "all")


def test_references_of_all_kinds_count_together() -> None:
    asked = demand(Mode.REFERENCE, images=9, videos=3, audios=3)
    assert [ALL.unread(asked), Limits(references=12).unread(asked), Limits(videos=0).unread(asked)] == [0, 3, 3]
