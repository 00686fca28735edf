"""From a pattern and the shape of a query to a plan: SQL is built here, by SQLAlchemy, once for each shape.

A path becomes *one* condition of scalar sub-selects: there is no separate look-up of what it names, so whether a parent
exists needs no statement, and a list below one that does not is empty by construction.
"""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import and_, bindparam, select, true
from sqlalchemy.sql import ColumnElement, FromClause, Select

from buildbot.db.dialect import Dialect
from buildbot.status.definition import Relation, Resource
from buildbot.status.paths import Pattern
from buildbot.status.query import Shape
from buildbot.status.sql.columns import Columns
from buildbot.status.sql.conditions import conditions
from buildbot.status.sql.counts import Count
from buildbot.status.sql.ordering import afterPage, isIndexed, orderBy
from buildbot.status.sql.plan import Attachment, Plan
from buildbot.status.sql.use import Use, keyColumn
from buildbot.status.sql.walk import Walk


class Compiler:
    """Makes plans for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def plan(self, pattern: Pattern, latest: frozenset[int], shape: Shape, *, limited: bool) -> Plan:
        """A plan for the things that a pattern names. ``latest``: the hops whose variable is -1, which means the
        highest. ``limited``: a window will be bound."""
        use = Use.of(self._dialect, pattern.resource)
        columns = Columns.of(use, shape)
        walk = Walk(self._dialect, pattern.hops, latest)
        statement = _labelled(columns.all, use.table)
        if limited and self._dialect.readsLate and not isIndexed(use, shape):
            inner = Use.of(self._dialect, pattern.resource)
            chosen = select(inner.key()).where(*self._matching(walk, inner, shape), *afterPage(inner, shape))
            statement = statement.where(use.key().in_(_window(chosen.order_by(*orderBy(inner, shape)))))
            statement = statement.order_by(*orderBy(use, shape))
        else:
            statement = statement.where(*self._matching(walk, use, shape), *afterPage(use, shape))
            statement = statement.order_by(*orderBy(use, shape))
            statement = _window(statement) if limited else statement
        spellable = columns.spellable and (columns.placed or not limited)
        texts = self._dialect.jsonTexts(statement, columns.members) if spellable else None
        return Plan(
            sql=self._dialect.compile(statement),
            make=columns.maker(),
            attachments=self._attachments(pattern.resource, shape, columns),
            texts="" if texts is None else self._dialect.compile(texts),
            count=None if pattern.single else Count.of(use, shape, self._matching(walk, use, shape)),
            order=tuple(columns.orders),
            bindList=self._dialect.bindList,
        )

    @staticmethod
    def _matching(walk: Walk, use: Use, shape: Shape) -> list[ColumnElement[bool]]:
        return [*walk.conditions(use), *conditions(use, shape)]

    def _attachments(self, resource: type[Resource], shape: Shape, columns: Columns) -> tuple[Attachment, ...]:
        found = []
        for field in columns.embedded:
            assert field.relation is not None
            plan = self._related(field.relation, Shape(), limited=False)
            found.append(Attachment(field.name, field.type.kind == "list", plan, columns.own[field.name]))
        for word, below in shape.expand:
            relation = resource.Relations[word]
            plan = self._related(relation, below, limited=relation.many and relation.target.Key is not None)
            found.append(Attachment(word, relation.many, plan, columns.own[word], word=word))
        return tuple(found)

    def _related(self, relation: Relation[Any], shape: Shape, *, limited: bool) -> Plan:
        """Records of a relation for many parents at once: the parents' values are one bind, a table of keys."""
        dialect = self._dialect
        keys = dialect.keys("keys", "integer")
        use = Use.of(dialect, relation.target)
        united = relation.target.From is not None
        if united and dialect.scansForChoices:
            rows = select(use.table).where(*self._belonging(relation, use, keys, shape)).offset(0)
            use = attrs.evolve(use, table=rows.correlate(keys).lateral("l"))
        columns = Columns.of(use, shape)
        joined: FromClause
        chooses = relation.via is not None or relation.match is not None
        choosing = chooses and relation.target.Key is not None and dialect.scansForChoices
        if limited or choosing:
            inner = Use.of(dialect, relation.target)
            chosen = select(inner.key()).select_from(inner.table).where(*self._belonging(relation, inner, keys, shape))
            # An offset of nothing keeps PostgreSQL from merging this into the join, where it would scan.
            chosen = _window(chosen.order_by(*orderBy(inner, shape))) if limited else chosen.offset(0)
            joined = dialect.limitedJoin(keys, use.table, use.key(), chosen.correlate(keys))
        elif united and dialect.scansForChoices:
            joined = keys.join(use.table, true())
        else:
            joined = keys.join(use.table, and_(*self._belonging(relation, use, keys, shape)))
        statement = _labelled([*columns.all, keys.c.value], joined)
        # SQLite looks into a union only where nothing but its own columns is sorted by. What counts is the order within
        # a parent.
        position = [] if united else [keys.c.position]
        return Plan(
            sql=dialect.compile(statement.order_by(*position, *orderBy(use, shape))),
            make=columns.maker(),
            attachments=self._attachments(relation.target, shape, columns),
            parent=len(columns.all),
            bindList=dialect.bindList,
        )

    @staticmethod
    def _belonging(relation: Relation[Any], use: Use, keys: FromClause, shape: Shape) -> list[ColumnElement[bool]]:
        belongs = relation.condition(keys.c.value, use.t, use.q(), keyColumn(use.resource))
        return [belongs, *conditions(use, shape)]


def _labelled(columns: list[ColumnElement[Any]], table: FromClause) -> Select[Any]:
    return select(*(column.label(f"c{index}") for index, column in enumerate(columns))).select_from(table)


def _window(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit")).offset(bindparam("offset"))
