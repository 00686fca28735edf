"""Making our own tables in a database of Buildbot's, upgrading them, and taking them away again.

Their revision is in an alembic version table of our own, so that Buildbot's says what it always said.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, cast

import attrs
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError

from buildbot.db import own
from buildbot.db.revision import checkRevision
from buildbot.db.url import Location
from buildbot.db.writes.connections import LOCKED, unavailable
from buildbot.errors import ConfigError, DatabaseUnavailable

VERSION_TABLE = "status_alembic_version"
NEWEST, NONE = "newest", "none"
"""Instead of a revision: all there is, and no tables of ours at all."""

_SINCE = {("status_consumers", "id"): "s002", ("status_events", "shape"): "s003"}
"""The last revision that did not have a column yet, the oldest first."""


@attrs.frozen
class Upgraded:
    """What was done."""

    before: str
    """The revision that our tables had; empty: there were none."""
    after: str
    backup: str = ""
    """The copy that was made of a SQLite file before."""


def revisions() -> list[str]:
    """All of them, the oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [each.revision for each in reversed(list(script.walk_revisions()))]


def upgrade(location: Location, to: str = NEWEST, *, backup: bool = True) -> Upgraded:
    """Bring our tables to a revision, up or down; blocks. All of it is done or, if it fails, nothing.

    Raises ConfigError for a revision that there is not, DatabaseUnavailable for a database that is not Buildbot's 4.3,
    or cannot be written.
    """
    known = revisions()
    target = known[-1] if to == NEWEST else "" if to == NONE else to
    if target and target not in known:
        raise ConfigError(f"There is no revision {to!r}; there are: {', '.join(known)}, {NEWEST}, {NONE}")
    copied = ""
    try:
        with _connection(location) as connection:
            checkRevision(cast(Any, _Read(connection)))
            config = _config()
            config.attributes["connection"] = connection
            before = _revision(connection) or _adopted(connection, config, known[-1])
            if before and before not in known:
                raise DatabaseUnavailable(
                    f"The tables have revision {before}, of a newer version of this program: upgrade with that."
                )
            if before == target:
                return Upgraded(before, target)
            if backup and location.path is not None:
                copied = _copy(location.path)
            if target and known.index(target) > (known.index(before) if before else -1):
                command.upgrade(config, target)
            else:
                command.downgrade(config, target or "base")
            if not target:
                connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    except DBAPIError as error:
        found = unavailable(error.orig) if isinstance(error.orig, Exception) else None
        if found is None:
            raise
        raise found from error
    except OSError as error:
        raise DatabaseUnavailable(f"The backup cannot be written: {error.strerror or error}.") from error
    return Upgraded(before, target, copied)


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision() or ""


def _adopted(connection: Connection, config: Config, newest: str) -> str:
    """The revision of tables that were made with the database itself, which is noted then; empty: there are none."""
    found = own.metadata.tables.keys() & set(inspect(connection).get_table_names())
    if not found:
        return ""
    missing = own.metadata.tables.keys() - found
    if missing:
        raise DatabaseUnavailable(
            f"There are tables of this program's, but not {', '.join(sorted(missing))}, and {VERSION_TABLE} does not "
            f"say of which revision they are. If nobody needs them: DROP TABLE {', '.join(sorted(found))}."
        )
    had = {(name, column["name"]) for name in found for column in inspect(connection).get_columns(name)}
    before = (revision for place, revision in _SINCE.items() if place not in had)
    revision = next(before, newest)
    command.stamp(config, revision)
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", os.path.join(os.path.dirname(__file__), "migrations").replace("%", "%%"))
    return config


@contextmanager
def _connection(location: Location) -> Iterator[Connection]:
    """In a transaction that holds for tables as well, and is given up if anything fails."""
    if location.path is None:
        engine = create_engine(location.url.set(drivername="postgresql+psycopg"))
    elif os.path.exists(location.path):
        # The driver would begin transactions for some statements only, so they are begun here.
        settings = {"timeout": LOCKED}
        engine = create_engine(f"sqlite:///{location.path}", isolation_level="AUTOCOMMIT", connect_args=settings)
    else:
        raise DatabaseUnavailable("The database file cannot be found.")
    try:
        with engine.connect() as connection:
            if location.path is not None:
                # Buildbot's were never kept.
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
    finally:
        engine.dispose()


class _Read:
    """The part of a snapshot that :func:`~buildbot.db.revision.checkRevision` needs."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.dialect = connection, connection.dialect.name

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        return [tuple(row) for row in self._connection.exec_driver_sql(sql)]


def _copy(path: str) -> str:
    """A copy of a SQLite file as it is now, beside it."""
    copy = f"{path}.before-{time.strftime('%Y%m%d-%H%M%S')}"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, stat.S_IMODE(os.stat(path).st_mode)))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
