"""An engine that another package brings: the example of docs/engines.md, as pip would install it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from opendance.media.watermark import watermark_in_clip, watermark_of
from tests.conftest import body, start_server, wait_for

EXAMPLE = Path(__file__).parents[2] / "examples" / "engine"


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a Python that has it: what pip leaves is the package and its entry points."""
    entry_points = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]
    about = tmp_path / "site" / "opendance_gradient-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: opendance-gradient\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in table.items()) for group, table in entry_points.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))
    return {"PYTHONPATH": os.pathsep.join([str(EXAMPLE), str(tmp_path / "site")])}


def test_it_serves_what_it_can_and_the_embedded_engine_the_rest(installed: dict[str, str], tmp_path: Path) -> None:
    server = start_server(tmp_path / "data", **installed, OPENDANCE_ENGINE__GRADIENT__HUE="0.1")
    try:
        with server.client() as client:
            made = client.post("/v1/videos/generations", json=body(duration=4, quality="480p")).json()
            task = wait_for(client, made["id"])
        assert (task["status"], task["engine"]) == ("completed", "gradient"), task
    finally:
        server.stop()


@pytest.mark.thorough
def test_what_a_package_does_not_mark_is_marked_for_it(installed: dict[str, str], tmp_path: Path) -> None:
    package = tmp_path / "unmarked" / "opendance_gradient"
    package.mkdir(parents=True)
    source = (EXAMPLE / "opendance_gradient" / "__init__.py").read_text()
    forgetful = source.replace('Finish.of(job, "gradient")', 'Finish(*job.size, job.num_frames, True, "", "gradient")')
    assert forgetful != source
    (package / "__init__.py").write_text(forgetful)
    places = [str(package.parent), *installed["PYTHONPATH"].split(os.pathsep)[1:]]
    server = start_server(tmp_path / "data", PYTHONPATH=os.pathsep.join(places))
    try:
        with server.client() as client:
            made = client.post("/v1/videos/generations", json=body(duration=4, quality="480p")).json()
            task = wait_for(client, made["id"])
            assert (task["status"], task["engine"]) == ("completed", "gradient"), task
            (tmp_path / "clip.mp4").write_bytes(client.get(task["results"][0]).content)
    finally:
        server.stop()
    assert watermark_in_clip(tmp_path / "clip.mp4").number == watermark_of(task["id"])


def test_it_is_listed_and_checked(installed: dict[str, str], tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "opendance.cli", "engines", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **installed})

    (row,) = [row for row in json.loads(run("list", "--json").stdout) if row["name"] == "gradient"]
    assert [place.split()[0] for place in row["serves"]] == [
        f"seedance-2.0{tier}-text-to-video" for tier in ("", "-fast", "-mini")
    ]
    clip = tmp_path / "clip.mp4"
    told = json.loads(run("check", "gradient", "--json", "-o", str(clip)).stdout)
    made = told["clips"][0]["clip"]
    assert made["num_frames"] == 96
    assert clip.stat().st_size == made["bytes"]


def test_the_example_is_as_long_as_the_documentation_says() -> None:
    lines = (EXAMPLE / "opendance_gradient" / "__init__.py").read_text().splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith(("#", '"""'))]
    assert len(code) <= 42
