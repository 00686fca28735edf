"""All that a stock master said, so that one answer can be understood from others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .model import Question, question
from .recorded import Recorded
from .samples import Pattern, Record, patternsOf

KEYS = {"build_data": "name", "_property": "name", "spec": "path", "rootlink": "name", "forcescheduler": "name"}
"""The field that tells the records of one list apart, where it is not the first."""

ORDERS = {"change": "-changeid", "project": "name"}
"""What lists are ordered by when nobody says, where it is not the key."""


@attrs.frozen
class World:
    """Answers by address, and what follows from several of them."""

    answers: Mapping[str, Recorded]
    patterns: list[Pattern]
    ordered: bool = True
    """Whether the database reads a list by an index where a stock master asks for no order: PostgreSQL may not."""

    @classmethod
    def of(cls, answers: Mapping[str, Recorded], *, ordered: bool = True) -> World:
        """Of answers among which is the specification."""
        return cls(answers, patternsOf(answers["application.spec"].document["specs"]), ordered)

    def question(self, url: str) -> Question:
        return question(url, self.patterns)

    def key(self, pattern: Pattern) -> str:
        return KEYS.get(pattern.type, pattern.fields[0].name)

    def records(self, path: str) -> list[Record] | None:
        """The records of the whole list at a path, as a stock master has them."""
        answer = self.answers.get(path)
        if answer is None or answer.status != 200 or not isinstance(answer.document, dict):
            return None
        [found] = [value for name, value in answer.document.items() if name != "meta"]
        return list(found)

    def whole(self, url: str, asked: Question) -> list[Record] | None:
        """What the whole list at a path should be; None where that is not known."""
        stampChanges = _ids(asked, "sourcestamps", "changes")
        if stampChanges is not None:
            # A stock master stops at the newest.
            every = self.records("changes") or []
            return [each for each in every if (each["sourcestamp"] or {}).get("ssid") == stampChanges]
        if self._isMissing(asked):
            return []
        found = self.records(url.partition("?")[0])
        if found is None or asked.pattern is None:
            return None
        return [self.right(asked.pattern.type, each) for each in found]

    def _isMissing(self, asked: Question) -> bool:
        """Whether the builder, or its build, that a path goes on from does not exist."""
        if len(asked.path) < 3 or asked.path[0] != "builders":
            return False
        builders = self.records("builders") or []
        name = asked.path[1]
        ids = [each["builderid"] for each in builders if name in (str(each["builderid"]), each["name"])]
        if not ids or len(asked.path) < 5:
            return not ids
        builds = self.records("builds") or []
        number = asked.path[3]
        return number != "-1" and not any(
            each["builderid"] == ids[0] and str(each["number"]) == number for each in builds
        )

    def right(self, type: str, record: Record) -> Record:
        """A record as it should be where a stock master leaves something out that it says elsewhere."""
        repair = _REPAIRS.get(type)
        return record if repair is None else repair(self, record)

    def one(self, list: str, key: str, id: Any) -> Record | None:
        """The record with that key in a whole list."""
        return next((each for each in self.records(list) or [] if each[key] == id), None)


def _ids(asked: Question, before: str, after: str) -> int | None:
    if len(asked.path) == 3 and asked.path[0] == before and asked.path[2] == after and asked.pattern is not None:
        return int(asked.path[1])
    return None


def _worker(world: World, record: Record) -> Record:
    """Under a parent a stock master lists only that parent's links."""
    full = world.one("workers", "workerid", record.get("workerid"))
    links = ("connected_to", "configured_on")
    return {name: full[name] if full is not None and name in links else value for name, value in record.items()}


def _project(world: World, record: Record) -> Record:
    """A stock master does not say whether a project is active unless asked for the active ones."""
    name = next((each for each in ("projectid", "name", "slug") if each in record), None)
    full = world.one("projects", name, record[name]) if name is not None and "active" in record else None
    if full is None:
        return record
    builders = [each for each in world.records("builders") or [] if each["projectid"] == full["projectid"]]
    return {**record, "active": any(each["masterids"] for each in builders)}


def _builder(world: World, record: Record) -> Record:
    """Under a worker a stock master lists only the masters where that worker is configured."""
    full = world.one("builders", "builderid", record.get("builderid"))
    return {name: full[name] if full is not None and name == "masterids" else each for name, each in record.items()}


_REPAIRS: dict[str, Callable[[World, Record], Record]] = {
    "worker": _worker,
    "project": _project,
    "builder": _builder,
}
