"""Callbacks: whether one is what the server sent. The scheme is that of Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, cast

from opendance.client.errors import SignatureProblem
from opendance.client.values import Task

_TOLERANCE = 300.0  # s
_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance: float = _TOLERANCE,
    now: float | None = None,
) -> Task:
    """The task that a callback tells, once it is sure that the server sent it.

    Args:
        body: as it came, byte for byte.
        headers: of the request, in whatever case.
        secret: `whsec_…`, as `callback_secret()` gives it.
        tolerance: s that the callback may be old, and clocks may differ.
        now: unix time; None for the present.

    Raises:
        SignatureProblem: it is signed by nobody who knows the secret, or too old.
        ApiProblem: it is signed, and tells no task.
    """
    raw = body.encode() if isinstance(body, str) else body
    given = {name.lower(): value for name, value in headers.items()}
    if missing := [name for name in (_ID, _TIMESTAMP, _SIGNATURE) if not given.get(name)]:
        raise SignatureProblem(f"{', '.join(missing)}: missing; give all headers of the request")
    at = given[_TIMESTAMP]
    if not (at.isascii() and at.isdigit()):
        raise SignatureProblem(f"{_TIMESTAMP}: {at[:20]!r} is no unix time")
    if abs((time.time() if now is None else now) - int(at)) > tolerance:
        raise SignatureProblem(f"{_TIMESTAMP}: the callback is not of now; look at this machine's clock")
    expected = _signature(given[_ID], at, raw, secret).encode()
    signatures = [each.partition(",") for each in given[_SIGNATURE].split()]
    if not any(
        version == "v1" and hmac.compare_digest(expected, value.encode(errors="replace"))
        for version, _, value in signatures
    ):
        raise SignatureProblem(
            f"{_SIGNATURE}: none is of this secret and body; give the body as it came, and the account's secret"
        )
    try:
        told: object = json.loads(raw)
    except ValueError:
        told = None
    return Task.read(cast(dict[str, Any], told) if isinstance(told, dict) else {})


def sign(message_id: str, body: bytes, secret: str, *, now: float | None = None) -> dict[str, str]:
    """The headers of a callback, as the server signs it.

    Args:
        message_id: the same for each repetition.
        now: unix time; None for the present.

    Raises:
        SignatureProblem: the secret is none.
    """
    at = str(int(time.time() if now is None else now))
    return {_ID: message_id, _TIMESTAMP: at, _SIGNATURE: f"v1,{_signature(message_id, at, body, secret)}"}


def _signature(message_id: str, at: str, body: bytes, secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureProblem("secret: it is whsec_ and base64; is it copied whole?") from None
    signed = f"{message_id}.{at}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
