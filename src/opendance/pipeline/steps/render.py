"""An engine makes the clip; where it fails for a reason of its own, the next of the route does."""

from __future__ import annotations

import logging
from asyncio import Event
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import stamina

from opendance.asset import Asset
from opendance.cancelling import WorkCancelled
from opendance.catalog import AspectRatio, pixels_for
from opendance.engines.base import CannotLoad, EngineDied, Host, StillWorking
from opendance.engines.health import Health
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.watermark import watermark_of
from opendance.order import Order
from opendance.pipeline.captions import Captions
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import FAILURES, UPSTREAM, Failure, Journal, UpstreamTask
from opendance.pipeline.lend import Lender
from opendance.pipeline.step import InputsGone, Parked, Report
from opendance.plan import Plan

_log = logging.getLogger(__name__)
_TITLE_LENGTH = 80
_ATTEMPTS = 3  # at one engine, where the same engine may do it when asked again
_PAUSE = 1.0  # s before the second attempt, twice as long before each further one
# What lies with the request: another engine would only be another chance to get it past a refusal.
_FINAL = frozenset(
    {
        "content_policy_violation", "invalid_parameters", "image_processing_error", "image_dimension_mismatch",
        "request_cancelled", "resource_not_found", "invalid_audio", "invalid_video", "invalid_image",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """How the clip was made.

    Attributes:
        substitute: another engine of the route that runs here stands before it.
        seconds: that the engine took.
        size: width and height in pixels.
        failed_before: attempts of engines that failed.
        takes_seed: whether the engine was given the task's seed.
    """

    engine: str
    substitute: bool
    seconds: float
    size: tuple[int, int]
    notes: tuple[str, ...] = ()
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    failed_before: tuple[Failure, ...] = ()
    takes_seed: bool = True


@dataclass(frozen=True)
class Candidates:
    """The engines that may make a clip.

    Attributes:
        route: names, best first; some of them may run elsewhere only.
        hosts: the engines that run here, by name.
    """

    route: tuple[str, ...]
    hosts: Mapping[str, Host]
    health: Health

    @property
    def here(self) -> list[str]:
        """Those that run here: first those that did not fail just now."""
        return self.health.ordered([name for name in self.route if name in self.hosts])

    def is_substitute(self, engine: str) -> bool:
        """Whether another one that runs here stands before it."""
        return next((name for name in self.route if name in self.hosts), engine) != engine


def job_of(task_id: str, order: Order, seed: int, plan: Plan, assets: Sequence[Asset], folder: Folder) -> Job:
    """What an engine is asked for."""
    model = order.catalog_model
    return Job(
        plan=plan,
        tier=model.tier,
        mode=model.mode,
        model=model.id,
        quality=order.quality,
        size=pixels_for(AspectRatio(plan.aspect_ratio), order.quality),
        num_frames=order.num_frames,
        seed=seed,
        generate_audio=order.generate_audio,
        content_filter=order.content_filter,
        watermark=watermark_of(task_id),
        title=title_of(order.prompt),
        work_folder=str(folder.path),
        output=str(folder.clip),
        assets=tuple(assets),
    )


def title_of(prompt: str) -> str:
    """The prompt in one line, cut where it is too long for a title."""
    line = " ".join(prompt.split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1] + "…"


async def render(
    job: Job,
    task_id: str,
    user: str,
    candidates: Candidates,
    journal: Journal,
    lender: Lender,
    report: Report,
    cancel: Event,
    captions: Captions | None = None,
) -> Rendered:
    """How the clip was made, by the first engine that could.

    Args:
        task_id: begins the names under which upstreams are asked.
        user: tells one account from another there.
        journal: what was submitted elsewhere and what failed is kept there at once.
        captions: gives each engine its prompt; None: the user's own.

    Raises:
        TaskError: no engine serves the model, or all of them failed.
        Parked: an upstream is still at it, or an engine that may make it cannot be loaded here now.
        InputsGone: the files are here no more, and an engine needs them.
        WorkCancelled: `cancel` was set.
    """
    rendering = _Rendering(job, task_id, user, candidates, journal, lender, report, cancel, captions)
    try:
        name, clip = await rendering.by_route()
    except (TaskError, WorkCancelled):
        await lender.take_back()
        raise
    await lender.take_back()
    return Rendered(
        engine=name,
        substitute=candidates.is_substitute(name),
        seconds=clip.seconds_taken,
        size=job.size,
        notes=clip.notes,
        usage=clip.usage,
        failed_before=journal.get(FAILURES),
        takes_seed=candidates.hosts[name].takes_seed,
    )


def is_submitted(journal: Journal) -> bool:
    """Whether an upstream has all that it needs: then the user's files are needed no more."""
    known = journal.get(UPSTREAM)
    return known is not None and known.submission.handle is not None


@dataclass(frozen=True)
class _Rendering:
    job: Job
    task_id: str
    user: str
    candidates: Candidates
    journal: Journal
    lender: Lender
    report: Report
    cancel: Event
    captions: Captions | None

    async def by_route(self) -> tuple[str, Clip]:
        """The engine that made it, and the clip."""
        known, failures = self.journal.get(UPSTREAM), self.journal.get(FAILURES)
        if known is not None and known.engine not in self.candidates.hosts:
            raise Parked(engine=known.engine)
        if failures and failures[-1].code in _FINAL:  # this worker's predecessor ended before the task did
            raise TaskError(failures[-1].code, failures[-1].message)
        first = [] if known is None else [known.engine]  # what is paid for already
        given_up = {failure.engine for failure in failures if failure.final}
        not_loaded: list[str] = []
        others = [name for name in self.candidates.here if name not in (*first, *given_up)]
        for name in (*first, *others):
            try:
                return name, await self._by_engine(name)
            except CannotLoad as error:
                not_loaded.append(name)
                _log.info("%s: %s", self.task_id, error)
            except TaskError as error:
                if error.code in _FINAL:
                    raise
                _log.warning("%s: %s failed (%s: %s)", self.task_id, name, error.code, error)
        if not_loaded:  # that says nothing about the task: it waits for a worker, or a time, that has the engine
            raise Parked(engine=not_loaded[0], goes_on=False)
        failures = self.journal.get(FAILURES)
        if failures:
            raise TaskError(failures[-1].code, failures[-1].message)
        raise TaskError("service_unavailable", f"no engine on this server makes {self.job.mode} videos")

    async def _by_engine(self, name: str) -> Clip:
        """The clip; where the same engine may do it when it is asked again, it is."""
        async for attempt in stamina.retry_context(
            _may_do_it_again, attempts=_ATTEMPTS, timeout=None, wait_initial=_PAUSE, wait_max=60.0, wait_jitter=0.0
        ):
            with attempt:
                try:
                    clip = await self._once(name)
                except TaskError as error:
                    await self._failed(name, error, last=attempt.num == _ATTEMPTS)
                    raise
                self.candidates.health.succeeded(name)
                return clip
        raise AssertionError("unreachable")

    async def _once(self, name: str) -> Clip:
        known = self.journal.get(UPSTREAM)
        submission = known.submission if known is not None and known.engine == name else None
        folder = Folder(Path(self.job.work_folder))
        is_known = submission is not None and submission.handle is not None
        if not is_known and not folder.has(*(asset.path for asset in self.job.assets)):
            raise InputsGone

        async def remember(submission: Submission) -> None:
            await self.journal.put(UPSTREAM, UpstreamTask(name, submission))

        # A repetition after a failure is another request: under the old name the upstream would give the failed task.
        key = submission.key if submission is not None else f"{self.task_id}-{len(self.journal.get(FAILURES))}"
        job, notes = self.job, tuple[str, ...]()
        if self.captions is not None:
            job, notes = await self.captions.job_for(name, self.job, self.cancel)
        try:
            clip = await self.candidates.hosts[name].render(
                job,
                UpstreamRequest(
                    key, self.lender.asset_url, self.lender.callback_url(key), submission, remember, self.user
                ),
                self.report,
                self.cancel,
            )
            return replace(clip, notes=(*notes, *clip.notes))
        except StillWorking as working:
            raise Parked(engine=name, seconds=working.seconds) from None

    async def _failed(self, name: str, error: TaskError, *, last: bool) -> None:
        # Whatever was submitted has come to its end by this. Who goes on, here or after a crash, begins anew.
        given_up = last or _may_do_it_again(error) is False
        failure = Failure(name, error.code, error.message, final=given_up)
        await self.journal.put(FAILURES, (*self.journal.get(FAILURES), failure), forget=[UPSTREAM])
        if error.code not in _FINAL:
            self.candidates.health.failed(name, error.code)


def _may_do_it_again(error: Exception) -> bool | float:
    """Whether the same engine may do it when it is asked again; at once, where a fresh process takes over."""
    if isinstance(error, EngineDied):
        return 0.0
    return isinstance(error, TaskError) and error.retry and error.code not in _FINAL
