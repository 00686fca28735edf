"""``buildbot replay --serve``: what is played, served by the process that plays it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from buildbot.status.client import connect
from buildbot.test.contract.attached import Attached, served
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor, temporaryFolder


class ServeTests(DatabaseCase):
    timeout = 60

    def serve(self, *arguments: str) -> Attached:
        return served(self, "replay", "--db", self.newUrl(), "--serve", "0", *arguments)

    async def test_lives(self) -> None:
        """List, then watch: what a list holds and what comes after it are all that happened, over each language."""
        server = self.serve("--pb", "0", "--forever", "--rate", "300")
        for url in (server.http, server.pb):
            connection: Any = connect(url, reactor=reactor)
            self.addCleanup(connection.close)
            answer = await connection.get("builds", limit=1000)
            subscription = await connection.subscribe("builds/*/*", since=answer.cursor)
            known = {build.buildid for build in answer}
            begun: list[int] = []
            while len(begun) < 5:
                for delivery in await subscription.next():
                    if delivery.event == "new":
                        begun.append(delivery.record.buildid)
                    else:
                        self.assertIn(delivery.record.buildid, {*known, *begun})
            self.assertEqual(known & {*begun}, set())
            subscription.close()

    async def test_ends(self) -> None:
        """After the last life it goes on serving."""
        server = self.serve("--lives", "2", "--seed", "1")
        connection: Any = connect(server.http, reactor=reactor)
        self.addCleanup(connection.close)
        while len(masters := await connection.get("masters")) < 2 or any(master.active for master in masters):
            await deferLater(reactor, 0.02)
        self.assertEqual(await deferToThread(healthOf, server.http), {"status": "ok"})

    async def test_listener(self) -> None:
        """A listener runs inside; how far it is, is in the database."""
        folder = Path(temporaryFolder(self))
        config, told = folder / "listen.cfg", folder / "told"
        config.write_text(CONFIG)
        server = self.serve("--lives", "2", "--seed", "1", "--config", str(config))
        connection: Any = connect(server.http, reactor=reactor)
        self.addCleanup(connection.close)
        while len(masters := await connection.get("masters")) < 2 or any(master.active for master in masters):
            await deferLater(reactor, 0.02)
        ended = {str(build.buildid) for build in await connection.get("builds", complete=True, limit=100)}
        self.assertGreater(len(ended), 0)
        while not told.exists() or not ended <= set(told.read_text().split()):
            await deferLater(reactor, 0.02)
        [consumer] = await connection.get("consumers")
        self.assertEqual(consumer.name, "Told")


CONFIG = """
import os
from buildbot.status.listeners import StatusListener

class Told(StatusListener):
    def buildFinished(self, build):
        with open(os.path.join(basedir, "told"), "a") as file:
            file.write(f"{build.buildid}\\n")

c = BuildmasterConfig = {"status": [Told()]}
"""


def healthOf(server: str) -> Any:
    """What ``/healthz`` of a server says, whatever the status."""
    try:
        with urllib.request.urlopen(f"{server}/healthz") as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


class ServeOnSQLite(ServeTests, OnSQLite):
    pass


class ServeOnPostgreSQL(ServeTests, OnPostgreSQL):
    pass


del ServeTests
