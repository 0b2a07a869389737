"""Upstreams that fail: nothing is paid for twice, nothing is given up that still runs, and the next engine helps out."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from opendance.engines.upstream.ark import _by_code
from tests import files
from tests.conftest import TEXT, RunningServer, body, start_server, wait_for
from tests.search.test_search import a_web
from tests.upstreams import KEY, Service, ark_app, serving, setting, videos_app

ANSWER = {"error": {"code": "ServerOverloaded", "message": "busy", "type": "TooManyRequests"}}
REFUSED = {"code": "OutputVideoSensitiveContentDetected", "message": "The output may contain sensitive information."}


@pytest.fixture
def ark(tmp_path: Path) -> Generator[Service]:
    with serving(ark_app, tmp_path / "ark") as service:
        yield service


@pytest.fixture
def videos(tmp_path: Path) -> Generator[Service]:
    with serving(videos_app, tmp_path / "videos") as service:
        yield service


def with_ark(ark: Service, **options: Any) -> dict[str, str]:
    return setting(ark={"base_url": f"{ark.address}/api/v3", "api_key": KEY, "poll": 0.1, **options})


def submit(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    asked = body(**{"duration": 4, "quality": "480p", **changes})
    return client.post("/v1/videos/generations", json=asked).raise_for_status().json()


def made(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    return wait_for(client, submit(client, **changes)["id"])


def balance(client: httpx.Client) -> float:
    return client.get("/v1/credits").json()["data"]["user"]["remaining_credits"]


def journal(server: RunningServer, task_id: str) -> dict[str, Any]:
    with sqlite3.connect(server.data_dir / "opendance.sqlite3") as connection:
        rows = connection.execute("SELECT stage, result FROM task_stages WHERE task_id = ?", (task_id,)).fetchall()
    return {stage: json.loads(result) for stage, result in rows}


Start = Callable[..., RunningServer]


def test_ark_gets_what_its_reference_asks_for(new_server: Start, ark: Service, hosted: Any) -> None:
    server = new_server(**with_ark(ark), OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    picture, sound = files.image_bytes(640, 480), files.audio_bytes(3.0)
    urls = {"image_urls": [hosted.put("ark.png", picture)] * 2, "audio_urls": [hosted.put("ark.wav", sound)]}
    with server.client() as client:
        prompt = "image 1 and image 2 meet, audio 1 as background music"
        task = made(client, model="seedance-2.0-fast-reference-to-video", prompt=prompt, **urls)
    assert task["status"] == "completed"
    (got,) = ark.made
    assert got.body["content"][0] == {"type": "text", "text": prompt}
    roles = [(part["type"], part["role"]) for part in got.body["content"][1:]]
    assert roles == [("image_url", "reference_image")] * 2 + [("audio_url", "reference_audio")]
    assert list(got.media.values()) == [picture, picture, sound]
    wanted = {"model": "dreamina-seedance-2-0-fast-260128", "ratio": "16:9", "resolution": "480p", "duration": 4}
    assert wanted.items() <= got.body.items()
    rendered = journal(server, task["id"])["render"]
    assert rendered["usage"]["completion_tokens"] == 108900
    assert rendered["usage"]["task"] == got.id
    assert any("encoded again" in note for note in rendered["notes"])


def test_facts_from_the_web_are_quoted_to_the_engine(new_server: Start, ark: Service) -> None:
    with a_web() as web:
        found = {"provider": "searxng", "url": web.address}
        server = new_server(**with_ark(ark), OPENDANCE_SEARCH=json.dumps(found))
        prompt = "The weather in Seoul today, a reporter under an umbrella"
        with server.client() as client:
            task = made(client, model=TEXT, prompt=prompt, model_params={"web_search": True})
    assert task["status"] == "completed"
    (got,) = ark.made
    told = got.body["content"][0]["text"]
    assert (
        told == f"{prompt}\n\nBackground, quoted from the web: “Seoul weather Heavy rain all day in Seoul, 7 degrees.”"
    )
    kept = journal(server, task["id"])
    assert kept["search"]["searches"] == 1
    assert kept["search"]["queries"][0]["topic"] == "weather"
    assert {shot["weather"] for shot in kept["plan"]["shots"]} == {"rain"}


def test_without_a_provider_the_journal_says_so(new_server: Start, ark: Service) -> None:
    server = new_server(**with_ark(ark))
    with server.client() as client:
        task = made(client, model=TEXT, prompt="The weather in Seoul today", model_params={"web_search": True})
    assert task["status"] == "completed"
    assert all(line["item"] != "web_search" for line in task["usage"]["lines"])
    kept = journal(server, task["id"])["search"]
    assert kept["searches"] == 0
    assert "no provider is set up" in kept["note"]


def test_the_official_models_read_what_the_protocol_server_says(ark: Service) -> None:
    package = pytest.importorskip("volcenginesdkarkruntime", reason="volcengine-ark-runtime is not installed")
    client = package.Ark(base_url=f"{ark.address}/api/v3", api_key=KEY)
    content = [{"type": "text", "text": "a cat"}]
    task = client.content_generation.tasks.create(
        model="m", content=content, ratio="16:9", resolution="480p", duration=4, generate_audio=True
    )
    client.content_generation.tasks.get(task_id=task.id)
    assert client.content_generation.tasks.get(task_id=task.id).status == "succeeded"


def test_an_answer_that_was_lost_is_looked_for_and_not_paid_twice(new_server: Start, ark: Service) -> None:
    ark.refusals = ["swallow", (503, ANSWER)]
    server = new_server(**with_ark(ark))
    with server.client() as client:
        assert made(client)["status"] == "completed"
    assert len(ark.made) == 1


def test_a_busy_upstream_is_asked_again(new_server: Start, ark: Service) -> None:
    ark.refusals = [(429, ANSWER), (503, ANSWER)]
    server = new_server(**with_ark(ark))
    with server.client() as client:
        assert made(client)["status"] == "completed"
    assert len(ark.made) == 1


def test_a_refused_content_is_told_and_no_other_engine_tries(new_server: Start, ark: Service) -> None:
    ark.error = REFUSED
    server = new_server(**with_ark(ark), OPENDANCE_ROUTES__DEFAULT="ark,blank", OPENDANCE_ENGINES="ark,blank")
    with server.client() as client:
        before = balance(client)
        task = made(client)
        assert task["error"]["code"] == "content_policy_violation"
        assert "sensitive" in task["error"]["message"]
        assert (task["usage"]["credits_used"], balance(client)) == (0, before)
    assert len(ark.made) == 1


def test_the_next_engine_of_the_route_helps_out_and_the_answer_says_so(new_server: Start, ark: Service) -> None:
    ark.error = {"code": "InternalServiceError", "message": "no"}
    server = new_server(**with_ark(ark), OPENDANCE_ROUTES__DEFAULT="ark,blank", OPENDANCE_ENGINES="ark,blank")
    with server.client() as client:
        task = made(client)
        assert (task["status"], task["engine"]) == ("completed", "blank")
        assert task["model"].endswith("@blank")
        assert task["usage"]["credits_used"] > 0
        told = journal(server, task["id"])["render"]["failed_before"]
        assert [(failure["engine"], failure["code"]) for failure in told] == [("ark", "service_error")]
        ark.error = None
        assert made(client)["engine"] == "ark"


def test_an_engine_that_keeps_failing_rests(new_server: Start, ark: Service) -> None:
    ark.error = {"code": "InternalServiceError", "message": "no"}
    server = new_server(**with_ark(ark), OPENDANCE_ROUTES__DEFAULT="ark,blank", OPENDANCE_ENGINES="ark,blank")
    with server.client() as client:
        for _ in range(5):
            assert made(client)["engine"] == "blank"
        metrics = server.admin().get("/metrics").text
    assert len(ark.made) == 3
    assert 'opendance_engine_up{engine="ark"} 0.0' in metrics


def test_a_wait_that_ends_is_no_verdict(new_server: Start, ark: Service) -> None:
    ark.held = True
    server = new_server(**with_ark(ark, patience=0.3), OPENDANCE_RECONCILE_SECONDS="0.5")
    with server.client() as client:
        before = balance(client)
        task = submit(client)
        ark.wait_for_task()
        time.sleep(2.5)
        standing = client.get(f"/v1/tasks/{task['id']}").json()
        assert standing["status"] == "processing"
        assert balance(client) == pytest.approx(before - task["usage"]["credits_reserved"])
        # The worker is free meanwhile; the upstream is away for a while, too.
        ark.away = 503
        time.sleep(1.0)
        assert client.get(f"/v1/tasks/{task['id']}").json()["status"] == "processing"
        ark.away, ark.held = None, False
        done = wait_for(client, task["id"])
        assert done["status"] == "completed"
        assert done["usage"]["credits_used"] == task["usage"]["credits_reserved"]
        assert balance(client) == pytest.approx(before - task["usage"]["credits_reserved"])
    assert len(ark.made) == 1


def test_a_parked_task_fails_when_the_upstream_says_so(new_server: Start, ark: Service) -> None:
    ark.held, ark.error = True, {"code": "InvalidParameter.Duration", "message": "too long"}
    server = new_server(**with_ark(ark, patience=0.3), OPENDANCE_RECONCILE_SECONDS="0.5")
    with server.client() as client:
        before = balance(client)
        task = submit(client)
        ark.wait_for_task()
        time.sleep(1.5)
        ark.held = False
        assert wait_for(client, task["id"])["error"]["code"] == "invalid_parameters"
        assert balance(client) == before


@pytest.mark.parametrize("patience", [30, 0.3], ids=["waited for", "parked"])
def test_cancelling_stops_the_upstream(new_server: Start, ark: Service, patience: float) -> None:
    ark.held = True
    server = new_server(**with_ark(ark, patience=patience, poll=0.2), OPENDANCE_RECONCILE_SECONDS="0.5")
    with server.client() as client:
        before = balance(client)
        task = submit(client)
        got = ark.wait_for_task()
        time.sleep(1.0)
        got.asks = 0
        client.post(f"/v1/tasks/{task['id']}/cancel").raise_for_status()
        assert wait_for(client, task["id"])["status"] == "cancelled"
        assert balance(client) == before
    assert got.cancelled


def test_a_killed_server_goes_on_with_the_task_it_paid_for(tmp_path: Path, ark: Service) -> None:
    ark.held = True
    server = start_server(tmp_path / "data", **with_ark(ark))
    with server.client() as client:
        task = submit(client)
        ark.wait_for_task()
        time.sleep(0.5)
    server.stop(signal.SIGKILL)
    ark.held = False
    server = start_server(tmp_path / "data", server.key, **with_ark(ark))
    try:
        with server.client() as client:
            assert wait_for(client, task["id"])["status"] == "completed"
    finally:
        server.stop()
    assert len(ark.made) == 1


def test_media_are_not_needed_again_when_the_upstream_has_them(tmp_path: Path, ark: Service, hosted: Any) -> None:
    ark.held = True
    environment = {
        **with_ark(ark, patience=0.3),
        "OPENDANCE_RECONCILE_SECONDS": "0.5",
        "OPENDANCE_FETCH_ALLOW": "127.0.0.1/32",
    }
    server = start_server(tmp_path / "data", **environment)
    try:
        url = hosted.put("gone.png", files.image_bytes(640, 480))
        with server.client() as client:
            task = submit(client, model="seedance-2.0-image-to-video", image_urls=[url])
            ark.wait_for_task()
            hosted.put("gone.png", 404)
            ark.held = False
            assert wait_for(client, task["id"])["status"] == "completed"
    finally:
        server.stop()


def test_our_own_links_lead_to_the_users_files(new_server: Start, ark: Service, hosted: Any, tmp_path: Path) -> None:
    from tests.conftest import free_port

    port = free_port()
    server = new_server(
        **with_ark(ark), OPENDANCE_FETCH_ALLOW="127.0.0.1/32", OPENDANCE_PORT=str(port),
        OPENDANCE_PUBLIC_URL="http://127.0.0.1:1",
    )  # fmt: skip
    ark.read_media = False
    picture = files.image_bytes(640, 480, "JPEG")
    ark.held = True
    with server.client() as client:
        task = submit(client, model="seedance-2.0-image-to-video", image_urls=[hosted.put("own.jpg", picture)])
        (part,) = ark.wait_for_task().body["content"][1:]
        assert part["role"] == "first_frame"
        link = httpx.URL(part["image_url"]["url"])
        assert str(link).startswith("http://127.0.0.1:1/v1/inputs/")
        there = httpx.get(server.address + link.raw_path.decode())
        assert (there.content, there.headers["content-type"]) == (picture, "image/jpeg")
        altered = link.raw_path.decode()
        altered = altered[:-1] + ("1" if altered.endswith("0") else "0")
        assert httpx.get(server.address + altered).status_code == 403
        ark.held = False
        assert wait_for(client, task["id"])["status"] == "completed"
        assert httpx.get(server.address + link.raw_path.decode()).status_code == 403, "what was lent is taken back"


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("InputTextSensitiveContentDetected", "content_policy_violation"),
        ("InputImageSensitiveContentDetected.PrivacyInformation", "content_policy_violation"),
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
    ],
)
def test_codes_of_ark(code: str, ours: str) -> None:
    error = _by_code(code, "because")
    assert error is not None
    assert error.code == ours


# ── servers with the OpenAI Videos API ──


def with_videos(*services: Service, **options: Any) -> dict[str, str]:
    servers = ",".join(service.address for service in services)
    return setting(vllm_omni={"servers": servers, "poll": 0.1, **options})


def test_ordered_references_reach_vllm_omni_as_files(new_server: Start, videos: Service, hosted: Any) -> None:
    server = new_server(**with_videos(videos), OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    picture, clip, sound = files.image_bytes(640, 480), files.video_bytes(), files.audio_bytes(3.0)
    with server.client() as client:
        task = made(
            client,
            model="seedance-2.0-reference-to-video",
            prompt="image 2 runs like video 1, with audio 1; image 1 is the setting",
            image_urls=[hosted.put("v1.png", picture)] * 2,
            video_urls=[hosted.put("v.mp4", clip)],
            audio_urls=[hosted.put("v.wav", sound)],
        )
        assert task["status"] == "completed"
    (got,) = videos.made
    assert [(name, kind) for name, _, kind, _ in got.files] == [
        ("input_references", kind) for kind in ("image/png", "image/png", "audio/wav", "video/mp4")
    ]
    assert [content for *_, content in got.files] == [picture, picture, sound, clip]
    assert got.body["prompt"] == "<Picture 2> runs like <Video 1>, with <Audio 1>; <Picture 1> is the setting"
    assert got.body["extra_params"] == '{"task": "ref2va"}'
    assert (got.body["seconds"], got.body["num_frames"]) == ("5", "120"), "shorter than 5 s is made longer, and cut"
    assert all(int(side) % 32 == 0 for side in got.body["size"].split("x"))
    assert got.cancelled, "a video that was fetched is forgotten there"


def test_sglang_gets_one_image_and_one_video(new_server: Start, videos: Service, hosted: Any) -> None:
    server = new_server(**with_videos(videos, dialect="sglang", family="other"), OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    picture, clip = files.image_bytes(640, 480), files.video_bytes()
    with server.client() as client:
        task = made(
            client,
            model="seedance-2.0-reference-to-video",
            prompt="image 1 runs like video 1",
            image_urls=[hosted.put("s1.png", picture), hosted.put("s2.png", files.image_bytes(480, 480))],
            video_urls=[hosted.put("s.mp4", clip)],
        )
        assert task["status"] == "completed"
    (got,) = videos.made
    given = {name: content for name, _, _, content in got.files}
    assert given == {"input_reference": picture, "video_reference": clip}
    assert (got.body["prompt"], got.body["seconds"]) == ("image 1 runs like video 1", "4")
    assert "extra_params" not in got.body


def test_the_packages_own_request_model_takes_our_form(new_server: Start, videos: Service) -> None:
    protocol = pytest.importorskip("vllm_omni.entrypoints.openai.protocol.videos", reason="vllm-omni is not installed")
    server = new_server(**with_videos(videos))
    with server.client() as client:
        assert made(client)["status"] == "completed"
    (got,) = videos.made
    fields = {name: value for name, value in got.body.items() if name != "extra_params"}
    request = protocol.VideoGenerationRequest(**fields)
    assert request.resolve_video_params().num_frames == 120


def test_the_server_with_the_fewest_tasks_is_taken(new_server: Start, tmp_path: Path) -> None:
    with serving(videos_app, tmp_path / "a") as a, serving(videos_app, tmp_path / "b") as b:
        a.held = b.held = True
        server = new_server(**with_videos(a, b))
        with server.client() as client:
            tasks = [submit(client) for _ in range(4)]
            a.wait_for_task(2)
            b.wait_for_task(2)
            a.held = b.held = False
            assert {wait_for(client, task["id"])["status"] for task in tasks} == {"completed"}


def test_a_server_that_is_down_is_passed_over(new_server: Start, videos: Service, tmp_path: Path) -> None:
    with serving(videos_app, tmp_path / "down") as down:
        address = down.address
    server = new_server(**setting(vllm_omni={"servers": f"{address},{videos.address}", "poll": 0.1}))
    with server.client() as client:
        assert made(client)["status"] == "completed"


def test_a_forgotten_task_is_made_again(new_server: Start, videos: Service) -> None:
    videos.held = True
    server = new_server(**with_videos(videos))
    with server.client() as client:
        task = submit(client)
        videos.wait_for_task()
        videos.tasks.clear()  # it was started again, and remembers nothing
        videos.held = False
        assert wait_for(client, task["id"])["status"] == "completed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 400, "message": "num_frames is too large"}, "invalid_parameters"),
        ({"code": 500, "message": "CUDA out of memory"}, "resource_exhausted"),
        ({"code": "EngineDeadError", "message": "dead"}, "service_error"),
    ],
)
def test_failures_of_vllm_omni(new_server: Start, videos: Service, error: dict[str, Any], code: str) -> None:
    videos.error = error
    server = new_server(**with_videos(videos))
    with server.client() as client:
        assert made(client)["error"]["code"] == code


def test_a_result_of_another_size_is_brought_to_ours(new_server: Start, videos: Service) -> None:
    videos.size = (640, 640)
    server = new_server(**with_videos(videos))
    with server.client() as client:
        task = made(client)
    assert task["status"] == "completed"
    assert any("640x640" in note for note in journal(server, task["id"])["render"]["notes"])


# ── another server of this API ──


def test_two_installations_stand_behind_each_other(new_server: Start, tmp_path: Path, hosted: Any) -> None:
    behind = start_server(tmp_path / "behind", OPENDANCE_ENGINES="blank", OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
    try:
        environment = setting(evolink={"base_url": behind.address, "api_key": behind.key, "poll": 0.1, "seed": True})
        server = new_server(**environment, OPENDANCE_FETCH_ALLOW="127.0.0.1/32")
        with server.client() as client, behind.client() as there:
            asked = {"model": "seedance-2.0-image-to-video", "image_urls": [hosted.put("e.png", files.image_bytes())]}
            task = made(client, **asked, model_params={"seed": 77})
            (other,) = there.get("/v1/tasks").json()["data"]
            assert (task["status"], other["status"], other["model"]) == ("completed", "completed", asked["model"])
            usage = journal(server, task["id"])["render"]["usage"]
            assert usage["task"] == other["id"]
            assert usage["credits_used"] == other["usage"]["credits_used"]
            refused = made(client, prompt="a cat", content_filter=True)
            assert refused["status"] == "completed"
    finally:
        behind.stop()


def test_a_wrong_key_is_told_without_naming_it(new_server: Start, tmp_path: Path) -> None:
    behind = start_server(tmp_path / "behind", OPENDANCE_ENGINES="blank")
    try:
        server = new_server(**setting(evolink={"base_url": behind.address, "api_key": "od-wrong", "poll": 0.1}))
        with server.client() as client:
            task = made(client)
        assert task["error"]["code"] == "service_unavailable"
        assert "od-wrong" not in task["error"]["message"]
    finally:
        behind.stop()
