"""Definitions against the schema: each SQL expression is built once at start-up, and none is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean, Column, Integer, String, bindparam
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import ColumnElement

from buildbot.db.dialect import Dialect
from buildbot.db.tables import TABLES
from buildbot.errors import DefinitionError
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Field, Relation
from buildbot.status.sql.use import Use, keyColumn

NUMBERS = ("integer", "datetime", "boolean")
TEXTS = ("string", "identifier")


def check(catalogue: Catalogue, dialect: Dialect) -> None:
    """Raises :class:`~buildbot.errors.DefinitionError`, which names the type and the field or relation, for a table or
    column that does not exist."""
    for cls in catalogue.types.values():
        if cls.Table is None and cls.Rows is None and cls.From is None:
            if cls.At:
                raise DefinitionError(f"{cls.__name__} has addresses but no Table")
            continue  # only custom endpoints give such records
        if cls.Table is not None and cls.Table not in TABLES:
            raise DefinitionError(f"{cls.__name__}: there is no table {cls.Table!r}")
        use = Use.of(dialect, cls)
        for field in cls.Fields.values():
            _attempt(f"{cls.__name__}.{field.name}", _field, use, field)
        for relation in cls.Ways.values():
            _attempt(f"{cls.__name__}.{relation.name}", _relation, use, relation)


def _field(use: Use, field: Field) -> None:
    if field.isValue:
        _agree(use, use.expression(field), field)
    elif field.members is not None:
        field.members(use.t, use.q())
    elif field.properties is not None:
        field.properties.rows(use.t, use.q())
    if field.hashed and "name_hash" not in use.t:
        raise KeyError("name_hash")


def _agree(use: Use, column: ColumnElement[Any], field: Field) -> None:
    """The annotation says what the column holds."""
    if field.decode is not None or not isinstance(column, Column):
        if isinstance(column.type, Boolean) and field.type.kind != "boolean":
            raise TypeError(f"is a condition, and its type is {field.type}")
        return
    fits = NUMBERS if isinstance(column.type, Integer) else TEXTS if isinstance(column.type, String) else ()
    if fits and field.type.kind not in fits:
        raise TypeError(f"column {column.name} is {column.type}, and its type is {field.type}")
    table = TABLES.get(use.resource.Table or "")
    stated = None if table is None else table.c.get(column.name)  # aliases know no defaults
    if stated is not None and stated.nullable and stated.server_default is None and not field.type.nullable:
        raise TypeError(f"column {column.name} may be null, and its type is {field.type}")


def _relation(use: Use, relation: Relation[Any]) -> None:
    own = relation.own or keyColumn(use.resource)
    if not own:
        raise TypeError("a relation starts from the key, or from own=; there is neither")
    if own not in use.t:
        raise KeyError(own)
    if relation.target.Table is not None and relation.target.Table not in TABLES:
        return  # said of the target itself
    target = Use.of(use.dialect, relation.target)
    relation.condition(bindparam("v"), target.t, target.q(), keyColumn(relation.target))


def _attempt(where: str, what: Callable[..., None], *arguments: Any) -> None:
    try:
        what(*arguments)
    except (AttributeError, DefinitionError, SQLAlchemyError, TypeError) as error:
        raise DefinitionError(f"{where}: {error}") from error
    except KeyError as error:
        raise DefinitionError(f"{where}: there is no column {error}") from error
