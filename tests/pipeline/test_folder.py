"""Where the files of a task lie: each has a place of its own, and only what lies in this very folder counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from opendance.pipeline.folder import Folder
from opendance.plan import AssetKind
from tests import tasks


@pytest.mark.parametrize(("kind", "form"), [("image", ".png"), ("video", ".mp4"), ("audio", ".wav")])
def test_a_copy_has_the_form_that_engines_read_and_the_source_has_none(
    kind: AssetKind, form: str, tmp_path: Path
) -> None:
    link = tasks.link(kind, "https://files.example/a/../../../etc/passwd?x=.exe", 2)
    folder = Folder(tmp_path)
    assert folder.source(link) == tmp_path / f"{kind}-2.source"
    assert folder.copy(link) == tmp_path / f"{kind}-2{form}"


def test_no_two_files_share_a_place(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    kinds: tuple[AssetKind, ...] = ("image", "video", "audio")
    links = [tasks.link(kind, "https://files.example/same", number) for kind in kinds for number in range(1, 10)]
    places = [folder.clip, folder.signed, *map(folder.source, links), *map(folder.copy, links)]
    assert len(set(places)) == len(places) == 2 + 2 * 27
    assert {place.parent for place in places} == {tmp_path}


def test_it_has_what_lies_there_and_nothing_else(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.has()
    assert not folder.has(folder.clip)
    folder.clip.touch()
    assert folder.has(folder.clip)
    assert folder.has(str(folder.clip))
    assert not folder.has(folder.clip, folder.signed)
    folder.signed.mkdir()  # a folder is no file
    assert not folder.has(folder.signed)


def test_what_lies_in_another_workers_folder_is_not_there(tmp_path: Path) -> None:
    first, second = Folder(tmp_path / "task.1"), Folder(tmp_path / "task.2")
    for folder in (first, second):
        folder.path.mkdir()
        folder.clip.touch()
    (first.path / "below").mkdir()
    (first.path / "below" / "clip.mp4").touch()
    assert first.has(first.clip)
    assert not first.has(second.clip)
    assert not first.has(first.path / "below" / "clip.mp4")


def test_a_folder_that_is_gone_has_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "folder")
    folder.path.mkdir()
    folder.clip.touch()
    shutil.rmtree(folder.path)
    assert not folder.has(folder.clip)
