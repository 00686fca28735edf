"""One thing that a listener is told, and how it is kept until it was handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import simplejson

from buildbot.db.states import PARKED, WAITING
from buildbot.status.definition import Resource

__all__ = ["PARKED", "WAITING", "Kept", "ListenerDelivery", "Remembered"]


@attrs.frozen
class ListenerDelivery:
    """What a listener's method gets as ``delivery``, if it has an argument of that name."""

    cursor: str
    """Names the event: the same for each attempt, whatever was restarted, and different for each event. Who stores it
    with what he does, in one transaction, does it exactly once."""
    method: str
    """The listener's method that this is for."""
    key: str
    """What the listener's ``keyOf`` gave: those of one key come one after the other."""
    topic: str
    """What happened to what: ``builds/7/finished``."""
    event: str
    """What happened: ``finished``."""
    record: Resource
    """The thing after the event, with typed getters."""
    changed: Mapping[str, Any] | None
    """The old values of fields that can be filtered and have changed; None for what is new."""
    extra: Mapping[str, Any]
    """For an append to a log the numbers of the ``first`` and the ``last`` line."""
    at: int
    """When it happened, or was seen to have: seconds since the epoch. 0: an older version of this program kept it."""
    attempt: int = 1
    """Counts the times that it is tried, from 1. A process that dies leaves one uncounted."""
    isReplay: bool = False
    """Somebody asked for it once more: it may have been handled before, and things may have happened since that the
    listener was told of already."""

    @property
    def id(self) -> tuple[str, str]:
        """What tells it from the listener's others: cursor and method."""
        return self.cursor, self.method

    def body(self) -> str:
        """What :meth:`fromKept` needs beside the columns of a row."""
        return simplejson.dumps(
            {
                "type": type(self.record).Plural,
                "record": self.record.asDict(),
                "topic": self.topic,
                "event": self.event,
                "changed": self.changed,
                "extra": dict(self.extra),
                "at": self.at,
            }
        )

    def kept(
        self,
        seq: int,
        state: str = WAITING,
        attempts: int = 0,
        failed_at: int | None = None,
        error: str | None = None,
    ) -> Kept:
        """Its row."""
        return Kept(
            self.cursor,
            self.method,
            self.key,
            seq,
            state,
            attempts,
            failed_at,
            error,
            self.topic,
            self.event,
            self.isReplay,
            self.body(),
        )

    @classmethod
    def fromKept(cls, kept: Kept, connection: Any) -> ListenerDelivery:
        """The delivery of a row, with a record that asks over ``connection``."""
        body = simplejson.loads(kept.body)
        types = connection.catalogue.types.values()
        record = next(cls for cls in types if cls.Plural == body["type"]).fromWire(body["record"], connection)
        return cls(
            kept.cursor,
            kept.method,
            kept.key,
            kept.topic,
            kept.event,
            record,
            body["changed"],
            body["extra"],
            body.get("at", 0),
            kept.attempts,
            kept.is_replay,
        )


@attrs.frozen
class Kept:
    """A row of ``status_deliveries``, less its id and the consumer."""

    cursor: str
    method: str
    key: str
    seq: int
    state: str
    attempts: int
    """How many have failed."""
    failed_at: int | None
    error: str | None
    topic: str
    event: str
    is_replay: bool = attrs.field(converter=bool)
    body: str

    def row(self) -> dict[str, Any]:
        """By :data:`buildbot.db.writes.consumers.COLUMNS`, in whose order the fields are."""
        return {**attrs.asdict(self), "is_replay": int(self.is_replay)}

    @property
    def id(self) -> tuple[str, str]:
        """What it is found by: cursor and method."""
        return self.cursor, self.method


@attrs.frozen
class Remembered:
    """What is known of a listener."""

    cursor: str | None
    """None: it was never there before."""
    waiting: Sequence[Kept] = ()
    """In the order in which they happened."""
    parked: int = 0
    """How many are."""
    paused: bool = False
    """It is to be told nothing for now."""
    behindSince: int | None = None
    """Since when the log was ahead of it, when that was stored last."""
    replay: tuple[str, str] | None = None
    """How far a replay has come, and its end."""
