"""What is reported, and when: generators make reports of what has happened, with a formatter."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import attrs

from buildbot.config.rendering import awaited
from buildbot.errors import ConfigError
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.reporters.about import About, Wants
from buildbot.status.listeners.reporters.filters import Filters, Mode
from buildbot.status.listeners.reporters.formatters import (
    Message,
    MessageFormatter,
    MessageFormatterBase,
    MessageFormatterMissingWorker,
    MessageFormatterRenderable,
)
from buildbot.status.results import RESULTS

Report = dict[str, Any]
"""``body``, ``subject``, ``type``, ``extra_info``, ``results``, ``builds``, ``buildset``, ``users``, ``patches`` and
``logs``; of a worker that is missing also ``worker``, and None for what is of builds. Beside what Buildbot's has:
``abouts``, the :class:`~buildbot.status.listeners.reporters.about.About` of each build, ``cursor``, which names the
event, at each attempt the same, ``isSuperseded`` as in :class:`Occasion`, and ``isStale``: somebody has asked to have a
beginning told once more, and the end has come since."""
DEFAULT_MODE = ("failing", "passing", "warnings")


@attrs.frozen
class Occasion:
    """What has happened, and all that is known of it."""

    method: str
    """What a listener is called for: ``buildFinished``."""
    abouts: Sequence[About] = ()
    """The build, the request, or the builds of the set."""
    buildset: dict[str, Any] | None = None
    worker: dict[str, Any] | None = None
    hasBuilds: bool = False
    """Of a request: it has a build, other than such as are tried again."""
    isSuperseded: bool = False
    """Of a request that is complete: there is a newer one for the same builder and sources."""

    @property
    def isStale(self) -> bool:
        """It tells of a beginning, and the end has come since."""
        return any(about.isOver and not about.build["complete"] for about in self.abouts)


class Generator:
    """A base of generators."""

    methods: Sequence[str] = ()
    """What it is told of."""
    wants = Wants()
    """What it must know of builds."""

    def mayReport(self, delivery: ListenerDelivery) -> bool:
        """False if there is nothing to be said of this, whatever else is known."""
        return True

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """The report, or None."""
        raise NotImplementedError


def formatter(given: Any, default: MessageFormatterBase, name: str) -> MessageFormatterBase:
    """The formatter that was given. Raises ConfigError for what is none."""
    if given is None:
        return default
    if not isinstance(given, MessageFormatterBase):
        raise ConfigError(f"{name}={given!r}: a formatter is expected, such as MessageFormatter()")
    return given


def wanted(formatter: MessageFormatterBase, add_logs: Any) -> Wants:
    """What a formatter wants, and what its generator does."""
    if add_logs is None:
        return formatter.wants
    warnings.warn("add_logs: give the formatter want_logs_content instead", DeprecationWarning, stacklevel=4)
    content = add_logs if isinstance(add_logs, bool) else frozenset(add_logs)
    return formatter.wants | Wants(content=content)


def reportOf(message: Message, abouts: Sequence[About], wants: Wants, add_patch: bool, results: int | None) -> Report:
    """A report about builds."""
    stamps = [stamp for about in abouts[:1] for stamp in about.stamps]
    return {
        **message,
        "results": results,
        "builds": [about.view(wants) for about in abouts],
        "abouts": abouts,
        "buildset": abouts[0].build["buildset"],
        "users": sorted({user for about in abouts for user in about.users}),
        "patches": [stamp["patch"] for stamp in stamps if stamp["patch"] is not None] if add_patch else [],
        "logs": [log for about in abouts for log in about.logs] if wants.content else [],
    }


class BuildGenerator(Generator):
    """A base of those that speak of single builds."""

    def __init__(self, tags: Any, builders: Any, schedulers: Any, branches: Any, add_patch: bool) -> None:
        self.filters = Filters(tags, builders, schedulers, branches)
        self.filters.check(type(self).__name__)
        self.add_patch = add_patch
        self.mode: Mode = Mode(())

    async def ofBuild(
        self, reporter: Any, formatter: MessageFormatterBase, about: About, *, is_buildset: bool = False
    ) -> Report:
        """What a formatter says of a build, as a report."""
        view = about.view(self.wants)
        made = formatter.format_message_for_build(
            reporter, view, about=about, mode=self.mode.words, is_buildset=is_buildset
        )
        message = await awaited(made)
        return reportOf(message, [about], self.wants, self.add_patch, about.build["results"])


class BuildStatusGenerator(BuildGenerator):
    """Reports builds that have ended in certain ways; with ``report_new`` their beginnings, and then every end, so that
    nothing that was said to have begun stays so."""

    def __init__(
        self,
        mode: str | Sequence[str] = DEFAULT_MODE,
        tags: Sequence[str] | None = None,
        builders: Sequence[str] | None = None,
        schedulers: Sequence[str] | None = None,
        branches: Sequence[str | None] | None = None,
        add_logs: bool | Sequence[str] | None = None,
        add_patch: bool = False,
        report_new: bool = False,
        message_formatter: MessageFormatterBase | None = None,
    ) -> None:
        """``mode``: ``all``, or some of ``failing``, ``passing``, ``warnings``, ``exception``, ``cancelled``,
        ``problem`` (fails, and the one before did not), ``change`` (ended otherwise than the one before)."""
        super().__init__(tags, builders, schedulers, branches, add_patch)
        self.mode, self.report_new = Mode.of(mode), report_new
        self.formatter = formatter(message_formatter, MessageFormatter(), "message_formatter")
        self.methods = ("buildStarted", "buildFinished") if report_new else ("buildFinished",)
        self.wants = wanted(self.formatter, add_logs) | Wants(previous=self.mode.compares)

    def mayReport(self, delivery: ListenerDelivery) -> bool:
        """See :class:`Generator`."""
        return self.report_new or self.mode.mayMatch(delivery.record.asDict()["results"])

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        [about] = occasion.abouts
        build = about.build
        if not self.filters.match(about):
            return None
        if not self.report_new and not self.mode.matches(build["results"], build.get("prev_build")):
            return None
        return await self.ofBuild(reporter, self.formatter, about)


class BuildStartEndStatusGenerator(BuildGenerator):
    """Reports the beginning and the end of each build."""

    methods = ("buildStarted", "buildFinished")

    def __init__(
        self,
        tags: Sequence[str] | None = None,
        builders: Sequence[str] | None = None,
        schedulers: Sequence[str] | None = None,
        branches: Sequence[str | None] | None = None,
        add_logs: bool | Sequence[str] | None = None,
        add_patch: bool = False,
        start_formatter: MessageFormatterBase | None = None,
        end_formatter: MessageFormatterBase | None = None,
    ) -> None:
        super().__init__(tags, builders, schedulers, branches, add_patch)
        self.start = formatter(start_formatter, MessageFormatterRenderable("Build started."), "start_formatter")
        self.end = formatter(end_formatter, MessageFormatterRenderable("Build done."), "end_formatter")
        self.wants = wanted(self.start, add_logs) | wanted(self.end, None)

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        [about] = occasion.abouts
        if not self.filters.match(about):
            return None
        return await self.ofBuild(reporter, self.end if about.build["complete"] else self.start, about)


class BuildRequestGenerator(BuildGenerator):
    """Reports requests that wait, and those that have ended without a build: cancelled, or needless because of a newer
    one."""

    methods = ("requestSubmitted", "requestFinished")

    def __init__(
        self,
        tags: Sequence[str] | None = None,
        builders: Sequence[str] | None = None,
        schedulers: Sequence[str] | None = None,
        branches: Sequence[str | None] | None = None,
        add_patch: bool = False,
        formatter: MessageFormatterBase | None = None,
    ) -> None:
        super().__init__(tags, builders, schedulers, branches, add_patch)
        if formatter is not None and not isinstance(formatter, MessageFormatterBase):
            raise ConfigError(f"formatter={formatter!r}: a formatter is expected")
        self.formatter = formatter

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        [about] = occasion.abouts
        # The end of one that has a build is told by what tells of builds.
        if not self.filters.match(about) or (about.build["complete"] and occasion.hasBuilds):
            return None
        return await self.ofBuild(reporter, self.formatter or self._default(about.build), about)

    @staticmethod
    def _default(build: dict[str, Any]) -> MessageFormatterBase:
        if not build["complete"]:
            return MessageFormatterRenderable("Build pending.")
        return MessageFormatterRenderable(f"Build {RESULTS[build['results']]}.")


class BuildSetStatusGenerator(BuildGenerator):
    """Reports a buildset that is complete, in one report about all of its builds that ended in certain ways."""

    methods = ("buildsetFinished",)

    def __init__(
        self,
        mode: str | Sequence[str] = DEFAULT_MODE,
        tags: Sequence[str] | None = None,
        builders: Sequence[str] | None = None,
        schedulers: Sequence[str] | None = None,
        branches: Sequence[str | None] | None = None,
        subject: str | None = None,
        add_logs: bool | Sequence[str] | None = None,
        add_patch: bool = False,
        message_formatter: MessageFormatterBase | None = None,
    ) -> None:
        """``subject`` is accepted because Buildbot does, and has no effect: the formatter's is taken."""
        super().__init__(tags, builders, schedulers, branches, add_patch)
        self.mode = Mode.of(mode)
        self.formatter = formatter(message_formatter, MessageFormatter(), "message_formatter")
        self.wants = wanted(self.formatter, add_logs) | Wants(previous=self.mode.compares)

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        abouts = [
            about
            for about in occasion.abouts
            if self.filters.match(about) and self.mode.matches(about.build["results"], about.build.get("prev_build"))
        ]
        if not abouts:
            return None
        made = [await self.ofBuild(reporter, self.formatter, about, is_buildset=True) for about in abouts]
        first = made[0]
        extra: dict[str, Any] = {}
        for each in made:
            for name, values in (each["extra_info"] or {}).items():
                extra[name] = {**values, **extra.get(name, {})}
        assert occasion.buildset is not None
        report = reportOf(first, abouts, self.wants, self.add_patch, occasion.buildset["results"])
        bodies = [each["body"] for each in made if each["body"]]
        whole = "".join(bodies) if all(isinstance(body, str) for body in bodies) else bodies
        return {**report, "body": whole or None, "extra_info": extra or None, "buildset": occasion.buildset}


