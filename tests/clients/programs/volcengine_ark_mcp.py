"""The MCP server `volcengine-ark-mcp`, which speaks Ark."""

from __future__ import annotations

import sys
from pathlib import Path

from steps import ADDRESS, KEY, PICTURE, PROMPT, check, step

from agents import with_server

HERE = Path.cwd() / "made"
ASKED = {"prompt": PROMPT, "model": "seedance-mini", "resolution": "480p", "duration": 4}


def steps(call):
    def delivered(**more):
        answer = call("generate_video", **ASKED, wait=60, **more)
        check(answer["ok"] and answer["job_state"] == "delivered", answer)
        check(b"ftyp" in Path(answer["files"][0]).read_bytes()[:16], answer["files"])

    def resumed():
        task_id = call("generate_video", **ASKED)["task_id"]
        answer = call("get_job", task_id=task_id, wait=60)
        check(answer["completed"] and answer["files"], answer)

    def newest():
        answer = call("generate_video", **{**ASKED, "model": "seedance"}, wait=60)
        check(answer["ok"] and answer["job_state"] == "delivered", answer)

    def refused():
        answer = call("generate_video", **{**ASKED, "model": "no-such-model"})
        check(not answer["ok"] and "no-such-model" in answer["error"], answer)

    step("generate_video, waited for and downloaded", delivered)
    step("generate_video of a first frame that is a file", lambda: delivered(first_frame=PICTURE))
    step("generate_video, found again by its task", resumed)
    step("generate_video of Seedance 2.5, by an alias of this server", newest)
    step("an unknown model is told", refused)


with_server(
    [str(Path(sys.executable).with_name("volcengine-ark-mcp"))],
    {
        "ARK_BASE_URL": ADDRESS + "/api/v3",
        "ARK_API_KEY": KEY,
        "ARK_OUT_DIR": str(HERE),
        "ARK_JOB_DIR": str(HERE / "jobs"),
    },
    steps,
)
