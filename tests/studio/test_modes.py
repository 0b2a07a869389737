"""The model that follows from what was given is shown, asked about, and sent: in all three tiers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import start_server
from tests.files import audio_bytes
from tests.studio.conftest import ENGINES, Studio
from tests.studio.create import open_create, picture
from tests.upstreams import make_clip

pytestmark = pytest.mark.studio
TEXT, FRAMES, REFERENCES = "text-to-video", "image-to-video", "reference-to-video"
_LATER = pytest.mark.thorough


@pytest.fixture(scope="module")
def idle_studio(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Studio]:
    """A server that takes tasks and begins none."""
    running = start_server(tmp_path_factory.mktemp("modes"), OPENDANCE_WORK="false", **ENGINES)
    yield Studio(running)
    running.stop()


@pytest.mark.parametrize(
    ("given", "chip", "by_hand", "mode"),
    [
        pytest.param("", "", None, TEXT, id="nothing", marks=_LATER),
        pytest.param("i", "", None, FRAMES, id="one image", marks=_LATER),
        pytest.param("ii", "", None, FRAMES, id="two images", marks=_LATER),
        pytest.param("i", "@1", None, REFERENCES, id="one image that is named", marks=_LATER),
        pytest.param("ii", "@2", None, REFERENCES, id="two images of which one is named"),
        pytest.param("iii", "", None, REFERENCES, id="three images", marks=_LATER),
        pytest.param("iiiiiiiii", "@9", None, REFERENCES, id="nine images", marks=_LATER),
        pytest.param("v", "", None, REFERENCES, id="a video", marks=_LATER),
        pytest.param("ai", "", None, REFERENCES, id="a sound and an image", marks=_LATER),
        pytest.param("avi", "@video 1", None, REFERENCES, id="all three kinds", marks=_LATER),
        pytest.param("", "", "References", REFERENCES, id="nothing, references by hand", marks=_LATER),
        pytest.param("ii", "", "References", REFERENCES, id="two images, references by hand", marks=_LATER),
        pytest.param("ii", "@1", "Frames", FRAMES, id="a named image, frames by hand", marks=_LATER),
    ],
)
def test_the_model_follows_from_what_was_given(
    idle_studio: Studio,
    new_page: Callable[..., Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    given: str,
    chip: str,
    by_hand: str | None,
    mode: str,
) -> None:
    key = idle_studio.server.new_account(request.node.callspec.id, credits_="100000")
    composer = open_create(idle_studio, new_page(), key)
    page = composer.page
    files = {"i": "image", "v": "video", "a": "audio"}
    paths = [_file(tmp_path, files[kind], number) for number, kind in enumerate(given)]
    if paths:
        composer.add(*paths)
    composer.write("A cat walks in the rain ", *([chip] if chip else []))
    if by_hand:
        page.get_by_role("radio", name=by_hand).check(force=True)
    for shortcut, tier in (("Alt+2", "-fast"), ("Alt+3", "-mini"), ("Alt+1", "")):
        page.keyboard.press(shortcut)
        model = f"seedance-2.0{tier}-{mode}"
        page.get_by_text(model, exact=True).wait_for()
        composer.checked()
        with page.expect_response("**/v1/videos/generations") as answer:
            composer.send_button.click()
        assert answer.value.ok, answer.value.text()
        assert composer.asked[-1]["model"] == composer.sent[-1]["model"] == model
    counts = {name: len(composer.sent[-1].get(f"{name}_urls", [])) for name in files.values()}
    assert counts == {name: given.count(letter) for letter, name in files.items()}


def _file(folder: Path, kind: str, number: int) -> Path:
    if kind == "image":
        return picture(folder, f"{number}.png")
    if kind == "video":
        return make_clip(folder / f"{number}.mp4", (1280, 720), 72)
    path = folder / f"{number}.wav"
    path.write_bytes(audio_bytes(3))
    return path
