"""Lives of builds, made up: what masters record when there are commits, people, failures, and workers that go away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred

from buildbot.db.writes.builds import Started
from buildbot.db.writes.changes import NewChange, Stamp
from buildbot.db.writes.codebases import NewCommit, Project
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.db.writes.results import CANCELLED, EXCEPTION, FAILURE, RETRY, SKIPPED, SUCCESS, WARNINGS, worst
from buildbot.db.writes.tests import NewResult
from buildbot.status.recorder import Recorder

T = TypeVar("T")

MASTERS = ("replay-one:/srv/replay/one", "replay-two:/srv/replay/two")
BUILDERS = (
    BuilderConfig("linux", "Builds and tests on *Linux*.", "markdown", "<p>Builds and tests on <em>Linux</em>.</p>"),
    BuilderConfig("mac os x", tags=["unusual name"]),
    BuilderConfig("docs", "The manual.", tags=["docs"]),
    BuilderConfig("lint", tags=["fast", "größe"]),
    BuilderConfig("package", "What others trigger.", tags=["triggered"]),
)
WORKERS = ("alder", "birch", "cedar", "dogwood")
AUTHORS = ("Ada <ada@example.org>", "Béla <bela@example.org>", "Chen <chen@example.org>")
REPOSITORY = "https://example.org/sample.git"
TESTS = 24
STEPS = ("git", "configure", "compile", "test", "upload")
WORDS = {
    SUCCESS: "build successful",
    WARNINGS: "warnings",
    FAILURE: "failed",
    SKIPPED: "build successful",
    EXCEPTION: "exception",
    RETRY: "retry",
    CANCELLED: "cancelled",
}

Turn = Callable[[], Awaitable[None]]


@attrs.define
class _Master:
    id: int
    builders: dict[str, int]
    workers: dict[str, int]


class Lives:
    """Plays lives through a recorder. ``turn()`` is waited for before each call of it, so that it sets the pace;
    the same ``random`` gives the same lives, if one is played after the other."""

    def __init__(self, recorder: Recorder, random: Random, turn: Turn) -> None:
        self._recorder, self._random, self._turn = recorder, random, turn
        self._masters: list[_Master] = []
        self._builders: Sequence[BuilderConfig] = ()
        self._codebaseid = 0
        self._newest: int | None = None
        self._lives = {
            self._commit: 10,
            self._force: 4,
            self._trigger: 2,
            self._workerLost: 1,
            self._cancelled: 1,
            self._stopped: 1,
            self._skipped: 1,
            self._collapsed: 1,
            self._paused: 1,
        }

    async def begin(self) -> None:
        """Two masters start, read their configuration, and workers connect to them."""
        projectid = await self._do(self._recorder.setProject, Project("sample", description="Made up"))
        self._codebaseid = await self._do(self._recorder.setCodebase, projectid, "sample")
        self._builders = [attrs.evolve(builder, projectid=projectid) for builder in BUILDERS]
        for name in MASTERS:
            await self._startMaster(name)

    async def end(self) -> None:
        """The masters stop."""
        for master in self._masters:
            await self._do(self._recorder.stopMaster, master.id)

    async def one(self) -> str:
        """One life, of any kind; what it was."""
        life = self._random.choices([*self._lives], [*self._lives.values()])[0]
        await life()
        return life.__name__.strip("_")

    # -- the lives

    async def _commit(self) -> None:
        stamp, author = await self._change(), self._random.choice(AUTHORS)
        names = self._random.sample(["linux", "mac os x", "docs", "lint"], self._random.randint(1, 3))
        reason = "The SingleBranchScheduler scheduler named 'all' triggered this build"
        _, brids = await self._wish(names, stamp, reason, owners=([author], "Build"))
        for name, brid in zip(names, brids, strict=True):
            await self._request(name, brid)

    async def _force(self) -> None:
        name = self._random.choice(BUILDERS).name
        _, (brid,) = await self._wish(
            [name], Stamp(branch="", repository=""), "force build", "force", reason=("again", "Force Build Form")
        )
        await self._request(name, brid)

    async def _trigger(self) -> None:
        master, worker = self._anyone()
        _, (brid,) = await self._wish(["linux"], await self._change(), "a commit")
        build = await self._start(master, worker, "linux", brid)
        stepid = await self._begin(build, "trigger")
        _, (child,) = await self._wish(
            ["package"],
            Stamp(branch="main", repository=REPOSITORY),
            "The Triggerable scheduler named 'trig' triggered this build",
            "trig",
            waited_for=True,
            parent_buildid=build.buildid,
            parent_relationship="Triggered from",
        )
        await self._do(self._recorder.addStepUrl, stepid, f"trig #{child}", f"/#/buildrequests/{child}")
        results = await self._request("package", child)
        url = f"{WORDS[results]}: package"
        await self._do(self._recorder.addStepUrl, stepid, url, f"/#/buildrequests/{child}")
        await self._finishStep(stepid, f"triggered trig, {WORDS[results]}", results)
        await self._finish(build, brid, results)

    async def _workerLost(self) -> None:
        master, worker = self._anyone()
        _, (brid,) = await self._wish(["linux"], await self._change(), "a commit")
        build = await self._start(master, worker, "linux", brid)
        stepid = await self._begin(build, "compile")
        await self._do(self._recorder.workerDisconnected, master.workers[worker], master.id)
        await self._log(stepid, "cancelled", "t", ["lost connection"])
        await self._finishStep(stepid, "'make -j' (retry)", RETRY)
        await self._do(self._recorder.setBuildState, build.buildid, "retry lost connection 'make -j' (retry)")
        await self._do(self._recorder.finishBuild, build.buildid, RETRY)
        await self._do(self._recorder.unclaimRequests, [brid])
        if self._random.random() < 0.5:
            when = "Tue Nov 24 17:48:26 2026"
            await self._do(self._recorder.workerMissing, master.workers[worker], when, ["ops@example.org"])
        await self._connect(master, worker)
        await self._request("linux", brid)

    async def _cancelled(self) -> None:
        _, (one, two) = await self._wish(["linux", "docs"], await self._change(), "a commit")
        await self._do(self._recorder.setRequestPriority, two, 5)
        await self._do(self._recorder.cancelRequest, one, self._masters[0].id)
        await self._request("docs", two)

    async def _stopped(self) -> None:
        master, worker = self._anyone()
        _, (brid,) = await self._wish(["mac os x"], await self._change(), "a commit")
        build = await self._start(master, worker, "mac os x", brid)
        stepid = await self._begin(build, "test")
        await self._log(stepid, "cancelled", "t", ["because"])
        await self._finishStep(stepid, "'make test' (cancelled)", CANCELLED)
        await self._finish(build, brid, CANCELLED, "cancelled (because) 'make test' (cancelled)")

    async def _skipped(self) -> None:
        master, worker = self._anyone()
        _, (brid,) = await self._wish(["docs"], await self._change(), "a commit")
        build = await self._start(master, worker, "docs", brid, prepare=False)
        await self._finish(build, brid, SKIPPED)

    async def _collapsed(self) -> None:
        _, (old,) = await self._wish(["lint"], await self._change(), "a commit")
        _, (new,) = await self._wish(["lint"], await self._change(), "a commit")
        await self._do(self._recorder.collapseRequests, [old], self._masters[0].id)
        await self._request("lint", new)

    async def _paused(self) -> None:
        master, worker = self._anyone()
        workerid = master.workers[worker]
        await self._do(self._recorder.setWorkerState, workerid, paused=True, pause_reason="it is hot")
        await self._commit()
        await self._do(self._recorder.setWorkerState, workerid)

    # -- their parts

    async def _do(self, call: Callable[..., Deferred[T]], *arguments: Any, **more: Any) -> T:
        await self._turn()
        return await call(*arguments, **more)

    async def _startMaster(self, name: str) -> None:
        record = self._recorder
        masterid = await self._do(record.startMaster, name)
        ids = await self._do(record.runBuilders, masterid, self._builders)
        master = _Master(masterid, {b.name: id for b, id in zip(BUILDERS, ids, strict=True)}, {})
        for worker in WORKERS:
            master.workers[worker] = await self._do(record.findWorker, worker)
        await self._do(record.configureWorkers, masterid, {id: list(ids) for id in master.workers.values()})
        for worker in WORKERS:
            await self._connect(master, worker)
        for scheduler in ("all", "force", "trig"):
            await self._do(record.takeScheduler, await self._do(record.findScheduler, scheduler), masterid)
        await self._do(record.takeChangeSource, REPOSITORY, masterid)
        self._masters.append(master)

    async def _connect(self, master: _Master, worker: str) -> None:
        info = {"admin": "Ops <ops@example.org>", "host": f"{worker}.example.org", "access_uri": None}
        info["version"] = "4.3.0"
        await self._do(self._recorder.workerConnected, master.workers[worker], master.id, info)

    def _anyone(self) -> tuple[_Master, str]:
        return self._random.choice(self._masters), self._random.choice(WORKERS)

    async def _change(self) -> Stamp:
        """A commit that a poller finds; the stamp of it."""
        stamp = Stamp("main", f"{self._random.getrandbits(160):040x}", REPOSITORY, "sample")
        files = self._random.sample(["README", "src/main.c", "src/größe.c", "doc/manual.rst"], 2)
        change = NewChange(
            self._random.choice(AUTHORS),
            "Say what it does\n\nAnd why.",
            files=files,
            branch=stamp.branch,
            revision=stamp.revision,
            repository=stamp.repository,
            project=stamp.project,
            category="commit",
            system="git",
        )
        await self._do(self._recorder.addChange, change)
        assert stamp.revision is not None
        commit = NewCommit(self._codebaseid, stamp.revision, change.author, 1_700_000_000, change.comments)
        self._newest = await self._do(self._recorder.addCommit, attrs.evolve(commit, parent_commitid=self._newest))
        await self._do(self._recorder.setBranch, self._codebaseid, "refs/heads/main", self._newest)
        return stamp

    async def _wish(
        self,
        names: Sequence[str],
        stamp: Stamp,
        why: str,
        scheduler: str = "all",
        *,
        waited_for: bool = False,
        parent_buildid: int | None = None,
        parent_relationship: str | None = None,
        **properties: tuple[Any, str],
    ) -> tuple[int, Sequence[int]]:
        ids = self._masters[0].builders
        added = await self._do(
            self._recorder.addBuildset,
            NewBuildset(
                [ids[name] for name in names],
                [stamp],
                {**properties, "scheduler": (scheduler, "Scheduler")},
                why,
                waited_for=waited_for,
                parent_buildid=parent_buildid,
                parent_relationship=parent_relationship,
            ),
        )
        return added.bsid, added.brids

    async def _request(self, name: str, brid: int) -> int:
        """From claim to completion; the results."""
        master, worker = self._anyone()
        build = await self._start(master, worker, name, brid)
        results, words = SUCCESS, []
        for step in STEPS[: self._random.randint(2, len(STEPS))]:
            found = self._random.choices([SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION], [40, 3, 3, 3, 1])[0]
            words += await self._step(build, step, found)
            results = worst([results, found])
            if found in (FAILURE, EXCEPTION):
                break
        await self._finish(build, brid, results, " ".join([WORDS[results], *words]))
        return results

    async def _start(self, master: _Master, worker: str, name: str, brid: int, *, prepare: bool = True) -> Started:
        record = self._recorder
        await self._do(record.claimRequests, [brid], master.id)
        build = await self._do(
            record.startBuild,
            buildrequestid=brid,
            builderid=master.builders[name],
            workerid=master.workers[worker],
            masterid=master.id,
            properties={
                "scheduler": ("all", "Scheduler"),
                "buildername": (name, "Builder"),
                "workername": (worker, "Worker"),
                "branch": ("main", "Build"),
            },
            state="starting" if prepare else "created",
        )
        if prepare:
            for state in ("preparing worker", "pinging worker"):
                await self._do(record.setBuildState, build.buildid, state)
            await self._finishStep(await self._begin(build, "worker_preparation"), f"worker {worker} ready", SUCCESS)
            await self._do(record.setBuildState, build.buildid, "building")
        return build

    async def _begin(self, build: Started, name: str) -> int:
        step = await self._do(self._recorder.addStep, build.buildid, name)
        await self._do(self._recorder.startStep, step.stepid)
        await self._do(self._recorder.stepHasLocks, step.stepid)
        return step.stepid

    async def _step(self, build: Started, name: str, results: int) -> list[str]:
        """A whole step; what it contributes to the build's words."""
        if results == SKIPPED:
            step = await self._do(self._recorder.addStep, build.buildid, name)
            await self._do(self._recorder.startStep, step.stepid)
            await self._finishStep(step.stepid, f"{name} (skipped)", SKIPPED, hidden=self._random.random() < 0.5)
            return []
        stepid = await self._begin(build, name)
        lines = ["hmake all", *(f"o[{n}/30] something of {name}" for n in range(self._random.randint(1, 30)))]
        await self._log(stepid, "stdio", "s", lines + (["ewarning: größe"] if results else []))
        if name == "test":
            await self._tests(stepid, results)
        if name == "compile" and results == WARNINGS:
            await self._issues(stepid)
        if name == "upload":
            await self._do(self._recorder.addStepUrl, stepid, "package", "https://example.org/package.tar.gz")
            await self._do(self._recorder.setBuildData, build.buildid, "package", b"\0" * 100, "upload")
        if name == "git":
            await self._do(self._recorder.setProperties, build.buildid, {"got_revision": (f"{stepid:040x}", "Git")})
        state = f"'make {name}'" + ("" if results == SUCCESS else f" ({WORDS[results]})")
        await self._finishStep(stepid, state, results)
        return [] if results == SUCCESS else [state]

    async def _log(self, stepid: int, name: str, type: str, lines: Sequence[str]) -> None:
        log = await self._do(self._recorder.addLog, stepid, name, type)
        for start in range(0, len(lines), 10):
            text = "".join(f"{line}\n" for line in lines[start : start + 10])
            await self._do(self._recorder.appendLog, log.logid, text)
        await self._do(self._recorder.finishLog, log.logid)

    async def _tests(self, stepid: int, results: int) -> None:
        """One has failed whenever the step has, with some others; another one where there are warnings."""
        failed = {FAILURE: {0, *range(stepid % 4, TESTS, 5)}, WARNINGS: {7}}.get(results, set())
        found = [
            NewResult(str(int(n not in failed)), f"{part}.Tests.test{n}", f"{part}.py", 10 * n + 3, 1_000_000 * n * n)
            for n in range(TESTS)
            for part in [("walk", "read", "report")[n % 3]]
        ]
        await self._results(stepid, "pass_fail", "boolean", "unit tests", found)

    async def _issues(self, stepid: int) -> None:
        found = [NewResult("unused variable 'größe'", path="src/größe.c", line=stepid % 90 + 1)]
        await self._results(stepid, "code_issue", "message", None, found)

    async def _results(
        self, stepid: int, category: str, unit: str, description: str | None, results: Sequence[NewResult]
    ) -> None:
        setid = await self._do(self._recorder.addTestResultSet, stepid, category, unit, description)
        await self._do(self._recorder.addTestResults, setid, results)
        await self._do(self._recorder.completeTestResultSet, setid)

    async def _finishStep(self, stepid: int, state: str, results: int, *, hidden: bool = False) -> None:
        await self._do(self._recorder.setStepState, stepid, state)
        await self._do(self._recorder.finishStep, stepid, results, hidden)

    async def _finish(self, build: Started, brid: int, results: int, state: str | None = None) -> None:
        await self._do(self._recorder.setBuildState, build.buildid, state or WORDS[results])
        await self._do(self._recorder.finishBuild, build.buildid, results)
        await self._do(self._recorder.completeRequests, [brid], results)
