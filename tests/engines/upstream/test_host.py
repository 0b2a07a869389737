"""One task of an upstream for each job: paid for once, found again, waited for, brought home, and given up properly."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import stamina

from opendance.asset import Asset
from opendance.cancelling import WorkCancelled
from opendance.catalog import Quality, Tier
from opendance.engines.base import StillWorking
from opendance.engines.upstream.base import NotReached, State, Submission, Unanswered, UpstreamRequest, UpstreamStatus
from opendance.engines.upstream.host import UpstreamHost
from opendance.errors import TaskError
from opendance.job import Clip, Job
from opendance.media.probe import probe_clip
from opendance.prompt import plan_prompt
from tests import files

FOREVER = 1000.0  # s: longer than any test waits
RUNNING = UpstreamStatus("running")
DONE = UpstreamStatus("completed", video="https://there.example/clip.mp4", usage={"tokens": 7}, model="theirs-1")
REFUSED = UpstreamStatus("failed", error=TaskError("content_policy_violation", "they do not make that"))
Fate = Literal["lost", "swallowed"] | Exception


@cache
def video(sound: bool = True) -> bytes:
    return files.video_bytes(320, 320, num_frames=24, sound=sound)


@dataclass
class MadeUpUpstream:
    """A service that does as it is told.

    Attributes:
        creates: what becomes of each wish for a task, before they are granted: `lost`: the answer does not arrive;
            `swallowed`: the wish does not either, and nobody can tell; or an error.
        finds, downloads, cancels: errors of each of these, before they work.
        stands: how its tasks stand when they are asked for, one after the other; the last stays.
        there: handles by request: what it has made, and what costs.
        asked: what it was asked, in order.
    """

    at_once: int = 2
    patience: float = FOREVER
    poll: float = 0.001
    expected: float = 100.0
    creates: list[Fate] = field(default_factory=list)
    finds: list[Exception] = field(default_factory=list)
    downloads: list[Exception] = field(default_factory=list)
    cancels: list[Exception] = field(default_factory=list)
    stands: list[UpstreamStatus | Exception] = field(default_factory=lambda: [DONE])
    content: bytes = b""
    stops: bool = True
    there: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    at_ask: Callable[[str], Awaitable[None]] | None = None
    is_closed: bool = False

    async def _hear(self, question: str) -> None:
        self.asked.append(question)
        if self.at_ask is not None:
            await self.at_ask(question)

    async def create(self, job: Job, request: UpstreamRequest) -> str:
        await self._hear("create")
        fate = self.creates.pop(0) if self.creates else None
        if isinstance(fate, Exception):
            raise fate
        if fate != "swallowed":
            handles = self.there.setdefault(request.key, [])
            handles.append(f"{request.key}#{len(handles) + 1}")
        if fate is not None:
            raise Unanswered("no answer came")
        return self.there[request.key][-1]

    async def find(self, request: UpstreamRequest) -> str | None:
        await self._hear("find")
        if self.finds:
            raise self.finds.pop(0)
        return next(iter(self.there.get(request.key, [])), None)

    async def status(self, handle: str) -> UpstreamStatus:
        await self._hear("status")
        stands = self.stands.pop(0) if len(self.stands) > 1 else self.stands[0]
        if isinstance(stands, Exception):
            raise stands
        return stands

    async def download(self, handle: str, status: UpstreamStatus, target: Path) -> None:
        await self._hear("download")
        if self.downloads:
            raise self.downloads.pop(0)
        target.write_bytes(self.content or video())

    async def cancel(self, handle: str) -> bool:
        await self._hear(f"cancel {handle}")
        if self.cancels:
            raise self.cancels.pop(0)
        return self.stops

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class Desk:
    """A host before an upstream, and one who gives it a job.

    Attributes:
        kept: what was to be remembered, in order.
        shares: what was told of the progress.
    """

    upstream: MadeUpUpstream
    folder: Path
    sound: bool = False
    timeout: float = 60.0
    kept: list[Submission] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.host = UpstreamHost("up", self.upstream, timeout=self.timeout)
        self.remember: Callable[[Submission], Awaitable[None]] = self._keep

    async def _keep(self, submission: Submission) -> None:
        self.kept.append(submission)

    def job(self, name: str = "clip") -> Job:
        return Job(
            plan=plan_prompt("a cat walks", seconds=4, aspect_ratio="1:1"), tier=Tier.MINI, quality=Quality.P480,
            size=(320, 320), num_frames=24, seed=1, generate_audio=self.sound, title="a cat",
            work_folder=str(self.folder), output=str(self.folder / f"{name}.mp4"),
        )  # fmt: skip

    async def render(self, key: str = "task-0", submission: Submission | None = None) -> Clip:
        async def on_progress(share: float) -> None:
            self.shares.append(share)

        async def remember(submission: Submission) -> None:
            await self.remember(submission)

        wish = UpstreamRequest(key, submission=submission, remember=remember)
        return await self.host.render(self.job(), wish, on_progress, self.cancel)

    async def fails(self, **how: Any) -> TaskError:
        with pytest.raises(TaskError) as caught:
            await self.render(**how)
        return caught.value

    async def still_works(self, **how: Any) -> None:
        with pytest.raises(StillWorking):
            await self.render(**how)

    @property
    def handles(self) -> list[str | None]:
        """Those that were remembered."""
        return [submission.handle for submission in self.kept]


Make = Callable[..., Desk]


@pytest.fixture(autouse=True)
def no_pauses() -> Generator[None]:
    """Retries come at once, as often as ever."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def desk(tmp_path: Path) -> Make:
    """Makes one whose upstream is as it is told."""

    def make(**options: Any) -> Desk:
        return Desk(MadeUpUpstream(**options), tmp_path)

    return make


