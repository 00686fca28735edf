"""Reports that are sent over HTTP, to real servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from buildbot.config.rendering import Interpolate, Property, Secret
from buildbot.errors import ConfigError
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.reporters import (
    BuildSetCombinedStatusGenerator,
    BuildStatusGenerator,
    GitHubCommentPush,
    GitHubStatusPush,
    GitLabStatusPush,
    HttpStatusPush,
    MessageFormatter,
    MessageFormatterFunction,
    MessageFormatterRenderable,
)
from buildbot.status.listeners.reporters.commits import repositoryOf
from buildbot.test.status.listeners.receiving import answer
from buildbot.test.status.listeners.reporters.reporting import ReportingCase, stamp

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)


class HttpCase(ReportingCase):
    async def begin(self) -> None:
        await super().begin()
        self.receiver, port = self.receive()
        self.url = f"http://127.0.0.1:{port}"

    def bodies(self) -> list[Any]:
        return [asked.json for asked in self.receiver.asked]


class HttpStatusPushTests(HttpCase):
    async def test_default(self) -> None:
        """Each build is sent whole, when it begins and when it has ended; times are seconds."""
        await self.begin()
        push = HttpStatusPush(f"{self.url}/here?a=b")
        await self.host(push)
        await self.build(EXCEPTION)
        await self.handled(push)
        new, finished = self.bodies()
        self.assertEqual((new["complete"], new["results"], new["state_string"]), (False, None, "starting"))
        self.assertEqual((finished["complete"], finished["results"]), (True, EXCEPTION))
        self.assertEqual(new["started_at"], finished["started_at"])
        self.assertIsInstance(finished["complete_at"], int)
        self.assertIsInstance(finished["buildset"]["submitted_at"], int)
        self.assertEqual(finished["properties"]["buildername"], ["linux", "Builder"])
        self.assertEqual(finished["url"], "http://localhost:8080/#/builders/1/builds/1")
        asked = self.receiver.asked[0]
        self.assertEqual((asked.method, asked.path), ("POST", "/here?a=b"))
        self.assertEqual(asked.headers["content-type"], "application/json")
        self.assertEqual(asked.headers["user-agent"], "Buildbot")

    async def test_login(self) -> None:
        """Name, password and headers may be renderables, and be secret."""
        await self.begin()
        headers = {"X-Builder": Interpolate("is %(prop:buildername)s"), "X-Plain": "1"}
        push = HttpStatusPush(self.url, auth=("me", Secret("token")), headers=headers)
        await self.host(push)
        await self.build()
        await self.handled(push)
        came = self.receiver.asked[0].headers
        self.assertEqual((came["x-builder"], came["x-plain"]), ("is linux", "1"))
        self.assertEqual(came["authorization"], "Basic bWU6czNjcmV0")

    async def test_bodies(self) -> None:
        """A text goes as it is, as what it is; a list as JSON; and nothing is not sent."""
        await self.begin()
        bodies: list[Any] = [
            MessageFormatter("größe"),
            MessageFormatter("<b>", template_type="html"),
            MessageFormatter('{"a": 1}', template_type="json"),
            MessageFormatterFunction(lambda context: [1, "ö"], "json"),
            MessageFormatterFunction(lambda context: 7, "json"),
            MessageFormatterFunction(lambda context: None, "json"),
        ]
        pushes = [
            HttpStatusPush(f"{self.url}/{n}", name=str(n), generators=[BuildStatusGenerator(message_formatter=body)])
            for n, body in enumerate(bodies)
        ]
        await self.host(*pushes)
        await self.build()
        await self.handled(*pushes)
        sent = sorted((asked.path, asked.headers["content-type"], asked.body) for asked in self.receiver.asked)
        self.assertEqual(
            sent,
            [
                ("/0", "text/plain; charset=utf-8", "größe".encode()),
                ("/1", "text/html; charset=utf-8", b"<b>"),
                ("/2", "application/json", b'{"a": 1}'),
                ("/3", "application/json", b'[1, "\\u00f6"]'),
                ("/4", "application/json", b"7"),
            ],
        )

    def test_errors(self) -> None:
        """What cannot be is said when the configuration is read."""
        wrong: Any = "me"
        makes: list[tuple[Callable[[], Any], str]] = [
            (lambda: HttpStatusPush("ftp://x"), "http://host/path"),
            (lambda: HttpStatusPush(None), "serverUrl=None"),  # type: ignore[arg-type]  # it is wrong
            (lambda: HttpStatusPush("http://x", auth=wrong), "a name and a password"),
            (lambda: HttpStatusPush("http://x", generators=wrong), "a list of generators"),
            (lambda: GitHubStatusPush("token", baseURL="github.example.org"), "http://host/path"),
        ]
        for make, words in makes:
            self.assertIn(words, str(self.assertRaises(ConfigError, make)))


class GitHubTests(HttpCase):
    def statuses(self) -> list[tuple[str, str, str]]:
        return [(asked.path, asked.json["state"], asked.json["description"]) for asked in self.receiver.asked]

    async def test_life(self) -> None:
        """Pending, started, done, with the token, under the builder's name."""
        await self.begin()
        push = GitHubStatusPush(Interpolate("%(secret:token)s"), baseURL=f"{self.url}/api/v3/", verbose=True)
        await self.host(push)
        await self.build(FAILURE, self.other)
        await self.handled(push)
        path = "/api/v3/repos/owner/name/statuses/abc"
        self.assertEqual(
            self.statuses(),
            [
                (path, "pending", "Build pending."),
                (path, "pending", "Build started."),
                (path, "failure", "Build done."),
            ],
        )
        first, *_, last = self.receiver.asked
        self.assertEqual(first.json["context"], "buildbot/größe & <b>")
        self.assertEqual(first.json["target_url"], "http://localhost:8080/#/buildrequests/1")
        self.assertEqual(last.json["target_url"], "http://localhost:8080/#/builders/2/builds/1")
        self.assertEqual(last.headers["authorization"], "token s3cret")
        self.assertEqual(set(last.json), {"state", "description", "target_url", "context"})

    async def test_states(self) -> None:
        """What each result is for GitHub."""
        await self.begin()
        push = GitHubStatusPush("token", baseURL=self.url)
        await self.host(push)
        states = []
        for results in range(7):
            await self.build(results)
            await self.handled(push)
            states.append(self.receiver.asked[-1].json["state"])
        self.assertEqual(states, ["success", "success", "failure", "success", "error", "pending", "error"])

    async def test_ends(self) -> None:
        """A request that waits no more is pending no more; but for one whose commit a newer one speaks for."""
        await self.begin()
        push = GitHubStatusPush("token", baseURL=self.url)
        await self.host(push)
        old, cancelled = await self.wish(stamps=[stamp("old")]), await self.wish(stamps=[stamp("cancelled")])
        same, newer = await self.wish(), await self.wish()
        await self.recorder.cancelRequest(cancelled, self.masterid)
        await self.recorder.collapseRequests([old, same], self.masterid)
        await self.handled(push)
        last = {path.rpartition("/")[2]: state for path, state, _ in self.statuses()}
        self.assertEqual(last, {"old": "success", "cancelled": "error", "abc": "pending"})
        self.assertEqual(newer, 4)

    async def test_replayed(self) -> None:
        """Who has a beginning delivered once more does not make a commit pending whose build has ended."""
        await self.begin()
        push = GitHubStatusPush("token", baseURL=self.url)
        await self.host(push)
        brid = await self.wish()
        buildid = await self.start(brid)
        records: Any = [await self.service.getBuild(buildid), await self.service.getBuildRequest(brid)]
        deliveries = [
            ListenerDelivery(
                cursor="e.1", method=method, key="", topic="", event="new", record=record, changed=None, extra={}, at=0
            )
            for method, record in zip(("buildStarted", "requestSubmitted"), records, strict=True)
        ]
        await self.handled(push)
        before = len(self.receiver.asked)
        for delivery in deliveries:
            await getattr(push, delivery.method)(delivery.record, attrs.evolve(delivery, isReplay=True))
        self.assertEqual(len(self.receiver.asked), before + 2)
        await self.finish(buildid, brid)
        await self.handled(push)
        for delivery in deliveries:
            await getattr(push, delivery.method)(delivery.record, attrs.evolve(delivery, isReplay=True))
        self.assertEqual([state for _, state, _ in self.statuses()][before + 2 :], ["success"])

    async def test_stamps(self) -> None:
        """Each commit of a build is marked, at the place that its project or its address names; what is no commit of
        such a place is not."""
        await self.begin()
        done = MessageFormatterRenderable("x" * 200)
        push = GitHubStatusPush(
            "token",
            context=Property("context"),
            baseURL=self.url,
            generators=[BuildStatusGenerator(message_formatter=done)],
        )
        await self.host(push)
        stamps = [
            stamp("a", "git@github.com:one/lib.git", codebase="lib"),
            stamp("b", "ssh://git@github.com:22/two/app", codebase="app"),
            stamp("c", "/srv/git/x", codebase="x", project="three/x"),
            stamp("d", "nowhere", codebase="y"),
            stamp(None, codebase="z"),
        ]
        await self.build(stamps=stamps, context="mine")
        await self.handled(push)
        found = sorted((asked.path, asked.json["context"]) for asked in self.receiver.asked)
        self.assertEqual(
            found,
            [
                ("/repos/one/lib/statuses/a", "mine"),
                ("/repos/three/x/statuses/c", "mine"),
                ("/repos/two/app/statuses/b", "mine"),
            ],
        )
        self.assertEqual(self.receiver.asked[0].json["description"], "x" * 139 + "…")

    async def test_hostile(self) -> None:
        """A revision, which anybody may have forced, is a revision, and leads nowhere else."""
        await self.begin()
        push = GitHubStatusPush("token", baseURL=self.url, generators=[BuildStatusGenerator()])
        await self.host(push)
        await self.build(stamps=[stamp("../../issues?x=1#")])
        await self.handled(push)
        [asked] = self.receiver.asked
        self.assertEqual(asked.path, "/repos/owner/name/statuses/..%2F..%2Fissues%3Fx%3D1%23")

    async def test_comment(self) -> None:
        """A comment, once a build of a pull request has ended."""
        await self.begin()
        push = GitHubCommentPush("token", baseURL=self.url)
        await self.host(push)
        await self.build(branch="refs/pull/17/merge")
        await self.build(branch="main")
        await self.handled(push)
        [asked] = self.receiver.asked
        self.assertEqual((asked.path, asked.json), ("/repos/owner/name/issues/17/comments", {"body": "Build done."}))

    async def test_noBuilds(self) -> None:
        """A buildset without builds marks nothing."""
        await self.begin()
        formatter = MessageFormatterFunction(lambda context: "done", "plain")
        push = GitHubStatusPush("token", baseURL=self.url, generators=[BuildSetCombinedStatusGenerator(formatter)])
        await self.host(push)
        await self.recorder.cancelRequest(await self.wish(), self.masterid)
        await self.build()
        await self.handled(push)
        self.assertEqual([state for _, state, _ in self.statuses()], ["success"])

    def test_addresses(self) -> None:
        """What the addresses of repositories name."""
        for address, expected in {
            "https://github.com/o/r": "o/r",
            "https://me:secret@github.com:8443/o/r.git/": "o/r",
            "git://host/group/sub/r.git": "group/sub/r",
            "git@host:o/r.git": "o/r",
            "host:o/r": "o/r",
            "ssh://host/r": None,
            "/srv/git/r": None,
            "": None,
        }.items():
            self.assertEqual(repositoryOf({"repository": address}), expected, address)


