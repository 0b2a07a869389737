"""What the routes work with, wired in `app.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from opendance.api.limits import OpenStreams, RateLimiter
from opendance.engines.base import Host
from opendance.engines.routes import Routes
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.notify import Notifier
from opendance.pipeline.submit import Submitter
from opendance.pipeline.uploads import Uploads
from opendance.settings import Settings
from opendance.storage import Storage
from opendance.store.changes import Changes
from opendance.store.database import Database


@dataclass(frozen=True)
class ServerState:
    """The parts of a running server."""

    settings: Settings
    database: Database
    storage: Storage
    changes: Changes
    routes: Routes
    hosts: Mapping[str, Host]
    estimator: Estimator
    limiter: RateLimiter
    streams: OpenStreams
    notifier: Notifier
    submitter: Submitter
    canceller: Canceller
    uploads: Uploads


NOT_STORED = {"Cache-Control": "no-store"}  # of answers with a secret in them


class JSONBytes(Response):
    """JSON that is bytes already."""

    media_type = "application/json"


def json_bytes(body: dict[str, Any]) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def state_of(connection: HTTPConnection) -> ServerState:
    """The state of the server that this request came to."""
    return connection.app.state.opendance


def base_url_of(connection: HTTPConnection) -> str:
    """The address that the client reaches this server at."""
    return state_of(connection).settings.public_url or str(connection.base_url)
