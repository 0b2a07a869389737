"""Services that search: SearXNG, Brave, Tavily. Others come by the entry point `opendance.search`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from opendance.errors import ConfigurationError, OpendanceError
from opendance.plan import Language
from opendance.plugins import load_plugin

_MOST_BYTES = 1 << 20  # of an answer
_MOST_RESULTS = 5


@dataclass(frozen=True)
class Result:
    """Something that was found: all of it is text of strangers."""

    title: str
    text: str
    url: str


class SearchFailed(OpendanceError):
    """A service did not answer, or not with results."""


@runtime_checkable
class Provider(Protocol):
    """A service that searches."""

    async def search(self, query: str, language: Language) -> list[Result]:
        """What it finds, best first.

        Raises:
            SearchFailed: it does not answer, or not with results.
        """
        ...


class ProviderOptions(BaseModel):
    """`[search]`, but for the provider's name.

    Attributes:
        url: of the service; SearXNG has no other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = None
    api_key: SecretStr | None = None
    timeout: float = Field(5.0, gt=0, le=60, description="For one search, s.")


class _Http:
    """What the services have in common."""

    name: str
    address: str | None = None
    needs_key = True

    def __init__(self, options: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options, self._transport = ProviderOptions.model_validate(options), transport
        url = self._options.url or self.address
        if url is None:
            raise ConfigurationError(f"search.url: {self.name} needs its address, such as http://localhost:8080")
        if self.needs_key and self._options.api_key is None:
            raise ConfigurationError(f"search.api_key: {self.name} needs a key")
        self._url = url.rstrip("/")
        key = self._options.api_key
        self._key = "" if key is None else key.get_secret_value()

    async def _json(self, method: str, path: str, **request: Any) -> Any:
        """The answer.

        Raises:
            SearchFailed: there is none that can be read.
        """
        try:
            async with (
                httpx.AsyncClient(timeout=self._options.timeout, transport=self._transport, trust_env=False) as client,
                client.stream(method, self._url + path, **request) as answer,
            ):
                if answer.status_code != 200:
                    raise SearchFailed(f"{self.name} answered {answer.status_code}")
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise SearchFailed(f"{self.name} answered with over {_MOST_BYTES >> 20} MB")
            return json.loads(body)
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise SearchFailed(f"{self.name}: {type(error).__name__}: {error}") from None

    def _results(self, items: Any, text: str) -> list[Result]:
        try:
            results = _Answer.model_validate({"results": items}).results
        except ValidationError:
            raise SearchFailed(f"{self.name} answered in another form") from None
        return [
            Result(str(each.get("title") or ""), str(each.get(text) or ""), str(each.get("url") or ""))
            for each in results[:_MOST_RESULTS]
        ]


class _Answer(BaseModel):
    results: list[dict[str, Any]]


class SearXNG(_Http):
    """A SearXNG server whose settings allow the format `json` (https://docs.searxng.org/dev/search_api.html)."""

    name, needs_key = "searxng", False

    async def search(self, query: str, language: Language) -> list[Result]:
        answer = await self._json("GET", "/search", params={"q": query, "format": "json", "language": language})
        return self._results(_of(answer, "results"), "content")


_BRAVE_LANGUAGES: dict[str, str] = {"zh": "zh-hans", "ja": "jp"}


class Brave(_Http):
    """Brave's Search API (https://api-dashboard.search.brave.com/app/documentation)."""

    name, address = "brave", "https://api.search.brave.com"

    async def search(self, query: str, language: Language) -> list[Result]:
        answer = await self._json(
            "GET",
            "/res/v1/web/search",
            params={"q": query, "count": _MOST_RESULTS, "search_lang": _BRAVE_LANGUAGES.get(language, language)},
            headers={"X-Subscription-Token": self._key, "Accept": "application/json"},
        )
        return self._results(_of(_of(answer, "web"), "results"), "description")


class Tavily(_Http):
    """Tavily's search (https://docs.tavily.com/documentation/api-reference/endpoint/search)."""

    name, address = "tavily", "https://api.tavily.com"

    async def search(self, query: str, language: Language) -> list[Result]:
        answer = await self._json(
            "POST",
            "/search",
            json={"query": query, "max_results": _MOST_RESULTS, "search_depth": "basic"},
            headers={"Authorization": f"Bearer {self._key}"},
        )
        return self._results(_of(answer, "results"), "content")


def _of(answer: Any, name: str) -> Any:
    """A part of an answer; Brave leaves out what it has none of."""
    return answer.get(name, []) if isinstance(answer, dict) else []  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def load_provider(options: Mapping[str, Any]) -> tuple[str, Provider]:
    """The provider that `[search]` names, with its name.

    Raises:
        ConfigurationError: there is none of that name, or the options are wrong.
    """
    settings = dict(options)
    name = settings.pop("provider", None)
    built_in = {"searxng": SearXNG, "brave": Brave, "tavily": Tavily}
    provider = load_plugin(
        "search.provider", name, settings, kind=Provider, built_in=built_in, group="opendance.search"
    )
    return str(name), provider
