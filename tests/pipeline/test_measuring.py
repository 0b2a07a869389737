"""What is measured of uploads, and their pictures; both settle, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from opendance.errors import NotFound, NotReady, TaskError
from opendance.pipeline import measuring
from opendance.pipeline.measuring import Measurer
from opendance.storage import UPLOADS, thumb_key
from opendance.store.files import FileRecord, end_file, read_file
from tests.files import image_bytes, video_bytes
from tests.workshop import Workshop

CLIP = video_bytes(num_frames=50)


@pytest.fixture
async def measurer(workshop: Workshop) -> AsyncGenerator[Measurer]:
    made = Measurer(workshop.database, workshop.tools.storage, workshop.work_dir)
    yield made
    await made.close()


async def uploaded(workshop: Workshop, content: bytes = CLIP) -> FileRecord:
    async with workshop.uploads.incoming(workshop.caller) as path:
        path.write_bytes(content)
        return await workshop.uploads.keep(workshop.caller, path, name=None, original_name="a", folder=None)


async def media_of(workshop: Workshop, file: FileRecord) -> dict[str, Any] | None:
    async with workshop.database.read() as connection:
        now = await read_file(connection, file.account_id, file.id)
    return None if now is None else now.media


async def test_a_video_of_which_no_picture_can_be_made_is_measured_all_the_same(
    workshop: Workshop, measurer: Measurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise TaskError("invalid_video", "there are no frames in its video")

    monkeypatch.setattr(measuring, "pictures_of", fail)
    file = await uploaded(workshop)
    with pytest.raises(NotFound):
        await measurer.thumb(file)
    media = await media_of(workshop, file)
    assert media is not None
    assert (media["kind"], media["thumb"]) == ("video", False)


async def test_a_video_whose_object_is_gone_has_no_picture(workshop: Workshop, measurer: Measurer) -> None:
    file = await uploaded(workshop)
    await workshop.tools.storage.remove([file.key])
    with pytest.raises(NotFound):
        await measurer.thumb(file)


async def test_a_video_that_ends_while_it_is_measured_leaves_no_picture(
    workshop: Workshop, measurer: Measurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, put = await uploaded(workshop), workshop.tools.storage.put

    async def end_before(key: str, source: Path | bytes, **how: Any) -> None:
        await put(key, source, **how)
        async with workshop.database.write() as connection:
            await end_file(connection, file.account_id, file.id)

    monkeypatch.setattr(workshop.tools.storage, "put", end_before)
    with pytest.raises(NotFound):
        await measurer.thumb(file)
    assert not (workshop.folder / "objects" / thumb_key(file.key)).exists()
    assert {path.name for path in (workshop.folder / "objects" / UPLOADS).iterdir()} == {Path(file.key).name}


async def test_a_check_does_not_wait_behind_pictures_of_which_there_is_a_bound(
    workshop: Workshop, measurer: Measurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, picture = [await uploaded(workshop) for _ in range(3)], await uploaded(workshop, image_bytes(320, 320))
    monkeypatch.setattr(measuring, "_MOST_WAITING", 2)
    fetch, opened = workshop.tools.storage.fetch, asyncio.Event()

    async def slow(key: str, target: Path, **how: Any) -> int:
        if key != picture.key:
            await opened.wait()
        return await fetch(key, target, **how)

    monkeypatch.setattr(workshop.tools.storage, "fetch", slow)
    first, second = (asyncio.create_task(measurer.thumb(file)) for file in videos[:2])
    await asyncio.sleep(0.1)
    with pytest.raises(NotReady):
        await measurer.thumb(videos[2])
    await measurer.ensure([picture])
    assert await media_of(workshop, picture) is not None
    opened.set()
    assert [await first, await second] == [thumb_key(file.key) for file in videos[:2]]
