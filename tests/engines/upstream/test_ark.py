"""Ark's protocol, over true HTTP to a server that speaks it as the published reference has it."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import pytest

from opendance.catalog import Quality
from opendance.engines.registry import known_engines, load_upstream
from opendance.engines.upstream.base import Upstream
from opendance.errors import TaskError
from opendance.pipeline.steps import PLAN, SEARCH
from opendance.search import load_searcher
from opendance.task import Status
from tests import files
from tests.conftest import TEXT, FileServer
from tests.engines.upstream.desk import Desk, MakeDesk
from tests.providers import a_web
from tests.until import until
from tests.upstreams import KEY, Made, Service

BUSY = {"error": {"code": "ServerOverloaded", "message": "busy", "type": "TooManyRequests"}}
CODES = [
    ("InputTextSensitiveContentDetected", "content_policy_violation"),
    ("InputImageSensitiveContentDetected.PrivacyInformation", "content_policy_violation"),
    ("OutputVideoSensitiveContentDetected", "content_policy_violation"),
    ("OutputTextRiskDetection", "content_policy_violation"),
    ("InvalidParameter.Resolution", "invalid_parameters"),
    ("MissingParameter", "invalid_parameters"),
    ("InvalidImageURL.Format", "image_processing_error"),
    ("SetLimitExceeded", "quota_exceeded"),
    ("AccountOverdueError", "quota_exceeded"),
    ("AuthenticationError", "service_unavailable"),
    ("InvalidEndpoint.ClosedEndpoint", "service_unavailable"),
    ("RateLimitExceeded.EndpointRPMExceeded", "service_error"),
    ("ServerOverloaded", "service_error"),
    ("SomethingNew", "unknown_error"),
]


def options(ark: Service, **more: object) -> dict[str, object]:
    return {"base_url": f"{ark.address}/api/v3", "api_key": KEY, "poll": 0.01, **more}


@pytest.fixture
async def desk(open_desk: MakeDesk, ark: Service) -> Desk:
    return await open_desk("ark", **options(ark))


def client(ark: Service) -> Upstream:
    return load_upstream(known_engines()["ark"], options(ark))


def inline(made: Made) -> list[bytes]:
    """The files that stood in the request itself."""
    return [base64.b64decode(url.partition(b";base64,")[2]) for url in made.media.values()]


# ── what is sent ──


async def test_ark_gets_what_its_reference_asks_for(desk: Desk, ark: Service) -> None:
    picture, sound = files.image_bytes(640, 480), files.audio_bytes(3.0)
    links = (*desk.media("image", picture, picture), *desk.media("audio", sound))
    prompt = "image 1 and image 2 meet, audio 1 as background music"
    task = await desk.made("seedance-2.0-fast-reference-to-video", prompt=prompt, links=links, seed=7)
    assert task.status is Status.COMPLETED
    (got,) = ark.made
    assert got.body["content"][0] == {"type": "text", "text": prompt}
    roles = [(part["type"], part["role"]) for part in got.body["content"][1:]]
    assert roles == [("image_url", "reference_image")] * 2 + [("audio_url", "reference_audio")]
    assert inline(got) == [picture, picture, sound]
    wanted = {
        "model": "dreamina-seedance-2-0-fast-260128", "ratio": "16:9", "resolution": "480p", "duration": 4,
        "generate_audio": True, "watermark": False,
    }  # fmt: skip
    assert wanted.items() <= got.body.items()
    assert "seed" not in got.body, "Seedance 2.0 takes none there"
    assert task.id not in str(got.body["safety_identifier"]), "it tells nothing of whose it is"
    rendered = await desk.rendered(task)
    assert not rendered.takes_seed
    assert rendered.usage["completion_tokens"] == 108900
    assert rendered.usage["task"] == got.id
    assert any("encoded again" in note for note in rendered.notes)


async def test_an_image_is_the_first_frame_and_a_second_one_the_last(desk: Desk, ark: Service) -> None:
    pictures = [files.image_bytes(640, 480, seed=seed) for seed in (1, 2)]
    await desk.made("seedance-2.0-mini-image-to-video", links=desk.media("image", *pictures))
    (got,) = ark.made
    assert [part["role"] for part in got.body["content"][1:]] == ["first_frame", "last_frame"]
    assert inline(got) == pictures


async def test_facts_from_the_web_are_quoted_to_the_engine(desk: Desk, ark: Service) -> None:
    prompt = "The weather in Seoul today, a reporter under an umbrella"
    with a_web() as web:
        desk.search_with(load_searcher({"provider": "searxng", "url": web.address}))
        task = await desk.made(TEXT, prompt=prompt, web_search=True)
    (got,) = ark.made
    told = got.body["content"][0]["text"]
    quoted = "“Seoul weather Heavy rain all day in Seoul, 7 degrees.”"
    assert told == f"{prompt}\n\nBackground, quoted from the web: {quoted}"
    journal = await desk.shop.journal(task)
    assert journal.get(SEARCH).searches == 1
    assert [query.topic for query in journal.get(SEARCH).queries] == ["weather"]
    assert {shot.weather for shot in journal.get(PLAN).shots} == {"rain"}


# ── what is answered ──


async def test_an_answer_that_was_lost_is_looked_for_and_not_paid_twice(desk: Desk, ark: Service) -> None:
    ark.refusals = ["swallow", (503, BUSY)]
    assert (await desk.made()).status is Status.COMPLETED
    assert len(ark.made) == 1


async def test_a_busy_upstream_is_asked_again(desk: Desk, ark: Service) -> None:
    ark.refusals = [(429, BUSY), (503, BUSY)]
    assert (await desk.made()).status is Status.COMPLETED
    assert len(ark.made) == 1


async def test_a_refused_content_is_told_and_costs_nothing(desk: Desk, ark: Service) -> None:
    ark.error = {"code": "OutputVideoSensitiveContentDetected", "message": "may contain sensitive information"}
    task = await desk.made()
    assert (task.error_code, task.credits_used) == ("content_policy_violation", 0)
    assert "may contain sensitive information" in (task.error_message or "")
    assert len(ark.made) == 1


@pytest.mark.parametrize(("code", "ours"), CODES)
async def test_the_code_of_a_failed_task_is_one_of_ours(ark: Service, code: str, ours: str) -> None:
    body: dict[str, Any] = {"model": "m", "resolution": "480p", "ratio": "16:9", "duration": 4, "generate_audio": True}
    ark.tasks["cgt-1"] = Made("cgt-1", body, time.time(), asks=9)
    ark.error = {"code": code, "message": "because"}
    upstream = client(ark)
    status = await upstream.status("cgt-1")
    await upstream.close()
    assert status.state == "failed"
    assert isinstance(status.error, TaskError)
    assert status.error.code == ours


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (400, "InvalidParameter.Duration", "invalid_parameters"),
        (400, "InputTextSensitiveContentDetected", "content_policy_violation"),
        (401, "AuthenticationError", "service_unavailable"),
        (402, "", "quota_exceeded"),
        (429, "SetLimitExceeded", "quota_exceeded"),
    ],
)
async def test_a_refusal_is_told_with_a_code_of_ours(
    desk: Desk, ark: Service, status: int, code: str, ours: str
) -> None:
    ark.refusals = [(status, {"error": {"code": code, "message": "because"}})] * 3
    task = await desk.made()
    assert task.error_code == ours
    assert KEY not in (task.error_message or "")


async def test_a_task_that_ark_has_no_more_is_unknown(ark: Service) -> None:
    upstream = client(ark)
    assert (await upstream.status("cgt-gone")).state == "unknown"
    await upstream.close()


async def test_a_parked_task_fails_when_ark_says_so(open_desk: MakeDesk, ark: Service) -> None:
    desk = await open_desk("ark", **options(ark, patience=0.05))
    ark.held, ark.error = True, {"code": "InvalidParameter.Duration", "message": "too long"}
    parked = await desk.shop.run(await desk.submit(), park=0.0)
    assert (parked.status, parked.parks, parked.engine) == (Status.PROCESSING, 1, "ark")
    assert await desk.shop.reconciler().look() == 0
    ark.held = False
    for _ in range(3):  # it may be queued and run for a while more
        await desk.shop.reconciler().look()
    after = await desk.shop.run(await desk.shop.claim())
    assert after.error_code == "invalid_parameters"
    assert await desk.shop.entries(after) == ["reserve", "refund"]
    assert len(ark.made) == 1


async def test_cancelling_stops_what_is_queued_there(desk: Desk, ark: Service) -> None:
    ark.held = True
    working, cancel = await desk.run_beside(task := await desk.submit())
    await until(lambda: ark.made)
    ark.made[0].asks = -(10**6)  # it stays queued: Ark stops no other
    cancel.set()
    await working
    assert (await desk.shop.read(task)).status is Status.CANCELLED
    assert ark.made[0].cancelled


async def test_the_official_models_read_what_the_protocol_server_says(ark: Service) -> None:
    package = pytest.importorskip("volcenginesdkarkruntime", reason="volcengine-ark-runtime is not installed")
    official = package.Ark(base_url=f"{ark.address}/api/v3", api_key=KEY)

    def ask() -> str:
        created = official.content_generation.tasks.create(
            model="m", content=[{"type": "text", "text": "a cat"}],
            ratio="16:9", resolution=Quality.P480.value, duration=4, generate_audio=True,
        )  # fmt: skip
        official.content_generation.tasks.get(task_id=created.id)
        return official.content_generation.tasks.get(task_id=created.id).status

    assert await asyncio.to_thread(ask) == "succeeded"


async def test_what_was_examined_is_what_ark_gets_though_the_users_host_changes_its_answer(
    desk: Desk, ark: Service, hosted: FileServer
) -> None:
    links = desk.media("image", files.image_bytes(seed=5))
    hosted.put("image-1", files.image_bytes(seed=6))  # for whoever asks after us
    asked_before = hosted.asked.count("/image-1")
    task = await desk.made("seedance-2.0-mini-image-to-video", links=links)
    (got,) = ark.made
    assert task.status is Status.COMPLETED
    assert hosted.asked.count("/image-1") == asked_before
    assert inline(got) == [files.image_bytes(seed=5)]


# ── which of its tasks is ours ──


async def test_two_tasks_of_an_account_carry_one_identifier_and_are_told_apart_all_the_same(
    desk: Desk, ark: Service
) -> None:
    for _ in range(2):
        assert (await desk.made()).status is Status.COMPLETED
    one, other = (task.body for task in ark.made)
    assert one["safety_identifier"] == other["safety_identifier"]
    assert one["execution_expires_after"] != other["execution_expires_after"]
    assert all(3600 <= body["execution_expires_after"] <= 172_800 for body in (one, other))


async def test_a_rate_limit_parks_the_task_for_as_long_as_it_says(desk: Desk, ark: Service) -> None:
    ark.refusals = [(429, {"error": {"code": "RateLimitExceeded.RPM", "message": "slow down"}}, {"Retry-After": "600"})]
    task = await desk.submit()
    assert (await desk.shop.run(task)).status is Status.PROCESSING, "it did not fail"
    assert (len(ark.made), len(ark.refusals)) == (0, 0), "it is not asked again before the time it said"
    desk.host._not_before = 0.0  # the time has come
    assert (await desk.shop.run(task)).status is Status.COMPLETED
    assert len(ark.made) == 1
