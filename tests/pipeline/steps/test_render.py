"""An engine makes the clip: which one, how often it is asked, what is remembered, and what is told when none can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
import stamina

from opendance.asset import Asset
from opendance.cancelling import WorkCancelled
from opendance.catalog import AspectRatio, Mode, Quality, Tier
from opendance.engines.base import CannotLoad, EngineDied, Host, RenderCancelled, StillWorking
from opendance.engines.health import Health
from opendance.engines.upstream.base import Submission, UpstreamRequest
from opendance.errors import StorageError, TaskError
from opendance.job import Clip, Job
from opendance.links import Links
from opendance.media.probe import probe_clip
from opendance.media.watermark import watermark_of
from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import FAILURES, UPSTREAM, Failure, Journal, UpstreamTask
from opendance.pipeline.lend import Lender
from opendance.pipeline.step import InputsGone, Parked
from opendance.pipeline.steps.render import Candidates, Rendered, is_submitted, job_of, render, title_of
from opendance.prompt import plan_prompt
from opendance.storage import Storage, open_storage
from tests import files, tasks
from tests.pipeline.steps.conftest import Pages, Reported
from tests.workshop import PUBLIC, Fate, MadeUpHost

TASK = "task-unified-1774857405-abc123"
PICTURE = Asset("image", 1, 640, 480)


def broken(words: str = "it broke", *, retry: bool = False) -> TaskError:
    return TaskError("service_error", words, retry=retry)


@dataclass
class Studio:
    """A step that renders, with everything around it.

    Attributes:
        hosts: by name; the route is their order unless `route` says more.
        were_lent: what lay in the store for upstreams when they were at it.
    """

    folder: Folder
    storage: Storage
    hosts: dict[str, MadeUpHost]
    route: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    pages: Pages = field(default_factory=Pages)
    health: Health = field(default_factory=Health)
    reported: Reported = field(default_factory=Reported)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    were_lent: list[str] = field(default_factory=list)

    @property
    def journal(self) -> Journal:
        """As a process that starts now reads it."""
        return self.pages.journal()

    async def render(self) -> Rendered:
        """The step, in a process that starts now."""
        order = tasks.order(tasks.MINI, generate_audio=False, quality=Quality.P480)
        task = tasks.waiting_task("acc", order, id=TASK)
        candidates = Candidates(self.route or tuple(self.hosts), cast(dict[str, Host], self.hosts), self.health)
        lender = Lender(task, self.storage, Links(b"secret"), PUBLIC)
        job = self.job(order)
        return await render(job, TASK, "account", candidates, self.journal, lender, self.reported, self.cancel)

    def job(self, order: Order) -> Job:
        made = plan_prompt("a cat walks", seconds=4, aspect_ratio="16:9")
        return job_of(TASK, order, 7, made, self.assets, self.folder)

    async def fails(self) -> TaskError:
        with pytest.raises(TaskError) as caught:
            await self.render()
        return caught.value

    async def parks(self) -> Parked:
        with pytest.raises(Parked) as caught:
            await self.render()
        return caught.value

    async def lacks(self) -> None:
        with pytest.raises(InputsGone):
            await self.render()

    def asked(self, name: str) -> list[str]:
        """The requests that an engine was asked for."""
        return [request.key for request in self.hosts[name].requests]

    @property
    def lent(self) -> list[str]:
        """What lies in the store for upstreams."""
        inputs = self.folder.path.parent / "objects" / "inputs"
        return sorted(path.name for path in inputs.rglob("*") if path.is_file())

    def lends(self, name: str, then: Exception | None = None) -> None:
        """The files are here, and the engine gets them lent before it meets its fate."""
        self.bring_files()

        async def lend(request: UpstreamRequest) -> None:
            assert await request.asset_url(self.assets[0]) is not None
            self.were_lent = self.lent
            if then is not None:
                raise then

        self.hosts[name].fates.append(lend)

    def bring_files(self) -> None:
        """The user's files are here (again)."""
        copy = self.folder.path / "image-1.png"
        copy.write_bytes(files.image_bytes())
        self.assets = (replace(PICTURE, path=str(copy), source_path=str(copy)),)

    def lose_files(self) -> None:
        for asset in self.assets:
            Path(asset.path).unlink()


@pytest.fixture
def studio(folder: Folder, tmp_path: Path) -> Callable[..., Studio]:
    """Makes one whose engines meet these fates; names that begin with `up` work elsewhere."""

    def make(**fates: list[Fate]) -> Studio:
        hosts = {name: MadeUpHost(list(given), begins=name.startswith("up")) for name, given in fates.items()}
        return Studio(folder, open_storage(tmp_path / "objects"), hosts)

    return make


