"""The engines of a process: which of those that routes name can run here, and what is around each."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from opendance.engines.base import Host
from opendance.engines.compiled import compiled_cache
from opendance.engines.host import EngineHost
from opendance.engines.registry import engine_facts, engine_options, known_engines, load_upstream
from opendance.engines.routes import Routes
from opendance.errors import ConfigurationError
from opendance.settings import Settings

_log = logging.getLogger(__name__)
Hosts = Mapping[str, Host]
_NVIDIA = Path("/proc/driver/nvidia/gpus")  # one entry for each GPU; to ask a driver would take seconds and memory

# glibc keeps freed pictures of a render in the arenas of its threads; mapped memory goes back at once. It takes a third
# off the peak of a 15 s 1080p clip of previs. torch, which makes and drops large tensors all the time, takes half as
# long again with it.
_LEAN = {"MALLOC_MMAP_THRESHOLD_": "2000000"}


def engines_here(settings: Settings, routes: Routes) -> list[str]:
    """The engines of this process: those that `engines` names, else all of the routes that are installed.

    Raises:
        ConfigurationError: one is unknown, is not installed, or has wrong options; or none is left for a route.
    """
    for name, table in settings.engine.items():
        engine_options(engine_facts(name, "engine"), table)
    facts = known_engines()
    if settings.engines is not None:
        for name in settings.engines:
            if missing := engine_facts(name, "engines").missing():
                hint = facts[name].install or "see opendance doctor"
                raise ConfigurationError(f"engines: {name} needs {', '.join(missing)}: {hint}")
            if name not in routes.names:
                raise ConfigurationError(f"engines: no route leads to {name}; name it in routes or set it up")
        return [name for name in routes.names if name in settings.engines]
    here = [name for name in routes.names if not facts[name].missing() and not facts[name].only_by_name]
    for name in routes.names:
        if not facts[name].missing() or facts[name].only_by_name:
            continue
        problem = f"{name} needs {', '.join(facts[name].missing())}: {facts[name].install or 'see opendance doctor'}"
        if settings.work and settings.database_url is None and not here:
            raise ConfigurationError(f"routes: {problem}")
        if settings.work:
            _log.warning("engine %s does not run here: %s", name, problem)
    return here


def make_hosts(settings: Settings, names: list[str]) -> dict[str, Host]:
    """What is around each engine; empty in a process that makes no videos.

    Raises:
        ConfigurationError: an engine has wrong options.
    """
    hosts: dict[str, Host] = {}
    for name in names if settings.work else ():
        facts, table = known_engines()[name], settings.engine.get(name, {})
        if facts.runs_on == "upstream":
            from opendance.engines.upstream.host import UpstreamHost  # it brings what reads media files

            hosts[name] = UpstreamHost(name, load_upstream(facts, table), timeout=settings.task_timeout)
            continue
        compiled = compiled_cache(settings.data_dir)
        environments = [_LEAN | compiled] if facts.runs_on == "cpu" else []
        if facts.runs_on == "gpu":
            options = engine_options(facts, table)
            environments = [
                {"CUDA_VISIBLE_DEVICES": gpu} | compiled for gpu in visible_gpus(getattr(options, "devices", ()))
            ]
        slots = settings.concurrency if facts.runs_on == "cpu" else max(1, len(environments))
        hosts[name] = EngineHost(
            name, slots=slots, timeout=settings.task_timeout, options=table, environments=environments
        )
    return hosts


def visible_gpus(chosen: tuple[str, ...] = ()) -> list[str]:
    """The GPUs to use, as CUDA names them; empty where there are none.

    Args:
        wanted: those that the operator names; default: all that CUDA_VISIBLE_DEVICES allows.
    """
    if chosen:
        return list(chosen)
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [part.strip() for part in allowed.split(",") if part.strip() and part.strip() != "-1"]
    return [str(number) for number in range(len(list(_NVIDIA.iterdir())))] if _NVIDIA.is_dir() else []
