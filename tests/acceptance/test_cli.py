from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.conftest import RunningServer, body, wait_for
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
    target = tmp_path / "x.mp4"
    done = run("generate", "a cat", "--duration", "4", "--quality", "480p", "--model", "seedance-2.0-mini-text-to-video", "--no-audio", "--seed", "3", "-o", str(target))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"saved {target}"
    assert target.stat().st_size > 10_000


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


def test_generate_takes_the_model_that_fits_what_is_given(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(image_bytes())
    flags = ("--image", str(tmp_path / "photo.png"), "--quality", "480p", "--duration", "4", "--no-sound")
    done = run("generate", "wind", *flags, "-o", str(tmp_path / "x.mp4"))
    assert done.returncode == 0, done.stderr
    done = run("generate", "image 2 dances", *flags)
    assert done.returncode == 2
    assert "only image 1 is given" in done.stderr


def test_plan_shows_what_each_asset_is_for_and_the_words_that_said_so(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(image_bytes())
    (tmp_path / "clip.mp4").write_bytes(video_bytes(960, 540))
    media = ("--image", str(tmp_path / "photo.png"), "--video", str(tmp_path / "clip.mp4"))
    shown = run("plan", "The first frame is image 1, use the camera work of video 1", *media)
    assert shown.returncode == 0, shown.stderr
    for words in ("first_frame", "The first frame is image 1", "camera", "video 1 is 960 x 540"):
        assert words in shown.stdout
    plan = json.loads(run("plan", "wind", "--frames", "--image", str(tmp_path / "photo.png"), "--json").stdout)
    assert [(use["kind"], use["role"]) for use in plan["assets"]] == [("image", "first_frame")]
    (tmp_path / "bad.png").write_bytes(b"no picture")
    refused = run("plan", "wind", "--image", str(tmp_path / "bad.png"))
    assert refused.returncode == 2
    assert "no JPEG, PNG or WebP" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("generate", "x", "--image", "missing.png"), 2, "there is no file missing.png"),
        (("generate", "x", "--audio", "https://example.com/a.mp3"), 2, "audio alone is not enough"),
        (("plan", "x", "--video", "missing.mp4"), 2, "there is no file missing.mp4"),
        (("generate", ""), 2, "prompt: must not be empty"),
        (("generate", "x", "--duration", "99"), 2, "duration: must be an integer from 4 to 15, not 99"),
        (
            ("generate", "x", "--quality", "1080p", "--model", "seedance-2.0-mini-text-to-video"),
            2,
            "needs a standard model",
        ),
        (("generate", "image 1 dances"), 2, "no images are given"),
        (("generate", "x", "-o", "/nowhere/x.mp4"), 2, "there is no folder"),
        (("generate", "x", "--base-url", "http://127.0.0.1:9"), 2, "needs a key"),
        (("generate", "x", "--base-url", "http://127.0.0.1:9", "--api-key", "k"), 1, "does not answer"),
        (("plan", ""), 2, "must not be empty"),
        (("plan", "x", "--aspect-ratio", "5:4"), 2, "5:4 is not possible"),
        (("serve", "--config", "missing.toml"), 2, "there is no file missing.toml"),
        (("serve", "--port", "99999"), 2, "port"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_a_line(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr.replace("\n", " ")
    assert done.stdout == ""


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path))
    key = run("keys", "create", "--name", "one", *folder).stdout
    assert key.startswith("od-")
    assert key.count("\n") == 1
    listed = json.loads(run("keys", "list", "--json", *folder).stdout)
    assert [(k["name"], k["revoked"]) for k in listed] == [("one", None)]
    assert key.strip() not in json.dumps(listed)
    assert "one" in run("keys", "list", *folder).stdout
    assert run("keys", "revoke", "one", *folder).stdout == f"revoked {listed[0]['id']} (one)\n"
    gone = run("keys", "revoke", "one", *folder)
    assert (gone.returncode, "no active key 'one'" in gone.stderr) == (2, True)
    wrong = run("keys", "create", "--name", "x", "--model", "gpt", *folder)
    assert (wrong.returncode, "there is no gpt" in wrong.stderr) == (2, True)


def test_usage_is_shown_drawn_and_written(server: RunningServer, tmp_path: Path) -> None:
    with server.client() as client:
        wait_for(client, client.post("/v1/videos/generations", json=body()).json()["id"])
    folder = ("--data-dir", str(server.data_dir))
    shown = run("usage", "--by", "day,model", *folder, COLUMNS="160").stdout
    assert "seedance-2.0-mini-text-to-video" in shown
    assert "█" in shown
    rows = json.loads(run("usage", "--by", "model", "--json", *folder).stdout)
    assert all(row["tasks"] >= 1 for row in rows)
    assert run("usage", "--csv", *folder).stdout.startswith("day,tasks,seconds,credits_used,credits_reserved\n")
    picture = tmp_path / "usage.png"
    assert run("usage", "--by", "day,model", "--plot", str(picture), *folder).stdout == f"saved {picture}\n"
    assert cv2.imread(str(picture)).shape[:2] == (600, 1200)
    for wrong, words in (("--by=colour", "colour is not possible"), ("--plot=/nowhere/x.png", "cannot write"), ("--account=x", "no account 'x'")):  # fmt: skip
        refused = run("usage", wrong, *folder)
        assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr


def test_plan_tells_what_it_understood() -> None:
    table = run("plan", "A cat runs through a garden, tracking shot", COLUMNS="160").stdout
    for word in ("cat (run)", "garden", "tracking"):
        assert word in table
    made = json.loads(run("plan", "고양이", "--json").stdout)
    assert made["language"] == "ko"
    assert made["shots"][0]["subjects"][0]["emoji"] == "🐈"


def test_doctor_tells_what_can_run() -> None:
    rows = json.loads(run("doctor", "--json").stdout)
    assert {row["what"]: row["ok"] for row in rows}["engine previs"] is True
    assert "engine previs" in run("doctor", COLUMNS="160").stdout


def test_a_port_that_is_taken_is_told(server: RunningServer, tmp_path: Path) -> None:
    port = server.address.rsplit(":", 1)[1]
    done = run("serve", "--port", port, "--data-dir", str(tmp_path / "d"))
    assert done.returncode == 2
    assert "choose another --port" in done.stderr


def test_the_version_is_shown() -> None:
    assert run("--version").stdout.startswith("opendance ")
