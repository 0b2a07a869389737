"""The page of all errors, from the classes of `opendance.errors`."""

from __future__ import annotations

from collections.abc import Iterator

from tools.documentation.markdown import code, sentence, table

from opendance.errors import FAULTS, ApiError

_HEAD = """# Errors

Every error of every route is `{"error": {"code", "message", "type"}}`, with `details` where there is more to tell programs. What each
means for a client, and how it is read in the words of other APIs: [api.md](../api.md#errors). This page is made from the code.

"""
_OF_TASKS = """
## Of tasks

`error.code` of a task that is not completed; nothing is charged for it. The `user` can do something about it, or the `server`, with whom
it asks: [api.md](../api.md#errors) says when each is told.

"""


def page() -> str:
    """The page, in Markdown."""
    answers = sorted((kind.status, kind.code, kind.type, kind.when, kind.example) for kind in all_errors())
    rows = (
        (str(status), code(name), code(kind), sentence(when), example) for status, name, kind, when, example in answers
    )
    of_tasks = ((code(name), whose) for name, whose in sorted(FAULTS.items()))
    return (
        _HEAD
        + table(["status", "`code`", "`type`", "when", "a message of it"], rows)
        + _OF_TASKS
        + table(["`error.code`", "whose fault"], of_tasks)
    )


def all_errors(base: type[ApiError] = ApiError) -> Iterator[type[ApiError]]:
    """Every class below `base`."""
    for kind in base.__subclasses__():
        yield kind
        yield from all_errors(kind)
