"""What a stock master answered: its database as it was after the start, and its answers by address.

``make record`` renews both.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import LargeBinary, select
from sqlalchemy.engine import Engine

from buildbot.db import schema

from ..ask import Answer
from ..everything import load as loadRows
from ..invented.rows import Rows
from ..samples import Record, Samples

MOMENT = 1_800_000_000
"""Stands for every time at which a recording was made: later than all that is invented, but for a heartbeat."""

_FOLDER = Path(__file__).parent
_DATABASE = _FOLDER / "database.json.xz"
_ANSWERS = _FOLDER / "answers.json.xz"


@attrs.frozen
class Recorded:
    """An answer as it is kept and compared: what matters of an ``Answer``."""

    status: int
    contentType: str
    disposition: str | None
    document: Any
    """The body, if it is JSON; of a document that says what went wrong only the first words."""
    digest: str | None
    """SHA-256 of the body, and its length, if it is none."""

    @classmethod
    def of(cls, answer: Answer) -> Recorded:
        document, digest = None, None
        try:
            document = _settled(json.loads(answer.body))
        except ValueError:
            digest = f"{hashlib.sha256(answer.body).hexdigest()} {len(answer.body)}"
        if answer.status != 200 and isinstance(document, dict):
            # What follows differs from run to run: addresses of objects, the order of sets.
            document = {"error": re.split(r" from |\(| at 0x", str(document.get("error")))[0][:80]}
        return cls(answer.status, answer.contentType, answer.disposition, document, digest)

    def without(self, moment: Moment) -> Recorded:
        """The same without times of the present."""
        return attrs.evolve(self, document=moment.without(self.document))


@attrs.frozen
class Moment:
    """The seconds during which a recording was made."""

    first: int
    last: int

    def without(self, value: Any) -> Any:
        """The same value of any shape with ``MOMENT`` for each time in it that is one of these seconds."""
        if isinstance(value, dict):
            return {key: self.without(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.without(each) for each in value]
        if type(value) is int and self.first <= value <= self.last:
            return MOMENT
        return value


def timeless(samples: Samples, moment: Moment) -> Samples:
    """Samples without times of the present, which are others the next time, as are queries for them."""

    def without(record: Record) -> Record:
        return {name: each if moment.without(each) == each else None for name, each in record.items()}

    records = {type: [without(each) for each in found] for type, found in samples.records.items()}
    return attrs.evolve(samples, records=records)


def _settled(document: Any) -> Any:
    """A document without what a stock master orders by chance: the stamps of each buildset."""
    for buildset in document.get("buildsets", []) if isinstance(document, dict) else []:
        if "sourcestamps" in buildset:
            buildset["sourcestamps"].sort(key=lambda stamp: stamp["ssid"])
    return document


def dump(engine: Engine) -> Rows:
    """The rows of a database, but for what masters remember about themselves, which is secret and random."""
    rows = Rows()
    with engine.connect() as connection:
        for name, table in schema.metadata.tables.items():
            if name in ("objects", "object_state"):
                continue
            found = connection.execute(select(table).order_by(*table.columns)).mappings()
            rows.tables[name] = [dict(row) for row in found]
    return rows


def save(rows: Rows, answers: dict[str, Recorded], moment: Moment) -> None:
    """Keep a recording in place of the one there is."""
    tables = {}
    for name, table in schema.metadata.tables.items():
        columns = [column.name for column in table.columns]
        binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
        tables[name] = [
            [_text(row[column]) if column in binary else moment.without(row[column]) for column in columns]
            for row in rows.tables[name]
        ]
    _write(_DATABASE, (json.dumps([name, table]) for name, table in tables.items()))
    kept = ([path, *moment.without(list(attrs.astuple(answer)))] for path, answer in answers.items())
    _write(_ANSWERS, (json.dumps(each, sort_keys=True) for each in kept))


def load(engine: Engine) -> None:
    """Make the tables in an empty database and put the recorded rows into them."""
    rows = Rows()
    for line in _read(_DATABASE):
        name, table = json.loads(line)
        columns = list(schema.metadata.tables[name].columns)
        binary = [isinstance(column.type, LargeBinary) for column in columns]
        rows.tables[name] = [
            {
                column.name: base64.b64decode(value) if isBinary and value is not None else value
                for column, isBinary, value in zip(columns, binary, row, strict=True)
            }
            for row in table
        ]
    loadRows(engine, rows)


def answers() -> dict[str, Recorded]:
    """The recorded answers by path and query below the API, in the order in which they were given."""
    kept = (json.loads(line) for line in _read(_ANSWERS))
    return {path: Recorded(*answer) for path, *answer in kept}


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))


def _read(path: Path) -> list[str]:
    return lzma.decompress(path.read_bytes()).decode().split("\n")
