"""Calls that are made in one turn of the reactor, asked together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from buildbot.errors import BadQuery, DeadlineExceeded, StatusError, TooLarge
from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.query import pairs

MOST = 100
"""Calls in one batch."""


class Asks(Protocol):
    """The part of a connection that is needed here."""

    catalogue: Catalogue

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]: ...

    def getMany(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Deferred[Sequence[Answer | StatusError]]: ...


@attrs.define(eq=False)
class _Call:
    """One call, and everybody who made it in this turn."""

    path: str
    query: Mapping[str, Any]
    waiting: list[Deferred[Answer]] = attrs.field(factory=list)
    batch: _Batch | None = None

    def fire(self, result: Answer | StatusError | Failure) -> None:
        waiting, self.waiting = self.waiting, []
        for deferred in waiting:
            deferred.callback(result) if isinstance(result, Answer) else deferred.errback(result)


@attrs.define(eq=False)
class _Batch:
    """Calls that are under way together; stopped when nobody waits for any of them."""

    calls: Sequence[_Call]
    running: Deferred[Any] | None = None

    def left(self) -> None:
        if self.running is not None and not any(call.waiting for call in self.calls):
            self.running.cancel()


class Coalescer:
    """Asks what is asked in one turn as one batch, the same call once; more than 100 calls make several batches.

    A call that was too much for a batch (its deadline, its size) is asked again alone.
    """

    def __init__(self, connection: Asks, reactor: Any) -> None:
        self._connection, self._reactor = connection, reactor
        self._queue: dict[tuple[str, tuple[tuple[str, str], ...]], _Call] = {}

    def ask(self, path: str, query: Mapping[str, Any]) -> Deferred[Answer]:
        """As ``get`` of the connection. Cancelling stops the reading once nobody waits for any call of its batch."""
        try:
            key = (path, tuple(pairs(query)))
        except BadQuery as error:
            return fail(error)
        if not self._queue:
            self._reactor.callLater(0, self._send)
        call = self._queue.setdefault(key, _Call(path, query))
        mine: Deferred[Answer] = Deferred(lambda deferred: self._cancel(key, call, deferred))
        call.waiting.append(mine)
        return mine

    def _cancel(self, key: Any, call: _Call, deferred: Deferred[Answer]) -> None:
        if deferred in call.waiting:
            call.waiting.remove(deferred)
            if call.batch is not None:
                call.batch.left()

    def _send(self) -> None:
        calls = [call for call in self._queue.values() if call.waiting]
        self._queue = {}
        own = {call for call in calls if self._isOwn(call.path)}
        # Apart from the others, as they may be in another database.
        for those in ([call for call in calls if call not in own], [call for call in calls if call in own]):
            for start in range(0, len(those), MOST):
                batch = those[start : start + MOST]
                if len(batch) == 1:
                    self._sendAlone(batch[0])
                else:
                    self._sendBatch(batch)

    def _isOwn(self, path: str) -> bool:
        try:
            return self._connection.catalogue.find(path.partition("?")[0]).pattern.resource.Own
        except StatusError:
            return False

    def _sendAlone(self, call: _Call) -> None:
        call.batch = batch = _Batch([call])
        batch.running = self._connection.get(call.path, call.query)
        batch.running.addBoth(call.fire)

    def _sendBatch(self, calls: Sequence[_Call]) -> None:
        batch = _Batch(calls)
        for call in calls:
            call.batch = batch
        batch.running = self._connection.getMany([(call.path, call.query) for call in calls])
        batch.running.addBoth(self._arrived, calls)

    def _arrived(self, results: Sequence[Answer | StatusError] | Failure, calls: Sequence[_Call]) -> None:
        each = [results] * len(calls) if isinstance(results, Failure) else results
        for call, result in zip(calls, each, strict=True):
            if call.waiting and _wasTooMuch(result):
                self._sendAlone(call)
            else:
                call.fire(result)


def _wasTooMuch(result: Answer | StatusError | Failure) -> bool:
    """Whether a call may succeed alone that failed among others; not where it was the caller's time that was up."""
    error = result.value if isinstance(result, Failure) else result
    return isinstance(error, (TooLarge, DeadlineExceeded)) and "timeout" not in error.extra
