"""Prompts rewritten by a language model: an endpoint by the request and answer models of the official openai package."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, TypeAdapter, with_config

from opendance.errors import ConfigurationError
from opendance.rewriting import Caption, Rewriter, load_rewriter
from tests.upstreams import Service, serving

FOLDER = Path(os.environ.get("OPENDANCE_PEERS", Path(sys.prefix) / "peers"))
KEY = "sk-language-secret"


@pytest.fixture(scope="module")
def theirs() -> Any:
    """The module with the package's types of chats; None where it is not installed: then the answers are plain."""
    sys.path.append(str(FOLDER))
    try:
        from openai.types import chat  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    finally:
        sys.path.remove(str(FOLDER))
    return chat


class Model:
    """A language model that says what it is told to.

    Attributes:
        asked: bodies of requests, as the package's own type read them.
    """

    def __init__(self, theirs: Any) -> None:
        self.theirs, self.says, self.status, self.reason = theirs, "A long caption.", 200, "stop"
        self.asked = list[dict[str, Any]]()

    def app(self, service: Service) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/chat/completions")
        async def complete(request: Request) -> Response:
            body = await request.json()
            if request.headers.get("authorization") != f"Bearer {KEY}" or self.status != 200:
                return JSONResponse({"error": {"message": "no"}}, max(401, self.status))
            if self.theirs is not None:
                kind = self.theirs.completion_create_params.CompletionCreateParamsNonStreaming
                TypeAdapter(with_config(ConfigDict(extra="forbid"))(kind)).validate_python(body)
            self.asked.append(body)
            message = {"role": "assistant", "content": self.says, "refusal": None}
            choice = {"index": 0, "finish_reason": self.reason, "logprobs": None, "message": message}
            answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            if self.theirs is not None:
                answer = self.theirs.ChatCompletion.model_validate(answer, strict=True).model_dump(mode="json")
            return Response(json.dumps(answer), media_type="application/json")

        return app


@pytest.fixture
def model(theirs: Any) -> Model:
    return Model(theirs)


@pytest.fixture
def options(model: Model, tmp_path: Path) -> Generator[dict[str, Any]]:
    with serving(model.app, tmp_path / "model") as service:
        yield {
            "url": f"{service.address}/v1", "model": "qwen3", "api_key": KEY, "engines": "blank",
            "allow": "127.0.0.1/32",
        }  # fmt: skip


def rewriter(options: dict[str, Any], **changes: Any) -> Rewriter:
    made = load_rewriter({**options, **changes})
    assert made is not None
    return made


async def test_a_prompt_comes_back_as_a_caption(options: dict[str, Any], model: Model) -> None:
    model.says = "<think>What is a cat?</think>\n A tabby cat\nwalks over wet stones. "
    made = rewriter(options)
    assert await made.caption("a cat walks") == Caption("A tabby cat walks over wet stones.", "qwen3")
    asked = model.asked[0]
    assert (asked["model"], asked["max_tokens"], asked["messages"][1]) == (
        "qwen3", 600, {"role": "user", "content": "a cat walks"},
    )  # fmt: skip
    assert (made.serves("blank"), made.serves("ltx2")) == (True, False)
    await made.close()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda m: setattr(m, "status", 500), "it answered 500"),
        (lambda m: setattr(m, "says", None), "its answer has no text"),
        (lambda m: setattr(m, "says", " "), "its answer is empty"),
        (lambda m: setattr(m, "says", "x" * 6001), "its answer has over 6000 letters"),
        (lambda m: setattr(m, "says", "x" * 300_000), "it is larger than"),
        (lambda m: setattr(m, "reason", "length"), "its answer was cut off: most_tokens is too small"),
    ],
)
async def test_whatever_goes_wrong_the_prompt_stays(
    options: dict[str, Any], model: Model, change: Callable[[Model], None], problem: str
) -> None:
    change(model)
    made = rewriter(options)
    caption = await made.caption("a cat walks")
    assert (caption.text, caption.problem.startswith(problem)) == ("", True), caption
    await made.close()


async def test_an_address_inside_is_not_asked_unless_it_is_allowed(options: dict[str, Any], model: Model) -> None:
    made = rewriter(options, allow="")
    assert (await made.caption("a cat walks")).text == ""
    assert model.asked == []
    await made.close()


async def test_a_prompt_that_is_long_already_is_not_sent(options: dict[str, Any], model: Model) -> None:
    made = rewriter(options)
    assert (await made.caption("cat " * 3000)).problem == "it has over 8000 letters as it is"
    assert model.asked == []
    await made.close()


def test_it_is_off_until_it_is_set_up_and_wrong_options_are_told() -> None:
    assert load_rewriter({}) is None
    with pytest.raises(ConfigurationError, match=r"rewrite: .*model: is required"):
        load_rewriter({"url": "http://localhost:8000/v1", "engines": "ltx2"})
