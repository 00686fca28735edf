"""Where the stream of events is not Buildbot's, by rule, and how the rules are seen in a stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

STREAM = {
    "after a crash": "What a master that died had begun is announced as ended, its requests as unclaimed, once somebody"
    " cleans up after it. Buildbot does so before anybody can subscribe, and never announces the requests.",
    "beginnings of builds": "A build is new when its row is there, before all else of it. Buildbot announces its steps,"
    " properties and a first update before, and of builds that are skipped by their condition no beginning.",
    "bodies of builders and masters": "A builder or master that starts or stops is announced with its whole record."
    " Buildbot sends a few fields of it.",
    "cancelled requests": "The cancel of a request has its record. Buildbot's is null.",
    "control messages": "Actions are not announced. Buildbot sends them to every reader, with their reasons.",
    "links of what is configured": "That a master takes or leaves a scheduler, and for which builders a worker may"
    " build, is announced, since their records say it. Buildbot announces neither.",
    "names of properties": "An update of properties has their names. Buildbot calls one that is set alone name.",
    "new buildsets": "A new buildset has its record, with -1 for results, as everywhere. Buildbot's has null, lacks"
    " parent_relationship, and adds scheduler, which is among the properties.",
    "nothing new": "A mere update that changes nothing is no event. Buildbot sends builds, workers, schedulers and"
    " projects again that are as they were.",
    "order at the stop": "When a master stops, its workers disconnect and its builders stop before it has stopped."
    " Buildbot's workers disconnect after that.",
    "priorities": "That a request got another priority is an update of it. Buildbot announces nothing.",
    "projects": "An update of a project says whether it is active. Buildbot's says null.",
    "times of records": "An event has the record as it was right after its own change. Buildbot reads it later, so that"
    " those of logs may show a later one.",
}
"""By name: what is so here, and what Buildbot does."""


@attrs.frozen
class Told:
    """One event."""

    type: str
    key: int
    event: str
    body: Mapping[str, Any] | None


Stream = Sequence[Told]


def oddities(stream: Stream) -> set[str]:
    """The rules of which a stream shows Buildbot's side."""
    return {name for name, finds in SEEN.items() if any(True for _ in finds(stream))}


def _beginnings(stream: Stream) -> Iterator[Told]:
    begun: set[int] = set()
    known = {told.key for told in stream if told.type == "builds" and told.event == "new"}
    for told in stream:
        build = told.key if told.type in ("builds", "properties") else (told.body or {}).get("buildid")
        if told.type == "builds" and told.event == "new":
            begun.add(told.key)
        elif told.type in ("builds", "properties", "steps") and build in known and build not in begun:
            yield told


def _bodies(stream: Stream) -> Iterator[Told]:
    whole = {"builders": "tags", "masters": "last_active"}
    return (t for t in stream if t.type in whole and t.event in ("started", "stopped") and not has(t, whole[t.type]))


def _cancelled(stream: Stream) -> Iterator[Told]:
    return (told for told in stream if told.event == "cancel" and told.body is None)


def _control(stream: Stream) -> Iterator[Told]:
    return (told for told in stream if told.type == "control")


def _newSets(stream: Stream) -> Iterator[Told]:
    return (t for t in stream if (t.type, t.event) == ("buildsets", "new") and not has(t, "parent_relationship"))


def _nothingNew(stream: Stream) -> Iterator[Told]:
    last: dict[tuple[str, int], Any] = {}
    for told in stream:
        thing = (told.type, told.key)
        if told.event in ("update", "updated", "state_updated") and told.body == last.get(thing, ()):
            yield told
        if told.type not in ("control", "properties"):
            last[thing] = told.body


def _projects(stream: Stream) -> Iterator[Told]:
    return (t for t in stream if t.type == "projects" and t.body is not None and t.body["active"] is None)


def has(told: Told, field: str) -> bool:
    """Whether the body of an event has a field."""
    return told.body is not None and field in told.body


SEEN: Mapping[str, Callable[[Stream], Iterator[Told]]] = {
    "beginnings of builds": _beginnings,
    "bodies of builders and masters": _bodies,
    "cancelled requests": _cancelled,
    "control messages": _control,
    "new buildsets": _newSets,
    "nothing new": _nothingNew,
    "projects": _projects,
}
"""Those that show in a stream as it is."""

WORDS = {
    "changes": "new ",
    "buildsets": "new complete ",
    "buildrequests": "new (update |claimed |unclaimed )*complete (cancel )?",
    "builds": "(update )*new (update )*finished ",
    "steps": "new (started )?(updated )*finished ",
    "logs": "new (append )*finished ",
    "test_result_sets": "new completed ",
}
"""What is told of one thing from its beginning to its end, whoever tells it; see "beginnings of builds"."""
PARTS = {
    "logs": ("stepid", "steps"),
    "steps": ("buildid", "builds"),
    "builds": ("buildrequestid", "buildrequests"),
    "buildrequests": ("buildsetid", "buildsets"),
}
"""What is part of what, and ends before it."""
ENDS = ("finished", "complete", "completed")


def disorders(stream: Stream) -> Iterator[str]:
    """What is told of things, all of which have ended, in words or in an order in which it cannot have happened."""
    words: dict[tuple[str, int], str] = {}
    ended: dict[tuple[str, int], int] = {}
    for index, told in enumerate(stream):
        thing = (told.type, told.key)
        words[thing] = f"{words.get(thing, '')}{told.event} "
        if told.event in ENDS:
            ended[thing] = index
    for (type, key), said in words.items():
        if type in WORDS and not re.fullmatch(WORDS[type], said):
            yield f"{type}/{key}: {said}"
    for told in stream:
        if told.event in ENDS and told.type in PARTS and told.body is not None:
            field, parent = PARTS[told.type]
            above = ended.get((parent, told.body[field]))
            if above is None or above < ended[told.type, told.key]:
                yield f"{told.type}/{told.key} ends after {parent}/{told.body[field]}"
