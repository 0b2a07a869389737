"""opendance engines: which there are, who serves what, and whether one works."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import typer
from PIL import Image
from rich.table import Table
from rich.text import Text

from opendance.asset import Asset
from opendance.catalog import FRAME_RATE, MODELS, AspectRatio, Mode, Quality, pixels_for
from opendance.cli.common import FAILURE, USAGE_ERROR, AsJson, ConfigFile, app, stop
from opendance.cli.printing import out, say
from opendance.engines.base import CannotLoad, StillWorking
from opendance.engines.configured import Engines
from opendance.engines.registry import load_engine, load_upstream
from opendance.engines.routes import read_routes
from opendance.engines.upstream.base import UpstreamRequest
from opendance.engines.upstream.host import UpstreamHost
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.probe import probe_clip
from opendance.prompt import plan_prompt
from opendance.settings import Settings, load_settings

engines = typer.Typer(help="The engines: list them, check one.", no_args_is_help=True)
app.add_typer(engines, name="engines")
_PROMPT = "A cat walks over a sunny field, birds are singing"


@engines.command("list")
def list_engines(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Every engine, what it needs, which models it makes here, and what would let it make others; and each route."""
    settings = load_settings(config)
    known = Engines(settings.engine)
    asked = read_routes(settings.routes, known).asked_of
    routes = {model.id: asked(model, settings.engines) for model in MODELS.values()}
    places = {
        name: [f"{model} ({names.index(name) + 1})" for model, names in routes.items() if name in names]
        for name in known
    }
    notes = {name: "" if places[name] else _how_to_use(settings, known, name) for name in known}
    if as_json:
        rows = [
            {
                "name": name,
                "summary": facts.summary,
                "missing": facts.missing(),
                "serves": places[name],
                "otherwise": notes[name] or None,
            }
            for name, facts in known.items()
        ]
        say(json.dumps(rows))
        return
    table = Table("engine", "what it is", "makes (place in the route)")
    for name, facts in known.items():
        what = Text(facts.summary)
        if missing := facts.missing():
            what.append(f"\nmissing: {', '.join(missing)}", "yellow").append(f"; {facts.install}" * bool(facts.install))
        all_or_some = "all nine models" if len(places[name]) == len(MODELS) else "\n".join(places[name])
        table.add_row(name, what, all_or_some or f"nothing; {notes[name]}")
    out.print(table)
    shown = Table("model", "engines, best first")
    for names in dict.fromkeys(routes.values()):
        models = [model for model, those in routes.items() if those == names]
        engine_names = ", ".join(name + " (not installed here)" * bool(known[name].missing()) for name in names)
        shown.add_row("all nine" if len(models) == len(MODELS) else "\n".join(models), engine_names or "NONE")
    out.print(shown)


def _how_to_use(settings: Settings, known: Engines, name: str) -> str:
    """What would let an engine make videos that makes none."""
    facts = known[name]
    if facts.only_by_name:
        return f"a test engine, used where OPENDANCE_ENGINES={name} says so"
    if name in read_routes(settings.routes, known).names:
        return f"OPENDANCE_ENGINES names others: {', '.join(settings.engines or ())}"
    return f"name it in [routes]{f', or set it up in [engine.{name}]' * facts.must_be_set_up}"


