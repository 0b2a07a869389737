"""What would come of a request, in the words of the unified API: what is wrong with it, and all that can be told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from opendance.api.unified.errors import ProblemObject, problem_object
from opendance.api.unified.quote import EstimateInfo, EstimateUsage
from opendance.engines.kinds import EngineKind
from opendance.errors import Problem
from opendance.order import Order
from opendance.pipeline.checking import Checked
from opendance.plan import Plan
from opendance.prompt.places import Places

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


class EngineChoice(TypedDict):
    """The engine that comes first."""

    name: str
    kind: EngineKind
    up: Annotated[bool, Field(description="Whether it could begin now, as far as this process knows.")]


class QueueAhead(TypedDict):
    """What a task would wait for."""

    ahead: Annotated[int, Field(description="Tasks that wait or run before it, of all accounts.")]
    starts_in: Annotated[float, Field(description="Seconds until it would be begun.")]


class VideoCheck(TypedDict):
    """What would come of a request; nothing is created."""

    object: Literal["video.generation.check"]
    ok: Annotated[bool, Field(description="Whether a creation would be accepted.")]
    problems: Annotated[list[ProblemObject], Field(description="All that is wrong, and warnings.")]
    model: Annotated[str | None, Field(description="The model that would be used; null where none is named.")]
    usage: Annotated[EstimateUsage | None, Field(description="What it would cost at most.")]
    price_is_exact: Annotated[bool, Field(description="Whether it would cost just that.")]
    is_measured: Annotated[
        bool,
        Field(description="False while uploads are still being measured: the same request again may tell more."),
    ]
    task_info: EstimateInfo | None
    engine: EngineChoice | None
    queue: QueueAhead | None
    plan: Annotated[
        dict[str, Any] | None,
        Field(description="As `dry_run` tells it; each of `assets` and `found` with `spans`, places in the prompt."),
    ]


def check_object(
    order: Order | None,
    checked: Checked,
    problems: list[Problem],
    *,
    is_measured: bool,
    user_group: str,
    engine: EngineChoice | None,
    queue: QueueAhead | None,
) -> VideoCheck:
    """The answer.

    Args:
        problems: of both, the order and what came of it.
        is_measured: no upload of it is still being measured.
    """
    charge, usage = checked.charge, None
    if order is not None and charge is not None:
        usage: EstimateUsage | None = {
            "billing_rule": "per_second",
            "credits_reserved": float(charge.credits),
            "user_group": user_group,
            "lines": charge.as_json(),
            "credits_available": float(checked.available),
            "sufficient": checked.available >= charge.credits,
        }
    info: EstimateInfo | None = None
    if order is not None and checked.seconds is not None:
        info = {"estimated_time": checked.seconds, "video_duration": order.duration}
    return {
        "object": "video.generation.check",
        "ok": not any(problem.level == "error" for problem in problems),
        "problems": [problem_object(problem) for problem in problems],
        "model": None if order is None else order.model,
        "usage": usage,
        "price_is_exact": checked.is_exact,
        "is_measured": is_measured,
        "task_info": info,
        "engine": engine,
        "queue": queue,
        "plan": None if checked.plan is None else plan_object(checked.plan, ratio_is_open=checked.ratio_is_open),
    }


def plan_object(plan: Plan, *, ratio_is_open: bool = False) -> dict[str, Any]:
    """The plan, with the places of the words that it says."""
    told: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    places = Places(plan.prompt)
    near = {(each.kind, each.number): (each.begin, each.end) for each in reversed(plan.references)}
    for use in told["assets"]:
        use["spans"] = places.of(use["words"], near.get((use["kind"], use["number"]))) or places.of(use["words"])
    told["found"] = [{"what": what, "words": words, "spans": places.of(words)} for what, words in plan.found]
    return told | ({"aspect_ratio": "adaptive"} if ratio_is_open else {})
