"""How many records a list has: counted as seldom as possible.

Of long lists, counting is most of the work. So what was counted is remembered as long as the database is as it was
then (:meth:`~buildbot.db.snapshot.Snapshot.memory`), and whoever asks for more of a list that is known to be longer
than anybody counts needs no statement at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import func, literal, select
from sqlalchemy.sql import ColumnElement

from buildbot.status.query import Shape
from buildbot.status.sql.plan import Reader
from buildbot.status.sql.use import Use

BOUND = 10_000
"""Rows that are counted without being asked to count all."""
MOST = 1_000
"""Counts that are remembered at a time."""
UPWARD, DOWNWARD = ("lt", "le"), ("gt", "ge")


@attrs.frozen
class Range:
    """A condition of a list, by which it is the longer the greater the bound value is, or the smaller."""

    bind: str
    field: str
    upward: bool

    @classmethod
    def of(cls, shape: Shape) -> Range | None:
        """The first of a query."""
        for index, condition in enumerate(shape.conditions):
            if condition.op in (*UPWARD, *DOWNWARD):
                return cls(f"f{index}", condition.field, condition.op in UPWARD)
        return None

    def beyond(self, value: Any, edge: Any) -> bool:
        """Whether a bound value lets through all that another one does, and what equals that other one too."""
        return bool(value > edge if self.upward else value < edge)


@attrs.frozen
class Count:
    """What counts a list."""

    bounded: str
    """The statement that counts at most one more than :data:`BOUND`; and, where there is a range, what the last of
    those that it counted has there."""
    all: str
    range: Range | None = None

    @classmethod
    def of(cls, use: Use, shape: Shape, where: Sequence[ColumnElement[bool]]) -> Count:
        """For the rows of a table that fulfil conditions."""
        range, compile = Range.of(shape), use.dialect.compile
        counted = literal(1) if range is None else use.text(use.resource.Fields[range.field])
        rows = select(counted.label("x")).select_from(use.table).where(*where)
        some, every = rows.limit(BOUND + 1).subquery(), rows.subquery()
        bounded: list[ColumnElement[Any]] = [func.count()]
        if range is not None:
            bounded.append(func.max(some.c.x) if range.upward else func.min(some.c.x))
        return cls(compile(select(*bounded).select_from(some)), compile(select(func.count()).select_from(every)), range)

    def __call__(self, reader: Reader, values: Mapping[str, Any], *, exact: bool) -> int | None:
        """How many there are; if not ``exact``, None for more than :data:`BOUND`."""
        total = self._total(reader, values, exact)
        return total if exact or total <= BOUND else None

    def _total(self, reader: Reader, values: Mapping[str, Any], exact: bool) -> int:
        memory = reader.memory()
        sql = self.all if exact else self.bounded
        if memory is None:
            return int(reader.rows(sql, values)[0][0])
        if len(memory) >= MOST:
            memory.clear()
        question = tuple(pair for pair in values.items() if pair[0][0] in "pf")
        if (sql, question) in memory:
            return int(memory[sql, question])
        if exact or self.range is None:
            total = memory[sql, question] = int(reader.rows(sql, values)[0][0])
            return total
        return self._ranged(self.range, reader, values, question, memory)

    def _ranged(
        self, range: Range, reader: Reader, values: Mapping[str, Any], question: Any, memory: dict[Any, Any]
    ) -> int:
        """Those that were counted before are in this list as well, if its range goes beyond the last of them."""
        rest = (self.bounded, range, tuple(pair for pair in question if pair[0] != range.bind))
        if rest in memory and range.beyond(values[range.bind], memory[rest]):
            return BOUND + 1
        total, last = reader.rows(self.bounded, values)[0]
        if total > BOUND:
            memory[rest] = last
        else:
            memory[self.bounded, question] = total
        return int(total)
