"""What upstreams ask of this server: the files that were lent to them, and to hear that a task has changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opendance.api.results import object_answer
from opendance.api.state import state_of
from opendance.links import CALLBACK_PATH, INPUT_PATH
from opendance.media.formats import media_type_of_name
from opendance.storage import INPUTS
from opendance.store.parked import hasten_parked

router = APIRouter(tags=["Upstreams"], include_in_schema=False)


@router.get(INPUT_PATH + "{task_id}/{name}")
@router.head(INPUT_PATH + "{task_id}/{name}")
async def read_input(request: Request, task_id: str, name: str, ends: str = "", signature: str = "") -> Response:
    """The file behind a link that was lent; no key is needed."""
    key = f"{INPUTS}{task_id}/{name}"
    return await object_answer(request, key, ends, signature, media_type=media_type_of_name(name))


@router.post(CALLBACK_PATH + "{request_key}")
async def hear_of_change(
    request: Request, request_key: str, signature: Annotated[str, Query(alias="mark", max_length=200)] = ""
) -> Response:
    """An upstream says that a task of it has changed. What it says is not read: it is asked instead."""
    state = state_of(request)
    state.links.check_callback(request_key, signature)
    for host in state.hosts.values():
        host.hint(request_key)
    async with state.database.write() as connection:
        await hasten_parked(connection, request_key.rpartition("-")[0])
    return Response(status_code=204)
