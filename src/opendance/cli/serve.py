"""opendance serve and worker."""

from __future__ import annotations

import asyncio
import logging
import sys
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opendance import __version__
from opendance.cli.common import USAGE_ERROR, ConfigFile, DataDir, app
from opendance.cli.printing import say
from opendance.errors import ConfigurationError
from opendance.loading import loading
from opendance.settings import load_settings, log_format_of, unknown_variables
from opendance.studio import link_address
from opendance.telemetry.logs import Format, hide, set_up_logging

if TYPE_CHECKING:
    from opendance.server import Ready

_log = logging.getLogger(__name__)


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
    opens: Annotated[bool, typer.Option("--open", help="Open the Studio in the browser, signed in.")] = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Run the server."""
    with _failure_in_the_log(config):
        settings = load_settings(config, host=host, port=port, admin_port=admin_port, work=worker, data_dir=data_dir)
        with loading():
            from opendance.server import run_server

        # What is no terminal may be a log, and so are JSON lines.
        shows_key = sys.stdout.isatty() and settings.log_format == "text"
        announce = partial(_announce, settings.log_format, public_url=settings.public_url, opens=opens)
        run_server(settings, announce=announce, shows_key=shows_key, opens=opens)


@contextmanager
def _failure_in_the_log(config: Path | None) -> Generator[None]:
    """Why a start failed is told as logs are: where they are JSON, in a line of theirs.

    Args:
        config: the settings themselves may be what is wrong; so the form is read from it by itself.
    """
    try:
        yield
    except ConfigurationError as error:
        if log_format_of(config) == "text":
            raise
        set_up_logging("error", "json")
        _log.error("the start failed: %s", error)
        raise typer.Exit(USAGE_ERROR) from None


def _announce(form: Format, ready: Ready, *, public_url: str | None, opens: bool) -> None:
    """What the operator must know; other programs find it in `server.json` in the data folder.

    Args:
        opens: whether the Studio is to be opened in the browser.
    """
    address, admin_address = ready.address, ready.admin_address
    studio = None if ready.link is None else link_address(public_url or admin_address or address, ready.link)
    if opens and studio is not None:
        webbrowser.open(studio)
    if form == "json":
        addresses = {"address": address} | ({} if admin_address is None else {"admin_address": admin_address})
        _log.info("Opendance %s is ready at %s", __version__, address, extra={"version": __version__, **addresses})
        return
    say(f"Opendance {__version__} is ready at {address}")
    say(f"  API page:  {address}/docs")
    if admin_address is not None:
        say(f"  Admin API: {admin_address}/admin/v1")
    if studio is not None and not opens:
        say(f"  Studio:    {studio}  (works once, within 15 minutes; another: opendance link)")
    if ready.first_key is not None:
        say(f"  API key:   {ready.first_key}  (made just now, shown only this once)")
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
    with _failure_in_the_log(config):
        settings = load_settings(config, engines=engines, concurrency=concurrency, work=True, data_dir=data_dir)
        if settings.database_url is None:
            raise ConfigurationError(
                "database_url: workers need a PostgreSQL database; with SQLite the server makes the videos itself"
            )
        with loading():
            from opendance.telemetry.traces import set_up_traces
            from opendance.worker import work

        set_up_logging(settings.log_level, settings.log_format)
        hide(*settings.secrets)
        for problem in unknown_variables():
            _log.warning(problem)
        set_up_traces("opendance-worker")
        asyncio.run(work(settings, partial(_announce_worker, settings.log_format)))


def _announce_worker(form: Format) -> None:
    if form == "json":
        _log.info("Opendance %s works", __version__, extra={"version": __version__})
    else:
        say("Opendance works; stop with Ctrl-C")
