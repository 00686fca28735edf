"""What the languages of events on HTTP have in common: a subscription, handed over as fast as the client takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from twisted.internet.task import deferLater

from buildbot.errors import Busy, DatabaseUnavailable, DeadlineExceeded
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription

AGAIN = 1.0
"""Seconds after which a log that could not be read is tried again."""

Encode = Callable[[Batch, int], Iterable[bytes]]
"""A batch as bytes, in chunks; gets the number of its first delivery."""


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
