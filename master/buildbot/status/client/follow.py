"""A list, or a thing, and what happens to it, for as long as somebody wants to know: over any connection."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

import attrs
from twisted.internet.task import deferLater

from buildbot.errors import Gone, NotFound, StatusError
from buildbot.status.client.following import LONGEST, SHORTEST, mayPass
from buildbot.status.definition import Resource
from buildbot.status.delivery import Delivery
from buildbot.status.query import pairs
from buildbot.status.wanted import Pairs, Wanted, wantedOf

SPREAD = 10.0
"""Seconds within which those whose cursors are gone at the same time list again, each at a moment of its own."""


@attrs.frozen
class Row:
    """One of those that are there."""

    record: Resource
    cursor: str
    """The place in the stream of events at which it was read."""


@attrs.frozen
class Synced:
    """All that was there has come; what comes next are changes."""

    cursor: str
    """``follow(…, since=…)`` with it goes on here."""


@attrs.frozen
class Anew:
    """What has happened since the last delivery is not kept any more: all that came so far is to be forgotten, and the
    rows come again."""

    reason: str


Told = Row | Synced | Delivery | Anew


async def follow(
    connection: Any,
    path: str | Sequence[str],
    query: Mapping[str, Any] | None = None,
    *,
    since: str | None = None,
    reactor: Any,
    spread: Callable[[], float] = random.random,
) -> AsyncGenerator[Told, None]:
    """``async for told in follow(connection, "builds", {"complete": False}, reactor=reactor)``: a :class:`Row` for each
    record that is there, then :class:`Synced`, and then each :class:`~buildbot.status.delivery.Delivery`, without end.

    ``path`` is one of the API, or a topic, or several topics, of which there are no rows. With ``since``, no rows come
    either. Where the server is away it waits, once it was there; where what it wants to go on with is not kept any
    more, :class:`Anew` comes, and all again, after a random part of :data:`SPREAD` (``spread()`` is from 0 to 1), so
    that not all do so at once. With ``since`` that happens to be gone at the beginning it raises Gone; and it raises
    what will not pass.
    """
    given = pairs(query or {})
    wanted = Wanted(path, given, None)
    if isinstance(path, str) and _isPath(connection, path):
        wanted = await wantedOf(connection.catalogue, connection.get, path, given)
    isFirst, isNew, wait = True, since is None, SHORTEST
    while True:
        try:
            if isNew and wanted.rows is not None:
                answer = await connection.get(path, _mapping(wanted.rows))
                for record in answer.records:
                    yield Row(record, answer.cursor)
                since = answer.cursor
            subscription = await connection.subscribe(wanted.topic, since, **_mapping(wanted.filters))
            try:
                if isNew:
                    yield Synced(subscription.cursor)
                isFirst, isNew, wait = False, False, SHORTEST
                while True:
                    for delivery in await subscription.next():
                        yield delivery
            finally:
                since = subscription.cursor
                subscription.close()
        except Gone as error:
            if isFirst:
                raise
            yield Anew(str(error))
            await deferLater(reactor, SPREAD * spread())
            since, isNew = None, True
        except StatusError as error:
            if isFirst or not mayPass(error) or connection.isClosed:
                raise
            if isNew:
                yield Anew(str(error))
            await deferLater(reactor, wait * (0.5 + spread()))
            wait = min(2 * wait, LONGEST)


def _isPath(connection: Any, text: str) -> bool:
    """Otherwise it is a topic; if it is none, the server says so."""
    try:
        connection.catalogue.find(text)
    except NotFound:
        return False
    return True


def _mapping(given: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in given:
        found.setdefault(name, []).append(value)
    return found
