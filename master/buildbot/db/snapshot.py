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

    __slots__ = ("_begin", "_cursor", "_memory", "check", "dialect")

    def __init__(
        self,
        dialect: str,
        cursor: Cursor,
        job: Job[Any],
        *,
        begin: str = "",
        memory: Callable[[], dict[Any, Any] | None] = lambda: None,
    ) -> None:
        """``begin``: the statement that begins the transaction, if one must."""
        self.dialect = dialect
        """``"sqlite"`` or ``"postgresql"``."""
        self._cursor = cursor
        self._begin, self._memory = begin, memory
        self.check: Callable[[], None] = job.check
        """Raises if nobody waits for this any more or its time is up. Every :meth:`rows` calls it; long work
        between two reads should too."""

    def begin(self) -> None:
        """Let all that is read from now on be one state, :meth:`only` included."""
        begin, self._begin = self._begin, ""
        if begin:
            self._cursor.execute(begin, {})

    def memory(self) -> dict[Any, Any] | None:
        """What was found out so far about exactly this state of the database, by keys of those who found it out: it is
        emptied when anything changes. None for a database that does not tell cheaply whether anything did."""
        self.begin()
        return self._memory()

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one SELECT, as tuples in the order of its columns."""
        self.begin()
        return self.only(sql, values)

    def only(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """As :meth:`rows`, for a SELECT that is alone: which is one state by itself, so nothing is begun for it."""
        self.check()
        self._cursor.execute(sql, values)
        return self._cursor.fetchall()
