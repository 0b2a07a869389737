"""What a build packs: the drawings of two packages in one file, once a checkout, and none that are not expected."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from opendance.drawings import packing
from opendance.drawings.packaged import PackagedDrawings
from opendance.drawings.packing import FILE, NotPacked, Package, is_packed, pack, pack_or_say

ICONS = {
    "prefix": "x",
    "width": 32,
    "height": 32,
    "icons": {
        "cat": {"body": "<path d='M0 0'/>"},
        "wide": {"body": "<g/>", "width": 40},
        "boy": {"body": "<b/>"},
        "boy-dark": {"body": "<b/>"},
        "boy-medium-dark": {"body": "<b/>"},
        "car": {"body": "<c/>"},
        "car-light": {"body": "<l/>"},
    },
    "aliases": {"kitty": {"parent": "cat"}, "turned": {"parent": "cat", "hFlip": True}},
}


class Registry:
    """Archives as npm packs them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.folder = folder
        content = json.dumps(ICONS).encode()
        with tarfile.open(folder / "archive.tgz", "w:gz") as files:
            member = tarfile.TarInfo("package/icons.json")
            member.size = len(content)
            files.addfile(member, io.BytesIO(content))
        digest = b64encode(hashlib.sha512((folder / "archive.tgz").read_bytes()).digest()).decode()
        packages = tuple(replace(package, sha512=digest) for package in packing.PACKAGES)
        monkeypatch.setattr(packing, "PACKAGES", packages)

    def fetch(self, _package: Package, _scratch: Path) -> Path:
        self.asked += 1
        return self.folder / "archive.tgz"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    return Registry(tmp_path, monkeypatch)


def test_drawings_of_both_packages_are_packed_as_whole_svgs(registry: Registry, tmp_path: Path) -> None:
    pack(tmp_path / "packed", registry.fetch)
    drawings = PackagedDrawings(tmp_path / "packed" / FILE)
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    assert drawings.svg("fluent", "cat") == drawings.svg("noto", "kitty") == f"{head}<path d='M0 0'/></svg>"
    assert 'viewBox="0 0 40 32"' in str(drawings.svg("fluent", "wide"))
    assert drawings.names("fluent") == {"cat", "kitty", "wide", "boy", "car", "car-light"}, (
        "no colours of skin, nothing mirrored"
    )


def test_a_checkout_is_packed_once_and_again_when_versions_change(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packed"
    assert not is_packed(folder)
    pack(folder, registry.fetch)
    pack(folder, registry.fetch)
    assert (registry.asked, is_packed(folder)) == (2, True)
    newer = tuple(replace(package, version="2") for package in packing.PACKAGES)
    monkeypatch.setattr(packing, "PACKAGES", newer)
    assert not is_packed(folder)
    pack(folder, registry.fetch)
    assert registry.asked == 4


def test_an_archive_with_another_hash_is_refused(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "archive.tgz").write_bytes(b"another one")
    with pytest.raises(NotPacked, match="has the sha512"):
        pack(tmp_path / "packed", registry.fetch)
    assert not (tmp_path / "packed").exists()


def test_a_build_without_a_registry_says_in_one_sentence_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_registry() -> None:
        raise NotPacked("npm says: network is unreachable")

    monkeypatch.delenv(packing.OFFLINE, raising=False)
    monkeypatch.setattr(packing, "pack", no_registry)
    with pytest.raises(SystemExit) as ended:
        pack_or_say()
    assert "network is unreachable" in str(ended.value)
    assert "set OPENDANCE_BUILD_OFFLINE=1 to build with our own drawings and stand-ins alone" in str(ended.value)
    monkeypatch.setenv(packing.OFFLINE, "1")
    pack_or_say()


def test_where_nothing_is_packed_there_are_no_drawings(tmp_path: Path) -> None:
    drawings = PackagedDrawings(tmp_path / FILE)
    assert drawings.svg("fluent", "cat") is None
    assert not drawings.names("noto")
