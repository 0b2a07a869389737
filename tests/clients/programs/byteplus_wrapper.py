"""`byteplus-py`, which wraps the official SDK of BytePlus and computes what a video costs."""

from __future__ import annotations

from byteplus_py import BytePlus
from byteplus_py.errors import BytePlusAPIError
from steps import ADDRESS, KEY, PROMPT, check, step

MODEL = "dreamina-seedance-2-0-fast-260128"
seedance = BytePlus(api_key=KEY, base_url=ADDRESS + "/api/v3").seedance
ASKED = {"model": MODEL, "content": [{"type": "text", "text": PROMPT}], "resolution": "480p", "ratio": "16:9"}


def listed(task):
    page = seedance.list(task_ids=[task.id], status="succeeded")
    check([item.id for item in page.items] == [task.id], page)


def downloaded(task):
    check(b"ftyp" in seedance.download_video(task, output_dir="made", overwrite=True).read_bytes()[:16], "no MP4")


def refused():
    try:
        seedance.submit(**ASKED, duration=3)
    except BytePlusAPIError as error:
        check(error.status_code == 400 and "duration" in str(error), error)
        return
    raise AssertionError("no error")


made = step("seedance.subscribe", lambda: seedance.subscribe(**ASKED, duration=4, interval=0.2))
if made:
    step(
        "its tokens are those that its prices are computed from",
        lambda: check(made.completion_tokens == 40176, made.usage),
    )
    step("seedance.estimate_cost", lambda: check(seedance.estimate_cost(made, input_includes_video=False), "none"))
    step("seedance.list", lambda: listed(made))
    step("seedance.download_video", lambda: downloaded(made))
    step("seedance.delete", lambda: seedance.delete(made.id))
step("a wrong duration is a BytePlusAPIError", refused)
