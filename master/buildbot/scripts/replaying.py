"""Playing lives into a database, at a pace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from itertools import count
from random import Random, SystemRandom
from typing import IO, Any

import attrs
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

from buildbot.config.settings import Settings
from buildbot.db import own, schema
from buildbot.db.connector import Database
from buildbot.db.revision import REVISION
from buildbot.db.url import Location
from buildbot.errors import ConfigError, DatabaseUnavailable, StatusError
from buildbot.master import Recording
from buildbot.scripts.failing import Failed
from buildbot.scripts.lives import MASTERS, Lives
from buildbot.scripts.serving import Server
from buildbot.scripts.tape import Moment, Player, Tape, callsOf, checkTape
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder

AGAIN = 1.0
"""Seconds until lives go on after the database was away."""


@attrs.frozen(kw_only=True)
class Options:
    """What the command line says."""

    db: str
    file: str | None = None
    lives: int | None = 100
    """None: without an end."""
    together: int = 4
    rate: float | None = None
    seed: int | None = None
    record: str | None = None
    sameTimes: bool = False

    @property
    def isTaped(self) -> bool:
        """Whether ids must be those of a database that was empty."""
        return self.file is not None or self.record is not None


async def replay(reactor: Any, options: Options) -> str:
    """Play into a database; a sentence that says what came of it."""
    database = Database(options.db, reactor=reactor)
    await deferToThread(_begin, database.location, options)
    moment = Moment()
    recorder = Recorder(database, Catalogue(), clock=moment if _isTimed(options) else None)
    database.startService()
    recorder.startService()
    try:
        return await play(reactor, recorder, moment, options)
    finally:
        await recorder.stopService()
        await database.stopService()


async def play(reactor: Any, recorder: Recorder, moment: Moment, options: Options, *, patient: bool = False) -> str:
    """Play through a recorder, whose clock is ``moment`` where the times are the file's or go into one; a sentence that
    says what came of it. ``patient``: a database that is away is waited for."""
    before, began = recorder.writer.metrics.events, reactor.seconds()
    turn = Pace(reactor, options.rate).turn
    if options.file is not None:
        player = Player(recorder, options.file, moment)
        with _opened(options.file) as file:
            await player.play(callsOf(file, options.file), turn)
        what, rest = f"{player.played} calls", ""
    else:
        seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
        with nullcontext() if options.record is None else _opened(options.record, "w") as file:
            taped = recorder if file is None else Tape(recorder, file, reactor.seconds, moment)
            lives = await _Playing(reactor, taped, Random(seed), turn, options, patient).play()
        what, rest = f"{lives} lives", f"; --seed {seed}"
    events, seconds = recorder.writer.metrics.events - before, max(reactor.seconds() - began, 0.001)
    return f"{what}, {events} events in {seconds:.1f} s ({events / seconds:.0f}/s){rest}"


def _isTimed(options: Options) -> bool:
    return options.record is not None or options.sameTimes


def _opened(path: str, mode: str = "r") -> IO[str]:
    try:
        return open(path, mode, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


class _Playing:
    """Lives, some at a time."""

    log = Logger(namespace="buildbot.replay")

    def __init__(self, reactor: Any, recorder: Any, random: Random, turn: Any, options: Options, patient: bool) -> None:
        self._reactor, self._recorder, self._random, self._turn = reactor, recorder, random, turn
        self._together, self._patient = options.together, patient
        self._left = count() if options.lives is None else iter(range(options.lives))
        self._failed: Exception | None = None
        self._played = 0

    async def play(self) -> int:
        """Returns how many."""
        while True:
            lives = Lives(self._recorder, self._random, self._turn)
            self._failed = None
            await self._attempt(lives.begin)
            each = [Deferred.fromCoroutine(self._some(lives)) for _ in range(self._together)]
            await gatherResults(each)
            await self._attempt(lives.end)
            if self._failed is None:
                return self._played
            if not self._patient or not isinstance(self._failed, DatabaseUnavailable):
                raise self._failed
            self.log.warn("Lives cannot be recorded at the moment: {why}", why=str(self._failed))
            await deferLater(self._reactor, AGAIN)

    async def _some(self, lives: Lives) -> None:
        while self._failed is None and next(self._left, None) is not None:
            await self._attempt(lives.one)
            self._played += 1

    async def _attempt(self, do: Callable[[], Awaitable[Any]]) -> None:
        """Unless something has failed already."""
        if self._failed is not None:
            return
        try:
            await do()
        except StatusError as error:
            # The other lives end where they are, as after a crash: the next start of their masters cleans up.
            self._failed = self._failed or error


class Replaying(Server):
    """Plays, and serves what it plays. See :class:`buildbot.scripts.serve.Served`."""

    log = Logger(namespace="buildbot.replay")

    def __init__(self, settings: Settings, options: Options, reactor: Any) -> None:
        """Raises ConfigError for settings that cannot be used."""
        self._moment = Moment()
        self._recording = Recording(settings, reactor=reactor, clock=self._moment if _isTimed(options) else None)
        self._recording.portOption = "--serve"
        super().__init__(self._recording, reactor)
        self._options, self._secrets = options, settings.secrets
        self._playing: Deferred[None] | None = None

    async def start(self) -> Sequence[str]:
        """See :class:`~buildbot.scripts.serve.Served`."""
        try:
            await deferToThread(_begin, self._recording.database.location, self._options)
        except StatusError as error:
            raise Failed(error) from None
        lines = await super().start()
        self._playing = Deferred.fromCoroutine(self._play())
        return lines

    def masked(self, text: str) -> str:
        """See :class:`~buildbot.scripts.serve.Served`."""
        return text if self._secrets is None else str(self._secrets.masked(text))

    async def _play(self) -> None:
        try:
            told = await play(self._reactor, self._recording.recorder, self._moment, self._options, patient=True)
            self.log.info("{told}. It is served until a signal ends this.", told=told)
        except CancelledError:
            pass
        except StatusError as error:
            self.log.error("Nothing more is played: {why}", why=str(error))
        except Exception:
            self.log.failure("Nothing more is played.")

    async def stop(self) -> None:
        """See :class:`~buildbot.scripts.serve.Served`."""
        if self._playing is not None:
            self._playing.cancel()
        await super().stop()


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


def _begin(location: Location, options: Options) -> None:
    if options.file is not None:
        checkTape(options.file)  # before there is a database
    prepare(location, options.isTaped)


def prepare(location: Location, new: bool = False) -> None:
    """Make the tables of an empty database. Raises ConfigError for one that masters have used which are no replay's, or
    any with ``new``; DatabaseUnavailable for one that cannot be reached."""
    url = location.url
    if location.path is not None:
        url = url.set(database=location.path)
    elif url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            _prepare(connection, new)
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(f"{location.shown} cannot be used: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()


def _prepare(connection: Connection, new: bool) -> None:
    tables = inspect(connection).get_table_names()
    if not tables:
        schema.copied().create_all(connection)
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
    if names and new:
        raise ConfigError(
            "--db: with FILE or --record the ids are those of an empty database, and this one has been used. Name one "
            "that is not there yet, or is empty."
        )
