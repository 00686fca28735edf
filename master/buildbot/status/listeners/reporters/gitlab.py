"""Says at GitLab what has become of commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from buildbot.status.listeners.outcomes import Parked
from buildbot.status.listeners.reporters.commits import CommitReporter, short
from buildbot.status.listeners.reporters.generators import Generator, Report
from buildbot.status.listeners.reporters.wording import CANCELLED, EXCEPTION, FAILURE, RETRY, SKIPPED, SUCCESS, WARNINGS
from buildbot.status.listeners.sending import Refused

HOSTED = "https://gitlab.com"
LONGEST = 255
"""Characters of a description that GitLab takes."""
STATES = {
    SUCCESS: "success",
    WARNINGS: "success",
    FAILURE: "failed",
    SKIPPED: "success",
    EXCEPTION: "failed",
    RETRY: "pending",
    CANCELLED: "canceled",
}
SAID = b"Cannot transition status"
"""What GitLab says to a status that the commit has already."""


class GitLabStatusPush(CommitReporter):
    """Gives commits at GitLab a status: that a build waits, runs, and how it has ended."""

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
        ``buildbot/`` and the builder's name. ``baseURL``: of a server of one's own."""
        super().__init__(token, context, baseURL or HOSTED, verbose, debug, verify, generators, name, older)
        self._projects: dict[str, int] = {}

    async def mark(self, report: Report, build: Mapping[str, Any], stamp: Mapping[str, Any], repository: str) -> None:
        """See :class:`~buildbot.status.listeners.reporters.commits.CommitReporter`."""
        token, context = await self.render([self._token, self._context], report)
        headers = {"PRIVATE-TOKEN": str(token)}
        properties = build["properties"]
        project = properties.get("source_project_id", (None,))[0] or await self._project(repository, headers)
        status = {
            "state": _state(build),
            "ref": properties.get("source_branch", (None,))[0] or stamp["branch"],
            "description": short(report["body"], LONGEST),
            "target_url": build["url"],
            "name": context,
        }
        try:
            path = f"/api/v4/projects/{quote(str(project), safe='')}/statuses/{quote(stamp['revision'], safe='')}"
            await self.send("POST", self._base + path, headers, json=status)
        except Refused as error:
            if SAID not in error.reply.body:
                raise

    async def _project(self, repository: str, headers: Mapping[str, str]) -> int:
        """The number of a project, which is asked for once."""
        if repository not in self._projects:
            path = f"/api/v4/projects/{quote(repository, safe='')}"
            reply = await self.send("GET", self._base + path, headers)
            try:
                self._projects[repository] = int(reply.json["id"])
            except (ValueError, TypeError, KeyError):
                raise Parked(f"{self._base}{path} answered with something that is no project") from None
        return self._projects[repository]


def _state(build: Mapping[str, Any]) -> str:
    if build["complete"]:
        return STATES[build["results"]]
    return "running" if build.get("started_at") else "pending"
