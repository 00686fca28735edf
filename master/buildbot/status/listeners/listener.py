"""The base of listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from twisted.internet.defer import Deferred, fail
from zope.interface import implementer

from buildbot.errors import ConfigError
from buildbot.status.definition import Resource
from buildbot.status.listeners.heard import HAPPENED, METHODS
from buildbot.status.listeners.interfaces import IStatusListener


class NoSecrets:
    """Stands in where no host has given secrets."""

    def get(self, name: str) -> Deferred[str]:
        """Fails with ConfigError."""
        return fail(ConfigError(f"there is no secret {name!r}: no secrets providers are configured"))

    def masked(self, text: str) -> str:
        """There is nothing to hide."""
        return text


def unmade(listener: Any) -> ConfigError:
    """What is wrong with a listener that lacks what the base's ``__init__`` sets."""
    return ConfigError(f"{type(listener).__name__}: its __init__ does not call super().__init__()")


@implementer(IStatusListener)
class StatusListener:
    """Is told of what happens: a subclass defines methods of :data:`~buildbot.status.listeners.heard.METHODS`, and
    those are called.

    ::

        class Failures(StatusListener):
            async def buildFinished(self, build):
                if build.results == 2:
                    builder = await build.getBuilder()
                    await say(f"{builder.name} is broken")

    A method gets the record, which has typed getters. It may be plain, return a Deferred, or be a coroutine; what it
    raises makes that it is called again with the same, later. One that has an argument ``delivery`` gets the
    :class:`~buildbot.status.listeners.delivery.ListenerDelivery` there.
    """

    topics: Sequence[str] = ()
    """What else may be heard, in the words of ``subscribe``: ``["builders/linux/builds/*/finished", "changes/*/new"]``.
    A listener with topics has one method for all of it: ``happened(record, delivery)``."""
    filters: Mapping[str, Any] = {}
    """Which of the topics' events: ``{"results": 2}``, as of ``subscribe``; each topic must take all of them."""
    concurrency = 10
    """How many deliveries are handled at a time, at most."""
    timeout = 60.0
    """Seconds that one attempt may take; then it is cancelled, and has failed."""
    attempts = 20
    """How often a delivery is tried before it is parked: for nearly two hours."""
    status: Any = None
    """The connection that it is told over (:class:`~buildbot.status.interfaces.IStatusConnection`): for further
    questions, such as ``self.status.getBuilder("linux")``."""
    secrets: Any = NoSecrets()
    """``await self.secrets.get("token")`` asks the providers that ``c['secretsProviders']`` names."""
    buildbotURL = "http://localhost:8080/"
    """Where the pages are that links lead to, with a slash at its end: ``c['buildbotURL']``, unless the listener has
    one of its own."""
    title = "Buildbot"
    """What the Buildbot is called: ``c['title']``, unless the listener has one of its own."""

    def __init__(self, name: str | None = None) -> None:
        """``name``: under which it is remembered how far it is; by default the name of the class."""
        self.name = name or type(self).__name__

    def methods(self) -> Mapping[str, Any]:
        """See :class:`~buildbot.status.listeners.interfaces.IStatusListener`."""
        if self.topics:
            return self._methodForTopics()
        own = [name for name in dir(type(self)) if name not in dir(StatusListener) and not name.startswith("_")]
        for name in own:
            near = get_close_matches(name, METHODS, 1, 0.85)
            if name not in METHODS and near and callable(getattr(self, name)):
                raise ConfigError(f"{type(self).__name__}.{name} would never be called: did you mean {near[0]!r}?")
        found = {name: getattr(self, name) for name in own if name in METHODS}
        if not found:
            raise ConfigError(f"{type(self).__name__} hears nothing: it defines none of {', '.join(METHODS)}")
        return found

    def _methodForTopics(self) -> Mapping[str, Any]:
        others = [name for name in METHODS if hasattr(self, name)]
        if others:
            raise ConfigError(f"{type(self).__name__}.{others[0]} would never be called: with topics, {HAPPENED} is")
        if not hasattr(self, HAPPENED):
            raise ConfigError(
                f"{type(self).__name__} hears nothing: it has topics, and no {HAPPENED}(record, delivery)"
            )
        return {HAPPENED: getattr(self, HAPPENED)}

    def keyOf(self, record: Resource) -> Any:
        """What a delivery belongs to: those of one key are handled one after the other, in the order in which they
        happened, and while one fails, those after it wait.

        By default the build, for builds, steps and sets of test results; the step, for logs; else the thing itself. A
        text, or a Deferred or coroutine with one.
        """
        values = record.asDict()
        for name in ("buildid", "stepid"):
            if name in values:
                return f"{name[:-2]}s/{values[name]}"
        key = type(record).Key
        assert key is not None
        return f"{type(record).Plural}/{values[key.name]}"

    def eventsMissed(self, cursor: str) -> Any:
        """See :class:`~buildbot.status.listeners.interfaces.IStatusListener`."""
