"""*Remix*: the whole request comes back, over whatever stood there, and one Undo brings that back."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import start_server
from tests.files import audio_bytes
from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer, open_create, picture
from tests.studio.tasks import made, task
from tests.upstreams import make_clip

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_SET: dict[str, Any] = {
    "duration": 7,
    "quality": "480p",
    "aspect_ratio": "9:16",
    "generate_audio": False,
    "content_filter": False,
    "callback_url": "https://example.com/hook",
}


@pytest.fixture(scope="module")
def quick(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Studio]:
    running = start_server(tmp_path_factory.mktemp("remix"), **QUICK)
    yield Studio(running)
    running.stop()


def upload(studio: Studio, path: Path) -> dict[str, Any]:
    with studio.server.client() as client:
        sent = client.post("/api/v1/files/upload/stream", files={"file": (path.name, path.read_bytes())})
        return sent.raise_for_status().json()["data"]


@pytest.fixture(scope="module")
def files(quick: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Uploads of each kind."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "song.wav").write_bytes(audio_bytes(3))
    paths = [
        picture(folder, "cat.png"),
        picture(folder, "beach.png"),
        make_clip(folder / "walk.mp4", (1280, 720), 72),
        folder / "song.wav",
    ]
    return {path.name: upload(quick, path) for path in paths}


def remixed(page: Any) -> Composer:
    """Create, once the task that is looked at is in it."""
    page.get_by_role("button", name=re.compile("^Remix")).click()
    page.wait_for_url("**/create*")
    return Composer(page)


@pytest.mark.parametrize("mode", ["text", "image", "reference"])
def test_every_field_but_the_seed_is_that_of_the_request(
    quick: Studio, files: dict[str, dict[str, Any]], sign_in: Callable[..., Any], mode: str
) -> None:
    urls = {name: file["file_url"] for name, file in files.items()}
    given: dict[str, dict[str, Any]] = {
        "text": {"prompt": "A lighthouse at dusk, waves", "model_params": {"seed": 4711, "web_search": True}},
        "image": {
            "prompt": "The cat walks to the beach",
            "image_urls": [urls["cat.png"], urls["beach.png"]],
            "model_params": {"seed": 4711},
        },
        "reference": {
            "prompt": "[@Image1] walks as in [@Video1],\n[@Audio1] as music; “[@Image1] stays”",
            "image_urls": [urls["cat.png"]],
            "video_urls": [urls["walk.mp4"]],
            "audio_urls": [urls["song.wav"]],
            "model_params": {"seed": 4711},
        },
    }
    fields = {**_SET, **given[mode]}
    model = f"seedance-2.0-fast-{mode}-to-video"
    [task_id] = made(quick, fields.pop("prompt"), model=model, **fields)
    page = sign_in(quick, path=f"/library/{task_id}")
    composer = remixed(page)
    request = task(quick, task_id, include="request")["request"]
    composer.checked(request["prompt"])
    parameters = {name: value for name, value in request.pop("model_params").items() if name != "seed"}
    asked = dict(composer.asked[-1])
    assert "seed" not in (told := asked.pop("model_params", {}))
    assert {**parameters, **told} == parameters
    assert {name: value for name, value in request.items() if value not in (None, [])} == asked


def test_of_nine_references_none_remains_and_undo_brings_all_back(
    quick: Studio, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    [task_id] = made(quick, "A lighthouse at dusk", duration=9)
    composer = open_create(quick, new_page())
    page = composer.page
    composer.add(*[picture(tmp_path, f"{number}.png", (320 + 8 * number, 320)) for number in range(9)])
    composer.write("@9", " meets ", "@1", " in the rain")
    composer.checked()
    before = composer.asked[-1]
    assert len(before["image_urls"]) == 9
    page.wait_for_timeout(700)  # the draft is kept

    page.goto(f"{quick.address}/library/{task_id}")
    composer = remixed(page)
    composer.checked("A lighthouse at dusk")
    assert "image_urls" not in composer.asked[-1]
    assert composer.asked[-1]["duration"] == 9
    assert page.locator(".tile").count() == 0
    page.get_by_role("button", name="Undo").last.click()
    composer.checked(before["prompt"])
    assert composer.asked[-1] == before
    assert page.locator(".tile").count() == 9


def test_a_task_whose_inputs_are_gone_says_which(quick: Studio, sign_in: Callable[..., Any], tmp_path: Path) -> None:
    files = [upload(quick, picture(tmp_path, name, (400, 333))) for name in ("one.png", "two.png", "three.png")]
    urls = [file["file_url"] for file in files]
    model = "seedance-2.0-reference-to-video"
    [task_id] = made(quick, "[@Image1], [@Image2] and [@Image3] dance", model=model, image_urls=urls)
    with quick.server.client() as client:
        client.delete(f"/api/v1/files/{files[1]['file_id']}").raise_for_status()
    composer = remixed(sign_in(quick, path=f"/library/{task_id}"))
    page = composer.page
    page.get_by_text("Not kept any more: image 2.").first.wait_for()
    page.get_by_role("button", name="1 problem").wait_for()
    [gone] = [each for each in composer.checked()["problems"] if each["level"] == "error"]
    assert (gone["path"], gone["code"]) == ("image_urls[1]", "file_gone")
    assert composer.tile("image 2").get_attribute("aria-describedby")
    assert not composer.tile("image 1").get_attribute("aria-describedby")
