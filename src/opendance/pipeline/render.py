"""Stage `render`: the engine makes the clip."""

from __future__ import annotations

from typing import Any

from opendance.catalog import AspectRatio, pixels_for
from opendance.engines.base import RenderCancelled
from opendance.engines.registry import engine_for
from opendance.errors import TaskError
from opendance.job import Job
from opendance.pipeline.context import StageContext, TaskCancelled
from opendance.pipeline.plan import PLAN
from opendance.pipeline.probe import ASSETS

_TITLE_LENGTH = 80


async def run(context: StageContext) -> Any:
    """Which engine ran and how long it took.

    Raises:
        TaskError: no engine serves the model, or the engine failed.
        TaskCancelled: the task was cancelled.
    """
    request, model = context.request, context.request.catalog_model
    engine = engine_for(model, context.engines)
    if engine is None or engine.name not in context.hosts:
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
    try:
        clip = await context.hosts[engine.name].render(job, context.on_progress, context.cancel)
    except RenderCancelled:
        raise TaskCancelled from None
    return {"engine": engine.name, "seconds": clip.seconds_taken, "size": job.size, "notes": clip.notes}
