"""What a transaction's function gets: reads that all see one state of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from buildbot.db.job import Job


class Cursor(Protocol):
    """The part of a DB-API cursor that is used here."""

    def execute(self, sql: Any, values: Mapping[str, Any], /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Snapshot:
    """One read transaction, in a lane's thread. It ends when the function that got it returns; keep nothing
    of it but the rows."""

    __slots__ = ("_cursor", "check", "dialect", "memory")

    def __init__(
        self, dialect: str, cursor: Cursor, job: Job[Any], memory: Callable[[], dict[Any, Any] | None] = lambda: None
    ) -> None:
        self.dialect = dialect
        """``"sqlite"`` or ``"postgresql"``."""
        self._cursor = cursor
        self.memory = memory
        """What was found out so far about exactly this state of the database, by keys of those who found it out: it is
        emptied when anything changes. None for a database that does not tell cheaply whether anything did."""
        self.check: Callable[[], None] = job.check
        """Raises if nobody waits for this any more or its time is up. Every :meth:`rows` calls it; long work
        between two reads should too."""

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one SELECT, as tuples in the order of its columns."""
        self.check()
        self._cursor.execute(sql, values)
        return self._cursor.fetchall()
