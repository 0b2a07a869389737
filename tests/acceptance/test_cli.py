"""The command line as a whole: processes, as users start them. What each command says is tested in tests/cli."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import RunningServer
from tests.files import audio_bytes, image_bytes, video_bytes


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "opendance.cli", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **environment}
    )
    assert "Traceback" not in done.stderr
    return done


def test_generate_runs_a_server_for_itself(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(image_bytes())
    target = tmp_path / "x.mp4"
    flags = ("--duration", "4", "--quality", "480p", "--no-audio", "--seed", "3", "-o", str(target))
    flags = (*flags, "--data-dir", str(tmp_path / "data"))
    done = run("generate", "wind", "--image", str(tmp_path / "photo.png"), *flags)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"saved {target}"
    assert target.stat().st_size > 10_000
    (made,) = json.loads(run("usage", "--json", "--data-dir", str(tmp_path / "data")).stdout)
    assert made["tasks"] == 1, "it is there for other commands"


def test_generate_uses_a_running_server(server: RunningServer, tmp_path: Path) -> None:
    target = tmp_path / "x.mp4"
    flags = ("--duration", "4", "--quality", "480p", "--model", "seedance-2.0-mini-text-to-video", "-o", str(target))
    done = run("generate", "a dog", *flags, OPENDANCE_BASE_URL=server.address, OPENDANCE_API_KEY=server.key)
    assert (done.returncode, done.stdout) == (0, f"saved {target}\n"), done.stderr


def test_generate_uploads_local_files_by_itself(server: RunningServer, tmp_path: Path) -> None:
    files = {"photo.png": image_bytes(), "clip.mp4": video_bytes(960, 540), "music.mp3": audio_bytes(3, kind="mp3")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    given = [f"--{kind}={tmp_path / name}" for kind, name in zip(("image", "video", "audio"), files, strict=True)]
    flags = ("--duration", "4", "--quality", "480p", "--model", "seedance-2.0-mini-reference-to-video", "-o", str(tmp_path / "x.mp4"))  # fmt: skip
    prompt = "image 1 as the setting, the camera of video 1, audio 1 as background music"
    done = run("generate", prompt, *given, *flags, OPENDANCE_BASE_URL=server.address, OPENDANCE_API_KEY=server.key)
    assert (done.returncode, done.stdout) == (0, f"saved {tmp_path / 'x.mp4'}\n"), done.stderr
    with server.client() as client:
        uploaded = client.get("/api/v1/files/list").json()["data"]["files"]
    assert {file["original_name"] for file in uploaded} >= set(files)


def test_a_port_that_is_taken_is_told(server: RunningServer, tmp_path: Path) -> None:
    port = server.address.rsplit(":", 1)[1]
    done = run("serve", "--port", port, "--data-dir", str(tmp_path / "d"))
    assert done.returncode == 2
    assert "choose another --port" in done.stderr


def test_the_version_is_shown() -> None:
    assert run("--version").stdout.startswith("opendance ")
