"""What the routes work with, wired in `app.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from opendance.api.limits import RateLimiter
from opendance.engines.routes import Routes
from opendance.engines.upstream.host import UpstreamHost
from opendance.net.fetch import GuardedClient
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.notify import Notifier
from opendance.queue.base import Queue
from opendance.settings import Settings
from opendance.storage import Storage
from opendance.store.audit import Prompts
from opendance.store.changes import Changes
from opendance.store.database import Database


@dataclass(frozen=True)
class ServerState:
    """The parts of a running server."""

    settings: Settings
    database: Database
    changes: Changes
    storage: Storage
    queue: Queue
    estimator: Estimator
    routes: Routes
    fetcher: GuardedClient
    limiter: RateLimiter
    notifier: Notifier
    upstreams: Mapping[str, UpstreamHost]
    prompts: Prompts


class JSONBytes(Response):
    """JSON that is bytes already."""

    media_type = "application/json"


def state_of(connection: HTTPConnection) -> ServerState:
    """The state of the server that this request came to."""
    return connection.app.state.opendance


def base_url_of(connection: HTTPConnection) -> str:
    """The address that the client reaches this server at."""
    return state_of(connection).settings.public_url or str(connection.base_url)
