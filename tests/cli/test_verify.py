"""opendance verify, of files that Opendance did not make; tests/provenance has those that it did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Told
from tests.files import image_bytes, video_bytes


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.mp4", "there is no file missing.mp4"), (".", ". is a folder; name a file in it")],
)
def test_a_file_that_is_not_there_is_told(refused: Told, name: str, words: str) -> None:
    assert refused("verify", name) == f"error: {words}"


@pytest.mark.parametrize("content", [b"", b"no video", image_bytes(64, 64)], ids=["empty", "text", "picture"])
def test_what_is_no_video_is_told(refused: Told, folder: Path, content: bytes) -> None:
    (folder / "x.mp4").write_bytes(content)
    assert "error: x.mp4: " in refused("verify", "x.mp4")


def test_a_video_without_a_sign_of_us_is_exit_code_1(run: Run, folder: Path) -> None:
    (folder / "theirs.mp4").write_bytes(video_bytes(320, 240, num_frames=24))
    done = run("verify", "theirs.mp4")
    assert (done.exit_code, done.stderr) == (1, "")
    first, picture, sound = done.stdout.splitlines()
    assert first == "manifest   none in the file"
    assert picture.startswith("picture    no mark")
    assert sound.startswith("sound      no")
    done = run("verify", "theirs.mp4", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["generated"], report["manifest"], report["marks"]["number"]) == (
        1,
        False,
        None,
        None,
    )
