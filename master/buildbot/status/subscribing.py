"""How a subscription comes about: what is asked for, whether it is allowed, and from where on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from buildbot.errors import BadQuery, DatabaseUnavailable, Forbidden
from buildbot.status.call import Pairs
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.selection import MOST_TOPICS, Part, Selection, checkQuery, takeOptions
from buildbot.status.events.subscription import Subscription
from buildbot.status.events.topics import Topic, topicOf
from buildbot.status.principal import Authorize, Principal
from buildbot.status.query import QueryParser

if TYPE_CHECKING:
    from buildbot.status.service import StatusService

Topics = str | Sequence[str]
"""One topic, or several."""


class Subscribing:
    """Makes the subscriptions of a service."""

    def __init__(self, service: StatusService, authorize: Authorize) -> None:
        self._service, self._authorize = service, authorize

    async def subscribe(self, principal: Principal, topic: Topics, since: str | None, given: Pairs) -> Subscription:
        """See :meth:`~buildbot.status.service.StatusService.subscribeAs`."""
        topics = [topic] if isinstance(topic, str) else list(dict.fromkeys(topic))
        feed = self._service.requireEvents()
        start = feed.source.cursor if since is None else Cursor.parse(since)
        if start is None:
            raise DatabaseUnavailable("The log of events was not looked at yet. Ask again later.")
        if not 0 < len(topics) <= MOST_TOPICS:
            raise BadQuery(f"{len(topics)} topics: a subscription has one at least, and at most {MOST_TOPICS}")
        options, filters = takeOptions(given)
        parts = [self._part(principal, topic, filters) for topic in topics]
        if options.content:
            for part in parts:
                self._checkText(principal, part)
        for index, part in enumerate(parts):
            parts[index] = attrs.evolve(part, topic=await self._resolved(principal, part.topic))
        if since is not None:
            await feed.source.read(start, 1)  # whether it is gone is said now, not later
        visibilities = {part.resource: part.visibility for part in parts}

        def allowed() -> None:
            for resource, visibility in visibilities.items():
                if self._authorize(principal, "get", resource) != visibility:
                    raise Forbidden(f"{resource.Plural}: what may be seen of them has changed; subscribe again")

        selection = feed.shared(Selection(parts, tuple(filters), options))
        return Subscription(feed, selection, start, allowed=allowed, connection=self._service)

    def _part(self, principal: Principal, text: str, given: Pairs) -> Part:
        """A topic, and what is asked of its type."""
        topic = topicOf(self._service.catalogue, text)
        resource = topic.resource
        visibility = self._authorize(principal, "get", resource)
        try:
            query = QueryParser(self._service.limits).parse(resource, given, single=False)
            checkQuery(resource, query, given)
        except BadQuery as error:
            raise BadQuery(f"{text}: {error} (of a {resource.Name})", **error.extra) from None
        return Part(topic, query, visibility).withEmbedded(given)

    def _checkText(self, principal: Principal, part: Part) -> None:
        """Raises BadQuery where no event tells of lines, and Forbidden where they may not be read."""
        resource = part.resource
        if not resource.Text:
            raise BadQuery(f"{part.topic.text}: the events of a {resource.Name} have no content", parameter="content")
        self._service.prepare(principal, f"{resource.Plural}/0/{resource.Text.partition(':')[2]}", [])

    async def _resolved(self, principal: Principal, topic: Topic) -> Topic:
        """With ids for names. Raises NotFound."""
        keys = {}
        for name, path in topic.aliases.items():
            call = self._service.prepare(principal, path, [])
            key = call.resource.Key
            assert key is not None
            answer = await self._service.getAs(principal, path, {"field": key.name})
            keys[name] = answer.one.asDict()[key.name]
        return topic.resolved(keys)
