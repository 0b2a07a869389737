"""From a request that is right to a task that waits: one transaction of limits, credits, the queue and the task."""

from __future__ import annotations

import hashlib
import json
import math
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opendance.billing import most_it_can_cost
from opendance.credits import shown
from opendance.engines.routes import Routes
from opendance.errors import InsufficientQuota, ModelAccessDenied, OpendanceError, RateLimitExceeded, TaskNotFound
from opendance.pipeline.context import random_seed
from opendance.pipeline.estimate import Estimator
from opendance.prompt import check_references
from opendance.queue.base import Queue
from opendance.request import VideoGenerationRequest
from opendance.store.accounts import live_tasks_of_group
from opendance.store.audit import Prompts, record
from opendance.store.database import Connection, Database
from opendance.store.idempotency import claim_idempotency_key
from opendance.store.keys import Caller, use_of_key
from opendance.store.ledger import reserve
from opendance.store.tasks import TaskRecord, create_task, get_task, new_task
from opendance.store.turns import Turn, take_turn
from opendance.task import new_task_id
from opendance.telemetry.metrics import CREDITS
from opendance.telemetry.traces import traceparent

_LONGEST_WAIT = 600  # s that Retry-After asks for at most


@dataclass(frozen=True)
class Submitted:
    """A task that was created, or that the same request created before."""

    task: TaskRecord
    replayed: bool = False


class _Replayed(OpendanceError):
    """Ends the transaction without a trace: the task is there already."""

    def __init__(self, task_id: str) -> None:
        super().__init__(task_id)
        self.task_id = task_id


def check_allowed(caller: Caller, request: VideoGenerationRequest, routes: Routes) -> None:
    """What can be told of a request without the database.

    Raises:
        ModelAccessDenied: the key, or the caller's group, has no access to the model.
        InvalidRequest: the prompt names an asset that is not given.
    """
    allowed = caller.key.models
    if allowed is not None and request.model not in allowed:
        raise ModelAccessDenied(model=request.model, allowed=", ".join(allowed) or "none")
    model, engines = request.catalog_model, caller.group.engines
    if engines is not None and routes.of(model) and routes.engine_for(model, engines) is None:
        raise ModelAccessDenied(model=request.model, allowed=f"models of the engines {', '.join(engines) or 'none'}")
    check_references(
        request.prompt,
        num_images=len(request.image_urls or ()),
        num_videos=len(request.video_urls or ()),
        num_audios=len(request.audio_urls or ()),
    )


async def submit(
    database: Database,
    queue: Queue,
    estimator: Estimator,
    routes: Routes,
    caller: Caller,
    request: VideoGenerationRequest,
    *,
    base_url: str,
    prompts: Prompts,
    idempotency_key: str | None = None,
) -> Submitted:
    """Create the task and reserve its credits, both or neither.

    Args:
        base_url: of the links in the task's results.
        prompts: how the prompt stands in the audit log.
        idempotency_key: within 24 hours the same key gives the same task.

    Raises:
        InsufficientQuota: the account or the key has fewer credits than the video can cost.
        RateLimitExceeded: the key, the account or the group has as many tasks at once as it may.
        IdempotencyConflict: the key was used for another request.
    """
    values = request.model_dump(mode="json", exclude_none=True)
    now = time.time()
    task_id = new_task_id(now)
    estimated_time = estimator.seconds_until_done(request)
    charge = most_it_can_cost(request, price_ratio=caller.group.price_ratio)
    seed = request.model_params.seed
    try:
        async with database.write() as connection:
            if idempotency_key is not None:
                digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
                known = await claim_idempotency_key(
                    connection, caller.account_id, idempotency_key, body_sha256=digest, task_id=task_id
                )
                if known is not None:
                    raise _Replayed(known)
            turn = await take_turn(
                connection,
                caller.account_id,
                list_price=most_it_can_cost(request).credits,
                priority=caller.group.priority,
            )
            wait = estimator.engine_seconds(request)
            await _check_limits(connection, caller, turn, charge.credits, wait)
            task = new_task(
                task_id,
                account_id=caller.account_id,
                user_group=caller.group.name,
                model=request.model,
                request=values,
                seed=random_seed() if seed is None else seed,
                created=now,
                estimated_time=estimated_time,
                credits_reserved=charge.credits,
                price_ratio=caller.group.price_ratio,
                key_id=caller.key.id,
                base_url=base_url,
                trace=traceparent(),
                start_tag=turn.start_tag,
                queue_cost=turn.cost,
                queue_rank=turn.rank,
            )
            await create_task(connection, task)
            await record(
                connection,
                "task.created",
                actor=caller.key.prefix,
                account_id=caller.account_id,
                task_id=task_id,
                detail=_asked(request, prompts),
            )
            await queue.enqueue(connection, routes.lane_of(request.catalog_model))
            await reserve(
                connection,
                caller.account_id,
                task_id,
                charge.credits,
                key_id=caller.key.id,
                balance=turn.balance,
            )
    except _Replayed as replayed:
        async with database.read() as connection:
            found = await get_task(connection, caller.account_id, replayed.task_id)
        if found is None:
            raise TaskNotFound(task_id=replayed.task_id) from None
        return Submitted(found, replayed=True)
    CREDITS.labels("reserve").inc(float(charge.credits))
    estimator.add(request)
    queue.notify()
    return Submitted(task)


def _asked(request: VideoGenerationRequest, prompts: Prompts) -> dict[str, Any]:
    """What was asked for, for the audit log: media by their number, as their links can be secret."""
    media = {name: len(urls) for name in ("image_urls", "video_urls", "audio_urls") if (urls := getattr(request, name))}
    return {
        "model": request.model,
        **prompts.entry(request.prompt),
        "duration": request.duration,
        "quality": request.quality,
        "content_filter": request.content_filter,
        **media,
    }


async def _check_limits(connection: Connection, caller: Caller, turn: Turn, needed: Decimal, wait: float) -> None:
    """What only the transaction can tell; the account is locked, so of two at once only one takes what is left.

    Args:
        needed: credits.
        wait: s until a task of the caller may have ended.
    """
    key, group = caller.key, caller.group
    if key.credit_limit is not None or key.max_tasks is not None:
        used, live = await use_of_key(connection, key.id)
        _check_tasks_at_once("key", live, key.max_tasks, wait)
        if key.credit_limit is not None and key.credit_limit - used < needed:
            left = max(key.credit_limit - used, Decimal(0))
            raise InsufficientQuota(
                problem=f"this key may use {shown(left)} more credits of its {shown(key.credit_limit)}, this video "
                f"needs {shown(needed)}; raise the key's limit, use another key, or choose a shorter or smaller video"
            )
    _check_tasks_at_once("account", turn.live_tasks, caller.max_tasks, wait)
    if group.total_max_tasks is not None:
        live = await live_tasks_of_group(connection, group.name)
        _check_tasks_at_once("group", live, group.total_max_tasks, wait)


def _check_tasks_at_once(level: str, live: int, most: int | None, wait: float) -> None:
    if most is not None and live >= most:
        raise RateLimitExceeded(
            problem=f"this {level} has {live} tasks that wait or run, it may have {most} at once; wait until one ends",
            retry_after=max(1, min(_LONGEST_WAIT, math.ceil(wait))),
        )
