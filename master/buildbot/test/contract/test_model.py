"""The log of events against a model of it: cursors, epochs, retention, resuming, restored copies and other writers.

The real statements run on a real SQLite; beside them stands a plain list of all that ever happened. What a cursor
means is told from that list alone: everything that was in it when the cursor was given. So a read with it either gives
exactly what has come since, or is *gone*; and it is not gone without need. The rules are tried in random orders, always
the same ones; ``BUILDBOT_MODEL_EXAMPLES=5000`` tries so many others, and prints what repeats a failure. Each fault of
:data:`FAULTS` is found.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, select
from twisted.trial.unittest import SynchronousTestCase

from buildbot.db import own
from buildbot.db.writes import events, trim
from buildbot.db.writes.transaction import Transaction
from buildbot.db.writes.trim import Keep
from buildbot.errors import Gone
from buildbot.status.events import log
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import History, Read, history, readEvents

EXAMPLES = os.environ.get("BUILDBOT_MODEL_EXAMPLES")
SETTINGS = settings(
    max_examples=int(EXAMPLES or 40),
    stateful_step_count=40,
    derandomize=EXAMPLES is None,
    print_blob=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
COUNTS = st.sampled_from([0, 1, 3, 8])
LIMITS = st.sampled_from([1, 2, 7, 500])


@attrs.frozen
class Item:
    """Something that happened: an event, the start of a writer, or what somebody else wrote, of which there is no
    event. Each is only equal to itself."""

    kind: str
    number: int
    at: int = 0


@attrs.define
class Copy:
    """A copy of the database, and what had happened until it was made."""

    connection: sqlite3.Connection
    past: tuple[Item, ...]
    pending: bool
    isRunning: bool
    """Whether a writer had opened it at all."""


@attrs.frozen
class Place:
    """A cursor that was given, and what lies before it."""

    cursor: Cursor
    past: tuple[Item, ...]


class LogMachine(RuleBasedStateMachine):
    """One database, which one writer at a time uses."""

    places = Bundle("places")
    copies = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        engine = create_engine("sqlite://", creator=lambda: self.connection)
        own.metadata.create_all(engine)
        self.connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, item INTEGER)")
        self.past: tuple[Item, ...] = ()
        self.count = 0
        self.now = 1_000_000
        self.pending = False
        """Somebody else has written since our last transaction."""
        self.isOpen = self.isBegun = False

    def teardown(self) -> None:
        self.connection.close()

    def tx(self) -> Transaction:
        return Transaction("sqlite", self.connection.cursor(), None)  # type: ignore[arg-type]  # nothing is described

    def item(self, kind: str) -> Item:
        self.count += 1
        return Item(kind, self.count, self.now)

    def fingerprint(self, tx: Transaction) -> str:
        [[highest]] = tx.rows("SELECT max(id) FROM things", {})
        return str(highest)

    # -- what happens

    @initialize(begins=st.sampled_from([True, True, False]))
    def begin(self, begins: bool) -> None:
        """Mostly, there is a writer at first."""
        if begins:
            self.goOn(2)

    def goOn(self, count: int) -> None:
        """A writer starts and writes."""
        self.start()
        self.write(count, fails=False)

    @rule()
    def start(self) -> None:
        """A writer starts, as after a kill."""
        self.connection.execute("BEGIN IMMEDIATE")
        events.openEpoch(self.tx(), self.now, self.fingerprint)
        self.connection.execute("COMMIT")
        if self.pending:
            self.past += (self.item("foreign"),)
        self.past += (self.item("epoch"),)
        self.pending, self.isOpen, self.isBegun = False, True, True

    @precondition(lambda self: self.isOpen)
    @rule(count=st.integers(0, 5), fails=st.booleans())
    def write(self, count: int, fails: bool) -> None:
        """It writes some events in one transaction, which may not come to its end."""
        self.connection.execute("BEGIN IMMEDIATE")
        tx = self.tx()
        head = events.lock(tx)
        assert head is not None
        items = [self.item("event") for _ in range(count)]
        for item in items:
            tx.rows("INSERT INTO things (item) VALUES (:item)", {"item": item.number})
        rows = [{"type": "builds", "key": item.number, "event": "new", "body": "{}"} for item in items]
        events.append(tx, head, rows, self.now, self.fingerprint(tx))
        if fails:
            self.connection.execute("ROLLBACK")
            return
        self.connection.execute("COMMIT")
        self.past += tuple(items)

    @rule(count=COUNTS)
    def foreign(self, count: int) -> None:
        """A stock master has the database, while no writer of ours runs; perhaps one goes on after it."""
        self.connection.execute("INSERT INTO things (item) VALUES (0)")
        self.pending, self.isOpen = self.isBegun, False
        if count:
            self.goOn(count)

    @rule(seconds=st.integers(1, 100))
    def later(self, seconds: int) -> None:
        self.now += seconds

    @precondition(lambda self: self.isOpen)
    @rule(
        age=st.sampled_from([1, 50, 10_000]),
        most=st.integers(1, 12),
        cap=st.integers(1, 20),
        needed=st.one_of(st.none(), st.integers(0, 30)),
    )
    def trim(self, age: int, most: int, cap: int, needed: int | None) -> None:
        """Retention: nothing goes that is young and among the newest, or needed and below the cap; but what nobody can
        come for any more, because somebody else wrote after it."""
        before, was = self.stored(), history(self.tx())
        head = was.seq
        self.connection.execute("BEGIN IMMEDIATE")
        trim.trim(self.tx(), self.now, Keep(age, most, cap), needed)
        self.connection.execute("COMMIT")
        after = {seq for seq, _ in self.stored()}
        for seq, at in before:
            isDue = at < self.now - age or seq <= head - most
            isHeld = needed is not None and seq >= needed and seq > head - cap
            if seq >= was.oldest and (not isDue or isHeld):
                assert seq in after, f"{seq} was forgotten"
        assert after == {seq for seq, _ in before if seq >= min(after, default=head + 1)}, "a gap was made"

    @rule(target=copies)
    def copy(self) -> Copy:
        """Somebody makes a backup."""
        copy = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.backup(copy)
        return Copy(copy, self.past, self.pending, self.isBegun)

    @rule(copy=copies, count=COUNTS)
    def restore(self, copy: Copy, count: int) -> None:
        """And puts it back, while nobody writes; perhaps a writer goes on after it."""
        copy.connection.backup(self.connection)
        self.past, self.pending, self.isBegun, self.isOpen = copy.past, copy.pending, copy.isRunning, False
        if count:
            self.goOn(count)

    @precondition(lambda self: self.isOpen)
    @rule(target=places, count=COUNTS, after=COUNTS)
    def lose(self, count: int, after: int) -> Place:
        """Somebody lists what is lost then, because an older copy is put back."""
        copy: Any = self.copy()
        self.write(count, fails=False)
        place: Any = self.list()
        self.restore(copy, after)
        return place  # type: ignore[no-any-return]  # it is one

    # -- who follows

    @precondition(lambda self: self.isBegun)
    @rule(target=places)
    def list(self) -> Place:
        """Somebody lists: the cursor of the answer."""
        return Place(history(self.tx()).head, self.past)

    @precondition(lambda self: self.isBegun)
    @rule(target=places, place=places, limit=LIMITS)
    def read(self, place: Place, limit: int) -> Place:
        """Somebody goes on from a place, which is the next one's beginning."""
        isBefore = self.past[: len(place.past)] == place.past
        since = self.past[len(place.past) :] if isBefore else ()
        expected = [item.number for item in since if item.kind == "event"]
        kept = {key for _, key in self.keys()}
        mayBeHad = isBefore and all(item.kind != "foreign" for item in since) and set(expected) <= kept
        try:
            found = readEvents(self.tx(), place.cursor, limit)
        except Gone as error:
            assert not mayBeHad, f"{place.cursor} is not gone"
            self.oldest(error)
            return Place(history(self.tx()).head, self.past)
        assert mayBeHad, f"{place.cursor} is gone"
        keys = [event.key for event in found.events]
        assert keys == expected[: len(keys)]
        assert len(keys) == min(limit, len(expected))
        assert found.complete == (len(keys) == len(expected)) or len(keys) == limit
        seen = [(epoch, event) for epoch, events in found.byEpoch() for event in events]
        assert [event for _, event in seen] == found.events
        for epoch, event in seen:
            self.checked(Cursor(epoch, event.seq), event.key)
        return Place(found.cursor, self.until(keys[-1]) if len(keys) == limit else self.past)

    def checked(self, cursor: Cursor, key: int) -> None:
        """An event's own cursor goes on right after it."""
        rest = readEvents(self.tx(), cursor, 1).events
        after = [item.number for item in self.past[len(self.until(key)) :] if item.kind == "event"]
        assert [event.key for event in rest] == after[:1]

    def oldest(self, error: Gone) -> None:
        """Where one can go on instead is said, and one can."""
        found = readEvents(self.tx(), Cursor.parse(str(error.extra["oldest"])), 500)
        assert [event.key for event in found.events] == [key for seq, key in self.keys() if self.isOfNow(seq)][:500]

    def isOfNow(self, seq: int) -> bool:
        """Whether an event can be had: not from before somebody else wrote."""
        return seq >= history(self.tx()).oldest

    def until(self, key: int) -> tuple[Item, ...]:
        """All up to an event, and it."""
        index = next(n for n, item in enumerate(self.past) if item.number == key)
        return self.past[: index + 1]

    def stored(self) -> Sequence[tuple[int, int]]:
        return self.connection.execute("SELECT seq, at FROM status_events ORDER BY seq").fetchall()

    def keys(self) -> Sequence[tuple[int, int]]:
        return self.connection.execute("SELECT seq, key FROM status_events ORDER BY seq").fetchall()

    @invariant()
    def isOrdered(self) -> None:
        """The log holds a part of the past without a gap, in its order, up to the newest."""
        keys = [key for _, key in self.keys()]
        happened = [item.number for item in self.past if item.kind == "event"]
        assert keys == happened[len(happened) - len(keys) :]