# ── the whole way ──


async def test_a_job_becomes_one_task_there_and_its_video_our_clip(desk: Make) -> None:
    made = desk(stands=[UpstreamStatus("queued"), RUNNING, DONE])
    before = time.time()
    clip = await made.render()
    assert made.upstream.asked == ["create", "status", "status", "status", "download"]
    assert made.upstream.there == {"task-0": ["task-0#1"]}
    facts = probe_clip(Path(clip.path))
    assert (facts.width, facts.height, facts.num_frames, facts.has_audio) == (320, 320, 24, False)
    assert clip.path == made.job().output
    assert clip.usage == {"task": "task-0#1", "tokens": 7}
    assert clip.notes == ("the upstream's video: 320x320, encoded again", "made by theirs-1")
    assert 0 < clip.seconds_taken <= time.time() - before
    assert not (made.folder / "upstream.mp4").exists()


async def test_a_video_without_sound_gets_one_and_a_note(desk: Make) -> None:
    made = desk(content=video(sound=False))
    made.sound = True
    clip = await made.render()
    assert probe_clip(Path(clip.path)).has_audio
    assert "the sound is the sound stage's" in clip.notes


async def test_what_is_asked_for_is_remembered_before_it_is_paid_for(desk: Make) -> None:
    made = desk()
    known: list[list[str | None]] = []

    async def at_ask(question: str) -> None:
        if question == "create":
            known.append(made.handles)

    made.upstream.at_ask = at_ask
    made.upstream.stands = [REFUSED]
    await made.fails()
    assert known == [[None]]
    assert made.handles == [None, "task-0#1"]
    assert {submission.key for submission in made.kept} == {"task-0"}
    assert len({submission.at for submission in made.kept}) == 1
    assert abs(made.kept[0].at - time.time()) < 60


async def test_what_cannot_be_remembered_is_not_asked_for(desk: Make) -> None:
    made = desk()

    async def full(submission: Submission) -> None:
        raise OSError("no room")

    made.remember = full
    with pytest.raises(OSError, match="no room"):
        await made.render()
    assert made.upstream.asked == []


