"""Build sets, requests, claims, builds, their properties, data and steps, in every state they can be in."""

from __future__ import annotations

from random import Random

import attrs

from .code import VALUES, Code
from .configured import BUILDERS, CRASHED, DEAD, OWN, PEER
from .logs import BR, BZ2, GZ, LZ4, RAW, ZSTD, addLog, lines, specialLogs
from .rows import EPOCH, Rows, asJson

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)
UNKNOWN = -1

WORDS = {
    SUCCESS: "build successful",
    WARNINGS: "warnings 'größe' (warnings)",
    FAILURE: "failed 'run tests' (failure)",
    SKIPPED: "build successful",
    EXCEPTION: "exception",
    RETRY: "retry lost connection",
    CANCELLED: "cancelled (because) 'bash -c ...' (cancelled)",
}

STEPS = ["git", "run tests", "1st", "naïve", "sh", "sh_1", "a/b", "-x.y_z", "compile", "y" * 50, "z" * 52]

RARELY = ["virtual-1", "no longer", "fallen", "never built"]


@attrs.frozen
class Builds:
    """Adds one build set after the other to ``rows``; time goes on by itself."""

    rows: Rows
    random: Random
    code: Code
    numbers: dict[int, int] = attrs.field(factory=dict)
    complete: list[int] = attrs.field(factory=list)
    """Builds that may have children, and may be rebuilt."""

    def now(self) -> int:
        return EPOCH + 1000 + 97 * len(self.rows.tables["buildsets"])

    # -- sets

    def buildset(self, builders: list[int], results: int, **values: object) -> tuple[int, list[int]]:
        """Add a set with a request for each builder, complete unless ``results`` is -1; its id and theirs."""
        now = self.now()
        number = len(self.rows.tables["buildsets"])
        done = results != UNKNOWN
        bsid = self.rows.add(
            "buildsets",
            **{
                "external_idstring": f"try-{number} größe" if number % 13 == 0 else None,
                "reason": f"The scheduler named 'all' triggered build {number}" if number % 17 else None,
                "submitted_at": now,
                "complete": int(done),
                "complete_at": now + 60 if done else None,
                "results": results,
                "parent_buildid": None,
                "parent_relationship": None,
                "rebuilt_buildid": None,
                **values,
            },
        )
        self._stamps(bsid, multi=10 > len(builders) > 1 or 9 in builders)
        self._properties(bsid)
        requests = [
            self.rows.add(
                "buildrequests",
                buildsetid=bsid,
                builderid=builderid,
                priority=self.random.choice([0, 0, 0, 5, -2]),
                complete=int(done),
                results=results,
                submitted_at=now,
                complete_at=now + 60 if done else None,
                waited_for=int("parent_buildid" in values),
            )
            for builderid in builders
        ]
        return bsid, requests

    def _stamps(self, bsid: int, multi: bool) -> None:
        if multi:
            stamps = [self.random.choice(each) for each in self.code.stamps.values()]
        elif self.random.randrange(12) == 0:
            stamps = [self.random.choice(self.code.patched)]
        else:
            # Few different ones, so that a build often has a green one before it with the same.
            stamps = [self.random.choice(self.code.stamps[""][:7])]
        for stampid in stamps:
            self.rows.add("buildset_sourcestamps", buildsetid=bsid, sourcestampid=stampid)

    def _properties(self, bsid: int) -> None:
        values = {"scheduler": "all", "größe": self.random.choice(VALUES), "p": self.random.choice(VALUES)}
        for name in list(values)[: self.random.randrange(1, 4)]:
            self.rows.add(
                "buildset_properties",
                buildsetid=bsid,
                property_name=name,
                property_value=asJson([values[name], "Scheduler"]),
            )

    # -- builds

    def build(self, brid: int, builderid: int, results: int | None, masterid: int = PEER, **values: object) -> int:
        """Add a build of a request, with all that it has; running when ``results`` is None."""
        now = self.now() + 5
        number = self.numbers.get(builderid, 0) + (2 if self.random.randrange(15) == 0 else 1)
        self.numbers[builderid] = number
        done = results is not None
        buildid = self.rows.add(
            "builds",
            **{
                "number": number,
                "builderid": builderid,
                "buildrequestid": brid,
                "workerid": self.random.choice([1, 1, 2, 3, 4, 6]),
                "masterid": masterid,
                "started_at": now,
                "complete_at": now + self.random.choice([0, 7, 50]) if done else None,
                "locks_duration_s": self.random.choice([0, 0, 3]),
                "state_string": WORDS[results] if results is not None else "building",
                "results": results,
                **values,
            },
        )
        self._buildProperties(buildid)
        if self.random.randrange(8) == 0:
            self._data(buildid)
        if results != SKIPPED:
            self._steps(buildid, now, results)
        if done:
            self.complete.append(buildid)
        return buildid

    def claim(self, brid: int, masterid: int = PEER) -> None:
        self.rows.add("buildrequest_claims", brid=brid, masterid=masterid, claimed_at=self.now() + 1)

    def _buildProperties(self, buildid: int) -> None:
        values = {"buildername": "x", "one": self.random.choice(VALUES), "größe": self.random.choice(VALUES)}
        for name in list(values)[: self.random.randrange(4)]:
            self.rows.add(
                "build_properties",
                buildid=buildid,
                name=name,
                value=asJson(values[name]),
                source=self.random.choice(["Builder", "größe step"]),
            )

    def _data(self, buildid: int) -> None:
        for name, value in {
            "report": b"\x00\xff\xfe\n",
            "empty": b"",
            "with space": b"x",
            "größe": b"y",
        }.items():
            self.rows.add("build_data", buildid=buildid, name=name, value=value, length=len(value), source="größe step")

    # -- steps

    def _steps(self, buildid: int, now: int, results: int | None) -> None:
        self.step(buildid, 0, "worker_preparation", now, SUCCESS, logs=False)
        names = self.random.sample(STEPS, self.random.randrange(1, 5))
        for number, name in enumerate(names, 1):
            last = number == len(names)
            self.step(buildid, number, name, now + number, results if last else SUCCESS)
        if results is None:
            self.step(buildid, len(names) + 1, "waits", None, None, logs=False)

    def step(self, buildid: int, number: int, name: str, at: int | None, results: int | None, logs: bool = True) -> int:
        """Add a step; running when ``results`` is None, and not yet started when ``at`` is None."""
        skipped = results == SKIPPED
        urls = [{"name": "größe #1", "url": "https://example.org/?a=1&b=2"}, {"name": "two", "url": "#"}]
        state = "pending" if at is None else f"'{name}' größe"
        stepid = self.rows.add(
            "steps",
            number=number,
            name=name,
            buildid=buildid,
            started_at=at,
            locks_acquired_at=None if skipped or at is None else at,
            complete_at=None if results is None or at is None else at + 2,
            state_string=state,
            results=results,
            urls_json=asJson(urls[: self.random.choice([0, 0, 1, 2])]),
            hidden=int(self.random.randrange(9) == 0),
        )
        if logs and at is not None and self.random.randrange(3):
            self._log(stepid, "stdio", "s", results is not None)
        if logs and at is not None and self.random.randrange(6) == 0:
            self._log(stepid, self.random.choice(["err.text", "größe", "warnings (3)"]), "t", results is not None)
        return stepid

    def _log(self, stepid: int, name: str, type: str, complete: bool) -> None:
        slug = name if name == "stdio" else name.replace(".", "_").replace(" (", "__").replace(")", "_")
        kinds = [(5, self.random.choice([RAW, GZ, BZ2, LZ4, ZSTD, BR])), (9, GZ)]
        content = lines(self.random, type, self.random.choice([0, 1, 4, 12]))
        addLog(self.rows, stepid, name, slug, type, content, kinds, complete)


