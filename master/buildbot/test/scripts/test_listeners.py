"""``buildbot listeners``, and beneath it everything: a server with a listener, its file, its token, its actions."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import time
import urllib.error
import urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from twisted.trial.unittest import TestCase

from buildbot.scripts.listeners import PlaceParameter
from buildbot.test.contract.attached import attach
from buildbot.test.scripts.test_attach import ProcessCase

CONFIG = """
import os
from buildbot.status.listeners import Parked, StatusListener

class Mail(StatusListener):
    def buildFinished(self, build, delivery):
        if os.path.exists(os.path.join(basedir, "refuse")):
            raise Parked("the mail server knows no such address, whoever may have written it there, and never will")
        with open(os.path.join(basedir, "told"), "a") as file:
            file.write(f"{build.buildid} {delivery.isReplay}\\n")

c = BuildmasterConfig = {"status": [Mail("mail")] if os.path.exists(os.path.join(basedir, "mail")) else []}
"""

ERRORS = r"""
ID +STATE +TRIED +WHAT
1 +parked +1 +builds/\d+/finished
    the mail server knows no such address, whoever may have written it there,
    and never will
2 +parked +1 +builds/\d+/finished
    as 1
3 """


class Stock(BaseHTTPRequestHandler):
    """Answers as a Buildbot itself does to what it does not know."""

    def do_GET(self) -> None:
        self.refuse({"error": f"Invalid path: {self.path.removeprefix('/api/v2/').partition('?')[0]}"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        error = {"code": -32600, "message": f"Invalid path: {self.path.removeprefix('/api/v2/')}"}
        self.refuse({"jsonrpc": "2.0", "id": 1, "error": error})

    def refuse(self, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(404)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class StockTest(ProcessCase):
    def test_stock(self) -> None:
        """Of a Buildbot itself it is said that it is one, whatever was asked or to be done."""
        server = HTTPServer(("127.0.0.1", 0), Stock)
        thread = Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        for arguments in (["list"], ["show", "mail"], ["pause", "mail"], ["drop", "mail", "1"]):
            done = self.run_("listeners", "--from", f"http://127.0.0.1:{server.server_port}", *arguments)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("as a Buildbot itself does not: ask a server of buildbot attach", done.stderr)


class ListenersTest(ProcessCase):
    def setUp(self) -> None:
        super().setUp()
        self.fill()
        for name in ("refuse", "mail"):
            (self.folder / name).touch()
        (self.folder / "status.cfg").write_text(CONFIG)
        self.token = self.folder / "state" / "events-token"
        self.begin()

    def begin(self) -> None:
        state = str(self.folder / "state" / "events.sqlite")
        self.server = attach(self, self.url, "--config", str(self.folder / "status.cfg"), "--state", state)

    def listeners(self, *arguments: str, code: int = 0, token: bool = True) -> str:
        """What the command printed."""
        environment = {**os.environ, "TZ": "UTC", "COLUMNS": "80", "BUILDBOT_FROM": self.server.http}
        right = ["--token-file", str(self.token)] if token else []
        done = self.run_("listeners", *right, *arguments, env=environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        return done.stdout if code == 0 else done.stderr

    def until(self, pattern: str, *arguments: str) -> str:
        """What the command printed, once that has a pattern in it."""
        deadline = time.monotonic() + 30
        while not re.search(pattern, printed := self.listeners(*arguments)):
            self.assertLess(time.monotonic(), deadline, printed)
        return printed

    def finish(self, count: int) -> None:
        """Builds end."""
        with closing(sqlite3.connect(self.folder / "state.sqlite", timeout=30)) as stock:
            chosen = "SELECT id FROM builds WHERE complete_at IS NULL LIMIT ?"
            stock.execute(f"UPDATE builds SET complete_at = 1790000000, results = 0 WHERE id IN ({chosen})", [count])
            stock.commit()

    def told(self) -> list[list[str]]:
        path = self.folder / "told"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def test_all(self) -> None:
        """A listener is looked at, its failures are tried again and dropped, it is paused, moved and replayed; what is
        done survives a kill of the server."""
        self.assertEqual(stat.S_IMODE(os.stat(self.token).st_mode), 0o600)
        self.assertIn(str(self.token), self.server.said)
        self.assertNotIn(self.token.read_text().strip(), self.server.said)
        self.until(r"mail +running +0 +0 +0")
        self.finish(3)
        printed = self.until(r"mail +running +\d+ .*0 +3$", "list")
        self.assertTrue(printed.startswith("NAME"), printed)
        shown = self.listeners("show", "mail")
        self.assertRegex(shown, ERRORS)
        self.assertIn("at its start in which file", self.listeners("pause", "mail", code=1, token=False))
        (self.folder / "refuse").unlink()
        self.assertEqual(self.listeners("replay", "mail", "1"), "1 delivery of mail is tried again.\n")
        self.until(r"mail .* 0 +2$")
        self.assertEqual([words[1] for words in self.told()], ["True"])
        self.assertIn("no delivery 99", self.listeners("drop", "mail", "99", code=1))
        self.assertEqual(self.listeners("drop", "mail", "2"), "1 delivery of mail is dropped.\n")
        self.assertEqual(self.listeners("replay", "mail", "--parked"), "1 delivery of mail is tried again.\n")
        self.until(r"mail .* 0 +0$")
        self.assertEqual(self.listeners("pause", "mail"), "mail is paused.\n")
        self.server.kill()
        self.begin()
        self.finish(2)
        self.until(r"mail +paused +[1-9]\d* +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +0 +0$")
        self.assertEqual(len(self.told()), 2)
        self.assertEqual(self.listeners("resume", "mail"), "mail goes on.\n")
        self.until(r"mail +running +0 +0 +0$")
        self.assertEqual([words[1] for words in self.told()], ["True", "True", "False", "False"])
        before = {words[0] for words in self.told()}
        self.assertIn("mail is told again what happened:\n  after ", self.listeners("replay", "mail", "--since", "1h"))
        while len(self.told()) < 9:
            self.until(r"mail +running")
        self.assertEqual([words[1] for words in self.told()[4:]], ["True"] * 5)
        self.assertLess(before, {words[0] for words in self.told()})
        self.assertRegex(self.listeners("seek", "mail", "1h"), r"^mail goes on after [0-9a-f]{16}\.\d+\.$")
        while len(self.told()) < 14:
            self.until(r"mail +running")
        self.assertIn("take it out of the configuration", self.listeners("forget", "mail", code=1))
        (self.folder / "mail").unlink()
        self.server.hangUp()
        self.until(r"mail +not running +\? +0 +0$")
        self.assertIn("consumers/nosuch", self.listeners("forget", "mail", "nosuch", code=1))
        self.assertEqual(self.listeners("list"), "")
        self.assertEqual(self.listeners(), "")

    def test_state(self) -> None:
        """While no process runs them, what is done to the file holds when one does; while one does, it is refused."""
        file = str(self.folder / "state" / "events-listeners.sqlite")
        self.finish(2)
        self.until(r"mail .* 0 +2$")
        self.assertIn("is used by another process", self.listeners("--state", file, "list", code=2))
        self.server.stop()
        self.assertRegex(self.listeners("--state", file), r"mail +not running +\? +0 +2\n")
        self.assertEqual(self.listeners("--state", file, "drop", "mail", "1"), "1 delivery of mail is dropped.\n")
        (self.folder / "refuse").unlink()
        self.listeners("--state", file, "replay", "mail", "--parked")
        self.listeners("--state", file, "pause", "mail")
        self.assertRegex(self.listeners("--state", file), r"mail +not running, paused +\? +1 +0\n")
        self.assertIn("name a cursor", self.listeners("--state", file, "seek", "mail", "2h", code=1))
        self.begin()
        self.until(r"mail +paused")
        self.assertEqual(self.told(), [])
        self.listeners("resume", "mail")
        self.until(r"mail +running .* 0 +0$")
        self.assertEqual([words[1] for words in self.told()], ["True"])
        self.assertIn("is not there", self.listeners("--state", "nowhere.sqlite", code=2))

    def test_mistyped(self) -> None:
        """What makes no sense is said to, with status 2; what is not there, with 1."""
        for arguments, code, words in (
            (("replay", "mail"), 2, "what to replay is missing: IDs of deliveries, --parked, or --since"),
            (("replay", "mail", "1", "--parked"), 2, "IDs and --parked do not go together: IDs of deliveries,"),
            (("replay", "mail", "--parked", "--until", "2h"), 2, "--until goes with --since"),
            (("drop", "mail"), 2, "what to drop is missing: IDs of deliveries, or --parked"),
            (("drop", "mail", "1", "--parked"), 2, "IDs and --parked do not go together"),
            (("seek", "mail", "soon"), 2, "is no place"),
            (("pause", "nobody"), 1, "there is no such consumer"),
            (("show", "nobody"), 1, "there is no such consumer"),
        ):
            self.assertIn(words, " ".join(self.listeners(*arguments, code=code).split()))
        self.token.chmod(0o644)
        self.assertIn("chmod 600", self.listeners("list", code=2))

    def test_http(self) -> None:
        """Without the token, nothing is done; with it, what a client of Buildbot's would send is understood."""
        call = {"jsonrpc": "2.0", "method": "pause", "params": {}, "id": 1}
        headers = {"Content-Type": "application/json"}
        url = f"{self.server.api}/consumers/mail"
        self.until(r"mail +running")
        request = urllib.request.Request(url, json.dumps(call).encode(), headers)
        error: Any = self.assertRaises(urllib.error.HTTPError, urllib.request.urlopen, request)
        self.assertEqual((error.code, error.headers["WWW-Authenticate"]), (401, "Bearer"))
        headers["Authorization"] = f"Bearer {self.token.read_text().strip()}"
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(call).encode(), headers)) as answer:
            self.assertEqual(json.load(answer), {"id": 1, "jsonrpc": "2.0", "result": None})
        self.until(r"mail +paused")


class PlaceTest(TestCase):
    def place(self, text: str) -> tuple[str, Any]:
        return PlaceParameter().convert(text, None, None)

    def test_places(self) -> None:
        """Cursors, times with a zone, and how long ago."""
        cursor = f"{'a1' * 8}.17"
        self.assertEqual(self.place(cursor), ("cursor", cursor))
        for text in ("2026-11-25T14:30:00Z", "2026-11-25 15:30+01:00"):
            self.assertEqual(self.place(text), ("time", 1795617000))
        for text, seconds in (("90s", 90), ("15min", 900), ("15m", 900), ("2h", 7200), ("3d", 259200)):
            kind, at = self.place(text)
            self.assertEqual((kind, abs(time.time() - seconds - at) < 5), ("time", True), text)


del ProcessCase, Path