async def test_what_was_begun_is_gone_on_with_and_not_begun_again(desk: Make) -> None:
    made = desk(stands=[RUNNING, REFUSED])
    await made.fails(submission=Submission("task-0", "there", time.time()))
    assert made.upstream.asked == ["status", "status"]
    assert made.kept == []


# ── answers that do not come ──


async def test_a_lost_answer_is_looked_for_and_the_task_is_paid_for_once(desk: Make) -> None:
    made = desk(creates=["lost"], stands=[REFUSED])
    await made.fails()
    assert made.upstream.asked == ["create", "find", "status"]
    assert made.upstream.there == {"task-0": ["task-0#1"]}
    assert made.handles == [None, "task-0#1"]


async def test_a_wish_that_was_swallowed_is_looked_for_before_it_is_sent_again(desk: Make) -> None:
    made = desk(creates=["swallowed", "lost"], stands=[REFUSED])
    await made.fails()
    assert made.upstream.asked == ["create", "find", "create", "find", "status"]
    assert made.upstream.there == {"task-0": ["task-0#1"]}


async def test_while_it_cannot_be_looked_for_nothing_is_sent_again(desk: Make) -> None:
    made = desk(creates=["lost"], finds=[Unanswered("no"), NotReached("no")], stands=[REFUSED])
    await made.fails()
    assert made.upstream.asked == ["create", "find", "find", "find", "status"]
    assert made.upstream.there == {"task-0": ["task-0#1"]}


async def test_where_nobody_can_tell_whether_there_is_a_task_it_is_no_failure(desk: Make) -> None:
    made = desk(creates=["lost"], finds=[Unanswered("no")] * 3)
    await made.still_works()
    assert made.upstream.asked == ["create", "find", "find", "find"]
    assert made.handles == [None]


async def test_the_next_worker_looks_for_what_may_have_been_begun(desk: Make) -> None:
    made = desk(creates=["lost"], finds=[NotReached("no")] * 3)
    await made.still_works()
    made.upstream.asked.clear()
    made.upstream.stands = [REFUSED]
    await made.fails(submission=made.kept[-1])
    assert made.upstream.asked == ["find", "status"]
    assert made.handles == [None, "task-0#1"]
    assert made.kept[1].at == made.kept[0].at
    assert made.upstream.there == {"task-0": ["task-0#1"]}


async def test_the_next_worker_begins_what_was_not_begun(desk: Make) -> None:
    made = desk(stands=[REFUSED])
    await made.fails(submission=Submission("task-0", None, 1.0))
    assert made.upstream.asked == ["find", "create", "status"]
    assert made.kept == [Submission("task-0", "task-0#1", 1.0)]


async def test_an_upstream_that_is_not_reached_is_asked_again_without_looking(desk: Make) -> None:
    made = desk(creates=[NotReached("busy")] * 3, stands=[REFUSED])
    await made.fails()
    assert made.upstream.asked == ["create"] * 4 + ["status"]


async def test_an_upstream_that_is_never_reached_fails_the_attempt(desk: Make) -> None:
    made = desk(creates=[NotReached("away")] * 4)
    error = await made.fails()
    assert (error.code, error.message) == (
        "service_unavailable",
        "the engine up cannot be reached; please try again",
    )
    assert made.upstream.asked == ["create"] * 4
    assert made.upstream.there == {}


async def test_a_lost_answer_before_it_went_away_is_no_failure(desk: Make) -> None:
    made = desk(creates=[NotReached("away"), "lost"], finds=[NotReached("away")] * 2)
    await made.still_works()
    assert made.upstream.there == {"task-0": ["task-0#1"]}


async def test_a_refusal_is_told_as_it_is_and_not_asked_again(desk: Make) -> None:
    made = desk(creates=[TaskError("quota_exceeded", "no money left")])
    error = await made.fails()
    assert (error.code, error.message) == ("quota_exceeded", "no money left")
    assert made.upstream.asked == ["create"]


# ── waiting ──


