"""Whether the server lives and whether it can work."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance import __version__
from opendance.api.openapi import WITHOUT_KEY
from opendance.api.responses import OF_ANY_ROUTE
from opendance.api.state import state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import NotReady

router = APIRouter(tags=["Server"])


class Health(TypedDict):
    """State of the server."""

    status: Literal["ok"]
    version: str


class Readiness(Health):
    """What the process can work with."""

    engines: Annotated[dict[str, str], Field(description="How each engine that runs here stands: `loaded`.")]


_GOOD: Health = {"status": "ok", "version": __version__}


@router.get("/healthz", operation_id="isAlive", summary="Is the server alive?", openapi_extra=WITHOUT_KEY)
async def is_alive() -> Health:
    """Answers as long as the process can answer at all."""
    return _GOOD


@router.get(
    "/readyz",
    operation_id="isReady",
    summary="Can the server work?",
    responses=error_responses(*OF_ANY_ROUTE),
    openapi_extra=WITHOUT_KEY,
)
async def is_ready(request: Request) -> Readiness:
    """Answers 200 when the database can be written, the object store answers and every engine of the process is loaded;
    else what of these is not so."""
    readiness = state_of(request).readiness
    problem = await readiness.problem()
    if problem is not None:
        raise NotReady(problem=problem)
    return {**_GOOD, "engines": readiness.engines}
