"""opendance serve."""

from __future__ import annotations

from typing import Annotated

import typer

from opendance import __version__
from opendance.cli.common import ConfigFile, DataDir, app
from opendance.settings import load_settings


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one [default: 8000].")] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Run the server."""
    settings = load_settings(config, host=host, port=port, data_dir=data_dir)
    from opendance.server import run_server

    run_server(settings, announce=_announce)


def _announce(address: str, first_key: str | None) -> None:
    """What the operator must know, on stdout, so that other programs can read it too."""
    print(f"Opendance {__version__} is ready at {address}")
    print(f"  API page:  {address}/docs")
    if first_key is not None:
        print(f"  API key:   {first_key}  (made just now, shown only this once)")
    print("  Stop with Ctrl-C", flush=True)
