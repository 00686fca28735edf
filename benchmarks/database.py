"""The database that is asked: as if sixty builders had been at work for long. The same at every call."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.schema import Table

from buildbot.db import schema

BUILDERS = 60
STEPS = 10
"""Of each build."""
LOGGED = 4
"""One build in so many has a log with contents."""
LINES = 250
"""Of a log."""
COMMITTED = 10
"""One change for so many builds."""
MASTER = "bench:/srv/bench"
START = 1_600_000_000
"""Epoch seconds of the first build; they follow each other every 20 seconds."""
BATCH = 2_000
"""Builds whose rows are made and written together."""

Row = tuple[Any, ...]


def prepare(folder: Path, builds: int, tell: Callable[[str], None]) -> Path:
    """The database with so many builds, made at the first call and found again later."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{builds}.sqlite"
    if not path.exists():
        tell(f"filling {path} …")
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _fill(unfinished, builds)
        unfinished.rename(path)
    return path


def indexed(path: Path, statements: str) -> Path:
    """A copy of a database with more indexes."""
    name = hashlib.sha1(statements.encode()).hexdigest()[:8]
    copy = path.with_name(f"{path.stem}-indexed-{name}.sqlite")
    if not copy.exists():
        unfinished = copy.with_suffix(".unfinished")
        shutil.copyfile(path, unfinished)
        connection = sqlite3.connect(unfinished)
        connection.executescript(statements)
        connection.close()
        unfinished.rename(copy)
    return copy


def _fill(path: Path, builds: int) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        schema.alembic_version.create(connection)
        connection.execute(insert(schema.alembic_version).values(version_num=schema.REVISION))
    engine.dispose()
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode = wal; PRAGMA synchronous = off")
    writer = _Writer(database)
    _configured(writer)
    for first in range(1, builds + 1, BATCH):
        _made(writer, range(first, min(first + BATCH, builds + 1)))
        database.commit()
    database.executescript("PRAGMA wal_checkpoint(truncate)")
    database.close()


class _Writer:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def put(self, table: Table, columns: str, rows: Iterable[Row]) -> None:
        """``columns``: their names, in the order of the values in a row."""
        names = columns.split()
        places = ", ".join("?" for _ in names)
        self._database.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})", rows)


