"""opendance engines check: one clip in each mode that an engine has, with what it took."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.table import Table

from opendance.administration.engine_check import PROMPT, cheapest_models, check_job, judged, refused
from opendance.catalog import MODELS, Model, Quality
from opendance.cli.common import FAILURE, USAGE_ERROR, AsJson, ConfigFile, stop
from opendance.cli.printing import out, say
from opendance.engines.base import CannotLoad, StillWorking
from opendance.engines.configured import Engines
from opendance.engines.registry import load_engine, load_upstream
from opendance.engines.upstream.base import UpstreamRequest
from opendance.engines.upstream.host import UpstreamHost
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.settings import Settings, load_settings

Render = Callable[[Job], Clip]


def check_engine(
    name: Annotated[str, typer.Argument(help="The engine.")],
    model: Annotated[str | None, typer.Option(help="A model that it serves [default: one of each mode].")] = None,
    prompt: Annotated[str, typer.Option(help="What the clip is of.")] = PROMPT,
    seconds: Annotated[int, typer.Option(min=4, max=15, help="Length of the clip.")] = 4,
    quality: Annotated[Quality, typer.Option(help="480p, 720p or 1080p.")] = Quality.P480,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Keep the clip of the last mode here.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Load an engine, make one short clip in each of its modes, and tell times, memory and what the clips are.

    A model that needs a picture, as the first frame or a reference, gets one that is drawn here. Steps, decoding and
    encoding are told of engines with weights.

    An upstream makes, and charges for, a true video: of it only text-to-video is asked, unless --model says another.
    """
    settings = load_settings(config)
    known = Engines(settings.engine)
    facts = known.facts(name, "engines check")
    if missing := facts.missing():
        stop(f"{name} needs {', '.join(missing)}: {facts.install or 'see opendance doctor'}", FAILURE)
    models = _models(known, name, model)
    report: dict[str, Any] = {}
    try:
        if facts.runs_on == "upstream":

            def render(job: Job) -> Clip:
                return _upstream_clip(settings, known, name, job)

        else:
            started = time.monotonic()
            engine = load_engine(facts.code, known.table(name))
            engine.warm()
            report["loading, s"] = round(time.monotonic() - started, 2)
            report["memory, loading"] = _memory()

            def render(job: Job) -> Clip:
                return engine.render(job, lambda _share: None, lambda: False)

    except CannotLoad as error:
        stop(str(error), FAILURE)
    except TaskError as error:
        stop(f"{name}: {error.code}: {error.message}", FAILURE)
    clips = [_one(known, name, each, render, prompt, seconds, quality, output) for each in models]
    if as_json:
        say(json.dumps({"engine": name, **report, "clips": clips}))
    else:
        _show(name, report, clips)
    if wrong := [clip for clip in clips if not clip["as asked for"]]:
        clip = wrong[0]
        stop(f"{name}: {clip['model']}: {clip.get('problem', 'the clip is not what was asked for')}", FAILURE)


def _models(known: Engines, name: str, asked: str | None) -> list[Model]:
    """The models to make a clip of: the one that was asked for, or the cheapest of each mode that the engine has."""
    modes = known.limits(name).modes
    if asked is not None:
        if asked not in MODELS or MODELS[asked].mode not in modes:
            stop(f"--model: {name} makes no video of {asked}; opendance engines list says what it makes", USAGE_ERROR)
        return [MODELS[asked]]
    made = cheapest_models(modes)
    return made[:1] if known[name].runs_on == "upstream" else made


def _one(
    known: Engines,
    name: str,
    model: Model,
    render: Render,
    prompt: str,
    seconds: int,
    quality: Quality,
    output: Path | None,
) -> dict[str, Any]:
    """A clip of a model: what it took, what it is, and whether it is what was asked for."""
    with tempfile.TemporaryDirectory(prefix="opendance-check-") as folder:
        place = Path(folder)
        job = check_job(model, place, output or place / "clip.mp4", prompt=prompt, seconds=seconds, quality=quality)
        _forget_peaks()
        try:
            made = judged(job, render(replace(job, completion=known.completion(name))))
        except TaskError as error:
            made = refused(job, error)
        except StillWorking:
            stop(f"{name}: it did not finish within the engine's patience; what it began may go on there", FAILURE)
        except CannotLoad as error:
            stop(str(error), FAILURE)
    if made.clip is None or made.facts is None:
        return {"model": model.id, "as asked for": False, "problem": made.problem}
    clip = made.clip
    return {
        "model": model.id,
        "clip, s": round(clip.seconds_taken, 2),
        "s for a second of video": round(clip.seconds_taken / seconds, 3),
        **{part: round(value, 2) for part, value in clip.timings.items()},
        **({"usage": clip.usage} if clip.usage else {}),
        **({"memory": _memory()} if known[name].runs_on != "upstream" else {}),
        "clip": {**vars(made.facts), "bytes": made.size},
        "as asked for": made.problem is None,
        "notes": list(clip.notes),
    }


def _show(name: str, report: dict[str, Any], clips: list[dict[str, Any]]) -> None:
    table = Table("what", *(clip["model"] for clip in clips), title=f"engine {name}")
    for what in dict.fromkeys(key for clip in clips for key in clip if key != "model"):
        table.add_row(what, *(_words(clip.get(what)) for clip in clips))
    for what, value in report.items():
        table.add_row(what, _words(value))
    out.print(table)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in cast(dict[str, Any], value).items())
    if isinstance(value, list):
        return "; ".join(cast(list[str], value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "-" if value is None else str(value)


def _upstream_clip(settings: Settings, known: Engines, name: str, job: Job) -> Clip:
    async def nothing(_share: float) -> None:
        pass

    async def run() -> Clip:
        host = UpstreamHost(
            name,
            load_upstream(known[name], known.table(name)),
            timeout=settings.task_timeout,
            completion=known.completion(name),
            sound=known.limits(name).sound,
        )
        try:
            return await host.render(job, UpstreamRequest(f"check-{time.time_ns()}"), nothing, asyncio.Event())
        finally:
            await host.close()

    return asyncio.run(run())


def _forget_peaks() -> None:
    """Have the peak of each GPU begin anew; that of main memory is the process's."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            torch.cuda.reset_peak_memory_stats(number)


def _memory() -> dict[str, str]:
    """Peaks of this process: of main memory until now, and of each GPU since they were forgotten."""
    peaks: dict[str, str] = {}
    try:
        import resource
    except ImportError:  # Windows does not tell
        pass
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        peaks["main"] = f"{peak / 2**30:.2f} GiB"
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            peaks[f"gpu {number}"] = f"{torch.cuda.max_memory_allocated(number) / 2**30:.2f} GiB"
    if torch is not None and torch.backends.mps.is_available():
        peaks["gpu"] = f"{torch.mps.driver_allocated_memory() / 2**30:.2f} GiB"
    return peaks