async def test_patience_that_ends_is_no_verdict(desk: Make) -> None:
    made = desk(patience=0.0, stands=[RUNNING])
    await made.still_works()
    assert made.upstream.asked == ["create", "status"]
    assert made.handles[-1] == "task-0#1"


async def test_an_upstream_that_is_away_while_it_works_is_waited_for(desk: Make) -> None:
    made = desk(stands=[NotReached("away"), Unanswered("no"), RUNNING, Unanswered("no"), REFUSED])
    assert (await made.fails()).code == "content_policy_violation"
    assert len(made.shares) == 1


async def test_an_upstream_that_stays_away_is_no_verdict_either(desk: Make) -> None:
    made = desk(patience=0.02, stands=[NotReached("away")])
    await made.still_works()


async def test_the_progress_that_an_upstream_tells_leaves_room_for_bringing_it_home(desk: Make) -> None:
    made = desk(
        stands=[UpstreamStatus("queued", 0.0), UpstreamStatus("running", 0.5), UpstreamStatus("running", 1.0), REFUSED]
    )
    await made.fails()
    assert made.shares == pytest.approx([0, 0.475, 0.95])


@pytest.mark.parametrize(("waited", "share"), [(0, 0), (1, 1 - math.exp(-1)), (3, 1 - math.exp(-3)), (1000, 1)])
async def test_the_progress_of_one_that_tells_none_is_guessed_by_the_time_it_usually_takes(
    desk: Make, waited: float, share: float
) -> None:
    made = desk(stands=[RUNNING, REFUSED], expected=10_000.0)
    await made.fails(submission=Submission("task-0", "there", time.time() - 10_000 * waited))
    assert made.shares == pytest.approx([0.95 * 0.9 * share], abs=0.01)


async def test_a_clock_that_was_set_back_does_no_harm(desk: Make) -> None:
    made = desk(stands=[RUNNING, REFUSED])
    await made.fails(submission=Submission("task-0", "there", time.time() + 10_000))
    assert made.shares == [0]


async def test_a_hint_wakes_whoever_waits(desk: Make) -> None:
    made = desk(poll=FOREVER, stands=[RUNNING, RUNNING, REFUSED])
    rendering = asyncio.create_task(made.fails())
    for asked in (1, 2):
        await until(lambda asked=asked: made.upstream.asked.count("status") == asked)
        await settle()
        assert made.upstream.asked.count("status") == asked  # one hint, one question
        made.host.hint("another")
        await settle()
        assert made.upstream.asked.count("status") == asked
        made.host.hint("task-0")
    assert (await rendering).code == "content_policy_violation"


async def test_a_hint_that_comes_while_it_is_asked_is_not_lost(desk: Make) -> None:
    made = desk(poll=FOREVER, stands=[RUNNING, REFUSED])

    async def at_ask(question: str) -> None:
        if made.upstream.asked.count("status") == 1:
            made.host.hint("task-0")

    made.upstream.at_ask = at_ask
    assert (await made.fails()).code == "content_policy_violation"


async def test_a_hint_for_nobody_does_no_harm(desk: Make) -> None:
    made = desk(stands=[REFUSED])
    made.host.hint("task-0")
    await made.fails()
    made.host.hint("task-0")


async def test_no_more_tasks_are_there_at_once_than_the_upstream_takes(desk: Make) -> None:
    made = desk(at_once=2, poll=FOREVER, stands=[RUNNING])
    assert made.host.slots == 2
    rendering = [asyncio.create_task(made.fails(key=f"task-{number}")) for number in range(3)]
    await settle()
    assert made.upstream.asked.count("create") == 2
    made.upstream.stands = [REFUSED]
    for _ in range(3):
        for number in range(3):
            made.host.hint(f"task-{number}")
        await settle()
    await asyncio.gather(*rendering)
    assert sorted(made.upstream.there) == ["task-0", "task-1", "task-2"]


# ── the end ──


