"""Filters on one record, as :mod:`buildbot.status.sql.conditions` has them in SQL: for events, which are no rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from buildbot.status.definition import Resource
from buildbot.status.query import Condition

Predicate = Callable[[Mapping[str, Any]], bool]
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
}


def predicate(resource: type[Resource], conditions: Sequence[Condition], values: Sequence[Any]) -> Predicate:
    """Whether a record, as it is on the wire, meets all conditions. What it does not hold counts as null."""
    tests = [
        (condition.field, _test(resource, condition, value))
        for condition, value in zip(conditions, values, strict=True)
    ]
    return lambda record: all(test(record.get(name)) for name, test in tests)


def _test(resource: type[Resource], condition: Condition, value: Any) -> Callable[[Any], bool]:
    op = condition.op
    if op in ("null", "notnull"):
        return lambda found: (found is None) == (op == "null")
    if op == "never":
        return lambda found: False
    if op in ("true", "false"):
        return lambda found: found is not None and bool(found) == (op == "true")
    compare = _several(op, value) if condition.several else _one(op, value)
    if resource.Fields[condition.field].type.kind == "list":
        wanted = value if condition.several else [value]
        return lambda found: found is not None and any(each in found for each in wanted)
    return lambda found: found is not None and compare(found)


def _one(op: str, value: Any) -> Callable[[Any], bool]:
    if op == "contains":
        return lambda found: value in found
    compare = _COMPARE[op]
    return lambda found: compare(found, value)


def _several(op: str, values: Sequence[Any]) -> Callable[[Any], bool]:
    if op == "contains":
        return lambda found: any(value in found for value in values)
    wanted, negated = frozenset(values), op in ("ne", "notin")
    return lambda found: (found in wanted) != negated
