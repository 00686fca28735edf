"""A SQLite file of our own beside a database that we only read: the log of events, and what was seen last."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import attrs
import simplejson
from sqlalchemy import Column, MetaData, Table, Text, bindparam, create_engine, delete
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from buildbot.db import own
from buildbot.db.writes.transaction import Transaction

VERSION = 2
"""Of these tables; a newer one's file is not understood."""
_UPGRADES = {1: "ALTER TABLE status_events ADD COLUMN shape BIGINT"}
"""From a version to the next one."""
MEMORY = "none"
"""Instead of a path: a file that is gone when the process ends."""

metadata = MetaData()

status_seen = Table(
    # Things that may still change, as they were last seen.
    "status_seen",
    metadata,
    Column("type", Text, primary_key=True),
    Column("key", own.BIG, primary_key=True),
    Column("body", Text, nullable=False),
)

status_marks = Table(
    # How far the things of a type are known.
    "status_marks",
    metadata,
    Column("type", Text, primary_key=True),
    Column("body", Text, nullable=False),
)


class StateUnusable(Exception):
    """The file cannot be used; the message says why and what would be right."""


@attrs.frozen
class Stored:
    """What the file holds besides the log."""

    identity: str
    """Of the database that it belongs to; empty in a new file."""
    seen: Sequence[tuple[str, int, Mapping[str, Any]]]
    marks: Mapping[str, Mapping[str, Any]]


class StateFile:
    """A file that one process at a time uses. All methods block."""

    def __init__(self, path: str, *, orMemory: bool = False) -> None:
        """``path``: absolute, or :data:`MEMORY`. ``orMemory``: if it cannot be used, do without a file. Nothing is
        opened yet."""
        self.path = path
        self._orMemory = orMemory
        self.unused = ""
        """Why the path that was wanted is not used; empty if it is."""
        self._folder: str | None = None
        self._lock: int | None = None

    @property
    def url(self) -> str:
        """As a database's."""
        return f"sqlite:///{self.path}"

    def open(self) -> None:
        """Take it for this process, and make it if it is not there. Raises StateUnusable."""
        try:
            self._open()
        except StateUnusable as error:
            self.close()
            if not self._orMemory:
                raise
            self.path, self.unused = MEMORY, str(error)
            self._open()

    def _open(self) -> None:
        try:
            if self.path == MEMORY:
                self._folder = folderInMemory()
                self.path = os.path.join(self._folder, "state.sqlite")
            else:
                os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            self._take()
            self._make()
        except OSError as error:
            raise StateUnusable(f"{self.path} cannot be used as the state file: {error.strerror or error}.") from error
        except sqlite3.Error as error:
            raise StateUnusable(f"{self.path} cannot be used as the state file: {error}.") from error

    def _take(self) -> None:
        self._lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateUnusable(
                f"{self.path} is used by another process that watches a database; each needs a file of its own."
            ) from None

    def _make(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StateUnusable(f"{self.path} is of a newer version of this program: remove it, or name another.")
            [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if tables and not version:
                raise StateUnusable(f"{self.path} is another program's database: name a file of its own.")
        os.chmod(self.path, 0o600)
        if version < VERSION:
            self._bring(version)

    def _bring(self, version: int) -> None:
        """To the newest version: wholly, or not at all."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                for each in range(version or VERSION, VERSION):
                    connection.exec_driver_sql(_UPGRADES[each])
                own.metadata.create_all(connection)
                metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
                connection.exec_driver_sql("COMMIT")
        except DBAPIError as error:
            assert error.orig is not None
            raise error.orig from error
        finally:
            engine.dispose()

    def load(self) -> Stored:
        """What it holds."""
        with closing(sqlite3.connect(self.path)) as connection:
            head = connection.execute("SELECT fingerprint FROM status_head").fetchone()
            seen = connection.execute("SELECT type, key, body FROM status_seen").fetchall()
            marks = connection.execute("SELECT type, body FROM status_marks").fetchall()
        return Stored(
            head[0] if head else "",
            [(type, key, simplejson.loads(body)) for type, key, body in seen],
            {type: simplejson.loads(body) for type, body in marks},
        )

    def close(self) -> None:
        """Leave it to others; one that was in memory is gone. Closing twice is allowed."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


_SEE = insert(status_seen).values({name: bindparam(name) for name in ("type", "key", "body")})
_SEE = _SEE.on_conflict_do_update(index_elements=["type", "key"], set_={"body": _SEE.excluded.body})
_MARK = insert(status_marks).values({name: bindparam(name) for name in ("type", "body")})
_MARK = _MARK.on_conflict_do_update(index_elements=["type"], set_={"body": _MARK.excluded.body})
_LOSE = delete(status_seen).where(
    status_seen.c.type == bindparam("the_type"), status_seen.c.key == bindparam("the_key")
)
_FORGET = (delete(status_seen), delete(status_marks))


def forget(tx: Transaction) -> None:
    """Let nothing have been seen."""
    for statement in _FORGET:
        tx.execute(statement)


def store(
    tx: Transaction,
    seen: Mapping[tuple[str, int], Mapping[str, Any]],
    over: Sequence[tuple[str, int]],
    marks: Mapping[str, Mapping[str, Any]],
) -> None:
    """What was seen last, what needs no more looking at, and how far each type is known."""
    dumps = simplejson.dumps
    tx.executeMany(_SEE, [{"type": type, "key": key, "body": dumps(body)} for (type, key), body in seen.items()])
    tx.executeMany(_LOSE, [{"the_type": type, "the_key": key} for type, key in over])
    tx.executeMany(_MARK, [{"type": type, "body": dumps(body)} for type, body in marks.items()])


def defaultPath(database: str) -> str:
    """Where the state file of a database is, unless somebody says otherwise; ``database`` is its URL without a
    password. In systemd's ``StateDirectory``, else in the user's own state directory."""
    systemd = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    user = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    folder = systemd or os.path.join(user, "buildbot-status")
    return os.path.join(os.path.abspath(folder), f"{hashlib.sha256(database.encode()).hexdigest()[:16]}.sqlite")


def folderInMemory() -> str:
    """A new folder for what is not to last: in memory, where the system has such a place."""
    return tempfile.mkdtemp(prefix="buildbot-status-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
