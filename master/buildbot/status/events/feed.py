"""The log, as all subscriptions of a process read it: what they have in common is read, matched and encoded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakValueDictionary

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from buildbot.status.definition import Resource
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import LIMIT, Read
from buildbot.status.events.selection import Batch, Change, Matching, Selection
from buildbot.status.events.text import Range, Text, ranges, withText
from buildbot.status.events.window import MOST, Window

if TYPE_CHECKING:
    from buildbot.status.events.subscription import Subscription

PACE = 0.08
"""Seconds between two times that subscribers are woken: what happens in between reaches them together."""
TURN = 100
"""Subscribers that are woken in one turn of the reactor, at most."""
SLICE = 0.005
"""Seconds after which the others have to wait for the next turn."""
KEPT = 8
"""Pieces of the log that are kept for those who come after the first."""
T = TypeVar("T")


Parameters = Sequence[tuple[str, str]]
Present = Callable[
    [Mapping[type[Resource], tuple[Sequence[int], Parameters]]],
    Deferred[Mapping[type[Resource], Mapping[int, Mapping[str, Any]]]],
]
"""Reads records of some types by their keys, with these parameters, as they are now, all in one state."""
Texts = Callable[[Mapping[int, Range]], Deferred[Mapping[int, Text]]]
"""Reads lines of logs, by their keys."""


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


def _withEmbedded(change: Change, found: Mapping[str, Any]) -> Change:
    key = change.resource.Key
    own = {name: value for name, value in found.items() if key is None or name != key.name}
    return attrs.evolve(change, given={**change.record, **own}) if own else change


class Feed:
    """The log, as all subscriptions of a process read it, through one
    :class:`~buildbot.status.events.source.IEventSource`."""

    def __init__(self, source: Any, reactor: Any, present: Present, texts: Texts, pace: float = PACE) -> None:
        self.source, self._reactor, self._pace = source, reactor, pace
        self._present, self._texts = present, texts
        self.generation = 0
        """Grows each time that there is news."""
        self._selections: WeakValueDictionary[Hashable, Selection] = WeakValueDictionary()
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

    def shared(self, selection: Selection) -> Selection:
        """The one that all have who ask for the same."""
        return self._selections.setdefault(selection.key, selection)

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
        self._schedule()

    def _schedule(self) -> None:
        if self._waking is None:
            wait = self._woken + self._pace - self._reactor.seconds()
            self._waking = self._reactor.callLater(max(wait, 0), self._wake)

    def park(self, member: Subscription, after: Cursor, seen: int) -> Group:
        """Let one who has seen all of a generation wait for news, among those who wait for the same."""
        group = self._parked.setdefault((member.selection.key, after), {})
        group[member] = after
        if seen != self.generation:
            self._schedule()
        return group

    def _wake(self) -> None:
        """Those who wait now; who comes meanwhile waits for the next time."""
        self._waking, self._woken = None, self._reactor.seconds()
        parked, self._parked = self._parked, {}
        self._inTurns(list(parked.values()), self._serve)

    def _inTurns(self, all_: Sequence[T], do: Callable[[T], object]) -> None:
        """Some in each turn: what they do then is not to hold up all else."""
        until = self._reactor.seconds() + SLICE
        for index, each in enumerate(all_):
            if index == TURN or self._reactor.seconds() > until:
                self._reactor.callLater(0, self._inTurns, all_[index:], do)
                return
            do(each)

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
            work = Deferred.fromCoroutine(self._select(selection, piece, after))
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

    async def _select(self, selection: Selection, piece: _Piece, after: Cursor) -> Batch:
        read = piece.read
        if selection.options.conflate:
            return await self._conflated(selection, piece, after)
        taker = selection.takers.get
        told = [
            each
            for epoch, events in read.byEpoch()
            for event in events
            if (take := taker(event.type)) and (each := take(event, epoch))
        ]
        changes = await self._changes(selection, told)
        if selection.options.content and (wanted := ranges(changes, after)):
            changes, place = withText(changes, after, await self._texts(wanted), read.history)
            if place is not None:
                return Batch(changes, place, None)
        return Batch(changes, read.cursor, piece.generation if read.complete else None)

    async def _changes(self, selection: Selection, told: Sequence[Change | Matching]) -> Sequence[Change]:
        """With what is not known from the events alone."""
        plain = [each for each in told if isinstance(each, Change)]
        if len(plain) == len(told):
            return await self._embedded(selection, plain)
        matching = [each for each in told if isinstance(each, Matching)]
        present = await self._read([(each.resource, each.event.key, ()) for each in matching if not each.isWhole])
        changes = []
        for each in told:
            change: Change | None
            if isinstance(each, Change):
                change = each
            else:
                rest = None if each.isWhole else present[each.resource].get(each.event.key, {})
                change = selection.change(each, rest)
            if change is not None:
                changes.append(change)
        return await self._embedded(selection, changes)

    async def _embedded(self, selection: Selection, changes: Sequence[Change]) -> Sequence[Change]:
        """With what is asked for beside the records: as it is now, for all in one state."""
        asked = {part.resource: part.embedded for part in selection.parts if part.embedded}
        if not asked:
            return changes
        wanted = [(each.resource, each.event.key, asked[each.resource]) for each in changes if each.resource in asked]
        found = await self._read(wanted)
        return [_withEmbedded(each, found.get(each.resource, {}).get(each.event.key, {})) for each in changes]

    async def _read(
        self, wanted: Sequence[tuple[type[Resource], int, Parameters]]
    ) -> Mapping[type[Resource], Mapping[int, Mapping[str, Any]]]:
        keys: dict[type[Resource], dict[int, None]] = {}
        given: dict[type[Resource], Parameters] = {}
        for resource, key, parameters in wanted:
            keys.setdefault(resource, {})[key] = None
            given[resource] = parameters
        if not keys:
            return {}
        return await self._present({resource: (list(some), given[resource]) for resource, some in keys.items()})

    async def _conflated(self, selection: Selection, piece: _Piece, after: Cursor) -> Batch:
        """Up to the present, or as far as it is not too much. All of it belongs together: whoever goes on somewhere in
        it begins with it anew, because what the log says in between does not tell what is left out."""
        window = Window(selection)
        read, generation = piece.read, piece.generation
        while True:
            for event in read.events:
                window.add(event)
            if read.complete or len(window) >= MOST:
                break
            generation = self.generation
            read = await self.source.read(read.cursor)
        changes: list[Change] = []
        told = list(window.told())
        for start in range(0, len(told), LIMIT):
            changes += await self._changes(selection, told[start : start + LIMIT])
            await deferLater(self._reactor, 0)
        placed = [attrs.evolve(change, cursor=str(after)) for change in changes[:-1]]
        placed += [attrs.evolve(change, cursor=str(read.cursor)) for change in changes[-1:]]
        batch: Batch | None = None
        for start in reversed(range(0, max(len(placed), 1), LIMIT)):
            isLast = batch is None
            batch = Batch(
                placed[start : start + LIMIT],
                read.cursor if isLast else after,
                generation if isLast and read.complete else None,
                batch,
            )
        assert batch is not None
        return batch
