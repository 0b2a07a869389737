"""What is wrong with an order before it is placed, and all that can be told of it even so; nothing is created."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from opendance.billing import charge_for, most_it_can_cost
from opendance.catalog import MAX_INPUT_SECONDS, MAX_WEB_SEARCHES, PRICES
from opendance.credits import Charge, shown
from opendance.engines.routes import Routes
from opendance.errors import BrokenRule, InvalidRequest, LinkExpired, ModelAccessDenied, Problem, TaskError
from opendance.links import Links
from opendance.media.rules import check_total_seconds
from opendance.order import Link, Order
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.inputs import source_of, why_gone
from opendance.pipeline.quote import plan_of
from opendance.pipeline.submit import check_access, for_caller, price_ratio_of
from opendance.plan import AssetKind, Plan
from opendance.storage import result_key
from opendance.store.database import Connection
from opendance.store.files import FileRecord, read_file
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord, get_task

_RECOMMENDED = {"words": 1000, "characters": 500}


@dataclass(frozen=True)
class Input:
    """What is known here of a file that an order names.

    Attributes:
        seconds: its length, s; None where that is not known.
    """

    link: Link
    seconds: float | None = None
    problems: tuple[Problem, ...] = ()


@dataclass
class Checked:
    """All that can be told of an order.

    Attributes:
        charge: the most that it can cost; None where it has no price. `is_exact`: it costs just that.
        seconds: until it would be done.
        engine: that comes first; None where none does.
        plan: what is understood; None where that cannot be told.
        ratio_is_open: the media decide it, and they have not been fetched.
    """

    problems: list[Problem] = field(default_factory=list[Problem])
    charge: Charge | None = None
    is_exact: bool = False
    seconds: int | None = None
    available: Decimal = Decimal(0)
    engine: str | None = None
    plan: Plan | None = None
    ratio_is_open: bool = False


async def check(
    estimator: Estimator,
    routes: Routes,
    caller: Caller,
    order: Order,
    inputs: Sequence[Input],
    *,
    engine: str | None,
    prompt_is_good: bool,
) -> Checked:
    """All that can be told of an order that may have problems which are told elsewhere.

    Args:
        inputs: what is known of its files.
        engine: that comes first; None where none serves the model.
        prompt_is_good: whether it may be read.
    """
    checked = Checked(available=caller.available)
    try:
        check_access(caller, order, routes)
        order = for_caller(caller, order)
    except ModelAccessDenied as error:
        checked.problems.append(Problem("model", error.code, error.message, {"model": order.model}))
    except InvalidRequest as error:
        checked.problems.append(Problem("model_params.simulate", "invalid_value", error.message.partition(": ")[2]))
    model = order.catalog_model
    checked.engine = engine
    if checked.engine is None and not order.sandbox:
        message = "no engine of this server makes such videos"
        checked.problems.append(Problem("model", "no_engine", message, {"model": order.model}))
    for each in inputs:
        checked.problems += each.problems
    checked.problems += _too_long_together(inputs)
    checked.seconds = estimator.seconds_until_done(order)
    if order.quality in PRICES[model.tier]:
        _price(checked, caller, order, inputs)
    checked.ratio_is_open = order.aspect_ratio == "adaptive" and any(link.kind != "audio" for link in order.links)
    if prompt_is_good:
        try:
            checked.plan = await plan_of(order)
        except TaskError as error:
            checked.problems.append(Problem("prompt", "too_complex", error.message.partition(": ")[2]))
        else:
            checked.problems += _remarks(order, checked.plan)
    return checked


def _price(checked: Checked, caller: Caller, order: Order, inputs: Sequence[Input]) -> None:
    ratio = price_ratio_of(caller.group, order)
    lengths = [each.seconds for each in inputs if each.link.kind == "video"]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths):
        checked.charge = most_it_can_cost(order, price_ratio=ratio)
    else:
        seconds = min(Decimal(str(round(sum(known), 3))), Decimal(MAX_INPUT_SECONDS))
        searches = MAX_WEB_SEARCHES if order.web_search else 0
        checked.charge = charge_for(order, input_seconds=seconds, searches=searches, price_ratio=ratio)
    checked.is_exact = len(known) == len(lengths) and not order.web_search
    reserved = most_it_can_cost(order, price_ratio=ratio).credits
    if caller.available < reserved:
        message = f"it can cost {shown(reserved)} credits, and {shown(caller.available)} are there"
        facts = {"needed": float(reserved), "available": float(caller.available)}
        checked.problems.append(Problem("", "insufficient_credits", message, facts))


def _too_long_together(inputs: Sequence[Input]) -> list[Problem]:
    """Of files that are good each for itself, by the lengths that are known."""
    problems: list[Problem] = []
    good = [each for each in inputs if not any(problem.level == "error" for problem in each.problems)]
    for kind in ("video", "audio"):
        try:
            check_total_seconds(kind, [each.seconds for each in good if each.link.kind == kind and each.seconds])
        except TaskError as error:
            path, _, message = error.message.partition(": ")
            rule = error.rule or BrokenRule(error.code, {})
            problems.append(Problem(path, rule.code, message, rule.params))
    return problems


def _remarks(order: Order, plan: Plan) -> list[Problem]:
    """What stops nobody, and is good to know."""
    remarks: list[Problem] = []
    unit = "characters" if plan.language == "zh" else "words"
    length = len(order.prompt) if unit == "characters" else len(order.prompt.split())
    if length > _RECOMMENDED[unit]:
        facts = {"unit": unit, "given": length, "most": _RECOMMENDED[unit]}
        message = f"{length} {unit}; up to {_RECOMMENDED[unit]} are recommended"
        remarks.append(Problem("prompt", "prompt_recommended_length", message, facts, level="warning"))
    named = {(reference.kind, reference.number) for reference in plan.references}
    if order.catalog_model.mode == "reference-to-video":
        remarks += [
            Problem(link.place, "asset_unnamed", "no words of the prompt name it", {"kind": link.kind}, level="warning")
            for link in order.links
            if (link.kind, link.number) not in named
        ]
    return remarks


async def uploads_of(
    connection: Connection, caller: Caller, order: Order, links: Links, *, base_url: str
) -> list[FileRecord]:
    """The account's uploads that an order names."""
    as_task = TaskRecord(
        "", caller.account_id, caller.group.name, order.model, order, 0, time.time(), base_url=base_url
    )
    files: list[FileRecord] = []
    for link in order.links:
        try:
            source = source_of(link.url, as_task, links)
        except LinkExpired:
            continue
        if source is not None and source.is_upload:
            file = await read_file(connection, caller.account_id, source.id)
            files += [] if file is None else [file]
    return files


