"""Says at GitHub what has become of commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from buildbot.status.listeners.reporters.commits import CommitReporter, repositoryOf, short
from buildbot.status.listeners.reporters.formatters import MessageFormatterEmpty
from buildbot.status.listeners.reporters.generators import BuildStartEndStatusGenerator, Generator, Report
from buildbot.status.listeners.reporters.wording import CANCELLED, EXCEPTION, FAILURE, RETRY, SKIPPED, SUCCESS, WARNINGS

API = "https://api.github.com"
LONGEST = 140
"""Characters of a description that GitHub takes."""
STATES = {
    SUCCESS: "success",
    WARNINGS: "success",
    FAILURE: "failure",
    SKIPPED: "success",
    EXCEPTION: "error",
    RETRY: "pending",
    CANCELLED: "error",
}
_PULL = re.compile(r"refs/pull/(\d+)/(?:head|merge)")


class GitHubStatusPush(CommitReporter):
    """Gives commits at GitHub a status: that a build waits, runs, and how it has ended."""

    def __init__(
        self,
        token: Any,
        context: Any = None,
        baseURL: str | None = None,
        verbose: bool = False,
        debug: bool | None = None,
        verify: bool | str | None = None,
        generators: Sequence[Generator] | None = None,
        name: str | None = None,
        **older: Any,
    ) -> None:
        """``token`` and ``context`` may be renderables; ``context`` is what the status is called, by default
        ``buildbot/`` and the builder's name. ``baseURL``: of an enterprise server, such as
        ``https://github.example.org/api/v3``."""
        super().__init__(token, context, baseURL or API, verbose, debug, verify, generators, name, older)

    def repositoryOf(self, stamp: Mapping[str, Any]) -> str | None:
        """The project of a source stamp, if that is ``owner/name``; else what the repository's address ends with."""
        project = (stamp["project"] or "").strip("/")
        return project if "/" in project else repositoryOf(stamp)

    async def mark(self, report: Report, build: Mapping[str, Any], stamp: Mapping[str, Any], repository: str) -> None:
        """See :class:`~buildbot.status.listeners.reporters.commits.CommitReporter`."""
        context = await self.render(self._context, report)
        state = STATES[build["results"]] if build["complete"] else "pending"
        status = {
            "state": state,
            "description": short(report["body"], LONGEST),
            "target_url": build["url"],
            "context": context,
        }
        await self.post(f"/repos/{_pair(repository)}/statuses/{quote(stamp['revision'], safe='')}", report, status)

    async def post(self, path: str, report: Report, json: Mapping[str, Any]) -> None:
        """Send it with the token."""
        token = await self.render(self._token, report)
        await self.send("POST", f"{self._base}{path}", {"Authorization": f"token {token}"}, json=json)


def _pair(repository: str) -> str:
    """Owner and name: the last two of what may be the path of a server's own."""
    return "/".join(quote(part, safe="") for part in repository.split("/")[-2:])


class GitHubCommentPush(GitHubStatusPush):
    """Writes a comment to a pull request at GitHub when its build has ended: what the property ``branch`` names as
    ``refs/pull/7/head`` or ``…/merge``."""

    def defaultGenerators(self) -> Sequence[Generator]:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`."""
        return [BuildStartEndStatusGenerator(start_formatter=MessageFormatterEmpty())]

    async def mark(self, report: Report, build: Mapping[str, Any], stamp: Mapping[str, Any], repository: str) -> None:
        """See :class:`~buildbot.status.listeners.reporters.commits.CommitReporter`."""
        if report["body"] is None:
            return
        found = _PULL.fullmatch(str(build["properties"].get("branch", ("",))[0]))
        if found is None:
            self.log.info("{name}: {url} is of no pull request.", name=self.name, url=build["url"])
        else:
            await self.post(f"/repos/{_pair(repository)}/issues/{found[1]}/comments", report, {"body": report["body"]})
