"""The same call in three languages: the same records, order, meta and errors, for every resource type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, gatherResults

from buildbot.errors import BadQuery, NotFound, StatusError
from buildbot.status.answer import Answer
from buildbot.status.definition import Resource
from buildbot.status.paths import Pattern
from buildbot.status.service import StatusService
from buildbot.test.status.languages import LanguagesCase, LanguagesOnPostgreSQL
from buildbot.test.status.operated import NAMES

from .cases import catalogue

Call = tuple[str, Mapping[str, Any]]


def identity(element: str) -> str:
    """Something that a variable of a pattern may be: an id that exists for most types, or a name."""
    return "2" if element.startswith("n:") else "linux" if element.startswith("s:") else "stdio"


def pathOf(pattern: Pattern) -> str:
    """A path that a pattern takes."""
    return "/".join(identity(element) if ":" in element else element for element in pattern.text.split("/"))


def queriesOf(pattern: Pattern) -> Iterator[Mapping[str, Any]]:
    """Queries that are good for a pattern, and bad ones."""
    cls = pattern.resource
    yield {}
    yield {"nosuch": 1}
    yield {"field": "nosuch"}
    if pattern.endpoint is not None:
        return
    yield {"field": sorted(cls.Fields)}
    if cls.Relations:
        yield {"expand": sorted(cls.Relations)[:3], f"{sorted(cls.Relations)[0]}.limit": 2}
    yield {"expand": "nosuch"}
    if not pattern.single:
        yield {"limit": 3, "offset": 1, "total": "exact"}
        yield {"limit": 2, "order": [f"-{name}" for name, field in cls.Fields.items() if field.type.scalar][:1]}
        yield {"limit": -1}
        yield from ({f"{name}__null": True, "limit": 1} for name in filterable(cls)[:3])
        yield from ({f"{name}__ne": "1", "limit": 2} for name in filterable(cls)[-2:])


def filterable(cls: type[Resource]) -> list[str]:
    """The fields of a type that may be filtered."""
    return sorted(name for name, field in cls.Fields.items() if field.filterable)


def seen(outcome: Answer | StatusError | BaseException) -> Any:
    """All that a caller sees of an outcome."""
    if isinstance(outcome, Answer):
        return type(outcome.records), [(type(r), r.asDict()) for r in outcome], dict(outcome.meta), outcome.cursor
    if isinstance(outcome, StatusError):
        return type(outcome), str(outcome), outcome.status
    return outcome


class LanguagesTests(LanguagesCase):
    """Every pattern, in three languages."""

    timeout = 120

    async def test_everyPatternAnswersTheSame(self) -> None:
        """With no query, good ones and bad ones; one call at a time, so that nothing is shared but the cache."""
        connections = await self.languages()
        calls = [
            (pathOf(pattern), query)
            for pattern in catalogue().patterns.values()
            if pattern.endpoint is None or not pattern.endpoint.raw
            for query in queriesOf(pattern)
        ]
        answered = set()
        for path, query in calls:
            outcomes = {name: seen(await self.outcome(c, path, query)) for name, c in connections.items()}
            for name, outcome in outcomes.items():
                self.assertEqual(outcome, outcomes["in-process"], f"{name}: {path} {query}")
            if issubclass(outcomes["in-process"][0], tuple) and outcomes["in-process"][1]:
                answered.add(catalogue().find(path).pattern.resource.Name)
        missing = {cls.Name for cls in catalogue().types.values() if cls.At and not cls.Rows} - answered
        self.assertEqual(missing, set(), "of these types no record was ever compared")

    async def test_aBatchAnswersTheSame(self) -> None:
        """All good and bad calls of the root in one batch: an answer or an error for each, in order."""
        connections = await self.languages()
        patterns = [p for p in catalogue().patterns.values() if len(p.hops) == 1 and not p.resource.Own]
        calls = [(pathOf(pattern), query) for pattern in patterns for query in ({}, {"limit": 1}, {"nosuch": 1})][:100]
        outcomes = {name: [seen(o) for o in await c.getMany(calls)] for name, c in connections.items()}
        for outcome in outcomes.values():
            self.assertEqual(outcome, outcomes["in-process"])

    async def test_aBatchIsOfOneDatabase(self) -> None:
        """What is in another database than the rest is asked for in a batch of its own; the getters see to it."""
        for name, connection in (await self.languages()).items():
            for other in ("builds", "site"):
                error = await self.failing(connection.getMany([(other, {}), ("consumers", {})]))
                self.assertIsInstance(error, BadQuery)
                self.assertIn("consumers: in another database", str(error), name)
            apart = await connection.getMany([("consumers", {}), ("deliveries", {"limit": 1}), ("nosuch", {})])
            self.assertEqual([len(one) for one in apart[:2]], [len(NAMES), 1], name)
            self.assertIsInstance(apart[2], NotFound)
            masters, deliveries, consumer = await gatherResults(
                [connection.getMasters(), connection.getDeliveries(limit=3), connection.getConsumer("a/b c")]
            )
            self.assertEqual((len(deliveries), consumer.name, consumer.consumerid), (3, "a/b c", 4), name)
            self.assertTrue(masters)
            self.assertIn("expand", str(await self.failing(connection.get("builds", expand="deliveries"))))

    async def test_consumers(self) -> None:
        """Found by name and by id; their deliveries below them, filtered, in order, and in pages."""
        for name, connection in (await self.languages()).items():
            mail = (await connection.get("consumers/mail")).one
            seen = (mail.lag, mail.behind_since, mail.paused, mail.running, mail.waiting, mail.parked)
            self.assertEqual(seen, (10, 1_700_000_001, False, True, 15, 5), name)
            answer = await connection.get(
                "consumers/mail/deliveries", {"state": "parked", "order": "-deliveryid", "limit": 3}
            )
            self.assertEqual([delivery.deliveryid for delivery in answer], [60, 48, 36], name)
            answer = await connection.get(answer.meta["next"])
            self.assertEqual([delivery.deliveryid for delivery in answer], [24, 12], name)
            [delivery] = await connection.get("deliveries", {"consumer": "mail", "topic": "builds/12/finished"})
            self.assertEqual((delivery.record["buildid"], delivery.event, delivery.key), (12, "finished", "builds/2"))
            expanded = (await connection.get("consumers", {"expand": "deliveries", "deliveries.limit": 2})).records
            self.assertEqual([len(await each.getDeliveries()) for each in expanded], [2, 2, 2, 0], name)
            self.assertIsInstance(await self.failing(connection.get("consumers/nobody")), NotFound)

    async def test_withoutListeners(self) -> None:
        """Where none run, there are none; what is asked wrongly is wrong even so."""
        self.service = StatusService(self.database, catalogue())
        for name, connection in (await self.languages()).items():
            for path in ("consumers", "deliveries", "consumers/mail/deliveries"):
                answer = await connection.get(path, order="cursor")
                self.assertEqual((len(answer), answer.meta), (0, {"total": 0}), name)
            self.assertIn("no listeners run here", str(await self.failing(connection.get("consumers/mail"))))
            self.assertIsInstance(await self.failing(connection.get("consumers", nosuch=1)), BadQuery)
            self.assertIn("runs no listeners", str(await self.failing(connection.act("consumers/mail", "pause"))))

    async def test_whatIsNoTextIsRefused(self) -> None:
        """Halves of characters, as arguments that are not UTF-8 become, are the same clear error in every language."""
        half = chr(0xDCFF)
        for connection in (await self.languages()).values():
            for path, query in ((f"builders/{half}", {}), ("builds", {"state_string": half}), ("builds", {half: 1})):
                error = await self.outcome(connection, path, query)
                self.assertIsInstance(error, BadQuery)
                self.assertIn("not UTF-8", str(error))

    async def test_cancellingIsHeardOfAtOnce(self) -> None:
        """The caller's Deferred fails at once, and the connection goes on. (That the server stops reading is tested
        where it can be seen, by language.)"""
        for connection in (await self.languages()).values():
            call = connection.get("builds", {"expand": "steps.logs"})
            call.cancel()
            await self.assertFailure(call, CancelledError)
            again = await connection.get("masters/1")
            self.assertEqual(len(again), 1)

    async def outcome(self, connection: Any, path: str, query: Mapping[str, Any]) -> Any:
        """An answer, or the error."""
        try:
            return await connection.get(path, query)
        except StatusError as error:
            return error


class LanguagesOnPostgreSQLTests(LanguagesOnPostgreSQL, LanguagesTests):
    """The same on PostgreSQL."""
