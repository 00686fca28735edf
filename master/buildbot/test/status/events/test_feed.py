"""What subscriptions have in common: served in turns; and filters on one record."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.feed import TURN, Feed
from buildbot.status.events.predicate import predicate
from buildbot.status.events.selection import Batch, Part, Selection
from buildbot.status.events.topics import topicOf
from buildbot.status.query import Limits, Query, QueryParser, Shape
from buildbot.status.resources.builders import Builder
from buildbot.status.resources.builds import Build
from buildbot.test.status.events.logged import EPOCH


class Turns:
    """A reactor of which one sees each turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[Any] = []

    def seconds(self) -> float:
        return self.now

    def callLater(self, delay: float, function: Any, *arguments: Any) -> object:
        self.calls.append((self.now + delay, function, arguments))
        return self.calls[-1]

    def one(self) -> None:
        _, function, arguments = self.calls.pop(0)
        function(*arguments)


class FeedTests(SynchronousTestCase):
    def test_turns(self) -> None:
        """Many are woken some in each turn, and not more often than there is need."""

        class Source:
            def listen(self, callback: Any) -> Any:
                self.tell = callback
                return lambda: None

        turns, source = Turns(), Source()
        feed: Any = Feed(source, turns, None, None, pace=0.05)  # type: ignore[arg-type]  # only listening is asked of it
        batch = Batch([], Cursor(EPOCH, 2), None)
        self.patch(feed, "batch", lambda selection, after: self.give(batch))
        offered: list[Any] = []

        class Member:
            selection = Selection([Part(topicOf(Catalogue(), "builds/*/*"), Query(Shape()), "full")], ())

            def offer(self, result: Any) -> None:
                offered.append(result)

        members = [Member() for _ in range(2 * TURN + 1)]
        for member in members:
            feed.join(member)
            feed.park(member, Cursor(EPOCH, 1), feed.generation)
        source.tell()
        source.tell()
        counts = []
        while turns.calls:
            turns.one()
            counts.append(len(offered))
        self.assertEqual(counts, [TURN, 2 * TURN, 2 * TURN + 1])
        self.assertEqual(offered, [batch] * len(members))
        turns.now = 0.04
        source.tell()
        self.assertAlmostEqual(turns.calls[0][0], 0.05)

    async def give(self, batch: Batch) -> Batch:
        return batch


class PredicateTests(SynchronousTestCase):
    def test_operators(self) -> None:
        """Filters mean for a record what they mean in SQL; a comparison with null is never true."""
        for given, record, wanted in (
            ("results=2", {"results": 2}, True),
            ("results=2", {"results": None}, False),
            ("results__ne=2", {"results": 0}, True),
            ("results__ne=2", {"results": None}, False),
            ("results__notin=2", {"results": None}, False),
            ("results=1&results=2", {"results": 2}, True),
            ("results__notin=1&results__notin=2", {"results": 2}, False),
            ("results__null=true", {"results": None}, True),
            ("results__null=false", {"results": None}, False),
            ("number__ge=5", {"number": 5}, True),
            ("number__lt=5", {"number": 5}, False),
            ("complete=true", {"complete": True}, True),
            ("complete=false", {"complete": True}, False),
            ("complete__ne=true", {"complete": False}, True),
            ("state_string__contains=il", {"state_string": "failed"}, True),
            ("state_string__contains=IL", {"state_string": "failed"}, False),
            ("state_string__contains=x&state_string__contains=f", {"state_string": "failed"}, True),
            ("state_string__lt=b", {"state_string": "a"}, True),
            ("number=1&results=2", {"number": 1, "results": 3}, False),
        ):
            self.assertEqual(self.meets(Build, given, record), wanted, (given, record))
        self.assertTrue(self.meets(Builder, "tags__contains=a", {"tags": ["a", "b"]}))
        self.assertTrue(self.meets(Builder, "tags__contains=c&tags__contains=b", {"tags": ["a", "b"]}))
        self.assertFalse(self.meets(Builder, "tags__contains=c", {"tags": ["a", "b"]}))

    def meets(self, resource: type[Resource], given: str, record: dict[str, Any]) -> bool:
        pairs = [tuple(part.split("=")) for part in given.split("&")]
        query = QueryParser(Limits()).parse(resource, pairs, single=False)  # type: ignore[arg-type]  # pairs they are
        return predicate(resource, query.shape.conditions, query.values)(record)