def builds(rows: Rows, random: Random, code: Code) -> None:
    """Everything that is asked for and built: some 250 ordinary builds, then each rare thing a few times."""
    made = Builds(rows, random, code)
    ordinary = [number for number, name in enumerate(BUILDERS, 1) if name not in RARELY]
    for number in range(170):
        _ordinary(made, ordinary, number)
    _rare(made)
    _running(made)
    _lost(made)
    specialLogs(rows, random, made.step(3, 90, "special logs", EPOCH + 5000, SUCCESS, logs=False))


def _ordinary(made: Builds, builders: list[int], number: int) -> None:
    random = made.random
    chosen = random.sample(builders, random.choice([1, 1, 1, 1, 2, 3]))
    results = random.choice([SUCCESS] * 5 + [WARNINGS, FAILURE, FAILURE, EXCEPTION, CANCELLED])
    parents: dict[str, object] = {}
    if made.complete and number % 10 == 3:
        parents = {"parent_buildid": random.choice(made.complete), "parent_relationship": "Triggered from"}
    if made.complete and number % 14 == 5:
        parents = {"rebuilt_buildid": random.choice(made.complete)}
    _, requests = made.buildset(chosen, results, **parents)
    for brid, builderid in zip(requests, chosen, strict=True):
        made.claim(brid, random.choice([PEER, PEER, OWN, DEAD]))
        if number % 9 == 0:
            made.build(brid, builderid, RETRY)
        made.build(brid, builderid, results, masterid=random.choice([PEER, OWN, DEAD]))


