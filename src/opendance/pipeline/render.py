"""Stage `render`: an engine makes the clip; where it fails for a reason of its own, the next of the route does."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from opendance.catalog import AspectRatio, pixels_for
from opendance.engines.base import EngineDied, RenderCancelled, StillWorking
from opendance.engines.upstream.host import Begun, UpstreamHost
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.mark import mark_of
from opendance.pipeline.context import AssetsGone, StageContext, TaskCancelled, TaskParked
from opendance.pipeline.lend import Lender
from opendance.pipeline.plan import PLAN
from opendance.pipeline.probe import ASSETS

_log = logging.getLogger(__name__)
_TITLE_LENGTH = 80
_ATTEMPTS = 3  # at one engine, where the same engine may do it when asked again
_PAUSE = 1.0  # s before the second attempt, twice as long before each further one
_BEGUN: TypeAdapter[Begun] = TypeAdapter(Begun)
# What lies with the request: another engine would only be another chance to get it past a refusal.
_FINAL = frozenset(
    {
        "content_policy_violation", "invalid_parameters", "image_processing_error", "image_dimension_mismatch",
        "request_cancelled", "resource_not_found", "invalid_audio", "invalid_video", "invalid_image",
    }
)  # fmt: skip


async def run(context: StageContext) -> Any:
    """Which engine ran, how long it took, and which ones failed before it.

    Raises:
        TaskError: no engine serves the model, or all of them failed.
        TaskParked: an upstream is still at it.
        AssetsGone: the files must be fetched again first.
        TaskCancelled: the task was cancelled.
    """
    job = job_of(context)
    lender = Lender(context)
    try:
        name, clip = await _by_route(context, job, lender)
    except (TaskError, TaskCancelled):
        await lender.take_back()
        raise
    await lender.take_back()
    first = next((engine for engine in context.route if engine in context.hosts), name)
    return {
        "engine": name,
        "substitute": name != first,
        "seconds": clip.seconds_taken,
        "size": job.size,
        "notes": clip.notes,
        "usage": clip.usage,
        "failed_before": context.results.get("engines", []),
    }


def job_of(context: StageContext) -> Job:
    """What an engine is asked for."""
    request, model = context.request, context.request.catalog_model
    plan = PLAN.validate_python(context.results["plan"])
    prompt = " ".join(request.prompt.split())
    return Job(
        plan=plan,
        tier=model.tier,
        mode=model.mode,
        model=model.id,
        quality=request.catalog_quality,
        size=pixels_for(AspectRatio(plan.aspect_ratio), request.catalog_quality),
        num_frames=context.num_frames,
        seed=context.task.seed,
        generate_audio=request.generate_audio,
        content_filter=request.content_filter,
        mark=mark_of(context.task.id),
        title=prompt if len(prompt) <= _TITLE_LENGTH else prompt[: _TITLE_LENGTH - 1] + "…",
        work_folder=str(context.work_folder),
        output=str(context.clip_path),
        assets=ASSETS.validate_python(context.results.get("probe", [])),
    )


async def _by_route(context: StageContext, job: Job, lender: Lender) -> tuple[str, Clip]:
    """The engine that made it, and the clip."""
    names = context.health.ordered([name for name in context.route if name in context.hosts])
    begun = context.results.get("upstream")
    if begun is not None:  # first of all what is paid for already
        if begun["engine"] not in context.hosts:
            raise TaskParked(begun["engine"])
        names = [begun["engine"], *(name for name in names if name != begun["engine"])]
    if not names:
        model = context.request.catalog_model
        raise TaskError("service_unavailable", f"no engine on this server makes {model.mode} videos")
    for name in names[:-1]:
        try:
            return name, await _on_engine(context, job, lender, name)
        except TaskError as error:
            if error.code in _FINAL:
                raise
            _log.warning("%s: %s failed (%s: %s); the next engine tries", context.task.id, name, error.code, error)
    return names[-1], await _on_engine(context, job, lender, names[-1])


async def _on_engine(context: StageContext, job: Job, lender: Lender, name: str) -> Clip:
    """The clip; where the same engine may do it when it is asked again, it is."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            clip = await _once(context, job, lender, name)
        except RenderCancelled:
            raise TaskCancelled from None
        except StillWorking:
            raise TaskParked(name) from None
        except TaskError as error:
            failure = {"engine": name, "code": error.code, "message": error.message}
            await context.note("engines", [*context.results.get("engines", []), failure])
            if error.code in _FINAL:
                raise
            context.health.failed(name, error.code)
            if not (error.retry or isinstance(error, EngineDied)) or attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(0 if isinstance(error, EngineDied) else _PAUSE * 2 ** (attempt - 1))
        else:
            context.health.succeeded(name)
            return clip
    raise AssertionError("unreachable")


async def _once(context: StageContext, job: Job, lender: Lender, name: str) -> Clip:
    host = context.hosts[name]
    known = context.results.get("upstream")
    begun = None
    if known is not None and known["engine"] == name:
        begun = _BEGUN.validate_python(known["begun"])
    if (begun is None or begun.handle is None) and not all(Path(asset.path).is_file() for asset in job.assets):
        raise AssetsGone
    if not isinstance(host, UpstreamHost):
        return await host.render(job, context.on_progress, context.cancel)

    async def remember(now: Begun | None) -> None:
        await context.note("upstream", None if now is None else {"engine": name, "begun": asdict(now)})

    # A repetition after a failure is another errand: under the old name the upstream would give the failed task again.
    errand = begun.errand if begun is not None else f"{context.task.id}-{len(context.results.get('engines', []))}"
    return await host.render(
        job,
        context.on_progress,
        context.cancel,
        errand=lender.errand(errand),
        begun=begun,
        remember=remember,
    )
