"""What was used, as JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, cast

from pydantic import Field
from typing_extensions import TypedDict

from opendance.credits import shown
from opendance.errors import InvalidRequest
from opendance.store.usage import DIMENSIONS, Dimension, UsageRow


class _Dimensions(TypedDict, total=False):
    """What a line is about: those dimensions that were asked for."""

    day: str
    model: str
    key: str
    status: str
    account: str


class UsageItem(_Dimensions):
    """One line of a usage report."""

    tasks: int
    seconds: Annotated[int, Field(description="Of video that was completed.")]
    credits_used: float
    credits_reserved: Annotated[float, Field(description="For tasks under way.")]


def dimensions_of(text: str, allowed: Sequence[Dimension] = DIMENSIONS) -> list[Dimension]:
    """The dimensions that "day,model" names, in its order.

    Raises:
        InvalidRequest: one of them is none.
    """
    known: dict[str, Dimension] = {str(name): name for name in allowed}
    names = dict.fromkeys(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in known]:
        raise InvalidRequest(problem=f"by: {unknown[0] or '(empty)'} is not possible; choose {', '.join(known)}")
    return [known[name] for name in names]


def report_json(rows: Sequence[UsageRow]) -> list[UsageItem]:
    """The rows as JSON objects."""
    return [
        {
            **cast(_Dimensions, row.values),
            "tasks": row.tasks,
            "seconds": row.seconds,
            "credits_used": float(row.credits_used),
            "credits_reserved": float(row.credits_reserved),
        }
        for row in rows
    ]


def report_csv(rows: Sequence[UsageRow], by: Sequence[str]) -> str:
    """The rows as CSV with a head line.

    Names are the users' own: one that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*by, "tasks", "seconds", "credits_used", "credits_reserved"])
    for row in rows:
        names = [_for_spreadsheets(row.values[name]) for name in by]
        writer.writerow([*names, row.tasks, row.seconds, shown(row.credits_used), shown(row.credits_reserved)])
    return out.getvalue()


def _for_spreadsheets(name: str) -> str:
    # Not every Python quotes a carriage return, and what follows it would begin a line.
    plain = name.replace("\r", " ")
    return f"'{plain}" if plain.startswith(tuple("=+-@\t")) else plain
