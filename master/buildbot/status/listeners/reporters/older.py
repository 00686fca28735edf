"""Arguments that reporters had before there were generators: those of configurations that began with Buildbot 0.9."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters.about import Wants
from buildbot.status.listeners.reporters.formatters import MessageFormatter, MessageFormatterFunction
from buildbot.status.listeners.reporters.formatters import MessageFormatterRenderable as Renderable
from buildbot.status.listeners.reporters.generators import (
    BuildSetStatusGenerator,
    BuildStartEndStatusGenerator,
    BuildStatusGenerator,
    Generator,
    WorkerMissingGenerator,
)

Given = Mapping[str, Any]
Generators = Sequence[Generator] | None
_FILTERS = ("tags", "builders", "schedulers", "branches")


def forCommits(reporter: Any, given: Given, generators: Generators) -> Generators:
    """``startDescription`` and ``endDescription``, which may be renderables."""
    if not _check(reporter, given, generators, "startDescription", "endDescription", "builders", "wantProperties"):
        return generators
    start = Renderable(given.get("startDescription") or "Build started.")
    end = Renderable(given.get("endDescription") or "Build done.")
    return [BuildStartEndStatusGenerator(**_some(given, "builders"), start_formatter=start, end_formatter=end)]


def forHttp(reporter: Any, given: Given, generators: Generators) -> Generators:
    """``format_fn``, which makes of a build what is sent, and what it wants to know."""
    wants = ("wantProperties", "wantSteps", "wantLogs", "wantPreviousBuild")
    if not _check(reporter, given, generators, "format_fn", "builders", *wants):
        return generators
    function = given.get("format_fn") or (lambda build: build)
    steps, logs = bool(given.get("wantSteps")), bool(given.get("wantLogs"))
    made = MessageFormatterFunction(lambda c: function(c["build"]), "json", want_steps=steps or logs, want_logs=logs)
    made.wants |= Wants(previous=bool(given.get("wantPreviousBuild")))
    return [BuildStartEndStatusGenerator(**_some(given, "builders"), start_formatter=made, end_formatter=made)]


def forMail(reporter: Any, given: Given, generators: Generators) -> Generators:
    """Which builds, and what is said of them."""
    more = ("addLogs", "addPatch", "buildSetSummary", "messageFormatter", "messageFormatterMissingWorker")
    if not _check(reporter, given, generators, "mode", *_FILTERS, *more, "watchedWorkers"):
        return generators
    content = given.get("addLogs") or False
    said = given.get("messageFormatter") or MessageFormatter(want_logs_content=content)
    cls: Any = BuildSetStatusGenerator if given.get("buildSetSummary") else BuildStatusGenerator
    chosen = _some(given, "mode", *_FILTERS)
    missing = given.get("messageFormatterMissingWorker")
    return [
        cls(**chosen, add_patch=bool(given.get("addPatch", True)), message_formatter=said),
        WorkerMissingGenerator(given.get("watchedWorkers", "all"), missing),
    ]


def _some(given: Given, *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _check(reporter: Any, given: Given, generators: Generators, *known: str) -> bool:
    """Whether some are given. Raises ConfigError for what is none of them, and for generators beside them."""
    cls = type(reporter)
    for name in given:
        if name not in known:
            now = [each for each in inspect.signature(cls).parameters if each != "older"]
            near = get_close_matches(name, (*now, *known), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(now)}"
            raise ConfigError(f"{cls.__name__} has no argument {name!r}: {hint}")
    if given and generators is not None:
        raise ConfigError(f"{cls.__name__}: {', '.join(given)}: said by generators, which are there as well")
    if given:
        text = f"{cls.__name__}: {', '.join(given)}: generators= says the same since Buildbot 3"
        warnings.warn(text, DeprecationWarning, stacklevel=4)
    return bool(given)
