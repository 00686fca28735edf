"""Examples that follow from the types: what a record and a path look like."""

from __future__ import annotations

import typing
from typing import Any

from buildbot.status.definition import Field, Resource
from buildbot.status.fieldtypes import FieldType, fromAnnotation
from buildbot.status.generate.addresses import Address
from buildbot.status.paths import parseVariable

BASE = "http://localhost:8020/api/v2/"
_SCALARS: dict[str, Any] = {
    "integer": 1,
    "datetime": 1764000000,
    "string": "text",
    "identifier": "word",
    "boolean": True,
    "binary": "text",
}


def path(address: Address) -> str:
    """A path that an address takes, without the slash in front."""
    elements = []
    for element in address.patterns[0].split("/"):
        variable = parseVariable(element)
        elements.append(element if variable is None else "1" if variable.form == "n" else "name")
    return "/".join(elements)


def record(cls: type[Resource]) -> dict[str, Any]:
    """A record of a type, as sent without ``field=``."""
    if not cls.Fields:
        return {"name": ["value", "source"]}
    return {field.name: _field(field) for field in cls.Fields.values() if not field.derived}


def _field(field: Field) -> Any:
    if field.properties is not None:
        return field.properties.unasked if isinstance(field.properties.unasked, dict) else None
    return _value(field.type)


def _value(type_: FieldType) -> Any:
    if type_.record is not None:
        return record(typing.cast("type[Resource]", type_.record))
    if type_.kind == "list" and type_.of is not None:
        return [_value(type_.of)]
    if type_.kind == "object":
        hints = typing.get_type_hints(type_.keys) if type_.keys is not None else {}
        return {name: _value(fromAnnotation(hint, Resource)) for name, hint in hints.items()}
    return _SCALARS[type_.kind]
