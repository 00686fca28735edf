"""A service with a log of events over a database with everything in it, spoken to in three languages."""

from __future__ import annotations

from typing import Any

from buildbot.db import own
from buildbot.status.catalogue import Catalogue, SiteNames
from buildbot.status.recorder import Recorder
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import engineOf
from buildbot.test.status.languages import LanguagesCase

SITE = SiteNames("Sample", "https://example.org/", "https://ci.example.org/buildbot")


class RecordedCase(LanguagesCase):
    """Has a recorder over that database as well."""

    def setUp(self) -> Any:
        super().setUp()
        engine = engineOf(self.database.location.url.render_as_string(hide_password=False))
        own.metadata.create_all(engine)
        engine.dispose()
        catalogue = Catalogue(site=SITE)
        self.recorder = Recorder(self.database, catalogue)
        self.recorder.startService()
        self.addCleanup(self.recorder.stopService)
        self.service = StatusService(self.database, catalogue, events=self.recorder.source, logIsHere=True)
        return self.recorder.writer.run("open", lambda tx: None)  # there is a log once it is open

    async def recorded(self) -> dict[str, Any]:
        """The service in each language, by its name, once there is a log."""
        await self.recorder.findWorker("w1")
        return await self.languages()
