"""Uploads: kept whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from opendance.catalog import FILE_SECONDS, MAX_UPLOAD_BYTES
from opendance.errors import FetchError, FileNotFound, FileQuotaExceeded, InvalidRequest, StorageError
from opendance.pipeline.uploads import INCOMING
from opendance.storage import UPLOADS
from opendance.store import files
from opendance.store.accounts import Group
from opendance.store.files import FileRecord, count_files, count_uses, read_file
from opendance.store.keys import Caller
from opendance.store.signed_in import SessionRecord
from opendance.store.tables import TaskInput, UploadedFile
from tests.callers import new_caller
from tests.files import image_bytes, video_bytes
from tests.workshop import Workshop

PICTURE = image_bytes(320, 320)


async def keep(
    workshop: Workshop,
    content: bytes = PICTURE,
    *,
    caller: Caller | None = None,
    name: str | None = None,
    original_name: str = "a.png",
    folder: str | None = None,
) -> FileRecord:
    caller = caller or workshop.caller
    async with workshop.uploads.incoming(caller) as path:
        path.write_bytes(content)
        return await workshop.uploads.keep(caller, path, name=name, original_name=original_name, folder=folder)


async def rows(workshop: Workshop) -> list[str]:
    async with workshop.database.read() as connection:
        return list((await connection.execute(select(UploadedFile.id))).scalars())


def objects(workshop: Workshop) -> set[str]:
    folder = workshop.folder / "objects" / UPLOADS
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def nothing_is_on_its_way(workshop: Workshop) -> bool:
    return not list(workshop.work_dir.glob(f"{INCOMING}*"))


# ── keeping ──


async def test_a_file_is_kept_with_its_row_and_its_content(workshop_on_each: Workshop) -> None:
    record = await keep(workshop_on_each, name="me", original_name="photo.png", folder="holidays/2026")
    async with workshop_on_each.database.read() as connection:
        assert await read_file(connection, workshop_on_each.caller.account_id, record.id) == record
    assert (record.name, record.original_name, record.upload_path) == ("me", "photo.png", "holidays-2026")
    assert (record.mime_type, record.size, record.key) == (
        "image/png",
        len(PICTURE),
        f"{UPLOADS}{record.id}.png",
    )
    assert record.expires == record.created + FILE_SECONDS
    assert (workshop_on_each.folder / "objects" / record.key).read_bytes() == PICTURE
    assert nothing_is_on_its_way(workshop_on_each)


async def test_the_studio_keeps_a_file_once_and_a_program_each_of_its_uploads(workshop_on_each: Workshop) -> None:
    """One of two programs may delete its own while the other's task still names the same picture."""
    workshop = workshop_on_each
    session = SessionRecord("s", workshop.caller.account_id, workshop.caller.key.id, 0.0, 0.0, "a browser", None)
    person = replace(workshop.caller, session=session)
    first = await keep(workshop, caller=person)
    async with workshop.database.write() as connection:
        sooner = update(UploadedFile).where(UploadedFile.id == first.id).values(expires=first.expires - 3600)
        await connection.execute(sooner)
    again = await keep(workshop, caller=person, original_name="b.png")
    assert (again.id, again.name) == (first.id, "a.png")
    assert again.expires >= first.expires
    assert (await keep(workshop, image_bytes(330, 330), caller=person)).id != first.id
    other = await new_caller(workshop.database, "other")
    assert (await keep(workshop, caller=replace(other, session=session))).id != first.id
    assert len({(await keep(workshop)).id, (await keep(workshop)).id, first.id}) == 3
    assert nothing_is_on_its_way(workshop)


