"""Whether a prompt may be made: what passes, what is refused and with which words, and what is kept of it."""

from __future__ import annotations

import pytest

from opendance.errors import TaskError
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.journal import DECISIONS, Journal
from opendance.pipeline.steps.moderate import Passed, moderate
from opendance.safety import Guard
from tests.pipeline.steps.conftest import told

BARE = "a naked woman lying on a bed"
BANNED = "nude deepfake of my ex-girlfriend"
AWAY = {"moderation": {"url": "http://127.0.0.1:9/v1", "timeout": 5}}


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(threshold=None)


async def test_an_innocent_prompt_passes_and_that_is_kept(guard: Guard, decisions: Decisions, journal: Journal) -> None:
    assert await moderate("a cat walks", guard, decisions, filtered=True) == Passed()
    assert journal.get(DECISIONS) == ({"input": "prompt", "verdict": "allowed"},)


@pytest.mark.rule("OUT-07")
async def test_what_the_filter_finds_is_refused_with_its_words(
    guard: Guard, decisions: Decisions, journal: Journal
) -> None:
    with pytest.raises(TaskError) as caught:
        await moderate(BARE, guard, decisions, filtered=True)
    code, message = told(caught.value)
    assert code == "content_policy_violation"
    assert message.startswith("prompt: the content filter found explicit sexual content or nudity (“naked”")
    assert message.endswith("; change it, or send content_filter: false")
    (kept,) = journal.get(DECISIONS)
    assert (kept["input"], kept["verdict"]) == ("prompt", "refused")
    assert kept["findings"][0]["category"] == "sexual"


@pytest.mark.rule("OUT-07")
async def test_without_the_filter_it_passes_and_what_was_found_is_kept(
    guard: Guard, decisions: Decisions, journal: Journal
) -> None:
    assert await moderate(BARE, guard, decisions, filtered=False) == Passed()
    (kept,) = journal.get(DECISIONS)
    assert (kept["verdict"], kept["findings"][0]["category"]) == ("allowed", "sexual")


@pytest.mark.rule("OUT-07")
@pytest.mark.parametrize("filtered", [True, False])
async def test_what_is_banned_is_refused_either_way(guard: Guard, decisions: Decisions, filtered: bool) -> None:
    with pytest.raises(TaskError) as caught:
        await moderate(BANNED, guard, decisions, filtered=filtered)
    assert told(caught.value) == (
        "content_policy_violation",
        "prompt: intimate imagery without consent is never made here, whatever content_filter says; "
        "ask for something else",
    )


async def test_a_classifier_that_must_be_asked_and_is_away_fails_the_task(
    decisions: Decisions, journal: Journal
) -> None:
    guard = Guard(threshold=None, classifiers=AWAY, required=True)
    with pytest.raises(TaskError) as caught:
        await moderate("a cat walks", guard, decisions, filtered=True)
    assert told(caught.value) == ("service_unavailable", "the content filter does not answer; please try again")
    assert journal.get(DECISIONS) == ()


async def test_a_classifier_that_need_not_be_asked_may_be_away_and_that_is_kept(
    decisions: Decisions, journal: Journal
) -> None:
    guard = Guard(threshold=None, classifiers=AWAY)
    assert await moderate("a cat walks", guard, decisions, filtered=True) == Passed()
    assert journal.get(DECISIONS) == ({"input": "prompt", "verdict": "allowed", "unasked": ["moderation"]},)
