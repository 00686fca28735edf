"""A recorder over a database of its own, for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData

from buildbot.db import own, schema
from buildbot.db.connector import Database
from buildbot.status.recorder import Recorder
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import DatabaseCase

metadata = MetaData()
"""Buildbot's tables and ours."""
for table in (*schema.metadata.tables.values(), *own.metadata.tables.values()):
    table.to_metadata(metadata)


class RecorderCase(DatabaseCase):
    """A test with a recorder and a service over one database that is empty at first."""

    def prepare(self) -> None:
        """Make both; they stop after the test."""
        self.url = self.newUrl(metadata)
        self.database: Database = self.open(self.url)
        self.service = StatusService(self.database, catalogue())
        self.recorder = self.newRecorder()

    def newRecorder(self, **settings: Any) -> Recorder:
        """A further recorder over the same database, as after a start."""
        recorder = Recorder(self.database, catalogue(), **settings)
        recorder.startService()
        self.addCleanup(lambda: recorder.stopService() if recorder.running else None)
        return recorder

    async def one(self, path: str, **query: Any) -> dict[str, Any]:
        """The one thing that a path names, as on the wire."""
        answer = await self.service.get(path, **query)
        return dict(answer[0].asDict())

    async def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """A list, as on the wire."""
        return [record.asDict() for record in await self.service.get(path, **query)]
