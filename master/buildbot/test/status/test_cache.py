"""Finished answers: true, bounded, shared, and found under more than one name."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from buildbot.status import cache
from buildbot.status.cache import MOST_ALIASES, AnswerCache


class CacheTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.stamp = 1
        self.cache: AnswerCache[str] = AnswerCache(lambda: self.stamp, len, 10_000)

    def test_stale(self) -> None:
        """An answer is gone, under every name, once anything has changed."""
        self.cache.put("a", "x", 1)
        self.cache.alias("b", "a")
        self.assertEqual((self.cache.get("a"), self.cache.get("b")), ("x", "x"))
        self.stamp = 2
        self.assertEqual((self.cache.get("b"), self.cache.get("a"), self.cache.bytes), (None, None, 0))

    def test_changedMeanwhile(self) -> None:
        """What was read while something changed is not kept."""
        self.stamp = 2
        self.cache.put("a", "x", 1)
        self.assertIsNone(self.cache.get("a"))

    def test_bounded(self) -> None:
        """Bytes are bounded, names included; what was not used for longest goes first, with all its names."""
        for number in range(100):
            self.cache.put(("k", number), "x" * 500, 1)
            self.cache.alias(b"alias%d" % number, ("k", number))
            self.cache.get(b"alias0")
        self.assertLessEqual(self.cache.bytes, 10_000)
        self.assertEqual(self.cache.get(b"alias0"), "x" * 500)
        self.assertIsNone(self.cache.get(b"alias1"))
        self.assertIsNotNone(self.cache.get(b"alias99"))

    def test_few(self) -> None:
        """There are not more than so many, however small they are."""
        self.patch(cache, "MOST_ANSWERS", 5)
        for number in range(8):
            self.cache.put(number, "", 1)
        self.assertEqual([number for number in range(8) if self.cache.get(number) is not None], [3, 4, 5, 6, 7])

    def test_longNames(self) -> None:
        """A question that is longer than its answer counts as what it is."""
        self.cache.put(("path", (("name", "v" * 1_000),)), "x", 1)
        self.assertGreater(self.cache.bytes, 1_000)
        self.cache.alias(b"v" * 2_000, ("path", (("name", "v" * 1_000),)))
        self.assertGreater(self.cache.bytes, 3_000)
        self.cache.put("y" * 100_000, "x", 1)
        self.assertIsNone(self.cache.get("y" * 100_000))

    def test_aliases(self) -> None:
        """There are not more than a few names for an answer, and none for one that is not there."""
        self.cache.alias("nobody", "nothing")
        self.cache.put("a", "x", 1)
        for number in range(MOST_ALIASES + 5):
            self.cache.alias(number, "a")
        found = [number for number in range(MOST_ALIASES + 5) if self.cache.get(number)]
        self.assertEqual(found, list(range(MOST_ALIASES)))
        self.assertIsNone(self.cache.get("nobody"))

    def test_replaced(self) -> None:
        """A newer answer has the names that it is given, and no bytes of the older."""
        self.cache.put("a", "x" * 1_000, 1)
        self.cache.alias("b", "a")
        self.cache.put("a", "y", 1)
        self.assertIsNone(self.cache.get("b"))
        self.assertLess(self.cache.bytes, 1_000)

    def test_shared(self) -> None:
        """Equal questions share one reading, unless something changed since it began."""
        asked: list[Deferred[str]] = []

        def ask() -> Deferred[str]:
            asked.append(Deferred())
            return asked[-1]

        first, second = self.cache.fetch("a", ask), self.cache.fetch("a", ask)
        self.stamp = 2
        third = self.cache.fetch("a", ask)
        self.assertEqual(len(asked), 2)
        asked[0].callback("old")
        asked[1].callback("new")
        self.assertEqual([self.successResultOf(each) for each in (first, second, third)], ["old", "old", "new"])
        self.assertEqual(self.cache.get("a"), "new")

    def test_left(self) -> None:
        """A reading is stopped when the last who waits for it leaves."""
        asked: Deferred[str] = Deferred()
        first, second = self.cache.fetch("a", lambda: asked), self.cache.fetch("a", lambda: asked)
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.assertFalse(asked.called)
        second.cancel()
        self.failureResultOf(second, CancelledError)
        self.assertTrue(asked.called)
