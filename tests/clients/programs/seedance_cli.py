"""The command line `seedance-cli` of zjandrew-seedance-cli, which speaks Ark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

from steps import ADDRESS, KEY, PICTURE, PROMPT, check, step

HERE = Path.cwd() / "made" / uuid.uuid4().hex
COMMAND = [str(Path(sys.executable).with_name("seedance-cli")), "--endpoint", ADDRESS + "/api/v3", "--api-key", KEY]


def run(*arguments):
    env = {**os.environ, "HOME": str(HERE)}
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, cwd=HERE, env=env)


def said(*arguments):
    ran = run(*arguments)
    check(ran.returncode == 0, ran.stdout + ran.stderr)
    return json.loads(ran.stdout)


ASKED = (
    "generate",
    "-p",
    PROMPT,
    "-m",
    "2.0-mini",
    "--resolution",
    "480p",
    "--duration",
    "4",
    "--poll-interval",
    "0.3",
)


def generate(*more):
    return said(*ASKED, *more)


def downloaded():
    generate("--out", "clip.mp4")
    check(b"ftyp" in (HERE / "clip.mp4").read_bytes()[:16], "no MP4")


def of_a_picture():
    generate(
        "--image", f"{PICTURE}:first_frame", "--return-last-frame", "--out", "of.mp4", "--out-last-frame", "of.png"
    )
    check((HERE / "of.png").read_bytes()[1:4] == b"PNG", "no PNG")


def listed(task_id):
    page = said("task", "list", "--model", "doubao-seedance-2-0-mini-260615", "--page-size", "50")["data"]
    check(any(task_id in str(task) for task in page["tasks"]), page)


def refused():
    ran = run(*ASKED, "--execution-expires-after", "5")  # it shows the SDK's error as it is
    check(ran.returncode != 0 and "execution_expires_after" in ran.stdout + ran.stderr, ran)


HERE.mkdir(parents=True)
step("generate --out", downloaded)
step("generate of a first frame that is a file, with the last one", of_a_picture)
begun = step("generate --async", lambda: generate("--async")["data"]["task_id"])
if begun:
    step("task get --wait", lambda: said("task", "get", begun, "--wait", "--out", "later.mp4"))
    step("task list", lambda: listed(begun))
    step("task delete", lambda: said("task", "delete", begun))
step("what is not taken is told", refused)
