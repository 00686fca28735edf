"""Reporters that mark commits: what is common to the services that keep repositories."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.defer import CancelledError

from buildbot.config.rendering import Interpolate
from buildbot.errors import NotFound
from buildbot.status.definition import Resource
from buildbot.status.listeners.outcomes import Parked
from buildbot.status.listeners.reporters.generators import (
    BuildRequestGenerator,
    BuildStartEndStatusGenerator,
    Generator,
    Report,
)
from buildbot.status.listeners.reporters.http import HttpReporter, base
from buildbot.status.listeners.reporters.older import forCommits

REMEMBERED = 1000
"""Requests whose commits are remembered, so that it is asked once."""
_REPOSITORY = re.compile(
    r"(?:[\w+.-]+://(?:[^/@]*@)?[^/]+/|(?:[^/@:]+@)?[^/@:]+:)(?P<path>[^:]+?)(?:\.git)?/?", re.IGNORECASE
)


def repositoryOf(stamp: Mapping[str, Any]) -> str | None:
    """``owner/name``, or a longer path, of a source stamp's repository; None for an address that has none."""
    found = _REPOSITORY.fullmatch(stamp["repository"] or "")
    return found["path"].strip("/") if found and "/" in found["path"].strip("/") else None


def short(body: Any, most: int) -> str:
    """A description of at most so many characters."""
    text = "" if body is None else str(body).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


class CommitReporter(HttpReporter):
    """A base of those that mark commits.

    All that is said of one commit is said in the order in which it happened, so that "pending" never comes after
    "success"; what cannot be said of one does not hold up what is said of others.
    """

    def __init__(
        self,
        token: Any,
        context: Any,
        baseURL: str,
        verbose: bool,
        debug: bool | None,
        verify: bool | str | None,
        generators: Sequence[Generator] | None,
        name: str | None,
        older: Mapping[str, Any],
    ) -> None:
        """``older``: see :mod:`buildbot.status.listeners.reporters.older`."""
        generators = forCommits(self, older, generators)
        super().__init__(generators, debug=debug, verify=verify, name=name)
        self._token, self._base, self._verbose = token, base(self.name, baseURL, "baseURL"), verbose
        self._context = Interpolate("buildbot/%(prop:buildername)s") if context is None else context
        self._keys: OrderedDict[int, str] = OrderedDict()
        self._unknown: set[str] = set()
        """Places of which it was said that nothing is said of them."""

    def defaultGenerators(self) -> Sequence[Generator]:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`."""
        return [BuildRequestGenerator(), BuildStartEndStatusGenerator()]

    def repositoryOf(self, stamp: Mapping[str, Any]) -> str | None:
        """What the service calls the repository of a source stamp; None: it is none of the service's."""
        return repositoryOf(stamp)

    async def keyOf(self, record: Resource) -> str:
        """The commit; of a set of several, the first one, by codebase."""
        values = record.asDict()
        if "sourcestamps" in values:
            return self._keyOfStamps(values["sourcestamps"]) or f"buildsets/{values['bsid']}"
        if "buildrequestid" not in values:
            return str(super().keyOf(record))
        id = values["buildrequestid"]
        key = self._keys.get(id)
        if key is None:
            key = self._keyOfStamps(await self._stampsOf(id)) or f"buildrequests/{id}"
            self._keys[id] = key
            if len(self._keys) > REMEMBERED:
                self._keys.popitem(last=False)
        return key

    async def _stampsOf(self, request: int) -> Sequence[Mapping[str, Any]]:
        try:
            answer = await self.status.get(f"buildrequests/{request}", field="buildrequestid", expand="buildset")
        except NotFound:
            return ()
        stamps: Sequence[Mapping[str, Any]] = answer.one.asDict()["buildset"]["sourcestamps"]
        return stamps

    def _keyOfStamps(self, stamps: Sequence[Mapping[str, Any]]) -> str | None:
        for stamp in sorted(stamps, key=lambda stamp: str(stamp["codebase"])):
            repository = self.repositoryOf(stamp)
            if stamp["revision"] and repository:
                return f"commits/{repository}@{stamp['revision']}"
        return None

    def _sayUnknown(self, stamp: Mapping[str, Any]) -> None:
        """Once of each place: it is the same with all that follow."""
        place = str(stamp["repository"])
        if not stamp["revision"]:
            self.log.info("{name}: a build of no revision of {place!r} marks nothing.", name=self.name, place=place)
        elif place not in self._unknown:
            self._unknown.add(place)
            self.log.warn(
                "{name}: nothing is said of revision {revision} and of what else comes from {place!r}: it names no "
                "repository there. An address such as https://host/OWNER/NAME.git does, or the project OWNER/NAME.",
                name=self.name,
                revision=stamp["revision"],
                place=place,
            )

    async def sendMessage(self, reports: Sequence[Report]) -> None:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`. What is said of several commits is said
        of each that can be reached; if one of them cannot, all are said again."""
        report = reports[0]
        if report["isSuperseded"] or report["isStale"]:
            return  # something newer is said of the commit, also if it was said before this
        if not report["builds"]:
            self.log.info("{name}: a buildset without builds marks no commit.", name=self.name)
            return
        failures: list[Exception] = []
        for stamp in report["buildset"]["sourcestamps"]:
            repository = self.repositoryOf(stamp)
            if repository is None or not stamp["revision"]:
                self._sayUnknown(stamp)
                continue
            try:
                await self.mark(report, report["builds"][0], stamp, repository)
                if self._verbose:
                    what = f"{repository}@{stamp['revision']}"
                    self.log.info("{name}: {what} is marked.", name=self.name, what=what)
            except CancelledError:
                raise
            except Exception as error:
                failures.append(error)
        failures.sort(key=lambda error: isinstance(error, Parked))  # a next attempt may reach the others
        if failures:
            raise failures[0]

    async def mark(self, report: Report, build: Mapping[str, Any], stamp: Mapping[str, Any], repository: str) -> None:
        """Say it of one commit."""
        raise NotImplementedError
