"""One video goes on from another: on a server at 127.0.0.1, which fetches nothing from there."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Generator
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.conftest import start_server
from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer
from tests.studio.tasks import begin, clip_of, made, task

pytestmark = [pytest.mark.studio, pytest.mark.thorough]


@pytest.fixture(scope="module")
def quick(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Studio]:
    running = start_server(tmp_path_factory.mktemp("chains"), **QUICK)
    yield Studio(running)
    running.stop()


@pytest.fixture(scope="module")
def kite(studio: Studio) -> str:
    """A task of previs: of clips of blank all frames are alike."""
    return made(studio, "A kite over the dunes")[0]


def frames_of(clip: bytes) -> list[Any]:
    """All frames of a video, (height, width, 3) uint8."""
    with av.open(io.BytesIO(clip)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def pixels_of(picture: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


def send(composer: Composer, prompt: str) -> str:
    """Writes behind what stands there, generates, and gives the id of the task."""
    page = composer.page
    page.keyboard.press("Control+End")
    composer.type(prompt)
    composer.checked()
    assert composer.send_button.is_enabled()
    with page.expect_response("**/v1/videos/generations") as sent:
        composer.send_button.click()
    return sent.value.json()["id"]


def ended(studio: Studio, task_id: str) -> dict[str, Any]:
    """The whole task, once it has ended."""
    while (told := task(studio, task_id, include="request"))["status"] not in ("completed", "failed", "cancelled"):
        time.sleep(0.1)
    return told


def test_the_last_frame_as_it_is_becomes_the_first(studio: Studio, kite: str, sign_in: Callable[..., Any]) -> None:
    page = sign_in(studio, path=f"/library/{kite}")
    page.get_by_role("button", name="Last frame → first frame").wait_for()
    page.keyboard.press("n")
    page.wait_for_url("**/create*")
    composer = Composer(page)
    again = send(composer, "The kite falls")
    [url] = composer.sent[-1]["image_urls"]
    assert (pixels_of(page.request.get(url).body()) == frames_of(clip_of(studio, kite))[-1]).all()
    whole = ended(studio, again)
    assert (whole["status"], whole["inputs"][0]["task_id"]) == ("completed", kite)


def test_a_clip_is_extended(quick: Studio, sign_in: Callable[..., Any]) -> None:
    [task_id] = made(quick, "A ship leaves the harbour")
    page = sign_in(quick, path=f"/library/{task_id}")
    page.get_by_role("button", name="Extend").wait_for()
    page.keyboard.press("e")
    page.wait_for_url("**/create*")
    whole = ended(quick, send(Composer(page), "it sails on into the fog"))
    assert whole["status"] == "completed", whole
    assert whole["request"]["prompt"] == "Extend [@Video1]: it sails on into the fog"
    assert [(each["kind"], each["task_id"]) for each in whole["inputs"]] == [("video", task_id)]


@pytest.mark.parametrize(
    ("use", "mode", "role"),
    [
        ("As first frame", "image-to-video", "first_frame"),
        ("As last frame", "reference-to-video", "last_frame"),
        ("As reference", "reference-to-video", None),
    ],
)
def test_the_frame_that_is_shown_is_taken_for_what_it_is_to_be(
    studio: Studio, kite: str, sign_in: Callable[..., Any], use: str, mode: str, role: str | None
) -> None:
    page = sign_in(studio, path=f"/library/{kite}")
    take_frame(page, 36, use)
    composer = Composer(page)
    whole = ended(studio, send(composer, "The wind drops"))
    [url] = composer.sent[-1]["image_urls"]
    assert composer.sent[-1]["model"].endswith(mode)
    assert (pixels_of(page.request.get(url).body()) == frames_of(clip_of(studio, kite))[36]).all()
    assert whole["status"] == "completed", whole
    roles = [asset["role"] for asset in composer.checked()["plan"]["assets"]]
    assert role in (None, *roles)
    assert role is not None or not {"first_frame", "last_frame"} & set(roles)


def test_a_frame_as_the_last_stands_behind_the_first_that_is_there(
    studio: Studio, kite: str, sign_in: Callable[..., Any]
) -> None:
    page = sign_in(studio, path=f"/library/{kite}")
    take_frame(page, 0, "As first frame")
    Composer(page).checked()
    page.wait_for_timeout(700)  # the draft is kept
    page.goto(f"{studio.address}/library/{kite}")
    take_frame(page, 60, "As last frame")
    composer = Composer(page)
    composer.type("The wind drops")
    roles = composer.checked("The wind drops")["plan"]["assets"]
    assert [(asset["number"], asset["role"]) for asset in roles] == [(1, "first_frame"), (2, "last_frame")]
    frames = frames_of(clip_of(studio, kite))
    for url, frame in zip(composer.asked[-1]["image_urls"], (0, 60), strict=True):
        assert (pixels_of(page.request.get(url).body()) == frames[frame]).all()


def take_frame(page: Any, number: int, use: str) -> None:
    """Shows a frame and opens Create with it."""
    page.wait_for_function("() => document.querySelector('video')?.duration > 0")
    page.locator("video").evaluate(
        """(video, at) => new Promise(done => {
            video.pause()
            video.onseeked = done
            video.currentTime = at
        })""",
        (number + 0.5) / 24,
    )
    page.get_by_role("button", name="This frame …").click()
    page.get_by_role("menuitem", name=use).click()
    page.wait_for_url("**/create*")


def test_who_names_a_video_that_is_still_made_waits_for_it_and_fails_with_it(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any]
) -> None:
    # Of one task at a time the second would not be begun before the first has ended.
    studio = new_studio(**{**QUICK, "OPENDANCE_BLANK_SECONDS": "10", "OPENDANCE_CONCURRENCY": "3"})
    image, reference = "seedance-2.0-image-to-video", "seedance-2.0-reference-to-video"

    def chained(first: str) -> list[str]:
        task_url = f"{studio.address}/v1/tasks/{first}"
        [framed] = begin(studio, "It goes on", model=image, image_urls=[f"{task_url}/last-frame"])
        [extended] = begin(studio, "Extend [@Video1]: and on", model=reference, video_urls=[f"{task_url}/result"])
        return [framed, extended]

    page = sign_in(studio, path="/queue")
    page.get_by_text("Nothing waits").first.wait_for()
    [first] = begin(studio, "The first of a chain")
    after = chained(first)
    for name in ("It goes on", "Extend [@Video1]: and on"):
        row = page.get_by_role("article", name=name)
        row.get_by_text("waits for another video to be done").wait_for()
        assert row.get_by_role("progressbar").count() == 0
    assert [ended(studio, each)["status"] for each in (first, *after)] == ["completed"] * 3

    [first] = begin(studio, "One that is stopped")
    after = chained(first)
    page.get_by_text("waits for another video to be done").nth(1).wait_for()
    with studio.server.client() as client:
        client.post(f"/v1/tasks/{first}/cancel").raise_for_status()
    for task_id in after:
        whole = ended(studio, task_id)
        assert (whole["status"], whole["error"]["code"]) == ("failed", "resource_not_found")
        assert f"task {first} has no video to go on from: it is cancelled" in whole["error"]["message"]
    failed = page.get_by_role("article", name="It goes on").filter(has_text="has no video to go on from")
    failed.get_by_text("An input could not be fetched.").wait_for()
    failed.get_by_text("No credits were charged").wait_for()
