"""Threads that take turns are kept on one processor, the one with most time left."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping

from twisted.internet.task import Clock
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from buildbot.scripts.processor import EVERY, SharedProcessor, idle, readIdle

STAT = """\
cpu  10 0 10 700 0 0 0 0 0 0
cpu0 10 0 10 300 0 0 0 0 0 0
cpu1 0 0 0 400 0 0 0 0 0 0
intr 5 0
"""


class SharedProcessorTests(SynchronousTestCase):
    def setUp(self) -> None:
        if not hasattr(os, "sched_getaffinity"):
            raise SkipTest("this system places threads by itself")
        self.patch(os, "sched_getaffinity", lambda _: set(self.placed.get(threading.get_native_id(), [0, 1])))
        self.patch(os, "times", lambda: (self.own, 0.0, 0.0, 0.0, 0.0))
        self.own: float = 0.0
        self.idle: Mapping[int, float] | Exception = {0: 0.0, 1: 0.0}
        self.placed: dict[int, list[int]] = {}
        self.clock = Clock()
        self.service = SharedProcessor(lambda: [7], reactor=self.clock, look=self.look, place=self.place)
        self.addCleanup(self.stop)

    def stop(self) -> None:
        if self.service.running:
            self.service.stopService()

    def look(self) -> Mapping[int, float]:
        if isinstance(self.idle, Exception):
            raise self.idle
        return self.idle

    def place(self, thread: int, processors: Iterable[int]) -> None:
        self.placed[thread] = sorted(processors)

    def test_together(self) -> None:
        """This thread and the named ones go where there is most time; at the end, everywhere."""
        self.idle = {0: 3.0, 1: 8.0}
        self.service.startService()
        mine = threading.get_native_id()
        self.assertEqual(self.placed, {mine: [1], 7: [1]})
        self.service.stopService()
        self.assertEqual(self.placed, {mine: [0, 1], 7: [0, 1]})

    def test_follows(self) -> None:
        """They move when others keep their processor busy, but not for what they do themselves."""
        self.idle = {0: 0.0, 1: 1.0}
        self.service.startService()
        self.idle, self.own = {0: EVERY, 1: 1.0}, EVERY
        self.clock.advance(EVERY)
        self.assertEqual(self.placed[7], [1])
        self.idle = {0: 2 * EVERY, 1: 1.0}
        self.clock.advance(EVERY)
        self.assertEqual(self.placed[7], [0])

    def test_stays(self) -> None:
        """A little more time elsewhere is no reason to move."""
        self.service.startService()
        before = self.placed[7]
        other = 1 - before[0]
        self.idle = {before[0]: 1.0, other: 1.5}
        self.clock.advance(EVERY)
        self.assertEqual(self.placed[7], before)

    def test_withoutKnowledge(self) -> None:
        """A system that does not tell places the threads itself."""
        self.service.startService()
        self.idle = PermissionError("no")
        self.clock.advance(EVERY)
        self.assertEqual(self.placed[7], [0, 1])
        self.assertEqual(len(self.flushLoggedErrors(PermissionError)), 1)
        self.clock.advance(EVERY)

    def test_notHere(self) -> None:
        """Nothing is done where there is one processor, or no way to choose one."""
        self.patch(os, "sched_getaffinity", lambda _: {3})
        self.service.startService()
        self.assertEqual(self.placed, {})
        service = SharedProcessor(lambda: [7], reactor=self.clock, look=self.look, place=None)
        service.startService()
        service.stopService()

    def test_restricted(self) -> None:
        """Where somebody else says where this runs, it is left there."""
        self.idle = {0: 0.0, 1: 1.0}
        self.service.startService()
        self.patch(os, "sched_getaffinity", lambda _: {0})
        self.idle = {0: 0.0, 1: 9.0}
        self.placed.clear()
        self.clock.advance(EVERY)
        self.service.stopService()
        self.assertEqual(self.placed, {})

    def test_laterThreads(self) -> None:
        """Threads that a pool makes later run anywhere."""
        pool = ThreadPool(0, 1)
        service = SharedProcessor(lambda: [7], reactor=self.clock, pools=[pool], look=self.look, place=self.place)
        service.startService()
        self.addCleanup(service.stopService)
        pool.start()
        found: list[int] = []
        pool.callInThread(lambda: found.append(threading.get_native_id()))
        pool.stop()
        self.assertEqual(self.placed[found[0]], [0, 1])

    def test_stat(self) -> None:
        """Idle time is read from the system's words, and this system has such."""
        ticks = os.sysconf("SC_CLK_TCK")
        self.assertEqual(idle(STAT), {0: 300 / ticks, 1: 400 / ticks})
        self.assertTrue(readIdle())
