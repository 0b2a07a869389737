"""Where the files of an order come from: the account's own uploads, videos and pictures, as they were when the task came,
else the world."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from obstore.store import MemoryStore, S3Store

from opendance.catalog import FILE_SECONDS, RESULT_LINK_SECONDS
from opendance.errors import FetchError, InvalidRequest, LinkExpired, TooLarge
from opendance.links import Links
from opendance.media.pictures import Pictures
from opendance.order import Link
from opendance.pipeline.inputs import InputFiles, file_id_of, renewed, source_of, sources_named
from opendance.pipeline.step import Parked
from opendance.storage import UPLOADS, Picture, Storage, picture_key, result_key
from opendance.store import accounts
from opendance.store.files import FileRecord, add_file, new_file_id, remove_file
from opendance.store.keys import Caller
from opendance.store.tasks import TaskRecord
from tests import tasks
from tests.callers import new_caller
from tests.databases import opened
from tests.workshop import PUBLIC, Workshop, a_workshop

WORLD = "https://files.example/a.png"


@dataclass
class Uploaded:
    """Files of accounts in the workshop, and what a task of its caller finds."""

    workshop: Workshop
    task: TaskRecord

    @property
    def inputs(self) -> InputFiles:
        return InputFiles(self.workshop.tools, self.task)

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
        return self.workshop.tools.links.upload(base, record.key, ends=record.expires)


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


async def test_an_upload_is_known_under_every_name_of_the_server(uploaded: Uploaded, tmp_path: Path) -> None:
    record = await uploaded.file()
    for base in (PUBLIC, "http://127.0.0.1:8000", "https://old-name.example/"):
        assert await uploaded.inputs.fetch(uploaded.url(record, base), tmp_path / "a", max_bytes=100) == 8
    assert uploaded.workshop.web.asked == []


async def test_an_upload_that_is_too_large_is_not_copied(uploaded: Uploaded, tmp_path: Path) -> None:
    url = uploaded.url(await uploaded.file())
    with pytest.raises(TooLarge):
        await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=7)
    assert not (tmp_path / "a").exists()


async def test_an_upload_of_another_account_is_nothing_special(uploaded: Uploaded, tmp_path: Path) -> None:
    async with uploaded.workshop.database.write() as connection:
        other = await accounts.create_account(connection, name="other")
    url = uploaded.url(await uploaded.file(account=other))
    with pytest.raises(FetchError):  # it goes the way of the world, whose guards decide
        await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == [url]


async def test_a_link_that_was_altered_is_nothing_special(uploaded: Uploaded, tmp_path: Path) -> None:
    one, other = await uploaded.file(), await uploaded.file()
    swapped = uploaded.url(one).replace(one.id, other.id)
    urls = [swapped, uploaded.url(one)[:-1], uploaded.url(one).partition("?")[0]]
    for url in urls:
        with pytest.raises(FetchError):
            await uploaded.inputs.fetch(url, tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == urls


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


async def test_an_upload_that_was_deleted_is_told_so_and_not_asked_for_over_the_network(
    uploaded: Uploaded, tmp_path: Path
) -> None:
    record = await uploaded.file()
    async with uploaded.workshop.database.write() as connection:
        await remove_file(connection, record.account_id, record.id)
    with pytest.raises(FileNotFoundError):
        await uploaded.inputs.fetch(uploaded.url(record), tmp_path / "a", max_bytes=100)
    assert uploaded.workshop.web.asked == []


# ── what tasks have made ──


VIDEO, POSTER, LAST = b"a video", b"a poster", b"a last frame"


@dataclass
class Made:
    """A completed task of an account of the workshop, and what a task of its caller finds of it."""

    workshop: Workshop
    task: TaskRecord
    owner: TaskRecord

    @property
    def inputs(self) -> InputFiles:
        return InputFiles(self.workshop.tools, self.task)

    async def fetch(self, url: str) -> bytes:
        target = self.workshop.folder / "fetched"
        await self.inputs.fetch(url, target, max_bytes=100)
        return target.read_bytes()

    async def names(self) -> dict[str, bytes]:
        """Every way to name what the task has made, with what it is."""
        links, now = self.workshop.tools.links, time.time()
        keys = {
            result_key(self.owner.id): VIDEO,
            picture_key(self.owner.id, Picture.POSTER): POSTER,
            picture_key(self.owner.id, Picture.LAST_FRAME): LAST,
        }
        names = {links.result(PUBLIC, key, made=now): content for key, content in keys.items()}
        for key, content in keys.items():
            if (link := await self.workshop.tools.storage.presigned(key, 60)) is not None:
                names[link] = names[link.partition("?")[0]] = content
        paths = {"result": VIDEO, "poster": POSTER, "last-frame": LAST}
        return names | {f"{PUBLIC}/v1/tasks/{self.owner.id}/{name}": content for name, content in paths.items()}


async def a_video(workshop: Workshop, *, caller: Caller | None = None) -> Made:
    """A task that was completed long ago, and another of the workshop's caller that names it."""
    owner = (
        await workshop.submitter.submit(caller or workshop.caller, tasks.order(), wire="unified", base_url=PUBLIC)
    ).task
    storage, key = workshop.tools.storage, result_key(owner.id)
    await storage.put(key, VIDEO, content_type="video/mp4")
    for picture, content in {Picture.POSTER: POSTER, Picture.STRIP: b"", Picture.LAST_FRAME: LAST}.items():
        await storage.put(picture_key(owner.id, picture), content, content_type="image/webp")
    link = await storage.presigned(key, 60)
    await workshop.change(owner, status="completed", result_key=key, result_link=link, pictures=True)
    asking = tasks.waiting_task(workshop.caller.account_id, created=time.time(), base_url=PUBLIC)
    return Made(workshop, asking, await workshop.read(owner))


