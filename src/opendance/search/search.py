"""From a prompt to facts, in a limited time; whatever fails, the video is made without."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from opendance.errors import ConfigurationError
from opendance.plan import Fact, Language
from opendance.search.facts import fact_of
from opendance.search.need import Query, queries_for
from opendance.search.providers import Provider, SearchFailed, load_provider

_log = logging.getLogger(__name__)
_FACTS_OF_A_QUERY = 2
_SECONDS: TypeAdapter[float] = TypeAdapter(Annotated[float, Field(gt=0, le=60)])
_DEFAULT_SECONDS = 8.0


@dataclass(frozen=True)
class Searched:
    """What came of it.

    Attributes:
        searches: how many ran: each is charged.
        note: why there was none, or what failed; for the journal.
    """

    searches: int
    facts: tuple[Fact, ...]
    queries: tuple[Query, ...]
    note: str = ""


class Searcher:
    """Searches for prompts.

    Args:
        provider: None: nobody can be asked.
        seconds: time for all searches of a prompt.
    """

    def __init__(self, name: str = "", provider: Provider | None = None, *, seconds: float = _DEFAULT_SECONDS) -> None:
        self._name, self._provider, self._seconds = name, provider, seconds

    async def search(
        self,
        prompt: str,
        language: Language,
        allowed: Callable[[str], Awaitable[bool]],
        *,
        now: datetime | None = None,
    ) -> Searched:
        """Decide whether the prompt needs facts, and find them.

        Args:
            allowed: whether a fact may be used; the content filter.
        """
        if self._provider is None:
            return Searched(0, (), (), "web search: no provider is set up here, so nothing was searched or charged")
        today = (now or datetime.now(UTC)).date()
        queries = tuple(await asyncio.to_thread(queries_for, prompt, language, today))
        if not queries:
            return Searched(0, (), (), "web search: the prompt needs no facts of today")
        asking = [asyncio.create_task(self._provider.search(query.text, language)) for query in queries]
        try:
            await asyncio.wait(asking, timeout=self._seconds)
        finally:
            for task in asking:
                task.cancel()
            answers = await asyncio.gather(*asking, return_exceptions=True)
        facts: list[Fact] = []
        problems: list[str] = []
        ran = 0
        for query, answer in zip(queries, answers, strict=True):
            if isinstance(answer, BaseException):
                problems.append(self._problem_of(answer))
                continue
            ran += 1
            facts_read = [Fact(query.topic, fact) for result in answer if (fact := fact_of(result, query)) is not None]
            good = [fact for fact in facts_read if await allowed(fact.text)]
            facts += good[:_FACTS_OF_A_QUERY]
        return Searched(ran, tuple(dict.fromkeys(facts)), queries, "; ".join(dict.fromkeys(problems)))

    def _problem_of(self, problem: BaseException) -> str:
        if isinstance(problem, SearchFailed):
            text = str(problem)
        elif isinstance(problem, asyncio.CancelledError):
            text = f"{self._name} did not answer within {self._seconds:g} s"
        else:
            text = f"{self._name}: {type(problem).__name__}"
        _log.warning("web search: %s", text)
        return f"web search: {text}"


def load_searcher(options: Mapping[str, Any]) -> Searcher:
    """What `[search]` asks for; nothing where it is empty.

    Raises:
        ConfigurationError: what is wrong.
    """
    if not options:
        return Searcher()
    settings = dict(options)
    try:
        seconds = _SECONDS.validate_python(settings.pop("seconds", _DEFAULT_SECONDS))
    except ValidationError:
        raise ConfigurationError(
            "search.seconds: it is the time for all searches of a prompt, over 0 and at most 60 s, such as 8"
        ) from None
    name, provider = load_provider(settings)
    return Searcher(name, provider, seconds=seconds)