Make = Callable[..., Studio]


def failures(studio: Studio) -> list[tuple[str, str, bool]]:
    return [(each.engine, each.code, each.final) for each in studio.journal.get(FAILURES)]


# ── what an engine is asked for, and what comes back ──


def test_a_job_says_all_that_the_order_and_its_plan_do(folder: Folder) -> None:
    order = tasks.order(
        "seedance-2.0-fast-image-to-video", prompt="a  cat\nwalks", duration=6, quality=Quality.P720,
        aspect_ratio=AspectRatio.ADAPTIVE, generate_audio=False, content_filter=False,
    )  # fmt: skip
    made = plan_prompt("a cat walks", seconds=6, aspect_ratio="9:16")
    assert job_of(TASK, order, 9, made, [PICTURE], folder) == Job(
        plan=made, tier=Tier.FAST, mode=Mode.IMAGE, model="seedance-2.0-fast-image-to-video", quality=Quality.P720,
        size=(720, 1280), num_frames=144, seed=9, generate_audio=False, content_filter=False, watermark=watermark_of(TASK),
        title="a cat walks", work_folder=str(folder.path), output=str(folder.clip), assets=(PICTURE,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a cat", "a cat"),
        ("  a\n\tcat   walks ", "a cat walks"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("猫" * 500, "猫" * 79 + "…"),
    ],
    ids=["short", "lines", "fits", "too long", "no spaces"],
)
def test_a_title_is_one_line_of_at_most_80_letters(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


async def test_the_first_of_the_route_makes_the_clip(studio: Make) -> None:
    made = studio(first=[], second=[])
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute, rendered.failed_before) == ("first", False, ())
    assert rendered.size == (864, 496)
    facts = probe_clip(made.folder.clip)
    assert (facts.width, facts.height, facts.num_frames, facts.has_audio) == (864, 496, 96, False)
    assert made.asked("second") == []
    assert made.reported.shares == [0.5]  # as the engine tells it


async def test_how_it_was_made_comes_from_the_engine(studio: Make) -> None:
    made = studio(first=[])

    class Telling(MadeUpHost):
        async def render(self, job: Job, *_: Any) -> Clip:
            return Clip(job.output, 12.5, ("a note",), {"tokens": 7})

    made.hosts["first"] = Telling()
    rendered = await made.render()
    assert (rendered.seconds, rendered.notes, rendered.usage) == (12.5, ("a note",), {"tokens": 7})


async def test_an_engine_of_the_route_that_runs_elsewhere_only_is_passed_over_and_counts_for_nothing(
    studio: Make,
) -> None:
    made = studio(second=[])
    made.route = ("elsewhere", "second")
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute) == ("second", False)


async def test_where_no_engine_serves_the_model_that_is_told(studio: Make) -> None:
    made = studio(first=[])
    made.route = ("elsewhere",)
    error = await made.fails()
    assert (error.code, error.message) == ("service_unavailable", "no engine on this server makes text-to-video videos")
    assert failures(made) == []


# ── when an engine fails ──


async def test_the_next_engine_helps_out_and_what_failed_is_told(studio: Make) -> None:
    made = studio(first=[broken()], second=[])
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute) == ("second", True)
    assert rendered.failed_before == (Failure("first", "service_error", "it broke", final=True),)
    assert made.asked("first") == [f"{TASK}-0"]
    assert made.asked("second") == [f"{TASK}-1"]


async def test_when_all_fail_the_last_error_is_told(studio: Make) -> None:
    made = studio(first=[broken()], second=[TaskError("generation_timeout", "too slow")])
    error = await made.fails()
    assert (error.code, error.message) == ("generation_timeout", "too slow")
    assert failures(made) == [("first", "service_error", True), ("second", "generation_timeout", True)]


FINAL = [
    "content_policy_violation", "invalid_parameters", "image_processing_error", "image_dimension_mismatch",
    "request_cancelled", "resource_not_found", "invalid_audio", "invalid_video", "invalid_image",
]  # fmt: skip
OF_THE_ENGINE = [
    "generation_failed_no_content", "service_error", "generation_timeout", "resource_exhausted", "quota_exceeded",
    "service_unavailable", "unknown_error",
]  # fmt: skip


@pytest.mark.parametrize("retry", [False, True])
@pytest.mark.parametrize("code", FINAL)
async def test_what_lies_with_the_request_is_final_and_no_other_engine_is_asked(
    studio: Make, code: str, retry: bool
) -> None:
    made = studio(first=[TaskError(code, "no", retry=retry)], second=[])
    error = await made.fails()
    assert (error.code, error.message) == (code, "no")
    assert (len(made.asked("first")), made.asked("second")) == (1, [])
    assert failures(made) == [("first", code, True)]


