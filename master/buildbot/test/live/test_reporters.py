"""Reporters beside a stock master say what its own say, with the same configuration."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import TestCase

from buildbot.test import postgres
from buildbot.test.live.beside import Beside
from buildbot.test.live.processes import Attached, Master, Worker, created, until

SKIPPED = 3
PAGES = "http://ci.example.org/"
REPORTERS = """
from buildbot.plugins import reporters, util

def made(side):
    url = "http://127.0.0.1:{port}/" + side
    raw = lambda _, context: {{"body": context, "type": "json"}}
    template = "{{% if results %}}\\n{{{{ results }}}}\\n{{% endif %}}\\n{{{{ summary }}}} {{{{ nothing }}}}"
    return [
        reporters.HttpStatusPush(url + "/default"),
        reporters.HttpStatusPush(url + "/all", name="all", generators=[
            reporters.BuildStatusGenerator(mode=["change", "problem", "failing", "passing"], message_formatter=
                reporters.MessageFormatterFunctionRaw(raw, want_steps=True, want_logs=True, want_logs_content=True))]),
        reporters.HttpStatusPush(url + "/request", name="request", generators=[
            reporters.BuildRequestGenerator(formatter=reporters.MessageFormatterFunction(
                lambda context: context["build"], "json"))]),
        reporters.HttpStatusPush(url + "/set", name="set", generators=[
            reporters.BuildSetCombinedStatusGenerator(reporters.MessageFormatterFunctionRaw(raw))]),
        reporters.GitHubStatusPush("token", baseURL=url + "/github"),
        reporters.GitHubCommentPush("token", baseURL=url + "/comment", generators=[
            reporters.BuildStatusGenerator(message_formatter=reporters.MessageFormatter(template))]),
        reporters.GitLabStatusPush("token", baseURL=url + "/gitlab", context=util.Interpolate(
            "%(prop:projectname)s/%(prop:buildername)s/%(prop:scheduler:~none)s")),
    ]
"""
STAMP = {"branch": "refs/pull/5/head", "revision": "abc123", "repository": "https://github.com/owner/name.git"}
LATER = {
    # Stock's are not complete when a build is told to have ended, ours are what they are when that is said.
    *(
        f"{where}/{name}"
        for where in ("buildrequest", "buildset", "parentbuild")
        for name in ("complete", "complete_at", "results", "state_string")
    ),
    # What a master stores a moment after a build has begun.
    "state_string",
    *("properties/owners", "properties/basedir", "properties/builddir"),
    "buildrequest/claimed_at",
    "buildrequest/claimed_by_masterid",
    # Stock does not know.
    "buildrequest/cancelled",
}
"""What depends on when it is asked."""
LEAKED = {"steps", "prev_build"}
"""What another reporter wanted is in what stock says here, or is not: that depends on which is quicker."""
OURS = {"buildrequest", "parentbuild", "parentbuilder"}
"""What we know of the builds of a buildset as well."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sink: Any = self.server
        _, side, kind, *path = self.path.split("/")
        with sink.lock:
            sink.said[side, kind].append(("/".join(path), json.loads(body or b"null")))
        answer = b'{"id": 77}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *arguments: Any) -> None:
        pass


