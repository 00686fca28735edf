"""What the languages of events on HTTP have in common: a subscription, handed over as fast as the client takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from twisted.internet.task import deferLater

from buildbot.errors import Busy, DatabaseUnavailable, DeadlineExceeded, NotFound, StatusError
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription
from buildbot.status.events.topics import ANY, topicOf
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.status.wanted import Wanted, wantedOf
from buildbot.www.address import Pairs

AGAIN = 1.0
"""Seconds after which a log that could not be read is tried again."""

Encode = Callable[[Batch, int], Iterable[bytes]]
"""A batch as bytes, in chunks; gets the number of its first delivery."""


async def followed(service: StatusService, principal: Principal, path: str, pairs: Pairs) -> Wanted:
    """What is followed by whoever names a path of the API, or a topic. Raises BadQuery, NotFound, and what ``get``
    fails with."""
    try:
        return await wantedOf(service.catalogue, partial(service.getAs, principal), path, pairs)
    except NotFound as error:
        try:
            topicOf(service.catalogue, path)
        except StatusError as wrong:
            raise (wrong if ANY in path else error) from None
        return Wanted(path, pairs, None)


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
