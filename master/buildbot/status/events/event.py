"""One event, as it stands in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import simplejson

from buildbot.db.own import PARENTS


@attrs.define
class Event:
    """Something that happened to one thing; never changed. The JSON stays text until somebody looks into it."""

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
    body: str
    """The record after the change as a JSON object, as a GET of the one thing gives it without parameters; for an
    append to a log ``{"logid", "first", "last"}``, with both lines included, counted from 0."""
    changed: str | None
    """The old values of filterable fields that changed, as a JSON object by field; None for what is new."""
    columns: Sequence[int | None]
    """Those by which topics match, in the order of :data:`buildbot.db.own.PARENTS`."""

    @property
    def parents(self) -> Mapping[str, int]:
        """The columns by which topics match, by name, without those that are null."""
        return {name: value for name, value in zip(PARENTS, self.columns, strict=True) if value is not None}

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
