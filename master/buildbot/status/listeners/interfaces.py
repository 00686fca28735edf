"""What a listener is to its host, and what remembers how far each one is."""
# mypy: allow-subclassing-any, disable-error-code="empty-body,misc"

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from buildbot.db.writes.transaction import Transaction
    from buildbot.status.definition import Resource
    from buildbot.status.listeners.delivery import Kept, Remembered

T = TypeVar("T")


class IStatusListener(Interface):
    """Is told of what happens, at least once and in order for each key.

    :class:`buildbot.status.listeners.StatusListener` is a base that has all of this but the methods.
    """

    name = Attribute("Under which it is remembered how far it is; unique among the listeners of a state file.")
    status = Attribute(
        "The :class:`~buildbot.status.interfaces.IStatusConnection` that it is told over; its host sets it."
    )
    secrets = Attribute(
        "Knows the operator's secrets: ``get(name)`` fires with a text or fails with "
        ":class:`~buildbot.errors.ConfigError`, ``masked(text)`` is the text without those that were asked for. Its "
        "host sets it."
    )
    topics = Attribute("What it hears, in the words of ``subscribe``; empty: what its methods stand for.")
    filters = Attribute("Which of the topics' events, by parameter of ``subscribe``; empty: all.")
    concurrency = Attribute("How many deliveries it handles at a time, at most.")
    timeout = Attribute("Seconds that one attempt may take.")
    attempts = Attribute("How often a delivery is tried before it is parked.")

    def methods() -> Mapping[str, Any]:
        """What it wants to hear: its methods, by names of :data:`buildbot.status.listeners.heard.METHODS`. Raises
        ConfigError if that makes no sense."""

    def keyOf(record: Resource) -> Any:
        """What a delivery belongs to, a text, or a Deferred or coroutine with one: those of one key are handled one
        after the other, in the order in which they happened."""

    def eventsMissed(cursor: str) -> Any:
        """What happened between the place where it was and ``cursor`` is not kept any more, and it is not told of it.
        Nothing waits for what this returns, and it is called once."""


class IListenerMemory(Interface):
    """Remembers how far listeners are, and what they have still to handle. The methods return Deferreds."""

    problem = Attribute("Why nothing can be stored at the moment, in words that anybody may read; None while it can.")

    def open() -> Deferred[None]:
        """Before all else. Fails with :class:`~buildbot.errors.ConfigError`, which says what would be right."""

    def load(listener: str) -> Deferred[Remembered]:
        """What is remembered of the listener with that name, parked deliveries excepted. From now on this process runs
        it."""

    def store(listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[tuple[str, str]]) -> Deferred[None]:
        """All of it or nothing: the listener's cursor, deliveries to keep, in place of older rows of the same, and
        those to drop, by their ``id``. When this fires, it is on the disk."""

    def run(name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """Call ``fn(tx)``, such as the functions of :mod:`buildbot.db.writes.consumers`, in one transaction; fires with
        what it returns once that is on the disk. ``name`` is for logs. Fails as
        :meth:`~buildbot.db.writer.Writer.run`."""

    def close() -> Deferred[None]:
        """After all else."""
