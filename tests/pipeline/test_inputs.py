"""Where the files of an order come from: the account's own uploads, as they were when the task came, else the world."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from opendance.catalog import FILE_SECONDS
from opendance.errors import FetchError, LinkExpired, TooLarge
from opendance.net.fetch import GuardedClient
from opendance.order import Link
from opendance.pipeline.inputs import InputFiles, file_id_of, uploads_named
from opendance.storage import UPLOADS, Storage
from opendance.store import accounts
from opendance.store.files import FileRecord, add_file, new_file_id, remove_file
from opendance.store.tasks import TaskRecord
from tests import tasks
from tests.workshop import PUBLIC, Workshop

WORLD = "https://files.example/a.png"


@dataclass
class Uploaded:
    """Files of accounts in the workshop, and what a task of its caller finds."""

    workshop: Workshop
    task: TaskRecord

    @property
    def inputs(self) -> InputFiles:
        tools = self.workshop.tools
        return InputFiles(tools.database, tools.storage, cast(GuardedClient, self.workshop.web), self.task)

    async def file(
        self, content: bytes = b"uploaded", *, account: str | None = None, created: float | None = None
    ) -> FileRecord:
        """Upload a file; 72 hours later it ends."""
        created = time.time() if created is None else created
        file_id = new_file_id()
        record = FileRecord(
            id=file_id,
            account_id=account or self.task.account_id,
            name="a.png",
            original_name="a.png",
            upload_path="",
            size=len(content),
            mime_type="image/png",
            key=f"{UPLOADS}{file_id}.png",
            created=created,
            expires=created + FILE_SECONDS,
        )
        source = self.workshop.folder / "upload"
        source.write_bytes(content)
        await self.workshop.tools.storage.put(record.key, source, content_type="image/png")
        async with self.workshop.database.write() as connection:
            assert await add_file(connection, record, most=1000)
        return record

    def url(self, record: FileRecord, base: str = PUBLIC) -> str:
        return self.workshop.tools.storage.upload_link(base, record.key, ends=record.expires)


@pytest.fixture
async def uploaded(workshop: Workshop) -> Uploaded:
    return Uploaded(workshop, tasks.waiting_task(workshop.caller.account_id, created=time.time()))


async def test_a_file_of_the_world_is_downloaded(uploaded: Uploaded, tmp_path: Path) -> None:
    uploaded.workshop.web.files[WORLD] = b"from the world"
    assert await uploaded.inputs.fetch(WORLD, tmp_path / "a", max_bytes=14) == 14
    assert (tmp_path / "a").read_bytes() == b"from the world"


async def test_what_the_world_does_not_give_is_a_fetch_error(uploaded: Uploaded, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="answered 404"):
        await uploaded.inputs.fetch(WORLD, tmp_path / "a", max_bytes=100)


async def test_an_upload_of_the_account_comes_from_the_store_without_the_network(
    uploaded: Uploaded, tmp_path: Path
) -> None:
    url = uploaded.url(await uploaded.file())
    assert await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=8) == 8
    assert (tmp_path / "a").read_bytes() == b"uploaded"
    assert uploaded.workshop.web.asked == []


async def test_an_upload_is_known_under_every_name_of_the_server(uploaded: Uploaded) -> None:
    record = await uploaded.file()
    for base in (PUBLIC, "http://127.0.0.1:8000", "https://old-name.example/"):
        assert await uploaded.inputs.upload_key(uploaded.url(record, base)) == record.key


async def test_an_upload_that_is_too_large_is_not_copied(uploaded: Uploaded, tmp_path: Path) -> None:
    url = uploaded.url(await uploaded.file())
    with pytest.raises(TooLarge):
        await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=7)
    assert not (tmp_path / "a").exists()


async def test_an_upload_of_another_account_is_nothing_special(uploaded: Uploaded, tmp_path: Path) -> None:
    async with uploaded.workshop.database.write() as connection:
        other = await accounts.create_account(connection, name="other")
    url = uploaded.url(await uploaded.file(account=other))
    assert await uploaded.inputs.upload_key(url) is None
    with pytest.raises(FetchError):  # it goes the way of the world, whose guards decide
        await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == [url]


async def test_a_link_that_was_altered_is_nothing_special(uploaded: Uploaded) -> None:
    one, other = await uploaded.file(), await uploaded.file()
    swapped = uploaded.url(one).replace(one.id, other.id)
    for url in (swapped, uploaded.url(one)[:-1], uploaded.url(one).partition("?")[0]):
        assert await uploaded.inputs.upload_key(url) is None


async def test_a_link_that_had_ended_when_the_task_came_is_told(uploaded: Uploaded, tmp_path: Path) -> None:
    url = uploaded.url(await uploaded.file(created=time.time() - FILE_SECONDS - 60))
    with pytest.raises(LinkExpired, match="it works for 72 hours"):
        await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == []


async def test_a_link_that_was_good_when_the_task_came_stays_good_however_long_it_waited(
    uploaded: Uploaded, tmp_path: Path
) -> None:
    url = uploaded.url(await uploaded.file(created=time.time() - 2 * FILE_SECONDS))
    uploaded.task = replace(uploaded.task, created=time.time() - FILE_SECONDS - 60)
    assert await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=100) == 8


async def test_an_upload_whose_object_is_gone_is_not_found(uploaded: Uploaded, tmp_path: Path) -> None:
    record = await uploaded.file()
    await uploaded.workshop.tools.storage.remove([record.key])
    with pytest.raises(FileNotFoundError):
        await uploaded.inputs.fetch(uploaded.url(record), tmp_path / "a", max_bytes=100)


async def test_an_upload_that_was_deleted_is_not_taken_from_the_store(uploaded: Uploaded) -> None:
    record = await uploaded.file()
    async with uploaded.workshop.database.write() as connection:
        await remove_file(connection, record.account_id, record.id)
    assert await uploaded.inputs.upload_key(uploaded.url(record)) is None


async def test_an_upload_that_was_deleted_is_told_so_and_not_asked_for_over_the_network(
    uploaded: Uploaded, tmp_path: Path
) -> None:
    record = await uploaded.file()
    async with uploaded.workshop.database.write() as connection:
        await remove_file(connection, record.account_id, record.id)
    with pytest.raises(FileNotFoundError):
        await uploaded.inputs.fetch(uploaded.url(record), tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == []


# ── which uploads an order names ──


def test_the_id_of_an_upload_is_in_its_key() -> None:
    assert file_id_of("uploads/file-0123abc.png") == "file-0123abc"
    assert file_id_of("uploads/file-0123abc") == "file-0123abc"


async def test_the_uploads_of_an_order_are_told_once_each_in_its_order(uploaded: Uploaded) -> None:
    one, two = await uploaded.file(), await uploaded.file()
    ended = await uploaded.file(created=time.time() - FILE_SECONDS - 60)
    urls = [uploaded.url(two), WORLD, uploaded.url(one), uploaded.url(ended), uploaded.url(two), "no url"]
    links = tuple(Link("image", number, url, f"image_urls[{number - 1}]") for number, url in enumerate(urls, start=1))
    named = uploads_named(tasks.order(links=links), uploaded.workshop.tools.storage, now=time.time())
    assert named == [two.id, one.id]


async def test_an_order_without_uploads_names_none(uploaded: Uploaded) -> None:
    links = (tasks.link("image", WORLD),)
    assert uploads_named(tasks.order(links=links), uploaded.workshop.tools.storage, now=time.time()) == []


@pytest.mark.parametrize("url", ["http://user[@host.example/x.png", "http://℀@host.example/x.png"])
def test_a_url_that_cannot_be_taken_apart_names_no_upload_of_ours(url: str) -> None:
    storage = Storage(None, b"secret")
    assert uploads_named(tasks.order(links=(tasks.link("image", url),)), storage, now=1.0) == []