@pytest.fixture(params=["folder", "bucket"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Workshop]:
    """A workshop that keeps its objects in a folder, and one that keeps them where links are signed."""
    bucket = S3Store("bucket", region="eu-west-1", access_key_id="id", secret_access_key="made up")
    storage = Storage(MemoryStore(), signer=bucket) if request.param == "bucket" else None
    async with opened(tmp_path / "db.sqlite3") as database, a_workshop(database, tmp_path, storage=storage) as made:
        yield made


async def test_what_a_task_of_the_account_has_made_comes_from_the_store_by_whatever_name(shop: Workshop) -> None:
    made = await a_video(shop)
    names = await made.names()
    assert len(names) == (12 if shop.tools.storage.signs else 6)
    for url, content in names.items():
        assert await made.fetch(url) == content, url
    assert shop.web.asked == []


@pytest.mark.parametrize("name", ["result", "last-frame"])
async def test_what_is_still_made_is_waited_for_and_what_has_failed_is_told(shop: Workshop, name: str) -> None:
    made = await a_video(shop)
    url = f"{PUBLIC}/v1/tasks/{made.owner.id}/{name}"
    for status in ("pending", "processing"):
        await shop.change(made.owner, status=status, result_key=None, pictures=False)
        with pytest.raises(Parked) as parked:
            await made.fetch(url)
        assert parked.value.task_id == made.owner.id
    for status in ("failed", "cancelled"):
        await shop.change(made.owner, status=status)
        with pytest.raises(FetchError, match=f"has no video to go on from: it is {status}"):
            await made.fetch(url)
    assert shop.web.asked == []


async def test_what_another_account_has_made_is_a_url_like_any_other(shop: Workshop) -> None:
    made = await a_video(shop, caller=await new_caller(shop.database, "the other"))
    for url in (names := await made.names()):
        with pytest.raises(FetchError, match="answered 404"):  # it goes the way of the world, whose guards decide
            await made.fetch(url)
    assert shop.web.asked == list(names)


async def test_a_copy_elsewhere_is_not_taken_for_it_whatever_it_is_called(shop: Workshop) -> None:
    made = await a_video(shop)
    for url in (
        f"https://elsewhere.example/bucket/{result_key(made.owner.id)}",
        f"https://elsewhere.example/v1/tasks/{made.owner.id}/poster",
        f"https://elsewhere.example/v1/results/{result_key(made.owner.id)}?ends=9999999999&signature=0",
    ):
        shop.web.files[url] = b"edited"
        assert await made.fetch(url) == b"edited"


async def test_a_link_to_where_the_store_was_reached_before_is_known_too(shop: Workshop) -> None:
    made = await a_video(shop)
    moved = f"https://before.example/videos/{result_key(made.owner.id)}"
    await shop.change(made.owner, result_link=f"{moved}?X-Amz-Signature=0")
    shop.web.files[moved] = b"from the world"
    await made.fetch(moved)
    assert shop.web.asked == ([] if shop.tools.storage.signs else [moved])


async def test_a_link_to_a_video_that_had_ended_when_the_task_came_is_told(workshop: Workshop) -> None:
    made = await a_video(workshop)
    url = workshop.tools.links.result(PUBLIC, result_key(made.owner.id), made=time.time() - RESULT_LINK_SECONDS - 60)
    with pytest.raises(LinkExpired, match="it works for 24 hours"):
        await made.fetch(url)
    made.task = replace(made.task, created=time.time() - 120)
    assert await made.fetch(url) == VIDEO, "however long the task waited"
    assert workshop.web.asked == []


@pytest.mark.parametrize("noted", [True, False], ids=["swept", "lost"])
async def test_a_video_that_is_not_kept_any_more_is_told_with_what_to_do(shop: Workshop, noted: bool) -> None:
    made = await a_video(shop)
    await shop.tools.storage.remove([result_key(made.owner.id)])
    await shop.change(made.owner, swept=time.time() if noted else None)
    for url, content in (await made.names()).items():
        if content == VIDEO:
            with pytest.raises(
                FetchError, match=f"the video of task {made.owner.id} is not kept any more: make it again, or"
            ):
                await made.fetch(url)
        else:
            assert await made.fetch(url) == content, "pictures stay"
    assert shop.web.asked == []


async def test_pictures_that_were_never_made_are_made_then_or_it_is_told_why_not(workshop: Workshop) -> None:
    made = await a_video(workshop)
    workshop.tools.pictures._take = lambda clip: Pictures(clip.read(), b"", b"")
    await workshop.change(made.owner, pictures=False)
    url = f"{PUBLIC}/v1/tasks/{made.owner.id}/poster"
    assert await made.fetch(url) == VIDEO
    await workshop.change(made.owner, pictures=False, swept=1.0)
    with pytest.raises(FetchError, match="were never made"):
        await made.fetch(url)


# ── what an order names ──


def test_a_link_to_the_picture_of_an_upload_is_one_of_the_world() -> None:
    links = Links(b"secret", PUBLIC)
    for key, known in (("uploads/file-0123abc.mp4", True), ("uploads/file-0123abc.thumb.webp", False)):
        url = links.upload(PUBLIC, key, ends=time.time() + 60)
        assert (source_of(url, asking(url), links) is not None) is known


def test_the_id_of_an_upload_is_in_its_key() -> None:
    assert file_id_of("uploads/file-0123abc.png") == "file-0123abc"
    assert file_id_of("uploads/file-0123abc") == "file-0123abc"


def asking(*urls: str) -> TaskRecord:
    """A task that names these."""
    links = tuple(Link("image", number, url, f"image_urls[{number - 1}]") for number, url in enumerate(urls, start=1))
    return tasks.waiting_task("acc", tasks.order(links=links), created=time.time(), base_url=PUBLIC)


async def test_the_uploads_of_an_order_are_told_once_each_in_its_order(uploaded: Uploaded) -> None:
    one, two = await uploaded.file(), await uploaded.file()
    ended = await uploaded.file(created=time.time() - FILE_SECONDS - 60)
    urls = [uploaded.url(two), WORLD, uploaded.url(one), uploaded.url(ended), uploaded.url(two), "no url"]
    assert sources_named(asking(*urls), uploaded.workshop.tools.links) == [two.id, one.id]


async def test_the_tasks_whose_videos_and_pictures_an_order_names_are_told_too(shop: Workshop) -> None:
    made = await a_video(shop)
    for url in await made.names():
        assert sources_named(asking(WORLD, url, url), shop.tools.links) == [made.owner.id], url


@pytest.mark.parametrize("url", [WORLD, "", "http://user[@host.example/x.png", "http://℀@host.example/x.png"])
def test_an_order_that_names_nothing_of_ours_names_none(url: str) -> None:
    assert sources_named(asking(url), Links(b"secret")) == []


# ── an order once more ──


async def once_more(uploaded: Uploaded, url: str, *, kept: bool = False) -> str:
    """The link that an order with this one has when it is repeated."""
    shop, order = uploaded.workshop, tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", url),))
    before = replace(uploaded.task, order=order, kept=kept)
    again = await renewed(order, before, shop.database, shop.tools.links, base_url="https://new.example/")
    (link,) = again.links
    return link.url


async def test_a_link_of_the_world_is_asked_for_again_as_it_is(uploaded: Uploaded) -> None:
    assert await once_more(uploaded, WORLD) == WORLD


async def test_a_link_to_an_upload_that_is_still_there_works_again(uploaded: Uploaded, tmp_path: Path) -> None:
    record = await uploaded.file()
    old = uploaded.workshop.tools.links.upload(PUBLIC, record.key, ends=1)
    new = await once_more(uploaded, old)
    assert new == uploaded.url(record, "https://new.example")
    assert await uploaded.inputs.fetch(new, tmp_path / "a", max_bytes=100) == record.size


async def test_an_upload_that_has_ended_is_told_by_its_place(uploaded: Uploaded) -> None:
    record = await uploaded.file(created=time.time() - FILE_SECONDS - 1)
    gone = uploaded.workshop.tools.links.upload(PUBLIC, f"{UPLOADS}file-gone.png", ends=1)
    for url in (uploaded.url(record), gone):
        with pytest.raises(InvalidRequest, match=r"image_urls\[0\].*upload the file again"):
            await once_more(uploaded, url)


async def test_an_upload_that_a_kept_task_has_saved_works_as_long_as_a_new_one(
    uploaded: Uploaded, tmp_path: Path
) -> None:
    record = await uploaded.file(created=time.time() - FILE_SECONDS - 1)
    new = await once_more(uploaded, uploaded.url(record), kept=True)
    task = replace(uploaded.task, created=time.time() + FILE_SECONDS - 60)
    assert await InputFiles(uploaded.workshop.tools, task).fetch(new, tmp_path / "a", max_bytes=100) == record.size


async def test_another_accounts_upload_stays_what_it_was(uploaded: Uploaded) -> None:
    other = await new_caller(uploaded.workshop.database, "other")
    url = uploaded.url(await uploaded.file(account=other.account_id))
    assert await once_more(uploaded, url) == url


async def test_a_link_to_an_own_video_is_made_anew_and_one_that_was_swept_is_told(uploaded: Uploaded) -> None:
    shop = uploaded.workshop
    made = await shop.made()
    old = shop.tools.links.result(PUBLIC, result_key(made.id), made=1.0)
    new = await once_more(uploaded, old)
    assert shop.tools.links.key_of(new, now=time.time()) == result_key(made.id)
    await shop.change(made, swept=time.time())
    with pytest.raises(InvalidRequest, match=rf"image_urls\[0\]: the video of task {made.id} is not kept"):
        await once_more(uploaded, old)