async def test_the_studio_is_given_no_file_that_is_still_being_stored_or_removed(
    workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop, storage = workshop_on_each, workshop_on_each.tools.storage
    session = SessionRecord("s", workshop.caller.account_id, workshop.caller.key.id, 0.0, 0.0, "a browser", None)
    person, meanwhile = replace(workshop.caller, session=session), list[FileRecord]()
    put, remove = storage.put, storage.remove

    async def fail(*_: Any, **__: Any) -> None:
        monkeypatch.setattr(storage, "put", put)
        meanwhile.append(await keep(workshop, caller=person))
        raise StorageError("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "put", fail)
        with pytest.raises(StorageError):
            await keep(workshop, caller=person)
    (second,) = meanwhile
    assert Path(second.key).name in objects(workshop)
    assert (await keep(workshop, caller=person)).id == second.id

    async def remove_slowly(keys: list[str]) -> None:
        meanwhile.append(await keep(workshop, caller=person))
        await remove(keys)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "remove", remove_slowly)
        await workshop.uploads.remove(person, second.id)
    assert meanwhile[-1].id != second.id
    assert objects(workshop) == {Path(meanwhile[-1].key).name}


async def test_uses_of_a_file_are_counted_up_to_a_number(
    workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop, account_id = workshop_on_each, workshop_on_each.caller.account_id
    often, once, never = [(await keep(workshop)).id for _ in range(3)]
    tasks = [(await workshop.submit()).id for _ in range(3)]
    named = [(task, often) for task in tasks] + [(tasks[0], once)]
    async with workshop.database.write() as connection:
        for task_id, source_id in named:
            await connection.execute(insert(TaskInput).values(task_id=task_id, source_id=source_id))
    async with workshop.database.read() as connection:
        assert await count_uses(connection, account_id, [often, once, never]) == {often: 3, once: 1}
        monkeypatch.setattr(files, "MOST_USES", 2)
        assert await count_uses(connection, account_id, [often, once, never]) == {often: 2, once: 1}
        assert await count_uses(connection, "another", [often]) == {}


@pytest.mark.parametrize(
    ("content", "mime_type", "suffix"),
    [
        (image_bytes(320, 320, "JPEG"), "image/jpeg", ".jpg"),
        (image_bytes(320, 320, "GIF"), "image/gif", ".gif"),
        (image_bytes(320, 320, "WEBP"), "image/webp", ".webp"),
        (video_bytes(num_frames=2), "video/mp4", ".mp4"),
    ],
)
async def test_the_kind_is_that_of_the_content_whatever_the_name_says(
    workshop: Workshop, content: bytes, mime_type: str, suffix: str
) -> None:
    record = await keep(workshop, content, original_name="a.exe")
    assert (record.mime_type, Path(record.key).suffix) == (mime_type, suffix)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("a\x00b\nc.png", "abc.png"),
        ("  .hidden. ", "hidden"),
        ("猫.png", "猫.png"),
        ("x" * 300, "x" * 120),
    ],
)
async def test_names_have_no_folders_and_nothing_that_is_not_printed(workshop: Workshop, given: str, kept: str) -> None:
    record = await keep(workshop, name=given, original_name=given)
    assert (record.name, record.original_name) == (kept, kept)


@pytest.mark.parametrize("nameless", ["", "...", "/", "\x00"])
async def test_a_file_without_a_name_has_that_of_its_id(workshop: Workshop, nameless: str) -> None:
    record = await keep(workshop, name=nameless, original_name=nameless)
    assert record.name == record.original_name == f"{record.id}.png"


@pytest.mark.parametrize("failure", [StorageError("it is away"), asyncio.CancelledError()])
@pytest.mark.parametrize("taken", [False, True], ids=["the store has nothing", "the answer was lost"])
async def test_nothing_is_kept_where_the_store_does_not_say_that_it_took_it(
    workshop_on_each: Workshop, monkeypatch: pytest.MonkeyPatch, failure: BaseException, taken: bool
) -> None:
    workshop, seen = workshop_on_each, list[str]()
    put = workshop.tools.storage.put

    async def fail(key: str, source: Path, **how: Any) -> None:
        seen.extend(await rows(workshop))
        if taken:
            await put(key, source, **how)
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(workshop.tools.storage, "put", fail)
        with pytest.raises(type(failure)):
            await keep(workshop)
    assert len(seen) == 1, "the row comes first: an object that nobody knows would stay for ever"
    async with workshop.database.read() as connection:
        assert await count_files(connection, workshop.caller.account_id) == 0, "it takes no room of the account"
        assert await read_file(connection, workshop.caller.account_id, seen[0]) is None
    assert nothing_is_on_its_way(workshop)
    assert len(objects(workshop)) == taken
    assert (await workshop.sweeper().sweep()).uploads == 1
    assert (await rows(workshop), objects(workshop)) == ([], set())


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"plain text", "can be uploaded"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "can be uploaded"),
        (b"%PDF-1.7\n", "can be uploaded"),
        (image_bytes(320, 320, "BMP"), "can be uploaded"),
    ],
    ids=["empty", "text", "svg", "pdf", "bmp"],
)
async def test_what_is_empty_or_of_another_kind_is_refused(workshop: Workshop, content: bytes, problem: str) -> None:
    with pytest.raises(InvalidRequest, match=problem):
        await keep(workshop, content)
    assert (await rows(workshop), objects(workshop)) == ([], set())


