"""``buildbot listen`` as a process: what it says, how it waits, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from buildbot.test.contract.attached import Attached, Started, attach, listen
from buildbot.test.postgres import freePort
from buildbot.test.scripts.test_attach import PROGRAM, ProcessCase

CONFIG = """
import os
from twisted.internet import reactor
from twisted.internet.task import deferLater
from buildbot.plugins import secrets
from buildbot.status.listeners import StatusListener

class Told(StatusListener):
    async def buildFinished(self, build):
        self.write("begins")
        await deferLater(reactor, {seconds}, lambda: None)
        self.write("ends")

    async def changeAdded(self, change):
        raise ValueError(f"so it is {{await self.secrets.get('token')}}")

    def write(self, word):
        with open(os.path.join(basedir, "told"), "a") as file:
            file.write(word + "\\n")

c = BuildmasterConfig = {{}}
c["status"] = [Told()]
c["secretsProviders"] = [secrets.SecretInAFile(os.path.join(basedir, "secrets"))]
"""


REPORTING = """
import os
from buildbot.plugins import *

c = BuildmasterConfig = {{}}
token = util.Interpolate("token %(secret:token)s")
c["services"] = [reporters.HttpStatusPush({url!r}, headers={{"Authorization": token}})]
c["secretsProviders"] = [secrets.SecretInAFile(os.path.join(basedir, "secrets"))]
"""


class ListenCase(ProcessCase):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "secrets").mkdir()
        self.keep("confidential", 0o600)
        self.config, self.state = self.folder / "listen.cfg", str(self.folder / "listeners.sqlite")
        self.configure(0)

    def keep(self, text: str, mode: int) -> None:
        path = self.folder / "secrets" / "token"
        path.write_text(text)
        path.chmod(mode)

    def configure(self, seconds: float) -> None:
        self.config.write_text(CONFIG.format(seconds=seconds))

    def refused(self, url: str, *arguments: str) -> Any:
        return self.run_("listen", "--from", url, "--config", str(self.config), *arguments)

    def listen(self, url: str, *arguments: str) -> Started:
        return listen(self, url, self.config, "--state", self.state, "--log-file", str(self.folder / "log"), *arguments)

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), deadline, self.logged())
            time.sleep(0.02)

    def logged(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def told(self) -> list[str]:
        path = self.folder / "told"
        return path.read_text().split() if path.exists() else []

    def change(self, *statements: str) -> None:
        """As a master does."""
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def finish(self) -> None:
        """A build ends."""
        first = "SELECT min(id) FROM builds WHERE complete_at IS NULL"
        self.change(f"UPDATE builds SET results = 0, complete_at = started_at + 9 WHERE id = ({first})")


class RefusedTests(ListenCase):
    def test_configuration(self) -> None:
        """What was written wrongly: exit code 2, with its line; a secret that is open to others is not shown."""
        self.config.write_text("BuildmasterConfig = {\n 'staus': []}")
        self.assertEnds(self.refused("http://127.0.0.1:1"), 2, f"{self.config}:2: staus is not known; did you mean")
        self.configure(0)
        self.keep("confidential", 0o604)
        done = self.refused("http://127.0.0.1:1")
        line = len(CONFIG.splitlines())
        self.assertEnds(done, 2, f"{self.config}:{line}: SecretInAFile: {self.folder}/secrets/token is open to others")
        self.assertNotIn("confidential", done.stderr)

    def test_url(self) -> None:
        """So is an address of no server."""
        for url in ("sqlite:////state.sqlite", "127.0.0.1:8020"):
            self.assertEnds(self.refused(url), 2, "--from: expected is a server (http://host:8020, pb://host:8021)")

    def test_state(self) -> None:
        """A file that another process uses: exit code 1."""
        self.listen("http://127.0.0.1:1")
        done = self.refused("http://127.0.0.1:1", "--state", self.state)
        self.assertEnds(done, 1, f"{self.state} is used by another process")

    def test_folders(self) -> None:
        """A directory that somebody names is not made; nor is a token of use where nobody can act."""
        path = self.folder / "nosuch" / "file"
        for option in ("--state", "--token-file"):
            done = self.refused("http://127.0.0.1:1", "--port", "0", option, str(path))
            self.assertEnds(done, 2, f"{option} {path}: the directory {path.parent} is not there")
        self.assertFalse(path.parent.exists())
        done = self.refused("http://127.0.0.1:1", "--token-file", str(self.folder / "token"))
        self.assertEqual((done.returncode, "--token-file goes with --port" in done.stderr), (2, True))

    def test_noLog(self) -> None:
        """So is a server that has no log of events, in both languages."""
        self.fill()
        command = [sys.executable, "-m", "buildbot.test.status.serving", self.url.removeprefix("sqlite:///")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        assert server.stdout is not None
        pb, http = server.stdout.readline().split()
        for url in (f"pb://127.0.0.1:{pb}", f"http://127.0.0.1:{http}"):
            done = self.refused(url, "--state", "none")
            self.assertEnds(done, 1, f"{url}: nobody can listen there: subscribe is not available here")

    def test_password(self) -> None:
        """So is a password that is wrong, which is not shown."""
        self.fill()
        (self.folder / "attach.cfg").write_text(
            "BuildmasterConfig = {'status_pb': {'port': 'tcp:0:interface=127.0.0.1', 'users': {'ada': 'right'}}}"
        )
        server = attach(self, self.url, "--config", str(self.folder / "attach.cfg"), "--state", "none")
        address = server.pb.removeprefix("pb://")
        done = self.refused(f"pb://ada:wrongpassword@{address}", "--state", "none")
        self.assertEnds(done, 1, f"pb://{address}: nobody can listen there: ")
        self.assertNotIn("wrongpassword", done.stderr)
        self.listen(f"pb://ada:right@{address}")


class RunningTests(ListenCase):
    def setUp(self) -> None:
        super().setUp()
        self.fill()

    def attach(self, port: int) -> Attached:
        state = str(self.folder / "events.sqlite")
        return attach(self, self.url, "--port", str(port), "--state", state)

    def test_away(self) -> None:
        """A server that is not there yet is said, and is listened to when it comes; also when it goes and comes."""
        port = freePort()
        self.listen(f"http://127.0.0.1:{port}")
        self.assertIn(f"http://127.0.0.1:{port} cannot be reached", self.logged())
        server = self.attach(port)
        self.until(lambda: "Told is told what happens." in self.logged())
        self.finish()
        self.until(lambda: self.told() == ["begins", "ends"])
        before = len(self.logged())
        server.stop()
        self.until(lambda: "Told is told nothing at the moment" in self.logged()[before:])
        self.finish()
        self.attach(port)
        self.until(lambda: self.told() == ["begins", "ends"] * 2)
        self.assertTrue(self.logged().rstrip().endswith("Told is told what happens."), self.logged())

    def test_grace(self) -> None:
        """SIGTERM: what is being handled may end, and is not told again; the exit code is 0."""
        self.configure(0.5)
        url = self.attach(freePort()).http
        listener = self.listen(url)
        self.finish()
        self.until(lambda: self.told() == ["begins"])
        listener.process.terminate()
        self.assertEqual(listener.process.wait(30), 0)
        self.assertEqual(self.told(), ["begins", "ends"])
        self.listen(url)
        self.finish()
        self.until(lambda: self.told() == ["begins", "ends"] * 2)

    def test_secrets(self) -> None:
        """A secret that a handler puts into an error is neither in the log nor in the state file."""
        listener = self.listen(self.attach(freePort()).http)
        self.change(
            "INSERT INTO changes (author, comments, revision, when_timestamp, sourcestampid, project, repository,"
            " codebase) SELECT author, 'x', 'f1', when_timestamp, sourcestampid, project, repository, codebase"
            " FROM changes WHERE changeid = 1"
        )
        self.until(lambda: "ValueError: so it is <token>" in self.logged())
        listener.stop()
        self.assertNotIn("confidential", self.logged())
        with closing(sqlite3.connect(self.state)) as connection:
            self.assertEqual(
                connection.execute("SELECT error FROM status_deliveries").fetchall(),
                [("ValueError: so it is <token>",)],
            )

    def test_reporter(self) -> None:
        """A master's reporter, moved by copying, sends the end of a build, with a secret of the providers."""
        received: list[tuple[str | None, Any]] = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received.append((self.headers["Authorization"], body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None: ...

        receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        self.addCleanup(receiver.server_close)
        thread = Thread(target=receiver.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(receiver.shutdown)
        self.config.write_text(REPORTING.format(url=f"http://127.0.0.1:{receiver.server_port}/"))
        self.listen(self.attach(freePort()).http)
        self.finish()
        self.until(lambda: any(body["complete"] for _, body in received))
        self.assertEqual({token for token, _ in received}, {"token confidential"})
        self.assertNotIn("confidential", self.logged())

    def test_operate(self) -> None:
        """With ``--port`` it says how its listeners stand and does what may be done to them, to who has the token."""
        url = self.attach(freePort()).http
        listener = self.listen(url, "--port", "0")
        [api] = re.findall(r"http://\S+/api/v2", listener.said.partition("HTTP JSON")[2])
        self.until(lambda: bool(self.get(f"{api}/consumers")["consumers"]))
        [consumer] = self.get(f"{api}/consumers")["consumers"]
        self.assertEqual((consumer["name"], consumer["paused"]), ("Told", False))
        self.assertEqual(self.act(f"{api}/consumers/Told", "pause", None), 401)
        token = Path(self.state.replace(".sqlite", "-token")).read_text().strip()
        self.assertEqual(self.act(f"{api}/consumers/Told", "pause", token), 200)
        self.assertTrue(self.get(f"{api}/consumers/Told")["consumers"][0]["paused"])
        self.finish()
        self.assertEqual(self.act(f"{api}/consumers/Told", "resume", token), 200)
        self.until(lambda: self.told() == ["begins", "ends"])
        self.assertEqual(self.get(f"{api}/deliveries")["deliveries"], [])
        error: Any = self.assertRaises(urllib.error.HTTPError, self.get, f"{api}/builds")
        self.assertEqual(error.code, 501)
        said = json.load(error)["error"]
        self.assertIn("builds are not here: this is buildbot listen, which answers for consumers and deliveries", said)
        self.assertTrue(said.endswith(f"Ask {url}"), said)
        self.assertEqual(self.get(api.replace("/api/v2", "/healthz")), {"status": "ok"})
        done = self.run_("listeners", "--from", api.removesuffix("/api/v2"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Told", done.stdout)
        with urllib.request.urlopen(api.replace("/api/v2", "/metrics")) as answer:
            self.assertIn(b'buildbot_listener_paused{listener="Told"} 0.0', answer.read())

    def get(self, url: str) -> Any:
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)

    def act(self, url: str, action: str, token: str | None) -> int:
        """The status of the answer."""
        call = {"jsonrpc": "2.0", "method": action, "params": {}, "id": 1}
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, json.dumps(call).encode(), headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def test_none(self) -> None:
        """With ``--state none`` nothing is left."""
        if not Path("/proc/self/fd").exists():
            self.skipTest("which files a process has open cannot be seen here")
        listener = listen(self, "http://127.0.0.1:1", self.config, "--state", "none")
        links = Path(f"/proc/{listener.process.pid}/fd").iterdir()
        [path] = {Path(os.readlink(link)) for link in links if os.readlink(link).endswith(".sqlite.lock")}
        self.assertTrue(path.exists())
        listener.stop()
        self.assertFalse(path.parent.exists())

    def test_default(self) -> None:
        """The state file of a configuration is one of its own, in the user's state directory."""
        state = self.folder / "states"
        os.environ["XDG_STATE_HOME"] = str(state)
        self.addCleanup(os.environ.pop, "XDG_STATE_HOME")
        listen(self, "http://127.0.0.1:1", self.config)
        other = self.folder / "other.cfg"
        other.write_text(self.config.read_text())
        listen(self, "http://127.0.0.1:1", other)
        self.assertEqual(len(list(state.glob("buildbot-status/*.sqlite"))), 2)
        self.assertEnds(self.refused("http://127.0.0.1:2"), 1, str(state))


class EarlyTests(ListenCase):
    def test_hungUp(self) -> None:
        """SIGHUP before all is there does not end it, and is not lost."""
        if not Path("/proc/self/status").exists():
            self.skipTest("which signals a process catches cannot be seen here")
        arguments = "--state", self.state, "--log-file", str(self.folder / "log")
        command = [*PROGRAM, "listen", "--from", "http://127.0.0.1:1", "--config", str(self.config), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.addCleanup(Started(process, "").stop)  # type: ignore[arg-type]  # it has no output
        status = Path(f"/proc/{process.pid}/status")
        self.until(lambda: bool(int(status.read_text().partition("SigCgt:")[2].split()[0], 16) & 1))
        process.send_signal(signal.SIGHUP)
        self.until(lambda: "was read again" in self.logged())

    def test_ended(self) -> None:
        """SIGTERM while it waits for a server that says nothing ends it, too."""
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        arguments = "--state", self.state, "--log-file", str(self.folder / "log"), "--port", "0"
        command = [*PROGRAM, "listen", "--from", url, "--config", str(self.config), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        connection, _ = silent.accept()
        self.addCleanup(connection.close)
        process.terminate()
        self.assertEqual((process.communicate(timeout=30)[0], process.returncode), ("", 0))


class HelpTests(ProcessCase):
    def test_help(self) -> None:
        """The command is among those there are, and says what SIGHUP does."""
        self.assertIn("listen", subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True).stdout)
        self.assertIn("SIGHUP", subprocess.run([*PROGRAM, "listen", "--help"], capture_output=True, text=True).stdout)
