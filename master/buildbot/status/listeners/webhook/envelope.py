"""What happened, as a CloudEvent 1.0: a JSON object with the record in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from buildbot.status.listeners.delivery import ListenerDelivery

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TYPES = "net.buildbot."
"""Before the type of thing and what happened to it: ``net.buildbot.builds.finished``."""


def cloudEvent(delivery: ListenerDelivery, source: str) -> Mapping[str, Any]:
    """The event of a delivery, in structured mode. ``source``: the URL of the server that it is of.

    ``data`` is the record as it was after the event, whatever has happened since, with what the event says besides, as
    the bodies of Buildbot's messages have it.
    """
    record, key = delivery.record, type(delivery.record).Key
    assert key is not None
    values, plural = record.asDict(), type(record).Plural
    return {
        "specversion": "1.0",
        "id": delivery.cursor,
        "source": source,
        "type": f"{TYPES}{plural}.{delivery.event}",
        "subject": f"{plural}/{values[key.name]}",
        "time": datetime.fromtimestamp(delivery.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "datacontenttype": "application/json",
        "data": {**values, **delivery.extra},
    }
