"""opendance engines get and remove, by the hub's own client, from a hub on loopback to an engine that is set up."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Generator
from pathlib import Path

import pytest

pytest.importorskip("diffusers", reason="the extra gpu is not installed; make test-engines installs it")

from opendance.engines.registry import load_engine
from tests.engines.diffusers.hub import Hub, running_hub
from tests.engines.diffusers.tiny_rows import save_wan2_1_1_3b

TEXT, VACE = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "Wan-AI/Wan2.1-VACE-1.3B-diffusers"
LARGE = "text_encoder/model.safetensors"


@pytest.fixture
def hub(tmp_path: Path) -> Generator[Hub]:
    made = save_wan2_1_1_3b(tmp_path / "hub")
    for name in ("transformer/diffusion_pytorch_model.fp16.safetensors", "demo.mp4", "original.pth", "README.md"):
        (Path(made["weights"]) / name).write_bytes(b"not what loading reads")
    with running_hub({TEXT: Path(made["weights"]), VACE: Path(made["reference_weights"])}) as made_hub:
        yield made_hub


def told(hub: Hub, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*words, "--data-dir", str(folder / "data"), "--config", str(folder / "opendance.toml")]
    (folder / "opendance.toml").touch()
    return subprocess.run(
        [sys.executable, "-m", "opendance", "engines", *command],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "cache"), "COLUMNS": "200"},
    )  # fmt: skip


def get(hub: Hub, folder: Path) -> subprocess.CompletedProcess[str]:
    return told(hub, folder, "get", "wan2_1_1_3b", "--accept-licence")


def test_two_commands_lead_from_nothing_to_an_engine_that_loads_and_a_third_back(hub: Hub, tmp_path: Path) -> None:
    refused = told(hub, tmp_path, "get", "wan2_1_1_3b")
    assert refused.returncode == 1
    assert "Wan 2.1 1.3B: Apache-2.0 (README of Wan-Video/Wan2.1)" in refused.stdout
    assert f"{TEXT}: its card states apache-2.0" in refused.stdout
    assert not hub.served, "nothing may be fetched before the licence is accepted"

    # What breaks off again and again ends, and keeps what came; the same command goes on behind it.
    hub.breaks[LARGE] = 0
    broken = get(hub, tmp_path)
    assert broken.returncode == 1
    assert "broke off" in broken.stderr
    assert "the same command goes on with it" in broken.stderr
    hub.breaks[LARGE] = 30_000
    hub.served.clear()
    assert get(hub, tmp_path).returncode == 0
    begins = [begin for path, begin in hub.served if path == LARGE]
    assert begins == [*range(0, begins[-1] + 1, 30_000), *begins[begins.index(begins[-1]) + 1 :]]
    assert len(begins) > 2

    table = tomllib.loads((tmp_path / "opendance.toml").read_text())["engine"]["wan2_1_1_3b"]
    weights = Path(table["weights"])
    assert not list(weights.rglob("*.part"))
    assert {file.name for file in weights.iterdir() if file.is_file()} == {"model_index.json", "README.md"}
    assert not list(weights.rglob("*fp16*"))
    load_engine("wan2_1_1_3b", {**table, "offline": True}).warm()

    # All of it is there: nothing comes again. A damaged file is noticed, and only that one comes.
    hub.served.clear()
    hub.breaks.clear()
    assert get(hub, tmp_path).returncode == 0
    assert hub.served == []
    file = weights / "vae" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert get(hub, tmp_path).returncode == 0
    assert hub.served == [("vae/diffusion_pytorch_model.safetensors", 0)]

    # One that is damaged on its way, twice, is told.
    hub.damaged.add(LARGE)
    (weights / LARGE).unlink()
    damaged = get(hub, tmp_path)
    assert damaged.returncode == 1
    assert f"{LARGE} is damaged" in damaged.stderr
    assert not (weights / LARGE).exists()

    removed = told(hub, tmp_path, "remove", "wan2_1_1_3b")
    assert removed.returncode == 0
    assert not weights.exists()
    assert "GB of weights are deleted" in removed.stdout
    assert (tmp_path / "opendance.toml").read_text() == ""
    assert "nothing is left of wan2_1_1_3b" in told(hub, tmp_path, "remove", "wan2_1_1_3b").stdout


def test_an_engine_that_has_no_weights_and_a_repository_that_is_not_there_are_told(hub: Hub, tmp_path: Path) -> None:
    assert "previs has no weights to fetch" in told(hub, tmp_path, "get", "previs").stderr
    missing = told(hub, tmp_path, "get", "mochi_1", "--accept-licence")
    assert missing.returncode == 2
    assert "genmo/mochi-1-preview: there is no such repository on the hub" in missing.stderr
