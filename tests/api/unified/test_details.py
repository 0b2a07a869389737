from __future__ import annotations

import json

import pytest

from opendance.api.unified.details import details_object, plan_summary
from opendance.api.unified.request import parse_request, request_object
from opendance.catalog import Mode
from opendance.pipeline.details import TaskDetails
from opendance.prompt import plan_prompt
from opendance.task import Status
from tests import tasks
from tests.conftest import body

REFERENCE = "seedance-2.0-mini-reference-to-video"


@pytest.mark.parametrize(
    "asked",
    [
        body(),
        body(
            model=REFERENCE,
            image_urls=["https://a.example/1.png", "https://a.example/2.png"],
            video_urls=["https://a.example/v.mp4"],
            audio_urls=["https://a.example/s.mp3"],
            duration=11,
            quality="720p",
            aspect_ratio="9:16",
            generate_audio=False,
            content_filter=False,
            model_params={"web_search": False, "seed": 5},
            callback_url="https://a.example/hook",
        ),
    ],
)
def test_the_request_is_told_as_it_was_given_and_asks_for_the_same_again(asked: dict[str, object]) -> None:
    order = parse_request(json.dumps(asked).encode()).order()
    told = request_object(order)
    assert asked.items() <= told.items()
    assert parse_request(json.dumps(told).encode()).order() == order


def test_a_plan_is_summed_up_in_its_own_words() -> None:
    plan = plan_prompt(
        'Night. A dog runs through a forest in the rain, tracking shot. Then a close-up of a cat: "hello"',
        seconds=8,
        aspect_ratio="16:9",
        mode=Mode.TEXT,
    )
    summary = plan_summary(plan)
    assert [shot["start"] for shot in summary["shots"]] == [shot.start for shot in plan.shots]
    first = summary["shots"][0]
    assert (first["hour"], first["setting"], first["weather"]) == ("night", "forest", "rain")
    assert "dog" in first["subjects"]
    assert summary["dialogue"] == ["hello"]
    assert json.loads(json.dumps(summary)) == summary


@pytest.mark.parametrize(
    ("status", "swept", "pictures", "links"),
    [
        (Status.PENDING, None, False, {"self", "again", "events", "cancel"}),
        (Status.PROCESSING, None, False, {"self", "again", "events", "cancel"}),
        (Status.FAILED, None, False, {"self", "again"}),
        (Status.COMPLETED, None, False, {"self", "again", "poster", "strip", "last_frame"}),
        (Status.COMPLETED, 1e9, True, {"self", "again", "poster", "strip", "last_frame"}),
        (Status.COMPLETED, 1e9, False, {"self", "again"}),
    ],
)
def test_only_links_that_lead_somewhere_are_given(
    status: Status, swept: float | None, pictures: bool, links: set[str]
) -> None:
    task = tasks.waiting_task("a", status=status, swept=swept, pictures=pictures, started=1.5, finished=2.5)
    shown = details_object(task, TaskDetails(plan=None, seed=None), base_url="https://here.example/")
    assert set(shown["links"]) == links
    assert shown["links"]["self"] == f"https://here.example/v1/tasks/{task.id}"
    assert (shown["started"], shown["finished"], shown["plan"], shown["seed"]) == (1, 2, None, None)
