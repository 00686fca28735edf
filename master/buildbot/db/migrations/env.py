"""How alembic runs the migrations: over a connection that :mod:`buildbot.db.upgrade` made, in one transaction."""

from __future__ import annotations

from alembic import context

from buildbot.db import own
from buildbot.db.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=own.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
