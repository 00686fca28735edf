"""Reading the log of events: the same tables and the same code for whoever writes them."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import attrs
from sqlalchemy import bindparam, select
from sqlalchemy.sql import Select
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.db.dialect import dialectOf
from buildbot.db.own import status_epochs, status_events, status_head
from buildbot.errors import DatabaseUnavailable, Gone
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import COLUMNS, Event

LIMIT = 500
"""Events in one read, unless asked otherwise."""


class Reader(Protocol):
    """What the log is read through: a Snapshot, or a writer's transaction."""

    dialect: str

    def rows(self, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]: ...


@attrs.frozen
class Epoch:
    """One history, from its first number to the next one's."""

    epoch: str
    first: int


@attrs.frozen
class History:
    """What there is: the newest number, the oldest that can be resumed, and the epochs between them."""

    seq: int
    oldest: int
    epochs: Sequence[Epoch]
    """In order; never empty."""

    @property
    def head(self) -> Cursor:
        """Where the log ends now."""
        return self.at(self.seq)

    def at(self, seq: int) -> Cursor:
        """The cursor after the event with this number, which is known."""
        return Cursor(self.epochs[self.indexAt(seq)].epoch, seq)

    def indexAt(self, seq: int) -> int:
        """Which of the epochs has the event with this number."""
        return max(bisect_right(self.epochs, seq, key=lambda epoch: epoch.first) - 1, 0)

    def require(self, cursor: Cursor) -> None:
        """Raises Gone for a cursor that is of another history; not for one that this one will come to."""
        known = next((n for n, epoch in enumerate(self.epochs) if epoch.epoch == cursor.epoch), None)
        if known is None:
            raise self._gone(f"The cursor {cursor} is of a history that this database does not know (any more).")
        isOver = known + 1 < len(self.epochs) and cursor.seq >= self.epochs[known + 1].first
        if isOver or cursor.seq < self.epochs[known].first - 1:
            raise self._absent(cursor)

    def check(self, cursor: Cursor) -> None:
        """Raises Gone for a cursor that is of another history, or older than what is kept."""
        self.require(cursor)
        if cursor.seq > self.seq:
            raise self._absent(cursor)
        if cursor.seq < self.oldest - 1:
            raise self._gone(f"The cursor {cursor} is older than what is kept.")

    def _absent(self, cursor: Cursor) -> Gone:
        return self._gone(f"The cursor {cursor} is of a history that this database does not have.")

    def _gone(self, why: str) -> Gone:
        oldest = self.at(max(self.oldest - 1, self.epochs[0].first))
        return Gone(f"{why} List again, and go on from the answer's cursor.", oldest=str(oldest))


@attrs.frozen
class Read:
    """Some events in their order, and where to go on."""

    events: Sequence[Event]
    cursor: Cursor
    """After the last of them; if there was none, after all that was there."""
    history: History

    @property
    def complete(self) -> bool:
        """Whether this was all that there was."""
        return self.cursor.seq == self.history.seq

    def byEpoch(self) -> Iterator[tuple[str, Sequence[Event]]]:
        """The events, those of one epoch together, with its name; nearly always all of them."""
        epochs, rest = self.history.epochs, self.events
        while rest:
            index = self.history.indexAt(rest[0].seq)
            until = epochs[index + 1].first if index + 1 < len(epochs) else sys.maxsize
            size = bisect_left(rest, until, key=lambda event: event.seq)
            yield epochs[index].epoch, rest[:size]
            rest = rest[size:]


_HISTORY = select(status_head.c.seq, status_head.c.oldest, status_epochs.c.epoch, status_epochs.c.first_seq)
_HISTORY = _HISTORY.join(status_epochs, status_head.c.id == 1).order_by(status_epochs.c.first_seq)
_ALL = select(*(status_events.c[name] for name in COLUMNS)).order_by(status_events.c.seq)
_EVENTS = _ALL.where(status_events.c.seq > bindparam("after")).limit(bindparam("most"))

_NEXT = select(status_events.c.seq, status_events.c.at).where(status_events.c.seq > bindparam("after"))
_NEXT = _NEXT.order_by(status_events.c.seq).limit(1)


@lru_cache(maxsize=20)
def _compiled(statement: Select[Any], dialect: str) -> str:
    return dialectOf(dialect).compile(statement)


def history(reader: Reader) -> History:
    """What the log holds now. Raises DatabaseUnavailable where no writer has opened it yet."""
    rows = reader.rows(_compiled(_HISTORY, reader.dialect), {})
    if not rows:
        raise DatabaseUnavailable("The log of events is empty: nothing that writes it has been started yet.")
    return History(rows[0][0], rows[0][1], [Epoch(epoch, first) for *_, epoch, first in rows])


def readEvents(reader: Reader, after: Cursor, limit: int = LIMIT) -> Read:
    """At most ``limit`` events after a cursor, in order, without a gap. Raises Gone, DatabaseUnavailable."""
    found = history(reader)
    found.check(after)
    rows = reader.rows(_compiled(_EVENTS, reader.dialect), {"after": after.seq, "most": limit})
    events = list(map(Event._make, rows))
    return Read(events, found.at(events[-1].seq) if len(events) == limit else found.head, found)


def placeAt(reader: Reader, time: int) -> Cursor:
    """The place before the first event from a time on, in seconds since the epoch; the oldest that is kept, if all came
    later. Events carry the times of their commits, in order but for clocks that were set back."""
    found = history(reader)
    low, high = max(found.oldest - 1, found.epochs[0].first), found.seq
    while low < high:  # some twenty statements, along the key: there is no index by time
        middle = (low + high) // 2
        rows = reader.rows(_compiled(_NEXT, reader.dialect), {"after": middle})
        if rows and rows[0][1] < time:
            low = rows[0][0]
        else:
            high = middle
    return found.at(low)


def eventsOf(reader: Reader) -> Sequence[Event]:
    """All that is stored, whoever may resume where."""
    return list(map(Event._make, reader.rows(_compiled(_ALL, reader.dialect), {})))


class EventLog:
    """The log in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> Deferred[Cursor]:
        """Where the log ends now. Fails with DatabaseUnavailable."""
        return self._database.run("events.head", lambda snapshot: history(snapshot).head)

    def find(self, time: int) -> Deferred[Cursor]:
        """See :func:`placeAt`."""
        return self._database.run("events.find", lambda snapshot: placeAt(snapshot, time))

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """At most ``limit`` events after a cursor, in order, without a gap. Fails with Gone if that cannot be, else as
        :meth:`~buildbot.db.connector.Database.run`."""
        return self._database.run("events.read", lambda snapshot: readEvents(snapshot, after, limit))
