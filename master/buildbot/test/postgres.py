"""A private PostgreSQL server for the tests, and a fresh database on it for each test that wants one.
 One server for a test run: the one that ``BUILDBOT_TEST_POSTGRESQL`` names (the URL of a database in which
the user may do everything), else one that is started when it is first asked for. It lives in a temporary
folder, listens on a socket there and on a random port of 127.0.0.1, and ends with this process, however that
ends. PostgreSQL refuses root: there it runs as another user.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from glob import glob
from typing import Any
from unittest import SkipTest

import attrs
import psycopg
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import URL, make_url
from twisted.trial.unittest import TestCase

from buildbot.db.postgresql import conninfo
from buildbot.db.schema import copied

ENVIRONMENT = "BUILDBOT_TEST_POSTGRESQL"

_GUARD = """
exec 3<&0
"$@" </dev/null &
server=$!
{ cat <&3 >/dev/null; kill -QUIT $server; } &
wait $server
"""
"""Runs a program until it ends or the writing end of our standard input is closed: nothing survives a killed
run."""


class Unavailable(Exception):
    """There is no PostgreSQL server, and none can be started; the message says why."""


def findProgram(name: str) -> str:
    """The path of one of PostgreSQL's programs; of several versions the newest. Raises Unavailable."""
    candidates = glob(f"/usr/lib/postgresql/*/bin/{name}")
    if candidates:
        return max(candidates, key=lambda path: int(path.split("/")[4].split(".")[0]))
    found = shutil.which(name)
    if found is None:
        raise Unavailable(f"PostgreSQL's {name} is not installed (Debian: apt-get install postgresql).")
    return os.path.realpath(found)


def _otherUser() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable("PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody'.")


def freePort() -> int:
    """A port below those that systems take for outgoing connections, which come and go between a look and its use."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Cluster:
    """A server of our own: its data, and its process while it runs. All methods block."""

    def __init__(self, *, durable: bool = False) -> None:
        """``durable``: what is committed survives the machine's crash as well."""
        self._durable = durable
        self._user = _otherUser()
        self.folder = tempfile.mkdtemp(prefix="postgresql-")
        self.port = freePort()
        self.password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._initialise()
        except BaseException:
            self.remove()
            raise

    def _initialise(self) -> None:
        secret = os.path.join(self.folder, "password")
        with open(secret, "w") as file:
            file.write(self.password)
        if self._user is not None:
            for path in (self.folder, secret):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        # A linguistic collation as most servers have it, so that a comparison that relies on the order of
        # code points without saying so fails.
        icu = ["--locale-provider=icu", "--icu-locale=en-US"]
        for provider in (icu, []):
            command = [findProgram("initdb"), "-D", f"{self.folder}/data", "-U", "postgres", "-E", "UTF8"]
            command += ["--locale=C.UTF-8", *provider, "--auth-local=trust", "--auth-host=scram-sha-256"]
            done = self._run([*command, f"--pwfile={secret}", "--no-sync", "--no-instructions"])
            if done.returncode == 0:
                return
        raise Unavailable(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")

    def _asUser(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, capture_output=True, cwd=self.folder, **self._asUser())

    @property
    def url(self) -> str:
        """A superuser's URL of its database ``postgres``, over the socket."""
        return f"postgresql://postgres@/postgres?host={self.folder}&port={self.port}"

    @property
    def tcpUrl(self) -> str:
        """The same over TCP, with the password in it."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server unless it runs, on the same port each time; returns when it accepts
        connections."""
        if self._process is not None:
            return
        settings = {
            "unix_socket_directories": self.folder,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "fsync": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",
            "jit": "off",
            "logging_collector": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(f"{self.folder}/log", "ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _GUARD, "sh", findProgram("postgres"), "-D", f"{self.folder}/data", *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._asUser(),
            )
        self._awaitConnections()

    def _awaitConnections(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(conninfo(make_url(self.url))).close()
                return
            except psycopg.OperationalError as error:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > end:
                    self.stop()
                    with open(f"{self.folder}/log", errors="replace") as log:
                        raise Unavailable(f"PostgreSQL does not start: {log.read()[-1000:]}") from error
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server at once, as a crash would; open connections break."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()

    def remove(self) -> None:
        """Stop it and delete everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@attrs.define
class Server:
    """A server that somebody started, and databases on it."""

    url: str
    _names: Callable[[], int] = attrs.Factory(lambda: itertools.count(1).__next__)
    _templates: dict[int, str] = attrs.Factory(dict)

    def urlOf(self, database: str, user: str | None = None) -> str:
        """The URL of one of its databases, for the administrating user or another one."""
        url: URL = make_url(self.url).set(database=database)
        if user is not None:
            url = url.set(username=user, password=user)
        return url.render_as_string(hide_password=False)

    def execute(self, sql: str, database: str | None = None) -> None:
        """Execute statements, as the administrating user, without a transaction."""
        url = self.url if database is None else self.urlOf(database)
        with psycopg.connect(conninfo(make_url(url)), autocommit=True) as connection:
            connection.execute(sql.encode())

    def newDatabase(self, metadata: MetaData | None = None) -> str:
        """The name of a new database that has the tables of ``metadata``, which are made once and then
        copied."""
        if metadata is None:
            return self._create("template0")
        template = self._templates.get(id(metadata))
        if template is None:
            template = self._templates[id(metadata)] = self._create("template0")
            engine = create_engine(make_url(self.urlOf(template)).set(drivername="postgresql+psycopg"))
            copied(metadata).create_all(engine)
            engine.dispose()
        return self._create(template)

    def copyOf(self, name: str) -> str:
        """The name of a new database that is a copy of one that nobody is connected to."""
        return self._create(name)

    def _create(self, template: str) -> str:
        name = f"t{os.getpid()}_{self._names()}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def newReader(self, database: str) -> str:
        """The URL of a database for a new user who may only SELECT there."""
        user = f"r{os.getpid()}_{self._names()}"
        self.execute(
            f"CREATE ROLE {user} LOGIN PASSWORD '{user}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user};",
            database,
        )
        return self.urlOf(database, user)

    def dropDatabase(self, name: str) -> None:
        """Drop a database whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_server: Server | None = None
_whyNot: str | None = None


def server() -> Server:
    """This test run's server. Raises Unavailable, each time with the same reason."""
    global _server, _whyNot
    if _whyNot is not None:
        raise Unavailable(_whyNot)
    if _server is None:
        given = os.environ.get(ENVIRONMENT)
        try:
            _server = Server(given or _startOwn())
        except Unavailable as error:
            _whyNot = str(error)
            raise
    return _server


def _startOwn() -> str:
    cluster = Cluster()
    atexit.register(cluster.remove)
    cluster.start()
    return cluster.url


def freshDatabase(test: TestCase, metadata: MetaData | None = None) -> str:
    """The URL of a database of this test's own, dropped after it. Skips the test if no server can be had."""
    try:
        found = server()
    except Unavailable as error:
        raise SkipTest(str(error)) from None
    name = found.newDatabase(metadata)
    test.addCleanup(found.dropDatabase, name)
    return found.urlOf(name)
