"""A listener in ``buildbot attach``, or beside it, while builds go on and processes are killed: each end is told, after
its beginning."""

from __future__ import annotations

import os
from random import Random, SystemRandom

from buildbot.test.status.listeners.placed import BesideHTTP, BesidePB, Inside

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


class CrashInside(Inside):
    timeout = 60 + 15 * KILLS

    async def test_killed(self) -> None:
        """Whatever the moment of the kill, and whatever is killed."""
        seed = f"seed {SEED}"
        random = Random(SEED)
        self.prepare()
        self.config.write_text(CONFIG)
        for number in range(KILLS):
            self.start()
            writer = await self.writes(f"{SEED} {number}")
            await writer.hasSaid(random.randrange(1, 400))
            self.kill(random)
            await writer.hasSaid(len(writer.lines) + random.randrange(1, 100))
            writer.kill()
            await writer.ended
        self.start()
        ended = self.ended()
        await self.until(lambda: ended <= {int(id) for id, word in self.told() if word == "finished"})
        first: dict[int, str] = {}
        for id, word in self.told():
            first.setdefault(int(id), word)
        self.assertGreater(len(ended), 0, seed)
        self.assertEqual({id for id in ended if first[id] != "started"}, set(), seed)


class CrashOverHTTP(BesideHTTP, CrashInside): ...


class CrashOverPB(BesidePB, CrashInside): ...
