"""The prompt of a command: an argument, a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from opendance.errors import ConfigurationError

_MOST_PROMPT = 1 << 20  # bytes that are read; the API itself takes less

PromptFile = Annotated[Path | None, typer.Option("--prompt-file", help="File with the prompt, UTF-8.")]


def read_prompt(prompt: str | None, prompt_file: Path | None, *, otherwise: str = "") -> str:
    """The prompt, from wherever it is.

    Args:
        prompt: itself, or - for standard input.
        otherwise: what can be given instead, for the message.

    Raises:
        ConfigurationError: there is none, there are two, or it is no text.
    """
    if (prompt is None) == (prompt_file is None):
        raise ConfigurationError(
            f"PROMPT: give a prompt, - to read it from standard input, or --prompt-file{otherwise}"
        )
    if prompt is not None and prompt != "-":
        return prompt
    where = "PROMPT" if prompt_file is None else "--prompt-file"
    try:
        if prompt_file is None:
            raw = sys.stdin.buffer.read(_MOST_PROMPT + 1)
        else:
            with prompt_file.open("rb") as file:
                raw = file.read(_MOST_PROMPT + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"--prompt-file: cannot read {prompt_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{where}: the prompt is no text in UTF-8") from None
    if len(raw) > _MOST_PROMPT:
        raise ConfigurationError(f"{where}: more than {_MOST_PROMPT >> 20} MiB are no prompt")
    return text.strip("\r\n")
