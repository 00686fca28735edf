"""What a plugin author may rely on, whatever language a connection speaks."""
# mypy: allow-subclassing-any, disable-error-code="empty-body,misc"

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from buildbot.errors import StatusError
    from buildbot.status.answer import Answer
    from buildbot.status.streams import OpenStream


class IStatusConnection(Interface):
    """One end of a language: the service in the process, Perspective Broker, or HTTP JSON.

    The same call gives the same records, the same ``meta`` and the same errors over each. Every method returns a
    Deferred at once, which fires on the reactor's thread. It fails with a :class:`~buildbot.errors.StatusError` and
    nothing else, but for :class:`~twisted.internet.defer.CancelledError` after its own ``cancel()``: that stops the
    reading on the server as well. Where the connection has a time-out,
    :class:`~buildbot.errors.DeadlineExceeded` is what a call fails with that took longer.

    The typed getters (:mod:`buildbot.status.getters`) come on top: ``connection.getBuilder("linux")``.
    """

    def get(path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:
        """Ask for what a path names: ``get("builders/linux/builds", limit=10, order="-number")``.

        Paths are those below ``/api/v2/``; what a name holds of slashes and per cent signs is percent-encoded in them.
        A query's values are texts, numbers, booleans, or lists of them. Names that are no Python words go into
        ``query``: ``{"builds.limit": 5}``. A path may bring a query of its own, so that ``get(answer.meta["next"])``
        goes on where an answer ends.

        Fires with an :class:`~buildbot.status.answer.Answer`: immutable records in order, ``meta``, and the cursor that
        they were read at, None where there is no event stream. One thing is an answer with one record; that it does not
        exist is :class:`~buildbot.errors.NotFound`, whereas a list below it is empty. With ``min_cursor``, an answer is
        not older than that cursor: it is waited for, and fails with :class:`~buildbot.errors.DeadlineExceeded` after
        30 s.
        """

    def getMany(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Deferred[Sequence[Answer | StatusError]]:
        """Several calls, ``(path, query)`` each, at most 100, answered from one state of the database.

        Fires with as many results in the same order: an answer, or the error that this one call met. Fails only where
        nothing could be asked at all.
        """

    def open(path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[OpenStream]:
        """The bytes of a path that answers with bytes, such as ``logs/7/raw``.

        Fires with an :class:`~buildbot.status.streams.OpenStream`, to iterate over. Fails as :meth:`get`
        does, and with :class:`~buildbot.errors.NotAvailable` for a path that answers with records, as :meth:`get` does
        for one that answers with bytes.
        """

    def subscribe(topic: str | Sequence[str], /, since: str | None = None, **query: Any) -> Deferred[Any]:
        """Be told of what happens: ``subscribe("builders/linux/builds/*/finished", since=answer.cursor, results=2)``.

        A topic is a path to one thing, in which any value may be ``*``, and then an event or ``*``. ``since`` is the
        cursor of an answer or of a delivery: what comes is everything after it, in order, once; without it, what
        happens from now on. A query holds filters, and ``field``: a record that met the filters, and does not any more,
        comes once more as one that has ``left``. Several topics make one subscription, in the one order in which things
        happen, with one cursor; what happened comes once, under the first topic that it is of. Filters and fields are
        then such as the type of each topic has.

        ``expand`` and ``property`` bring what is there when it is delivered, not when it happened.

        With ``conflate=True``, what has happened since the cursor comes as each thing's newest state, once, in order
        of what happened to them last, with the oldest value of what has changed; and so, again and again, does what
        happens later. Whoever goes on in the middle of that gets it anew: until its end, the cursor is where it began.

        With ``content=True``, deliveries of appends to logs have the text of their lines in ``extra``: each line once,
        in pieces of some 64 KiB, to go on from any of them.

        Fires with a subscription: ``await subscription.next()`` gives the next deliveries as soon as there are any,
        ``close()`` ends it; see :class:`buildbot.status.events.subscription.Subscription`. Fails with
        :class:`~buildbot.errors.Gone` for a cursor whose following is not kept any more, and with
        :class:`~buildbot.errors.NotAvailable` where there is no log of events.
        """

    def act(path: str, action: str, **arguments: Any) -> Deferred[Any]:
        """Do something to the one thing that a path names: ``act("consumers/mail", "seek", time=1790000000)``. What a
        type's actions are, and which arguments they take, its definition says; all are values of JSON.

        Fires with the action's result, a value of JSON, None for most, once it has taken effect and is stored. Fails
        with :class:`~buildbot.errors.Unauthenticated` for somebody who is not known, which over HTTP is who sends no
        token; with :class:`~buildbot.errors.Forbidden` where the server can do nothing to things of this type; with
        :class:`~buildbot.errors.BadQuery` for arguments, of which it says what would be right. An action that is under
        way goes on when its Deferred is cancelled, or the connection lost.
        """

    def close() -> Deferred[None]:
        """End it. What is under way fails with :class:`~buildbot.errors.Disconnected`, and so does what is asked later.
        Fires when nothing of it is left. Closing twice is allowed. The service in the process has nothing to close, and
        goes on."""
