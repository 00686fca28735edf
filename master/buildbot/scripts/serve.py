"""Run something until a signal ends it; another signal has it read its configuration again."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import click
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.errors import ConfigError
from buildbot.scripts.failing import Unusable
from buildbot.scripts.hangups import HangUps
from buildbot.scripts.logs import LogWriter
from buildbot.scripts.running import theReactor


class Served(Protocol):
    """What runs."""

    log: Logger

    def masked(self, text: str) -> str:
        """A text of the log without secrets."""

    async def start(self) -> Sequence[str]:
        """Returns lines to print, at the end. Raises Failed, or ConfigError."""

    async def reload(self) -> None:
        """Read the configuration again. Raises ConfigError, and then goes on as it was."""

    async def stop(self) -> None:
        """Also after a start that has failed."""


def serve(
    make: Callable[[Any], Served], logFormat: str, logFile: str | None, *, hangUps: HangUps | None = None
) -> None:
    """Run what ``make(reactor)`` returns until SIGTERM or SIGINT, and then until what is running has ended. With
    ``hangUps``, it reads its configuration again at each. Raises Failed or Unusable if that cannot begin."""
    try:
        log = LogWriter(logFormat, logFile)
    except OSError as error:
        raise Unusable(f"--log-file {logFile}: cannot be written: {error.strerror}.") from None
    _Run(make, log, theReactor(), hangUps).run()


class _Run:
    def __init__(self, make: Callable[[Any], Served], log: LogWriter, reactor: Any, hangUps: HangUps | None) -> None:
        self._make, self._log, self._reactor, self._hangUps = make, log, reactor, hangUps
        self._failed: BaseException | None = None
        self._served: Served | None = None
        self._isBusy = True
        self._isMore = False
        """It is to be read again, once what is done now is done."""

    def run(self) -> None:
        if self._hangUps is not None:
            self._hangUps.listen(lambda: self._reactor.callFromThread(self._hungUp))
        self._reactor.callWhenRunning(self._begin)
        self._reactor.run()
        if self._failed is not None:
            raise self._failed

    def _begin(self) -> None:
        Deferred.fromCoroutine(self._start()).addErrback(self._cannot)

    async def _start(self) -> None:
        self._served = self._make(self._reactor)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._stop, self._served)
        self._log.masked = self._served.masked
        lines = await self._served.start()
        self._log.begin()
        for line in lines:
            click.echo(line)
        sys.stdout.flush()
        await self._reload(self._served)

    def _hungUp(self) -> None:
        self._isMore = True
        if not self._isBusy and self._served is not None:
            self._isBusy = True
            Deferred.fromCoroutine(self._reload(self._served))

    async def _reload(self, served: Served) -> None:
        while self._isMore:
            self._isMore = False
            try:
                await served.reload()
            except ConfigError as error:
                served.log.error(
                    "All goes on as before, because the configuration cannot be used: {why}", why=str(error)
                )
            except Exception:
                served.log.failure("The configuration could not be read again.")
        self._isBusy = False

    def _stop(self, served: Served) -> Deferred[None]:
        """A second signal ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._isBusy = True  # nothing is read any more
        served.log.info("Ending, when what runs has ended.")
        return Deferred.fromCoroutine(served.stop())

    def _cannot(self, failure: Failure) -> None:
        self._failed = Unusable(failure.value) if failure.check(ConfigError) else failure.value
        if self._reactor.running:
            self._reactor.stop()
