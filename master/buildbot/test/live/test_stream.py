"""What a stock master announces while it builds, beside what ``attach`` announces of the same: equal, but for rules."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import simplejson
from twisted.trial.unittest import TestCase

from buildbot.test.live.beside import Beside
from buildbot.test.live.listening import Listening
from buildbot.test.live.processes import WORKER, Attached, Master, until
from buildbot.test.oracle.stream import SEEN, Told, disorders, oddities

ENDS = {"buildsets": "complete", "buildrequests": "complete", "builds": "finished", "steps": "finished"}
"""Of logs the chunks are put together later, and their end is started before the last line is counted."""
LIVES = 7
"""Buildsets: three that are forced, one that is triggered, and a stopped, a cancelled and a lost one."""
MERGED = {"update", "updated", "claimed", "unclaimed"}
"""Changes between two looks are one."""
FEWER = {("buildrequests", "claimed")}
"""A stock master claims a request that it cancels, and does not say so."""


class StreamTest(Beside, TestCase):
    """A life of each kind, with one listener and one attach."""

    timeout = 240

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        cls.begin(f"sqlite:///{cls.folder}/state.sqlite")

    @classmethod
    def attach(cls) -> None:
        cls.attached = Attached(cls.folder / "attached", cls.url, "--state", str(cls.folder / "events.sqlite"))

    def ours(self) -> list[Told]:
        """What attach has announced so far."""
        with closing(sqlite3.connect(self.folder / "events.sqlite", timeout=30)) as connection:
            rows = connection.execute("SELECT type, key, event, body FROM status_events ORDER BY seq").fetchall()
        return [Told(type, key, event, simplejson.loads(body)) for type, key, event, body in rows]

    def test_lives(self) -> None:
        """Each thing is told in the same words, and ends with the same record; where a stock master is odd, it is
        listed, and attach is not."""
        until(lambda: self.attached.get("workers")["workers"][0]["connected_to"], "the worker is there")
        listening = Listening(self.master.url)
        here = Listening(self.attached.url, isStock=False)
        for builder in ("small", "broken", "large"):
            self.master.force(builder)
        self.settled(3)
        self.stopOne()
        self.cancelOne()
        self.loseWorker()
        self.master.act("schedulers/1", "enable", enabled=False)
        self.master.act("schedulers/1", "enable", enabled=False)
        until(lambda: listening.complete() == here.complete() == LIVES, "all of it is told")
        stock = list(listening.stream)
        self.assertEqual(oddities(stock), SEEN.keys() - {"projects", "bodies of builders and masters"})
        ours = list(here.stream)
        self.assertEqual(oddities(ours), set())
        self.assertEqual(list(self.compared(stock, ours)), [])
        self.assertEqual((list(disorders(stock)), list(disorders(ours))), ([], []))

    def test_masters(self) -> None:
        """A master that is killed while it builds, and started again: what it had begun ends here, and its own
        listeners are told nothing of that."""
        self.master.force("endless")
        [build] = until(lambda: self.running("endless"), "it is built")
        before = len(self.ours())
        self.master.kill()
        type(self).master = Master(self.folder / "master")
        listening = Listening(self.master.url)
        after = until(lambda: self.told("builds", build["buildid"], "finished", before), "its end is told")
        assert after.body is not None
        self.assertEqual(after.body["results"], 5)
        again = until(lambda: self.running("endless"), "it is built again")
        self.assertNotIn(build["buildid"], [told.key for told in listening.stream if told.type == "builds"])
        self.master.act(f"builds/{again[0]['buildid']}", "stop", reason="enough")
        until(lambda: not self.running("endless"), "it has stopped")
        self.master.process.terminate()
        self.master.process.wait()
        until(lambda: "bodies of builders and masters" in oddities(listening.stream), "it stops its builders")
        type(self).master = Master(self.folder / "master")

    def told(self, type: str, key: int, event: str, after: int) -> Any:
        found = [told for told in self.ours()[after:] if (told.type, told.key, told.event) == (type, key, event)]
        return found[0] if found else None

    def running(self, builder: str) -> Any:
        found = self.master.get(f"builders/{builder}/builds?complete=false")["builds"]
        return [build for build in found if build["state_string"] == "building"]

    def settled(self, sets: int) -> None:
        """Wait until nothing is left to do, of so many buildsets or more, and all is announced."""
        until(lambda: len(self.master.get("buildsets?complete=true")["buildsets"]) >= sets, "it is built")
        until(lambda: not self.master.get("buildsets?complete=false")["buildsets"], "all is built")
        complete = len(self.master.get("buildsets")["buildsets"])
        until(
            lambda: sum((t.type, t.event) == ("buildsets", "complete") for t in self.ours()) == complete, "it is told"
        )

    def stopOne(self) -> None:
        """A build is stopped."""
        self.master.force("endless")
        [build] = until(lambda: self.running("endless"), "it is built")
        self.master.act(f"builds/{build['buildid']}", "stop", reason="because")
        self.settled(4)

    def cancelOne(self) -> None:
        """A request is cancelled while it waits for a worker."""
        [worker] = self.master.get(f"workers?name={WORKER}")["workers"]
        self.master.act(f"workers/{worker['workerid']}", "pause", reason="for a while")
        until(lambda: self.master.get("workers")["workers"][0]["paused"], "it is paused")
        self.master.force("small")
        [request] = until(lambda: self.master.get("buildrequests?complete=false")["buildrequests"], "it waits")
        self.master.act(f"buildrequests/{request['buildrequestid']}", "cancel", reason="no")
        self.settled(5)
        self.master.act(f"workers/{worker['workerid']}", "unpause", reason="again")

    def loseWorker(self) -> None:
        """A worker goes away while it builds, and comes back."""
        self.master.force("endless")
        [first] = until(lambda: self.running("endless"), "it is built")
        self.worker.stop()
        until(lambda: self.master.get(f"builds/{first['buildid']}")["builds"][0]["complete"], "it is lost")
        self.worker.start()
        [second] = until(lambda: self.running("endless"), "it is built again")
        self.master.act(f"builds/{second['buildid']}", "stop", reason="enough")
        self.settled(6)

    def compared(self, stock: list[Told], ours: list[Told]) -> Iterator[str]:
        """What is not equal, of things that were new while both listened."""
        for type, end in ENDS.items():
            for key in {told.key for told in stock if (told.type, told.event) == (type, "new")}:
                theirs, mine = ([t for t in stream if (t.type, t.key) == (type, key)] for stream in (stock, ours))
                words, own = {told.event for told in theirs}, {told.event for told in mine}
                if own - words - {event for of, event in FEWER if of == type}:
                    yield f"{type}/{key}: only here {sorted(own - words)}"
                if words - own - MERGED:
                    yield f"{type}/{key}: only there {sorted(words - own)}"
                last, said = ([told.body for told in some if told.event == end] for some in (theirs, mine))
                if len(last) != 1 or len(said) != 1 or last[0] is None or said[0] is None:
                    yield f"{type}/{key}: ends there {len(last)} times, here {len(said)}"
                elif {name: said[0].get(name) for name in last[0]} != last[0]:
                    yield f"{type}/{key}: {said[0]} instead of {last[0]}"
