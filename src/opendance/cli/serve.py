"""opendance serve and worker."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Annotated

import typer

from opendance import __version__
from opendance.cli.common import ConfigFile, DataDir, app
from opendance.cli.printing import say
from opendance.errors import ConfigurationError
from opendance.loading import loading
from opendance.settings import load_settings, unknown_variables


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one [default: 8000].")] = None,
    admin_port: Annotated[
        int | None, typer.Option(help="Port of its own for /admin/v1 and /metrics; 0 takes a free one [default: none].")
    ] = None,
    worker: Annotated[
        bool | None, typer.Option("--worker/--no-worker", help="Make videos in this process too, or only queue them.")
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Run the server."""
    settings = load_settings(config, host=host, port=port, admin_port=admin_port, work=worker, data_dir=data_dir)
    with loading():
        from opendance.server import run_server

    run_server(settings, announce=_announce, shows_key=sys.stdout.isatty())  # what is no terminal may be a log


def _announce(address: str, admin_address: str | None, first_key: str | None) -> None:
    """What the operator must know; other programs find it in `server.json` in the data folder."""
    say(f"Opendance {__version__} is ready at {address}")
    say(f"  API page:  {address}/docs")
    if admin_address is not None:
        say(f"  Admin API: {admin_address}/admin/v1")
    if first_key is not None:
        say(f"  API key:   {first_key}  (made just now, shown only this once)")
    say("  Stop with Ctrl-C")


@app.command()
def worker(
    engines: Annotated[
        str | None, typer.Option(help="Engines to run, such as previs,ltx2 [default: all that are installed].")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Videos made at the same time [default: cores - 1, at most one for each GiB].")
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make videos for servers on the same PostgreSQL database and data folder; any number of workers."""
    settings = load_settings(config, engines=engines, concurrency=concurrency, work=True, data_dir=data_dir)
    if settings.database_url is None:
        raise ConfigurationError(
            "database_url: workers need a PostgreSQL database; with SQLite the server makes the videos itself"
        )
    with loading():
        from opendance.telemetry.logs import hide, set_up_logging
        from opendance.telemetry.traces import set_up_traces
        from opendance.worker import work

    set_up_logging(settings.log_level, settings.log_format)
    hide(*settings.secrets)
    for problem in unknown_variables():
        logging.getLogger(__name__).warning(problem)
    set_up_traces("opendance-worker")
    asyncio.run(work(settings, lambda: say("Opendance works; stop with Ctrl-C")))
