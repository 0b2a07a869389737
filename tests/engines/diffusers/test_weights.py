"""Weights on this machine, without the hub and without torch: whose a folder is, and where a file may lie."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from opendance.engines.diffusers.weights import DamagedWeights, HubFile, Listing, fetch, folder_of, is_of


def test_a_folder_whose_name_begins_alike_is_another(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "Lightricks/LTX-2")
    other = folder_of(tmp_path, "Lightricks/LTX-2.5-Diffusers")
    assert not is_of(str(other), folder)
    assert not is_of(f"{other}:lora.safetensors", folder)
    assert all(is_of(value, folder) for value in (str(folder), f"{folder}:lora.safetensors", str(folder / "a.gguf")))


@pytest.mark.parametrize("path", ["../stranger.json", "/etc/stranger.json", "vae/../../stranger.json"])
def test_a_hub_writes_nowhere_but_into_the_folder_of_its_repository(path: str, tmp_path: Path) -> None:
    def bytes_of(*_: Any) -> Any:
        raise AssertionError("nothing may be asked for")

    listing = Listing("owner/name", "c0ffee", (), "")
    with pytest.raises(DamagedWeights, match="which is no file of a repository"):
        fetch(listing, HubFile(path, 3, "", ""), tmp_path / "owner--name", bytes_of, lambda _: None)


def test_a_folder_may_be_named_by_a_way_around(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / ".." / "owner--name"
    (tmp_path / "elsewhere").mkdir()
    folder.mkdir()
    content = b"weights"
    (folder / "model.bin").write_bytes(content)

    def bytes_of(*_: Any) -> Any:
        raise AssertionError("it is there already")

    came: list[int] = []
    file = HubFile("model.bin", len(content), hashlib.sha256(content).hexdigest(), "")
    fetch(Listing("owner/name", "c0ffee", (file,), ""), file, folder, bytes_of, came.append)
    assert came == [len(content)]
