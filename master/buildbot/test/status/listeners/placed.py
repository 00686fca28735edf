"""Listeners as real processes, in the server's or beside it, over a database that a writer fills."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from twisted.internet.task import deferLater

from buildbot.db import schema
from buildbot.test.contract.attached import Started, attach, listen
from buildbot.test.contract.crashing import WriterProcess
from buildbot.test.db.databases import OnSQLite, reactor, temporaryFolder
from buildbot.test.postgres import freePort
from buildbot.test.status.recording import metadata


class Inside(OnSQLite):
    """In ``buildbot attach``."""

    def prepare(self) -> None:
        self.url = self.newUrl(metadata)
        version = f"INSERT INTO alembic_version VALUES ('{schema.REVISION}')"
        self.fill(self.url, ["CREATE TABLE alembic_version (version_num TEXT)", version])
        self.folder = Path(temporaryFolder(self))
        self.config, self.log = self.folder / "listeners.cfg", self.folder / "log"
        self.running: dict[str, Started] = {}
        """By what they are."""
        self.reading = self.writer(self.url)
        self.addCleanup(self.reading.close)

    def start(self) -> None:
        """Whatever does not run."""
        if "listeners" not in self.running:
            self.running["listeners"] = attach(self, self.url, "--config", str(self.config), *self.kept())

    def kept(self) -> tuple[str, ...]:
        return "--state", str(self.folder / "events.sqlite"), "--log-file", str(self.log)

    def kill(self, random: Random) -> None:
        """Some of what runs."""
        for name in random.choice([["listeners"], ["server"], ["listeners", "server"]]):
            if name in self.running:
                self.running.pop(name).kill()

    async def writes(self, seed: str) -> WriterProcess:
        writer = WriterProcess(self.url, "one", seed)
        self.addCleanup(writer.kill)
        writer.begin()
        return writer

    async def until(self, holds: Any) -> None:
        while not holds():
            await deferLater(reactor, 0.02)

    def ended(self) -> set[int]:
        """Builds that are over."""
        return {id for (id,) in self.reading.execute("SELECT id FROM builds WHERE complete_at IS NOT NULL")}

    def told(self, name: str = "told") -> list[list[str]]:
        """The words of the lines of a file beside the configuration."""
        path = self.folder / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


class BesideHTTP(Inside):
    """In ``buildbot listen``, over HTTP."""

    scheme = "http"

    def prepare(self) -> None:
        super().prepare()
        self.ports = {"http": freePort(), "pb": freePort()}

    def start(self) -> None:
        if "server" not in self.running:
            arguments = ["--port", str(self.ports["http"]), "--pb", str(self.ports["pb"])]
            state = str(self.folder / "events.sqlite")
            self.running["server"] = attach(self, self.url, *arguments, "--state", state)
        if "listeners" not in self.running:
            url = f"{self.scheme}://127.0.0.1:{self.ports[self.scheme]}"
            self.running["listeners"] = listen(self, url, self.config, *self.kept())

    def kept(self) -> tuple[str, ...]:
        return "--state", str(self.folder / "listeners.sqlite"), "--log-file", str(self.log)


class BesidePB(BesideHTTP):
    """In ``buildbot listen``, over Perspective Broker."""

    scheme = "pb"
