"""What a plugin author may rely on, whatever the language that a connection speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from buildbot.errors import StatusError
    from buildbot.status.answer import Answer


class IStatusConnection(Interface):
    """One end of a language: the in-process service, Perspective Broker, or HTTP JSON.

    The same call gives the same records, the same ``meta`` and the same errors over each. Every method returns at once
    with a Deferred, which fires on the reactor's thread. It fails with a :class:`~buildbot.errors.StatusError` and
    nothing else, but for :class:`~twisted.internet.defer.CancelledError` after its own ``cancel()``. That stops the
    reading on the server as well.
    """

    def get(path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:  # type: ignore[misc]
        """Ask for what a path names: ``get("builders/linux/builds", limit=10, order="-number")``.

        Paths are those of ``/api/v2``, without a slash in front; a name is percent-encoded where it holds a slash. A
        query's values are texts, numbers, booleans, or lists of them. Names that are no Python words go into ``query``:
        ``{"builds.limit": 5}``.

        Fires with an :class:`~buildbot.status.answer.Answer`: immutable records in order, ``meta``, and the cursor they
        were read at (None where there is no event stream). One thing is an answer with one record; that it does not
        exist is :class:`~buildbot.errors.NotFound`, whereas a list below it is empty.
        """

    def getMany(  # type: ignore[misc]
        calls: Sequence[tuple[str, Mapping[str, Any]]],
    ) -> Deferred[Sequence[Answer | StatusError]]:
        """Several calls, ``(path, query)`` each, answered in one snapshot of the database; at most 100.

        Fires with as many results in the same order: an answer, or the error that this one call met. Fails only where
        nothing could be asked at all.
        """

    def subscribe(topic: str, since: str | None = None, **query: Any) -> Deferred[Any]:  # type: ignore[misc]
        """Be told of events. Declared; fails with :class:`~buildbot.errors.NotAvailable` until events come."""

    def act(path: str, action: str, **arguments: Any) -> Deferred[Any]:  # type: ignore[misc]
        """Do something to a thing. Declared; fails with :class:`~buildbot.errors.NotAvailable` until actions come."""

    def close() -> Deferred[None]:  # type: ignore[misc]
        """End it: what is under way fails with :class:`~buildbot.errors.Disconnected`, as does what is asked later.
        Fires when nothing of it is left, connection included. Closing twice is allowed."""
