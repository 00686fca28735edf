"""What importing the client takes and brings."""

from __future__ import annotations

import subprocess
import sys

from twisted.trial.unittest import TestCase

ALONE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        refused = (
            "sqlalchemy", "alembic", "psycopg", "buildbot.db", "buildbot.master", "buildbot.www", "buildbot.config",
            "buildbot.status.service", "buildbot.status.sql", "buildbot.status.endpoints",
        )
        if any(name == each or name.startswith(each + ".") for each in refused):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Refuse())
from buildbot.status.client import connect
from buildbot.errors import Disconnected
from twisted.internet import defer, task

async def main(reactor):
    for url in ("pb://a:b@127.0.0.1:1", "http://127.0.0.1:1"):
        connection = connect(url, reactor=reactor)
        try:
            await connection.getBuilder("linux")
        except Disconnected:
            print("disconnected")
        await connection.close()

task.react(lambda reactor: defer.ensureDeferred(main(reactor)))
"""


class ImportTest(TestCase):
    def test_alone(self) -> None:
        """The client works where there is no SQLAlchemy, no psycopg, and nothing of the server."""
        done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout.split(), done.stderr), (["disconnected"] * 2, ""))

    def test_fast(self) -> None:
        """Importing it takes less than half a second of a processor's time, and starts no reactor."""
        code = (
            "import buildbot.status.client, sys, time\n"
            "print(time.process_time(), 'twisted.internet.reactor' in sys.modules)"
        )
        said = [
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout.split()
            for _ in range(3)
        ]
        self.assertEqual({reactor for _, reactor in said}, {"False"})
        self.assertLess(min(float(seconds) for seconds, _ in said), 0.5)
