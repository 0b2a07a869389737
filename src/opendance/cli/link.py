"""opendance link: signs a browser in to the Studio, once."""

from __future__ import annotations

from typing import Annotated

import typer

from opendance import administration as admin
from opendance.cli.common import ConfigFile, DataDir, app, on_store
from opendance.cli.printing import say
from opendance.cli.where import installation
from opendance.found_server import read_server_file
from opendance.store.database import Connection
from opendance.studio import link_address


@app.command()
def link(
    account: Annotated[
        str | None, typer.Option(help="Account to sign in to, by id or name [default: the first one].")
    ] = None,
    as_admin: Annotated[bool, typer.Option("--admin", help="May do what the operator may, for 8 hours.")] = False,
    minutes: Annotated[
        float, typer.Option(min=1, max=24 * 60, help="How long it can be used.")
    ] = admin.DEFAULT_LINK_MINUTES,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Print a link that signs a browser in to the Studio. It works once."""
    settings = installation(data_dir, config)

    async def make(connection: Connection) -> str:
        _, made, _ = await admin.create_link(connection, account, admin.NewLink(admin=as_admin, minutes=minutes))
        return made

    secret = on_store(make, data_dir=data_dir, config=config)
    running = read_server_file(settings.data_dir)
    address = settings.public_url or (running.address if running is not None else settings.address)
    say(link_address(address, secret))
    say(f"Works once, within {minutes:g} minutes.")
