"""What a list's answer ought to be, worked out from the whole list: our rules for queries, in plain Python.

Slow, obvious, and written from the promises alone. Where a stock master's answer to a query is peculiar, this is
what ours is compared with instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs

from .samples import Field, Pattern, Record

GENERAL = ("field", "order", "limit", "offset", "property")
TRUTH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "lt": lambda value, wanted: value < wanted,
    "le": lambda value, wanted: value <= wanted,
    "gt": lambda value, wanted: value > wanted,
    "ge": lambda value, wanted: value >= wanted,
    "contains": lambda value, wanted: wanted in value,
}


class NoModel(Exception):
    """The query is not one that has an answer by our rules; what comes instead is an error."""


@attrs.frozen
class Filter:
    """``complete__ne=true``, once for each name."""

    name: str
    operator: str
    """Without the underscores; ``eq`` where none is written."""
    texts: tuple[str, ...]


@attrs.frozen
class Question:
    """A path with its query, taken apart."""

    path: tuple[str, ...]
    pattern: Pattern | None
    """None where no pattern takes the path."""
    parameters: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.parameters if key == name]

    @property
    def fields(self) -> dict[str, Field]:
        return {field.name: field for field in self.pattern.fields} if self.pattern else {}

    @property
    def filters(self) -> list[Filter]:
        found: dict[str, list[str]] = {}
        for name, text in self.parameters:
            if name not in GENERAL:
                found.setdefault(name, []).append(text)
        filters = []
        for written, texts in found.items():
            name, _, operator = written.partition("__") if written not in self.fields else (written, "", "")
            filters.append(Filter(name, operator or "eq", tuple(texts)))
        return filters

    @property
    def orders(self) -> list[tuple[str, bool]]:
        """Fields, and whether each is descending."""
        return [(name.removeprefix("-"), name.startswith("-")) for name in self.values("order")]


def question(url: str, patterns: Iterable[Pattern]) -> Question:
    """Take a path with its query below the API apart, as a stock master does."""
    path, _, query = url.partition("?")
    parts = tuple(unquote(part) for part in path.split("/"))
    # Parameters without "=" are no parameters.
    parameters = tuple(parse_qsl(query, keep_blank_values=True) if "=" in query else ())
    found = next((pattern for pattern in patterns if _takes(pattern.path.split("/"), parts)), None)
    return Question(parts, found, parameters)


def _takes(pattern: list[str], parts: tuple[str, ...]) -> bool:
    return len(pattern) == len(parts) and all(_takesOne(*pair) for pair in zip(pattern, parts, strict=True))


def _takesOne(element: str, part: str) -> bool:
    kind, colon, _ = element.partition(":")
    if not colon:
        return element == part
    if kind == "n":
        return _isNumber(part)
    return kind != "i" or re.fullmatch(r"[a-zA-Z_-][.a-zA-Z0-9_-]*", part) is not None


def _isNumber(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


def expected(asked: Question, whole: list[Record], key: str, order: str = "") -> tuple[list[Record], int]:
    """The records that the query picks out of the whole list, in order and cut to its fields; and how many there
    are on all pages. ``order`` is taken where the query names none, ``key`` decides between equals.

    :raise NoModel: an error is to be expected
    """
    records = [record for record in whole if all(_matches(asked, each, record) for each in asked.filters)]
    orders = asked.orders or ([(order.removeprefix("-"), order.startswith("-"))] if order else [])
    descending = orders[-1][1] if orders else False
    for name, isDescending in reversed([*orders, (key, descending)]):
        if name not in asked.fields or asked.fields[name].kind not in _SCALAR:
            raise NoModel(name)
        records = sorted(records, key=_byField(name), reverse=isDescending)
    first = _count(asked, "offset") or 0
    limit = _count(asked, "limit")
    page = records[first:] if limit is None else records[first : first + limit]
    names = asked.values("field")
    if any(name not in asked.fields for name in names):
        raise NoModel("field")
    return [{name: record[name] for name in names} if names else record for record in page], len(records)


_SCALAR = ("integer", "datetime", "string", "identifier", "boolean")


def _byField(name: str) -> Callable[[Record], tuple[bool, Any]]:
    # Nothing comes first. Text is ordered by code point, which is Python's way too.
    return lambda record: (record[name] is not None, 0 if record[name] is None else record[name])


def _count(asked: Question, name: str) -> int | None:
    texts = asked.values(name)
    if not texts:
        return None
    if not _isNumber(texts[0]) or int(texts[0]) < 0:
        raise NoModel(name)
    return int(texts[0])


def _matches(asked: Question, filter: Filter, record: Record) -> bool:
    field = asked.fields.get(filter.name)
    known = (*COMPARE, "ne", "in", "notin")
    if field is None or filter.operator not in known or field.kind == "opaque":
        raise NoModel(filter.name)
    isList = field.kind.endswith("s")
    if isList != (filter.operator == "contains") and (isList or field.kind not in ("string", "identifier")):
        raise NoModel(filter.operator)
    wanted = [_value(field, text) for text in filter.texts]
    value = record[filter.name]
    if len(wanted) > 1 and filter.operator in ("lt", "le", "gt", "ge"):
        raise NoModel(filter.operator)
    # Nothing is neither equal nor unequal to anything.
    if value is None:
        return False
    if filter.operator in ("ne", "notin"):
        return value not in wanted
    compare = COMPARE.get(filter.operator, COMPARE["eq"])
    return any(compare(value, each) for each in wanted)


def _value(field: Field, text: str) -> Any:
    kind = field.kind.rstrip("s")
    if kind == "boolean":
        if text.lower() not in TRUTH:
            raise NoModel(text)
        return TRUTH[text.lower()]
    if kind in ("integer", "datetime"):
        if not _isNumber(text):
            raise NoModel(text)
        return int(text)
    return text
