"""Deliveries to a listener against a model of them: handlers fail, processes die, the memory is slow or away.

The desk and the statements of its memory are the real ones. Beside them stands what was handled, as the world saw it.
At every moment everything up to the cursor that is stored was handled, or has a row; those of one key are handled in
order; and in the end everything was handled or parked. As in :mod:`buildbot.test.contract.test_model`,
``BUILDBOT_MODEL_EXAMPLES`` tries more, and each planted fault is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import TestCase
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock

from buildbot.errors import DatabaseUnavailable
from buildbot.status.events.cursor import seqOf
from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.delivery import PARKED, ListenerDelivery
from buildbot.status.listeners.desk import Desk
from buildbot.status.listeners.memory import ProcessMemory
from buildbot.status.listeners.outcomes import Parked
from buildbot.test.contract.cases import catalogue
from buildbot.test.contract.test_model import QUIET, SETTINGS

EPOCH = "a" * 16
METHOD = "buildStarted"
NAME = "modelled"
CONNECTION: Any = SimpleNamespace(catalogue=catalogue())


def cursorOf(seq: int) -> str:
    return f"{EPOCH}.{seq:d}"


class SlowMemory:
    """What is stored is on the disk when the machine says so."""

    def __init__(self) -> None:
        self.disk = ProcessMemory()
        self.isAway = False
        self.late: tuple[Deferred[None], tuple[Any, ...]] | None = None
        """What is being stored."""

    def store(self, *given: Any) -> Deferred[None]:
        if self.isAway:
            return fail(DatabaseUnavailable("away"))
        stored: Deferred[None] = Deferred()
        self.late = stored, given
        return stored

    def land(self, *, isTold: bool) -> None:
        """What is being stored is stored; and the desk is told so, if there is one."""
        if self.late is not None:
            (stored, given), self.late = self.late, None
            self.disk.store(*given)
            if isTold:
                stored.callback(None)


class Model(StatusListener):
    """Its handlers end when the machine says so."""

    attempts = 3
    concurrency = 3

    def __init__(self) -> None:
        super().__init__(NAME)
        self.running: dict[int, Deferred[None]] = {}

    def buildStarted(self, build: Any, delivery: ListenerDelivery) -> Deferred[None]:
        seq = seqOf(delivery.cursor)

        def cancelled(_: object) -> None:
            self.running.pop(seq, None)

        self.running[seq] = Deferred(cancelled)
        return self.running[seq]


class DeliveriesMachine(RuleBasedStateMachine):
    """A listener, and what befalls it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str | None] = []
        """Of all events that there are, from number 1; None: the listener does not hear it."""
        self.handled: list[int] = []
        self.memory = SlowMemory()
        self.memory.disk.store(NAME, cursorOf(0), [], [])
        self.begin()

    def begin(self) -> None:
        """A process begins where the memory says."""
        self.listener, self.clock = Model(), Clock()
        self.desk: Any = Desk(self.listener, self.listener.methods(), self.memory, self.clock, lambda: None)
        loaded: Any = self.memory.disk.load(NAME)
        self.desk.open(loaded.result, CONNECTION)
        self.fed = seqOf(loaded.result.cursor)
        self.feed()

    def feed(self) -> None:
        """All that there is."""
        while self.fed < len(self.keys):
            self.fed += 1
            key = self.keys[self.fed - 1]
            told = [] if key is None else [delivery(self.fed, key)]
            self.desk.put(told, self.fed, cursorOf(self.fed))
        self.clock.advance(0)

    # -- what happens

    @rule(keys=st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=6))
    def happen(self, keys: list[str | None]) -> None:
        self.keys += keys
        self.feed()

    @precondition(lambda self: self.listener.running)
    @rule(which=st.integers(0, 2), outcome=st.sampled_from(["handled", "handled", "failed", "parked"]))
    def end(self, which: int, outcome: str) -> None:
        """A handler ends."""
        seq = sorted(self.listener.running)[which % len(self.listener.running)]
        ended = self.listener.running.pop(seq)
        if outcome == "handled":
            self.handled.append(seq)
            ended.callback(None)
        else:
            ended.errback(Parked("never") if outcome == "parked" else ValueError("not now"))
        self.clock.advance(0)

    @rule()
    def land(self) -> None:
        """What is being stored, is."""
        self.memory.land(isTold=True)
        self.clock.advance(0)

    @rule(isAway=st.booleans())
    def away(self, isAway: bool) -> None:
        self.memory.isAway = isAway

    @rule(seconds=st.sampled_from([1, 5, 700]))
    def later(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.clock.advance(0)

    @rule(isStored=st.booleans())
    def die(self, isStored: bool) -> None:
        """The process is killed; what was being stored is, or is not."""
        if isStored:
            self.memory.land(isTold=False)
        self.memory.late = None
        self.begin()

    # -- what must be so

    def rows(self) -> Mapping[int, str]:
        """States, by number."""
        return {seqOf(kept.cursor): kept.state for kept in self.memory.disk.rows.values()}

    @invariant()
    def isComplete(self) -> None:
        """Everything up to the stored cursor was handled, or has a row."""
        stored = seqOf(self.memory.disk.cursors[NAME])
        left = {seq for seq in range(1, stored + 1) if self.keys[seq - 1] is not None}
        assert left <= {*self.handled, *self.rows()}

    @invariant()
    def isOrdered(self) -> None:
        """Of a key, none is handled after a later one; what comes again is the last."""
        for key in ("a", "b", "c"):
            seqs = [seq for seq in self.handled if self.keys[seq - 1] == key]
            assert seqs == sorted(seqs), f"{key}: {seqs}"

    def teardown(self) -> None:
        """In the end, all is handled or parked, and the cursor is at the end."""
        self.memory.isAway = False
        for _ in range(50 + 10 * len(self.keys)):
            self.memory.land(isTold=True)
            for seq, ended in sorted(self.listener.running.items()):
                self.listener.running.pop(seq)
                self.handled.append(seq)
                ended.callback(None)
            self.clock.advance(700)
        self.isOrdered()
        self.isComplete()
        told = {seq for seq, key in enumerate(self.keys, 1) if key is not None}
        assert told <= {*self.handled, *(seq for seq, state in self.rows().items() if state == PARKED)}
        assert set(self.rows().values()) <= {PARKED}


def delivery(seq: int, key: str) -> ListenerDelivery:
    record = _Build.fromWire({"buildid": seq}, CONNECTION)
    return ListenerDelivery(cursorOf(seq), METHOD, key, f"builds/{seq}/new", "new", record, None, {}, 0)


_Build: Any = next(cls for cls in CONNECTION.catalogue.types.values() if cls.Plural == "builds")


@contextmanager
def forgets() -> Iterator[None]:
    """A memory that moves the cursor, and keeps nothing of what lies before it."""
    real = SlowMemory.store

    def store(self: SlowMemory, name: str, cursor: str, keep: Any, drop: Any) -> Deferred[None]:
        return real(self, name, cursor, [], drop)

    with patch.object(SlowMemory, "store", store):
        yield


@contextmanager
def hurries() -> Iterator[None]:
    """A desk that begins the next of a key before it is on the disk that the one before it was handled."""

    def land(self: SlowMemory, *, isTold: bool) -> None:
        if self.late is not None:
            (_, given), self.late = self.late, None
            self.disk.store(*given)

    real = SlowMemory.store

    def store(self: SlowMemory, *given: Any) -> Deferred[None]:
        stored = real(self, *given)
        if not stored.called:
            stored.callback(None)
        return stored

    with patch.object(SlowMemory, "store", store), patch.object(SlowMemory, "land", land):
        yield


@contextmanager
def gives_up() -> Iterator[None]:
    """A desk that takes what has failed for handled."""

    def failed(self: Any, failure: Any, item: Any) -> None:
        del self._running[item]
        self._isDone(item)

    with patch.object(Desk, "_failed", failed):
        yield


FAULTS: Sequence[Callable[[], Any]] = (forgets, hurries, gives_up)


class DeliveriesModelTests(TestCase):
    def test_model(self) -> None:
        """Nothing is lost, and everything is in order."""
        run_state_machine_as_test(DeliveriesMachine, settings=SETTINGS)

    def test_faults(self) -> None:
        """Each planted fault is found."""
        unfound = []
        for fault in FAULTS:
            with fault():
                try:
                    run_state_machine_as_test(DeliveriesMachine, settings=QUIET)
                except AssertionError:
                    continue
            unfound.append(fault.__name__)
        self.assertEqual(unfound, [])