@pytest.mark.parametrize("code", OF_THE_ENGINE)
async def test_what_lies_with_the_engine_is_another_ones_chance(studio: Make, code: str) -> None:
    made = studio(first=[TaskError(code, "no")], second=[])
    assert (await made.render()).engine == "second"


async def test_an_engine_that_may_do_it_when_asked_again_is_asked_three_times(studio: Make) -> None:
    made = studio(first=[broken(retry=True)] * 4, second=[])
    assert (await made.render()).engine == "second"
    assert made.asked("first") == [f"{TASK}-0", f"{TASK}-1", f"{TASK}-2"]  # each is a request of its own
    assert failures(made) == [("first", "service_error", False)] * 2 + [("first", "service_error", True)]


async def test_a_later_attempt_may_make_it(studio: Make) -> None:
    made = studio(first=[broken(retry=True), EngineDied()], second=[])
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute, len(made.asked("first"))) == ("first", False, 3)
    assert [failure.final for failure in rendered.failed_before] == [False, False]


async def test_an_engine_that_dies_is_asked_again_without_a_pause(studio: Make) -> None:
    pauses: list[float] = []
    made = studio(first=[EngineDied(), EngineDied()])
    before = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([lambda details: pauses.append(details.wait_for)])
    try:
        with stamina.set_testing(False):
            await made.render()
    finally:
        stamina.instrumentation.set_on_retry_hooks(before)
    assert pauses == [0, 0]
    assert len(made.asked("first")) == 3


async def test_an_engine_that_dies_three_times_is_given_up(studio: Make) -> None:
    made = studio(first=[EngineDied(), EngineDied(), EngineDied()])
    error = await made.fails()
    assert (error.code, error.message) == ("service_error", "the engine stopped unexpectedly; please try again")
    assert [final for *_, final in failures(made)] == [False, False, True]


async def test_what_is_no_task_error_is_no_failure_of_the_engine(studio: Make) -> None:
    for error in (StorageError("it is away"), RuntimeError("a mistake")):
        made = studio(first=[error], second=[])
        with pytest.raises(type(error)):
            await made.render()
        assert (made.asked("second"), failures(made)) == ([], [])


# ── health ──


async def test_an_engine_that_keeps_failing_stands_behind_the_others_and_comes_back_with_a_success(
    studio: Make,
) -> None:
    made = studio(first=[broken()] * 3, second=[])
    for _ in range(3):
        made.pages.rows.clear()
        await made.render()
    assert not made.health.is_up("first")
    made.pages.rows.clear()
    rendered = await made.render()  # the second one is asked first
    assert (rendered.engine, rendered.substitute, len(made.asked("first"))) == ("second", True, 3)
    assert rendered.failed_before == ()
    made.hosts["second"].fates = [broken()]
    made.pages.rows.clear()
    assert (await made.render()).engine == "first"
    assert made.health.is_up("first")


async def test_what_lies_with_the_request_does_no_harm_to_the_engines_health(studio: Make) -> None:
    made = studio(first=[TaskError("content_policy_violation", "no")] * 5)
    for _ in range(5):
        made.pages.rows.clear()
        await made.fails()
    assert made.health.is_up("first")


# ── after a restart ──


class Crashed(Exception):
    """What ends a process in the middle, as far as a test can."""


async def test_an_engine_that_gave_up_is_not_asked_again_after_a_restart(studio: Make) -> None:
    made = studio(first=[broken()], second=[Crashed])
    with pytest.raises(Crashed):
        await made.render()
    assert (await made.render()).engine == "second"
    assert len(made.asked("first")) == 1


async def test_an_engine_that_did_not_give_up_is_asked_again_after_a_restart(studio: Make) -> None:
    made = studio(first=[broken(retry=True), Crashed], second=[])
    with pytest.raises(Crashed):
        await made.render()
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute) == ("first", False)
    assert made.asked("first") == [f"{TASK}-0", f"{TASK}-1", f"{TASK}-1"]


async def test_when_all_gave_up_before_a_restart_the_last_error_is_told_again(studio: Make) -> None:
    made = studio(first=[broken("one")], second=[broken("two")])
    await made.fails()
    assert (await made.fails()).message == "two"
    assert (len(made.asked("first")), len(made.asked("second"))) == (1, 1)


# ── upstreams ──


