"""What Alembic runs: the migrations on the connection it was given, in its transaction."""

from __future__ import annotations

from alembic import context

from service.storage.tables import METADATA

_connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
