"""What every connection can do, whatever language it speaks: typed getters, and what is declared but not there yet.

``status.getBuilder("linux")`` and ``status.getBuilders(limit=5)`` are made from the definitions
(:mod:`buildbot.status.getters`); ``builder.getBuilds()`` is the relation itself. All that are asked in one turn of the
reactor become one batch::

    builds = await builder.getBuilds(limit=20)
    steps = await gatherResults([build.getSteps() for build in builds])      # one message, one snapshot

A getter fires with records and drops what else an answer holds; ``get`` has ``meta``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.python.failure import Failure

from buildbot.errors import BadQuery, DeadlineExceeded, Gone, NotAvailable, NotFound, StatusError
from buildbot.status.addresses import Addresses
from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.coalesce import Coalescer
from buildbot.status.definition import Relation, Resource
from buildbot.status.getting import builds, site
from buildbot.status.level import Level
from buildbot.status.streams import OpenStream

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


class StatusObjects:
    """The base of everything that provides :class:`~buildbot.status.interfaces.IStatusConnection`."""

    def __init__(self, catalogue: Catalogue, reactor: Any, timeout: float | None = None) -> None:
        """``timeout``: seconds that a call may take; None: as long as it takes."""
        self.catalogue = catalogue
        self.clock, self._timeout = reactor, timeout
        self._addresses = Addresses(catalogue)
        self._coalescer = Coalescer(self, reactor)

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        raise NotImplementedError

    def getMany(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Deferred[Sequence[Answer | StatusError]]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        raise NotImplementedError

    def open(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[OpenStream]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        raise NotImplementedError

    def subscribe(self, topic: str, /, since: str | None = None, **query: Any) -> Deferred[Any]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        return fail(NotAvailable("subscribe is not available here"))

    def act(self, path: str, action: str, **arguments: Any) -> Deferred[Any]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        raise NotImplementedError

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        return succeed(None)

    def generateFinishedBuilds(
        self,
        builders: Sequence[int | str] | None = None,
        branches: Sequence[str] | None = None,
        num_builds: int | None = None,
        max_buildnum: int | None = None,
        finished_before: int | None = None,
        results: Sequence[int] | None = None,
        **query: Any,
    ) -> AsyncIterator[Any]:
        """See :func:`buildbot.status.getting.builds.generateFinishedBuilds`."""
        return builds.generateFinishedBuilds(
            self, builders, branches, num_builds, max_buildnum, finished_before, results, query
        )

    def getTitle(self) -> Deferred[str]:
        """What the installation is called: ``title`` of the server's configuration."""
        return self._site().addCallback(lambda site: site.title)

    def getTitleURL(self) -> Deferred[str | None]:
        """Where its title leads: ``titleURL``."""
        return self._site().addCallback(lambda site: site.title_url)

    def getBuildbotURL(self) -> Deferred[str | None]:
        """Where browsers find it: ``buildbotURL``; None where the server's configuration does not say."""
        return self._site().addCallback(lambda site: site.buildbot_url)

    def _site(self) -> Deferred[Any]:
        return self._coalescer.ask("site", {}).addCallback(_record)

    def getURLForThing(self, thing: Resource) -> Deferred[str | None]:
        """Where Buildbot's web pages show a record. None where ``buildbotURL`` is not known, and for what has no page.
        What a build, request, builder, worker, master, change or project takes is asked once; a step's or log's also
        reads what it is part of."""
        return Deferred.fromCoroutine(site.urlOf(self, thing))

    def again(self, record: R, query: Mapping[str, Any]) -> Deferred[R]:
        """A record, read again; as a getter of one."""
        return self.look(record, query).addCallback(_record)

    def look(self, record: Resource, query: Mapping[str, Any] | None = None) -> Deferred[Answer]:
        """As :meth:`again`, with what else an answer holds. Raises AttributeError where the fields that the record's
        address takes were not sent."""
        return self._coalescer.ask(self._addresses.of(record), query or {})

    def subscribeTo(self, record: Resource, event: str, since: str | None, query: Mapping[str, Any]) -> Deferred[Any]:
        """Be told of what happens to the thing that a record is of. Raises AttributeError for one of a type that has no
        events, and where its address was not sent."""
        if not record.Topics:
            raise AttributeError(f"{record!r}: nothing is announced of {record.Plural}")
        return self.subscribe(f"{self._addresses.of(record)}/{event}", since, **query)

    def untilFinished(self, record: R) -> Deferred[R]:
        """Fires with the record as it is once its thing is complete. Raises AttributeError for what has no end."""
        level = Level.of(type(record))
        if level is None or level.end is None:
            raise AttributeError(f"{record!r}: one of {record.Plural} is never complete, so nothing is to wait for")
        self._addresses.of(record)
        return Deferred.fromCoroutine(self._untilFinished(record, level.end))

    async def _untilFinished(self, record: R, end: str) -> R:
        while True:
            answer = await self.look(record)
            found: Any = answer.one
            if found.complete:
                return found  # type: ignore[no-any-return]  # one of the record's own type
            try:
                subscription = await self.subscribeTo(record, end, answer.cursor, {})
                try:
                    return (await subscription.next())[-1].record  # type: ignore[no-any-return]  # as above
                finally:
                    subscription.close()
            except Gone:
                pass  # It waited for longer than events are kept: look again.

    def follow(self, record: Resource, relation: Relation[Any], query: Mapping[str, Any]) -> Deferred[Sequence[Any]]:
        """What a relation leads to from a record: fires with a tuple. Raises AttributeError where the fields that the
        record's address takes were not sent."""
        asked = self.below(record, relation.word, query)
        return asked if relation.many else asked.addErrback(_nothing)

    def below(self, record: Resource, word: str, query: Mapping[str, Any]) -> Deferred[Sequence[Any]]:
        """What a path below a record's own names; as :meth:`follow`."""
        return self._coalescer.ask(f"{self._addresses.of(record)}/{word}", query).addCallback(_records)

    def openBelow(self, record: Resource, word: str, query: Mapping[str, Any]) -> Deferred[OpenStream]:
        """Bytes that hang below a record. Raises AttributeError where there are none, or its address was not sent."""
        return self.open(f"{self._addresses.of(record)}/{word or self._bytesOf(type(record))}", query)

    def _bytesOf(self, cls: type[Resource]) -> str:
        start = f"{{{cls.Name}}}/"
        for endpoint in (endpoint for each in self.catalogue.types.values() for endpoint in each.Endpoints):
            if endpoint.raw and endpoint.paths.startswith(start):
                return endpoint.paths.removeprefix(start)
        raise AttributeError(f"{cls.__name__}: nothing below it answers with bytes")

    def timed(self, call: Deferred[T]) -> Deferred[T]:
        """A call, stopped when its time is up."""
        if self._timeout is not None:
            call.addTimeout(self._timeout, self.clock, _late)
        return call

    def _one(self, cls: type[R], address: Sequence[int | str], query: Mapping[str, Any]) -> Deferred[R]:
        try:
            path = self._addresses.path(cls, address)
        except BadQuery as error:
            return fail(error)
        one: Deferred[R] = self._coalescer.ask(path, query).addCallback(_record)
        return one

    def _list(self, path: str, query: Mapping[str, Any]) -> Deferred[Sequence[Any]]:
        return self._coalescer.ask(path, query).addCallback(_records)


def _late(result: Any, timeout: float) -> Any:
    """What a call that had to be stopped after ``timeout`` seconds fails with."""
    if isinstance(result, Failure) and result.check(CancelledError):
        raise DeadlineExceeded(f"no answer within {timeout:g} s", timeout=timeout)
    return result


def _record(answer: Answer) -> Any:
    return answer.one


def _records(answer: Answer) -> Sequence[Any]:
    return answer.records


def _nothing(failure: Failure) -> Sequence[Any]:
    failure.trap(NotFound)
    return ()
