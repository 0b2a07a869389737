"""The database of an older release becomes this one's: by whoever starts, or by `opendance migrate up`."""

from __future__ import annotations

from opendance.errors import ConfigurationError
from opendance.private import make_data_folder, only_for_owner, sole_use
from opendance.settings import Settings
from opendance.store.database import Migration, migrate, waiting_migrations

_PATIENCE = 5.0  # s; whoever makes a new database, or migrates a small one, is done by then


def ensure_schema(settings: Settings) -> None:
    """What every process does before it opens the database: migrate it, or say that this must be done.

    Raises:
        ConfigurationError: as `run_migrations`, or migrations wait and processes may not run them.
    """
    waiting = waiting_migrations(settings.database)
    if not waiting:
        return
    if not settings.migrate_at_start:
        raise ConfigurationError(f"the database waits for {_named(waiting)}: run `opendance migrate up`")
    run_migrations(settings)


@only_for_owner()
def run_migrations(settings: Settings) -> tuple[Migration, ...]:
    """Run what waits. Of an embedded installation no server may be at work: it would go on with tables that are gone.

    Returns:
        What was run, the oldest first; nothing where another process was faster.

    Raises:
        NewerSchema: a newer release has changed the schema.
        ConfigurationError: a server works on the data folder, which cannot be made, or the database cannot be reached.
    """
    if settings.database_url is not None:
        return migrate(settings.database)
    make_data_folder(settings.data_dir)
    otherwise = f"a server of another release works on {settings.data_dir}; stop it before its database is migrated"
    try:
        with sole_use(settings.data_dir, otherwise, patience=_PATIENCE):
            return migrate(settings.database)
    except ConfigurationError:
        if waiting_migrations(settings.database):
            raise
        return ()  # a server that has just started did it


def _named(waiting: tuple[Migration, ...]) -> str:
    return f"migration{'s' if len(waiting) > 1 else ''} {', '.join(map(str, waiting))}"
