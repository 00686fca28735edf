"""Events as bytes, in the form of server-sent events, which is also what Perspective Broker carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import simplejson.encoder

from buildbot.status.encode import compact
from buildbot.status.events.selection import Batch, Change

CHUNK = 32 * 1024
"""Bytes that are written at once, or one event, if that is longer: what a client that reads nothing costs."""
KEEPALIVE = 15.0
"""Seconds of silence after which something is sent, so that nothing between takes the connection for dead."""


def block(event: str, data: str, cursor: str | None = None) -> bytes:
    """One event, as a stream has it."""
    identified = "" if cursor is None else f"id: {cursor}\n"
    return f"event: {event}\n{identified}data: {data}\n\n".encode()


def alive(cursor: str | None) -> bytes:
    """A comment, and from where to go on where that has changed."""
    return (": still here\n\n" if cursor is None else f": still here\nid: {cursor}\n\n").encode()


def changeText(change: Change) -> str:
    """What is said of a change, whoever carries it, as a JSON object whose end is left open: what happened, to what,
    its record."""
    event = change.event
    return (
        f'{{"type":"{event.type}","topic":{quoted(change.topic)},"event":"{event.event}","at":{event.at},'
        f'"left":{"true" if change.left else "false"},"changed":{change.changedText},'
        f'"record":{change.recordText},"cursor":"{change.cursor}"{members(change.extra)}'
    )


def members(more: Mapping[str, Any]) -> str:
    """Further members of a JSON object, with a comma before them."""
    return f",{compact(more)[1:-1]}" if more else ""


quoted: Callable[[str], str] = simplejson.encoder.encode_basestring_ascii
"""A text as JSON: what ``compact`` does with one, on a shorter way."""


def changeObjects(batch: Batch) -> Sequence[bytes]:
    """All changes, each as JSON."""
    return madeOnce(batch, "object", lambda: [f"{changeText(change)}}}".encode() for change in batch.changes])


def changes(batch: Batch, number: int) -> Iterator[bytes]:
    """As the API has them: what happened, to what, its record."""

    def make() -> Sequence[bytes]:
        return [f"event: change\nid: {change.cursor}\ndata: {changeText(change)}".encode() for change in batch.changes]

    made = madeOnce(batch, "change", make)
    return chunks(b'%b,"number":%d}\n\n' % (data, number + index) for index, data in enumerate(made))


def chunks(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Frames joined to chunks."""
    kept: list[bytes] = []
    size = 0
    for frame in frames:
        if kept and size + len(frame) > CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
        kept.append(frame)
        size += len(frame)
    if kept:
        yield b"".join(kept)


def madeOnce(batch: Batch, form: str, make: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
    """A form of a batch, which all who get the batch share."""
    if form not in batch.forms:
        batch.forms[form] = make()
    made: Sequence[bytes] = batch.forms[form]
    return made
