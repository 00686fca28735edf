"""The same call over every language: the same records, errors, getters."""

from __future__ import annotations

from typing import Any

from zope.interface.verify import verifyObject

from buildbot.errors import NotAvailable, StatusError
from buildbot.status.interfaces import IStatusConnection
from buildbot.test.status.languages import LanguagesCase, LanguagesOnPostgreSQL

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("masters/1", {}),
    ("builders", {"order": "-name", "limit": 2}),
    ("builders", {"expand": "builds", "builds.limit": 2}),
    ("builds", {"complete": False}),
    ("builds", {"results__in": [0, 2], "property": "*"}),
    ("builds", {"field": ["buildid", "number"], "total": "exact", "limit": 3}),
    ("changes", {"limit": 5}),
    ("buildsets", {}),
    ("steps", {"limit": 50}),
    ("builds/1/properties", {}),
    ("logs/1/contents", {}),
    ("builds", {"buildid__in": list(range(1, 3000))}),
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("builders/99999", {}),
    ("builders/linux/nothing", {}),
    ("builders", {"limit": -1}),
    ("builders", {"limit": None}),
    ("builds", {"results__gt": [1, 2]}),
    ("builds", {"expand": "zzz"}),
    ("masters/", {}),
    ("builders/%FF", {}),
    ("builders/a%00b", {}),
    ("builders/x?y#z", {}),
    ("builders/x#z", {}),
    ("builders?name=%FF", {}),
    ("builders/100%", {}),
    ("logs/1/raw", {}),
    ("logs/99999/raw", {}),
]


class SameTest(LanguagesCase):
    async def test_interface(self) -> None:
        """Each connection provides IStatusConnection."""
        for connection in (await self.languages()).values():
            verifyObject(IStatusConnection, connection)

    async def test_records(self) -> None:
        """Answers are equal: records, as objects and as plain values, meta and cursor."""
        languages = await self.languages()
        for path, query in CALLS:
            here = await self.service.get(path, query)
            for name, connection in languages.items():
                there = await connection.get(path, query)
                self.assertEqual(there, here, (name, path))
                self.assertEqual([r.asDict() for r in there], [r.asDict() for r in here], (name, path))
                self.assertEqual([type(r) for r in there], [type(r) for r in here], (name, path))

    async def test_errors(self) -> None:
        """So are errors: class, sentence, and what else they hold."""
        languages = await self.languages()
        for path, query in BAD:
            here = await self.failing(self.service.get(path, query))
            for name, connection in languages.items():
                there = await self.failing(connection.get(path, query))
                self.assertEqual(
                    (type(there), there.detail, there.extra), (type(here), here.detail, here.extra), (name, path)
                )

    async def test_many(self) -> None:
        """A batch gives an answer or an error for each of its calls."""
        calls = [*CALLS, *BAD]
        here = [described(result) for result in await self.service.getMany(calls)]
        for name, connection in (await self.languages()).items():
            self.assertEqual([described(result) for result in await connection.getMany(calls)], here, name)

    async def test_next(self) -> None:
        """meta.next is a path to go on with, to the end of the list, in every language."""
        whole = [builder.builderid for builder in await self.service.getBuilders()]
        for name, connection in (await self.languages()).items():
            found, path = [], "builders?limit=3&field=builderid"
            while path:
                answer = await connection.get(path)
                found += [builder.builderid for builder in answer]
                path = answer.meta.get("next", "")
            self.assertEqual(found, whole, name)

    async def test_tooMany(self) -> None:
        """A batch of more than 100 calls is refused alike, an empty one is answered."""
        for name, connection in (await self.languages()).items():
            error = await self.failing(connection.getMany([("masters", {})] * 101))
            self.assertEqual(str(error), "101 calls in one batch: at most 100", name)
            self.assertEqual(list(await connection.getMany([])), [], name)

    async def test_streams(self) -> None:
        """Bytes are the same, and what is known before the first of them."""
        languages = await self.languages()
        for logid in (1, 2, 3, 4, 5):
            here = await self.service.open(f"logs/{logid}/raw")
            expected = await drained(here)
            for name, connection in languages.items():
                there = await connection.open(f"logs/{logid}/raw")
                self.assertEqual(there.head, here.head, name)
                self.assertEqual(await drained(there), expected, name)

    async def test_notBytes(self) -> None:
        """A path that answers with records cannot be opened."""
        for name, connection in (await self.languages()).items():
            error = await self.failing(connection.open("masters/1"))
            self.assertIsInstance(error, NotAvailable)
            self.assertIn("ask for it with get()", str(error), name)

    async def test_declared(self) -> None:
        """Where there are no events, and nothing can be done to builds, it says so."""
        for connection in (await self.languages()).values():
            self.assertIn("events", str(await self.failing(connection.subscribe("builds/1/finished"))))
            self.assertIn("stop", str(await self.failing(connection.act("builds/1", "stop"))))


class SameOnPostgreSQLTest(LanguagesOnPostgreSQL, SameTest):
    """The same on PostgreSQL."""


def described(result: Any) -> Any:
    """Something that compares as it should."""
    if isinstance(result, StatusError):
        return type(result), result.detail, result.extra
    return result.meta, [record.asDict() for record in result]


async def drained(stream: Any) -> bytes:
    """All bytes of a stream."""
    data = b""
    while piece := await stream.next():
        data += piece
    return data
