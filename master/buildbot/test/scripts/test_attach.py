"""``buildbot attach`` as a process: what it says, what it logs, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from twisted.trial.unittest import TestCase

from buildbot.test.contract.attached import Attached, attach
from buildbot.test.oracle.everything import fill

PROGRAM = [sys.executable, "-c", "import sys; from buildbot.scripts.entry import main; sys.exit(main())"]
AS_NOBODY = """
import os, pwd, sys
import buildbot.db.sqlite, buildbot.scripts.attaching, buildbot.scripts.serve, buildbot.www.server
from buildbot.scripts.runner import main
from buildbot.status.catalogue import Catalogue
Catalogue()
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
main()
"""
MIB = 1024 * 1024
SIZE = 16
"""Mebibytes of a log that no buffer between server and client takes as a whole."""
LONG = 4_000
"""Its id."""


class ProcessCase(TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir(parents=True)
        self.url = f"sqlite:///{self.folder}/state.sqlite"

    def fill(self) -> None:
        engine = create_engine(self.url)
        fill(engine)
        engine.dispose()

    def run_(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=60, **more)

    def assertEnds(self, done: subprocess.CompletedProcess[str], code: int, said: str) -> None:
        """It ended with this code and one sentence, which begins so."""
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertTrue(done.stderr.startswith(f"Error: {said}"), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


class FailingTest(ProcessCase):
    def test_missing(self) -> None:
        """What is missing now: exit code 1."""
        self.assertEnds(self.run_("attach", "--db", self.url, "--port", "0"), 1, self.url)

    def test_configuration(self) -> None:
        """What was written wrongly: exit code 2."""
        config = self.folder / "status.cfg"
        config.write_text("BuildmasterConfig = {\n 'titel': 'x'}")
        self.assertEnds(self.run_("attach", "--db", self.url, "--config", str(config)), 2, f"{config}:2: titel is")

    def test_log(self) -> None:
        """A log that cannot be written."""
        done = self.run_("attach", "--db", self.url, "--log-file", "/nowhere/log")
        self.assertEnds(done, 2, "--log-file /nowhere/log: cannot be written: No such file or directory.")

    def test_command(self) -> None:
        """A command that there is not: the one that was meant."""
        done = self.run_("atach")
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such command 'atach'. Did you mean 'attach'?", done.stderr)

    def test_permission(self) -> None:
        """A file in a folder that this user may not enter."""
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        self.fill()
        os.chmod(self.folder, 0o700)
        command = [sys.executable, "-c", AS_NOBODY, "attach", "--db", self.url, "--port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEnds(done, 1, f"{self.url}: The database file")
        self.assertIn("Permission denied", done.stderr)


class IndexesTest(ProcessCase):
    def test_printed(self) -> None:
        """``--print-indexes`` prints SQL for the kind of database that is named, without opening it."""
        done = self.run_("attach", "--db", "postgresql://nowhere.invalid/buildbot", "--print-indexes")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("CREATE INDEX CONCURRENTLY IF NOT EXISTS status_ix_builds_started_at ON builds", done.stdout)


class RunningTest(ProcessCase):
    def setUp(self) -> None:
        super().setUp()
        self.fill()

    def attach(self, *arguments: str) -> Attached:
        return attach(self, self.url, *arguments)

    def test_revision(self) -> None:
        """It says what it reads, and which revision that has."""
        server = subprocess.Popen(
            [*PROGRAM, "attach", "--db", self.url, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert server.stdout is not None
        first = server.stdout.readline().decode()
        server.terminate()
        server.communicate(timeout=30)
        self.assertEqual(first, f"Reading {self.url}, whose revision is 067.\n")

    def test_site(self) -> None:
        """Clients learn its version, what kind of database it reads, and how often it looks for what is new."""
        with urllib.request.urlopen(f"{self.attach().api}/site") as answer:
            (site,) = json.load(answer)["sites"]
        self.assertEqual((site["version"], site["database"]), (version("buildbot-status"), "sqlite"))
        self.assertEqual(site["look_interval_ms"], 400)

    def test_state(self) -> None:
        """The log of events is in the user's state directory, or in memory where another has that; a file that somebody
        named is used or nothing is."""
        self.attach()
        log = self.folder / "log"
        self.attach("--log-file", str(log))
        self.assertIn("is used by another process", log.read_text())
        self.assertIn("kept in memory", log.read_text())
        own = self.folder / "own" / "events.sqlite"
        self.attach("--state", str(own))
        self.assertTrue(own.exists())
        done = self.run_("attach", "--db", self.url, "--port", "0", "--state", str(own))
        self.assertEnds(done, 1, f"{own} is used by another process")

    def test_operators(self) -> None:
        """Health and metrics are served."""
        server = self.attach()
        self.assertEqual(json.load(urllib.request.urlopen(f"{server.http}/healthz")), {"status": "ok"})
        metrics = urllib.request.urlopen(f"{server.http}/metrics").read().decode()
        self.assertIn('buildbot_transaction_run_seconds_total{lane="large",name="events.begin"}', metrics)
        self.assertIn('buildbot_transaction_runs_total{lane="writer",name="events.look"}', metrics)
        commits = re.search(r"^buildbot_writer_commits_total (\S+)$", metrics, re.MULTILINE)
        self.assertGreater(float(commits[1] if commits else 0), 0)
        self.assertIn("buildbot_problems 0.0", metrics)

    def test_degraded(self) -> None:
        """While it cannot write the log of events, it answers, is ready, and says what is wrong."""
        state = self.folder / "events.sqlite"
        server = self.attach("--state", str(state))
        with closing(sqlite3.connect(state)) as other, closing(sqlite3.connect(self.folder / "state.sqlite")) as stock:
            other.execute("BEGIN IMMEDIATE")
            stock.execute("UPDATE builds SET complete_at = started_at + 1, results = 0 WHERE complete_at IS NULL")
            stock.commit()
            self.awaitProblem(server, "News cannot be found at the moment: The database is locked by another program.")
            other.rollback()
            self.awaitHealth(server)

    def awaitProblem(self, server: Attached, sentence: str) -> None:
        while (health := json.load(urllib.request.urlopen(f"{server.http}/healthz"))) == {"status": "ok"}:
            pass
        self.assertEqual(health["status"], "degraded")
        self.assertTrue(health["problems"][0].startswith(sentence), health)

    def awaitHealth(self, server: Attached) -> None:
        while json.load(urllib.request.urlopen(f"{server.http}/healthz")) != {"status": "ok"}:
            pass

    def test_listenersDegraded(self) -> None:
        """While it cannot be stored how far listeners are, that is said, too."""
        config = self.folder / "status.cfg"
        config.write_text(
            "from buildbot.status.listeners import StatusListener\n"
            "class Quiet(StatusListener):\n def buildFinished(self, build): pass\n"
            "c = BuildmasterConfig = {'status': [Quiet()]}"
        )
        server = self.attach("--config", str(config), "--state", str(self.folder / "events.sqlite"))
        memory, stock = self.folder / "events-listeners.sqlite", self.folder / "state.sqlite"
        with closing(sqlite3.connect(memory)) as other, closing(sqlite3.connect(stock)) as master:
            other.execute("BEGIN IMMEDIATE")
            master.execute("UPDATE builds SET complete_at = started_at + 1, results = 0 WHERE complete_at IS NULL")
            master.commit()
            sentence = "How far listeners are cannot be stored at the moment: The database is locked"
            self.awaitProblem(server, sentence)
            other.rollback()
            self.awaitHealth(server)

    def test_actions(self) -> None:
        """Every action is refused with 403, with why."""
        server = self.attach()
        call = {"jsonrpc": "2.0", "method": "stop", "params": {}, "id": 1}
        request = urllib.request.Request(
            f"{server.api}/builds/1", json.dumps(call).encode(), {"Content-Type": "application/json"}
        )
        error: Any = self.assertRaises(urllib.error.HTTPError, urllib.request.urlopen, request)
        self.assertEqual(error.code, 403)
        self.assertIn("only reads", json.load(error)["error"]["message"])

    def test_limits(self) -> None:
        """The default and the largest limit are options."""
        server = self.attach("--default-limit", "3", "--largest-limit", "5")
        self.assertEqual(len(json.load(urllib.request.urlopen(f"{server.api}/builds"))["builds"]), 3)
        error: Any = self.assertRaises(urllib.error.HTTPError, urllib.request.urlopen, f"{server.api}/builds?limit=6")
        self.assertIn("at most 5 records", json.load(error)["error"])

    def test_largest(self) -> None:
        """An answer that would be larger than is configured is 413, which says what helps."""
        config = self.folder / "status.cfg"
        config.write_text("BuildmasterConfig = {'status_limits': {'answer': 2000}}")
        server = self.attach("--config", str(config))
        self.assertEqual(urllib.request.urlopen(f"{server.api}/builds?limit=2").status, 200)
        error: Any = self.assertRaises(urllib.error.HTTPError, urllib.request.urlopen, f"{server.api}/builds?limit=50")
        self.assertEqual(error.code, 413)
        self.assertIn("more than 2000 bytes in one answer", json.load(error)["error"])

    def reader(self, server: Attached) -> socket.socket:
        """A client that has read the first bytes of a log of 16 MiB, while nobody new is let in any more."""
        client = socket.socket()
        self.addCleanup(client.close)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        port = int(server.http.rpartition(":")[2])
        client.connect(("127.0.0.1", port))
        client.sendall(f"GET /api/v2/logs/{LONG}/raw HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200 "))
        server.process.send_signal(signal.SIGTERM)
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                return client
            except ConnectionResetError:
                pass  # it had been waiting for somebody to answer

    def test_drains(self) -> None:
        """SIGTERM: nobody new is let in, who is being answered gets everything, and the exit code is 0."""
        self.addLog()
        server = self.attach()
        client = self.reader(server)
        size, last = 0, b""
        while piece := client.recv(MIB):
            size, last = size + len(piece), (last + piece)[-50:]
        self.assertGreater(size, (SIZE - 1) * MIB)
        self.assertTrue(last.rstrip(b"\r\n0").endswith(b"THE END"), last)
        self.assertEqual(server.process.wait(30), 0)

    def test_twice(self) -> None:
        """A second signal ends it at once, whoever is being answered."""
        self.addLog()
        server = self.attach()
        self.reader(server)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(30), -signal.SIGTERM)

    def addLog(self) -> None:
        line = "x" * (MIB - 1)
        contents = [line] * (SIZE - 1) + ["THE END"]
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(
                "INSERT INTO logs (id, name, slug, stepid, complete, num_lines, type)"
                " SELECT ?, 'long', 'long', min(id), 1, ?, 't' FROM steps",
                [LONG, SIZE],
            )
            connection.executemany(
                "INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES (?, ?, ?, ?, 0)",
                [(LONG, number, number, text.encode()) for number, text in enumerate(contents)],
            )

    def test_json(self) -> None:
        """With ``--log-format json`` each line of the log is an object."""
        log = self.folder / "attach.log"
        server = self.attach("--log-format", "json", "--log-file", str(log))
        server.stop()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual({"time", "level", "logger", "message"} - lines[-1].keys(), set())
        self.assertIn("Ending", [line["message"] for line in lines][-1])
