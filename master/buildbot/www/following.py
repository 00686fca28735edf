"""What the languages of events on HTTP have in common: a subscription, handed over as fast as the client takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import attrs
from twisted.internet.task import deferLater

from buildbot.errors import BadQuery, Busy, DatabaseUnavailable, DeadlineExceeded, NotFound, StatusError
from buildbot.status.events.selection import Batch, takeOptions
from buildbot.status.events.subscription import Subscription
from buildbot.status.events.topics import ANY, topicOf
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.www.address import Pairs

AGAIN = 1.0
"""Seconds after which a log that could not be read is tried again."""

Encode = Callable[[Batch, int], Iterable[bytes]]
"""A batch as bytes, in chunks; gets the number of its first delivery."""


ROWS_ONLY = ("limit", "order", "min_cursor")
"""Parameters that say which rows come at first, and nothing of events."""


@attrs.frozen
class Wanted:
    """What is followed."""

    topic: str
    filters: Pairs
    """The parameters of the subscription."""
    rows: Pairs | None
    """Those of a call for what is there; None: a topic is followed, so nothing is."""


async def wantedOf(service: StatusService, principal: Principal, path: str, pairs: Pairs) -> Wanted:
    """What is followed by whoever names a path of the API, or a topic. Raises BadQuery, NotFound, and what ``get``
    fails with."""
    try:
        found = service.catalogue.find(path)
    except NotFound as error:
        try:
            topicOf(service.catalogue, path)
        except StatusError as wrong:
            raise (wrong if ANY in path else error) from None
        return Wanted(path, pairs, None)
    rows = list(takeOptions(pairs)[1])
    resource = found.pattern.resource
    if found.pattern.endpoint is not None or resource.Key is None:
        raise BadQuery(f"{path}: nothing is announced of what this answers with; it can be asked for, not followed")
    if not found.pattern.single:
        return Wanted(f"{path}/*/*", [pair for pair in pairs if pair[0] not in ROWS_ONLY], rows)
    key = (await service.getAs(principal, path, {"field": resource.Key.name})).one.asDict()
    plural = resource.Plural if resource.List is None else resource.List
    return Wanted(f"{plural}/{key[resource.Key.name]}/*", [pair for pair in pairs if pair[0] != "min_cursor"], rows)


async def handOver(
    subscription: Subscription, encode: Encode, put: Callable[[bytes], Awaitable[None]], reactor: Any
) -> None:
    """Give everything that a subscription gives to ``put``, which returns when more may come. Goes on until it is
    cancelled; raises Gone, Forbidden and Disconnected."""
    while True:
        try:
            batch = await subscription.nextBatch()
        except (Busy, DatabaseUnavailable, DeadlineExceeded):
            await deferLater(reactor, AGAIN)
            continue
        for chunk in encode(batch, subscription.delivered - len(batch.changes) + 1):
            await put(chunk)
