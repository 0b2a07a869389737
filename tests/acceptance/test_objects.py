"""Results and uploads in an object store, and what the sweep takes and leaves."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from opendance.pipeline.retention import DAY, HOUR, Kept, Sweeper
from opendance.storage import open_storage
from opendance.store.accounts import ensure_default_account
from opendance.store.database import Database
from opendance.store.deliveries import add_delivery
from opendance.store.ledger import reserve, top_up
from opendance.store.tables import Delivery, LedgerEntry, Task, TaskEvent, TaskStage, UploadedFile
from opendance.store.tasks import claim_task, create_task, finish_task, get_task, new_task, write_journal
from opendance.task import Status, new_task_id
from tests.conftest import RunningServer, body, wait_for
from tests.files import image_bytes
from tests.objects import S3Server, running_s3

BLANK = {"OPENDANCE_ENGINES": "blank"}


@pytest.fixture
def s3(tmp_path: Path) -> Generator[S3Server]:
    with running_s3(tmp_path / "s3") as server:
        yield server


def upload(client: httpx.Client) -> dict[str, Any]:
    content = base64.b64encode(image_bytes(400, 400)).decode()
    return client.post("/api/v1/files/upload/base64", json={"base64_data": content}).raise_for_status().json()["data"]


def test_a_server_keeps_everything_in_an_object_store(new_server: Callable[..., RunningServer], s3: S3Server) -> None:
    server = new_server(**BLANK, **s3.environment, OPENDANCE_STORAGE_URL=s3.url)
    with server.client() as client:
        file = upload(client)
        redirected = httpx.get(file["file_url"])
        assert redirected.status_code == 307
        assert httpx.get(redirected.headers["location"]).content == image_bytes(400, 400)

        wanted = body(model="seedance-2.0-mini-image-to-video", image_urls=[file["file_url"]])
        task = wait_for(client, client.post("/v1/videos/generations", json=wanted).json()["id"])
        assert task["status"] == "completed", task
        [link] = task["results"]
        assert link.startswith(s3.environment["AWS_ENDPOINT_URL"])
        assert "X-Amz-Expires=86400" in link
        assert httpx.get(link).content[4:8] == b"ftyp"
        assert client.get(f"/v1/tasks/{task['id']}").json()["results"] == [link], "the same link each time"

        assert client.delete(f"/api/v1/files/{file['file_id']}").status_code == 200
        assert httpx.get(httpx.get(file["file_url"]).headers["location"]).is_error
    assert [path.name for path in s3.folder.iterdir() if path.is_file()] == [f"{task['id']}.mp4"]
    assert not (server.data_dir / "objects").exists()


def test_a_store_that_is_away_for_a_while_loses_nothing(new_server: Callable[..., RunningServer], s3: S3Server) -> None:
    server = new_server(**BLANK, **s3.environment, OPENDANCE_STORAGE_URL=s3.url)
    with server.client() as client:
        s3.stop()
        created = client.post("/v1/videos/generations", json=body()).json()
        time.sleep(2)
        assert client.get(f"/v1/tasks/{created['id']}").json()["status"] == "processing"
        assert client.get("/readyz").status_code == 503
        s3.start()
        assert wait_for(client, created["id"])["status"] == "completed"
        assert client.get("/readyz").status_code == 200


# ── the sweep ──

KEPT = Kept(results=48 * HOUR, events=7 * DAY, tasks=400 * DAY, work=DAY, audit=400 * DAY)


class Kitchen:
    """A database and a storage with things of any age."""

    def __init__(self, database: Database, account: str, folder: Path) -> None:
        self.database, self.account, self.folder = database, account, folder
        self.storage = open_storage(folder / "objects", b"secret")
        self.work = folder / "work"
        self.sweeper = Sweeper(database, self.storage, self.work, KEPT, every=600)

    async def task(self, status: Status, *, age: float = 0, **request: Any) -> str:
        task_id = new_task_id()
        async with self.database.write() as connection:
            task = new_task(task_id, account_id=self.account, user_group="default", model=body()["model"], request=body(**request), seed=1, created=time.time() - age)  # fmt: skip
            await create_task(connection, task)
            await reserve(connection, self.account, task_id, Decimal(1), key_id=None, balance=Decimal(100))
            if status is not Status.PENDING:
                claimed = await claim_task(connection, "me", alone=False)
                assert claimed is not None
                assert claimed.id == task_id
                await write_journal(connection, task_id, "render", {}, seconds=1)
            if status.terminal:
                key = f"{task_id}.mp4" if status is Status.COMPLETED else None
                await finish_task(connection, task_id, status, result_key=key)
                await connection.execute(update(Task).where(Task.id == task_id).values(finished=time.time() - age))
        await self.put(f"{task_id}.mp4")
        (self.work / task_id).mkdir(parents=True)
        return task_id

    async def upload(self, *, ended: bool) -> tuple[str, str]:
        """Gives (key, url)."""
        key = f"uploads/file-{time.time_ns():x}.png"
        ends = time.time() + (-5 if ended else 3600)
        row = {"id": Path(key).stem, "account_id": self.account, "name": "x", "original_name": "x", "upload_path": "", "size": 1, "mime_type": "image/png", "key": key, "created": ends - 72 * HOUR, "expires": ends}  # fmt: skip
        async with self.database.write() as connection:
            await connection.execute(insert(UploadedFile), row)
        await self.put(key)
        return key, self.storage.upload_link("http://x", key, ends=ends)

    async def put(self, key: str) -> None:
        (self.folder / "x").write_bytes(b"x")
        await self.storage.put(key, self.folder / "x", content_type="video/mp4")

    def has(self, key: str) -> bool:
        return (self.folder / "objects" / key).exists()

    async def count(self, table: type, **where: str) -> int:
        async with self.database.read() as connection:
            query = select(table).where(*(getattr(table, name) == value for name, value in where.items()))
            return len((await connection.execute(query)).all())


@pytest.fixture
async def kitchen(database: Database, tmp_path: Path) -> Kitchen:
    async with database.write() as connection:
        account = await ensure_default_account(connection)
        await top_up(connection, account, Decimal(100), reason="test")
    return Kitchen(database, account, tmp_path)


async def test_the_sweep_takes_old_results_and_leaves_young_ones_and_those_of_live_tasks(kitchen: Kitchen) -> None:
    old = await kitchen.task(Status.COMPLETED, age=49 * HOUR)
    young = await kitchen.task(Status.COMPLETED, age=47 * HOUR)
    running = await kitchen.task(Status.PROCESSING, age=1000 * DAY)
    swept = await kitchen.sweeper.sweep()
    assert swept.results == 1
    assert [kitchen.has(f"{task}.mp4") for task in (old, young, running)] == [False, True, True]
    async with kitchen.database.read() as connection:
        task = await get_task(connection, kitchen.account, old)
    assert task is not None
    assert (task.status, task.result_key) == (Status.COMPLETED, f"{old}.mp4"), "the task is still told as it ended"
    assert not await kitchen.sweeper.sweep(), "there is nothing more to do"


async def test_the_sweep_leaves_uploads_that_a_waiting_task_names(kitchen: Kitchen) -> None:
    ended, _ = await kitchen.upload(ended=True)
    valid, _ = await kitchen.upload(ended=False)
    needed, url = await kitchen.upload(ended=True)
    task_id = await kitchen.task(Status.PENDING, age=HOUR, image_urls=[url])
    assert (await kitchen.sweeper.sweep()).uploads == 1
    assert [kitchen.has(key) for key in (ended, valid, needed)] == [False, True, True]
    async with kitchen.database.write() as connection:
        await finish_task(connection, task_id, Status.CANCELLED)
    assert (await kitchen.sweeper.sweep()).uploads == 1
    assert not kitchen.has(needed)


async def test_old_tasks_go_with_all_but_their_money(kitchen: Kitchen) -> None:
    gone = await kitchen.task(Status.FAILED, age=401 * DAY)
    stays = await kitchen.task(Status.FAILED, age=399 * DAY)
    unheard = await kitchen.task(Status.FAILED, age=401 * DAY)
    running = await kitchen.task(Status.PROCESSING, age=401 * DAY)
    async with kitchen.database.write() as connection:
        await add_delivery(connection, account_id=kitchen.account, task_id=unheard, url="http://x")
        sent = await add_delivery(connection, account_id=kitchen.account, task_id=gone, url="http://x")
        await connection.execute(update(Delivery).where(Delivery.id == sent).values(status="delivered"))
    swept = await kitchen.sweeper.sweep()
    assert swept.tasks == 1
    for table, name in ((Task, "id"), (TaskEvent, "task_id"), (TaskStage, "task_id"), (Delivery, "task_id")):
        assert await kitchen.count(table, **{name: gone}) == 0
    for task_id in (stays, unheard, running):
        assert await kitchen.count(Task, id=task_id) == 1
    assert not kitchen.has(f"{gone}.mp4"), "also what a failed task had stored"
    assert await kitchen.count(LedgerEntry, task_id=gone) == 2


async def test_old_events_go_but_for_the_last(kitchen: Kitchen) -> None:
    old = await kitchen.task(Status.FAILED, age=8 * DAY)
    young = await kitchen.task(Status.FAILED, age=6 * DAY)
    running = await kitchen.task(Status.PROCESSING, age=8 * DAY)
    assert (await kitchen.sweeper.sweep()).events == 1
    assert [await kitchen.count(TaskEvent, task_id=task) for task in (old, young, running)] == [1, 3, 2]


async def test_work_folders_of_ended_tasks_and_forgotten_ones_go(kitchen: Kitchen) -> None:
    ended, running = await kitchen.task(Status.COMPLETED), await kitchen.task(Status.PROCESSING)
    again = kitchen.work / f"{running}.2"
    fresh, left = kitchen.work / "upload-fresh", kitchen.work / "upload-left"
    for folder in (again, fresh, left):
        folder.mkdir()
    for folder, age in ((kitchen.work / ended, 10), (again, 10), (kitchen.work / running, 2 * DAY), (left, 2 * DAY)):
        os.utime(folder, (time.time() - age,) * 2)
    assert (await kitchen.sweeper.sweep()).folders == 2
    assert {path.name for path in kitchen.work.iterdir()} == {running, f"{running}.2", "upload-fresh"}
