"""Both clients with a true server, as far as no program of the docs shows it: files, credits, pictures, repetitions."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from opendance.client import AsyncClient, Client, NotFound, StillRunning, Unauthorized
from tests.conftest import RunningServer
from tests.files import image_bytes


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    return server.new_account("clients", credits_="7", kind="test")


@pytest.fixture
def client(server: RunningServer, key: str) -> Generator[Client]:
    with Client(server.address, key) as client:
        yield client


def test_files_are_uploaded_listed_and_deleted(client: Client, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(image_bytes(400, 400))
    file = client.upload(tmp_path / "photo.png", name="other.png")
    assert (file.name, file.mime_type, file.size) == ("other.png", "image/png", (tmp_path / "photo.png").stat().st_size)
    assert file in client.files()
    client.delete_file(file.id)
    assert file not in client.files()


def test_credits_are_those_of_key_and_account(client: Client) -> None:
    told = client.credits()
    assert (told.available, told.of_account, told.used) == (7.0, 7.0, 0.0)


def test_a_video_is_made_of_a_local_file_and_made_again(client: Client, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(image_bytes(400, 400))
    made = client.generate("image 1 moves", images=[tmp_path / "photo.png"], tier="mini", duration=4, quality="480p")
    assert client.picture(made.id)[8:12] == b"WEBP"
    assert client.picture(made.id, "last-frame")[1:4] == b"PNG"
    other = client.again(made.id, {"duration": 5})
    assert client.wait(other.id).duration == 5
    assert [task.id for task in client.tasks(page=1)][:2] == [other.id, made.id]
    with pytest.raises(NotFound):
        client.task(made.id[:-1] + ("a" if made.id[-1] != "a" else "b"))


async def test_an_asynchronous_program_follows_waits_and_gives_up(
    server: RunningServer, key: str, tmp_path: Path
) -> None:
    async with AsyncClient(server.address, key) as client:
        task = await client.start("a cat", tier="mini", duration=4, quality="480p")
        seen = [each.status async for each in client.follow(task.id)]
        assert seen[-1] == "completed"
        await client.download(await client.task(task.id), tmp_path / "cat.mp4")
        assert (tmp_path / "cat.mp4").read_bytes()[4:8] == b"ftyp"
        stuck = await client.start("a cat", simulate="stuck")
        with pytest.raises(StillRunning):
            await client.wait(stuck.id, timeout=0.3)
        await client.cancel(stuck.id)


def test_a_key_of_nobody_is_told(server: RunningServer) -> None:
    with Client(server.address, "od-test-of-nobody") as client, pytest.raises(Unauthorized):
        client.credits()
