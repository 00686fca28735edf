"""What the languages of events on HTTP have in common: a subscription, handed over as fast as the client takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

from twisted.internet.task import deferLater

from buildbot.errors import Busy, DatabaseUnavailable, DeadlineExceeded
from buildbot.status.events.subscription import Batch, Subscription

CHUNK = 32 * 1024
"""Bytes that are written at once, or one event, if that is longer: what a client that reads nothing costs."""
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


def chunks(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Frames joined to chunks."""
    kept: list[bytes] = []
    size = 0
    for frame in frames:
        if kept and size + len(frame) > CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
        kept.append(frame)
        size += len(frame)
    if kept:
        yield b"".join(kept)


def madeOnce(batch: Batch, form: str, make: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
    """A form of a batch, which all who get the batch share."""
    if form not in batch.forms:
        batch.forms[form] = make()
    made: Sequence[bytes] = batch.forms[form]
    return made
