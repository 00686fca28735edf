"""Playing lives into a database, at a pace."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import Any

import attrs
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from buildbot.db import own, schema
from buildbot.db.connector import Database
from buildbot.db.revision import REVISION
from buildbot.db.url import Location
from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.scripts.lives import MASTERS, Lives
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder


@attrs.frozen
class Options:
    """What the command line says."""

    db: str
    lives: int = 100
    together: int = 4
    rate: float | None = None
    seed: int | None = None


async def replay(reactor: Any, options: Options) -> str:
    """Play them; a sentence that says what came of it."""
    database = Database(options.db, reactor=reactor)
    await deferToThread(prepare, database.location)
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    recorder = Recorder(database, Catalogue())
    lives = Lives(recorder, Random(seed), Pace(reactor, options.rate).turn)
    database.startService()
    recorder.startService()
    began = reactor.seconds()
    try:
        await lives.begin()
        left = iter(range(options.lives))

        async def some() -> None:
            for _ in left:
                await lives.one()

        await gatherResults([Deferred.fromCoroutine(some()) for _ in range(options.together)])
        await lives.end()
    finally:
        await recorder.stopService()
        await database.stopService()
    seconds = max(reactor.seconds() - began, 0.001)
    events = recorder.writer.metrics.events
    return f"{options.lives} lives, {events} events in {seconds:.1f} s ({events / seconds:.0f}/s); --seed {seed}"


class Pace:
    """At most ``rate`` turns in a second, evenly; None: as many as go."""

    def __init__(self, reactor: Any, rate: float | None) -> None:
        self._reactor, self._rate = reactor, rate
        self._next = reactor.seconds()

    async def turn(self) -> None:
        """Wait for the next one."""
        if self._rate is None:
            return
        now = self._reactor.seconds()
        self._next = max(self._next, now) + 1 / self._rate
        await deferLater(self._reactor, self._next - now)


def prepare(location: Location) -> None:
    """Make the tables of an empty database. Raises ConfigError for one that masters have used which are no replay's,
    DatabaseUnavailable for one that cannot be reached."""
    url = location.url
    if location.path is not None:
        url = url.set(database=location.path)
    elif url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            _prepare(connection)
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(f"{location.shown} cannot be used: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()


def _prepare(connection: Connection) -> None:
    tables = inspect(connection).get_table_names()
    if not tables:
        schema.metadata.create_all(connection)
        schema.alembic_version.create(connection)
        connection.execute(schema.alembic_version.insert().values(version_num=REVISION))
        own.metadata.create_all(connection)
    elif "masters" not in tables:
        raise ConfigError("--db: this is a database, but not Buildbot's. Name one that is not there yet, or is empty.")
    names = connection.execute(select(schema.masters.c.name)).scalars().all()
    if not set(names) <= set(MASTERS):
        raise ConfigError(
            "--db: masters have used this database that are no replay's. Name one that is not there yet, or is empty."
        )