# ── as many as the account may ──


async def test_an_account_keeps_as_many_files_as_its_group_may(workshop_on_each: Workshop) -> None:
    caller = await new_caller(workshop_on_each.database, "a", group=Group("few", max_files=2))
    for _ in range(2):
        await keep(workshop_on_each, caller=caller)
    with pytest.raises(FileQuotaExceeded):
        async with workshop_on_each.uploads.incoming(caller):
            raise AssertionError("it is refused before it comes in")
    await keep(workshop_on_each)  # others may
    async with workshop_on_each.database.write() as connection:
        mine = UploadedFile.account_id == caller.account_id
        await connection.execute(update(UploadedFile).where(mine).values(expires=1.0))
    await keep(workshop_on_each, caller=caller)


async def test_a_file_that_comes_in_beside_the_last_one_is_refused_and_leaves_nothing(
    workshop_on_each: Workshop,
) -> None:
    caller = await new_caller(workshop_on_each.database, "a", group=Group("one", max_files=1))
    async with workshop_on_each.uploads.incoming(caller) as path:
        path.write_bytes(PICTURE)
        first = await keep(workshop_on_each, caller=caller)
        with pytest.raises(FileQuotaExceeded):
            await workshop_on_each.uploads.keep(caller, path, name=None, original_name="b.png", folder=None)
    assert await rows(workshop_on_each) == [first.id]
    assert objects(workshop_on_each) == {f"{first.id}.png"}


async def test_a_file_that_does_not_come_in_leaves_no_folder(workshop: Workshop) -> None:
    async def break_off() -> None:
        async with workshop.uploads.incoming(workshop.caller) as path:
            path.write_bytes(b"half of")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    assert nothing_is_on_its_way(workshop)


# ── from the web ──


async def test_a_file_is_fetched_from_a_url_and_named_as_there(workshop: Workshop) -> None:
    workshop.web.files["https://files.example/folder/cat.png?size=2"] = PICTURE
    async with workshop.uploads.incoming(workshop.caller) as path:
        name = await workshop.uploads.fetch("https://files.example/folder/cat.png?size=2", path, field="file_url")
        assert (name, path.read_bytes()) == ("cat.png", PICTURE)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://files.example/gone.png", r"file_url \(files\.example\): the host answered 404"),
        ("https://files.example/large.mp4", r"file_url \(files\.example\): it is larger than 100 MB"),
        ("https://[::bad/x", "file_url: must be an absolute http or https URL"),
        ("https://files.example/\x00", "file_url: must be an absolute http or https URL"),
    ],
)
async def test_what_cannot_be_fetched_is_told_by_its_field_and_host(
    workshop: Workshop, tmp_path: Path, url: str, problem: str
) -> None:
    too_large = f"it is larger than {MAX_UPLOAD_BYTES / 2**20:g} MB"
    workshop.web.files["https://files.example/large.mp4"] = FetchError(too_large)
    with pytest.raises(InvalidRequest, match=problem):
        await workshop.uploads.fetch(url, tmp_path / "file", field="file_url")


# ── removing ──


async def test_a_file_is_removed_with_its_object(workshop_on_each: Workshop) -> None:
    gone, stays = await keep(workshop_on_each), await keep(workshop_on_each)
    await workshop_on_each.uploads.remove(workshop_on_each.caller, gone.id)
    assert await rows(workshop_on_each) == [stays.id]
    assert objects(workshop_on_each) == {f"{stays.id}.png"}


async def test_what_the_store_does_not_remove_is_not_forgotten(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await keep(workshop)

    async def fail(keys: object) -> None:
        raise StorageError("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(workshop.tools.storage, "remove", fail)
        with pytest.raises(StorageError):
            await workshop.uploads.remove(workshop.caller, record.id)
    assert await rows(workshop) == [record.id]
    await workshop.uploads.remove(workshop.caller, record.id)
    assert (await rows(workshop), objects(workshop)) == ([], set())


async def test_nobody_removes_what_is_not_theirs_or_is_not_there(workshop_on_each: Workshop) -> None:
    record = await keep(workshop_on_each)
    other = await new_caller(workshop_on_each.database, "other")
    for caller, file_id in ((other, record.id), (workshop_on_each.caller, "file-unknown")):
        with pytest.raises(FileNotFound):
            await workshop_on_each.uploads.remove(caller, file_id)
    assert objects(workshop_on_each) == {f"{record.id}.png"}
