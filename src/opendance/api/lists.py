"""What lists of tasks have in common: moments, and where a page ends."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import Query, Request

from opendance.errors import InvalidRequest
from opendance.store.listing import Position, Sort
from opendance.store.tasks import TaskRecord
from opendance.task import is_task_id

MOMENT = "a day such as 2026-03-01, or a moment such as 2026-03-01T12:00:00Z (a + in a query is written %2B)"
CreatedSince = Annotated[
    str | None, Query(alias="from", max_length=40, description=f"Only tasks created since: {MOMENT}.")
]
CreatedUntil = Annotated[
    str | None, Query(alias="to", max_length=40, description=f"Only tasks created until then, included: {MOMENT}.")
]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
PageSize = Annotated[int, Query(ge=1, le=100, description="Tasks on a page.")]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_SECONDS = 86_400.0


def check_filters(request: Request, known: Collection[str]) -> None:
    """That a list is asked for nothing that it does not know: a misspelled filter would list everything.

    Raises:
        InvalidRequest: one is not among `known`.
    """
    if unknown := sorted(set(request.query_params) - set(known)):
        raise InvalidRequest(
            problem=f"{unknown[0][:60] or '(empty)'}: is no filter of this list; there are {', '.join(known)}"
        )


def encode_cursor(task: TaskRecord, sort: Sort) -> str:
    """Says that a page ended with this task."""
    at = task.created if sort.column == "created" else task.finished
    where = [at, task.id] if sort is Sort.NEWEST else [at, task.id, sort.value]
    return base64.urlsafe_b64encode(json.dumps(where).encode()).decode()


def decode_cursor(cursor: str, sort: Sort) -> Position:
    """Where the page before ended.

    Raises:
        InvalidRequest: it is none of `encode_cursor`, or of a list in another order.
    """
    try:
        at, task_id, *rest = cast("list[Any]", json.loads(base64.urlsafe_b64decode(cursor.encode())))
        of = Sort(rest[0]) if rest else Sort.NEWEST
        if (
            not isinstance(at, float)
            or not math.isfinite(at)
            or not isinstance(task_id, str)
            or not is_task_id(task_id)
        ):
            raise ValueError
    except (ValueError, TypeError):
        raise InvalidRequest(problem="cursor: not one that this list gave; leave it out for the first page") from None
    if of is not sort:
        raise InvalidRequest(
            problem=f"cursor: it is of a list with sort={of.value}; ask for that, or leave it out for the first page"
        )
    return Position(at, task_id)


def encode_place(at: float, name: str) -> str:
    """Says that a page ended with what has this time and this id."""
    return base64.urlsafe_b64encode(json.dumps([at, name]).encode()).decode()


def decode_place(cursor: str) -> tuple[float, str]:
    """Where the page before ended.

    Raises:
        InvalidRequest: it is none of `encode_place`.
    """
    try:
        at, name = cast("list[Any]", json.loads(base64.urlsafe_b64decode(cursor.encode())))
        if not isinstance(at, int | float) or not math.isfinite(at) or not isinstance(name, str) or len(name) > 200:
            raise ValueError
    except (ValueError, TypeError):
        raise InvalidRequest(problem="cursor: not one that this list gave; leave it out for the first page") from None
    return float(at), name


def moment(name: str, text: str) -> float:
    """Unix time of a day or a moment.

    Args:
        name: of the parameter.

    Raises:
        InvalidRequest: it is neither.
    """
    try:
        named = datetime.fromisoformat(text)
        return (named if named.tzinfo else named.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InvalidRequest(problem=f"{name}: must be {MOMENT}") from None


def end_of(last: str) -> float:
    """The first moment that `to` leaves out: a day is included whole, and a moment with its second."""
    return moment("to", last) + (_DAY_SECONDS if _DAY.fullmatch(last) else 1.0)
