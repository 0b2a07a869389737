"""Which tasks a list of Ark asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opendance.api.ark.request import models_named
from opendance.api.ark.task import STATES, TIMED_OUT, State
from opendance.store.listing import Filter
from opendance.task import Status

MAX_IDS = 100


def filter_of(
    *,
    status: State | None,
    model: str | None,
    service_tier: str | None,
    task_ids: Sequence[str],
    aliases: Mapping[str, str],
) -> Filter:
    """The tasks that all of these name.

    Args:
        service_tier: tasks here are all of the tier `default`.
        task_ids: one or several in each, with commas between them; none for all tasks.
        aliases: other names of models, see `aliased`.
    """
    ids = [task_id for given in task_ids for part in given.split(",") if (task_id := part.strip())]
    none_at_all = service_tier not in (None, "default")
    return Filter(
        ids=() if none_at_all else ids[:MAX_IDS] if task_ids else None,
        models=None if model is None else models_named(model, aliases),
        status=None if status is None else _status_of(status),
        error_code=TIMED_OUT if status == "expired" else None,
        not_error_code=TIMED_OUT if status == "failed" else None,
    )


def _status_of(state: State) -> Status:
    if state == "expired":
        return Status.FAILED
    return next(status for status, word in STATES.items() if word == state)
