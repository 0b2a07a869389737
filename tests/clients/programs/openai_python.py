"""The official package `openai` for Python."""

from __future__ import annotations

from pathlib import Path

import openai
from openai import DefaultHttpxClient, OpenAI
from steps import ADDRESS, BROKEN_ADDRESS, BROKEN_KEY, KEY, PICTURE, PROMPT, Counting, check, step

sent = Counting()
client = OpenAI(base_url=ADDRESS + "/v1", api_key=KEY, http_client=DefaultHttpxClient(event_hooks={"request": [sent]}))
ASKED = {"model": "seedance-2.0-mini", "prompt": PROMPT, "seconds": "4", "size": "1280x720"}


def created():
    video = client.videos.create(**ASKED)
    check((video.object, video.status, video.seconds) == ("video", "queued", "4"), video)
    return video


def made_at_once():
    video = client.videos.create_and_poll(**ASKED, input_reference=Path(PICTURE))
    check(video.status == "completed" and video.progress == 100, video)
    return video


def same(video_id):
    video = client.videos.retrieve(video_id)
    check(video.id == video_id and video.prompt == PROMPT, video)


def listed(*ids):
    page = [video.id for video in client.videos.list(limit=1)]  # goes through all pages
    check(set(ids) <= set(page) and len(page) == len(set(page)), page)


def downloaded(video_id, variant, head):
    content = client.videos.download_content(video_id, variant=variant).read()
    check(head in content[:16], content[:16])


def remixed(video_id):
    video = client.videos.remix(video_id, prompt="the cat wears a hat")
    check(video.remixed_from_video_id == video_id, video)
    check(client.videos.poll(video.id).status == "completed", video)


def deleted(video_id):
    answer = client.videos.delete(video_id)
    check((answer.id, answer.deleted) == (video_id, True), answer)
    try:
        client.videos.retrieve(video_id)
    except openai.NotFoundError:
        return
    raise AssertionError("it is still there")


def refused(call, kind, expected):
    before = sent.requests
    try:
        call()
    except kind as error:
        check(sent.requests - before == 1, f"{sent.requests - before} requests")
        check(error.code == expected, error.code)
        return
    raise AssertionError("no error")


def conflict():
    headers = {"Idempotency-Key": "clients-openai-python"}
    client.videos.create(**ASKED, extra_headers=headers)
    again = {**ASKED, "prompt": "a dog"}
    refused(lambda: client.videos.create(**again, extra_headers=headers), openai.ConflictError, "idempotency_conflict")


video = step("videos.create", created)
if video:
    step("videos.retrieve", lambda: same(video.id))
    step("videos.poll", lambda: check(client.videos.poll(video.id).status == "completed", "not completed"))
    step("videos.download_content", lambda: downloaded(video.id, "video", b"ftyp"))
    step("videos.download_content thumbnail", lambda: downloaded(video.id, "thumbnail", b"WEBP"))
    step("videos.download_content spritesheet", lambda: downloaded(video.id, "spritesheet", b"WEBP"))
other = step("videos.create_and_poll with a picture", made_at_once)
if video and other:
    step("videos.list, page by page", lambda: listed(video.id, other.id))
    step("videos.remix", lambda: remixed(video.id))
    step("videos.delete", lambda: deleted(other.id))
step("models.retrieve", lambda: check(client.models.retrieve("seedance-2.0-mini-text-to-video").id, "no id"))
step(
    "a bad size is a BadRequestError",
    lambda: refused(
        lambda: client.videos.create(**{**ASKED, "size": "big"}), openai.BadRequestError, "invalid_request"
    ),
)
step("409 is not sent again", conflict)
broken = client.with_options(base_url=BROKEN_ADDRESS + "/v1", api_key=BROKEN_KEY)
step(
    "a creation with 503 is not sent again",
    lambda: refused(lambda: broken.videos.create(**ASKED), openai.InternalServerError, "service_unavailable"),
)