async def test_what_is_asked_of_an_upstream_is_remembered_before_and_after_it_answers(studio: Make) -> None:
    made = studio(up=[])
    await made.render()
    assert made.pages.log == ["upstream", "upstream"]
    known = made.journal.get(UPSTREAM)
    assert known == UpstreamTask("up", Submission(f"{TASK}-0", f"there-{TASK}-0", 1.0))


async def test_an_upstreams_task_is_gone_on_with_after_a_restart_though_the_files_are_gone(studio: Make) -> None:
    made = studio(up=[Crashed], second=[])
    made.bring_files()
    with pytest.raises(Crashed):
        await made.render()
    assert is_submitted(made.journal)
    made.lose_files()
    assert (await made.render()).engine == "up"
    assert made.hosts["up"].created == [f"{TASK}-0"]
    assert made.asked("up") == [f"{TASK}-0", f"{TASK}-0"]
    assert made.hosts["up"].requests[1].submission == Submission(f"{TASK}-0", f"there-{TASK}-0", 1.0)


async def test_what_is_paid_for_goes_on_before_any_other_engine_is_asked(studio: Make) -> None:
    made = studio(first=[broken()], up=[Crashed])
    with pytest.raises(Crashed):
        await made.render()
    made.pages.rows.pop("engines")  # as if the first one had not been asked yet
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute, len(made.asked("first"))) == ("up", True, 1)


async def test_an_upstream_that_may_not_have_got_it_needs_the_files_again(studio: Make) -> None:
    made = studio(up=[])
    made.bring_files()
    await made.journal.put(UPSTREAM, UpstreamTask("up", Submission(f"{TASK}-0", None, 1.0)))
    assert not is_submitted(made.journal)
    made.lose_files()
    await made.lacks()
    made.bring_files()
    await made.render()
    assert made.asked("up") == [f"{TASK}-0"]  # the same request: so that it is found there
    assert made.hosts["up"].requests[0].submission == Submission(f"{TASK}-0", None, 1.0)


async def test_what_was_begun_keeps_the_name_of_its_errand(studio: Make) -> None:
    made = studio(up=[])
    await made.journal.put(UPSTREAM, UpstreamTask("up", Submission("a-name-of-an-earlier-release", "there", 1.0)))
    await made.render()
    assert made.asked("up") == ["a-name-of-an-earlier-release"]


async def test_nothing_is_begun_where_there_is_nothing_in_the_journal() -> None:
    assert not is_submitted(Pages().journal())


async def test_after_a_failure_what_was_begun_is_forgotten_and_the_next_attempt_is_another_errand(
    studio: Make,
) -> None:
    made = studio(up=[broken(retry=True)])
    rendered = await made.render()
    assert rendered.engine == "up"
    assert made.hosts["up"].created == [f"{TASK}-0", f"{TASK}-1"]
    assert [request.submission for request in made.hosts["up"].requests] == [None, None]
    assert made.pages.log == ["upstream", "upstream", "engines", "-upstream", "upstream", "upstream"]


@pytest.mark.parametrize("error", [broken(), broken(retry=True), TaskError("content_policy_violation", "no")], ids=["engine", "again", "request"])  # fmt: skip
async def test_no_failure_leaves_a_handle_behind(studio: Make, error: TaskError) -> None:
    made = studio(up=[error] * 3)
    await made.fails()
    assert made.journal.get(UPSTREAM) is None
    assert not is_submitted(made.journal)


async def test_a_download_that_fails_once_the_files_are_gone_asks_for_them_and_does_not_ask_that_engine_again(
    studio: Make,
) -> None:
    made = studio(up=[StillWorking(), TaskError("generation_failed_no_content", "its video is damaged")], second=[])
    made.bring_files()
    await made.parks()
    made.lose_files()  # the task waited elsewhere
    await made.lacks()
    assert (made.asked("up"), made.asked("second")) == ([f"{TASK}-0"] * 2, [])
    assert not is_submitted(made.journal)  # so that the walk brings the files
    await made.lacks()  # and as long as they do not come, nobody is asked
    assert (len(made.asked("up")), made.asked("second")) == (2, [])
    made.bring_files()
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute) == ("second", True)
    assert len(made.asked("up")) == 2


async def test_an_upstream_that_may_do_it_again_is_asked_again_once_the_files_are_back(studio: Make) -> None:
    made = studio(up=[StillWorking(), broken(retry=True)], second=[])
    made.bring_files()
    await made.parks()
    made.lose_files()
    await made.lacks()
    made.bring_files()
    assert (await made.render()).engine == "up"
    assert made.hosts["up"].created == [f"{TASK}-0", f"{TASK}-1"]


