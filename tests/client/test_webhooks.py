"""Callbacks as their receiver reads them; signed by the library of Standard Webhooks, which the server uses."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from opendance.client import ApiProblem, SignatureProblem, webhooks
from opendance.pipeline.notify import signed_headers
from opendance.store.callback_secrets import Secrets

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
OLDER = "whsec_" + base64.b64encode(b"another of 24 bytes.....").decode()
BODY = json.dumps({"id": "task-1", "status": "completed", "prompt": "猫"}).encode()


def test_what_the_server_signs_is_good() -> None:
    task = webhooks.verify(BODY, signed_headers("task-1", BODY, Secrets(SECRET)), SECRET)
    assert (task.id, task.status) == ("task-1", "completed")


def test_after_a_rotation_either_secret_is_good() -> None:
    headers = signed_headers("task-1", BODY, Secrets(SECRET, OLDER, time.time() + 60))
    assert webhooks.verify(BODY, headers, SECRET) == webhooks.verify(BODY, headers, OLDER)


def test_names_of_headers_may_have_any_case() -> None:
    headers = {name.title(): value for name, value in signed_headers("t", BODY, Secrets(SECRET)).items()}
    assert webhooks.verify(BODY.decode(), headers, SECRET).id == "task-1"


def test_what_it_signs_itself_is_good_for_the_library() -> None:
    Webhook(SECRET).verify(BODY, webhooks.sign("msg-task-1", BODY, SECRET))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"webhook-id": "msg-task-2"}, "none is of this secret and body"),
        ({"webhook-signature": "v1,AAAA"}, "none is of this secret and body"),
        ({"webhook-signature": "v1,é"}, "none is of this secret and body"),
        ({"webhook-signature": "v2"}, "none is of this secret and body"),
        ({"webhook-timestamp": "soon"}, "is no unix time"),
        ({"webhook-timestamp": "٣"}, "is no unix time"),
        ({"webhook-timestamp": "1700000000"}, "is not of now"),
        ({"webhook-id": ""}, "webhook-id: missing"),
    ],
)
def test_what_somebody_else_sent_is_not(changes: dict[str, str], words: str) -> None:
    headers = signed_headers("task-1", BODY, Secrets(SECRET)) | changes
    with pytest.raises(SignatureProblem, match=words):
        webhooks.verify(BODY, headers, SECRET)


def test_a_body_or_a_secret_that_is_another_is_not_good() -> None:
    headers = signed_headers("task-1", BODY, Secrets(SECRET))
    for body, secret in ((BODY + b" ", SECRET), (BODY, OLDER)):
        with pytest.raises(SignatureProblem):
            webhooks.verify(body, headers, secret)


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(SignatureProblem, match="is it copied whole"):
        webhooks.verify(BODY, signed_headers("task-1", BODY, Secrets(SECRET)), "whsec_!!")


def test_a_callback_that_is_signed_and_tells_no_task_is_told() -> None:
    now = datetime.now(UTC)
    headers = {"webhook-id": "m", "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = Webhook(SECRET).sign("m", now, "[]")
    with pytest.raises(ApiProblem, match="is no task"):
        webhooks.verify(b"[]", headers, SECRET)
