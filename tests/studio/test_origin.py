"""Where a video comes from: *Verify* of files, and a clip from here that comes back to Create."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from tests.studio.conftest import Studio
from tests.studio.create import open_create
from tests.studio.tasks import clip_of, made, task
from tests.studio.test_drops import drop
from tests.upstreams import make_clip

pytestmark = [pytest.mark.studio, pytest.mark.thorough]
_SETTINGS: dict[str, Any] = {
    "model": "seedance-2.0-fast-text-to-video",
    "duration": 4,
    "quality": "480p",
    "aspect_ratio": "1:1",
    "generate_audio": False,
}


@pytest.fixture(scope="module")
def here(studio: Studio) -> str:
    """A task of previs."""
    return made(studio, "A heron stands in the reeds", **_SETTINGS)[0]


def without_manifest(clip: Path, target: Path) -> Path:
    """The same packets in a new file, as programs write it that cut or join: what is beside picture and sound is gone."""
    with av.open(str(clip)) as given, av.open(str(target), "w") as out:
        streams = {each.index: out.add_stream_from_template(each) for each in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    assert b"c2pa" in clip.read_bytes()
    assert b"c2pa" not in target.read_bytes()
    return target


@pytest.fixture(scope="module")
def kinds(studio: Studio, here: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each kind of origin."""
    folder = tmp_path_factory.mktemp("origins")
    whole = folder / "whole.mp4"
    whole.write_bytes(clip_of(studio, here))
    changed = bytearray(whole.read_bytes())
    changed[-1000] ^= 1
    (folder / "changed.mp4").write_bytes(changed)
    without_manifest(whole, folder / "stripped.mp4")
    make_clip(folder / "stranger.mp4", (640, 368), 96)
    return {path.stem: path for path in folder.glob("*.mp4")}


@pytest.mark.parametrize(
    ("kind", "verdict", "manifest"),
    [
        ("whole", "Made by Opendance, and unchanged since", "whole"),
        ("changed", "Made by Opendance, and changed since", "broken: assertion.bmffHash.mismatch"),
        ("stripped", "Made by Opendance: its marks say so, though its manifest was removed", "none in the file"),
        ("stranger", "No sign that Opendance made it", "none in the file"),
    ],
)
def test_verify_tells_what_became_of_a_file(
    studio: Studio,
    sign_in: Callable[..., Any],
    here: str,
    kinds: dict[str, Path],
    kind: str,
    verdict: str,
    manifest: str,
) -> None:
    page = sign_in(studio, path="/library")
    page.get_by_role("button", name="More").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Verify a file").click()
    chooser.value.set_files(str(kinds[kind]))
    dialog = page.get_by_role("dialog", name=f"Where {kind}.mp4 comes from")
    dialog.get_by_text(verdict, exact=True).wait_for()
    dialog.get_by_text(manifest, exact=True).wait_for()
    assert dialog.get_by_role("link", name=here).count() == (0 if kind == "stranger" else 1)
    assert page.watched.is_clean, page.watched


def test_verify_of_a_task_tells_its_own_video(studio: Studio, sign_in: Callable[..., Any], here: str) -> None:
    page = sign_in(studio, path=f"/library/{here}?tab=origin")
    panel = page.get_by_role("tabpanel")
    panel.get_by_text("Made by Opendance, and unchanged since").wait_for()
    panel.get_by_text("previs · seedance-2.0-fast-text-to-video").wait_for()
    panel.get_by_role("link", name=here).wait_for()


@pytest.mark.parametrize("kind", ["whole", "stripped"])
def test_a_clip_from_here_that_is_dropped_offers_its_settings(
    studio: Studio, new_page: Callable[..., Any], here: str, kinds: dict[str, Path], kind: str
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    drop(page, page.locator("main"), kinds[kind])
    page.get_by_text(f"Made here as {here}.").wait_for()
    page.get_by_role("button", name="Use its settings").click()
    composer.checked("A heron stands in the reeds")
    asked, request = composer.asked[-1], task(studio, here, include="request")["request"]
    request["model_params"].pop("seed", None)
    told = {**asked, "model_params": {**request["model_params"], **asked.get("model_params", {})}}
    assert {**request, **told} == request
    assert all(asked[name] == value for name, value in _SETTINGS.items())
    assert page.locator(".tile").count() == 0


def test_a_strangers_clip_is_a_reference_like_any_other(
    studio: Studio, new_page: Callable[..., Any], kinds: dict[str, Path]
) -> None:
    composer = open_create(studio, new_page())
    page = composer.page
    with page.expect_response("**/v1/verify"):
        drop(page, page.locator("main"), kinds["stranger"])
    page.wait_for_timeout(300)
    assert composer.tile("video 1").count() == 1
    assert page.get_by_role("button", name="Use its settings").count() == 0
