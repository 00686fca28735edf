"""A listener in ``buildbot attach``, which is killed while builds go on: each end is told, after its beginning."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random, SystemRandom

from twisted.internet.task import deferLater

from buildbot.db import schema
from buildbot.test.contract.attached import attach
from buildbot.test.contract.crashing import WriterProcess
from buildbot.test.db.databases import OnSQLite, reactor, temporaryFolder
from buildbot.test.status.recording import metadata

KILLS = int(os.environ.get("BUILDBOT_CRASH_KILLS", "3"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
CONFIG = """
import os
from buildbot.status.listeners import StatusListener

class Told(StatusListener):
    def buildStarted(self, build):
        self.note("started", build)

    def buildFinished(self, build):
        self.note("finished", build)

    def note(self, word, build):
        with open(os.path.join(basedir, "told"), "a") as file:
            file.write(f"{build.buildid} {word}\\n")

c = BuildmasterConfig = {"status": [Told()]}
"""


class AttachedCrash(OnSQLite):
    timeout = 60 + 10 * KILLS

    async def test_killed(self) -> None:
        """Whatever the moment of the kill."""
        seed = f"seed {SEED}"
        random = Random(SEED)
        url = self.newUrl(metadata)
        version = f"INSERT INTO alembic_version VALUES ('{schema.REVISION}')"
        self.fill(url, ["CREATE TABLE alembic_version (version_num TEXT)", version])
        folder = Path(temporaryFolder(self))
        (folder / "attach.cfg").write_text(CONFIG)
        arguments = "--config", str(folder / "attach.cfg"), "--state", str(folder / "events.sqlite")
        for number in range(KILLS):
            server = attach(self, url, *arguments)
            writer = WriterProcess(url, "one", f"{SEED} {number}")
            self.addCleanup(writer.kill)
            writer.begin()
            await writer.hasSaid(random.randrange(1, 400))
            server.process.kill()
            server.process.wait()
            await writer.hasSaid(len(writer.lines) + random.randrange(1, 100))
            writer.kill()
            await writer.ended
        attach(self, url, *arguments)
        reading = self.writer(url)
        ended = {id for (id,) in reading.execute("SELECT id FROM builds WHERE complete_at IS NOT NULL")}
        reading.close()
        while not ended <= {id for id, word in self.told(folder) if word == "finished"}:
            await deferLater(reactor, 0.02)
        first: dict[int, str] = {}
        for id, word in self.told(folder):
            first.setdefault(id, word)
        self.assertGreater(len(ended), 0, seed)
        self.assertEqual({id for id in ended if first[id] != "started"}, set(), seed)

    @staticmethod
    def told(folder: Path) -> list[tuple[int, str]]:
        path = folder / "told"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(id), word) for id, word in (line.split() for line in lines)]
