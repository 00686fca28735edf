"""Asks for all that a report is made of: in one batch, and one more for texts of logs and the builds before.

What an event tells of is taken from the event: it is how the thing was then. All else is as it is when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.threads import deferToThread

from buildbot.errors import StatusError, TooLarge
from buildbot.status.definition import Resource
from buildbot.status.listeners.reporters.about import About, Wants, buildset, propertiesOf, timed

MOST_CALLS = 100
"""In one batch."""
MOST_STEPS, MOST_LOGS, MOST_CHANGES, MOST_BUILDS = 1000, 100, 1000, 1000
"""Of a build; of a step; of a build; of a buildset."""
MOST_NEWER = 100
"""Requests among which one is looked for that makes another one needless: they are its next ones."""
MOST_LINES = 10_000
"""Of the text of a log; of a longer one, the last ones."""
_EXPAND = ["buildrequest", "buildset", "builder", "worker", "triggering_build.builder", "changes"]
_QUERY = {"property": "*", "buildrequest.property": "*", "changes.limit": MOST_CHANGES}
RETRY = 5


class Gatherer:
    """Asks over one connection."""

    def __init__(self, status: Any, buildbotURL: str) -> None:
        self._status, self._url = status, buildbotURL

    async def build(self, record: Resource, wants: Wants) -> About:
        """All about a build, which is as the event said. Fails as ``get`` does."""
        [about] = await self._builds([record.asDict()], wants)
        return about

    async def request(self, record: Resource) -> tuple[About, bool, bool]:
        """All about a request, in the form of a build; whether it has one, other than such as are tried again; and for
        one that is complete, whether there is a newer one of the same builder and sources."""
        request = record.asDict()
        id = request["buildrequestid"]
        query = {"property": "*", "expand": ["buildset", "builder", "builds"], "builds.field": "results"}
        calls: list[tuple[str, Mapping[str, Any]]] = [(f"buildrequests/{id}", query)]
        if request["complete"]:
            newer = {"buildrequestid__gt": id, "limit": MOST_NEWER, "field": "buildrequestid", "expand": "buildset"}
            calls.append((f"builders/{request['builderid']}/buildrequests", newer))
        answer, *more = await self._many(calls)
        found = answer.one.asDict()
        builder, wanted = found["builder"], buildset(found["buildset"])
        properties = propertiesOf({}, found["properties"], builder, wanted["sourcestamps"])
        properties["buildnumber"] = (None, "Build")
        build = {
            "buildrequest": {
                **{name: value for name, value in timed(request).items() if name not in ("claimed", "properties")},
                "buildername": builder["name"],
            },
            "buildset": wanted,
            "builderid": builder["builderid"],
            "builder": builder,
            "properties": properties,
            "url": f"{self._url}#/buildrequests/{id}",
            "complete": request["complete"],
            "results": request["results"] if request["complete"] else None,
        }
        await self._nameProjects([build])
        stamps = _ids(wanted)
        isSuperseded = any(_ids(each.asDict()["buildset"]) == stamps for answer in more for each in answer)
        return (
            About(build, isOver=found["complete"]),
            any(made["results"] != RETRY for made in found["builds"]),
            isSuperseded,
        )

    async def buildset(self, record: Resource, wants: Wants) -> tuple[dict[str, Any], Sequence[About]]:
        """A buildset, as the event said, and all about its builds, in their order."""
        wanted = record.asDict()
        query = {"field": "bsid", "expand": "builds", "builds.limit": MOST_BUILDS}
        [answer] = await self._many([(f"buildsets/{wanted['bsid']}", query)])
        builds = sorted(answer.one.asDict()["builds"], key=lambda build: int(build["buildid"]))
        return buildset(wanted), await self._builds(builds, wants)

    async def _many(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Answers to all; fails with the first error."""
        answers: list[Any] = []
        for start in range(0, len(calls), MOST_CALLS):
            answers += await self._status.getMany(calls[start : start + MOST_CALLS])
        for answer in answers:
            if isinstance(answer, StatusError) and not isinstance(answer, TooLarge):
                raise answer
        return answers

    async def _builds(self, records: Sequence[Mapping[str, Any]], wants: Wants) -> Sequence[About]:
        expand, query = [*_EXPAND], dict(_QUERY)
        if wants.logs or wants.content:
            expand.append("steps.logs")
            query |= {"steps.limit": MOST_STEPS, "steps.logs.limit": MOST_LOGS}
        elif wants.steps:
            expand.append("steps")
            query |= {"steps.limit": MOST_STEPS}
        answers = await self._many([(f"builds/{build['buildid']}", {**query, "expand": expand}) for build in records])
        # In a thread, because of builds with very many steps.
        abouts = await deferToThread(self._abouts, records, answers)
        await self._nameProjects([about.build for about in abouts])
        await self._further(abouts, wants)
        return abouts

    def _abouts(self, records: Sequence[Mapping[str, Any]], answers: Sequence[Any]) -> list[About]:
        abouts = []
        for record, answer in zip(records, answers, strict=True):
            if isinstance(answer, TooLarge):
                raise answer
            abouts.append(self._about(record, answer.one.asDict()))
        return abouts

    async def _nameProjects(self, builds: Sequence[dict[str, Any]]) -> None:
        """Adds the property that names a builder's project, where a master has not stored it yet."""
        nameless = [
            build
            for build in builds
            if build["builder"]["projectid"] is not None and "projectname" not in build["properties"]
        ]
        ids = list({build["builder"]["projectid"]: None for build in nameless})
        answers = await self._many([(f"projects/{id}", {"field": "name"}) for id in ids]) if ids else []
        names = {id: answer.one.asDict()["name"] for id, answer in zip(ids, answers, strict=True)}
        for build in nameless:
            build["properties"]["projectname"] = (names[build["builder"]["projectid"]], "Builder")

    def _about(self, record: Mapping[str, Any], found: dict[str, Any]) -> About:
        builder, worker, triggering = found["builder"], found["worker"], found["triggering_build"]
        wanted, request = buildset(found["buildset"]), found["buildrequest"]
        stored = dict(found["properties"])
        stored.setdefault("buildnumber", (record["number"], "Build"))
        if worker is not None:
            stored.setdefault("workername", (worker["name"], "Worker"))
        build = {
            **timed(record),
            "buildrequest": timed({**request, "properties": None}),
            "buildset": wanted,
            "parentbuild": triggering and timed({n: v for n, v in triggering.items() if n != "builder"}),
            "parentbuilder": triggering and triggering["builder"],
            "builder": builder,
            "url": f"{self._url}#/builders/{record['builderid']}/builds/{record['number']}",
            "properties": propertiesOf(stored, request["properties"] or {}, builder, wanted["sourcestamps"]),
        }
        if "steps" in found:
            build["steps"] = [self._step(build["url"], step) for step in found["steps"]]
        return About(build, found["changes"], (worker and worker["workerinfo"]) or {}, found["complete"])

    def _step(self, url: str, step: Mapping[str, Any]) -> dict[str, Any]:
        made = timed(step)
        if "logs" in step:
            raw = f"{self._url}api/v2/logs"
            made["logs"] = [
                {
                    **log,
                    "stepname": step["name"],
                    "url": f"{url}/steps/{step['number']}/logs/{log['slug']}",
                    "url_raw": f"{raw}/{log['logid']}/raw",
                    "url_raw_inline": f"{raw}/{log['logid']}/raw_inline",
                }
                for log in step["logs"]
            ]
        return made

    async def _further(self, abouts: Sequence[About], wants: Wants) -> None:
        """Adds texts of logs, and the builds before, to what is known."""
        logs = [
            log
            for about in abouts
            for step in about.build.get("steps", ())
            for log in step.get("logs", ())
            if wants.content and wants.wantsContent(step["name"], log["name"])
        ]
        calls = [(f"logs/{log['logid']}/contents", _lines(log)) for log in logs]
        finished = [about.build for about in abouts if about.build["complete"]] if wants.previous else []
        for build in finished:
            earlier = {"number__lt": build["number"], "order": "-number", "limit": 1}
            path = f"builders/{build['builderid']}/builds"
            # A comparison leaves out what runs, whose results are null.
            calls += [(path, {**earlier, "results__ne": RETRY}), (path, {**earlier, "complete": False})]
        answers = iter(await self._many(calls) if calls else [])
        for log in logs:
            log["content"] = _content(log, next(answers))
        for build in finished:
            before = [record.asDict() for answer in (next(answers), next(answers)) for record in answer]
            build["prev_build"] = timed(max(before, key=lambda found: int(found["number"]))) if before else None


def _ids(wanted: Mapping[str, Any]) -> set[int]:
    return {stamp["ssid"] for stamp in wanted["sourcestamps"]}


def _lines(log: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"offset": -MOST_LINES} if log["num_lines"] > MOST_LINES else {}


def _content(log: Mapping[str, Any], answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, TooLarge):
        return {"logid": log["logid"], "firstline": 0, "content": f"(too large to be sent: {log['url']})\n"}
    found = [chunk.asDict() for chunk in answer]
    first = found[0]["firstline"] if found else 0
    return {"logid": log["logid"], "firstline": first, "content": "".join(chunk["content"] for chunk in found)}
