"""Waiting until a process knows of everything up to a cursor: whoever has written something, and reads it elsewhere."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, TimeoutError

from buildbot.errors import BadQuery, DeadlineExceeded
from buildbot.status.events.cursor import Cursor

PATIENCE = 30.0
"""Seconds."""
NAME = "min_cursor"
Pairs = list[tuple[str, str]]


def takeMinimum(given: Any, *, isLogged: bool) -> tuple[Cursor | None, Pairs]:
    """What ``min_cursor=`` says, and the other parameters. Raises BadQuery."""
    values = [text for name, text in given if name == NAME]
    if not values:
        return None, given
    if not isLogged:
        raise BadQuery(f"{NAME}: there is no event log here, so answers have no cursor", parameter=NAME)
    if len(values) > 1:
        raise BadQuery(f"{NAME}: takes one cursor", parameter=NAME)
    return Cursor.parse(values[0], NAME), [pair for pair in given if pair[0] != NAME]


async def reached(source: Any, cursor: Cursor, reactor: Any) -> None:
    """Returns once everything up to a cursor has come to a :class:`~buildbot.status.events.source.IEventSource`.

    Raises Gone for one of another history, DeadlineExceeded if it does not come within :data:`PATIENCE`, and what the
    source fails with.
    """
    waiting: Deferred[None] | None = None

    def told() -> None:
        if waiting is not None and not waiting.called:
            waiting.callback(None)

    until = reactor.seconds() + PATIENCE
    stop = source.listen(told)
    isKnown = False
    try:
        while True:
            now: Cursor | None = source.cursor
            if now is not None and not isKnown:
                (await source.read(now, 1)).history.require(cursor)
                isKnown = True
            if now is not None and now.seq >= cursor.seq:
                return
            if source.cursor == now:
                waiting = Deferred()
                await waiting.addTimeout(max(until - reactor.seconds(), 0), reactor)
    except TimeoutError:
        raise DeadlineExceeded(
            f"{NAME}={cursor}: this server has not come to know of it within {PATIENCE:g} s; ask again later"
        ) from None
    finally:
        stop()
