"""Runs the migrations on the connection `hotline.storage.schema` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from hotline.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
