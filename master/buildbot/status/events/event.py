"""One event, as it stands in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import simplejson

from buildbot.db.own import PARENTS
from buildbot.status.definition import Resource


class Row(NamedTuple):
    """A row of the log."""

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
    buildsetid: int | None = None
    """This and those after it: by which topics match, the columns :data:`buildbot.db.own.PARENTS`."""
    builderid: int | None = None
    workerid: int | None = None
    buildid: int | None = None
    stepid: int | None = None
    codebaseid: int | None = None
    number: int | None = None
    shape: int | None = None
    """:func:`shapeOf` of the type's fields, as its writer knew it, if the body has all of them."""


COLUMNS: Sequence[str] = Row._fields
"""Of the log, in the order in which an event has them."""
assert COLUMNS[-len(PARENTS) - 1 : -1] == PARENTS


def fieldsOf(resource: type[Resource]) -> Set[str]:
    """The names of all fields that an event's record can have: a derived one depends on other things."""
    return {name for name, field in resource.Fields.items() if not field.derived}


def shapeOf(resource: type[Resource]) -> int:
    """A number of 48 bits that stands for :func:`fieldsOf`: another version's type, with other fields, has another."""
    return int.from_bytes(blake2b(" ".join(sorted(fieldsOf(resource))).encode(), digest_size=6).digest())


class Event(Row):
    """Something that happened to one thing. It is the row as it was read, because all subscribers together want every
    row; the JSON stays text until somebody looks into it."""

    @property
    def parents(self) -> Mapping[str, int]:
        """The columns by which topics match, by name, without those that are null."""
        return {name: value for name in PARENTS if (value := getattr(self, name)) is not None}

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
