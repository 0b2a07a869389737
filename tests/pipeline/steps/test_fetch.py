"""The files of an order come into the folder: how large they may be, what is told of one that cannot be had."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from opendance.cancelling import WorkCancelled
from opendance.errors import AddressRefused, FetchError, LinkExpired, StorageError, TaskError, TooLarge
from opendance.order import Link
from opendance.pipeline.folder import Folder
from opendance.pipeline.inputs import InputFiles
from opendance.pipeline.steps.fetch import fetch
from opendance.plan import AssetKind
from opendance.store.tasks import TaskRecord
from tests.pipeline.steps.conftest import Reported, a_link, told
from tests.workshop import Workshop

MEGABYTE = 1024 * 1024


class Source(InputFiles):
    """Files by their URL: bytes, an error to raise, or an event to wait for, for ever if need be."""

    def __init__(self, files: dict[str, bytes | Exception | asyncio.Event]) -> None:
        self.files, self.asked = files, dict[str, int]()
        self.stopped: list[str] = []

    async def fetch(self, url: str, target: Path, *, max_bytes: int) -> int:
        self.asked[url] = max_bytes
        content = self.files[url]
        if isinstance(content, asyncio.Event):
            try:
                await content.wait()
            except asyncio.CancelledError:
                self.stopped.append(url)
                raise
            content = b"late"
        if isinstance(content, Exception):
            raise content
        target.write_bytes(content)
        return len(content)


def source(*links: Link, **others: bytes | Exception | asyncio.Event) -> Source:
    """Small files behind all links; others by kind and number, such as `image_1`."""
    given = {f"{link.kind}_{link.number}": link.url for link in links}
    return Source({url: others.get(name, name.encode()) for name, url in given.items()})


async def test_every_file_lies_in_the_folder_and_its_size_is_told_by_its_label(
    folder: Folder, reported: Reported
) -> None:
    links = [a_link("image", 1), a_link("image", 2), a_link("video"), a_link("audio")]
    sizes = await fetch(links, folder, source(*links), reported, asyncio.Event())
    assert sizes == {
        "image_urls[0] (files.example)": 7,
        "image_urls[1] (files.example)": 7,
        "video_urls[0] (files.example)": 7,
        "audio_urls[0] (files.example)": 7,
    }
    assert [folder.source(link).read_bytes() for link in links] == [b"image_1", b"image_2", b"video_1", b"audio_1"]
    assert reported.shares[-1] == 1


async def test_the_share_that_has_come_is_told(folder: Folder, reported: Reported) -> None:
    links, slow = [a_link("image", 1), a_link("image", 2), a_link("video"), a_link("audio")], asyncio.Event()

    async def report(share: float) -> None:
        await reported(share)
        slow.set()

    await fetch(links, folder, source(*links, image_1=slow), report, asyncio.Event())
    assert reported.shares == [0.75, 1]


async def test_no_links_are_no_files(folder: Folder, reported: Reported) -> None:
    assert await fetch([], folder, source(), reported, asyncio.Event()) == {}


@pytest.mark.rule("IMG-04", "VID-04", "AUD-03")
@pytest.mark.parametrize(("kind", "megabytes"), [("image", 30), ("video", 50), ("audio", 15)])
async def test_each_kind_has_its_limit(kind: AssetKind, megabytes: int, folder: Folder, reported: Reported) -> None:
    link = a_link(kind)
    files = source(link)
    await fetch([link], folder, files, reported, asyncio.Event())
    assert files.asked == {link.url: megabytes * MEGABYTE}


NOWHERE = "its address is not a public one; it must be where this server may reach it"


@pytest.mark.rule("MD-07")
@pytest.mark.parametrize(
    ("kind", "error", "code", "words"),
    [
        ("image", FileNotFoundError(), "resource_not_found", "the uploaded file was deleted"),
        ("image", AddressRefused(NOWHERE), "invalid_parameters", NOWHERE),
        ("image", TooLarge(30 * MEGABYTE), "invalid_image", "it is larger than 30 MB"),
        ("video", TooLarge(50 * MEGABYTE), "invalid_video", "it is larger than 50 MB"),
        ("audio", TooLarge(15 * MEGABYTE), "invalid_audio", "it is larger than 15 MB"),
        ("audio", FetchError("the host answered 404"), "resource_not_found", "the host answered 404"),
        ("video", FetchError("it is empty", transient=True), "resource_not_found", "it is empty"),
        ("image", LinkExpired(ended="2026-01-01T00:00:00+00:00", hours=72), "resource_not_found", "This link ended at 2026-01-01T00:00:00+00:00: it works for 72 hours"),
    ],
    ids=["deleted", "inside", "large image", "large video", "large audio", "missing", "empty", "ended"],
)  # fmt: skip
async def test_a_file_that_cannot_be_had_is_told_with_its_place_and_host_alone(
    kind: AssetKind, error: Exception, code: str, words: str, folder: Folder, reported: Reported
) -> None:
    link = a_link(kind, 2)
    with pytest.raises(TaskError) as caught:
        await fetch([link], folder, source(link, **{f"{kind}_2": error}), reported, asyncio.Event())
    assert told(caught.value) == (code, f"{kind}_urls[1] (files.example): {words}")


async def test_an_object_store_that_is_away_is_no_verdict_on_the_file(folder: Folder, reported: Reported) -> None:
    link = a_link()
    with pytest.raises(StorageError, match="it is away"):
        await fetch([link], folder, source(link, image_1=StorageError("it is away")), reported, asyncio.Event())


async def test_the_first_that_fails_stops_the_others(folder: Folder, reported: Reported) -> None:
    slow, wrong = a_link("video"), a_link("image")
    files = source(slow, wrong, video_1=asyncio.Event(), image_1=FetchError("no"))
    with pytest.raises(TaskError, match="image_urls"):
        await fetch([slow, wrong], folder, files, reported, asyncio.Event())
    assert files.stopped == [slow.url]


async def test_a_cancel_stops_all_of_them(folder: Folder, reported: Reported) -> None:
    links, cancel = [a_link("image", 1), a_link("image", 2), a_link("image", 3)], asyncio.Event()
    files = source(*links, image_1=asyncio.Event(), image_2=asyncio.Event())

    async def cancel_soon(share: float) -> None:
        cancel.set()  # the third has come

    with pytest.raises(WorkCancelled):
        await fetch(links, folder, files, cancel_soon, cancel)
    assert sorted(files.stopped) == [links[0].url, links[1].url]


async def test_a_file_of_the_world_comes_through_the_true_inputs(
    workshop: Workshop, task: TaskRecord, folder: Folder, reported: Reported
) -> None:
    link = a_link()
    workshop.web.files[link.url] = b"from the world"
    files = InputFiles(workshop.tools, task)
    assert await fetch([link], folder, files, reported, asyncio.Event()) == {link.label: 14}
    assert folder.source(link).read_bytes() == b"from the world"
