"""The engines of a process: which of those that routes name can run here, and what is around each."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from opendance.engines.base import Host
from opendance.engines.compiled import compiled_cache
from opendance.engines.configured import Engines
from opendance.engines.devices import devices_of, gpus_of, most_processes, shared, visible_gpus
from opendance.engines.diffusers.memory import PROCESSES
from opendance.engines.host import EngineHost
from opendance.engines.registry import load_upstream
from opendance.engines.routes import Routes
from opendance.engines.sharing import Turns
from opendance.errors import ConfigurationError
from opendance.settings import Settings

_log = logging.getLogger(__name__)
Hosts = Mapping[str, Host]

# glibc keeps freed pictures of a render in the arenas of its threads; mapped memory goes back at once. It takes a third
# off the peak of a 15 s 1080p clip of previs. torch, which makes and drops large tensors all the time, takes half as
# long again with it.
_LEAN = {"MALLOC_MMAP_THRESHOLD_": "2000000"}


def engines_here(settings: Settings, routes: Routes) -> list[str]:
    """The engines of this process: those that `engines` names, else all of the routes that are installed.

    Raises:
        ConfigurationError: one is unknown, is not installed, or has wrong options; or none is left for a route.
    """
    facts = routes.engines
    if settings.engines is not None:
        for name in settings.engines:
            if missing := facts.facts(name, "engines").missing():
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


def make_hosts(settings: Settings, engines: Engines, names: list[str]) -> dict[str, Host]:
    """What is around each of these engines; empty in a process that makes no videos.

    Raises:
        ConfigurationError: an engine has wrong options.
    """
    hosts: dict[str, Host] = {}
    on_gpus = {
        name: tuple(getattr(engines.options(name), "devices", ()))
        for name in (names if settings.work else ())
        if engines[name].runs_on == "gpu"
    }
    devices = devices_of(on_gpus, visible_gpus())
    count, turns, taking_turns = {PROCESSES: str(most_processes(devices))}, Turns(), shared(devices)
    for name in names if settings.work else ():
        table, limits, completion = engines.table(name), engines.limits(name), engines.completion(name)
        facts = replace(engines[name], takes_seed=engines[name].takes_seed and limits.seeds)
        if facts.runs_on == "upstream":
            from opendance.engines.upstream.host import UpstreamHost  # it brings what reads media files

            hosts[name] = UpstreamHost(
                name,
                load_upstream(facts, table),
                timeout=settings.task_timeout,
                completion=completion,
                sound=limits.sound,
            )
            continue
        compiled = compiled_cache(settings.data_dir)
        environments = [_LEAN | compiled] if facts.runs_on == "cpu" else []
        if facts.runs_on == "gpu":
            places = [{"CUDA_VISIBLE_DEVICES": ",".join(gpus_of(device))} for device in devices[name]] or [{}]
            environments = [place | count | compiled for place in places]
        slots = settings.concurrency if facts.runs_on == "cpu" else max(1, len(environments))
        timeout = getattr(engines.options(name), "timeout", None) or settings.task_timeout
        hosts[name] = EngineHost(
            name,
            slots=slots,
            timeout=timeout,
            options=table,
            environments=environments,
            facts=facts,
            completion=completion,
            loaded_for=engines.loaded_for(name),
            turns=[
                turns.place(name, gpus_of(device), unload_after=engines.unload_after(name))
                for device in devices.get(name, ())
                if name in taking_turns
            ],
        )
    return hosts
