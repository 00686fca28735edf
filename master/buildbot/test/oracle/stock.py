"""A stock master over a given database, as a subprocess that is ended by its id."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from .environment import stockEnvironment
from .invented.configured import OWN_NAME

# Its name is given, or it would be made of this machine's and the folder's.
_APPLICATION = """
from twisted.application.service import Application
from buildbot.master import BuildMaster

application = Application("buildmaster")
master = BuildMaster({folder!r}, "master.cfg")
master.name = {name!r}
master.setServiceParent(application)
"""

# The least that a master can do: it runs three of the builders and claims two of the schedulers that the
# database has, and no worker comes to it, so nothing is ever built.
_CONFIGURATION = """
from buildbot.plugins import schedulers, util, worker

names = ["linux", "größe/test", "multi"]
BuildmasterConfig = {{
    "db": {{"db_url": {url!r}}},
    "buildbotNetUsageData": None,
    "protocols": {{"pb": {{"port": "tcp:0:interface=127.0.0.1"}}}},
    "multiMaster": True,
    "www": {{"port": "tcp:0:interface=127.0.0.1", "plugins": {{}}}},
    "workers": [worker.Worker("w1", "x"), worker.Worker("wörker", "x")],
    "projects": [util.Project("proj", description="of this master")],
    "builders": [
        util.BuilderConfig(
            name=name,
            workernames=["w1", "wörker"][:number],
            tags=["t1", "größe"][:number],
            project="proj" if number else None,
            factory=util.BuildFactory(),
        )
        for name, number in zip(names, (1, 2, 1))
    ],
    "schedulers": [
        schedulers.Triggerable(name="trig", builderNames=["linux"]),
        schedulers.ForceScheduler(name="force", builderNames=["linux", "multi"]),
    ],
}}
"""


class StockFailed(Exception):
    """A stock master ended before it answered; the message has its last words."""


class _Process(ProcessProtocol):
    """Notes where the master listens, and tells when it runs, and when it has ended."""

    transport: Any

    def __init__(self) -> None:
        self.said = b""
        self.running: Deferred[int] = Deferred()
        self.ended: Deferred[None] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self.said = (self.said + data)[-100_000:]
        port = re.search(rb"BuildbotSite starting on (\d+)", self.said)
        if port and b"BuildMaster is running" in self.said and not self.running.called:
            self.running.callback(int(port[1]))

    errReceived = outReceived

    def processEnded(self, reason: Failure) -> None:
        if not self.running.called:
            words = self.said.decode(errors="replace").splitlines()[-30:]
            self.running.errback(StockFailed("\n".join(words)))
        self.ended.callback(None)


@attrs.frozen
class StockMaster:
    """A running stock master."""

    port: int
    """Where its API is, on this machine."""

    _process: _Process

    async def stop(self) -> None:
        """End it, and wait until it has ended. What is running is not waited for: it is killed."""
        if not self._process.ended.called:
            with suppress(ProcessExitedAlready):
                self._process.transport.signalProcess("KILL")
            await self._process.ended


async def startStock(reactor: Any, folder: Path, url: str) -> StockMaster:
    """Start a stock master over the database at ``url`` with its files in ``folder``, and wait until it runs.

    When this is done, it has entered itself among the masters, put to rest what fallen masters left, and
    linked what it is configured to run.

    :raise StockFailed: it ended instead
    """
    folder.mkdir(parents=True, exist_ok=True)
    application = folder / "buildbot.tac"
    application.write_text(_APPLICATION.format(folder=str(folder), name=OWN_NAME))
    (folder / "master.cfg").write_text(_CONFIGURATION.format(url=url))
    process = _Process()
    environment = stockEnvironment()
    python, twistd = environment.python, str(environment.path / "bin" / "twistd")
    command = [python, twistd, "-n", "--pidfile=", "--logfile=-", "-y", str(application)]
    # Sets are walked in the same order each time, so that what is written is the same.
    variables = {**os.environ, "PYTHONHASHSEED": "0"}
    reactor.spawnProcess(process, python, command, env=variables, path=str(folder))
    port = await process.running
    return StockMaster(port, process)
