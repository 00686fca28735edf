"""Run something that waits, in a reactor of its own, to its end."""

from __future__ import annotations

import resource
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

T = TypeVar("T")
FILES = 65_536
"""How many files are enough."""
INTERRUPTED = 130
"""The status of a command that Ctrl-C has ended."""


def openMore() -> None:
    """Have more files open than shells and systemd let a program that does not ask, whose usual bound is 1,024 for the
    sake of ``select()``: as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def theReactor() -> Any:
    """The reactor; installed at the first call."""
    from twisted.internet import reactor

    return reactor


def run(work: Callable[[Any], Awaitable[T]]) -> T:
    """What ``work(reactor)`` returns. Its errors that are meant for people become click's."""
    from twisted.internet.defer import CancelledError, Deferred

    from buildbot.errors import ConfigError, StatusError
    from buildbot.scripts.failing import Failed, Unusable

    reactor = theReactor()
    outcome: list[Any] = []
    ending: list[bool] = []

    async def begin() -> None:
        try:
            outcome.append(await work(reactor))
        except ConfigError as error:
            outcome.append(Unusable(error))
        except StatusError as error:
            outcome.append(Failed(error))
        except CancelledError:
            outcome.append(click.exceptions.Exit(INTERRUPTED))  # without a word, as other programs do
        except Exception as error:
            outcome.append(error)
        if reactor.running and not ending:
            reactor.stop()

    def start() -> None:
        running = Deferred.fromCoroutine(begin())

        def end() -> None:
            ending.append(True)  # by a signal: the reactor stops already
            running.cancel()

        reactor.addSystemEventTrigger("before", "shutdown", end)

    reactor.callWhenRunning(start)
    reactor.run()
    [result] = outcome
    if isinstance(result, Exception):
        raise result
    found: T = result
    return found
