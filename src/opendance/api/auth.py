"""Who makes a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from opendance.api.state import state_of
from opendance.errors import Unauthorized
from opendance.store.keys import Caller, authenticate

_HINT = "send the header Authorization: Bearer YOUR_API_KEY"


async def caller(request: Request) -> Caller:
    """The caller, told by the Authorization header.

    Raises:
        Unauthorized: the header is missing or malformed, or the key is not good.
    """
    header = request.headers.get("authorization")
    if header is None:
        raise Unauthorized(problem=f"no key; {_HINT}")
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or not key.isascii() or " " in key:
        raise Unauthorized(problem=f"the Authorization header is malformed; {_HINT}")
    async with state_of(request).database.read() as connection:
        return await authenticate(connection, key)


CallerDependency = Annotated[Caller, Depends(caller)]
