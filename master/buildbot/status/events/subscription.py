"""Subscriptions: everything after a cursor that is of a topic, in order, once.

A subscription is a cursor, and word that there may be more. Whoever reads slowly is behind, and costs no more than
that: nothing is queued. Those that ask for the same share what is read, matched and encoded for them, as long as they
keep step; one that is behind reads by itself until it has caught up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import attrs
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from buildbot.errors import BadQuery, Disconnected, Forbidden, Gone
from buildbot.status.definition import Resource
from buildbot.status.delivery import Delivery
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import Event
from buildbot.status.events.log import Read
from buildbot.status.events.predicate import Predicate, predicate
from buildbot.status.events.topics import Topic
from buildbot.status.query import GENERAL, Query

PACE = 0.08
"""Seconds between two times that subscribers are woken: what happens in between reaches them together."""
TURN = 100
"""Subscribers that are woken in one turn of the reactor."""
KEPT = 8
"""Pieces of the log that are kept for those who come after the first."""
T = TypeVar("T")


@attrs.frozen
class Change:
    """One event as it is for everybody who asks for the same."""

    cursor: str
    """Everything up to this event, it included."""
    topic: str
    """What happened to what: ``builds/7/finished``."""
    event: Event
    record: Mapping[str, Any]
    """As it is on the wire, after the change."""
    left: bool
    """The record met the filter before, and does not any more."""
    extra: Mapping[str, Any]
    """What the event says beside the record: the lines of an append."""


@attrs.frozen(eq=False)
class Batch:
    """What a piece of the log holds for those who ask for the same; immutable but for ``forms``, where languages keep
    what they make of it."""

    changes: Sequence[Change]
    cursor: Cursor
    """Where to go on."""
    generation: int | None
    """Of the feed, when there was no more than this; None: there was."""
    forms: dict[Hashable, Any] = attrs.field(factory=dict)


@attrs.frozen(eq=False)
class Selection:
    """What is asked for: those with the same :attr:`key` get the same."""

    topic: Topic
    given: Sequence[tuple[str, str]]
    query: Query
    visibility: str

    @cached_property
    def key(self) -> Hashable:
        return (
            self.topic.text,
            tuple(self.topic.conditions.items()),
            tuple(self.given),
            self.visibility,
        )

    @cached_property
    def _meets(self) -> Predicate:
        return predicate(self.topic.resource, self.query.shape.conditions, self.query.values)

    @cached_property
    def _size(self) -> int:
        return sum(not field.derived for field in self.topic.resource.Fields.values())

    def isWhole(self, event: Event) -> bool:
        """Whether an event has the whole record with it, rather than no more than what has changed."""
        return len(event.record) >= self._size

    def change(self, event: Event, cursor: str, present: Mapping[str, Any] | None) -> Change | None:
        """What an event of the topic is here; None where it is none of those that are asked for. ``present``: the
        record, where the event has not all of it."""
        resource, record, extra = self.topic.resource, event.record, {}
        if present is not None:
            extra = {name: value for name, value in record.items() if name not in resource.Fields}
            record = {**present, **{name: value for name, value in record.items() if name in resource.Fields}}
        if not self.topic.fits(record):
            return None
        meets = self._meets(record)
        left = not meets and event.changed is not None and self._meets({**record, **event.old})
        if not meets and not left:
            return None
        path = self.topic.path(event, record)
        fields = self.query.shape.fields
        if fields is not None:
            record = {name: record[name] for name in fields if name in record}
        return Change(cursor, path, event, record, left, extra)


def checkQuery(resource: type[Resource], query: Query, given: Sequence[tuple[str, str]]) -> None:
    """Raises BadQuery for what a subscription does not take."""
    for name, _ in given:
        if "." in name or (name in GENERAL and name != "field"):
            raise BadQuery(f"{name}: a subscription takes filters and field=; get() takes {name}", parameter=name)
    for name in (*(query.shape.fields or ()), *(condition.field for condition in query.shape.conditions)):
        if resource.Fields[name].derived:
            raise BadQuery(f"{name}: depends on other things, so events do not have it; get() does", parameter=name)


Present = Callable[[type[Resource], Sequence[int]], Deferred[Mapping[int, Mapping[str, Any]]]]
"""Reads the records with these keys, as they are now."""


class Shared(Generic[T]):
    """One result for all who wait for it. The work is given up when nobody does any more."""

    def __init__(self, work: Deferred[T], reactor: Any) -> None:
        self._waiting: list[Deferred[T]] = []
        self._result: T | Failure | None = None
        self._done = False
        self._work, self._reactor = work, reactor
        work.addBoth(self._fire)

    @property
    def failed(self) -> bool:
        """It is over, and there is no result."""
        return isinstance(self._result, Failure)

    def wait(self) -> Deferred[T]:
        """Fires with the result, or fails as the work does."""
        deferred: Deferred[T] = Deferred(self._leave)
        if self._done:
            self._give(deferred)
        else:
            self._waiting.append(deferred)
        return deferred

    def _leave(self, deferred: Deferred[T]) -> None:
        self._waiting.remove(deferred)
        if not self._waiting and not self._done:
            self._work.cancel()

    def _fire(self, result: T | Failure) -> None:
        self._done, self._result = True, result
        self._turn()

    def _turn(self) -> None:
        """Some in each turn: what they do then is not to hold up all else."""
        some, self._waiting = self._waiting[:TURN], self._waiting[TURN:]
        for deferred in some:
            self._give(deferred)
        if self._waiting:
            self._reactor.callLater(0, self._turn)

    def _give(self, deferred: Deferred[T]) -> None:
        result: Any = self._result
        deferred.errback(result) if isinstance(result, Failure) else deferred.callback(result)


@attrs.frozen(eq=False)
class _Piece:
    """A piece of the log, and what it holds for whom."""

    read: Read
    generation: int
    batches: dict[Hashable, Shared[Batch]] = attrs.field(factory=dict)


Group = dict["Subscription", Cursor]
"""Subscriptions that wait for the same, after the same cursor."""


class Feed:
    """The log, as all subscriptions of a process read it, through one
    :class:`~buildbot.status.events.source.IEventSource`."""

    def __init__(self, source: Any, reactor: Any, present: Present, pace: float = PACE) -> None:
        self.source, self._reactor, self._present, self._pace = source, reactor, present, pace
        self.generation = 0
        """Grows each time that there is news."""
        self._pieces: OrderedDict[Cursor, Shared[_Piece]] = OrderedDict()
        self._members: set[Subscription] = set()
        self._parked: dict[Hashable, Group] = {}
        self._stop: Callable[[], None] | None = None
        self._waking: Any = None
        self._woken = float("-inf")

    @property
    def subscriptions(self) -> int:
        """How many there are."""
        return len(self._members)

    @property
    def behind(self) -> int:
        """How many numbers of the log the last of them has not seen yet: 0 if all have kept up."""
        newest = self.source.cursor
        last = min((member.seq for member in self._members), default=None)
        return 0 if newest is None or last is None else max(newest.seq - last, 0)

    def join(self, member: Subscription) -> None:
        """One more, until :meth:`leave`; the source is listened to while there is any."""
        self._members.add(member)
        if self._stop is None:
            self._stop = self.source.listen(self._told)

    def leave(self, member: Subscription) -> None:
        """One less; leaving twice is allowed."""
        self._members.discard(member)
        if not self._members and self._stop is not None:
            self._stop()
            self._stop = None
            self._pieces.clear()
            if self._waking is not None:
                self._waking.cancel()
                self._waking = None

    def _told(self) -> None:
        self.generation += 1
        if self._waking is None:
            wait = self._woken + self._pace - self._reactor.seconds()
            self._waking = self._reactor.callLater(max(wait, 0), self._wake)

    def isNews(self, seen: int | None) -> bool:
        """Whether one who has seen all of a generation (None: who has not) should look again at once, rather than
        :meth:`park`."""
        return seen is None or (seen != self.generation and self._waking is None)

    def park(self, member: Subscription, after: Cursor) -> Group:
        """Let one wait for news, among those who wait for the same."""
        group = self._parked.setdefault((member.selection.key, after), {})
        group[member] = after
        return group

    def _wake(self) -> None:
        """Those who wait now; who comes meanwhile waits for the next time."""
        self._waking, self._woken = None, self._reactor.seconds()
        parked, self._parked = self._parked, {}
        self._inTurns(list(parked.values()), self._serve)

    def _inTurns(self, all_: Sequence[T], do: Callable[[T], object]) -> None:
        """Some in each turn: what they do then is not to hold up all else."""
        for each in all_[:TURN]:
            do(each)
        if len(all_) > TURN:
            self._reactor.callLater(0, self._inTurns, all_[TURN:], do)

    def _serve(self, group: Group) -> None:
        """Look once for all of a group."""
        for member, after in group.items():
            Deferred.fromCoroutine(self.batch(member.selection, after)).addBoth(self._hand, group)
            break

    def _hand(self, result: Batch | Failure, group: Group) -> None:
        def offer(member: Subscription) -> None:
            if group.pop(member, None) is not None:
                member.offer(result)

        self._inTurns(list(group), offer)

    async def batch(self, selection: Selection, after: Cursor) -> Batch:
        """What comes after a cursor. Raises Gone, and what a source fails with."""
        piece = await self._piece(after)
        shared = piece.batches.get(selection.key)
        if shared is None or shared.failed:
            work = Deferred.fromCoroutine(self._select(selection, piece))
            shared = piece.batches[selection.key] = Shared(work, self._reactor)
        return await shared.wait()

    async def _piece(self, after: Cursor) -> _Piece:
        shared = self._pieces.get(after)
        if shared is None or shared.failed:
            work = self.source.read(after).addCallback(_Piece, self.generation)
            shared = self._pieces[after] = Shared(work, self._reactor)
        piece = await shared.wait()
        if not piece.read.events and self._pieces.get(after) is shared:
            del self._pieces[after]  # there may be something by now
        while len(self._pieces) > KEPT:
            self._pieces.popitem(last=False)
        return piece

    async def _select(self, selection: Selection, piece: _Piece) -> Batch:
        topic, read = selection.topic, piece.read
        matching = [event for event in read.events if topic.matches(event)]
        partial = list(dict.fromkeys(event.key for event in matching if not selection.isWhole(event)))
        present = await self._present(topic.resource, partial) if partial else {}
        changes = []
        for event in matching:
            rest = None if selection.isWhole(event) else present.get(event.key, {})
            change = selection.change(event, str(read.cursorOf(event)), rest)
            if change is not None:
                changes.append(change)
        return Batch(changes, read.cursor, piece.generation if read.complete else None)


class Subscription:
    """Everything of a topic after a cursor, in order, once.

    ``while True: for delivery in await subscription.next(): …``, or ``async for delivery in subscription``.
    """

    def __init__(
        self, feed: Feed, selection: Selection, cursor: Cursor, *, allowed: Callable[[], object], connection: Any = None
    ) -> None:
        """``allowed()`` raises Forbidden if this may not be had any more."""
        self._feed, self.selection, self._cursor = feed, selection, cursor
        self._allowed, self._connection = allowed, connection
        self._seen: int | None = None
        """The generation of the feed of which nothing is left; None: there may be more."""
        self._waiting: Deferred[Batch] | None = None
        """What :meth:`nextBatch` has given."""
        self._group: Group | None = None
        """Those among whom it is parked."""
        self._reading: Deferred[Batch] | None = None
        """Otherwise, what it does itself."""
        self._closed: Exception | None = None
        self.delivered = 0
        """How many deliveries there were; the last one's number."""
        feed.join(self)

    @property
    def cursor(self) -> str:
        """Everything up to this was delivered, or is of no interest here: ``since=`` with it goes on without a gap."""
        return str(self._cursor)

    @property
    def seq(self) -> int:
        """The number of :attr:`cursor`."""
        return self._cursor.seq

    @property
    def topic(self) -> str:
        """As it was asked for."""
        return self.selection.topic.text

    def next(self) -> Deferred[Sequence[Delivery]]:
        """Fires with what came, one delivery at least and 500 at most, as soon as there is something.

        Fails with Gone where what comes next is not kept any more, Forbidden, Disconnected once it was closed, or
        as a call of ``get`` does: then, as after ``cancel()``, nothing is lost, and calling again goes on.
        """
        return self.nextBatch().addCallback(self._deliveries)

    def nextBatch(self) -> Deferred[Batch]:
        """As :meth:`next`, in the form that is shared with others; its last delivery has the number
        :attr:`delivered`."""
        if self._waiting is not None:
            raise RuntimeError("next() of a subscription is called again after its Deferred has fired")
        if self._closed is not None:
            return fail(self._closed)
        waiting: Deferred[Batch] = Deferred(self._cancelled)
        self._waiting = waiting
        self._look()
        return waiting

    def _look(self) -> None:
        """Wait with others for news, or read what there is already."""
        if not self._feed.isNews(self._seen):
            self._group = self._feed.park(self, self._cursor)
            return
        reading = Deferred.fromCoroutine(self._feed.batch(self.selection, self._cursor))
        if not reading.called:
            self._reading = reading
        reading.addBoth(self.offer)

    def offer(self, result: Batch | Failure) -> None:
        """What comes after the cursor, or why nothing does."""
        self._group = self._reading = None
        waiting = self._waiting
        if waiting is None:
            return
        if not isinstance(result, Failure):
            try:
                self._allowed()
            except Forbidden:
                result = Failure()
        if isinstance(result, Failure):
            self._waiting = None
            if result.check(Gone, Forbidden):
                error: Any = result.value
                self._end(error)
            waiting.errback(result)
            return
        self._cursor, self._seen = result.cursor, result.generation
        if not result.changes:
            self._look()
            return
        self._waiting = None
        self.delivered += len(result.changes)
        waiting.callback(result)

    def _cancelled(self, _: Any) -> None:
        self._waiting = None
        if self._group is not None:
            self._group.pop(self, None)
            self._group = None
        if self._reading is not None:
            self._reading.cancel()

    def _deliveries(self, batch: Batch) -> Sequence[Delivery]:
        make = self.selection.topic.resource.fromWire
        first = self.delivered - len(batch.changes) + 1
        return [
            Delivery(
                first + index,
                change.cursor,
                change.topic,
                change.event.event,
                make(dict(change.record), self._connection),
                None if change.event.changed is None else change.event.old,
                change.left,
                change.extra,
            )
            for index, change in enumerate(batch.changes)
        ]

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self._each()

    async def _each(self) -> AsyncIterator[Delivery]:
        while True:
            for delivery in await self.next():
                yield delivery

    def close(self) -> None:
        """Want no more; what is waited for fails with Disconnected. Closing twice is allowed."""
        self._end(Disconnected("this subscription was closed"))

    def _end(self, error: Exception) -> None:
        if self._closed is None:
            self._closed = error
            self._feed.leave(self)
            waiting = self._waiting
            if waiting is not None:
                self._cancelled(waiting)
                waiting.errback(error)
