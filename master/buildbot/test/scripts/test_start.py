"""What a person is told whose server cannot start: which thing is wrong, and why; never a traceback."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildbot.config.attach import Options, settings
from buildbot.errors import ConfigError
from buildbot.master import Attached, CannotStart
from buildbot.test import postgres
from buildbot.test.oracle.everything import fill
from buildbot.test.www.installed import Environment
from buildbot.www.pages import NONE


class StartCase(TestCase):
    def setUp(self) -> None:
        self.path = str(Path(self.mktemp()).resolve())
        self.url = f"sqlite:///{self.path}"

    def fill(self) -> None:
        engine = create_engine(self.url)
        fill(engine)
        engine.dispose()

    async def started(self, **options: Any) -> Attached:
        options = {"db": self.url, "port": "0", **options}
        attached = Attached(settings(Options(**options)), reactor=reactor)
        self.addCleanup(attached.stop)
        await attached.start()
        return attached

    async def refusal(self, kind: type[Exception] = CannotStart, **options: Any) -> str:
        """The sentence with which a start ends."""
        try:
            await self.started(**options)
        except kind as error:
            return str(error)
        raise AssertionError("it started")


class NamesTest(StartCase):
    async def test_names(self) -> None:
        """What the configuration calls the installation is what callers are told, with or without HTTP."""
        self.fill()
        config = Path(self.mktemp())
        config.write_text(
            "c = BuildmasterConfig = {'title': 'Ours', 'titleURL': 'https://example.org/',"
            " 'buildbotURL': 'https://ci.example.org', 'www': {'port': None}, 'status_pb': {'port': 0},"
            " 'status_state': 'none'}"
        )
        status = (await self.started(config=str(config), port=None)).status
        self.assertEqual((await status.getTitle(), await status.getTitleURL()), ("Ours", "https://example.org/"))
        url = await status.getURLForThing(await status.getMaster(1))
        self.assertEqual(url, "https://ci.example.org/#/masters/1")


class DatabaseTest(StartCase):
    """SQLite."""

    async def test_missing(self) -> None:
        """A file that is not there."""
        self.assertEqual(
            await self.refusal(), f"{self.url}: The database file cannot be found. (No such file or directory)"
        )

    async def test_noDatabase(self) -> None:
        """A file that is none of SQLite's."""
        Path(self.path).write_text("Good day. " * 1000)
        self.assertEqual(
            await self.refusal(), f"{self.url}: The database file is not a SQLite database. (file is not a database)"
        )

    async def test_empty(self) -> None:
        """A database without tables."""
        Path(self.path).write_text("")
        self.assertTrue((await self.refusal()).startswith(f"{self.url}: This database has no tables"))

    async def test_otherRevision(self) -> None:
        """Another version of Buildbot's: which one, and what to do."""
        self.fill()
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '061'"))
        engine.dispose()
        refusal = await self.refusal()
        self.assertIn("has revision 061, of a Buildbot before 4.3", refusal)
        self.assertIn("buildbot upgrade-master", refusal)

    async def test_unsupported(self) -> None:
        """A database of another kind: what is supported."""
        refusal = await self.refusal(ConfigError, db="mysql://user:secret@host/db")
        self.assertTrue(refusal.startswith("A database of kind 'mysql' cannot be read. Supported are sqlite:///"))
        self.assertNotIn("secret", refusal)


class ServerTest(TestCase):
    """PostgreSQL."""

    def setUp(self) -> None:
        try:
            self.cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            self.skipTest(str(error))
        self.addCleanup(self.cluster.remove)

    async def refusal(self, url: str) -> str:
        attached = Attached(settings(Options(db=url, port="0")), reactor=reactor)
        self.addCleanup(attached.stop)
        starting = Deferred.fromCoroutine(attached.start())
        error: Any = await self.assertFailure(starting, CannotStart)
        return str(error)

    async def test_server(self) -> None:
        """A server that is down, a wrong password, a database that there is not, and one without tables: each is
        told apart, and no password is shown."""
        url = self.cluster.tcpUrl
        self.assertIn("Connection refused", await self.refusal(url))
        self.cluster.start()
        for wrong, expected in (
            (url.replace(self.cluster.password, "secret"), "password authentication failed"),
            (url.removesuffix("postgres") + "nowhere", "does not exist"),
            (url, "This database has no tables"),
        ):
            refusal = await self.refusal(wrong)
            self.assertIn(expected, refusal)
            self.assertNotIn(self.cluster.password, refusal)
            self.assertNotIn("secret", refusal)
            self.assertNotIn("tried again", refusal)


class ListeningTest(StartCase):
    """Ports and interfaces."""

    def setUp(self) -> None:
        super().setUp()
        self.fill()

    async def test_taken(self) -> None:
        """A port that another program has, for each language."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            for option in ("port", "pb"):
                options: dict[str, Any] = {option: port}
                self.assertEqual(
                    await self.refusal(**options),
                    f"Another program listens on 127.0.0.1:{port} already: choose another port with --{option}.",
                )

    async def test_foreign(self) -> None:
        """An address of another machine, and a name that is none."""
        for interface in ("192.0.2.1", "nowhere.invalid"):
            self.assertEqual(
                await self.refusal(interface=interface),
                f"{interface} is no address of this machine, so nothing can listen there (--interface).",
            )

    async def test_endpoints(self) -> None:
        """What is no endpoint, or one that cannot be."""
        for pb, kind in (
            ("foo:1", ConfigError),
            ("ssl:0:privateKey=/nowhere", ConfigError),
            ("tcp:99999", CannotStart),
        ):
            self.assertIn(pb.partition(":")[0], await self.refusal(kind, pb=pb))

    async def test_folder(self) -> None:
        """A socket in a folder that is not there."""
        self.assertEqual(
            await self.refusal(pb="unix:/nowhere/socket"),
            "Nothing can listen on unix:/nowhere/socket: No such file or directory.",
        )

    async def test_accessLog(self) -> None:
        """An access log that cannot be written."""
        config = Path(self.mktemp())
        config.write_text("BuildmasterConfig = {'www': {'port': 0, 'logfileName': '/nowhere/http.log'}}")
        self.assertEqual(
            await self.refusal(ConfigError, config=str(config), port=None),
            "the access log /nowhere/http.log cannot be written: No such file or directory",
        )

    async def test_passwords(self) -> None:
        """A file of passwords that cannot be read."""
        config = Path(self.mktemp())
        config.write_text("BuildmasterConfig = {'status_pb': {'port': 0, 'password_file': '/nowhere/passwords'}}")
        self.assertIn("the passwords in /nowhere/passwords cannot", await self.refusal(ConfigError, config=str(config)))

    async def test_addresses(self) -> None:
        """Where it listens is told as people type it; a machine that listens for others is called by its name."""
        attached = await self.started(pb="unix:" + os.path.relpath(self.path + ".socket"), interface="0.0.0.0")
        [(_, http), (_, _), (_, pb)] = attached.addresses
        self.assertTrue(http.startswith(f"http://{socket.gethostname()}:"), http)
        self.assertTrue(http.endswith("/api/v2"))
        self.assertTrue(pb.startswith("unix:") and pb.endswith(".socket"), pb)

    async def test_pages(self) -> None:
        """Where the web pages are is told, or how to get them."""
        environment = Environment(self)
        self.assertIn(("Web pages", NONE), (await self.started()).addresses)
        environment.installPages()
        (_, http), (_, pages), *_ = (await self.started()).addresses
        self.assertEqual(f"{pages}api/v2", http)
