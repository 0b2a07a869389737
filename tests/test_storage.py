from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from prometheus_client import REGISTRY

from opendance.errors import ConfigurationError, LinkInvalid, StorageError
from opendance.storage import Picture, Storage, open_storage, picture_key, place_of, result_key, task_of
from tests.objects import S3Server, running_s3


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    (tmp_path / "clip").write_bytes(b"film" * 1000)
    return tmp_path / "clip"


@pytest.fixture
async def storage(tmp_path: Path, clip: Path) -> Storage:
    made = open_storage(tmp_path / "objects")
    await made.put("a.mp4", clip, content_type="video/mp4")
    return made


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[S3Server]:
    with running_s3(tmp_path / "s3") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.mark.parametrize("key", ["", "../x", "/etc/passwd", "a/../b", "a//b", ".hidden", "a/.b", "a\x00b"])
async def test_a_key_cannot_leave_the_folder(storage: Storage, clip: Path, tmp_path: Path, key: str) -> None:
    for attempt in (
        storage.put(key, clip, content_type="video/mp4"),
        storage.fetch(key, tmp_path / "out", max_bytes=10**9),
        storage.remove([key]),
    ):
        with pytest.raises(ValueError, match="not an object key"):
            await attempt
    with pytest.raises(ValueError, match="not an object key"):
        storage.local_path(key)


async def test_bytes_are_stored_as_a_file_is(storage: Storage, tmp_path: Path) -> None:
    await storage.put("b.png", b"a picture", content_type="image/png")
    assert (tmp_path / "objects" / "b.png").read_bytes() == b"a picture"


async def test_storing_twice_does_no_harm(storage: Storage, clip: Path, tmp_path: Path) -> None:
    clip.write_bytes(b"again")
    await storage.put("a.mp4", clip, content_type="video/mp4")
    assert (tmp_path / "objects" / "a.mp4").read_bytes() == b"again"
    assert [p.name for p in (tmp_path / "objects").iterdir()] == ["a.mp4"]


async def test_removing_twice_does_no_harm_and_what_is_gone_has_no_link(storage: Storage) -> None:
    await storage.remove(["a.mp4", "never.mp4"])
    await storage.remove(["a.mp4"])
    with pytest.raises(LinkInvalid):
        storage.local_path("a.mp4")


async def test_too_large_an_object_is_not_copied(storage: Storage, tmp_path: Path) -> None:
    assert await storage.fetch("a.mp4", tmp_path / "out", max_bytes=3999) == 4000
    assert not (tmp_path / "out").exists()
    assert await storage.fetch("a.mp4", tmp_path / "out", max_bytes=4000) == 4000
    assert (tmp_path / "out").read_bytes() == b"film" * 1000


async def test_what_is_copied_again_or_over_another_leaves_the_objects_as_they_are(
    storage: Storage, clip: Path, tmp_path: Path
) -> None:
    await storage.put("b.mp4", b"another", content_type="video/mp4")
    for key in ("a.mp4", "a.mp4", "b.mp4"):
        await storage.fetch(key, tmp_path / "out", max_bytes=10**9)
    assert (tmp_path / "out").read_bytes() == b"another"
    assert (tmp_path / "objects" / "a.mp4").read_bytes() == clip.read_bytes()


@pytest.mark.parametrize("url", ["ftp://host/x", "memory:///", "bucket", "http://host/x", "https://example.com/x"])
def test_a_url_of_no_store_is_explained(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"storage_url: .*s3://bucket/folder"):
        open_storage(url)


async def test_a_file_url_is_a_folder(tmp_path: Path, clip: Path) -> None:
    storage = open_storage(f"file://{tmp_path}/far%20away")
    await storage.put("a.mp4", clip, content_type="video/mp4")
    assert (tmp_path / "far away" / "a.mp4").exists()


async def test_s3_takes_gives_signs_and_removes(s3: S3Server, clip: Path, tmp_path: Path) -> None:
    storage = open_storage(s3.url)
    await storage.check()
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 50_000)  # 12.8 MB: in several parts
    await storage.put("task-1.mp4", large, content_type="video/mp4")
    assert (s3.folder / "task-1.mp4").read_bytes() == large.read_bytes()
    assert await storage.fetch("task-1.mp4", tmp_path / "out", max_bytes=10**9) == large.stat().st_size
    assert (tmp_path / "out").read_bytes() == large.read_bytes()
    assert storage.local_path("task-1.mp4") is None

    link, short = await storage.presigned("task-1.mp4", 3600), await storage.presigned("task-1.mp4", 1)
    assert link is not None
    assert short is not None
    async with httpx.AsyncClient() as web:
        answer = await web.get(link)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
        assert answer.content == large.read_bytes()
        assert (await web.get(link, headers={"Range": "bytes=5-9"})).content == bytes(range(5, 10))
        assert (await web.get(link.replace("Signature=", "Signature=0"))).status_code == 403
        assert (await web.get(link.split("?")[0])).is_error
        await asyncio.sleep(2)
        assert (await web.get(short)).is_error, "it has ended"

    await storage.remove(["task-1.mp4", "task-1.mp4"])
    with pytest.raises(FileNotFoundError):
        await storage.fetch("task-1.mp4", tmp_path / "out", max_bytes=10**9)


async def test_a_store_hands_an_object_out_under_the_name_that_it_was_given(s3: S3Server) -> None:
    storage = open_storage(s3.url)
    for filename, said in (
        ("photo.png", 'inline; filename="photo.png"'),
        ('höli "day".png', "inline; filename*=utf-8''h%C3%B6li%20%22day%22.png"),
    ):
        await storage.put("uploads/file-1.png", b"a picture", content_type="image/png", filename=filename)
        async with httpx.AsyncClient() as web:
            answer = await web.get(str(await storage.presigned("uploads/file-1.png", 60)))
        assert (answer.headers["content-disposition"], answer.content) == (said, b"a picture")


