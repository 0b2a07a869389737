"""What the routes work with, wired in `app.py`."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from starlette.responses import Response

from opendance.administration.engine_check import EngineChecks
from opendance.api.failed_keys import FailedKeys
from opendance.api.limits import OpenStreams, RateLimiter
from opendance.api.newest import Newest
from opendance.api.readiness import Readiness
from opendance.catalog import Model
from opendance.changes import Changes
from opendance.engines.base import Host
from opendance.engines.health import Health
from opendance.engines.routes import Routes
from opendance.engines.states import EngineStates
from opendance.links import Links
from opendance.pipeline.cancel import Canceller
from opendance.pipeline.estimate import Estimator
from opendance.pipeline.library import Library
from opendance.pipeline.measuring import Measurer
from opendance.pipeline.notify import Notifier
from opendance.pipeline.operating import Operator
from opendance.pipeline.pictures import PictureMaker
from opendance.pipeline.submit import Submitter
from opendance.pipeline.uploads import Uploads
from opendance.settings import Settings
from opendance.storage import Storage
from opendance.store.callers import Callers
from opendance.store.database import Connection, Database
from opendance.store.reads import TaskReads


@dataclass(frozen=True)
class ServerState:
    """The parts of a running server."""

    settings: Settings
    database: Database
    callers: Callers
    task_reads: TaskReads
    storage: Storage
    links: Links
    pictures: PictureMaker
    changes: Changes
    routes: Routes
    hosts: Mapping[str, Host]
    estimator: Estimator
    limiter: RateLimiter
    failed_keys: FailedKeys
    readiness: Readiness
    streams: OpenStreams
    notifier: Notifier
    submitter: Submitter
    canceller: Canceller
    operator: Operator
    uploads: Uploads
    library: Library
    checks: Newest
    measurer: Measurer
    health: Health
    engine_states: EngineStates
    engine_checks: EngineChecks

    def engines_of(self, model: Model, allowed: Collection[str] | None) -> tuple[str, ...]:
        """The engines that may make videos of a model: those that run here first, each part in the route's order.

        Args:
            allowed: the engines to choose from; None for all that need not be asked for by name, or run here.
        """
        asked = self.routes.asked_of(model, allowed)
        names = [name for name in self.routes.of(model) if name in asked or (allowed is None and name in self.hosts)]
        return tuple(sorted(names, key=lambda name: name not in self.hosts))

    def is_up(self, engine: str) -> bool:
        """Whether an engine could begin a job now, as far as this process knows."""
        host = self.hosts.get(engine)
        return self.health.is_up(engine) and (host is None or host.problem is None)


class JSONBytes(Response):
    """JSON that is bytes already."""

    media_type = "application/json"


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def state_of(connection: HTTPConnection) -> ServerState:
    """The state of the server that this request came to."""
    return connection.app.state.opendance


def base_url_of(connection: HTTPConnection) -> str:
    """The address that the client reaches this server at."""
    return state_of(connection).settings.public_url or str(connection.base_url)


def links_of(connection: HTTPConnection) -> Links:
    """Makes links for this client: of tasks that do not know their address, to where it reaches this server."""
    return state_of(connection).links.at(base_url_of(connection))


async def _reading(request: Request) -> AsyncGenerator[Connection]:
    async with state_of(request).database.read() as connection:
        yield connection


async def _writing(request: Request) -> AsyncGenerator[Connection]:
    async with state_of(request).database.write() as connection:
        yield connection


# A transaction around a route's function: committed before the answer goes out, rolled back where the route fails.
Reading = Annotated[Connection, Depends(_reading, scope="function")]
Writing = Annotated[Connection, Depends(_writing, scope="function")]
