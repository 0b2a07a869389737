"""The steps of a task, in their order: the one table that says what each needs, gives and keeps."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from opendance.asset import Asset
from opendance.billing import charge_for
from opendance.credits import Charge
from opendance.engines.health import Unwatched
from opendance.engines.limits import Demand
from opendance.engines.sandbox import SANDBOX, SandboxHost
from opendance.job import Job
from opendance.order import Order
from opendance.pipeline.captions import Captions
from opendance.pipeline.decisions import Decisions
from opendance.pipeline.folder import Folder
from opendance.pipeline.inputs import InputFiles
from opendance.pipeline.journal import Journal
from opendance.pipeline.lend import Lender
from opendance.pipeline.step import Place, Scope, Step
from opendance.pipeline.steps.check import Checked, check
from opendance.pipeline.steps.fetch import fetch
from opendance.pipeline.steps.moderate import Passed, moderate
from opendance.pipeline.steps.plan import plan
from opendance.pipeline.steps.probe import counted, probe
from opendance.pipeline.steps.render import Candidates, Rendered, is_submitted, job_of, render
from opendance.pipeline.steps.screen import screen
from opendance.pipeline.steps.search import search
from opendance.pipeline.steps.sign import Signed, sign
from opendance.pipeline.steps.store import Stored, store
from opendance.plan import Plan
from opendance.search import Searched

_MILLISECOND = Decimal("0.001")


def _has_links(order: Order) -> bool:
    return bool(order.links)


def _wants_search(order: Order) -> bool:
    return order.web_search and not order.sandbox  # the sandbox needs no network and gives the same each time


def _sources_kept(_: object, order: Order, folder: Folder) -> bool:
    return folder.has(*(folder.source(link) for link in order.links))


def _copies_kept(assets: Sequence[Asset], _: Order, folder: Folder) -> bool:
    paths = [path for asset in assets for path in (asset.path, asset.sound_path, asset.source_path) if path]
    return folder.has(*paths)


def _clip_kept(_: object, order: Order, folder: Folder) -> bool:
    return folder.has(folder.clip)


def _signed_kept(_: object, order: Order, folder: Folder) -> bool:
    return folder.has(folder.signed)


def _inputs(at: Scope) -> InputFiles:
    return InputFiles(at.tools, at.task)


def _decisions(at: Scope) -> Decisions:
    return Decisions(at.task, at.journal)


async def _probe(at: Scope) -> tuple[Asset, ...]:
    async with counted(at.journal):
        return await probe(at.order.links, at.order.quality, at.folder, at.report, at.cancel)


def _job(at: Scope) -> Job:
    return job_of(at.task.id, at.order, at.task.seed, at.given(PLAN), at.given(PROBE), at.folder)


def _candidates(at: Scope) -> Candidates:
    if at.order.sandbox:
        host = cast(SandboxHost, at.tools.hosts[SANDBOX]).with_fate(at.order.fate)
        return Candidates((SANDBOX,), {SANDBOX: host}, Unwatched())
    route = at.tools.routes.able(at.order.catalog_model, Demand.of_job(_job(at)))
    if at.engines is not None:
        route = tuple(name for name in route if name in at.engines)
    return Candidates(route, at.tools.hosts, at.tools.health)


MODERATE: Step[Passed] = Step(
    "moderate",
    Passed,
    lambda at: moderate(at.order.prompt, at.tools.guard, _decisions(at), filtered=at.order.content_filter),
    until=1,
    is_brief=True,
)
FETCH: Step[dict[str, int]] = Step(
    "fetch",
    dict[str, int],
    lambda at: fetch(at.order.links, at.folder, _inputs(at), at.report, at.cancel),
    until=6,
    otherwise={},
    when=_has_links,
    keeps=_sources_kept,
    place=Place.FETCHING,
)
PROBE: Step[tuple[Asset, ...]] = Step(
    "probe",
    tuple[Asset, ...],
    _probe,
    until=11,
    otherwise=(),
    needs=[FETCH],
    when=_has_links,
    keeps=_copies_kept,
    place=Place.FETCHING,
)
SCREEN: Step[Passed] = Step(
    "screen",
    Passed,
    lambda at: screen(
        at.order.links,
        at.given(PROBE),
        at.tools.guard,
        _decisions(at),
        at.report,
        filtered=at.order.content_filter,
    ),
    until=12,
    needs=[PROBE],
    when=_has_links,
)
SEARCH: Step[Searched] = Step(
    "search",
    Searched,
    lambda at: search(at.order.prompt, at.tools.searcher, at.tools.guard, at.cancel),
    until=13,
    otherwise=Searched(0, (), ()),
    when=_wants_search,
)
PLAN: Step[Plan] = Step(
    "plan",
    Plan,
    lambda at: plan(at.order, at.given(PROBE), at.given(SEARCH).facts),
    until=13,
    needs=[PROBE, SEARCH],
    is_brief=True,
)
RENDER: Step[Rendered] = Step(
    "render",
    Rendered,
    lambda at: render(
        _job(at),
        at.task.id,
        at.task.account_id,
        _candidates(at),
        at.journal,
        Lender(at.task, at.tools.storage, at.tools.links, at.tools.public_url),
        at.report,
        at.cancel,
        Captions(at.tools.rewriter, at.tools.guard, at.journal),
    ),
    until=94,
    needs=[PROBE, PLAN],
    keeps=_clip_kept,
    resumes=is_submitted,
    place=Place.RENDERING,
)
CHECK: Step[Checked] = Step(
    "check",
    Checked,
    lambda at: check(at.folder.clip, at.given(RENDER).size, at.order, at.tools.guard, _decisions(at)),
    until=96,
    needs=[RENDER],
    is_brief=True,
)
SIGN: Step[Signed] = Step(
    "sign",
    Signed,
    lambda at: sign(
        at.folder,
        at.given(RENDER),
        at.tools.routes.engines.get(at.given(RENDER).engine),
        at.task.id,
        at.order,
        at.tools.credentials,
        created=at.task.created,
    ),
    until=97,
    needs=[RENDER],
    keeps=_signed_kept,
    is_brief=True,
)
STORE: Step[Stored] = Step(
    "store",
    Stored,
    lambda at: store(at.task, at.folder.signed, at.tools.storage, at.tools.pictures),
    until=99,
    needs=[SIGN],
)

STEPS: tuple[Step[Any], ...] = (MODERATE, FETCH, PROBE, SCREEN, SEARCH, PLAN, RENDER, CHECK, SIGN, STORE)


def cost_of(order: Order, journal: Journal, *, price_ratio: Decimal) -> Charge:
    """What a video costs of which all steps are done: measured seconds of video input, searches that ran."""
    measured = sum((Decimal(asset.seconds) for asset in journal.get(PROBE) if asset.kind == "video"), Decimal(0))
    return charge_for(
        order,
        input_seconds=measured.quantize(_MILLISECOND),
        searches=journal.get(SEARCH).searches,
        price_ratio=price_ratio,
    )