async def inputs_of(
    connection: Connection, caller: Caller, order: Order, links: Links, *, base_url: str, until_begun: float
) -> list[Input]:
    """What is known here of the files that an order names; what is elsewhere is not asked for.

    Args:
        base_url: the address that the request came to.
        until_begun: s until the task would be begun.
    """
    now = time.time()
    as_task = TaskRecord("", caller.account_id, caller.group.name, order.model, order, 0, now, base_url=base_url)
    return [await _input(connection, link, as_task, links, now + until_begun) for link in order.links]


async def _input(connection: Connection, link: Link, as_task: TaskRecord, links: Links, begins: float) -> Input:
    try:
        source = source_of(link.url, as_task, links)
    except LinkExpired:
        return Input(link, problems=(Problem(link.place, "file_gone", "its link has ended; name it anew"),))
    if source is None or not source.certain:
        return Input(link)
    if not source.is_upload:
        owner = await get_task(connection, as_task.account_id, source.id)
        if owner is None:
            return Input(link)
        is_video = source.key == result_key(owner.id)
        if (why := why_gone(owner, source)) is not None:
            return Input(link, problems=(Problem(link.place, "file_gone", why),))
        return Input(link, seconds=owner.order.duration if is_video and link.kind == "video" else None)
    file = await read_file(connection, as_task.account_id, source.id)
    if file is None:
        return Input(link, problems=(Problem(link.place, "file_gone", "this upload is not here any more"),))
    problems = media_problems(link.kind, link.place, file.media)
    if not file.kept and file.expires < begins:
        message = "this upload ends before the video would be begun; keep it"
        problems.append(Problem(link.place, "file_ends_soon", message, {"at": file.expires}, level="warning"))
    return Input(link, seconds=None if file.media is None else file.media.get("seconds"), problems=tuple(problems))


def media_problems(kind: AssetKind | None, place: str, media: dict[str, Any] | None) -> list[Problem]:
    """What is wrong with an upload by what was measured of it.

    Args:
        kind: that it is named as; None for whatever it is.
    """
    if media is None:
        return []
    if kind is not None and media["kind"] != kind:
        return [Problem(place, "file_wrong_kind", f"it is of the kind {media['kind']}", {"kind": media["kind"]})]
    refused = media.get("refused")
    if refused is None:
        return []
    return [Problem(place, refused["code"], refused["message"], refused.get("params", {}))]