async def test_an_upstream_that_is_still_at_it_parks_the_task_and_is_remembered(studio: Make) -> None:
    made = studio(up=[StillWorking()], second=[])
    parked = await made.parks()
    assert (parked.engine, parked.task_id) == ("up", None)
    assert is_submitted(made.journal)
    assert (failures(made), made.asked("second")) == ([], [])
    assert made.health.is_up("up")


async def test_a_task_whose_upstream_is_asked_from_another_machine_waits_for_that(studio: Make) -> None:
    made = studio(second=[])
    made.route = ("up", "second")
    await made.journal.put(UPSTREAM, UpstreamTask("up", Submission(f"{TASK}-0", "there", 1.0)))
    assert (await made.parks()).engine == "up"
    assert made.asked("second") == []
    assert made.journal.get(UPSTREAM) is not None


async def test_an_engine_that_takes_no_task_elsewhere_is_told_nothing_of_one_of_another(studio: Make) -> None:
    made = studio(up=[broken()], here=[])
    await made.render()
    assert made.hosts["here"].requests[0].submission is None


async def test_an_upstream_is_told_where_to_call_back(studio: Make) -> None:
    made = studio(up=[broken(retry=True)])
    await made.render()
    calls = [request.callback_url or "" for request in made.hosts["up"].requests]
    assert [call.partition("?")[0] for call in calls] == [
        f"{PUBLIC}/v1/upstream-callbacks/{TASK}-0",
        f"{PUBLIC}/v1/upstream-callbacks/{TASK}-1",
    ]


# ── files ──


async def test_no_engine_is_asked_without_the_files_it_needs(studio: Make) -> None:
    made = studio(first=[], second=[])
    made.bring_files()
    made.lose_files()
    await made.lacks()
    assert (made.asked("first"), made.asked("second"), failures(made)) == ([], [], [])


async def test_files_in_the_folder_of_another_worker_are_not_here(studio: Make, tmp_path: Path) -> None:
    made = studio(first=[])
    made.bring_files()
    (tmp_path / "other").mkdir()
    made.folder = Folder(tmp_path / "other")
    await made.lacks()


async def test_nothing_stays_lent_after_success(studio: Make) -> None:
    made = studio(up=[])
    made.lends("up")
    await made.render()
    assert (made.were_lent, made.lent) == (["image-1.png"], [])


@pytest.mark.parametrize("error", [broken(), TaskError("content_policy_violation", "no")], ids=["engine", "request"])
async def test_nothing_stays_lent_after_a_failure(studio: Make, error: TaskError) -> None:
    made = studio(up=[])
    made.lends("up", error)
    await made.fails()
    assert (made.were_lent, made.lent) == (["image-1.png"], [])


async def test_nothing_stays_lent_after_a_cancel(studio: Make) -> None:
    made = studio(up=[])
    made.lends("up", RenderCancelled())
    with pytest.raises(WorkCancelled):
        await made.render()
    assert (made.were_lent, made.lent) == (["image-1.png"], [])
    assert is_submitted(made.journal)  # whoever ends the task abandons it there


async def test_what_is_lent_stays_so_while_the_task_is_parked(studio: Make) -> None:
    made = studio(up=[])
    made.lends("up", StillWorking())
    await made.parks()
    assert made.lent == ["image-1.png"]


# ── cancelling ──


async def test_a_cancel_ends_it_and_no_other_engine_is_asked(studio: Make) -> None:
    made = studio(first=[lambda _: made.cancel.set()], second=[])
    with pytest.raises(WorkCancelled):
        await made.render()
    assert (made.asked("second"), failures(made)) == ([], [])
    assert made.health.is_up("first")


# ── engines that cannot be loaded ──


async def test_where_no_engine_can_be_loaded_the_task_is_left_to_others_untouched(studio: Make) -> None:
    made = studio(first=[CannotLoad("first", "no weights")], second=[CannotLoad("second", "no driver")])
    parked = await made.parks()
    assert (parked.engine, parked.goes_on) == ("first", False)
    assert failures(made) == []
    assert made.health.is_up("first")


async def test_the_next_engine_helps_out_where_one_cannot_be_loaded(studio: Make) -> None:
    made = studio(first=[CannotLoad("first", "no weights")], second=[])
    rendered = await made.render()
    assert (rendered.engine, rendered.substitute, rendered.failed_before) == ("second", True, ())


async def test_an_engine_that_cannot_be_loaded_is_waited_for_where_the_others_failed(studio: Make) -> None:
    made = studio(first=[CannotLoad("first", "x")], second=[TaskError("service_error", "it fell over")])
    assert (await made.parks()).engine == "first"
    assert failures(made) == [("second", "service_error", True)]
    assert (await made.render()).engine == "first", "once it is loaded; the other is not asked again"
