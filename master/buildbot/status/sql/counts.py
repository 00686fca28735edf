"""How many records a list has: counted as seldom as possible.

Of long lists, counting is most of the work. So what was counted is remembered as long as the database is as it was
then (:meth:`~buildbot.db.snapshot.Snapshot.memory`), and whoever asks for more of a list that is known to be longer
than anybody counts needs no statement at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.sql import ColumnElement

from buildbot.status.query import Shape
from buildbot.status.sql.plan import Reader
from buildbot.status.sql.use import Use

BOUND = 10_000
"""Rows that are counted without being asked to count all."""
MOST = 1_000
"""Counts that are remembered at a time."""
UPWARD = ("lt", "le")
OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}


@attrs.frozen
class Range:
    """A condition of a list by which it is the longer the greater the bound value is, or the smaller."""

    bind: str
    field: str
    op: str

    @classmethod
    def of(cls, shape: Shape) -> Range | None:
        """The first of a query."""
        for index, condition in enumerate(shape.conditions):
            if condition.op in OPPOSITE:
                return cls(f"f{index}", condition.field, condition.op)
        return None

    @property
    def upward(self) -> bool:
        """The greater its bound value, the longer the list."""
        return self.op in UPWARD

    def outside(self, column: ColumnElement[Any], edge: ColumnElement[Any]) -> ColumnElement[bool]:
        """What it would not let through if ``edge`` were its bound value."""
        found: ColumnElement[bool] = getattr(column, f"__{OPPOSITE[self.op]}__")(edge)
        return found

    def beyond(self, value: Any, edge: Any) -> bool:
        """Whether a bound value lets through all that another one does, and what equals that other one too."""
        # A column of SQLite may hold what is not of its type.
        return isinstance(edge, type(value)) and bool(value > edge if self.upward else value < edge)


@attrs.frozen
class Counted:
    """What was counted last of lists that differ in their range only."""

    value: Any
    """The range's bound value."""
    total: int
    edge: Any
    """Whatever is :meth:`~Range.beyond` this lets through at least as many."""


@attrs.frozen
class Count:
    """What counts a list."""

    bounded: str
    """The statement that counts at most one more than :data:`BOUND`; and, where there is a range, gives the furthest
    value of those that it counted."""
    all: str
    range: Range | None = None
    between: str = ""
    """Counts likewise those that the range lets through only since its bound value is not ``:edge`` any more."""

    @classmethod
    def of(cls, use: Use, shape: Shape, where: Sequence[ColumnElement[bool]]) -> Count:
        """For the rows of a table that fulfil conditions."""
        range, compile = Range.of(shape), use.dialect.compile

        def counting(rows: Select[Any], *more: ColumnElement[Any]) -> str:
            return compile(select(func.count(), *more).select_from(rows.subquery()))

        if range is None:
            rows = select(literal(1).label("one")).select_from(use.table).where(*where)
            return cls(counting(rows.limit(BOUND + 1)), counting(rows))
        value = use.text(use.resource.Fields[range.field])
        rows = select(value.label("x")).select_from(use.table).where(*where)
        some = rows.limit(BOUND + 1).subquery()
        furthest = func.max(some.c.x) if range.upward else func.min(some.c.x)
        return cls(
            compile(select(func.count(), furthest).select_from(some)),
            counting(rows),
            range,
            counting(rows.where(range.outside(value, bindparam("edge"))).limit(BOUND + 1)),
        )

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
        if self.range is None or exact:
            if (sql, question) not in memory:
                memory[sql, question] = int(reader.rows(sql, values)[0][0])
            return int(memory[sql, question])
        rest = (sql, tuple(pair for pair in question if pair[0] != self.range.bind))
        counted = memory[rest] = self._ranged(self.range, reader, values, memory.get(rest))
        return counted.total

    def _ranged(self, range: Range, reader: Reader, values: Mapping[str, Any], before: Counted | None) -> Counted:
        value = values[range.bind]
        if before is not None and before.total > BOUND and range.beyond(value, before.edge):
            return before
        if before is not None and before.total <= BOUND:
            longer = range.beyond(value, before.value)
            bound = (value, before.value) if longer else (before.value, value)
            found = int(reader.rows(self.between, {**values, range.bind: bound[0], "edge": bound[1]})[0][0])
            if found <= BOUND:
                return Counted(value, before.total + (found if longer else -found), value)
        total, furthest = reader.rows(self.bounded, values)[0]
        return Counted(value, int(total), furthest)
