"""The MCP server `seedance-mcp-server`, which speaks Ark."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from steps import ADDRESS, KEY, PICTURE, PROMPT, check, step

from agents import with_server

MODEL = "doubao-seedance-2-0-mini-260615"
ASKED = {"prompt": PROMPT, "model": MODEL, "duration": 4, "resolution": "480p"}


def steps(call):
    def created():
        answer = call("create_video_task", **ASKED, ratio="16:9")
        check(answer["success"], answer)
        return answer["task_id"]

    def ended(task_id):
        for _ in range(300):
            answer = call("get_video_task", task_id=task_id)
            check(answer["success"], answer)
            if answer["status"] not in ("queued", "running"):
                check(answer["status"] == "succeeded" and answer["content"]["video_url"], answer)
                return
            time.sleep(0.2)
        raise AssertionError("it does not end")

    def listed(task_id):
        answer = call("list_video_tasks", status="succeeded", task_ids=[task_id, "task-unified-1-none"], model=MODEL)
        check([item["id"] for item in answer["raw"]["items"]] == [task_id], answer)

    def of_a_picture():
        answer = call("image_to_video", **ASKED, image_path=PICTURE, poll_interval=1)
        check(answer.get("success"), answer)

    def cancelled(task_id):
        answer = call("cancel_video_task", task_id=task_id)
        check(answer["success"] and answer["method"] == "delete", answer)

    def refused():
        answer = call("create_video_task", **{**ASKED, "duration": 3})
        check(not answer["success"] and "duration" in answer["error"], answer)

    task_id = step("create_video_task", created)
    if task_id:
        step("get_video_task until it has succeeded", lambda: ended(task_id))
        step("list_video_tasks with filters", lambda: listed(task_id))
        step("cancel_video_task of one that has ended", lambda: cancelled(task_id))
    step("image_to_video of a file, to its end", of_a_picture)
    step("a wrong duration is told", refused)


with_server(
    [str(Path(sys.executable).with_name("seedance-mcp-server"))],
    {"ARK_BASE_URL": ADDRESS + "/api/v3", "ARK_API_KEY": KEY},
    steps,
)