def _rare(made: Builds) -> None:
    ids = {name: number for number, name in enumerate(BUILDERS, 1)}
    for results in (SKIPPED, CANCELLED):
        # Collapsed into a later one, or cancelled while it waited: claimed and complete, and never a build.
        for builderid in (1, 3, 9):
            _, [brid] = made.buildset([builderid], SUCCESS if results == SKIPPED else results)
            made.rows.row("buildrequests", brid)["results"] = results
            made.claim(brid)
    for _ in range(4):
        # A virtual builder's build is of another builder than its request.
        _, [brid] = made.buildset([1], SUCCESS)
        made.claim(brid)
        made.build(brid, ids["virtual-1"], SUCCESS)
    for results in (SUCCESS, FAILURE, SKIPPED):
        _, [brid] = made.buildset([ids["no longer"]], SUCCESS if results == SKIPPED else results)
        made.claim(brid, DEAD)
        made.build(brid, ids["no longer"], results, masterid=DEAD, workerid=None)
    # A set with nobody to build it is complete at once.
    made.buildset([], SUCCESS)


def _running(made: Builds) -> None:
    ids = {name: number for number, name in enumerate(BUILDERS, 1)}
    for builderid in (1, 2, 4, 9, ids["日本"], ids["child"]):
        _, [brid] = made.buildset([builderid], UNKNOWN)
        made.claim(brid)
        made.build(brid, builderid, None)
    # What was running when its master fell, and is put to rest when another starts.
    for _ in range(2):
        _, [brid] = made.buildset([ids["fallen"]], UNKNOWN)
        made.claim(brid, CRASHED)
        made.build(brid, ids["fallen"], None, masterid=CRASHED)
    # Half done: one request of three has its build, one is built now, one waits.
    _, (first, second, _third) = made.buildset([1, 3, 9], UNKNOWN)
    made.rows.row("buildrequests", first).update(complete=1, results=SUCCESS, complete_at=made.now() + 9)
    made.claim(first)
    made.build(first, 1, SUCCESS)
    made.claim(second)
    made.build(second, 3, None, state_string="acquiring locks", workerid=None)
    # Waiting, some to be built again after a retry, some claimed and not yet begun.
    for number in range(12):
        parent: dict[str, object] = {}
        if number % 4 == 1:
            parent = {"parent_buildid": made.complete[number], "parent_relationship": "Triggered from"}
        _, requests = made.buildset([2, 9] if number % 3 else [7], UNKNOWN, **parent)
        if number % 4 == 0:
            made.build(requests[0], 2 if number % 3 else 7, RETRY)
        if number % 5 == 4:
            made.claim(requests[0])


def _lost(made: Builds) -> None:
    """Rows whose other ends were removed, or never were."""
    _, [brid] = made.buildset([1], SUCCESS, parent_buildid=9999, rebuilt_buildid=9998)
    made.claim(brid, 99)
    made.build(brid, 99, SUCCESS, masterid=99, workerid=77)
    made.build(9999, 1, FAILURE, workerid=77)
    made.rows.add("buildset_sourcestamps", buildsetid=9999, sourcestampid=1)
    made.rows.add("buildrequest_claims", brid=9999, masterid=PEER, claimed_at=EPOCH)
    made.rows.add("build_properties", buildid=9999, name="lost", value="1", source="x")
    made.step(9999, 0, "lost", EPOCH, SUCCESS)
