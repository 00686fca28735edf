"""A base of reporters: listeners that say in another place what their generators report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from buildbot.config.rendering import Known, awaited
from buildbot.errors import BadQuery, ConfigError, NotFound, StatusError, TooLarge
from buildbot.status.definition import Resource
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.heard import METHODS
from buildbot.status.listeners.listener import StatusListener, unmade
from buildbot.status.listeners.outcomes import Parked, RetryAfter
from buildbot.status.listeners.reporters.about import Wants
from buildbot.status.listeners.reporters.gathering import Gatherer
from buildbot.status.listeners.reporters.generators import Generator, Occasion, Report

GONE = (BadQuery, NotFound, TooLarge)
"""What asking for what a report is made of fails with for good."""

BEGINNINGS = ("buildStarted", "requestSubmitted")


class ReporterBase(StatusListener):
    """Says in another place what its generators report: a subclass defines ``sendMessage``.

    Each delivery is tried again until it is sent, in order for each request; one that cannot be made, because a
    template or a function of the configuration fails, is parked at once.
    """

    def __init__(self, generators: Sequence[Generator] | None = None, name: str | None = None) -> None:
        """``name``: under which it is remembered how far it is; two of one class need one each."""
        super().__init__(name)
        given = self.defaultGenerators() if generators is None else generators
        if not isinstance(given, (list, tuple)) or not given:
            raise ConfigError(f"{self.name}: generators={generators!r}: a list of generators is expected")
        for each in given:
            if not isinstance(each, Generator):
                raise ConfigError(f"{self.name}: generators: {each!r} is none, as BuildStatusGenerator() is")
        self.generators = tuple(given)

    def defaultGenerators(self) -> Sequence[Generator]:
        """Those that are taken where none are given."""
        raise ConfigError(f"{self.name}: generators is expected: a list such as [BuildStatusGenerator()]")

    async def sendMessage(self, reports: Sequence[Report]) -> None:
        """Say it: all that there is to be said of one event. What it raises makes that it is called again, later;
        :class:`~buildbot.status.listeners.Parked` that it is not."""
        raise NotImplementedError(f"{type(self).__name__} defines no sendMessage()")

    def methods(self) -> Mapping[str, Any]:
        """See :class:`~buildbot.status.listeners.interfaces.IStatusListener`."""
        if not hasattr(self, "generators"):
            raise unmade(self)
        own = [name for name in METHODS if hasattr(self, name) and not hasattr(ReporterBase, name)]
        wanted = {name: None for each in self.generators for name in each.methods}
        return {name: getattr(self, name) for name in (*own, *wanted)}

    def keyOf(self, record: Resource) -> Any:
        """The request, for builds and requests: its beginning is reported before its end."""
        values = record.asDict()
        return f"buildrequests/{values['buildrequestid']}" if "buildrequestid" in values else super().keyOf(record)

    def render(self, value: Any, report: Report) -> Deferred[Any]:
        """What a value of the configuration comes down to for the first build of a report. Fails as :meth:`configured`
        does."""
        abouts = report["abouts"]
        known = abouts[0].known(self.secrets) if abouts else Known(secrets=self.secrets)
        return Deferred.fromCoroutine(self.configured(known.render(value), "a renderable"))

    async def configured(self, what: Any, name: str) -> Any:
        """Wait for something that code of the configuration does. What fails there fails again, and so the delivery is
        parked; but for what a connection or the code itself says of trying again.
        """
        try:
            return await awaited(what)
        except (StatusError, ConfigError, Parked, RetryAfter, CancelledError):
            raise
        except Exception as error:
            raise Parked(f"{name} fails: {type(error).__name__}: {error}") from error

    async def buildStarted(self, build: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def buildFinished(self, build: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def requestSubmitted(self, request: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def requestFinished(self, request: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def buildsetFinished(self, buildset: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def workerMissing(self, worker: Any, delivery: ListenerDelivery) -> None:
        """See :data:`~buildbot.status.listeners.heard.METHODS`."""
        await self._report(delivery)

    async def _report(self, delivery: ListenerDelivery) -> None:
        if delivery.method in BEGINNINGS and delivery.record.asDict()["complete"]:
            return  # it was over when somebody looked, and that is told next
        generators = [each for each in self.generators if delivery.method in each.methods and each.mayReport(delivery)]
        if not generators:
            return
        try:
            occasion = await self._occasion(delivery, reduce(or_, (each.wants for each in generators), Wants()))
        except GONE as error:
            raise Parked(f"what is to be reported cannot be had: {error}") from error
        reports = []
        for each in generators:
            report = await self.configured(each.generate(self, occasion), type(each).__name__)
            if report is not None:
                more = {"cursor": delivery.cursor, "isSuperseded": occasion.isSuperseded}
                reports.append({**report, **more, "isStale": delivery.isReplay and occasion.isStale})
        if reports:
            await awaited(self.sendMessage(reports))

    async def _occasion(self, delivery: ListenerDelivery, wants: Wants) -> Occasion:
        gatherer, method, record = Gatherer(self.status, self.buildbotURL), delivery.method, delivery.record
        if method in ("buildStarted", "buildFinished"):
            return Occasion(method, [await gatherer.build(record, wants)])
        if method == "buildsetFinished":
            buildset, abouts = await gatherer.buildset(record, wants)
            return Occasion(method, abouts, buildset)
        if method == "workerMissing":
            return Occasion(method, worker={"notify": [], **record.asDict(), **delivery.extra})
        about, hasBuilds, isSuperseded = await gatherer.request(record)
        return Occasion(method, [about], hasBuilds=hasBuilds, isSuperseded=isSuperseded)