class Sink(ThreadingHTTPServer):
    """Keeps what is said to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.said: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
        """Path and body, by side and reporter."""
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that is killed breaks off its connections."""

    def of(self, side: str, kind: str) -> Sequence[tuple[str, Any]]:
        with self.lock:
            return list(self.said[side, kind])

    def end(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


def differences(stock: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Paths of what is not the same."""
    if isinstance(stock, dict) and isinstance(ours, dict):
        for name in {**stock, **ours}:
            below = f"{path}/{name}".lstrip("/")
            if name in stock and name in ours:
                yield from differences(stock[name], ours[name], below)
            else:
                yield below
    elif isinstance(stock, list) and isinstance(ours, list) and len(stock) == len(ours):
        for one, other in zip(stock, ours, strict=True):
            yield from differences(one, other, path)
    elif stock != ours:
        yield path


@attrs.frozen
class Compared:
    """What both say of the same."""

    stock: Sequence[Any]
    ours: Sequence[Any]

    def differ(self, *keys: str) -> set[str]:
        """Paths of what is not the same in bodies that are of the same; AssertionError where one says nothing."""
        sides = []
        for bodies in (self.stock, self.ours):
            found: dict[str, Any] = {}
            for body in bodies:
                name = str([_at(body, key) for key in keys])
                assert name not in found, f"said twice: {name}"
                found[name] = body
            sides.append(found)
        stock, ours = sides
        # Of what was over before we have looked, only the end is said.
        over = {name for name, body in stock.items() if name not in ours and not body.get("complete", True)}
        assert stock.keys() - over == ours.keys(), stock.keys() ^ ours.keys()
        return {path for name in ours for path in differences(stock[name], ours[name])}


def _at(body: Mapping[str, Any], path: str) -> Any:
    for name in path.split("/"):
        body = body[name]
    return body


class ReportersTest(Beside, TestCase):
    """A stock master, and attach beside it."""

    timeout = 180
    sink: Sink
    port: int

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        cls.sink = Sink()
        cls.addClassCleanup(cls.sink.end)
        cls.url = f"sqlite:///{cls.folder}/state.sqlite"
        cls.port = postgres.freePort()
        created(cls.folder / "master", cls.url, cls.port)
        reporters = REPORTERS.format(port=cls.sink.server_address[1])
        with (cls.folder / "master" / "master.cfg").open("a") as file:
            file.write(f"{reporters}\nBuildmasterConfig |= {{'services': made('stock'), 'buildbotURL': {PAGES!r}}}\n")
            file.write("BuildmasterConfig['title'] = 'My CI'\n")
        cls.master = Master(cls.folder / "master")
        own = cls.folder / "own.cfg"
        own.write_text(
            f"{reporters}\nc = BuildmasterConfig = {{'services': made('ours'), 'buildbotURL': {PAGES!r}}}\n"
            f"c['title'], c['db'] = 'My CI', {{'db_url': {cls.url!r}}}\n"
        )
        state = cls.folder / "events.sqlite"
        cls.attached = Attached(cls.folder / "attached", cls.url, "--config", str(own), "--state", str(state))
        until(lambda: cls.listening(cls.folder / "events-listeners.sqlite") == 7, "all listen")

    @staticmethod
    def listening(path: Path) -> int:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            count: int = connection.execute("SELECT count(*) FROM status_consumers").fetchone()[0]
            return count

    def force(self, builder: str, **stamp: str) -> None:
        builderid = self.master.get(f"builders/{builder}")["builders"][0]["builderid"]
        before = len(self.master.get("buildsets")["buildsets"])
        more = {"username": "Bo <bo@example.org>", "reason": "<why>", **stamp}
        self.master.act("forceschedulers/force", "force", builderid=str(builderid), **more)
        until(lambda: len(self.master.get("buildsets")["buildsets"]) > before, "it is forced")

    def ours(self, kind: str, count: int) -> None:
        """Wait until ours has said so much."""
        until(lambda: len(self.sink.of("ours", kind)) >= count, f"{count} of {kind}")

    def said(self, kind: str) -> Compared:
        """Bodies of both, once they have said the same ends, but for those of which stock says nothing."""

        def ends(side: str) -> int:
            bodies = [body for _, body in self.sink.of(side, kind)]
            return sum(body.get("complete", True) and body.get("results") != SKIPPED for body in bodies)

        until(lambda: ends("ours") == ends("stock"), f"all of {kind} is said")
        return Compared(*([body for _, body in self.sink.of(side, kind)] for side in ("stock", "ours")))

    def test_same(self) -> None:
        """Requests that are cancelled and collapsed, builds that succeed, fail and trigger others."""
        self.force("small", **STAMP)
        self.ours("request", 1)
        self.force("small", **STAMP)
        self.ours("request", 3)
        [waiting] = self.master.get("buildrequests?complete=false")["buildrequests"]
        self.master.act(f"buildrequests/{waiting['buildrequestid']}", "cancel", reason="no")
        self.ours("request", 4)
        type(self).worker = Worker(self.folder / "worker", self.port)
        for builder in ("small", "broken", "large"):
            self.force(builder, **STAMP)
            until(lambda: not self.master.get("buildsets?complete=false")["buildsets"], "it is built")
        sets = len(self.master.get("buildsets")["buildsets"])
        until(lambda: len(self.sink.of("stock", "set")) == len(self.sink.of("ours", "set")) == sets, "all is said")
        self.assertBuilds()
        self.assertRequests()
        self.assertCommits()

    def assertBuilds(self) -> None:
        default = self.said("default").differ("buildid", "complete")
        self.assertEqual(default - LATER - LEAKED, set())
        build = self.said("all").differ("build/buildid")
        late = {f"build/{path}" for path in LATER} | LATER | {"build/prev_build"}
        # Where nothing compares, stock has asked for the build before all the same.
        self.assertEqual(build - late, set())
        sets = self.said("set").differ("buildset/bsid")
        self.assertEqual(sets - {f"builds/{name}" for name in OURS} - {"mode", "blamelist"}, set())

    def assertRequests(self) -> None:
        requests = self.said("request")
        shared = Compared(requests.stock, [body for body in requests.ours if body["results"] != SKIPPED])
        differ = shared.differ("buildrequest/buildrequestid", "complete")
        self.assertEqual(differ - LATER - {"buildrequest/claimed", "buildset/complete", "results"}, set())
        collapsed = [body for body in requests.ours if body["results"] == SKIPPED]
        # Stock never says that a request ended because of a newer one.
        self.assertTrue(collapsed)

    def assertCommits(self) -> None:
        for kind in ("github", "gitlab", "comment"):
            until(partial(self.allSaid, kind), f"all of {kind} is said")
            more = self.counted("ours", kind) - self.counted("stock", kind)
            self.assertEqual([text for text in more if "skipped" not in text and "cancelled" not in text], [], kind)

    def counted(self, side: str, kind: str) -> Counter[str]:
        return Counter(str(each) for each in self.sink.of(side, kind))

    def allSaid(self, kind: str) -> bool:
        """Ours has said all that stock has, but for beginnings of what was over before it has looked, and the end of a
        request that was cancelled: stock calls that pending."""
        missing = self.counted("stock", kind) - self.counted("ours", kind)
        return all("Build started." in text or "Build pending." in text for text in missing)