@pytest.mark.parametrize(("code", "retry"), [("content_policy_violation", False), ("service_error", True)])
async def test_a_failure_there_is_the_tasks_failure_here(desk: Make, code: str, retry: bool) -> None:
    made = desk(stands=[UpstreamStatus("failed", error=TaskError(code, "they say why", retry=retry))])
    error = await made.fails()
    assert (error.code, error.message, error.retry) == (code, "they say why", retry)
    assert "download" not in made.upstream.asked


@pytest.mark.parametrize("state", ["unknown", "failed"])
async def test_a_task_that_is_gone_there_may_be_asked_for_again(desk: Make, state: State) -> None:
    error = await desk(stands=[UpstreamStatus(state)]).fails()
    assert (error.code, error.retry) == ("service_error", True)


async def test_a_download_that_breaks_off_is_repeated(desk: Make) -> None:
    made = desk(downloads=[Unanswered("it broke off"), NotReached("away"), Unanswered("it broke off")])
    assert Path((await made.render()).path).is_file()
    assert made.upstream.asked.count("download") == 4


async def test_a_video_that_cannot_be_had_now_is_no_verdict(desk: Make) -> None:
    made = desk(downloads=[Unanswered("it broke off")] * 4)
    await made.still_works()
    assert made.handles[-1] == "task-0#1"


async def test_a_video_that_cannot_be_had_any_more_fails_the_attempt(desk: Make) -> None:
    made = desk(downloads=[TaskError("generation_failed_no_content", "it is gone")])
    error = await made.fails()
    assert (error.code, error.message) == ("generation_failed_no_content", "it is gone")
    assert made.upstream.asked.count("download") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>gone</body></html>", "the upstream gave an HTML page, no MP4 video"),
        (files.video_bytes(320, 320, num_frames=4, sound=False), "the engine made 0.17 s of the 1 s asked for"),
    ],
    ids=["no video", "too short"],
)
async def test_what_is_no_such_video_is_told_as_no_content_and_cleared_away(
    desk: Make, content: bytes, words: str
) -> None:
    made = desk(content=content)
    error = await made.fails()
    assert error.code == "generation_failed_no_content"
    assert words in error.message
    assert not (made.folder / "upstream.mp4").exists()


async def test_a_video_that_takes_too_long_to_bring_to_its_form_is_given_up(tmp_path: Path) -> None:
    made = Desk(MadeUpUpstream(), tmp_path, timeout=0.001)
    error = await made.fails()
    assert (error.code, error.message) == (
        "generation_timeout",
        "the upstream's video could not be brought to its form",
    )
    assert not (made.folder / "upstream.mp4").exists()


# ── cancelling ──


async def test_a_cancel_while_it_is_asked_waits_for_the_answer_and_remembers_it(desk: Make) -> None:
    made, answer = desk(), asyncio.Event()

    async def at_ask(question: str) -> None:
        await answer.wait()

    made.upstream.at_ask = at_ask
    rendering = asyncio.create_task(made.render())
    await until(lambda: made.upstream.asked == ["create"])
    made.cancel.set()
    await settle()
    assert not rendering.done()
    answer.set()
    with pytest.raises(WorkCancelled):
        await rendering
    assert made.handles == [None, "task-0#1"]


async def test_a_cancel_while_the_answer_is_written_down_does_not_lose_it(desk: Make) -> None:
    made, writes = desk(), asyncio.Event()

    async def slowly(submission: Submission) -> None:
        if submission.handle is not None:
            made.cancel.set()
            await writes.wait()
        made.kept.append(submission)

    made.remember = slowly
    rendering = asyncio.create_task(made.render())
    await until(made.cancel.is_set)
    await settle()
    writes.set()
    with pytest.raises(WorkCancelled):
        await rendering
    assert made.handles == [None, "task-0#1"]


async def test_a_cancel_while_it_is_asked_in_vain_ends_it(desk: Make) -> None:
    made = desk(creates=["lost"])

    async def at_ask(question: str) -> None:
        made.cancel.set()
        await settle()

    made.upstream.at_ask = at_ask
    with pytest.raises(WorkCancelled):
        await made.render()
    assert (made.upstream.asked, made.handles) == (["create"], [None])


