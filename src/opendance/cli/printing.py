"""The one place where text is printed.

Names, prompts and messages are somebody's own: `[red]` and `:cat:` in them stay as they are, and what a terminal would
obey is shown instead.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

# Of the control characters (C0, DEL, C1) only the tabulator and the line feed are text.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WITHOUT_TERMINAL = 200  # characters: what is piped to another program is not cut to a width that is not there


def visible(text: str) -> str:
    r"""`text` with what a terminal would obey written out, an escape as \u001b: as JSON writes it too."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Plain(Console):
    """Prints text as it is: cells of tables and titles come through `render_str` too."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


out = _Plain(
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WITHOUT_TERMINAL, markup=False, emoji=False
)
err = _Plain(stderr=True, markup=False, emoji=False, highlight=False)


def say(text: str) -> None:
    """A line on stdout."""
    print(visible(text), flush=True)


def write(text: str) -> None:
    """A whole document on stdout, such as CSV, which programs read."""
    sys.stdout.write(text)


def tell(text: str) -> None:
    """A line on stderr: what is said beside the answer."""
    err.print(text, soft_wrap=True)


def tell_error(message: str) -> None:
    """Say on stderr what went wrong."""
    err.print(Text.assemble(("error:", "bold red"), " ", visible(message)), soft_wrap=True)
