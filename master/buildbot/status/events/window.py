"""What has happened in a stretch of the log, each thing once, as it is at its end (``conflate=true``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from buildbot.status.encode import compact
from buildbot.status.events.event import Event
from buildbot.status.events.selection import Change, Matching, Selection

MOST = 5_000
"""Things in one stretch: some 20 MB. Where more have changed, the next stretch begins, and may tell of some again."""


@attrs.define
class _Thing:
    """What has happened to one thing."""

    first: Event
    last: Event
    old: dict[str, Any]
    """Of each field that has changed, the oldest value."""


class Window:
    """A stretch of the log."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._things: dict[tuple[str, int], _Thing] = {}
        """In the order of their newest events."""

    def __len__(self) -> int:
        return len(self._things)

    def add(self, event: Event) -> None:
        """One more event, newer than those before."""
        parts = self._selection.matching(event)
        if not parts:
            return
        key = (event.type, event.key)
        known = self._things.pop(key, None)
        if known is None:
            self._things[key] = _Thing(event, event, dict(event.old))
            return
        if parts[0].isPart(event) and parts[0].isPart(known.last):
            event = event._replace(body=compact(_joined(known.last.record, event.record)))
        known.last, known.old = event, {**event.old, **known.old}
        self._things[key] = known

    def told(self) -> Iterator[Change | Matching]:
        """Each thing's newest event, and what it was before the oldest; all without a cursor of their own."""
        for thing in self._things.values():
            event, before = self._joint(thing)
            told = self._selection.takers[event.type](event, "", before)
            if told is not None:
                yield told

    def _joint(self, thing: _Thing) -> tuple[Event, Mapping[str, Any] | None]:
        first, last = thing.first, thing.last
        if first is last:
            return last, None
        old = {name: value for name, value in thing.old.items() if value != last.record.get(name)}
        isNew = first.changed is None and self._selection.matching(first)[0].isWhole(first)
        event = last._replace(changed=None if isNew else compact(old))
        return event, None if isNew else {**first.record, **first.old}


def _joined(older: Mapping[str, Any], newer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What two events say together that have no more than what has changed; of lines, from the first one's on."""
    first = {"first": older["first"]} if "first" in older and "first" in newer else {}
    return {**older, **newer, **first}
