"""Prompts rewritten by a language model, for video models that are trained on long captions.

Off until `[rewrite]` is set up: an OpenAI-compatible endpoint of the operator's. It is asked for one answer of bounded
length in a bounded time, and whatever goes wrong, the prompt stays as it is.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from opendance.errors import ConfigurationError, FetchError
from opendance.net.fetch import FetchLimits, GuardedClient, trusted
from opendance.settings import Names, Networks
from opendance.validation import in_words

_MOST_READ = 8000  # letters of a prompt: a longer one is a long caption itself
_MOST_LETTERS = 6000  # of what comes back
_MOST_BYTES = 256 << 10
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_INSTRUCTIONS = (
    "You write captions for a text-to-video model. Rewrite the user's prompt as one detailed caption of at most 250 "
    "words, in the language of the prompt: who and what is seen, what happens in which order, the place, light, "
    "colours and mood, framing and movement of the camera, and what is heard. Keep everything that the prompt asks "
    "for, and contradict nothing of it. Keep words in quotation marks letter by letter. Names of assets, such as image "
    "1, video 1 or audio 1, stay exactly as they are, each at least once, and no others are added. Answer with the "
    "caption alone."
)


class RewriteOptions(BaseModel):
    """What `[rewrite]` can say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: AnyHttpUrl = Field(description="Of an OpenAI-compatible API, such as http://localhost:8000/v1.")
    model: str = Field(min_length=1, max_length=200, description="Its model.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    engines: Names = Field(min_length=1, description="Engines whose prompts are rewritten, such as minimax_h3, ltx2.")
    instructions: str = Field(_INSTRUCTIONS, min_length=1, max_length=8000, description="What the model is told to do.")
    timeout: float = Field(20.0, gt=0, le=120, description="s for an answer.")
    most_tokens: int = Field(600, ge=50, le=4000, description="Of the answer.")
    temperature: float = Field(0.4, ge=0, le=2, description="Of the answer.")
    allow: Networks = Field((), description="Networks that are not public and it may be at, such as 127.0.0.1/32.")
    ca: Path | None = Field(None, description="File with certificates (PEM) trusted beside the public ones.")


@dataclass(frozen=True)
class Caption:
    """What came of it.

    Attributes:
        text: the caption; empty where there is none, and the prompt stays.
        model: that was asked.
        problem: why there is none.
    """

    text: str = ""
    model: str = ""
    problem: str = ""


class Rewriter:
    """Asks the endpoint."""

    def __init__(self, options: RewriteOptions) -> None:
        self._options = options
        limits = FetchLimits(stall=options.timeout, overall=options.timeout)
        self._client = GuardedClient(options.allow, limits=limits, trust=trusted(options.ca, setting="rewrite.ca"))

    def serves(self, engine: str) -> bool:
        """Whether prompts for this engine are rewritten."""
        return engine in self._options.engines

    async def close(self) -> None:
        """End every connection."""
        await self._client.close()

    async def caption(self, prompt: str) -> Caption:
        """The prompt as a caption, or why it stays as it is; nothing is raised."""
        options = self._options
        if len(prompt) > _MOST_READ:
            return Caption(model=options.model, problem=f"it has over {_MOST_READ} letters as it is")
        body = {
            "model": options.model,
            "messages": [
                {"role": "system", "content": options.instructions},
                {"role": "user", "content": prompt},
            ],
            "max_tokens": options.most_tokens,
            "temperature": options.temperature,
        }
        headers = {"Content-Type": "application/json"}
        if options.api_key is not None:
            headers["Authorization"] = f"Bearer {options.api_key.get_secret_value()}"
        url = f"{str(options.url).rstrip('/')}/chat/completions"
        try:
            status, raw = await self._client.ask(url, json.dumps(body).encode(), headers, max_bytes=_MOST_BYTES)
        except FetchError as error:
            return Caption(model=options.model, problem=error.reason)
        if status != 200:
            return Caption(model=options.model, problem=f"it answered {status}")
        text, problem = await asyncio.to_thread(_read, raw)
        return Caption(text, options.model, problem)


def _read(raw: bytes) -> tuple[str, str]:
    """The caption of an answer, or what is wrong with it."""
    try:
        answer = json.loads(raw)
        choice: Any = answer["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return "", "its answer is none of this API"
    if not isinstance(text, str):
        return "", "its answer has no text"
    if cast("dict[str, Any]", choice).get("finish_reason") == "length":
        return "", "its answer was cut off: most_tokens is too small"
    text = " ".join(_THOUGHTS.sub(" ", text).replace("\x00", "").split())
    if not text:
        return "", "its answer is empty"
    return ("", f"its answer has over {_MOST_LETTERS} letters") if len(text) > _MOST_LETTERS else (text, "")


def load_rewriter(options: Mapping[str, Any]) -> Rewriter | None:
    """What `[rewrite]` asks for; None where it is empty.

    Raises:
        ConfigurationError: what is wrong.
    """
    if not options:
        return None
    try:
        return Rewriter(RewriteOptions.model_validate(dict(options)))
    except ValidationError as error:
        raise ConfigurationError(f"rewrite: {in_words(error.errors(), show_values=False)}") from None
