"""The order of a list, and what comes after a place in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, false, or_, tuple_
from sqlalchemy.sql import ColumnElement

from buildbot.db.tables import TABLES
from buildbot.status.query import Shape, orderColumns
from buildbot.status.sql.use import Use


def orderBy(use: Use, shape: Shape) -> Sequence[ColumnElement[Any]]:
    """Nulls first ascending and last descending, text by code point, the key at the end."""
    found: list[ColumnElement[Any]] = []
    for name, descending in orderColumns(use.resource, shape):
        field = use.resource.Fields[name]
        column = use.text(field)
        ordered = column.desc() if descending else column.asc()
        if field.type.nullable and not use.dialect.nullsFirst:
            ordered = ordered.nulls_last() if descending else ordered.nulls_first()
        found.append(ordered)
    if not found and use.resource.Rows is not None:
        found.append(use.t.position.asc())
    return found


def isIndexed(use: Use, shape: Shape) -> bool:
    """Whether the order begins with the key, or with a column that any of Buildbot's own indexes has; where it does
    not, all rows are sorted."""
    resource = use.resource
    if resource.Table is None or resource.Key is None:
        return True
    name = next(iter(orderColumns(resource, shape)))[0]
    column = resource.Fields[name].column or name
    indexes = TABLES[resource.Table].indexes
    return resource.Fields[name].isKey or any(column in index.columns for index in indexes)


def afterPage(use: Use, shape: Shape) -> list[ColumnElement[bool]]:
    """What comes after a page's last record, whose values of the order are bound as ``k0``, ``k1``, …."""
    return [_after(use, orderColumns(use.resource, shape), shape.page, 0)] if shape.page else []


def _after(use: Use, columns: Sequence[tuple[str, bool]], nulls: Sequence[bool], at: int) -> ColumnElement[bool]:
    name, descending = columns[at]
    field = use.resource.Fields[name]
    column: ColumnElement[Any] = use.text(field)
    bind: ColumnElement[Any] = bindparam(f"k{at}")
    beyond = _beyond(column, bind, descending, field.type.nullable, nulls[at])
    if at == len(columns) - 1:
        return beyond
    rest = columns[at + 1 :]
    if not field.type.nullable and len(rest) == 1 and rest[0][1] == descending:
        # A comparison of rows, because databases use an index for it, as they do not for the longer form.
        other = use.text(use.resource.Fields[rest[0][0]])
        pair, bound = tuple_(column, other), tuple_(bind, bindparam(f"k{at + 1}"))
        return pair < bound if descending else pair > bound
    same = column.is_(None) if nulls[at] else column == bind
    return or_(beyond, and_(same, _after(use, columns, nulls, at + 1)))


def _beyond(
    column: ColumnElement[Any], bind: ColumnElement[Any], descending: bool, nullable: bool, wasNull: bool
) -> ColumnElement[bool]:
    if wasNull:
        return false() if descending else column.is_not(None)
    if not descending:
        return column > bind
    return or_(column < bind, column.is_(None)) if nullable else column < bind
