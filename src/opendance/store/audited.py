"""What the operator does is told in the audit log by the functions that do it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from pydantic import BaseModel

from opendance.store.accounts import AccountRecord
from opendance.store.audit import record
from opendance.store.database import Connection
from opendance.store.keys import KeyRecord

ACTOR: ContextVar[str] = ContextVar("ACTOR", default="command line")
"""Who acts."""
P = ParamSpec("P")
T = TypeVar("T")
Operation: TypeAlias = Callable[Concatenate[Connection, P], Coroutine[Any, Any, T]]


def audited(kind: str, *, about: str = "") -> Callable[[Operation[P, T]], Operation[P, T]]:
    """Tells the audit log what was done, in the same transaction; secrets are in no argument.

    Args:
        kind: what it is called there, for as long as rows are kept: `admin.` and what was done.
        about: what the one argument is called there that is no model; a model stands there with what was given of it.
    """

    def decorate(work: Operation[P, T]) -> Operation[P, T]:
        @wraps(work)
        async def recorded(connection: Connection, *args: P.args, **kwargs: P.kwargs) -> T:
            result = await work(connection, *args, **kwargs)
            detail: dict[str, Any] = {}
            for value in (*args, *kwargs.values()):
                is_model = isinstance(value, BaseModel)
                detail |= value.model_dump(mode="json", exclude_unset=True) if is_model else {about: value}
            account_id, key_id = _concerned(result)
            if key_id is not None:
                detail["key"] = key_id
            await record(connection, kind, actor=ACTOR.get(), account_id=account_id, detail=detail)
            return result

        return recorded

    return decorate


def _concerned(result: object) -> tuple[str | None, str | None]:
    """The account and the key that a result is about."""
    if isinstance(result, tuple):
        return _concerned(cast(tuple[object, ...], result)[0])
    if isinstance(result, KeyRecord):
        return result.account_id, result.id
    return (result.id if isinstance(result, AccountRecord) else None), None