def _hash(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def builderName(number: int) -> str:
    """The name of a builder, whose number counts from 1."""
    return f"builder-{number:02}"


def _configured(writer: _Writer) -> None:
    builders = range(1, BUILDERS + 1)
    names = [builderName(number) for number in builders]
    put = writer.put
    put(schema.masters, "id name name_hash active last_active", [(1, MASTER, _hash(MASTER), 1, START)])
    put(schema.workers, "id name info", [(n, f"worker-{n}", '{"version": "4.3.0"}') for n in range(1, 11)])
    put(schema.builders, "id name name_hash", [(n, name, _hash(name)) for n, name in zip(builders, names, strict=True)])
    put(schema.builder_masters, "id builderid masterid", [(n, n, 1) for n in builders])
    put(schema.tags, "id name name_hash", [(n, f"tag-{n}", _hash(f"tag-{n}")) for n in range(1, 7)])
    put(schema.builders_tags, "builderid tagid", [(n, tag) for n in builders for tag in (n % 3 + 1, n % 3 + 4)])


def _made(writer: _Writer, ids: Sequence[int]) -> None:
    """Builds with these ids and all that belongs to them. Each has a buildset and a request with its own id."""
    put = writer.put
    at = {build: START + 20 * build for build in ids}
    changes = [build // COMMITTED for build in ids if build % COMMITTED == 0]
    put(
        schema.sourcestamps,
        "id ss_hash branch revision repository codebase project created_at",
        ((n, _hash(f"ss{n}"), "main", _hash(f"r{n}"), "https://example.org/p.git", "", "p", START) for n in changes),
    )
    put(
        schema.changes,
        "changeid author committer comments branch revision revlink when_timestamp category repository codebase project"
        " sourcestampid parent_changeids",
        (_change(n) for n in changes),
    )
    put(schema.change_files, "changeid filename", ((n, f"src/module{n % 97}/{f}.c") for n in changes for f in "abc"))
    put(
        schema.change_properties,
        "changeid property_name property_value",
        ((n, "event", '["push", "Change"]') for n in changes),
    )
    put(
        schema.buildsets,
        "id reason submitted_at complete complete_at results",
        ((n, "The scheduler was triggered", at[n] - 5, 1, at[n] + 300, _result(n)) for n in ids),
    )
    put(
        schema.buildset_sourcestamps,
        "buildsetid sourcestampid",
        ((n, max(1, n // COMMITTED)) for n in ids if n >= COMMITTED),
    )
    put(
        schema.buildrequests,
        "id buildsetid builderid priority complete results submitted_at complete_at waited_for",
        ((n, n, _builder(n), 0, 1, _result(n), at[n] - 5, at[n] + 300, 0) for n in ids),
    )
    put(schema.buildrequest_claims, "brid masterid claimed_at", ((n, 1, at[n] - 1) for n in ids))
    put(
        schema.builds,
        "id number builderid buildrequestid workerid masterid started_at complete_at locks_duration_s state_string"
        " results",
        ((n, (n - 1) // BUILDERS + 1, _builder(n), n, n % 10 + 1, 1, at[n], at[n] + 300, 0, *_outcome(n)) for n in ids),
    )
    put(
        schema.build_properties,
        "buildid name value source",
        (
            (n, name, value, "Build")
            for n in ids
            for name, value in (("branch", '"main"'), ("revision", f'"{_hash(f"r{n // COMMITTED}")}"'), ("warm", "1"))
        ),
    )
    put(
        schema.steps,
        "id number name buildid started_at locks_acquired_at complete_at state_string results urls_json hidden",
        (step for n in ids for step in _steps(n, at[n])),
    )
    logged = [build // LOGGED for build in ids if build % LOGGED == 0]
    put(
        schema.logs,
        "id name slug stepid complete num_lines type",
        ((n, "stdio", "stdio", STEPS * LOGGED * n, 1, LINES, "s") for n in logged),
    )
    put(
        schema.logchunks,
        "logid first_line last_line content compressed",
        ((n, 0, LINES - 1, _CONTENTS[n % len(_CONTENTS)], 1) for n in logged),
    )


def _builder(build: int) -> int:
    return (build - 1) % BUILDERS + 1


def _result(build: int) -> int:
    return 2 if build % 7 == 0 else 0


def _outcome(build: int) -> tuple[str, int]:
    return ("failed test", 2) if _result(build) else ("build successful", 0)


def _change(number: int) -> Row:
    author = f"Developer {number % 23} <developer{number % 23}@example.org>"
    comments = f"Change number {number}\n\nIt mends what was broken, and says why."
    revision = _hash(f"r{number}")
    link = f"https://example.org/p/commit/{revision}"
    when = START + 200 * number
    where = ("https://example.org/p.git", "", "p")
    return (number, author, author, comments, "main", revision, link, when, None, *where, number, max(0, number - 1))


def _steps(build: int, start: int) -> Iterator[Row]:
    for number in range(STEPS):
        begin, end = start + 30 * number, start + 30 * number + 28
        words = "finished" if number < STEPS - 1 else _outcome(build)[0]
        result = _result(build) if number == STEPS - 1 else 0
        key = STEPS * (build - 1) + number + 1
        yield (key, number, f"step-{number}", build, begin, begin, end, words, result, "[]", 0)


def _text(seed: int) -> bytes:
    """A log's lines; a compiler says much that is nearly the same."""
    lines = (
        f"ocompiling src/module{(seed * line) % 97}/file{line}.c: {_hash(f'{seed} {line}')}" for line in range(LINES)
    )
    return zlib.compress("\n".join(lines).encode(), 9)


_CONTENTS = [_text(seed) for seed in range(50)]
