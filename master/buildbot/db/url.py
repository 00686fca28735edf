"""Which database is meant, and whether it can be read here."""

from __future__ import annotations

import os

import attrs
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from buildbot.errors import ConfigError

SUPPORTED = (
    "Supported are sqlite:///relative/state.sqlite, sqlite:////absolute/state.sqlite and "
    "postgresql://user:password@host/database."
)
_DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"}


@attrs.frozen
class Location:
    """A parsed database URL. ``path`` is absolute, and only there for SQLite; ``shown`` holds no password."""

    dialect: str
    url: URL
    shown: str
    path: str | None = None


def parse(url: str, basedir: str | None = None) -> Location:
    """Parse a database URL as ``master.cfg`` has it; relative SQLite paths, and ``%(basedir)s`` in them, are
    relative to ``basedir`` (by default the current directory). Raises ConfigError with a sentence that names
    what is supported.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(f"This is not a database URL. {SUPPORTED}") from None
    if parsed.drivername not in _DRIVERS:
        raise ConfigError(f"A database of kind {parsed.drivername!r} cannot be read. {SUPPORTED}")
    if parsed.drivername.startswith("sqlite"):
        return _sqlite(parsed, basedir or os.getcwd())
    if not parsed.database:
        raise ConfigError(f"This URL names no database. {SUPPORTED}")
    return Location("postgresql", parsed, parsed.render_as_string(hide_password=True))


def _sqlite(url: URL, basedir: str) -> Location:
    if url.host or not url.database or url.database == ":memory:":
        raise ConfigError(f"This URL names no SQLite file; mind the number of slashes. {SUPPORTED}")
    if url.query:
        raise ConfigError(f"A sqlite URL takes no parameters here, but has {', '.join(sorted(url.query))}.")
    path = url.database.replace("%(basedir)s", basedir)
    path = os.path.abspath(os.path.join(basedir, path))
    return Location("sqlite", url, f"sqlite:///{path}", path)
