"""What a running master says it has: the records from which queries take their identities and values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from .ask import Ask

Record = dict[str, Any]

SOME_BUILDS = 45
"""Of so many builds the steps, logs and data are looked at."""


@attrs.frozen
class Field:
    """A field as the specification has it."""

    name: str
    kind: str
    """``integer``, ``datetime``, ``string``, ``identifier``, ``boolean``; ``integers`` or ``strings`` for
    lists of these; ``opaque`` for what has no values that could be written."""


@attrs.frozen
class Pattern:
    """A path pattern as the specification has it."""

    path: str
    type: str
    fields: tuple[Field, ...]

    @property
    def variables(self) -> list[str]:
        return [part.partition(":")[2] for part in self.path.split("/") if ":" in part]

    @property
    def isCollection(self) -> bool:
        last = self.path.rpartition("/")[2]
        return ":" not in last and last not in _SINGLE

    @property
    def isRaw(self) -> bool:
        return self.path.rpartition("/")[2] in ("raw", "raw_inline", "value")


_SINGLE = ("contents", "raw", "raw_inline", "value", "properties", "logchunks", "commits_common_parent")


@attrs.frozen
class Samples:
    """All patterns, and records of each type by its name."""

    patterns: list[Pattern]
    records: dict[str, list[Record]]

    def of(self, type: str, **values: Any) -> list[Record]:
        """The records of a type that have these values."""
        found = self.records.get(type, [])
        return [record for record in found if all(record[name] == value for name, value in values.items())]


def sample(ask: Ask) -> Samples:
    """Ask a master for its patterns and enough records of each type."""

    def records(path: str) -> list[Record]:
        answer = ask(path)
        document = json.loads(answer.body)
        document.pop("meta", None)
        if answer.status != 200:
            raise ValueError(f"{path} gave {answer.status}: {document}")
        [found] = document.values()
        return list(found)

    patterns = patternsOf(records("application.spec"))
    found: dict[str, list[Record]] = {}
    for pattern in patterns:
        if pattern.isCollection and not pattern.variables and pattern.path:
            found[pattern.type] = records(pattern.path)
    for codebase in found["codebase"]:
        for type, word in (("branch", "branches"), ("commit", "commits")):
            found.setdefault(type, []).extend(records(f"codebases/{codebase['codebaseid']}/{word}"))
    for results in found["test_result_set"][::7]:
        path = f"test_result_sets/{results['test_result_setid']}/results"
        found.setdefault("test_result", []).extend(records(path))
    # The first ones have what is rare; of the others enough.
    builds = found["build"]
    for build in builds[:5] + builds[5 :: 1 + len(builds) // SOME_BUILDS] + builds[-3:]:
        _ofBuild(records, build, found)
    return Samples(patterns, found)


def _ofBuild(records: Callable[[str], list[Record]], build: Record, found: dict[str, list[Record]]) -> None:
    path = f"builds/{build['buildid']}"
    steps = records(f"{path}/steps")
    found.setdefault("step", []).extend(steps)
    found.setdefault("build_data", []).extend(records(f"{path}/data"))
    found.setdefault("_property", []).extend(records(f"{path}/property_list"))
    for step in steps:
        found.setdefault("log", []).extend(records(f"steps/{step['stepid']}/logs"))


def patternsOf(specification: list[Record]) -> list[Pattern]:
    """The patterns that a specification lists."""
    return [
        Pattern(each["path"], each["type"], tuple(map(_field, each["type_spec"].get("fields", []))))
        for each in specification
    ]


def _field(record: Record) -> Field:
    specification = record["type_spec"]
    simple = ("integer", "datetime", "string", "identifier", "boolean")
    kind = specification.get("name") or ""
    if specification.get("type") == "list" and specification["of"].get("name") in simple:
        kind = specification["of"]["name"] + "s"
    return Field(record["name"], kind if kind.rstrip("s") in simple else "opaque")
