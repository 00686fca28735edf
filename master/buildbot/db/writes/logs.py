"""Logs of steps, and their lines in chunks."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import attrs
from sqlalchemy import bindparam, select

from buildbot.db import schema
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy
from buildbot.errors import BadRequest, NotFound

CHUNK = 65_536
"""Bytes of the lines of one chunk, unless it is one line that is longer."""
RAW, GZ = 0, 1
"""How chunks are stored: ``gz`` is what every stock master can read."""
LONGEST_SLUG = 50

_logs = schema.logs
_INSERT = insertInto(_logs, "name", "slug", "stepid", "complete", "num_lines", "type", returning="id")
_SLUGS = select(_logs.c.slug).where(_logs.c.stepid == bindparam("stepid"))
_LOOK = select(_logs.c.stepid, _logs.c.num_lines, _logs.c.complete).where(_logs.c.id == bindparam("logid"))
_LINES = updateBy("id", _logs, "num_lines")
_CHUNK_COLUMNS = ("logid", "first_line", "last_line", "content", "compressed")
_CHUNK = insertInto(schema.logchunks, *_CHUNK_COLUMNS)

_IDENTIFIER = re.compile("[a-zA-Z\u00a0-\U0010ffff_-][a-zA-Z0-9\u00a0-\U0010ffff_-]*")
_SUFFIX = re.compile(r"_(\d+)$")


@attrs.frozen
class Added:
    """A log that was made, and its name in paths."""

    logid: int
    slug: str


def add(tx: Transaction, now: int, stepid: int, name: str, type: str = "s") -> Added:
    """Add a log to a step: of type ``s`` (each line has a prefix ``o``, ``e`` or ``h``), ``t`` or ``h``."""
    if type not in ("s", "t", "h"):
        raise BadRequest(f"type={type!r}: a log is of type s, t or h")
    slug = slugOf(name)
    taken = {other for (other,) in tx.execute(_SLUGS, {"stepid": stepid})}
    while slug in taken:
        slug = _next(slug)
    values = {"name": name, "slug": slug, "stepid": stepid, "complete": 0, "num_lines": 0, "type": type}
    logid: int = tx.execute(_INSERT, values)[0][0]
    tx.announce("logs", logid, "new")
    return Added(logid, slug)


def slugOf(name: str) -> str:
    """A log's name as an identifier of at most 50 characters."""
    if len(name) <= LONGEST_SLUG and _IDENTIFIER.fullmatch(name):
        return name
    cut = name[:LONGEST_SLUG] or "_"
    return re.sub("[^a-zA-Z_-]", "_", cut[0]) + re.sub("[^a-zA-Z0-9_-]", "_", cut[1:])


def _next(slug: str) -> str:
    match = _SUFFIX.search(slug)
    number, stem = (int(match[1]) + 1, slug[: match.start()]) if match else (2, slug)
    ending = f"_{number}"
    return stem[: LONGEST_SLUG - len(ending)] + ending


def append(tx: Transaction, now: int, logid: int, text: str) -> tuple[int, int] | None:
    """Append whole lines, the last one with its newline too; the numbers of the first and the last of them, None if
    there are none."""
    if not text:
        return None
    if not text.endswith("\n"):
        raise BadRequest("text: only whole lines are appended; the last one ends with a newline too")
    rows = tx.execute(_LOOK, {"logid": logid})
    if not rows:
        raise NotFound(f"logs/{logid}: there is no such log")
    stepid, first, complete = rows[0]
    if complete:
        raise BadRequest(f"logs/{logid}: it is complete, nothing can be appended")
    line, made = first, []
    for count, content in chunks(text):
        compressed, stored = compress(content)
        made.append((logid, line, line + count - 1, stored, compressed))
        line += count
    tx.executeMany(_CHUNK, [dict(zip(_CHUNK_COLUMNS, row, strict=True)) for row in made])
    tx.execute(_LINES, {"the_id": logid, "num_lines": line})
    body = {"logid": logid, "first": first, "last": line - 1}
    tx.announce("logs", logid, "append", body=body, parents={"stepid": stepid})
    return first, line - 1


def chunks(text: str) -> Iterator[tuple[int, bytes]]:
    """The lines in pieces of at most 64 KiB, as they are stored: how many lines, and their bytes without the last
    newline."""
    count, size, piece = 0, 0, bytearray()
    for line in text.encode("utf-8", "replace").split(b"\n")[:-1]:
        if count and size + 1 + len(line) > CHUNK:
            yield count, bytes(piece)
            count, size, piece = 0, 0, bytearray()
        if count:
            piece += b"\n"
        piece += line
        count, size = count + 1, len(piece)
    yield count, bytes(piece)


def compress(content: bytes) -> tuple[int, bytes]:
    """How it is stored, and as what: compressed where that helps."""
    smaller = zlib.compress(content, 9)
    return (GZ, smaller) if len(smaller) < len(content) else (RAW, content)


def finish(tx: Transaction, now: int, logid: int) -> None:
    """Nothing more will be appended."""
    tx.change("logs", logid, "finished", complete=1)
