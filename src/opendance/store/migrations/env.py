"""Run by Alembic: migrations on the connection that `database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from opendance.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
