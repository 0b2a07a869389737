"""The task object of Ark in every state, against our own tables and the official SDK's models; no server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter

from opendance.api.ark.task import callback_body, task_answer
from opendance.catalog import MODELS, PIXELS, AspectRatio, Quality
from opendance.errors import TASK_ERROR_CODES
from opendance.links import Links
from opendance.pipeline.details import Rendering
from opendance.storage import Picture, picture_key
from opendance.store.tasks import TaskRecord
from opendance.task import Status
from tests import tasks
from tests.databases import opened
from tests.workshop import a_workshop

ID = "task-unified-1774857405-abc123de"


@pytest.fixture
def links() -> Links:
    return Links(b"secret")


def task(status: Status, code: str | None = None, message: str | None = None, **changes: Any) -> TaskRecord:
    values: dict[str, Any] = {
        "id": ID, "created": 1774857405.9, "status": status, "seed": 7, "base_url": "https://video.example",
        "error_code": code, "error_message": message,
    }  # fmt: skip
    if status is not Status.PENDING:
        values["started"] = 1774857410.2
    if status.terminal:
        values["finished"] = 1774857500.0
    if status is Status.COMPLETED:
        values["result_key"] = f"{ID}.mp4"
    order = changes.pop("order", tasks.order(quality=Quality.P480))
    return tasks.waiting_task("acct-1", order, **{**values, **changes})


EVERY_STATE = [
    (task(Status.PENDING), "queued"),
    (task(Status.PROCESSING, stage="render", progress=40), "running"),
    (task(Status.COMPLETED), "succeeded"),
    (task(Status.CANCELLED, "request_cancelled", "the task was cancelled"), "cancelled"),
    (task(Status.FAILED, "service_error", "the engine stopped"), "failed"),
    (task(Status.FAILED, "generation_timeout", "it took too long"), "expired"),
]


def shown(record: TaskRecord, links: Links, size: tuple[int, int] | None = None) -> dict[str, Any]:
    return json.loads(task_answer(record, Rendering(record.seed, size), links).model_dump_json())


@pytest.mark.parametrize(("record", "state"), EVERY_STATE, ids=[state for _, state in EVERY_STATE])
def test_each_state_has_ark_s_word_and_nothing_that_it_cannot_have(
    record: TaskRecord, state: str, links: Links
) -> None:
    body = shown(record, links)
    assert (body["id"], body["status"]) == (ID, state)
    assert (body["content"] is not None) == (state == "succeeded")
    assert (body["error"] is not None) == (state in ("failed", "expired"))
    assert body["usage"] is None, "there is no video of a size that is known"
    assert body["updated_at"] == int(record.finished or record.started or record.created)


def test_a_task_that_succeeded_has_its_link_and_its_tokens(links: Links) -> None:
    body = shown(task(Status.COMPLETED), links, (864, 496))
    link = body["content"].pop("video_url")
    assert link.startswith(f"https://video.example/v1/results/{ID}.mp4?")
    assert body == {
        "id": ID, "model": "doubao-seedance-2-0-mini-260615", "status": "succeeded", "error": None, "content": {"last_frame_url": None},
        "usage": {"completion_tokens": 40176, "total_tokens": 40176}, "created_at": 1774857405, "updated_at": 1774857500,
        "seed": 7, "resolution": "480p", "ratio": "16:9", "duration": 4, "framespersecond": 24, "generate_audio": True,
        "tools": None, "service_tier": "default", "execution_expires_after": None, "safety_identifier": None,
    }  # fmt: skip


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("ratio", PIXELS)
def test_a_ratio_that_was_chosen_is_told_from_the_pixels_and_paid_by_them(
    ratio: AspectRatio, quality: Quality, links: Links
) -> None:
    order = tasks.order(quality=quality, aspect_ratio=AspectRatio.ADAPTIVE, duration=5)
    width, height = PIXELS[ratio][quality]
    body = shown(task(Status.COMPLETED, order=order), links, (width, height))
    assert body["ratio"] == ratio
    assert body["usage"]["completion_tokens"] == round(width * height * 24 * 5 / 1024)
    assert shown(task(Status.PROCESSING, order=order), links)["ratio"] == "adaptive"


@pytest.mark.parametrize("model", MODELS)
def test_a_task_of_any_wire_has_the_name_that_ark_has_for_its_model(model: str, links: Links) -> None:
    name = shown(task(Status.PENDING, order=tasks.order(model)), links)["model"]
    tier = next((f"-{tier}" for tier in ("fast", "mini") if f"-{tier}-" in model), "")
    assert name.rpartition("-")[0] == f"doubao-seedance-2-0{tier}"


@pytest.mark.parametrize(
    ("code", "message", "theirs"),
    [
        ("content_policy_violation", "prompt: the content filter found gore", "InputTextSensitiveContentDetected"),
        ("content_policy_violation", "content[1].image_url.url: gore", "InputImageSensitiveContentDetected"),
        ("content_policy_violation", "image_urls[0]: gore", "InputImageSensitiveContentDetected"),
        ("content_policy_violation", "video_urls[0]: gore", "InputVideoSensitiveContentDetected"),
        ("content_policy_violation", "output: gore in the image", "OutputVideoSensitiveContentDetected"),
        ("content_policy_violation", "the upstream refuses the content", "InputTextSensitiveContentDetected"),
        ("invalid_parameters", "x", "InvalidParameter"),
        ("invalid_image", "x", "InvalidParameter.image_url"),
        ("invalid_audio", "x", "InvalidParameter.audio_url"),
        ("service_error", "x", "InternalServiceError"),
    ],
)
def test_why_it_failed_is_told_with_ark_s_code_and_our_message(
    code: str, message: str, theirs: str, links: Links
) -> None:
    assert shown(task(Status.FAILED, code, message), links)["error"] == {"code": theirs, "message": message}


@pytest.mark.parametrize("code", sorted(TASK_ERROR_CODES))
def test_every_failure_has_a_code(code: str, links: Links) -> None:
    assert shown(task(Status.FAILED, code, "why"), links)["error"]["code"][0].isupper()


def test_what_was_asked_for_comes_back(links: Links) -> None:
    asked = tasks.order(
        "seedance-2.0-text-to-video", quality=Quality.P480, web_search=True, asked_model="dreamina-seedance-2-0-260128",
        end_user="somebody", expires_after=7200, last_frame=True,
    )  # fmt: skip
    line = {"item": "web_search", "unit": "search", "quantity": 2.0, "unit_price": 0.04, "credits": 0.08}
    made = task(Status.COMPLETED, order=asked, wire="ark", price_lines=[line])
    body = shown(made, links, (864, 496))
    assert (body["model"], body["safety_identifier"]) == ("dreamina-seedance-2-0-260128", "somebody")
    assert (body["execution_expires_after"], body["tools"]) == (7200, [{"type": "web_search"}])
    assert body["usage"]["tool_usage"] == {"web_search": 2}
    assert body["content"]["last_frame_url"].startswith(
        f"https://video.example/v1/results/{picture_key(ID, Picture.LAST_FRAME)}?"
    )
    assert shown(task(Status.PENDING, order=asked), links)["model"] == "doubao-seedance-2-0-260128", "of another wire"


def test_where_the_engine_takes_no_seed_there_is_none(links: Links) -> None:
    body = task_answer(task(Status.COMPLETED), Rendering(None, (864, 496)), links)
    assert body.seed is None


# ── pixels that the walk chose ──


async def test_the_pixels_of_an_adaptive_video_are_those_that_were_rendered(tmp_path: Path) -> None:
    order = tasks.order(prompt="a tall tower, vertical video", quality=Quality.P480, aspect_ratio=AspectRatio.ADAPTIVE)
    async with opened(tmp_path / "db.sqlite3") as database, a_workshop(database, tmp_path) as shop:
        made = await shop.made(order)
        assert made.status is Status.COMPLETED, made.error_message
        body = json.loads(await callback_body(made, database, shop.tools.links))
    (job,) = shop.hosts["blank"].jobs
    width, height = job.size
    assert body["ratio"] == job.plan.aspect_ratio == "9:16"
    assert body["usage"]["completion_tokens"] == round(width * height * 24 * 4 / 1024)


# ── the official SDK's models ──


def differences(model: type[BaseModel], value: dict[str, Any], path: str = "") -> Iterator[str]:
    """What of an answer is no field of `model`, or not of its type. Absent is nothing: the SDK validates nothing."""
    for name, each in value.items():
        at = f"{path}.{name}"
        field = model.model_fields.get(name)
        if field is None:
            yield f"{at}: is no field"
        elif each is not None:
            kind = next((one for one in (*get_args(field.annotation), field.annotation) if isinstance(one, type)), None)
            if isinstance(each, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from differences(kind, each, at)
            else:
                TypeAdapter(field.annotation).validate_python(each, strict=True)


@pytest.mark.parametrize(("record", "state"), EVERY_STATE, ids=[state for _, state in EVERY_STATE])
def test_every_answer_is_one_of_the_official_model(record: TaskRecord, state: str, links: Links) -> None:
    pytest.importorskip("volcenginesdkarkruntime", reason="volcengine-ark-runtime is not installed")
    from volcenginesdkarkruntime.types.content_generation.content_generation_task import ContentGenerationTask

    size = (864, 496) if record.status is Status.COMPLETED else None
    body = shown(record, links, size)
    assert list(differences(ContentGenerationTask, body)) == []
    assert list(differences(ContentGenerationTask, {**body, "usage": {"made_up": 1}})) == [
        ".usage.made_up: is no field"
    ]