async def test_users_get_links_to_the_address_that_they_reach(s3: S3Server) -> None:
    storage = open_storage(s3.url, public_endpoint="https://videos.example.com")
    link = await storage.presigned("task-1.mp4", 60)
    assert link is not None
    assert link.startswith("https://videos.example.com/videos/opendance/task-1.mp4?")


async def test_a_store_that_is_away_or_refuses_is_told(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageError, match=r"403|privileges|forbidden"):
        await open_storage(s3.url).check()
    s3.stop()
    # Its tries may be over before the time is.
    with pytest.raises(StorageError, match=r"within 3 s|Error performing HEAD"):
        await open_storage(s3.url).check()


async def test_links_of_the_store_are_known_by_their_place_whoever_signed_them_and_when(s3: S3Server) -> None:
    storage = open_storage(s3.url)
    link = await storage.presigned("task-1.mp4", 60)
    assert link is not None
    place = link.partition("?")[0]
    for ours in (link, place, f"{place}?X-Amz-Signature=of-yesterday"):
        assert await storage.leads_to(ours, "task-1.mp4")
    for other in (
        place.replace("task-1", "task-2"),
        "https://elsewhere.example/videos/opendance/task-1.mp4",
        "http://[",
    ):
        assert not await storage.leads_to(other, "task-1.mp4")


async def test_a_folder_has_no_links_of_its_own(storage: Storage) -> None:
    assert not await storage.leads_to("https://elsewhere.example/a.mp4", "a.mp4")
    assert place_of("http://[") is None


async def test_azure_and_google_sign_links_that_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Signing needs no network; whether the clouds take it only they can tell."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "films")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"k" * 64).decode())
    before = int(time.time())
    link = await open_storage("az://videos/opendance").presigned("task-1.mp4", 24 * 3600)
    after = time.time()
    assert link is not None
    url = urlsplit(link)
    assert (url.hostname, url.path) == ("films.blob.core.windows.net", "/videos/opendance/task-1.mp4")
    ends = datetime.fromisoformat(parse_qs(url.query)["se"][0]).timestamp()
    assert before <= ends - 24 * 3600 <= after

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    account = {"private_key": pem.decode(), "private_key_id": "1", "client_email": "a@b.iam.gserviceaccount.com"}
    (tmp_path / "account.json").write_text(json.dumps(account | {"disable_oauth": False}))
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    link = await open_storage("gs://videos/opendance").presigned("task-1.mp4", 24 * 3600)
    assert link is not None
    assert link.startswith("https://storage.googleapis.com/videos/opendance/task-1.mp4?")
    assert parse_qs(urlsplit(link).query)["X-Goog-Expires"] == ["86400"]


# ── names ──


def test_videos_and_pictures_are_named_after_their_task() -> None:
    task_id = "task-unified-1774857405-abc123"
    keys = [result_key(task_id), *(picture_key(task_id, picture) for picture in Picture)]
    assert [key.removeprefix(task_id) for key in keys] == [".mp4", ".poster.webp", ".strip.webp", ".last-frame.png"]
    assert {task_of(key) for key in keys} == {task_id}


@pytest.mark.parametrize(
    "key",
    ["", "task-unified-1774857405-abc123", "task-unified-1774857405-abc123.mov", "task-1.mp4", "holiday.mp4",
     "task-unified-1774857405-abc123.mp4.mp4", "uploads/file-1.mp4"],
)  # fmt: skip
def test_other_names_are_of_no_task(key: str) -> None:
    assert task_of(key) is None


def asked_of(operation: str) -> dict[str, float]:
    """How often the store was asked for this, by outcome, and how many times were taken."""
    outcomes = ("done", "missing", "failed")
    told = {
        outcome: REGISTRY.get_sample_value(
            "opendance_store_requests_total", {"operation": operation, "outcome": outcome}
        )
        for outcome in outcomes
    }
    told["timed"] = REGISTRY.get_sample_value("opendance_store_seconds_count", {"operation": operation})
    return {name: value or 0.0 for name, value in told.items()}


async def test_requests_are_counted_by_their_outcome(storage: Storage, tmp_path: Path) -> None:
    before = {name: asked_of(name) for name in ("put", "fetch", "size", "remove", "check", "list")}
    await storage.put("b.mp4", b"x", content_type="video/mp4")
    with pytest.raises(StorageError):
        await storage.put("c.mp4", tmp_path / "nowhere", content_type="video/mp4")
    await storage.fetch("b.mp4", tmp_path / "out", max_bytes=10)
    with pytest.raises(FileNotFoundError):
        await storage.fetch("d.mp4", tmp_path / "out", max_bytes=10)
    assert await storage.size("d.mp4") is None
    await storage.remove(["b.mp4"])
    await storage.check()
    await storage.old_keys("", before=0)
    more = {
        name: {outcome: value - before[name][outcome] for outcome, value in asked_of(name).items()} for name in before
    }
    assert more == {
        "put": {"done": 1, "missing": 0, "failed": 1, "timed": 2},
        "fetch": {"done": 1, "missing": 1, "failed": 0, "timed": 2},
        "size": {"done": 0, "missing": 1, "failed": 0, "timed": 1},
        "remove": {"done": 1, "missing": 0, "failed": 0, "timed": 1},
        "check": {"done": 1, "missing": 0, "failed": 0, "timed": 1},
        "list": {"done": 1, "missing": 0, "failed": 0, "timed": 1},
    }