class BuildSetCombinedStatusGenerator(Generator):
    """Reports every buildset that is complete, also one that never had a build."""

    methods = ("buildsetFinished",)

    def __init__(self, message_formatter: MessageFormatterBase) -> None:
        if isinstance(message_formatter, MessageFormatterRenderable):
            raise ConfigError(
                "message_formatter: MessageFormatterRenderable says something of builds, not of buildsets"
            )
        self.formatter = formatter(message_formatter, message_formatter, "message_formatter")
        self.wants = self.formatter.wants

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        buildset, abouts = occasion.buildset, occasion.abouts
        assert buildset is not None
        builds = [about.view(self.wants) for about in abouts]
        message = await awaited(self.formatter.format_message_for_buildset(reporter, buildset, builds, abouts=abouts))
        return {
            **message,
            "results": buildset["results"],
            "builds": builds,
            "abouts": abouts,
            "buildset": buildset,
            "users": [],
            "patches": [],
            "logs": [log for about in abouts for log in about.logs] if self.wants.content else [],
        }


class WorkerMissingGenerator(Generator):
    """Reports workers that have been away for too long, to those whom they name in ``notify_on_missing``."""

    methods = ("workerMissing",)

    def __init__(
        self, workers: str | Sequence[str] = "all", message_formatter: MessageFormatterMissingWorker | None = None
    ) -> None:
        if workers != "all" and not isinstance(workers, (list, tuple, set, frozenset)):
            raise ConfigError(f"workers={workers!r}: 'all', or a list of names is expected")
        if message_formatter is not None and not isinstance(message_formatter, MessageFormatterMissingWorker):
            raise ConfigError("message_formatter: a MessageFormatterMissingWorker is expected")
        self.workers = workers
        self.formatter = message_formatter or MessageFormatterMissingWorker()

    async def generate(self, reporter: Any, occasion: Occasion) -> Report | None:
        """See :class:`Generator`."""
        worker = occasion.worker
        assert worker is not None
        if not worker["notify"] or (self.workers != "all" and worker["name"] not in self.workers):
            return None
        return {
            **await self.formatter.formatWorker(reporter, worker),
            "results": None,
            "builds": None,
            "abouts": [],
            "buildset": None,
            "users": list(worker["notify"]),
            "patches": None,
            "logs": None,
            "worker": worker["name"],
        }
