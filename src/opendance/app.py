"""The application: the routes of every wire, the border around them, and what works behind them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from opendance import __version__
from opendance.api import (
    account,
    actions,
    admin,
    admin_callbacks,
    admin_engines,
    admin_overview,
    admin_tasks,
    again,
    callbacks,
    checks,
    downloads,
    events,
    files,
    generations,
    health,
    library,
    metrics,
    models,
    own_keys,
    pictures,
    prices,
    queue,
    results,
    tasks,
    upstreams,
    uses,
    verify,
    videos,
)
from opendance.api.agents import add_agents
from opendance.api.ark import routes as ark
from opendance.api.bodies import Bodies
from opendance.api.border import Border, begin_counting, install_error_handlers
from opendance.api.cross_origin import CrossOrigin
from opendance.api.openai import routes as openai
from opendance.api.openapi import api_page, build_openapi
from opendance.api.studio import sessions as studio_sessions
from opendance.api.studio.page import add_studio
from opendance.engines.hosts import Hosts
from opendance.errors import ConfigurationError
from opendance.running import SignInLink, running
from opendance.server_file import server_file
from opendance.settings import Settings


def create_app(
    settings: Settings,
    on_first_key: Callable[[str], None] | None = None,
    on_problem: Callable[[ConfigurationError], None] | None = None,
    *,
    sign_in: SignInLink | None = None,
    address: str | None = None,
    admin_address: str | None = None,
    hosts: Hosts | None = None,
) -> FastAPI:
    """The application.

    Args:
        settings: `admin_port` is the one that is listened to.
        on_first_key: told the API key that is made when the installation has none; None makes none.
        on_problem: told why the application cannot start; the start fails either way.
        sign_in: who is told a link that signs in to the Studio; None makes none.
        address: where it is reached from this machine, for `server.json`; None leaves none there.
        admin_address: the same of operators' own listener, where they have one.
        hosts: as in `running`.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        try:
            async with (
                running(settings, on_first_key, serves=True, hosts=hosts, sign_in=sign_in) as state,
                AsyncExitStack() as stack,
            ):
                app.state.opendance = state
                if address is not None:
                    for_this_machine = server_file(state.database, settings.data_dir, address, admin_address)
                    await stack.enter_async_context(for_this_machine)
                yield
        except ConfigurationError as error:
            if on_problem is not None:
                on_problem(error)
            raise

    app = FastAPIOffline(
        title="Opendance",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to where Host says, and from https to http behind a proxy
        openapi_url="/openapi.json",
    )
    install_error_handlers(app)
    for module in (
        checks,
        videos,
        generations,
        library,
        queue,
        events,
        actions,
        uses,
        verify,
        downloads,
        tasks,
        again,
        pictures,
        ark,
        openai,
        callbacks,
        models,
        prices,
        account,
        own_keys,
        files,
        results,
        admin,
        admin_callbacks,
        admin_engines,
        admin_overview,
        admin_tasks,
        upstreams,
        health,
        metrics,
        *((studio_sessions,) if settings.studio else ()),
    ):
        # Side by side: routes of a router within a router are looked through twice by every request.
        app.router.routes.extend(module.router.routes)
        begin_counting(module.router)
    add_agents(app)
    if settings.studio:
        add_studio(app, settings)
    bodies = Bodies(settings.body_megabytes << 20, settings.account_body_megabytes << 20)
    app.add_middleware(Border, bodies=bodies, hosts=settings.hosts)
    if settings.cors_origins:  # around the border, so that pages can read its errors too
        app.add_middleware(CrossOrigin, origins=settings.cors_origins)

    def openapi() -> dict[str, Any]:
        return build_openapi(app, urlsplit(settings.public_url or "").path.rstrip("/"))

    app.openapi = openapi
    app.add_api_route("/docs", api_page, include_in_schema=False)
    return app
