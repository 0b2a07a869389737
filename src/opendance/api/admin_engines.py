"""`/admin/v1/engines`: what each is, how it stands in each process that has it, whether it works. For the operator."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field
from typing_extensions import TypedDict

from opendance.administration.engine_check import EngineCheck
from opendance.api.operators import operator_router
from opendance.api.state import Reading, ServerState, state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MODELS
from opendance.engines.kinds import EngineKind, kind_of_engine
from opendance.engines.registry import EngineFacts, known_engines
from opendance.errors import FAULTS, EngineElsewhere, NotFound
from opendance.store.audit import record
from opendance.store.audited import ACTOR
from opendance.store.database import Connection
from opendance.store.engine_states import EngineStateRecord, read_states
from opendance.store.overview import last_errors, speeds

router = operator_router()
_ERRORS_SHOWN = 5
_OURS = sorted(code for code, fault in FAULTS.items() if fault == "server")
_PATIENCE = 20.0  # s that an answer waits for the end of a check


class MeasuredSpeed(TypedDict):
    """How fast an engine is here."""

    tier: str
    quality: str
    seconds_per_second: Annotated[float, Field(description="Seconds of work for one of video.")]
    samples: int


class LastError(TypedDict):
    """A task that an engine failed."""

    task_id: str
    at: float
    code: str


class EngineProcess(TypedDict):
    """An engine in a process that has it: a server, or a worker."""

    process: Annotated[str, Field(description="Its machine and number.")]
    here: Annotated[bool, Field(description="Whether it is the one that answers.")]
    updated: Annotated[float, Field(description="When it told this, unix time.")]
    loaded: bool
    problem: Annotated[str | None, Field(description="Why the engine cannot be loaded there.")]
    up: bool
    rests_for: Annotated[float | None, Field(description="Seconds until it is tried first again.")]
    failures: Annotated[int, Field(description="In a row.")]
    slots: int


class EngineCheckObject(TypedDict):
    """A clip that an engine makes to show that it works."""

    object: Literal["engine_check"]
    engine: str
    state: Literal["running", "ended"]
    started: float
    model: Annotated[str | None, Field(description="What was asked for; null while it runs.")]
    problem: Annotated[str | None, Field(description="What is wrong; null where nothing is.")]
    seconds: Annotated[float | None, Field(description="That the engine took for the clip.")]
    seconds_per_second: Annotated[float | None, Field(description="Of work for one of video.")]
    timings: Annotated[dict[str, float], Field(description="Seconds of parts of the work, of engines that tell them.")]
    width: int | None
    height: int | None
    frames: int | None
    sound: bool | None
    bytes: int | None
    memory: Annotated[int | None, Field(description="Bytes that a process of the engine ever had at most.")]
    notes: list[str]


class EngineRow(TypedDict):
    """An engine: up, loaded and resting as it stands where it stands best."""

    name: str
    kind: EngineKind
    summary: str
    licence: Annotated[str | None, Field(description="Of its weights, and where that stands.")]
    missing: Annotated[list[str], Field(description="Modules that are not installed in the process that answers.")]
    install: str | None
    here: Annotated[bool, Field(description="Whether it runs in the process that answers.")]
    loaded: bool
    problem: Annotated[str | None, Field(description="Why it cannot be loaded.")]
    up: bool
    rests_for: Annotated[float | None, Field(description="Seconds until it is tried first again.")]
    failures: Annotated[int, Field(description="In a row.")]
    slots: Annotated[int, Field(description="Of all processes.")]
    modes: list[str]
    models: Annotated[list[str], Field(description="Whose routes name it.")]
    speeds: list[MeasuredSpeed]
    last_errors: list[LastError]
    processes: list[EngineProcess]
    check: Annotated[EngineCheckObject | None, Field(description="The last one in the process that answers.")]


class EngineRows(TypedDict):
    """All engines."""

    object: Literal["list"]
    data: list[EngineRow]


@router.get("/engines", operation_id="listEngines", summary="The engines")
async def read_engines(request: Request, connection: Reading) -> EngineRows:
    """Each that is known, what it lacks, how it stands in each process that has it, and how fast it was measured to
    be."""
    return {"object": "list", "data": await engine_rows(state_of(request), connection)}


@router.post(
    "/engines/{name}/check",
    operation_id="checkEngine",
    summary="Have an engine make a clip",
    responses=error_responses(NotFound, EngineElsewhere),
)
async def check_engine(request: Request, name: str) -> EngineCheckObject:
    """Four seconds of 480p in the process that answers, when a place of the engine is free. Nobody is charged here and
    nothing is kept; an upstream charges for it. While one runs, that one is told of: ask again for its end."""
    state = state_of(request)
    if name not in known_engines():
        raise NotFound(what="engine", name=name[:80], hint="")
    checks = state.engine_checks
    last = checks.last(name)
    if name in state.hosts and (last is None or last.ended.is_set()):
        async with state.database.write() as connection:
            await record(connection, "admin.check_engine", actor=ACTOR.get(), detail={"engine": name})
    return _check_object(state, await checks.check(name, patience=_PATIENCE))


async def engine_rows(state: ServerState, connection: Connection) -> list[EngineRow]:
    """All engines that are known, as all processes know them."""
    measured, here = await speeds(connection), state.engine_states
    others = [each for each in await read_states(connection) if each.process != here.process]
    rows: list[EngineRow] = []
    for name, facts in known_engines().items():
        errors = await last_errors(connection, name, codes=_OURS, limit=_ERRORS_SHOWN)
        own: list[MeasuredSpeed] = [
            {
                "tier": each.tier,
                "quality": each.quality,
                "seconds_per_second": round(each.seconds_per_second, 3),
                "samples": each.samples,
            }
            for each in measured
            if each.engine == name
        ]
        last: list[LastError] = [{"task_id": each.task_id, "at": each.at, "code": each.code} for each in errors]
        states = [each for each in (*here.now(), *others) if each.engine == name]
        rows.append(_row(state, facts, own, last, [_process(each, here.process) for each in states]))
    return rows


def _process(told: EngineStateRecord, here: str) -> EngineProcess:
    left = None if told.rests_until is None else told.rests_until - time.time()
    rests = round(left, 1) if left is not None and left > 0 else None
    return {
        "process": told.process,
        "here": told.process == here,
        "updated": told.updated,
        "loaded": told.loaded,
        "problem": told.problem,
        "up": told.problem is None and rests is None,
        "rests_for": rests,
        "failures": told.failures,
        "slots": told.slots,
    }


def _row(
    state: ServerState,
    facts: EngineFacts,
    measured: list[MeasuredSpeed],
    errors: list[LastError],
    processes: list[EngineProcess],
) -> EngineRow:
    best = max(processes, key=lambda each: (each["up"], each["loaded"], -each["failures"]), default=None)
    check = state.engine_checks.last(facts.name)
    return {
        "name": facts.name,
        "kind": kind_of_engine(facts.name),
        "summary": facts.summary,
        "licence": facts.licence or None,
        "missing": facts.missing(),
        "install": facts.install or None,
        "here": facts.name in state.hosts,
        "loaded": best is not None and best["loaded"],
        "problem": None if best is None else best["problem"],
        "up": best is not None and best["up"],
        "rests_for": None if best is None else best["rests_for"],
        "failures": 0 if best is None else best["failures"],
        "slots": sum(each["slots"] for each in processes),
        "modes": sorted(mode.value for mode in facts.modes),
        "models": [name for name, model in MODELS.items() if facts.name in state.routes.of(model)],
        "speeds": measured,
        "last_errors": errors,
        "processes": processes,
        "check": None if check is None else _check_object(state, check),
    }


def _check_object(state: ServerState, check: EngineCheck) -> EngineCheckObject:
    made = check.made
    clip, facts = (None, None) if made is None else (made.clip, made.facts)
    return {
        "object": "engine_check",
        "engine": check.engine,
        "state": "ended" if check.ended.is_set() else "running",
        "started": check.started,
        "model": None if made is None else made.model,
        "problem": None if made is None else made.problem,
        "seconds": None if clip is None else round(clip.seconds_taken, 2),
        "seconds_per_second": None
        if clip is None or facts is None
        else round(clip.seconds_taken / (facts.num_frames / facts.frame_rate), 3),
        "timings": {} if clip is None else {part: round(value, 2) for part, value in clip.timings.items()},
        "width": None if facts is None else facts.width,
        "height": None if facts is None else facts.height,
        "frames": None if facts is None else facts.num_frames,
        "sound": None if facts is None else facts.has_audio,
        "bytes": None if made is None else made.size,
        "memory": state.engine_checks.memory(check.engine),
        "notes": [] if clip is None else list(clip.notes),
    }
