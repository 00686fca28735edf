"""The condition that a path means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql import ColumnElement

from buildbot.db.dialect import Dialect
from buildbot.status.paths import Hop
from buildbot.status.sql.use import Use, keyColumn


class Walk:
    """Hops, whose variables are bound as ``p0``, ``p1``, …; ``latest`` has those whose value is -1: the highest there
    is under the same parent."""

    def __init__(self, dialect: Dialect, hops: Sequence[Hop], latest: frozenset[int]) -> None:
        self._dialect, self._hops, self._latest = dialect, hops, latest
        variables = [index for index, hop in enumerate(hops) if hop.variable is not None]
        self._binds = {index: f"p{count}" for count, index in enumerate(variables)}

    def conditions(self, use: Use) -> list[ColumnElement[bool]]:
        """On the last hop's table."""
        return self._at(len(self._hops) - 1, use)

    def _at(self, index: int, use: Use) -> list[ColumnElement[bool]]:
        found = self._belongs(index, use)
        variable = self._hops[index].variable
        if variable is None:
            return found
        field = use.resource.Fields[variable.field]
        column = use.expression(field)
        if index in self._latest:
            other = Use.of(self._dialect, use.resource)
            newest = select(func.max(other.expression(field))).where(*self._belongs(index, other))
            return [*found, column == newest.correlate_except(other.table).scalar_subquery()]
        if field.hashed:
            found.append(use.t.name_hash == bindparam(self._binds[index] + "h"))
        return [*found, column == bindparam(self._binds[index])]

    def _belongs(self, index: int, use: Use) -> list[ColumnElement[bool]]:
        relation = self._hops[index].relation
        if relation is None:
            return []
        own = relation.own or keyColumn(self._hops[index - 1].target)
        q = use.q(**self._ancestors(index))
        return [relation.condition(self._value(index - 1, own), use.t, q, keyColumn(use.resource))]

    def _ancestors(self, index: int) -> Mapping[str, Any]:
        return {
            hop.target.Name: self._value(at, keyColumn(hop.target))
            for at, hop in enumerate(self._hops[:index])
            if hop.variable is not None
        }

    def _value(self, index: int, column: str) -> Any:
        """A column of the one thing at a hop: bound directly where it is what the path itself says."""
        hop = self._hops[index]
        if hop.relation is None and hop.variable is not None and index not in self._latest:
            field = hop.target.Fields[hop.variable.field]
            if field.isKey and column == keyColumn(hop.target):
                return bindparam(self._binds[index])
        use = Use.of(self._dialect, hop.target)
        chosen = select(use.t[column]).where(*self._at(index, use))
        return chosen.correlate_except(use.table).scalar_subquery()
