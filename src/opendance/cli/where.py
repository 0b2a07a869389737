"""Where a command works: at a server that the environment names, or on a data folder. Told here and nowhere else.

`generate`, `listen`, `mcp`, `usage`, `audit`, `tasks` and `callbacks` ask the server at OPENDANCE_BASE_URL where it is
set. Otherwise, and for all other commands, it is the data folder: --data-dir, OPENDANCE_DATA_DIR, the file of --config,
or ./opendance-data.
Options are stronger than the environment. Commands see there what a server that runs on it sees; `generate` makes its
video by that server.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from opendance.client import Client
from opendance.client.connecting import ADDRESS, API_KEY
from opendance.errors import ConfigurationError
from opendance.settings import Settings, load_settings

ADMIN_KEY = "OPENDANCE_ADMIN_KEY"
ASK_THE_SERVER = "generate, listen, mcp, usage, audit, tasks and callbacks"
"""The commands that ask the server that the environment names."""
BaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar=ADDRESS, help="A running server; default: the one that works on the data folder, or one of its own."
    ),
]
ApiKey = Annotated[str | None, typer.Option(envvar=API_KEY, help="Key of that server.")]
_PATIENCE = 60.0  # s without an answer


@dataclass(frozen=True)
class NamedServer:
    """The server that the environment names.

    Attributes:
        address: of it.
        api_key: of an account there, None where none is given.
        admin_key: of its operator, None where none is given.
    """

    address: str
    api_key: str | None = field(repr=False)
    admin_key: str | None = field(repr=False)

    @property
    def is_of_account(self) -> bool:
        """Whether it is asked as an account: there is a key of one, and none of the operator."""
        return self.admin_key is None and self.api_key is not None

    def as_operator(self, refusal: str) -> Client:
        """A client with the admin key.

        Args:
            refusal: what is refused without it, such as `tells its audit log only to its operator`.

        Raises:
            ConfigurationError: there is no such key.
        """
        if self.admin_key is None:
            raise ConfigurationError(
                f"{ADMIN_KEY}: {self.address} {refusal}; set it, or give --data-dir on the machine of the server, or "
                f"unset {ADDRESS}"
            )
        return Client(self.address, self.admin_key, timeout=_PATIENCE, retries=0)

    def as_account(self) -> Client:
        """A client with the key of an account.

        Raises:
            ConfigurationError: there is no such key.
        """
        if self.api_key is None:
            raise ConfigurationError(f"{API_KEY}: {self.address} needs a key; set it")
        return Client(self.address, self.api_key, timeout=_PATIENCE, retries=0)


def named_server(data_dir: Path | None = None, config: Path | None = None) -> NamedServer | None:
    """The server that the environment names; None where it names none, or options name a folder."""
    address = os.environ.get(ADDRESS)
    if not address or data_dir is not None or config is not None:
        return None
    return NamedServer(address, os.environ.get(API_KEY) or None, os.environ.get(ADMIN_KEY) or None)


def require_installation(settings: Settings) -> None:
    """Only `serve`, `worker`, `generate` and `migrate up` make an installation: another command is in the wrong folder.

    Raises:
        ConfigurationError: there is none; or as `waiting_migrations`.
    """
    from opendance.store.database import known_migrations, waiting_migrations

    waiting = waiting_migrations(settings.database)
    if not waiting or len(waiting) < len(known_migrations()):
        return
    place = "the database of database_url" if settings.database_url else str(settings.data_dir.absolute())
    elsewhere = f" ({ADDRESS} is for {ASK_THE_SERVER})" if os.environ.get(ADDRESS) else ""
    raise ConfigurationError(
        f"there is no installation in {place}{elsewhere}: name its folder with --data-dir or OPENDANCE_DATA_DIR, start "
        "`opendance serve` there, or make one with `opendance migrate up`"
    )


def installation(data_dir: Path | None = None, config: Path | None = None) -> Settings:
    """The settings of the installation that is there.

    Raises:
        ConfigurationError: there is none, or a setting is wrong.
    """
    settings = load_settings(config, data_dir=data_dir)
    require_installation(settings)
    return settings
