"""JSON Schemas of what is sent: one for each resource type, by its fields and relations."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from buildbot.status.definition import Field, Relation, Resource
from buildbot.status.fieldtypes import KINDS, FieldType, fromAnnotation
from buildbot.status.openapi import Schema
from buildbot.status.stability import Standing
from buildbot.status.standing import ofPart, ofType

TYPES = {
    "integer": "integer",
    "datetime": "integer",
    "string": "string",
    "identifier": "string",
    "binary": "string",
    "boolean": "boolean",
}
SECONDS = "Seconds since the epoch."
NULL = Schema(type="null")
PROPERTY = Schema(
    type="array",
    description="Value and source.",
    prefixItems=[Schema(), Schema(type=["string", "null"])],
    minItems=2,
    maxItems=2,
)


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return Schema(ref=f"#/components/schemas/{name}")


def part(resource: type[Resource]) -> str:
    """The name of the schema of a record of which ``field=`` may have left fields out."""
    return f"{resource.__name__}Part"


def scalar(type_: FieldType, **more: Any) -> Schema:
    """A value that filters compare with: never null."""
    return Schema(type=TYPES[type_.kind], format="int64" if TYPES[type_.kind] == "integer" else None, **more)


def valueOf(type_: FieldType, **more: Any) -> Schema:
    """What a field of this type is sent as."""
    if type_.record is not None:
        target = ref(part(typing.cast("type[Resource]", type_.record)))
        return Schema(anyOf=[target, NULL], **more) if type_.nullable else Schema(allOf=[target], **more)
    if type_.kind == "list" and type_.of is not None:
        return Schema(type=_orNull("array", type_), items=valueOf(type_.of), **more)
    if type_.kind == "object":
        return Schema(type=_orNull("object", type_), **_keys(type_), **more)
    return Schema(
        type=_orNull(TYPES[type_.kind], type_),
        format="int64" if TYPES[type_.kind] == "integer" else None,
        **more,
    )


def _keys(type_: FieldType) -> dict[str, Any]:
    if type_.keys is None:
        return {"additionalProperties": True}
    hints = typing.get_type_hints(type_.keys)
    return {
        "properties": {name: valueOf(fromAnnotation(hint, Resource)) for name, hint in hints.items()},
        "required": list(hints),
    }


def _orNull(word: str, type_: FieldType) -> str | list[str]:
    return [word, "null"] if type_.nullable else word


def describe(field: Field) -> str:
    """What a description says of a field."""
    parts = [sentence(field.doc)]
    if field.type.kind == "datetime":
        parts.append(SECONDS)
    if field.derived:
        parts.append("Sent only when named in ``field=``.")
    return " ".join(text for text in parts if text)


def sentence(text: str) -> str:
    """A docstring as running text."""
    return " ".join(text.split())


def firmness(found: Standing) -> dict[str, Any]:
    """What a document says of how firm something is."""
    return {
        "deprecated": True if found.deprecated is not None else None,
        "x_since": found.since,
        "x_stability": found.stability,
        "x_sunset": found.deprecated.sunset.isoformat() if found.deprecated is not None else None,
    }


def warning(found: Standing) -> str:
    """What a description says of something that will go."""
    if found.deprecated is None:
        return ""
    instead = f"; use {found.deprecated.instead}" if found.deprecated.instead else ""
    return f"Deprecated: it may be gone from {found.deprecated.sunset} on{instead}."


def fieldSchema(resource: type[Resource], field: Field) -> Schema:
    """A property of a record."""
    found = ofPart(field, resource)
    more: dict[str, Any] = {
        "description": f"{describe(field)} {warning(found)}".strip() or None,
        "x_derived": True if field.derived else None,
        **firmness(found),
    }
    if field.properties is not None:
        return Schema(type=_orNull("object", field.type), additionalProperties=PROPERTY, **more)
    return valueOf(field.type, **more)


def relationSchema(resource: type[Resource], relation: Relation[Any]) -> Schema:
    """A property of a record that ``expand=`` adds."""
    found = ofPart(relation, resource)
    target = ref(part(relation.target))
    text = f"{relation.doc} Sent only with ``expand={relation.word}``. {warning(found)}"
    more: dict[str, Any] = {
        "description": sentence(text),
        "x_relation": relation.target.__name__,
        **firmness(found),
    }
    return Schema(type="array", items=target, **more) if relation.many else Schema(anyOf=[target, NULL], **more)


def recordSchemas(resource: type[Resource]) -> Mapping[str, Schema]:
    """Two for a type: a record with fields left out, and a whole one."""
    name, doc = resource.__name__, sentence(resource.__doc__ or "")
    if not resource.Fields:
        open_ = Schema(type="object", description=doc, additionalProperties=PROPERTY)
        return {part(resource): open_, name: Schema(allOf=[ref(part(resource))])}
    properties = {field.name: fieldSchema(resource, field) for field in resource.Fields.values()}
    properties.update({word: relationSchema(resource, relation) for word, relation in resource.Relations.items()})
    return {
        part(resource): Schema(
            type="object",
            description=f"{doc} What ``field=`` leaves of it, with what ``expand=`` adds.",
            properties=properties,
            x_key=None if resource.Key is None else resource.Key.name,
            x_order=resource.Order or None,
            x_own=resource.Own or None,
            **firmness(ofType(resource)),
        ),
        name: Schema(
            description=f"{doc} As sent without ``field=``.",
            allOf=[ref(part(resource))],
            required=[field.name for field in resource.Fields.values() if not field.derived],
        ),
    }


assert set(TYPES) == set(KINDS.values())
