"""Classifiers that an operator adds to the rules.

Built in is an OpenAI-compatible moderation endpoint; others come by the entry point `opendance.classifiers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from opendance.plugins import load_plugin
from opendance.safety.policy import Finding, Policy

# Categories of OpenAI's moderation (omni-moderation) and ours. Sexual content with minors is never allowed.
_CATEGORIES = {
    "sexual/minors": (Policy.BANNED, "sexual_minors"),
    "sexual": (Policy.STANDARD, "sexual"),
    "violence/graphic": (Policy.STANDARD, "gore"),
    "hate": (Policy.STANDARD, "hate"),
    "hate/threatening": (Policy.STANDARD, "hate"),
    "self-harm": (Policy.STANDARD, "self_harm"),
    "self-harm/intent": (Policy.STANDARD, "self_harm"),
    "self-harm/instructions": (Policy.STANDARD, "self_harm"),
    "illicit": (Policy.STANDARD, "dangerous"),
    "illicit/violent": (Policy.BANNED, "mass_harm"),
}


@runtime_checkable
class Classifier(Protocol):
    """Something that reads prompts."""

    async def classify(self, prompt: str) -> list[Finding]:
        """What is wrong with a prompt; an exception says that it could not be asked."""
        ...


class ModerationOptions(BaseModel):
    """`[classifier.moderation]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="Address of the API, such as https://host/v1.")
    api_key: SecretStr | None = None
    model: str | None = None
    timeout: float = Field(5.0, gt=0, le=60, description="s")


class Moderation:
    """`POST {url}/moderations`, as OpenAI's API has it; servers such as LiteLLM and vLLM's guards speak it too."""

    def __init__(self, options: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options = ModerationOptions.model_validate(options)
        self._transport = transport

    async def classify(self, prompt: str) -> list[Finding]:
        """What the endpoint flags; categories that are not known here count as standard.

        Raises:
            httpx.HTTPError, ValueError: it did not answer, or something else.
        """
        options = self._options
        headers = {} if options.api_key is None else {"Authorization": f"Bearer {options.api_key.get_secret_value()}"}
        body = {"input": prompt} | ({} if options.model is None else {"model": options.model})
        async with httpx.AsyncClient(timeout=options.timeout, transport=self._transport, trust_env=False) as client:
            answer = await client.post(f"{options.url.rstrip('/')}/moderations", json=body, headers=headers)
        result = _Answer.model_validate(answer.raise_for_status().json()).results[0]
        findings: list[Finding] = []
        for name in (name for name, flagged in result.categories.items() if flagged):
            policy, category = _CATEGORIES.get(name, (Policy.STANDARD, name.replace("/", "_")[:40]))
            findings.append(Finding(policy, category, score=result.category_scores.get(name), by="moderation"))
        return findings


class _Result(BaseModel):
    categories: dict[str, bool | None]
    category_scores: dict[str, float | None] = {}


class _Answer(BaseModel):
    results: list[_Result] = Field(min_length=1)


def load_classifier(name: str, options: Mapping[str, Any]) -> Classifier:
    """The classifier of this name, told `options`.

    Raises:
        ConfigurationError: there is none of that name, or the options are wrong.
    """
    built_in = {"moderation": Moderation}
    return load_plugin("classifier", name, options, kind=Classifier, built_in=built_in, group="opendance.classifiers")
