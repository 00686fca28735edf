"""What is known about a build, or a request for one, in the form in which Buildbot gives it to formatters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from buildbot.config.rendering import Known

TIMES = ("started_at", "complete_at", "submitted_at", "claimed_at", "created_at", "locks_acquired_at")
STAMP = ("branch", "revision", "repository", "codebase", "project")


@attrs.frozen
class Wants:
    """What a formatter wants to know of a build beside the rest."""

    properties: bool = True
    steps: bool = False
    logs: bool = False
    content: bool | frozenset[str] = False
    """Text of logs: all, or those of these names: ``stdio``, ``compile.stdio``."""
    previous: bool = False
    """The build before."""

    def __or__(self, other: Wants) -> Wants:
        """What either wants."""
        contents = (self.content, other.content)
        names = [each for each in contents if not isinstance(each, bool)]
        content: bool | frozenset[str] = True in contents or frozenset().union(*names) or False
        return Wants(
            True,
            self.steps or other.steps,
            self.logs or other.logs,
            content,
            self.previous or other.previous,
        )

    def wantsContent(self, step: str, log: str) -> bool:
        """Whether the text of that log is wanted."""
        content = self.content
        return content if isinstance(content, bool) else log in content or f"{step}.{log}" in content


@attrs.frozen
class About:
    """One build, or a request for one that has no build."""

    build: dict[str, Any]
    """With all that was asked for."""
    changes: Sequence[Mapping[str, Any]] = ()
    worker: Mapping[str, Any] = attrs.field(factory=dict)
    """What the worker said of itself."""
    isOver: bool = False
    """It has ended by now, whatever the event said."""

    @property
    def properties(self) -> Mapping[str, tuple[Any, str]]:
        """Value and source, by name."""
        properties: Mapping[str, tuple[Any, str]] = self.build["properties"]
        return properties

    @property
    def stamps(self) -> Sequence[Mapping[str, Any]]:
        """What is built."""
        stamps: Sequence[Mapping[str, Any]] = self.build["buildset"]["sourcestamps"]
        return stamps

    def valueOf(self, name: str) -> Any:
        """The value of a property, or None."""
        return self.properties.get(name, (None, ""))[0]

    @property
    def users(self) -> Sequence[str]:
        """The blame list: authors of the changes, and whom the properties ``owner`` and ``owners`` name."""
        found = {change["author"] for change in self.changes}
        if "owner" in self.properties:
            found.add(str(self.valueOf("owner")))
        owners = self.valueOf("owners")
        found.update(map(str, owners if isinstance(owners, list) else []))
        return sorted(found)

    @property
    def logs(self) -> Sequence[Mapping[str, Any]]:
        """Those whose text was asked for."""
        return [log for step in self.build.get("steps", ()) for log in step.get("logs", ()) if "content" in log]

    def known(self, secrets: Any) -> Known:
        """What renderables are rendered with."""
        return Known(self.properties, secrets, self.stamps, self.changes, self.worker, self.build["url"])

    def view(self, wants: Wants) -> dict[str, Any]:
        """The build as one who wants so much gets it: what another one of the same reporter wants is not in it."""
        build = dict(self.build)
        if not wants.properties:
            build["properties"] = {}
        if not wants.previous:
            build.pop("prev_build", None)
        if "steps" in build:
            build["steps"] = [_step(step, wants) for step in build["steps"]]
            if not (wants.steps or wants.logs or wants.content):
                del build["steps"]
        return build


def _step(step: Mapping[str, Any], wants: Wants) -> dict[str, Any]:
    logs = step.get("logs", ())
    kept = {name: value for name, value in step.items() if name != "logs"}
    if wants.logs or wants.content:
        kept["logs"] = [
            log if wants.wantsContent(step["name"], log["name"]) else {n: v for n, v in log.items() if n != "content"}
            for log in logs
        ]
    return kept


def timed(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record whose times are datetimes, as formatters get them."""
    return {
        name: datetime.fromtimestamp(value, UTC) if name in TIMES and isinstance(value, int) else value
        for name, value in record.items()
    }


def untimed(value: Any) -> Any:
    """The same as JSON can say it: times are seconds since the epoch."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, Mapping):
        return {name: untimed(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [untimed(each) for each in value]
    return value


def buildset(record: Mapping[str, Any]) -> dict[str, Any]:
    """A buildset as formatters get it."""
    return {**timed(record), "sourcestamps": [timed(stamp) for stamp in record["sourcestamps"]]}


def propertiesOf(
    stored: Mapping[str, Any], requested: Mapping[str, Any], builder: Mapping[str, Any], stamps: Sequence[Any]
) -> dict[str, tuple[Any, str]]:
    """Properties of a build: those that are ``stored``, over those that it has or will have for certain, which a master
    stores a moment after the build has begun: else what is said of its beginning would go by another name than what is
    said of its end."""
    found = {name: (pair[0], pair[1]) for name, pair in requested.items()}
    found |= {"buildername": (builder["name"], "Builder"), "builderid": (builder["builderid"], "Builder")}
    if builder["projectid"] is not None:
        found["projectid"] = (builder["projectid"], "Builder")
    if len(stamps) == 1:
        found |= {name: (stamps[0][name], "Build") for name in STAMP}
    return {**found, **{name: (pair[0], pair[1]) for name, pair in stored.items()}}
