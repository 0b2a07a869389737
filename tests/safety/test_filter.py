"""The content filter on a running server: prompts, pictures, videos, results; what is told, kept and charged."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
import pytest
from prometheus_client import REGISTRY
from skimage import data

from opendance.catalog import MODELS, Mode
from opendance.errors import ConfigurationError
from opendance.media.encode import Encoding, encode_clip
from opendance.safety import Guard, Policy
from opendance.safety.classifiers import Moderation
from opendance.safety.pictures import PictureFilter
from opendance.safety.policy import Finding
from opendance.search import load_searcher
from tests.conftest import ONE_ENGINE, QUICK_ENGINE, FileServer, RunningServer, body, start_server, wait_for

BARE = "a naked woman lying on a bed"
BANNED = "nude deepfake of my ex-girlfriend"


def abstract_skin(size: int = 512) -> np.ndarray:
    """Three shaded blobs in the colour of skin: nobody, and yet the classifier is sure (0.95)."""
    rng = np.random.default_rng(106)
    y, x = np.mgrid[0:256, 0:256] / 256.0
    picture = np.ones((256, 256, 3)) * np.array([235, 225, 215.0])
    for _ in range(3):
        across, down = rng.uniform(0.2, 0.8, 2)
        long, short = rng.uniform(0.15, 0.45, 2)
        turn = rng.uniform(0, 3.14)
        along = (x - across) * np.cos(turn) + (y - down) * np.sin(turn)
        beside = (y - down) * np.cos(turn) - (x - across) * np.sin(turn)
        distance = (along / long) ** 2 + (beside / short) ** 2
        cover = np.clip(1.2 - distance, 0, 1)[..., None] ** 0.5
        shade = (1 - 0.5 * np.clip(distance, 0, 1))[..., None]
        picture = picture * (1 - cover) + np.array([224, 172, 140.0]) * shade * cover
    return cv2.resize(np.clip(picture, 0, 255).astype(np.uint8), (size, size), interpolation=cv2.INTER_CUBIC)


def as_jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()


def as_video(path: Path, pictures: list[np.ndarray]) -> bytes:
    frames = (av.VideoFrame.from_ndarray(np.ascontiguousarray(p), "rgb24").reformat(format="yuv420p") for p in pictures)
    size = (pictures[0].shape[1], pictures[0].shape[0])
    encode_clip(path, frames, None, size=size, encoding=Encoding("ultrafast", 20), metadata={})
    return path.read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    environment = {**ONE_ENGINE, **QUICK_ENGINE, "OPENDANCE_FETCH_ALLOW": "127.0.0.1", "OPENDANCE_BLANK_SECONDS": "0.1"}
    running = start_server(tmp_path_factory.mktemp("filter"), **environment)
    yield running
    running.stop()


def submitted(server: RunningServer, **changes: Any) -> dict[str, Any]:
    with server.client() as client:
        made = client.post(
            "/v1/videos/generations", json=body(duration=4, quality="480p", **changes)
        ).raise_for_status()
        return wait_for(client, made.json()["id"])


def decisions(server: RunningServer, task_id: str) -> list[dict[str, Any]]:
    with server.admin() as client:
        rows = (
            client.get("/admin/v1/audit", params={"task": task_id, "kind": "filter"}).raise_for_status().json()["data"]
        )
    return [decision for row in rows for decision in row["detail"]["decisions"]]


@pytest.mark.rule("OUT-07")
@pytest.mark.parametrize("model", MODELS)
def test_every_model_refuses_what_is_banned_also_without_the_filter(
    server: RunningServer, model: str, hosted: FileServer
) -> None:
    media: dict[str, Any] = {}
    if MODELS[model].mode is not Mode.TEXT:
        media = {"image_urls": [hosted.put("cat.jpg", as_jpeg(data.chelsea()))]}
    task = submitted(server, model=model, prompt=BANNED, content_filter=False, **media)
    assert (task["status"], task["error"]["code"]) == ("failed", "content_policy_violation")
    assert task["error"]["message"].startswith("prompt: intimate imagery without consent is never made here")
    assert task["usage"]["credits_used"] == 0
    (decision,) = decisions(server, task["id"])
    assert (decision["input"], decision["verdict"]) == ("prompt", "refused")
    assert {finding["category"] for finding in decision["findings"]} >= {"intimate_imagery"}


def test_the_standard_policy_follows_the_request(server: RunningServer) -> None:
    refused = submitted(server, prompt=BARE)
    assert refused["error"]["code"] == "content_policy_violation"
    assert "“naked”" in refused["error"]["message"]
    assert "content_filter: false" in refused["error"]["message"]
    allowed = submitted(server, prompt=BARE, content_filter=False)
    assert allowed["status"] == "completed"
    assert [(d["input"], d["verdict"]) for d in decisions(server, allowed["id"])] == [("prompt", "allowed")]


def test_a_picture_is_refused_by_its_number_and_where(server: RunningServer, hosted: FileServer) -> None:
    urls = [hosted.put("cat.jpg", as_jpeg(data.chelsea())), hosted.put("skin.jpg", as_jpeg(abstract_skin()))]
    task = submitted(server, model="seedance-2.0-image-to-video", prompt="it moves", image_urls=urls)
    assert task["error"]["code"] == "content_policy_violation"
    assert task["error"]["message"].startswith("image_urls[1]: the content filter found explicit sexual content")
    prompt, good, bad = decisions(server, task["id"])
    assert (prompt["verdict"], good["verdict"], bad["verdict"]) == ("allowed", "allowed", "refused")
    (finding,) = bad["findings"]
    assert finding["score"] >= 0.8
    assert len(finding["region"]) == 4
    assert finding["by"] == "open_nsfw"
    free = submitted(
        server, model="seedance-2.0-image-to-video", prompt="it moves", image_urls=urls, content_filter=False
    )
    assert free["status"] == "completed"


def test_frames_of_a_video_are_looked_at(server: RunningServer, hosted: FileServer, tmp_path: Path) -> None:
    cat = cv2.resize(data.chelsea(), (864, 864))
    video = as_video(tmp_path / "turns.mp4", [cat] * 48 + [abstract_skin(864)] * 24)
    urls = [hosted.put("turns.mp4", video)]
    task = submitted(server, model="seedance-2.0-reference-to-video", prompt="extend video 1", video_urls=urls)
    assert task["error"]["message"].startswith("video_urls[0]: the content filter found")


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_ordinary_pictures_pass(name: str) -> None:
    assert PictureFilter(0.8).check(getattr(data, name)()) is None


async def test_frames_of_a_result_are_looked_at(tmp_path: Path) -> None:
    cat = cv2.resize(data.chelsea(), (512, 512))
    as_video(tmp_path / "clip.mp4", [cat] * 96 + [abstract_skin()] * 48)
    decision = await Guard().file("output", tmp_path / "clip.mp4", is_video=True, filtered=True)
    assert decision is not None
    assert not decision.allowed
    assert "in the finished video" in decision.error().message
    assert await Guard().file("output", tmp_path / "clip.mp4", is_video=True, filtered=False) is None
    assert await Guard(threshold=None).file("output", tmp_path / "clip.mp4", is_video=True, filtered=True) is None


# ── classifiers ──


def moderation(answer: dict[str, Any] | int, seen: list[Any] | None = None) -> Moderation:
    def reply(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append((request.url.path, request.headers.get("authorization"), json.loads(request.content)))
        return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, json=answer)

    options = {"url": "http://moderation.test/v1", "api_key": "secret", "model": "omni-moderation-latest"}
    return Moderation(options, transport=httpx.MockTransport(reply))


async def test_a_moderation_endpoint_is_asked_as_openai_has_it() -> None:
    seen: list[Any] = []
    flagged = {"sexual/minors": True, "violence": False, "illicit": None, "new/one": True}
    scores = {"sexual/minors": 0.97}
    made = moderation({"results": [{"flagged": True, "categories": flagged, "category_scores": scores}]}, seen)
    first, second = await made.classify("a prompt")
    assert (first.policy, first.category, first.score, first.by) == (Policy.BANNED, "sexual_minors", 0.97, "moderation")
    assert (second.policy, second.category) == (Policy.STANDARD, "new_one")
    assert seen == [("/v1/moderations", "Bearer secret", {"input": "a prompt", "model": "omni-moderation-latest"})]


@pytest.mark.parametrize("answer", [500, {"results": []}, {"error": "x"}])
async def test_a_classifier_that_fails_leaves_it_to_the_rules_unless_it_is_required(answer: Any) -> None:
    guard = Guard()
    guard._classifiers = {"moderation": moderation(answer)}
    assert (await guard.prompt("a cat", filtered=True)).as_json() == {
        "input": "prompt", "verdict": "allowed", "unasked": ["moderation"],
    }  # fmt: skip
    assert not (await guard.prompt(BANNED, filtered=False)).allowed
    guard._required = True
    with pytest.raises(Exception, match="does not answer"):
        await guard.prompt("a cat", filtered=True)


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"OPENDANCE_CLASSIFIER__MODERATION__MODEL": "x"}, "classifier: moderation: url: is required"),
        pytest.param(
            {"OPENDANCE_CLASSIFIER__NOBODY__URL": "x"},
            "classifier: nobody is not possible; choose one of moderation",
            marks=pytest.mark.thorough,
        ),
        ({"OPENDANCE_SAFETY_RULES": "/nowhere"}, "safety_rules: there is no folder /nowhere"),
    ],
)
def test_a_mistake_in_the_settings_is_told_at_the_start(
    environment: dict[str, str], problem: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError):
        start_server(tmp_path, **environment)
    assert problem in capfd.readouterr().err


async def test_a_package_brings_a_classifier_and_a_search_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pip leaves is a module and its entry points."""
    (tmp_path / "acme.py").write_text(
        "from opendance.safety import Finding, Policy\n"
        "from opendance.search.providers import Result\n"
        "class Classifier:\n"
        "    def __init__(self, options): self.word = options['word']\n"
        "    async def classify(self, prompt):\n"
        "        return [Finding(Policy.STANDARD, 'rivals', (self.word,), by='acme')] if self.word in prompt else []\n"
        "class Provider:\n"
        "    def __init__(self, options): self.text = options['text']\n"
        "    async def search(self, query, language): return [Result('', self.text, '')]\n"
        "def nothing(options): return object()\n"
    )
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = "acme = acme:{0}\nbroken = acme:nothing\n"
    (about / "entry_points.txt").write_text(
        f"[opendance.classifiers]\n{points.format('Classifier')}\n[opendance.search]\n{points.format('Provider')}"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    guard = Guard(classifiers={"acme": {"word": "globex"}})
    refused = await guard.prompt("a globex sign", filtered=True)
    assert (
        refused.error().message
        == "prompt: the content filter found rivals (“globex”); change it, or send content_filter: false"
    )
    assert (await guard.prompt("a globex sign", filtered=False)).allowed
    searcher = load_searcher({"provider": "acme", "text": "Rain all day."})

    async def yes(_: str) -> bool:
        return True

    assert [fact.text for fact in (await searcher.search("weather in Oslo today", "en", yes)).facts] == [
        "Rain all day."
    ]
    with pytest.raises(ConfigurationError, match="is no Classifier"):
        Guard(classifiers={"broken": {}})
    with pytest.raises(ConfigurationError, match="is no Provider"):
        load_searcher({"provider": "broken"})


# ── metrics ──


def classified(classifier: str) -> dict[str, float | None]:
    """What a classifier found until now, how many times were taken, and whether it is loaded."""
    labels = {"classifier": classifier}
    told = {
        verdict: REGISTRY.get_sample_value("opendance_classifier_decisions_total", labels | {"verdict": verdict})
        for verdict in ("clean", "flagged", "failed")
    }
    told["timed"] = REGISTRY.get_sample_value("opendance_classifier_seconds_count", labels)
    told["loaded"] = REGISTRY.get_sample_value("opendance_classifier_loaded", labels)
    return told


async def test_what_a_classifier_found_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Told:
        def __init__(self, _: Any) -> None: ...

        async def classify(self, prompt: str) -> list[Finding]:
            if "away" in prompt:
                raise OSError
            return [Finding(Policy.STANDARD, "sexual", by="told")] if "red" in prompt else []

    monkeypatch.setattr("opendance.safety.guard.load_classifier", lambda _, options: Told(options))
    guard = Guard(classifiers={"told": {}})
    assert classified("told") == {"clean": 0, "flagged": 0, "failed": 0, "timed": None, "loaded": 1}
    for prompt in ("a cat", "a dog", "a red cat", "away"):
        await guard.prompt(prompt, filtered=True)
    assert classified("told") == {"clean": 2, "flagged": 1, "failed": 1, "timed": 4, "loaded": 1}


async def test_the_picture_filter_is_loaded_with_its_first_picture(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(as_video(tmp_path / "made.mp4", [abstract_skin()]))
    guard = Guard()
    before = classified("open_nsfw")
    assert before["loaded"] == 0
    await guard.file("output", tmp_path / "clip.mp4", is_video=True, filtered=True)
    after = classified("open_nsfw")
    assert after["loaded"] == 1
    assert (after["clean"] or 0) + (after["flagged"] or 0) - (before["clean"] or 0) - (before["flagged"] or 0) == 1
