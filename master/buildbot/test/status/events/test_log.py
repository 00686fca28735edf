"""Cursors, epochs, and reading the log of events."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.db import own
from buildbot.errors import BadQuery, DatabaseUnavailable, Gone
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import Epoch, EventLog, History
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite

A, B, C = "a" * 16, "b" * 16, "c" * 16


class CursorTests(SynchronousTestCase):
    def test_text(self) -> None:
        """A cursor's text gives it back."""
        cursor = Cursor("0123456789abcdef", 42)
        self.assertEqual(str(cursor), "0123456789abcdef.42")
        self.assertEqual(Cursor.parse(str(cursor)), cursor)

    def test_wrong(self) -> None:
        """What is no cursor is a bad query that says where cursors come from."""
        for text in ("", "42", f"{A}.", f"{A}.-1", f"{A}.01", f"{A.upper()}.1", f"{A}.1 ", f"{A}.{'9' * 20}", f"{A}.٣"):
            with self.subTest(text=text):
                error = self.assertRaises(BadQuery, Cursor.parse, text)
                self.assertIn("every answer", str(error))


class HistoryTests(SynchronousTestCase):
    """Epochs that took the numbers 1, 10 and 20; the head is at 25, and events are kept from 5 on."""

    history = History(25, 5, [Epoch(A, 1), Epoch(B, 10), Epoch(C, 20)])

    def test_epochs(self) -> None:
        """A number belongs to the epoch that begins at or before it."""
        found = [self.history.at(seq).epoch for seq in (1, 9, 10, 19, 20, 25)]
        self.assertEqual(found, [A, A, B, B, C, C])
        self.assertEqual(self.history.head, Cursor(C, 25))

    def test_known(self) -> None:
        """Every cursor that was ever given out, and after which everything is kept, can be resumed."""
        for seq in range(4, 26):
            self.history.check(self.history.at(seq))

    def test_gone(self) -> None:
        """What is older, of an unknown epoch, before an epoch's beginning, or past its end, is gone."""
        for epoch, seq in ((A, 3), ("d" * 16, 12), (B, 8), (A, 10), (B, 20), (C, 26), (C, 10**18)):
            with self.subTest(epoch=epoch, seq=seq):
                error = self.assertRaises(Gone, self.history.check, Cursor(epoch, seq))
                self.assertEqual(error.extra["oldest"], f"{A}.4")

    def test_oldest(self) -> None:
        """The oldest cursor that an error names can be resumed."""
        for oldest in (1, 2, 5, 10, 11, 26):
            history = History(25, oldest, self.history.epochs)
            error = self.assertRaises(Gone, history.check, Cursor("d" * 16, 1))
            history.check(Cursor.parse(error.extra["oldest"]))


class ReadTests(DatabaseCase):
    """A log of events 2 to 4 and 6, of two epochs."""

    url: str
    log: EventLog

    def setUp(self) -> None:
        self.url = self.newUrl(own.metadata)
        self.log = EventLog(self.open(self.url))

    def write(self) -> None:
        row = "INSERT INTO status_events (seq, at, type, key, event, buildid, number, body, changed) VALUES"
        self.fill(
            self.url,
            [
                f"INSERT INTO status_epochs VALUES ('{B}', 5, 0), ('{A}', 1, 0)",
                "INSERT INTO status_head VALUES (1, 6, 1, '')",
                f"{row} (2, 100, 'builds', 7, 'new', 7, 1, '{{\"buildid\":7}}', NULL)",
                f"{row} (3, 100, 'builds', 7, 'update', 7, 1, '{{\"buildid\":7}}', '{{\"results\":null}}')",
                f"{row} (4, 100, 'masters', 1, 'started', NULL, NULL, '{{}}', NULL)",
                f"{row} (6, 101, 'logs', 1, 'append', NULL, NULL, '{{\"first\":0}}', NULL)",
            ],
        )

    async def test_unopened(self) -> None:
        """A log that nobody has opened says so."""
        error: Any = await self.failure(self.log.head(), DatabaseUnavailable)
        self.assertIn("empty", str(error))

    async def test_read(self) -> None:
        """Everything comes once and in order, in pages, each of which ends with the cursor to go on from."""
        self.write()
        seen: list[str] = []
        cursor = Cursor(A, 1)
        while True:
            read = await self.log.read(cursor, 2)
            seen += [f"{epoch}.{event.seq}" for epoch, events in read.byEpoch() for event in events]
            cursor = read.cursor
            if read.complete:
                break
        self.assertEqual(seen, [f"{A}.2", f"{A}.3", f"{A}.4", f"{B}.6"])
        self.assertEqual(cursor, await self.log.head())
        self.assertEqual((await self.log.read(cursor)).events, [])

    async def test_event(self) -> None:
        """An event has the columns by which it is found, its record, and what was different before."""
        self.write()
        new, update, *_ = (await self.log.read(Cursor(A, 1))).events
        self.assertEqual((new.type, new.key, new.event, new.at), ("builds", 7, "new", 100))
        self.assertEqual(new.parents, {"buildid": 7, "number": 1})
        self.assertEqual((new.record, new.old, new.changed), ({"buildid": 7}, {}, None))
        self.assertEqual(update.old, {"results": None})

    async def test_gone(self) -> None:
        """Reading after a cursor that is not known fails with Gone."""
        self.write()
        await self.failure(self.log.read(Cursor(C, 2)), Gone)


class ReadOnSQLite(ReadTests, OnSQLite):
    pass


class ReadOnPostgreSQL(ReadTests, OnPostgreSQL):
    pass


del ReadTests, DatabaseCase
