"""Indexes of our own, on stock tables: for what the API sorts or looks up by and stock Buildbot has no index for.

They are stated here once. Whoever may write to a database gets them as SQL from ``buildbot attach --print-indexes``;
stock Buildbot runs, and upgrades, with them.
"""

from __future__ import annotations

import attrs
from sqlalchemy import Index, MetaData, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex

from buildbot.db import schema
from buildbot.db.url import Location

PREFIX = "status_ix_"


@attrs.frozen
class OwnIndex:
    """An index on some columns of a stock table."""

    table: str
    columns: tuple[str, ...]
    use: str
    """What becomes faster, as a question to the API."""
    where: str | None = None
    """It has only these rows."""

    @property
    def name(self) -> str:
        """Begins with ``status_ix_``."""
        parts = [column for column in self.columns if column != "id"]
        return PREFIX + "_".join([self.table, *parts, *(["some"] if self.where else [])])

    def sql(self, dialect: str) -> str:
        """The statement that makes it unless it is there, without a semicolon."""
        table = schema.metadata.tables[self.table].to_metadata(MetaData())
        columns = [table.c[name] for name in self.columns]
        where = text(self.where) if self.where else None
        if dialect == "sqlite":
            index = Index(self.name, *columns, sqlite_where=where)
            return str(CreateIndex(index, if_not_exists=True).compile(dialect=sqlite.dialect()))
        # The order of every list here: nulls first, which SQLite does by itself.
        ordered = [column.nulls_first() if column.nullable else column for column in columns]
        index = Index(self.name, *ordered, postgresql_concurrently=True, postgresql_where=where)
        compiled = CreateIndex(index, if_not_exists=True).compile(
            dialect=postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's is not typed
        )
        return str(compiled)


INDEXES = (
    OwnIndex("builds", ("started_at", "id"), "builds?order=-started_at"),
    OwnIndex("builds", ("complete_at", "id"), "builds?order=-complete_at, builds?complete=false"),
    OwnIndex("builds", ("results", "id"), "builds?results=4"),
    OwnIndex("builds", ("builderid", "complete_at"), "builders?field=state, builders?expand=current_builds"),
    OwnIndex("buildsets", ("parent_buildid",), "builds/1/triggered_builds"),
    OwnIndex("buildset_sourcestamps", ("sourcestampid",), "changes/1/builds"),
    OwnIndex("test_result_sets", ("builderid", "id"), "builders/1/test_result_sets"),
    OwnIndex("test_result_sets", ("buildid", "id"), "builds/1/test_result_sets"),
    OwnIndex("test_result_sets", ("stepid", "id"), "steps/1/test_result_sets"),
    OwnIndex("test_results", ("test_result_setid", "id"), "test_result_sets/1/results"),
    OwnIndex("test_results", ("test_result_setid", "id"), "test_result_sets/1/failures", where="value = '0'"),
    OwnIndex("test_results", ("test_nameid", "test_result_setid", "id"), "tests/1/results"),
)


def script(location: Location) -> str:
    """SQL that makes them all in a database, for ``sqlite3`` or ``psql``, with what to know about it in comments."""
    if location.dialect == "sqlite":
        program, note = f"sqlite3 '{location.path}'", "The master may run meanwhile; its writes wait some seconds."
    else:
        program, note = f"psql {location.url.database}", "As the tables' owner, and not in a transaction (psql -1)."
    lines = [
        "-- Indexes that make some lists of the status API faster. Buildbot works with them as without.",
        f"-- buildbot attach … --print-indexes | {program}",
        f"-- {note}",
    ]
    for index in INDEXES:
        lines += ["", f"-- {index.use}", f"{index.sql(location.dialect)};"]
    return "\n".join(lines) + "\n"
