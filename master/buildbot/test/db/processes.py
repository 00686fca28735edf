"""Other processes at a SQLite file: one that writes it, and one that may not."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from typing import Any

from twisted.trial.unittest import TestCase

_WRITER = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    rows = connection.execute(json.loads(line)).fetchall()
    print(json.dumps(rows), flush=True)
connection.close()
"""

_READER = """
import json, os, sys
from twisted.internet import defer, reactor, task
from buildbot.db.connector import Database
from buildbot.errors import DatabaseUnavailable

async def read(reactor):
    db = Database("sqlite:///" + sys.argv[1], reactor=reactor)
    db.startService()
    for line in sys.stdin:
        sql = json.loads(line)
        try:
            rows = await db.run("read", lambda snapshot: snapshot.rows(sql, {}))
        except DatabaseUnavailable as error:
            rows = str(error)
        print(json.dumps([rows, db.stamp()]), flush=True)
    await db.stopService()

def main(reactor):
    if int(sys.argv[2]):
        os.setgroups([])
        os.setgid(int(sys.argv[3]))
        os.setuid(int(sys.argv[2]))
    return defer.ensureDeferred(read(reactor))

import buildbot.db.sqlite
task.react(main)
"""


class _Peer:
    """A process that answers each line with a line; ended after the test."""

    def __init__(self, test: TestCase, code: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        test.addCleanup(self.close)

    def ask(self, line: str) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        """End it with SIGKILL, wherever it is."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let it end by itself."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class WriterProcess(_Peer):
    """Writes a SQLite file, as a master does; each statement is committed when :meth:`execute` returns."""

    def __init__(self, test: TestCase, path: str) -> None:
        super().__init__(test, _WRITER, path)
        self.execute("PRAGMA journal_mode")

    def execute(self, sql: str) -> list[list[Any]]:
        rows: list[list[Any]] = self.ask(sql)
        return rows


class ReaderProcess(_Peer):
    """Reads a SQLite file through a Database, as a user who can write neither the file nor its folder.

    Root becomes another user for it; who is not root takes the right to write from itself, with
    :func:`protect`.
    """

    def __init__(self, test: TestCase, path: str) -> None:
        uid, gid = 0, 0
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            uid, gid = nobody.pw_uid, nobody.pw_gid
        super().__init__(test, _READER, path, str(uid), str(gid))

    def read(self, sql: str) -> Any:
        """The rows, or the sentence of the error."""
        return self.ask(sql)[0]

    def stamp(self) -> int:
        """The stamp after one more read."""
        return int(self.ask("SELECT 1")[1])


def protect(test: TestCase, path: str) -> None:
    """Make a database file's folder, and all in it, readable for all and writable only for root."""
    folder = os.path.dirname(path)
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644 if os.geteuid() == 0 else 0o444)
    os.chmod(folder, 0o755 if os.geteuid() == 0 else 0o555)
    test.addCleanup(os.chmod, folder, 0o755)
