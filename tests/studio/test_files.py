"""Files: what is uploaded has a picture, is found again, and is sent once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.files import video_bytes
from tests.studio.conftest import QUICK, Studio
from tests.studio.create import Composer, picture

pytestmark = pytest.mark.studio


def _sent(page: Any) -> int:
    return page.watched.asked.count("POST /api/v1/files/upload/stream")


def test_a_file_is_sent_once_wherever_it_is_offered_and_a_video_has_a_picture(
    new_studio: Callable[..., Studio], sign_in: Callable[..., Any], tmp_path: Path
) -> None:
    studio = new_studio(**QUICK)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(video_bytes(num_frames=60))
    page = sign_in(studio, path="/files")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files([str(clip), str(picture(tmp_path, "cat.png"))])
    page.get_by_text("2 of").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.picture img').length === 2")
    page.wait_for_function("() => [...document.querySelectorAll('.picture img')].every(each => each.naturalWidth > 0)")
    chooser.set_input_files(str(clip))
    page.get_by_text("clip.mp4 is here already").last.wait_for()
    page.get_by_role("searchbox").fill("CAT")
    page.wait_for_function("() => document.querySelectorAll('.picture').length === 1")
    assert _sent(page) == 2

    page.goto(f"{studio.address}/create")
    composer = Composer(page)
    composer.add(clip)
    page.wait_for_function("() => document.querySelector('.tile img.thumb')?.naturalWidth > 0")
    assert _sent(page) == 2
    page.wait_for_timeout(700)
    page.reload()
    page.wait_for_function("() => document.querySelector('.tile img.thumb')?.naturalWidth > 0")
    assert page.watched.is_clean, page.watched
