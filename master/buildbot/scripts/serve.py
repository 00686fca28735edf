"""Run a server until a signal ends it."""

from __future__ import annotations

import signal
import sys
from typing import Any

import click
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.config.settings import Settings
from buildbot.errors import ConfigError
from buildbot.master import Attached, CannotStart
from buildbot.scripts.failing import Failed, Unusable
from buildbot.scripts.logs import LogWriter
from buildbot.scripts.processor import SharedProcessor
from buildbot.scripts.running import theReactor
from buildbot.www.stalls import calmCollector


def serve(settings: Settings, logFormat: str, logFile: str | None) -> None:
    """Serve until SIGTERM or SIGINT, and then until running requests have ended. Raises Failed or Unusable if that
    cannot begin."""
    try:
        log = LogWriter(logFormat, logFile)
    except OSError as error:
        raise Unusable(f"--log-file {logFile}: cannot be written: {error.strerror}.") from None
    _Run(settings, log, theReactor()).run()


class _Run:
    log = Logger(namespace="buildbot.attach")

    def __init__(self, settings: Settings, log: LogWriter, reactor: Any) -> None:
        self._settings, self._log, self._reactor = settings, log, reactor
        self._failed: BaseException | None = None
        self._processor: SharedProcessor | None = None

    def run(self) -> None:
        self._reactor.callWhenRunning(self._begin)
        self._reactor.run()
        if self._failed is not None:
            raise self._failed

    def _begin(self) -> None:
        Deferred.fromCoroutine(self._start()).addErrback(self._cannot)

    async def _start(self) -> None:
        attached = Attached(self._settings, reactor=self._reactor)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._stop, attached)
        await attached.start()
        calmCollector()
        self._processor = SharedProcessor(
            attached.database.threads, reactor=self._reactor, pools=[self._reactor.getThreadPool()]
        )
        self._processor.startService()
        self._log.begin()
        for notice in (*self._settings.notices, *attached.notices):
            self.log.warn("{notice}", notice=notice)
        click.echo(f"Reading {attached.database.location.shown}, whose revision is {attached.revision}.")
        for language, address in attached.addresses:
            click.echo(f"{language:20} {address}")
        click.echo("Ctrl-C or SIGTERM ends this when running requests are answered.")
        sys.stdout.flush()

    def _stop(self, attached: Attached) -> Deferred[None]:
        """A second signal ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self.log.info("Ending: nobody new is let in.")
        if self._processor is not None:
            self._processor.stopService()
        return Deferred.fromCoroutine(attached.stop())

    def _cannot(self, failure: Failure) -> None:
        if failure.check(ConfigError):
            self._failed = Unusable(failure.value)
        elif failure.check(CannotStart):
            self._failed = Failed(failure.value)
        else:
            self._failed = failure.value
        if self._reactor.running:
            self._reactor.stop()