class GitLabTests(HttpCase):
    async def test_life(self) -> None:
        """The project's number is asked for once; then the commit is marked."""
        await self.begin()
        push = GitLabStatusPush(Secret("token"), baseURL=self.url)
        await self.host(push)
        stamps = [stamp("abc", "https://gitlab.com/group/sub/name.git", project="no/such")]
        self.receiver.answers.append(answer(200, b'{"id": 77}'))
        await self.build(CANCELLED, stamps=stamps, source_branch="topic")
        await self.handled(push)
        project, pending, running, canceled = self.receiver.asked
        self.assertEqual((project.method, project.path), ("GET", "/api/v4/projects/group%2Fsub%2Fname"))
        self.assertEqual(project.headers["private-token"], "s3cret")
        self.assertEqual(pending.path, "/api/v4/projects/77/statuses/abc")
        self.assertEqual(
            pending.json,
            {
                "state": "pending",
                "ref": "main",
                "description": "Build pending.",
                "target_url": "http://localhost:8080/#/buildrequests/1",
                "name": "buildbot/linux",
            },
        )
        self.assertEqual((running.json["state"], running.json["ref"]), ("running", "topic"))
        self.assertEqual(canceled.json["state"], "canceled")

    async def test_source(self) -> None:
        """A merge request's own project is marked; a status that is there already is no failure."""
        await self.begin()
        push = GitLabStatusPush("token", baseURL=self.url)
        await self.host(push)
        brid = await self.wish(properties={"source_project_id": (5, "Change")})
        await self.handled(push)
        self.assertEqual(self.receiver.asked[-1].path, "/api/v4/projects/5/statuses/abc")
        again = b'{"message": "Cannot transition status via :run from :running"}'
        self.receiver.answers.append(answer(400, again))
        await self.finish(await self.start(brid, source_project_id=5), brid)
        await self.handled(push)
        self.assertEqual([asked.json["state"] for asked in self.receiver.asked], ["pending", "running", "success"])
        self.assertEqual(self.memory.rows, {})
