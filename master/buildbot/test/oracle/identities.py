"""Paths of things: those that there are, found from each other, and those that there are not."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote

import attrs

from .samples import Pattern, Record, Samples

MISSING = ["99999", "0", "123456789"]
"""Ids that nothing has."""

STRANGE = [
    *("-1", "-2", "+1", "%201", "1_0", "0001", "1.0", "1e3", "%C2%B2", str(2**31), str(2**63), str(10**30)),
    *(
        "nosuch",
        "NoSuch",
        "",
        "%00",
        "%2F",
        "..",
        "a%2Fb",
        "gr%C3%B6%C3%9Fe",
        "%FF",
        "linux%20",
        "w1,w2",
        "*",
    ),
]
"""What is no id, or one in another spelling, or nothing that could be."""


@attrs.frozen
class Identities:
    """Gives the variables of a pattern values that belong together."""

    samples: Samples
    random: Random

    def path(self, pattern: Pattern) -> str:
        """A path of that pattern whose things exist, and mostly lie below one another."""
        values = self._focus()
        return self._write(pattern, values)

    def missing(self, pattern: Pattern) -> str:
        """A path of that pattern where one of the things does not exist."""
        return self._spoilt(pattern, MISSING)

    def strange(self, pattern: Pattern) -> str:
        """A path of that pattern where one variable is something else."""
        return self._spoilt(pattern, STRANGE)

    def _spoilt(self, pattern: Pattern, values: list[str]) -> str:
        parts = self.path(pattern).split("/")
        places = [place for place, part in enumerate(pattern.path.split("/")) if ":" in part]
        parts[self.random.choice(places)] = self.random.choice(values)
        return "/".join(parts)

    def _write(self, pattern: Pattern, values: dict[str, Any]) -> str:
        parts: list[str] = []
        for part in pattern.path.split("/"):
            before = parts[-1] if parts else ""
            name = part.partition(":")[2]
            if not name:
                parts.append(part)
            elif name == "name":
                parts.append(self._quoted(values["data_name" if before == "data" else "worker_name"]))
            else:
                parts.append(self._quoted(values[name]))
        return "/".join(parts)

    def _quoted(self, value: Any) -> str:
        text = quote(str(value), safe="")
        if text[0].isalpha() and self.random.randrange(20) == 0:
            # The same, spelt otherwise.
            text = f"%{ord(text[0]):02x}{text[1:]}"
        return text

    def _one(self, type: str, **values: Any) -> Record:
        """One of a type with these values, or else any one."""
        return self.random.choice(self.samples.of(type, **values) or self.samples.of(type))

    def _focus(self) -> dict[str, Any]:
        """A value for every variable: around one build that has steps, one worker, one change, one codebase."""
        values: dict[str, Any] = {}
        log = self._one("log") if self.random.randrange(3) else None
        step = self._one("step", **({"stepid": log["stepid"]} if log else {}))
        log = log or self._one("log", stepid=step["stepid"])
        build = self._one("build", buildid=step["buildid"])
        builder = self._one("builder", builderid=build["builderid"])
        data = self._one("build_data", buildid=build["buildid"])
        request = self._one("buildrequest", buildrequestid=build["buildrequestid"])
        results = self._one("test_result_set", buildid=build["buildid"])
        for record in (results, request, data, log, step, build, builder):
            values.update(record)
        values.update(
            buildername=builder["name"],
            build_number=build["number"],
            step_name=step["name"],
            step_number=step["number"],
            log_slug=log["slug"],
            data_name=data["name"],
            bsid=values["buildsetid"],
        )
        self._others(values, builder)
        return values

    def _others(self, values: dict[str, Any], builder: Record) -> None:
        worker = self._worker(builder["builderid"])
        scheduler = self._one("scheduler")
        source = self._one("changesource")
        masters = [each["masterid"] for each in self.samples.of("master")]
        # The one that is over there, or any.
        owner = self.random.choice([scheduler, source])["master"]
        near = [*builder["masterids"], *([owner["masterid"]] if owner else [])]
        codebase = self._one("codebase")
        project = self._one("project", projectid=codebase["projectid"])
        commit = self._one("commit", codebaseid=codebase["codebaseid"])
        values.update(
            workerid=worker["workerid"],
            worker_name=worker["name"],
            schedulerid=scheduler["schedulerid"],
            schedulername=self._one("forcescheduler")["name"],
            changesourceid=source["changesourceid"],
            masterid=self.random.choice(near if near and self.random.randrange(4) else masters),
            projectid=project["projectid"],
            projectname=project["name"],
            codebaseid=codebase["codebaseid"],
            codebasename=codebase["name"],
            branchid=self._one("branch")["branchid"],
            commitid=commit["commitid"],
            commitid1=self._one("commit", codebaseid=commit["codebaseid"])["commitid"],
            commitid2=commit["commitid"],
            revision=commit["revision"],
            changeid=self._one("change")["changeid"],
            ssid=self._one("sourcestamp")["ssid"],
        )

    def _worker(self, builderid: int) -> Record:
        there = [
            worker
            for worker in self.samples.of("worker")
            if any(pair["builderid"] == builderid for pair in worker["configured_on"])
        ]
        return self.random.choice(there if there and self.random.randrange(3) else self.samples.of("worker"))
