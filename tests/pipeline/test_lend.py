"""What an upstream is lent: links that it can read, for as long as it may take, and taken back afterwards."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from obstore.store import MemoryStore, S3Store

from opendance.asset import Asset
from opendance.catalog import FILE_SECONDS
from opendance.errors import LinkInvalid
from opendance.links import Links
from opendance.pipeline.inputs import InputFiles
from opendance.pipeline.lend import Lender
from opendance.storage import INPUTS, UPLOADS, Storage
from opendance.store.files import FileRecord, add_file, new_file_id
from opendance.store.tasks import TaskRecord
from tests import files, tasks
from tests.workshop import PUBLIC, Workshop

THEIRS = "https://files.example/a.jpg?key=secret"


class Lending:
    """A lender of a task with one picture, and the store that it lends from."""

    def __init__(self, workshop: Workshop, public_url: str | None, url: str = THEIRS) -> None:
        order = tasks.order(tasks.MINI_IMAGE, links=(tasks.link("image", url),))
        self.task: TaskRecord = tasks.waiting_task(workshop.caller.account_id, order, created=time.time())
        self.storage: Storage = workshop.tools.storage
        self.links: Links = workshop.tools.links
        inputs = InputFiles(workshop.tools, self.task)
        self.lender = Lender(self.task, inputs, self.storage, self.links, public_url)
        self.objects = workshop.folder / "objects"

    @property
    def lent(self) -> list[str]:
        return sorted(path.name for path in (self.objects / "inputs").rglob("*") if path.is_file())


@pytest.fixture
def asset(tmp_path: Path) -> Asset:
    """What was fetched, and our copy."""
    source = files.saved(tmp_path, "image-1.source", files.image_bytes(kind="JPEG"))
    copy = files.saved(tmp_path, "image-1.png", files.image_bytes())
    return Asset("image", 1, 640, 480, path=str(copy), source_path=str(source))


# ── files ──


async def test_a_server_that_the_world_reaches_lends_the_users_own_file_by_a_link_of_its_own(
    workshop: Workshop, asset: Asset, tmp_path: Path
) -> None:
    lending = Lending(workshop, PUBLIC)
    url = urlsplit(await lending.lender.asset_url(asset) or "")
    key = f"{INPUTS}{lending.task.id}/image-1.jpg"
    assert (url.scheme, url.netloc, url.path) == (
        "https",
        "opendance.example",
        f"/v1/inputs/{lending.task.id}/image-1.jpg",
    )
    query = dict(parse_qsl(url.query))
    ends = lending.links.check(key, query["ends"], query["signature"])
    assert ends == int(lending.task.created + 7 * 86_400), "the same however often it is asked for"
    await lending.storage.fetch(key, tmp_path / "read", max_bytes=10**9)
    assert (tmp_path / "read").read_bytes() == Path(asset.source_path).read_bytes()


async def test_where_there_is_no_source_our_copy_is_lent(workshop: Workshop, asset: Asset) -> None:
    lending = Lending(workshop, PUBLIC)
    await lending.lender.asset_url(replace(asset, source_path=""))
    assert lending.lent == ["image-1.png"]


async def test_a_server_that_nobody_reaches_gives_the_users_own_link_and_stores_nothing(
    workshop: Workshop, asset: Asset
) -> None:
    lending = Lending(workshop, None)
    assert await lending.lender.asset_url(asset) == THEIRS
    assert lending.lent == []


async def test_a_server_that_nobody_reaches_has_no_link_to_an_upload(workshop: Workshop, asset: Asset) -> None:
    lending = Lending(workshop, None)
    file_id, now = new_file_id(), lending.task.created
    key = f"{UPLOADS}{file_id}.png"
    record = FileRecord(
        file_id, lending.task.account_id, "a", "a", "", 1, "image/png", key, now, now + FILE_SECONDS
    )  # fmt: skip
    async with workshop.database.write() as connection:
        assert await add_file(connection, record, most=10)
    url = lending.links.upload("http://127.0.0.1:8000", key, ends=record.expires)
    assert await Lending(workshop, None, url).lender.asset_url(asset) is None


@pytest.mark.parametrize(("kind", "number"), [("image", 2), ("video", 1)])
async def test_a_server_that_nobody_reaches_has_no_link_to_what_the_order_does_not_name(
    workshop: Workshop, asset: Asset, kind: Any, number: int
) -> None:
    lending = Lending(workshop, None)
    assert await lending.lender.asset_url(replace(asset, kind=kind, number=number)) is None


async def test_a_store_that_makes_links_itself_needs_no_server_that_the_world_reaches(
    workshop: Workshop, asset: Asset, tmp_path: Path
) -> None:
    bucket = S3Store("bucket", region="eu-west-1", access_key_id="id", secret_access_key="made up")
    storage = Storage(MemoryStore(), signer=bucket)  # it signs without asking anybody
    lending = Lending(workshop, None)
    url = urlsplit(await Lender(lending.task, cast(Any, None), storage, lending.links, None).asset_url(asset) or "")
    key = f"{INPUTS}{lending.task.id}/image-1.jpg"
    assert (url.scheme, "bucket" in url.netloc + url.path, url.path.endswith(key)) == ("https", True, True)
    query = dict(parse_qsl(url.query))
    assert query["X-Amz-Expires"] == str(7 * 86_400)
    assert query["X-Amz-Signature"]
    assert await storage.fetch(key, tmp_path / "read", max_bytes=10**9) == Path(asset.source_path).stat().st_size


async def test_what_was_lent_is_taken_back_and_nothing_else(workshop: Workshop, asset: Asset) -> None:
    lending, other = Lending(workshop, PUBLIC), Lending(workshop, PUBLIC)
    for one in (lending, other):
        await one.lender.asset_url(asset)
    await lending.lender.asset_url(replace(asset, number=2))
    assert lending.lent == ["image-1.jpg", "image-1.jpg", "image-2.jpg"]
    await lending.lender.take_back()
    assert lending.lent == ["image-1.jpg"]
    await lending.lender.take_back()  # there is nothing left to take
    await other.lender.take_back()
    assert lending.lent == []


async def test_what_can_be_lent_again_may_be_taken_back_and_lent_again(workshop: Workshop, asset: Asset) -> None:
    lending = Lending(workshop, PUBLIC)
    for _ in range(2):
        assert await lending.lender.asset_url(asset) is not None
        assert lending.lent == ["image-1.jpg"]
        await lending.lender.take_back()
        assert lending.lent == []


async def test_a_store_that_is_away_does_not_hold_up_the_end(workshop: Workshop, asset: Asset) -> None:
    lending = Lending(workshop, PUBLIC)
    await lending.lender.asset_url(asset)
    shutil.rmtree(lending.objects)
    lending.objects.write_text("a file stands where its folder was")
    await lending.lender.take_back()


# ── calls back ──


async def test_an_upstream_may_call_back_by_an_address_that_only_this_server_makes(workshop: Workshop) -> None:
    lending = Lending(workshop, PUBLIC)
    url = urlsplit(lending.lender.callback_url("task-1-0") or "")
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{PUBLIC}/v1/upstream-callbacks/task-1-0"
    mark = dict(parse_qsl(url.query))["mark"]
    lending.links.check_callback("task-1-0", mark)
    with pytest.raises(LinkInvalid):
        lending.links.check_callback("task-1-1", mark)
    assert lending.lender.callback_url("task-1-1") != lending.lender.callback_url("task-1-0")


async def test_a_slash_at_the_end_of_the_public_address_does_no_harm(workshop: Workshop) -> None:
    with_slash, without = Lending(workshop, f"{PUBLIC}/"), Lending(workshop, PUBLIC)
    assert with_slash.lender.callback_url("e") == without.lender.callback_url("e")


@pytest.mark.parametrize("public_url", [None, "http://opendance.example"])
async def test_a_server_that_is_not_reached_by_https_is_not_called_back(
    workshop: Workshop, public_url: str | None
) -> None:
    assert Lending(workshop, public_url).lender.callback_url("task-1-0") is None
