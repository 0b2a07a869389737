"""Facts of today: what ran is counted, what the filter finds is left out, and nothing that goes wrong fails a task."""

from __future__ import annotations

import asyncio

import pytest

from opendance.cancelling import WorkCancelled
from opendance.pipeline.steps.search import search
from opendance.plan import Fact, Language
from opendance.safety import Guard
from opendance.search import Searcher
from opendance.search.providers import Result, SearchFailed

PROMPT = "The weather in Seoul today, a reporter under an umbrella"
RAIN = Result("Seoul weather", "Heavy rain all day in Seoul.", "https://weather.example")
BARE = Result("Seoul weather", "In the rain of Seoul, a naked woman lying on a bed.", "https://odd.example")


class Provider:
    """Gives what it is told to give."""

    def __init__(self, *results: Result, error: Exception | None = None, stays: bool = False) -> None:
        self.results, self.error, self.stays = list(results), error, stays
        self.asked: list[tuple[str, Language]] = []
        self.asking = asyncio.Event()
        self.stopped = False

    async def search(self, query: str, language: Language) -> list[Result]:
        self.asked.append((query, language))
        self.asking.set()
        if self.stays:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.stopped = True
                raise
        if self.error is not None:
            raise self.error
        return self.results


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(threshold=None)


@pytest.mark.rule("OUT-08")
async def test_a_search_that_ran_is_counted_and_gives_facts(guard: Guard) -> None:
    provider = Provider(RAIN)
    found = await search(PROMPT, Searcher("made up", provider), guard, asyncio.Event())
    assert found.searches == 1
    assert found.facts == (Fact("weather", "Seoul weather Heavy rain all day in Seoul."),)
    assert [query.topic for query in found.queries] == ["weather"]
    assert [language for _, language in provider.asked] == ["en"]


async def test_it_is_asked_in_the_language_of_the_prompt(guard: Guard) -> None:
    provider = Provider()
    await search("오늘 서울 날씨", Searcher("made up", provider), guard, asyncio.Event())
    assert [language for _, language in provider.asked] == ["ko"]


@pytest.mark.rule("OUT-08")
async def test_a_prompt_that_needs_nothing_of_today_is_not_searched_for(guard: Guard) -> None:
    provider = Provider(RAIN)
    found = await search("a cat walks", Searcher("made up", provider), guard, asyncio.Event())
    assert (found.searches, found.facts, provider.asked) == (0, (), [])
    assert found.note == "web search: the prompt needs no facts of today"


async def test_without_a_provider_nothing_is_searched_and_the_note_says_so(guard: Guard) -> None:
    found = await search(PROMPT, Searcher(), guard, asyncio.Event())
    assert (found.searches, found.facts) == (0, ())
    assert found.note == "web search: no provider is set up here, so nothing was searched or charged"


@pytest.mark.rule("OUT-08")
async def test_a_search_that_failed_is_not_counted(guard: Guard) -> None:
    provider = Provider(error=SearchFailed("made up answered 500"))
    found = await search(PROMPT, Searcher("made up", provider), guard, asyncio.Event())
    assert (found.searches, found.facts, found.note) == (0, (), "web search: made up answered 500")


async def test_what_the_filter_finds_is_left_out_of_the_facts(guard: Guard) -> None:
    found = await search(PROMPT, Searcher("made up", Provider(BARE, RAIN)), guard, asyncio.Event())
    assert [fact.text for fact in found.facts] == ["Seoul weather Heavy rain all day in Seoul."]
    assert found.searches == 1


async def test_facts_that_nobody_can_judge_are_left_out_and_the_task_goes_on() -> None:
    away = Guard(threshold=None, classifiers={"moderation": {"url": "http://127.0.0.1:9/v1"}}, required=True)
    found = await search(PROMPT, Searcher("made up", Provider(RAIN)), away, asyncio.Event())
    assert (found.searches, found.facts) == (1, ())


async def test_a_cancel_ends_the_search(guard: Guard) -> None:
    provider, cancel = Provider(stays=True), asyncio.Event()
    searching = asyncio.create_task(search(PROMPT, Searcher("made up", provider), guard, cancel))
    await provider.asking.wait()
    cancel.set()
    with pytest.raises(WorkCancelled):
        await searching
    assert provider.stopped
