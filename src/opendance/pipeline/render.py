"""Stage `render`: the engine makes the clip."""

from __future__ import annotations

from typing import Any

from opendance.catalog import AspectRatio, pixels_for
from opendance.engines.base import EngineDied, RenderCancelled
from opendance.engines.registry import engine_for
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.pipeline.context import StageContext, TaskCancelled
from opendance.pipeline.plan import PLAN
from opendance.pipeline.probe import ASSETS

_TITLE_LENGTH = 80
_ATTEMPTS = 3  # of engine processes that die under one job


async def run(context: StageContext) -> Any:
    """Which engine ran and how long it took.

    Raises:
        TaskError: no engine serves the model, or the engine failed.
        TaskCancelled: the task was cancelled.
    """
    request, model = context.request, context.request.catalog_model
    here = context.hosts.keys()
    engine = engine_for(model, here if context.engines is None else here & set(context.engines))
    if engine is None:
        raise TaskError("service_unavailable", f"no engine on this server makes {model.mode} videos")
    plan = PLAN.validate_python(context.results["plan"])
    prompt = " ".join(request.prompt.split())
    job = Job(
        plan=plan,
        tier=model.tier,
        quality=request.catalog_quality,
        size=pixels_for(AspectRatio(plan.aspect_ratio), request.catalog_quality),
        num_frames=context.num_frames,
        seed=context.task.seed,
        generate_audio=request.generate_audio,
        title=prompt if len(prompt) <= _TITLE_LENGTH else prompt[: _TITLE_LENGTH - 1] + "…",
        work_folder=str(context.work_folder),
        output=str(context.clip_path),
        assets=ASSETS.validate_python(context.results.get("probe", [])),
    )
    clip = await _render(context, engine.name, job)
    return {"engine": engine.name, "seconds": clip.seconds_taken, "size": job.size, "notes": clip.notes}


async def _render(context: StageContext, engine: str, job: Job) -> Clip:
    """The clip; when an engine's process dies, another one tries."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return await context.hosts[engine].render(job, context.on_progress, context.cancel)
        except RenderCancelled:
            raise TaskCancelled from None
        except EngineDied:
            if attempt >= _ATTEMPTS:
                raise
