"""Run a server until a signal ends it."""

from __future__ import annotations

import sys
from typing import Any, cast

import click
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, globalLogBeginner, textFileLogObserver
from twisted.python.failure import Failure

from buildbot.config.settings import Settings
from buildbot.errors import ConfigError, StatusError
from buildbot.master import Attached, CannotStart
from buildbot.scripts.running import theReactor


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises what click shows if that cannot even begin."""
    reactor = theReactor()
    globalLogBeginner.beginLoggingTo([cast(ILogObserver, textFileLogObserver(sys.stderr))], redirectStandardIO=False)
    run = _Run(settings, reactor)
    reactor.callWhenRunning(run.start)
    reactor.run()
    if run.failed is not None:
        raise run.failed


class _Run:
    def __init__(self, settings: Settings, reactor: Any) -> None:
        self.failed: BaseException | None = None
        self._reactor = reactor
        self._settings = settings

    def start(self) -> None:
        Deferred.fromCoroutine(self._start()).addErrback(self._failed)

    async def _start(self) -> None:
        attached = Attached(self._settings, reactor=self._reactor)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._stop, attached)
        await attached.start()
        for name, address in attached.addresses:
            click.echo(f"{name:20}{address}")
        click.echo("Ctrl-C ends it.")
        sys.stdout.flush()

    @staticmethod
    def _stop(attached: Attached) -> Deferred[None]:
        return Deferred.fromCoroutine(attached.stop())

    def _failed(self, failure: Failure) -> None:
        if failure.check(ConfigError, StatusError, CannotStart):
            self.failed = click.ClickException(str(failure.value))
        else:
            self.failed = failure.value
        self._reactor.stop()
