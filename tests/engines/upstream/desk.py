"""The pipeline of a test's own process with an upstream for its engine, asked over true HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

from opendance.catalog import Quality
from opendance.engines.registry import known_engines, load_upstream
from opendance.engines.upstream.host import UpstreamHost
from opendance.order import Link
from opendance.pipeline.steps import RENDER
from opendance.pipeline.steps.render import Rendered
from opendance.plan import AssetKind
from opendance.search import Searcher
from opendance.store.tasks import TaskRecord
from tests import tasks
from tests.conftest import FileServer
from tests.workshop import MadeUpHost, Workshop


class Desk:
    """Asks for videos that one upstream makes.

    Args:
        options: of the engine, as settings have them.
    """

    def __init__(self, shop: Workshop, engine: str, options: dict[str, object], hosted: FileServer) -> None:
        self.shop, self._hosted = shop, hosted
        self.host = UpstreamHost(engine, load_upstream(known_engines()[engine], options), timeout=120.0)
        shop.hosts[engine] = cast(MadeUpHost, self.host)

    def media(self, kind: AssetKind, *contents: bytes) -> tuple[Link, ...]:
        """Links to files that are hosted on loopback, for us and for the upstream."""
        links = []
        for number, content in enumerate(contents, 1):
            url = self._hosted.put(f"{kind}-{number}", content)
            self.shop.web.files[url] = content
            links.append(tasks.link(kind, url, number))
        return tuple(links)

    async def submit(self, model: str = tasks.MINI, **changes: Any) -> TaskRecord:
        """A task in a worker's hands."""
        await self.shop.submit(tasks.order(model, **{"quality": Quality.P480, **changes}))
        return await self.shop.claim()

    async def made(self, model: str = tasks.MINI, **changes: Any) -> TaskRecord:
        """A task after its walk."""
        return await self.shop.run(await self.submit(model, **changes))

    async def run_beside(self, task: TaskRecord) -> tuple[asyncio.Task[None], asyncio.Event]:
        """Begin to work on a task; gives the work, and what stops it."""
        cancel = asyncio.Event()
        return asyncio.create_task(self.shop.pipeline().run(task, cancel)), cancel

    async def rendered(self, task: TaskRecord) -> Rendered:
        """How the clip was made, by the journal."""
        return (await self.shop.journal(task)).get(RENDER)

    def search_with(self, searcher: Searcher) -> None:
        """Facts come from this one."""
        self.shop.tools = replace(self.shop.tools, searcher=searcher)


MakeDesk = Callable[..., Awaitable[Desk]]