async def test_a_cancel_while_it_works_ends_the_waiting_and_nothing_else(desk: Make) -> None:
    made = desk(poll=FOREVER, stands=[RUNNING])
    rendering = asyncio.create_task(made.render())
    await until(lambda: "status" in made.upstream.asked)
    await settle()
    made.cancel.set()
    with pytest.raises(WorkCancelled):
        await rendering
    assert made.handles[-1] == "task-0#1"
    assert made.upstream.asked == ["create", "status"]  # to stop it there is `abandon`'s part


async def test_a_cancel_before_the_first_question_asks_for_nothing(desk: Make) -> None:
    made = desk()
    made.cancel.set()
    with pytest.raises(WorkCancelled):
        await made.render()
    assert made.upstream.there == {}


async def test_a_cancel_while_others_have_all_places_needs_no_place(desk: Make) -> None:
    made = desk(at_once=1, poll=FOREVER, stands=[RUNNING])
    other = Desk(made.upstream, made.folder)
    other.host = made.host
    working = asyncio.create_task(other.render("other"))
    await until(lambda: "status" in made.upstream.asked)
    waiting = asyncio.create_task(made.render("mine"))
    await settle()
    made.cancel.set()
    with pytest.raises(WorkCancelled):
        await waiting
    assert not working.done()
    assert sorted(made.upstream.there) == ["other"]
    other.cancel.set()
    with pytest.raises(WorkCancelled):
        await working


# ── asked by others ──


@pytest.mark.parametrize(
    ("stands", "ended"),
    [
        (UpstreamStatus("queued"), False), (RUNNING, False), (DONE, True), (REFUSED, True), (UpstreamStatus("unknown"), True),
        (NotReached("away"), False), (Unanswered("no"), False),
    ],
    ids=["queued", "running", "completed", "failed", "unknown", "not reached", "unanswered"],
)  # fmt: skip
async def test_whether_it_has_ended_is_told_by_the_upstream(
    desk: Make, stands: UpstreamStatus | Exception, ended: bool
) -> None:
    assert await desk(stands=[stands]).host.has_ended(Submission("task-0", "there", 1.0)) is ended


async def test_what_may_not_have_been_begun_is_for_a_worker_to_find_out(desk: Make) -> None:
    made = desk()
    assert await made.host.has_ended(Submission("task-0", None, 1.0)) is True
    assert made.upstream.asked == []


@pytest.mark.parametrize("stops", [True, False])
async def test_what_nobody_wants_is_stopped_where_the_upstream_can(desk: Make, stops: bool) -> None:
    made = desk(stops=stops)
    assert await made.host.abandon(Submission("task-0", "there", 1.0)) is stops
    assert made.upstream.asked == ["cancel there"]


async def test_what_the_upstream_refuses_to_stop_goes_on(desk: Make) -> None:
    made = desk(cancels=[TaskError("service_error", "no")])
    assert await made.host.abandon(Submission("task-0", "there", 1.0)) is False


async def test_what_has_no_handle_is_looked_for_and_stopped_where_there_is_one(desk: Make) -> None:
    made = desk()
    assert await made.host.abandon(Submission("task-0", None, 1.0)) is False
    assert made.upstream.asked == ["find"]
    made.upstream.there["task-0"] = ["task-0#1"]
    assert await made.host.abandon(Submission("task-0", None, 1.0)) is True
    assert made.upstream.asked[-1] == "cancel task-0#1"


async def test_starting_asks_nothing_and_closing_ends_the_connections(desk: Make) -> None:
    made = desk()
    await made.host.start()
    await made.host.close()
    assert (made.upstream.asked, made.upstream.is_closed) == ([], True)


async def test_a_request_has_no_urls_of_its_own() -> None:
    assert await UpstreamRequest("task-0").asset_url(Asset("image", 1)) is None


async def settle() -> None:
    """Give all others the turn until they wait for something."""
    for _ in range(30):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Give others the turn until the condition holds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to that")
