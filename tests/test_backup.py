from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from opendance.backup import restore
from opendance.errors import ConfigurationError
from opendance.private import open_to_others
from opendance.settings import Settings
from tests.conftest import RunningServer, body, start_server, wait_for
from tests.files import image_bytes

BLANK = {"OPENDANCE_ENGINES": "blank"}


def opendance(*words: str | Path, code: int = 0) -> str:
    command = [sys.executable, "-m", "opendance.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_backup_of_a_running_server_becomes_the_same_server_again(
    new_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    server, file = new_server(**BLANK, OPENDANCE_BLANK_SECONDS="1"), tmp_path / "opendance.tar"
    with server.client() as client:
        client.post(
            "/api/v1/files/upload/base64", json={"base64_data": base64.b64encode(image_bytes(320, 320)).decode()}
        )
        task_id = client.post("/v1/videos/generations", json=body()).json()["id"]
        while not list((server.data_dir / "work").glob("task-*/*")):
            time.sleep(0.01)
        assert list(open_to_others(server.data_dir)) == [], "while it works"
        task = wait_for(client, task_id)
        assert client.get(f"/v1/tasks/{task_id}/poster").status_code == 307  # its pictures are there
        credits_ = client.get("/v1/credits").json()
        assert "1 tasks, 5 objects" in opendance("backup", file, "--data-dir", server.data_dir)
        later = wait_for(client, client.post("/v1/videos/generations", json=body()).json()["id"])
    video = httpx.get(task["results"][0]).content
    assert file.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert "stop it first" in opendance("restore", file, "--data-dir", server.data_dir, code=2)
    server.stop()
    assert "holds an installation" in opendance("restore", file, "--data-dir", server.data_dir, code=2)

    opendance("restore", file, "--data-dir", tmp_path / "again")
    again = start_server(tmp_path / "again", server.key, **BLANK)
    try:
        with again.client() as client:
            assert client.get(f"/v1/tasks/{task['id']}").json() == task
            assert [one["id"] for one in client.get("/v1/tasks", params={"search": "cat"}).json()["data"]] == [
                task["id"]
            ]
            assert client.get("/v1/credits").json() == credits_
            assert client.get(f"/v1/tasks/{later['id']}").status_code == 404
            link = urlsplit(task["results"][0])
            assert client.get(f"{link.path}?{link.query}").content == video
        names = {path.name for path in (tmp_path / "again").iterdir()}
        assert {"opendance.sqlite3", "opendance.sqlite3-wal", "objects", "server.lock"} <= names
        for folder in (server.data_dir, tmp_path / "again"):
            assert list(open_to_others(folder)) == []
    finally:
        again.stop()


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    data = folder / "data"
    opendance("migrate", "up", "--data-dir", data)
    opendance("keys", "create", "--name", "x", "--data-dir", data)
    (data / "objects").mkdir()
    (data / "objects" / "a.mp4").write_bytes(bytes(50_000))
    opendance("backup", folder / "good.tar", "--data-dir", data)
    return folder / "good.tar"


@pytest.mark.parametrize("cut", [0.02, 0.5, 0.95])
def test_a_part_of_a_backup_is_refused_and_leaves_nothing(backup: Path, tmp_path: Path, cut: float) -> None:
    whole = backup.read_bytes()
    (tmp_path / "part.tar").write_bytes(whole[: int(len(whole) * cut)])
    assert "no backup" in opendance("restore", tmp_path / "part.tar", "--data-dir", tmp_path / "new", code=2)
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    opendance("restore", tmp_path / "part.tar", "--data-dir", tmp_path / "mine", code=2)
    assert (tmp_path / "mine" / "notes.txt").exists(), "a folder that was there stays"


def changed(backup: Path, target: Path, name: str, content: bytes) -> Path:
    with tarfile.open(backup) as old, tarfile.open(target, "w") as new:
        for entry in old:
            if entry.name != name:
                new.addfile(entry, old.extractfile(entry))
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        new.addfile(entry, io.BytesIO(content))
    return target


def test_a_backup_of_a_newer_version_is_refused(backup: Path, tmp_path: Path) -> None:
    about = {"version": "99.0", "schema": "9999", "created": 1, "tasks": 0, "objects": 0, "bytes": 0}
    file = changed(backup, tmp_path / "new.tar", "opendance-backup.json", json.dumps(about).encode())
    assert "made by Opendance 99.0" in opendance("restore", file, "--data-dir", tmp_path / "new", code=2)


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


@pytest.mark.parametrize(
    "entries",
    [
        [entry("../evil")],
        [entry("/tmp/evil")],
        [entry("objects/../../evil")],
        [entry("objects//evil")],
        [entry("objects")],
        [entry("evil")],
        [entry("server.json")],
        [entry("objects/evil", tarfile.SYMTYPE, "../../..")],
        [entry("objects/evil", tarfile.LNKTYPE, "opendance.sqlite3")],
        [entry("objects/evil", tarfile.CHRTYPE)],
        [entry("objects/evil", tarfile.FIFOTYPE)],
        [entry("objects/evil", tarfile.DIRTYPE)],
        [entry("objects/evil", tarfile.GNUTYPE_SPARSE)],
        [entry("objects/a", tarfile.SYMTYPE, "../.."), entry("objects/a/evil")],
        [entry("objects/twice"), entry("objects/twice")],
        [entry("objects/a"), entry("objects/a/b")],
    ],
    ids=lambda entries: f"{entries[-1].name} {entries[0].type.decode()}",
)
def test_a_backup_holds_only_files_that_it_may_have(
    backup: Path, tmp_path: Path, entries: list[tarfile.TarInfo]
) -> None:
    with tarfile.open(backup) as good, tarfile.open(tmp_path / "evil.tar", "w") as evil:
        for one in good:
            evil.addfile(one, good.extractfile(one))
        for one in entries:
            evil.addfile(one)
    settings = Settings(data_dir=tmp_path / "new" / "deep")
    with pytest.raises(ConfigurationError, match=r"is no backup|cannot be unpacked"):
        restore(settings, tmp_path / "evil.tar")
    assert not list((tmp_path / "new").rglob("*")), "not even the folder that was made for it"
    assert not list(tmp_path.rglob("evil"))


def test_what_is_no_backup_and_what_cannot_be_backed_up_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"no")
    assert "no backup" in opendance("restore", tmp_path / "x.tar", "--data-dir", tmp_path / "new", code=2)
    assert "no installation" in opendance("backup", tmp_path / "y.tar", "--data-dir", tmp_path / "empty", code=2)
    assert not (tmp_path / "y.tar").exists()
