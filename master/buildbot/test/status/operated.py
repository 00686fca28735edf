"""A file with the tables of listeners, with everything in it."""

from __future__ import annotations

import functools
import shutil
import tempfile
from typing import Any

from sqlalchemy import create_engine, insert
from twisted.internet import reactor as installed
from twisted.trial.unittest import TestCase

from buildbot.db import own
from buildbot.db.connector import Database
from buildbot.db.states import PARKED, WAITING

reactor: Any = installed
EPOCH = "e" * 16
NAMES = ("mail", "linux", "7", "a/b c")


def cursor(seq: int) -> str:
    """A cursor."""
    return f"{EPOCH}.{seq}"


@functools.cache
def operatedFile() -> str:
    """Made once in a process, and copied for each test."""
    path = tempfile.mkdtemp(prefix="buildbot-listeners-") + "/listeners.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    own.metadata.create_all(engine)
    consumers = [
        {
            "id": id,
            "name": name,
            "cursor": cursor(100 + id),
            "lag": None if id == 3 else 10 * id,
            "behind_since": 1_700_000_000 + id if id % 2 else None,
            "paused": id == 2,
            "running": id != 3,
            "replay_cursor": cursor(7) if id == 1 else None,
            "replay_until": cursor(70) if id == 1 else None,
            "updated_at": 1_700_000_100,
        }
        for id, name in enumerate(NAMES, 1)
    ]
    deliveries = [
        {
            "id": id,
            "consumerid": 1 + id % 3,
            "cursor": cursor(id),
            "method": "buildFinished",
            "key": f"builds/{id % 5}",
            "seq": id,
            "state": WAITING if id % 4 else PARKED,
            "attempts": id % 21,
            "failed_at": 1_700_000_000 + id if id % 21 else None,
            "error": "ValueError: ünmöglich" if id % 21 else None,
            "topic": f"builds/{id}/finished",
            "event": "finished",
            "is_replay": id % 7 == 0,
            "body": f'{{"type": "builds", "record": {{"buildid": {id}}}, "changed": null, "extra": {{}}}}',
        }
        for id in range(1, 61)
    ]
    with engine.begin() as connection:
        connection.execute(insert(own.status_consumers), consumers)
        connection.execute(insert(own.status_deliveries), deliveries)
    engine.dispose()
    return path


def operated(test: TestCase) -> Database:
    """A running database on a copy of it, this test's own."""
    database = Database(f"sqlite:///{shutil.copy(operatedFile(), test.mktemp())}", reactor=reactor)
    database.startService()
    test.addCleanup(database.stopService)
    return database
