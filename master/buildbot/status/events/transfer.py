"""Events on their way to a client that pulls them slice by slice."""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet.defer import TimeoutError

from buildbot.status.events.blocks import KEEPALIVE, alive, block, changes
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription
from buildbot.status.wire import SLICE

EVENTS = "text/event-stream"


class EventTransfer:
    """See :class:`buildbot.status.transfers.Transfer`. It has no end; a pull waits until something happens, but not
    longer than some seconds, after which a sign of life comes."""

    def __init__(self, subscription: Subscription, reactor: Any) -> None:
        self._subscription, self._reactor = subscription, reactor
        self._slices: deque[bytes] = deque([block("handshake", "", subscription.cursor)])

    async def next(self) -> tuple[bytes, bool]:
        """Raises what ends the subscription."""
        if not self._slices:
            try:
                batch: Batch = await self._subscription.nextBatch().addTimeout(KEEPALIVE, self._reactor)
            except TimeoutError:
                return alive(self._subscription.cursor), False
            first = self._subscription.delivered - len(batch.changes) + 1
            for chunk in changes(batch, first):
                self._slices.extend(chunk[start : start + SLICE] for start in range(0, len(chunk), SLICE))
        return self._slices.popleft(), False

    def drop(self) -> None:
        """Nobody wants the rest."""
        self._slices.clear()
        self._subscription.close()
