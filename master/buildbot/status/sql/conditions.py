"""Filters as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, and_, bindparam, false, literal, not_, select
from sqlalchemy.sql import ColumnElement

from buildbot.status.definition import Field
from buildbot.status.query import Condition, Shape
from buildbot.status.sql.use import Use


def conditions(use: Use, shape: Shape) -> list[ColumnElement[bool]]:
    """The filters of a shape; their values are bound as ``f0``, ``f1``, …."""
    return [_condition(use, condition, f"f{index}") for index, condition in enumerate(shape.conditions)]


def _condition(use: Use, condition: Condition, bind: str) -> ColumnElement[bool]:
    field, op = use.resource.Fields[condition.field], condition.op
    if op == "never":
        return false()
    if field.type.kind == "list":
        return _onList(use, field, condition, bind)
    column = use.expression(field)
    if op in ("null", "notnull"):
        return column.is_(None) if op == "null" else column.is_not(None)
    if op in ("true", "false"):
        return _truth(column, op == "true")
    if op == "contains":
        return _contains(use, column, condition, bind)
    if condition.several:
        listed = column.in_(use.dialect.values(bind, field.type.kind))
        return not_(listed) if op in ("ne", "notin") else listed
    if op in ("lt", "le", "gt", "ge"):
        column = use.text(field)
    found: ColumnElement[bool] = getattr(column, f"__{op}__")(bindparam(bind))
    return and_(use.t.name_hash == bindparam(f"{bind}h"), found) if op == "eq" and field.hashed else found


def _contains(use: Use, column: ColumnElement[Any], condition: Condition, bind: str) -> ColumnElement[bool]:
    if not condition.several:
        return use.dialect.contains(column, bindparam(bind))
    parts = use.dialect.values(bind, "string").subquery()
    found = use.dialect.contains(column, next(iter(parts.c)))
    return select(literal(1)).select_from(parts).where(found).correlate_except(parts).exists()


def _onList(use: Use, field: Field, condition: Condition, bind: str) -> ColumnElement[bool]:
    if condition.op in ("null", "notnull"):
        return false() if condition.op == "null" else not_(false())
    assert field.members is not None and field.type.of is not None
    elements = field.members(use.t, use.q())
    column = next(iter(elements.selected_columns))
    if condition.several:
        wanted = column.in_(use.dialect.values(bind, field.type.of.kind))
    else:
        wanted = column == bindparam(bind)
    found: ColumnElement[bool] = elements.order_by(None).where(wanted).exists()
    return found


def _truth(column: ColumnElement[Any], wanted: bool) -> ColumnElement[bool]:
    """A condition on an SQL boolean, or on the SMALLINT that a boolean column is."""
    if isinstance(column.type, Boolean):
        return column if wanted else not_(column)
    return column != 0 if wanted else column == 0
