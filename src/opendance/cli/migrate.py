"""opendance migrate: the database of an older release."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from opendance.cli.common import FAILURE, ConfigFile, DataDir, app
from opendance.cli.printing import say, tell
from opendance.errors import ConfigurationError, NewerSchema
from opendance.settings import Settings, load_settings
from opendance.store.database import Migration, known_migrations, waiting_migrations
from opendance.upgrade import run_migrations

migrations = typer.Typer(help="Bring the database of an older release to this one's tables.", no_args_is_help=True)
app.add_typer(migrations, name="migrate")
_LOOK_AGAIN = 2.0  # s


@migrations.command("check")
def check(
    wait: Annotated[float, typer.Option(min=0, help="Wait so many seconds for whoever runs them.")] = 0.0,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Say which migrations wait, in a line. Ends with 0 where none does, 1 where some do, 2 where the database is of a
    newer release or cannot be reached. Changes nothing."""
    settings = load_settings(config, data_dir=data_dir)
    waiting = _waiting(settings, until=time.monotonic() + wait)
    if not waiting:
        say(_up_to_date())
        return
    if len(waiting) == len(known_migrations()):
        place = "folder" if settings.database_url is None else "database"
        tell(f"note: there is no installation there yet; it may be the wrong {place}")
    say(f"waiting: {_named(waiting)}")
    raise typer.Exit(FAILURE)


@migrations.command("up")
def up(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Run the migrations that wait, all or none. Make a backup before, and stop processes of the release before."""
    ran = run_migrations(load_settings(config, data_dir=data_dir))
    say(f"done: {_named(ran)}" if ran else _up_to_date())


def _waiting(settings: Settings, *, until: float) -> tuple[Migration, ...]:
    """What waits still at `until`, by the monotonic clock."""
    while True:
        left = until - time.monotonic()
        try:
            waiting = waiting_migrations(settings.database)
            if not waiting or left <= 0:
                return waiting
        except NewerSchema:
            raise
        except ConfigurationError:  # a database may start later than who waits for it
            if left <= 0:
                raise
        time.sleep(min(left, _LOOK_AGAIN))


def _named(migrations: tuple[Migration, ...]) -> str:
    return ", ".join(map(str, migrations))


def _up_to_date() -> str:
    return f"the database is up to date: {known_migrations()[-1].revision}"
