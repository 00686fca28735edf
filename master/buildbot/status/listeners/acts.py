"""What an operator may do to listeners, and to what they could not handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred

from buildbot.db.writes import consumers
from buildbot.errors import BadQuery, BadRequest, NotAvailable
from buildbot.status.actions import Actor
from buildbot.status.events.cursor import Cursor, seqOf
from buildbot.status.listeners.delivery import PARKED, Kept
from buildbot.status.listeners.host import ListenerHost

CursorAt = Callable[[int], Deferred[Cursor]]
"""Fires with the place before the first event from a time on."""


def actorsOf(host: ListenerHost, cursorAt: CursorAt | None = None) -> Mapping[str, Actor]:
    """What does the actions of consumers and deliveries, for
    :meth:`~buildbot.status.service.StatusService.serveListeners`. ``cursorAt``: finds places by time; None where the
    log of events is in another process, so that they must be named by cursors."""
    return {"consumers": _Consumers(host, cursorAt).act, "deliveries": _Deliveries(host).act}


class _Consumers:
    def __init__(self, host: ListenerHost, cursorAt: CursorAt | None) -> None:
        self._host, self._cursorAt = host, cursorAt

    async def act(self, consumer: Any, action: str, arguments: Mapping[str, Any]) -> Any:
        does: Mapping[str, Callable[..., Any]] = {
            "pause": self._pause,
            "resume": self._resume,
            "seek": self._seek,
            "replay": self._replay,
            "forget": self._forget,
        }
        return await does[action](consumer, **arguments)

    async def _pause(self, consumer: Any) -> None:
        await self._host.change(consumer.name, lambda tx: consumers.setPaused(tx, consumer.name, True))

    async def _resume(self, consumer: Any) -> None:
        await self._host.change(consumer.name, lambda tx: consumers.setPaused(tx, consumer.name, False))

    async def _seek(self, consumer: Any, cursor: str | None, time: int | None) -> Mapping[str, Any]:
        place = await self._place("seek", ("cursor", cursor), ("time", time))
        if place is None:
            raise BadQuery("seek: to where is missing: cursor or time is expected", parameter="cursor")
        await self._check(consumer.name, place)
        now, seq = self._host.now, seqOf(place)
        await self._host.change(consumer.name, lambda tx: consumers.seek(tx, now, consumer.name, place, seq))
        return {"cursor": place}

    async def _replay(
        self, consumer: Any, since: str | None, since_time: int | None, until: str | None, until_time: int | None
    ) -> Mapping[str, Any]:
        first = await self._place("replay", ("since", since), ("since_time", since_time))
        if first is None:
            raise BadQuery("replay: its beginning is missing: since or since_time is expected", parameter="since")
        last = await self._place("replay", ("until", until), ("until_time", until_time)) or consumer.cursor
        if seqOf(last) > seqOf(consumer.cursor):
            if until is not None:
                raise BadQuery(
                    f"replay: until lies after {consumer.cursor}, where the consumer is: what comes after that it is "
                    "told anyway",
                    parameter="until",
                )
            last = consumer.cursor
        if seqOf(first) >= seqOf(last):
            raise BadQuery(f"replay: nothing happened between {first} and {last}", parameter="since")
        if consumer.replay_until is not None:
            raise BadRequest(f"replay: one is under way already, from {consumer.replay_cursor} to its end")
        await self._check(consumer.name, first)
        await self._host.replay(consumer.name, first, last)
        return {"since": first, "until": last}

    async def _forget(self, consumer: Any) -> None:
        if self._host.follower(consumer.name) is not None:
            raise BadRequest(
                f"forget: the listener {consumer.name!r} runs here; take it out of the configuration first, and let it "
                "be read again"
            )
        if consumer.running:
            raise BadRequest(f"forget: another process runs the listener {consumer.name!r}, or has been killed")
        await self._host.run("consumers.forget", lambda tx: consumers.forget(tx, consumer.name))

    async def _place(self, action: str, one: tuple[str, str | None], other: tuple[str, int | None]) -> str | None:
        """The cursor that a cursor or a time stands for; None if neither is given. Raises BadQuery."""
        (byCursor, cursor), (byTime, time) = one, other
        if cursor is not None and time is not None:
            raise BadQuery(f"{action}: {byCursor} and {byTime} are two ways to say the same: one is expected")
        if time is None:
            try:
                return None if cursor is None else str(Cursor.parse(cursor))
            except BadQuery:
                raise BadQuery(f"{action}: {byCursor}: {cursor!r} is no cursor", parameter=byCursor) from None
        if self._cursorAt is None:
            raise NotAvailable(
                f"{action}: {byTime}: places are found by time only where the log of events is; name a cursor"
            )
        return str(await self._cursorAt(time))

    async def _check(self, name: str, place: str) -> None:
        """Raises Gone if what comes after a place is not kept."""
        follower = self._host.follower(name)
        if follower is not None:
            await follower.check(place)


class _Deliveries:
    def __init__(self, host: ListenerHost) -> None:
        self._host = host

    async def act(self, delivery: Any, action: str, arguments: Mapping[str, Any]) -> Any:
        does = {"replay": self._replay, "drop": self._drop}
        return await does[action](delivery)

    async def _replay(self, delivery: Any) -> None:
        row = await self._host.run("deliveries.again", partial(consumers.again, deliveryid=delivery.deliveryid))
        follower = self._host.follower(delivery.consumer)
        if follower is None:
            return
        if row is not None:
            follower.take(Kept(*row))
        else:
            follower.hurry((delivery.cursor, delivery.method))

    async def _drop(self, delivery: Any) -> None:
        follower = self._host.follower(delivery.consumer)
        if follower is not None:
            follower.drop((delivery.cursor, delivery.method), parked=delivery.state == PARKED)
        await self._host.run("deliveries.drop", partial(consumers.drop, deliveryid=delivery.deliveryid))