LogMachine.TestCase.settings = SETTINGS


@contextmanager
def skips() -> Iterator[None]:
    """A source that leaves out one event in seven."""
    real = readEvents

    def read(reader: Any, after: Cursor, limit: int = 500) -> Read:
        found = real(reader, after, limit)
        return attrs.evolve(found, events=[event for event in found.events if event.seq % 7])

    with patch(f"{__name__}.readEvents", read):
        yield


@contextmanager
def trusts() -> Iterator[None]:
    """A writer that does not ask whether somebody else has written."""
    with patch.object(LogMachine, "fingerprint", lambda self, tx: "same"):
        yield


@contextmanager
def believes() -> Iterator[None]:
    """A cursor whose epoch is known is taken as it is."""

    def check(self: History, cursor: Cursor) -> None:
        if cursor.epoch not in {epoch.epoch for epoch in self.epochs} or cursor.seq < self.oldest - 1:
            raise self._gone("gone")

    with patch.object(History, "check", check):
        yield


@contextmanager
def forgets() -> Iterator[None]:
    """Retention that does not say what it has forgotten."""
    with patch.object(trim, "_MOVE", select(own.status_head.c.seq)):
        yield


@contextmanager
def repeats() -> Iterator[None]:
    """A start that goes on with the epoch of before."""
    with patch.object(os, "urandom", lambda count: b"\0" * count):
        yield


@contextmanager
def shifts() -> Iterator[None]:
    """A read that comes to its limit goes on one too far."""
    real = log.History.at

    def at(self: History, seq: int) -> Cursor:
        return real(self, seq + 1 if seq < self.seq else seq)

    with patch.object(log.History, "at", at):
        yield


FAULTS: Sequence[Callable[[], Any]] = (skips, trusts, believes, forgets, repeats, shifts)
QUIET = settings(
    SETTINGS,
    verbosity=Verbosity.quiet,
    print_blob=False,
    max_examples=300,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


class ModelTests(SynchronousTestCase):
    def test_model(self) -> None:
        """What is read is what has happened since, or is gone, and not without need."""
        run_state_machine_as_test(LogMachine, settings=SETTINGS)

    def test_faults(self) -> None:
        """Each planted fault is found."""
        unfound = []
        for fault in FAULTS:
            with fault():
                try:
                    run_state_machine_as_test(LogMachine, settings=QUIET)
                except (AssertionError, sqlite3.Error):
                    continue
            unfound.append(fault.__name__)
        self.assertEqual(unfound, [])
