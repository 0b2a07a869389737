"""What steps work with, wired in `app.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opendance.engines.base import Host
from opendance.engines.health import Health
from opendance.engines.routes import Routes
from opendance.links import Links
from opendance.net.fetch import GuardedClient
from opendance.pipeline.pictures import PictureMaker
from opendance.provenance.certificates import Credentials
from opendance.rewriting import Rewriter
from opendance.safety import Guard
from opendance.search import Searcher
from opendance.storage import Storage
from opendance.store.database import Database


@dataclass(frozen=True)
class Tools:
    """The parts of a running server that make videos.

    Attributes:
        hosts: the engines that run here, by name.
        public_url: where the world reaches this server, if it can.
        rewriter: makes captions of prompts for engines that are set up so; None: nobody does.
    """

    database: Database
    storage: Storage
    links: Links
    pictures: PictureMaker
    fetcher: GuardedClient
    guard: Guard
    searcher: Searcher
    credentials: Credentials
    hosts: Mapping[str, Host]
    routes: Routes
    health: Health
    public_url: str | None = None
    rewriter: Rewriter | None = None

    async def start(self) -> None:
        """Make the engines ready."""
        for host in self.hosts.values():
            await host.start()
