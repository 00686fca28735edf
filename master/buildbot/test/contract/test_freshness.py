"""No answer is older than what was committed before it was asked for."""

from __future__ import annotations

import threading
from typing import Any

from twisted.internet.defer import DeferredList, maybeDeferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from buildbot.status.principal import ANONYMOUS
from buildbot.test.db.databases import reactor

from .cases import ContractOnSQLite

WRITES = 150


class FreshnessTests(ContractOnSQLite):
    """On SQLite, where news is visible at once. (On PostgreSQL it is within ``freshness`` seconds, which is tested with
    the stamp.)"""

    async def test_cachedReadersNeverSeeAnOlderValueThanTheWriterHadCommitted(self) -> None:
        """Eight readers ask without pause, most of them answered from the cache, while a writer counts up."""
        url = self.filledUrl()
        service = self.serve(url)
        committed = [0]
        writing = deferToThread(self.count, url, committed)
        stale: list[tuple[int, int]] = []
        done = threading.Event()
        writing.addBoth(lambda _: done.set())

        async def read() -> None:
            while not done.is_set():
                least = committed[0]
                body: Any = await service.getBody(ANONYMOUS, "masters/1", [("field", "last_active")])
                seen = int(b"".join(body.pieces).split(b'"last_active":')[1].split(b"}")[0])
                if seen < least:
                    stale.append((seen, least))
                await self.turn()

        await DeferredList([maybeDeferred(read) for _ in range(8)], fireOnOneErrback=True)
        await writing
        self.assertEqual(stale, [])
        self.assertEqual(committed[0], WRITES)
        self.assertGreater(service.cache.hits + service.cache.shared, 0)

    def count(self, url: str, committed: list[int]) -> None:
        """In a thread: commit 1, 2, 3, … and say so after each."""
        writer = self.writer(url)
        for value in range(1, WRITES + 1):
            writer.execute(f"UPDATE masters SET last_active = {value} WHERE id = 1")
            committed[0] = value
        writer.close()

    def turn(self) -> Any:
        """Fires in the next turn of the reactor."""

        return deferLater(reactor, 0)
