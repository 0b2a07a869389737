"""The official SDK of either cloud, whichever is installed: `volcengine-ark-runtime` or `byteplus-python-sdk-v2`."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import re
import time
from pathlib import Path

import httpx
from steps import ADDRESS, BROKEN_ADDRESS, BROKEN_KEY, KEY, PICTURE, PROMPT, Counting, check, step

DOCS = Path(__file__).parents[3] / "docs" / "ark.md"
CHINA = importlib.util.find_spec("volcenginesdkarkruntime") is not None
MODEL = ("doubao" if CHINA else "dreamina") + "-seedance-2-0-mini-260615"
Ark = importlib.import_module("volcenginesdkarkruntime" if CHINA else "byteplussdkarkruntime").Ark
errors = importlib.import_module(Ark.__module__.partition(".")[0] + "._exceptions")
sent = Counting()
ASKED = {"model": MODEL, "content": [{"type": "text", "text": PROMPT}], "resolution": "480p", "duration": 4}
FRAME = "data:image/png;base64," + base64.b64encode(Path(PICTURE).read_bytes()).decode()


def connected(address, key):
    http = httpx.Client(event_hooks={"request": [sent]}, timeout=60)
    return Ark(base_url=address + "/api/v3", api_key=key, http_client=http).content_generation.tasks


tasks = connected(ADDRESS, KEY)


def ended(task_id):
    for _ in range(600):
        task = tasks.get(task_id=task_id)
        if task.status not in ("queued", "running"):
            return task
        time.sleep(0.2)
    raise AssertionError("it does not end")


def made(task_id):
    task = ended(task_id)
    check((task.status, task.model, task.duration) == ("succeeded", MODEL, 4), task)
    check(task.usage.completion_tokens == 40176, task.usage)
    check(b"ftyp" in httpx.get(task.content.video_url, follow_redirects=True).content[:16], "no MP4")


def from_a_frame():
    frame = {"type": "image_url", "image_url": {"url": FRAME}, "role": "first_frame"}
    asked = {**ASKED, "content": [*ASKED["content"], frame]}
    task = ended(tasks.create(**asked, return_last_frame=True).id)
    check(task.status == "succeeded", task)
    check(httpx.get(task.content.last_frame_url, follow_redirects=True).content[1:4] == b"PNG", "no PNG")
    return task.id


def listed(*ids):
    page = tasks.list(page_num=1, page_size=10, status="succeeded", model=MODEL)
    check(set(ids) <= {item.id for item in page.items} and page.total >= len(ids), page)
    check({item.id for item in tasks.list(task_ids=list(ids)).items} == set(ids), "not by their ids")


def deleted(task_id):
    tasks.delete(task_id=task_id)
    refused(lambda: tasks.get(task_id=task_id), errors.ArkNotFoundError, "ResourceNotFound")


def refused(call, kind, code):
    before = sent.requests
    try:
        call()
    except kind as error:
        check(sent.requests - before == 1, f"{sent.requests - before} requests")
        check(error.code == code, error.code)
        return
    raise AssertionError("no error")


def conflict():
    headers = {"Idempotency-Key": f"clients-{MODEL}"}
    tasks.create(**ASKED, extra_headers=headers)
    again = {**ASKED, "duration": 5}
    refused(lambda: tasks.create(**again, extra_headers=headers), errors.ArkAPIStatusError, "OperationDenied")


task_id = step("tasks.create", lambda: tasks.create(**ASKED).id)
if task_id:
    step("tasks.get until it has succeeded, and its video", lambda: made(task_id))
if CHINA:
    [program] = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    step("the program of docs/ark.md", lambda: exec(program, {}))
framed = step("tasks.create with a data: URL, and its last frame", from_a_frame)
if task_id and framed:
    step("tasks.list with filters", lambda: listed(task_id, framed))
    step("tasks.delete", lambda: deleted(framed))
step(
    "a wrong duration is an ArkBadRequestError",
    lambda: refused(lambda: tasks.create(**{**ASKED, "duration": 3}), errors.ArkBadRequestError, "InvalidParameter"),
)
step("409 is not sent again", conflict)
broken = connected(BROKEN_ADDRESS, BROKEN_KEY)
step(
    "a creation with 503 is not sent again",
    lambda: refused(lambda: broken.create(**ASKED), errors.ArkInternalServerError, "ServiceUnavailable"),
)
