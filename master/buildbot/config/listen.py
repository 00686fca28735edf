"""What a configuration file says of listeners: those in the server's process, and those beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from buildbot.config import values
from buildbot.config.file import ConfigFile, Section
from buildbot.errors import ConfigError

A_LISTENER = "a listener (an instance of a subclass of buildbot.status.listeners.StatusListener)"
A_REPORTER = f"a reporter of buildbot.plugins.reporters, or {A_LISTENER},"

# fmt: off
OF_A_MASTER = (
    "builders", "schedulers", "workers", "protocols", "change_source", "mq", "multiMaster",
    "properties", "collapseRequests", "codebaseGenerator", "prioritizeBuilders", "select_next_worker",
    "revlink", "changeHorizon", "logCompressionMethod", "logCompressionLimit", "logMaxSize", "logMaxTailSize",
    "logEncoding", "validation", "caches", "projects", "codebases", "machines",
    "configurators", "manhole", "metrics", "user_managers",
)
# fmt: on
"""Keys of master.cfg that say how things are built."""
# fmt: off
OF_A_SERVER = (
    "db", "db_url", "www", "titleURL", "status_pb", "status_state", "status_token", "status_events", "status_keep",
    "status_limits",
)
# fmt: on
"""Keys of ``buildbot attach``'s file that say what is served, and how."""


@attrs.frozen
class Listening:
    """Who listens, and what may be asked for secrets."""

    listeners: Sequence[Any] = ()
    """:class:`buildbot.status.listeners.interfaces.IStatusListener`, of ``status`` and ``services``."""
    secrets: Any = None
    """:class:`buildbot.config.secrets.Secrets`; None where nobody listens."""


def settings(path: str) -> Listening:
    """The file of ``buildbot listen``. Raises ConfigError, which names the file, the line and the key of everything
    that cannot be used."""
    file = ConfigFile.run(path)
    top = Section(file, file.values)
    found = listenersOf(top)
    introduce(found.listeners, top.take("buildbotURL", values.textOrNone), top.take("title", values.text))
    for key in OF_A_MASTER:
        if top.drop(key):
            top.problem(key, f"{key} is for the master that builds: leave it out")
    for key in OF_A_SERVER:
        if top.drop(key):
            top.problem(key, f"{key} is for the server, and what is asked here knows it: leave it out")
    top.drop("buildbotNetUsageData")  # nothing is ever sent from here
    top.end()
    if not found.listeners and not file.problems:
        file.problem([], "nobody would listen: c['status'] is to be a list of listeners")
    file.check()
    return found


def listenersOf(top: Section) -> Listening:
    """The keys ``status``, ``services`` and ``secretsProviders``."""
    status = top.take("status", _listeners, (), secret=True)
    services = top.take("services", _reporters, (), secret=True)
    providers = top.take("secretsProviders", _providers, (), secret=True)
    listeners = (*status, *services)
    if status and services:
        _checked(top, listeners)
    if not listeners:
        return Listening()
    # Imported only where there are any.
    from buildbot.config.secrets import Secrets

    return Listening(listeners, Secrets(providers))


def introduce(listeners: Sequence[Any], buildbotURL: str | None, title: str | None) -> None:
    """Tell listeners where pages are and what the Buildbot is called, but for what they say themselves."""
    given = {"buildbotURL": buildbotURL and f"{buildbotURL.rstrip('/')}/", "title": title}
    for listener in listeners:
        for name, value in given.items():
            if value and hasattr(listener, name) and name not in vars(listener):
                setattr(listener, name, value)


def _checked(top: Section, listeners: Sequence[Any]) -> None:
    from buildbot.status.listeners.host import check

    try:
        check(listeners)
    except ConfigError as error:
        top.problem("services", str(error))


def _listeners(value: Any) -> Sequence[Any]:
    return _told(value, A_LISTENER)


def _reporters(value: Any) -> Sequence[Any]:
    return _told(value, A_REPORTER)


def _told(value: Any, expected: str) -> Sequence[Any]:
    """A list of listeners that can be told something. Raises ValueError, ConfigError."""
    from buildbot.status.listeners.host import check
    from buildbot.status.listeners.interfaces import IStatusListener

    if not isinstance(value, (list, tuple)):
        raise ValueError("a list of listeners")
    for number, each in enumerate(value):
        if not IStatusListener.providedBy(each):
            raise ConfigError(f"{_entry(number, each)}; {expected} is expected: nothing else runs here")
    check(value)
    return tuple(value)


def _providers(value: Any) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("a list of providers of buildbot.plugins.secrets")
    for number, each in enumerate(value):
        if isinstance(each, type) or not callable(getattr(each, "get", None)) or isinstance(each, dict):
            raise ConfigError(
                f"{_entry(number, each)}; a provider such as secrets.SecretInAFile('/etc/buildbot/secrets') is expected"
            )
    return tuple(value)


def _entry(number: int, value: Any) -> str:
    kind = f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"
    return f"entry {number + 1} is {kind}"
