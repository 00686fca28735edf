"""One event, as it stands in the log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs
import simplejson


@attrs.define(frozen=True, slots=False)
class Event:
    """Something that happened to one thing. The JSON stays text until somebody looks into it."""

    seq: int
    """Its number: grows from event to event, with gaps."""
    at: int
    """Seconds since the epoch, UTC."""
    type: str
    """The resource type's plural: ``builds``."""
    key: int
    """The thing's key, such as its buildid."""
    event: str
    """What happened: a word of the type's topics, such as ``finished``."""
    parents: Mapping[str, int]
    """The columns by which topics match (:data:`buildbot.db.own.PARENTS`), without those that are null."""
    body: str
    """The record after the change as a JSON object, as a GET of the one thing gives it without parameters; for an
    append to a log ``{"logid", "first", "last"}``, with both lines included, counted from 0."""
    changed: str | None = None
    """The old values of filterable fields that changed, as a JSON object by field; None for what is new."""

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """The body, decoded."""
        return _decoded(self.body)

    @cached_property
    def old(self) -> Mapping[str, Any]:
        """``changed``, decoded; empty where nothing changed, and for what is new."""
        return _decoded(self.changed or "")


def _decoded(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = simplejson.loads(text) if text else {}
    return found
