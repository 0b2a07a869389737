"""What each file really is: assets in the order of the links, our own copies, and which file broke which rule."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import av
import pytest

from opendance.cancelling import WorkCancelled
from opendance.catalog import Quality
from opendance.errors import TaskError
from opendance.order import Link
from opendance.pipeline.folder import Folder
from opendance.pipeline.journal import PROBING
from opendance.pipeline.steps.probe import counted, probe
from tests import files
from tests.pipeline.steps.conftest import Pages, Reported, a_link, told


@cache
def picture() -> bytes:
    return files.image_bytes(320, 300, "JPEG")


@cache
def video(seconds: int = 2, side: int = 640) -> bytes:
    return files.video_bytes(side, side, num_frames=24 * seconds)


def lay(folder: Folder, content: dict[Link, bytes]) -> list[Link]:
    """What was fetched."""
    for link, each in content.items():
        folder.source(link).write_bytes(each)
    return list(content)


async def refused(links: Sequence[Link], folder: Folder) -> tuple[str, str]:
    with pytest.raises(TaskError) as caught:
        await probe(links, Quality.P480, folder, Reported(), asyncio.Event())
    return told(caught.value)


async def test_assets_stand_in_the_order_of_the_links_with_copies_of_our_own(
    folder: Folder, reported: Reported
) -> None:
    links = lay(
        folder,
        {a_link("video"): video(), a_link("audio"): files.audio_bytes(3.0), a_link("image", 2): picture()},
    )
    assets = await probe(links, Quality.P480, folder, reported, asyncio.Event())
    assert [(asset.kind, asset.number) for asset in assets] == [("video", 1), ("audio", 1), ("image", 2)]
    for link, asset in zip(links, assets, strict=True):
        assert asset.path == str(folder.copy(link))
        assert asset.source_path == str(folder.source(link))
        assert folder.has(asset.path, asset.source_path)
    moving, sound, still = assets
    assert (moving.width, moving.height, moving.has_audio) == (640, 640, True)
    assert (moving.seconds, sound.seconds) == pytest.approx((2, 3), abs=0.05)
    assert (still.width, still.height, still.seconds) == (320, 300, 0)
    assert moving.sound_path is not None
    assert folder.has(moving.sound_path)
    assert (sound.sound_path, still.sound_path) == (None, None)
    assert reported.shares == pytest.approx([1 / 3, 2 / 3, 1])


async def test_the_copy_of_a_video_has_no_more_pixels_than_the_video_that_is_made(folder: Folder) -> None:
    links = lay(folder, {a_link("video"): video(side=960)})
    sizes: list[int] = []
    for quality in (Quality.P480, Quality.P720):
        (asset,) = await probe(links, quality, folder, Reported(), asyncio.Event())
        assert (asset.width, asset.height) == (960, 960)  # as it is shown
        with av.open(asset.path) as container:
            sizes.append(container.streams.video[0].width * container.streams.video[0].height)
    assert sizes[0] < 992 * 450 < sizes[1] == 960 * 960


@pytest.mark.rule("IMG-03", "IMG-02")
async def test_a_file_that_breaks_a_rule_is_named_by_its_place_and_host(folder: Folder) -> None:
    links = lay(folder, {a_link("image", 1): picture(), a_link("image", 2): files.image_bytes(200, 300)})
    assert await refused(links, folder) == (
        "image_dimension_mismatch",
        "image_urls[1] (files.example): it is 200 x 300 px; each side must be 300 to 6000 px",
    )


@pytest.mark.parametrize(
    ("kind", "code"), [("image", "invalid_image"), ("video", "invalid_video"), ("audio", "invalid_audio")]
)
async def test_what_is_no_such_file_is_told_under_the_code_of_its_kind(kind: str, code: str, folder: Folder) -> None:
    link = a_link(kind)  # pyright: ignore[reportArgumentType]
    told_code, message = await refused(lay(folder, {link: b"<html><body>gone</body></html>"}), folder)
    assert told_code == code
    assert message.startswith(f"{kind}_urls[0] (files.example): ")
    assert "HTML page" in message


@pytest.mark.rule("VID-03", "AUD-02")
@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_all_files_of_a_kind_together_have_their_limit(kind: str, folder: Folder) -> None:
    if kind == "audio":
        links = lay(folder, {a_link("audio", number): files.audio_bytes(8.0) for number in (1, 2)})
    else:
        links = lay(folder, {a_link("video", number): video(seconds=8) for number in (1, 2)})
    assert await refused(links, folder) == (
        f"invalid_{kind}",
        f"{kind}_urls: together they are 16.00 s long (8.00 + 8.00); at most 15 s in all are possible",
    )


@pytest.mark.rule("VID-03", "AUD-02")
async def test_videos_and_audios_have_a_limit_each_and_not_one_together(folder: Folder) -> None:
    links = lay(folder, {a_link("video"): video(seconds=8), a_link("audio"): files.audio_bytes(8.0)})
    assets = await probe(links, Quality.P480, folder, Reported(), asyncio.Event())
    assert [round(asset.seconds) for asset in assets] == [8, 8]


async def test_no_links_are_no_assets(folder: Folder, reported: Reported) -> None:
    assert await probe([], Quality.P480, folder, reported, asyncio.Event()) == ()
    assert reported.shares == []


def children() -> set[str]:
    """The processes that this one has started and that are alive.

    From each process's parent: `/proc/self/task/*/children` may leave one out while another ends.
    """
    started, me = set[str](), str(os.getpid())
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            _state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            if parent == me:
                started.add(stat.parent.name)
    return started


async def test_a_cancel_ends_the_processes_that_look(folder: Folder) -> None:
    before = children()
    links = lay(folder, {a_link("image", number): picture() for number in range(1, 10)})
    cancel, seen = asyncio.Event(), list[float]()

    async def cancel_soon(share: float) -> None:
        seen.append(share)
        cancel.set()

    with pytest.raises(WorkCancelled):
        await probe(links, Quality.P480, folder, cancel_soon, cancel)
    assert seen[-1] < 1
    assert not children() - before


async def test_a_failure_ends_the_processes_that_look(folder: Folder) -> None:
    before = children()
    links = lay(folder, {a_link("image", 1): b"no picture", a_link("video", 1): video(seconds=8)})
    code, _ = await refused(links, folder)
    assert code == "invalid_image"
    assert not children() - before


async def died_while_it_looked(pages: Pages) -> None:
    """A process that began to look, and came to no end."""
    look = counted(pages.journal())
    await look.__aenter__()


async def test_files_that_brought_two_workers_down_are_not_opened_a_third_time() -> None:
    pages = Pages()
    await died_while_it_looked(pages)
    await died_while_it_looked(pages)
    with pytest.raises(TaskError) as caught:
        await died_while_it_looked(pages)
    assert told(caught.value) == (
        "service_error",
        "the server stopped 2 times while it opened the files of this task",
    )


async def test_a_look_that_ended_does_not_count_however_it_ended() -> None:
    pages = Pages()
    await died_while_it_looked(pages)
    for problem in (TaskError("invalid_image", "no"), WorkCancelled(), asyncio.CancelledError()):
        with pytest.raises(type(problem)):
            async with counted(pages.journal()):
                raise problem
        assert not pages.journal().has(PROBING)
    for _ in range(3):
        async with counted(pages.journal()):
            pass
