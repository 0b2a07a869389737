from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from opendance.errors import ConfigurationError
from opendance.private import make_data_folder, only_for_owner, open_to_others


@pytest.fixture(autouse=True)
def open_handed() -> Generator[None]:
    """As most machines are."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_what_is_made_meanwhile_is_for_its_owner_and_what_is_made_afterwards_is_not(tmp_path: Path) -> None:
    with only_for_owner():
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
    (tmp_path / "after").touch()
    assert modes(tmp_path) == {"file": 0o600, "folder": 0o700, "after": 0o644}


def test_a_data_folder_is_made_closed_and_an_open_one_is_closed(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    make_data_folder(tmp_path / "old")
    make_data_folder(tmp_path / "new")
    assert modes(tmp_path) == {"old": 0o700, "new": 0o700}
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="data_dir: cannot make"):
        make_data_folder(tmp_path / "file" / "below")


def test_what_others_may_use_is_found(tmp_path: Path) -> None:
    with only_for_owner():
        make_data_folder(tmp_path / "data")
        (tmp_path / "data" / "closed").touch()
        (tmp_path / "data" / "link").symlink_to("/etc/passwd")
    assert list(open_to_others(tmp_path / "data")) == []
    (tmp_path / "data" / "deep").mkdir()
    (tmp_path / "data" / "deep" / "open").touch()
    assert sorted(path.name for path in open_to_others(tmp_path / "data")) == ["deep", "open"]
