"""Perspective Broker over a real port and a real database."""

from __future__ import annotations

from buildbot.errors import NotFound, Unauthenticated
from buildbot.test.status.pbserved import ServedCase

CALLS = [
    ("masters/1", {}),
    ("builders", {"order": "-name", "limit": 2}),
    ("builders", {"expand": "builds", "builds.limit": 2}),
    ("builds", {"complete": False}),
    ("builds", {"results__in": [0, 2], "property": "*"}),
]


class SameTest(ServedCase):
    async def test_same(self) -> None:
        """An answer over the wire equals the one in the process."""
        connection = self.connect()
        for path, query in CALLS:
            here, there = await self.service.get(path, query), await connection.get(path, query)
            self.assertEqual(there, here)
            self.assertEqual([r.asDict() for r in there], [r.asDict() for r in here])

    async def test_error(self) -> None:
        """So does an error: class, sentence and what else it holds."""
        connection = self.connect()
        here = await self.assertFailure(self.service.get("builders/99999"), NotFound)
        there = await self.assertFailure(connection.get("builders/99999"), NotFound)
        self.assertEqual((there.detail, there.extra), (here.detail, here.extra))

    async def test_password(self) -> None:
        """A wrong password is Unauthenticated."""
        await self.assertFailure(self.connect("ada:no").get("masters"), Unauthenticated)