@engines.command("check")
def check_engine(
    name: Annotated[str, typer.Argument(help="The engine.")],
    model: Annotated[str, typer.Option(help="A model that it serves.")] = "seedance-2.0-mini-text-to-video",
    prompt: Annotated[str, typer.Option(help="What the clip is of.")] = _PROMPT,
    seconds: Annotated[int, typer.Option(min=4, max=15, help="Length of the clip.")] = 4,
    quality: Annotated[Quality, typer.Option(help="480p, 720p or 1080p.")] = Quality.P480,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Keep the clip here.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Load an engine, make one short clip, and tell times, memory and what the clip is.

    A model that needs a picture, as the first frame or a reference, gets one that is drawn here.

    An upstream makes, and charges for, a true video.
    """
    settings = load_settings(config)
    known = Engines(settings.engine)
    facts = known.facts(name, "engines check")
    if missing := facts.missing():
        stop(f"{name} needs {', '.join(missing)}: {facts.install or 'see opendance doctor'}", FAILURE)
    if model not in MODELS or MODELS[model].mode not in known.limits(name).modes:
        stop(f"--model: {name} makes no video of {model}; opendance engines list says what it makes", USAGE_ERROR)
    with tempfile.TemporaryDirectory(prefix="opendance-check-") as folder:
        chosen = MODELS[model]
        assets = () if chosen.mode is Mode.TEXT else (_a_picture(Path(folder)),)
        job = Job(
            plan=plan_prompt(prompt, seconds=seconds, aspect_ratio="16:9", mode=chosen.mode, assets=assets),
            assets=assets,
            tier=chosen.tier,
            mode=chosen.mode,
            model=chosen.id,
            quality=quality,
            size=pixels_for(AspectRatio.R16_9, quality),
            num_frames=seconds * FRAME_RATE,
            seed=1,
            generate_audio=True,
            title=prompt,
            work_folder=folder,
            output=str(output or Path(folder) / "clip.mp4"),
        )
        try:
            job = replace(job, completion=known.completion(name))
            is_elsewhere = facts.runs_on == "upstream"
            report = _upstream_clip(settings, known, name, job) if is_elsewhere else _clip(known, name, job)
            made = probe_clip(Path(job.output))
        except TaskError as error:
            stop(f"{name}: {error.code}: {error.message}", FAILURE)
        except CannotLoad as error:
            stop(str(error), FAILURE)
        except StillWorking:
            stop(f"{name}: it did not finish within the engine's patience; what it began may go on there", FAILURE)
        size = Path(job.output).stat().st_size
    report["clip"] = {**vars(made), "bytes": size}
    if as_json:
        say(json.dumps({"engine": name, **report}))
        return
    table = Table("what", "measured", title=f"engine {name}")
    for what, value in report.items():
        parts = cast(dict[str, Any], value) if isinstance(value, dict) else {"": value}
        table.add_row(what, ", ".join(f"{key} {each}".strip() for key, each in parts.items()))
    out.print(table)
    expected = (*job.size, job.num_frames, FRAME_RATE, True)
    if (made.width, made.height, made.num_frames, made.frame_rate, made.has_audio) != expected:
        stop(f"{name}: the clip is not what was asked for: {expected}", FAILURE)


def _a_picture(folder: Path) -> Asset:
    """A sky over a field."""
    path = folder / "picture.png"
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:240] = np.linspace((90, 140, 220), (200, 220, 250), 240)[:, None]
    picture[240:] = np.linspace((120, 160, 80), (50, 90, 40), 240)[:, None]
    Image.fromarray(picture).save(path)
    return Asset("image", 1, width=640, height=480, path=str(path), source_path=str(path))


def _clip(known: Engines, name: str, job: Job) -> dict[str, Any]:
    started = time.monotonic()
    engine = load_engine(known[name].code, known.table(name))
    engine.warm()
    loaded = time.monotonic()
    clip = engine.render(job, lambda _share: None, lambda: False)
    return {
        "loading, s": round(loaded - started, 2),
        **_times(clip, job),
        "memory": _memory(),
        "notes": "; ".join(clip.notes) or "-",
    }


def _upstream_clip(settings: Settings, known: Engines, name: str, job: Job) -> dict[str, Any]:
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

    clip = asyncio.run(run())
    return {**_times(clip, job), "usage": clip.usage, "notes": "; ".join(clip.notes) or "-"}


def _times(clip: Clip, job: Job) -> dict[str, float]:
    made = job.num_frames / FRAME_RATE
    return {
        "clip, s": round(clip.seconds_taken, 2),
        "s for a second of video": round(clip.seconds_taken / made, 3),
    }


def _memory() -> dict[str, str]:
    """Peaks of this process, main memory and GPU."""
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
        peaks["gpu"] = f"{torch.cuda.max_memory_allocated() / 2**30:.2f} GiB"
    return peaks
