"""The words of an OpenAPI 3.2 document, as small typed classes; what they say of this API is in
:mod:`buildbot.status.generate.document`.

A member is called as in the document. A trailing underscore avoids a Python keyword, ``ref`` is ``$ref``, and a name
that begins with ``x_`` is an extension: ``x_since`` is ``x-since``. What is None or empty is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

VERSION = "3.2.0"


@attrs.frozen(kw_only=True)
class Schema:
    """A JSON Schema (2020-12), or a reference to one."""

    ref: str | None = None
    type: str | Sequence[str] | None = None
    title: str | None = None
    description: str | None = None
    format: str | None = None
    enum: Sequence[Any] | None = None
    const: Any = None
    pattern: str | None = None
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    items: Schema | None = None
    prefixItems: Sequence[Schema] | None = None
    minItems: int | None = None
    maxItems: int | None = None
    properties: Mapping[str, Schema] | None = None
    patternProperties: Mapping[str, Schema] | None = None
    additionalProperties: Schema | bool | None = None
    required: Sequence[str] | None = None
    allOf: Sequence[Schema] | None = None
    anyOf: Sequence[Schema] | None = None
    examples: Sequence[Any] | None = None
    deprecated: bool | None = None
    x_since: str | None = None
    x_stability: str | None = None
    x_sunset: str | None = None
    x_key: str | None = None
    """Of a record: the field that tells it from all others of its type."""
    x_order: str | None = None
    """Of a record: the order of lists that name none, where it is not that of the key."""
    x_own: bool | None = None
    """Of a record: it is this server's, perhaps in another database than Buildbot's: then no batch holds both."""
    x_derived: bool | None = None
    x_relation: str | None = None


@attrs.frozen(kw_only=True)
class Example:
    """One example of a value."""

    summary: str | None = None
    value: Any = None


@attrs.frozen(kw_only=True)
class MediaType:
    """A body in one form."""

    schema: Schema | None = None
    examples: Mapping[str, Example] | None = None


@attrs.frozen(kw_only=True)
class Header:
    """A header of a response."""

    description: str | None = None
    schema: Schema | None = None


@attrs.frozen(kw_only=True)
class Parameter:
    """A parameter of a path or a query, or a reference to one."""

    ref: str | None = None
    name: str | None = None
    in_: str | None = None
    description: str | None = None
    required: bool | None = None
    deprecated: bool | None = None
    style: str | None = None
    explode: bool | None = None
    schema: Schema | None = None


@attrs.frozen(kw_only=True)
class Response:
    """What comes back, or a reference to it."""

    ref: str | None = None
    description: str | None = None
    headers: Mapping[str, Header] | None = None
    content: Mapping[str, MediaType] | None = None


@attrs.frozen(kw_only=True)
class RequestBody:
    """What is sent with a request."""

    description: str | None = None
    content: Mapping[str, MediaType]
    required: bool = True


@attrs.frozen(kw_only=True)
class Operation:
    """One method of a path."""

    tags: Sequence[str] = ()
    summary: str | None = None
    description: str | None = None
    operationId: str
    parameters: Sequence[Parameter] = ()
    requestBody: RequestBody | None = None
    responses: Mapping[str, Response]
    deprecated: bool | None = None
    security: Sequence[Mapping[str, Sequence[str]]] = ()
    """Names of :attr:`Components.securitySchemes`, one of which is needed."""
    x_since: str | None = None
    x_stability: str | None = None
    x_sunset: str | None = None
    x_patterns: Sequence[str] | None = None
    x_type: str | None = None


@attrs.frozen(kw_only=True)
class PathItem:
    """All methods of a path."""

    parameters: Sequence[Parameter] = ()
    get: Operation | None = None
    post: Operation | None = None


@attrs.frozen(kw_only=True)
class Tag:
    """A group of operations."""

    name: str
    summary: str | None = None
    description: str | None = None


@attrs.frozen(kw_only=True)
class License:
    """Under which terms the API may be used."""

    name: str
    identifier: str | None = None


@attrs.frozen(kw_only=True)
class Info:
    """What the document is about."""

    title: str
    version: str
    summary: str | None = None
    description: str | None = None
    license: License | None = None


@attrs.frozen(kw_only=True)
class Server:
    """Where the API is; relative to where the document is."""

    url: str
    description: str | None = None


@attrs.frozen(kw_only=True)
class Components:
    """What the rest of the document refers to."""

    schemas: Mapping[str, Schema]
    parameters: Mapping[str, Parameter]
    responses: Mapping[str, Response]
    securitySchemes: Mapping[str, SecurityScheme]


@attrs.frozen(kw_only=True)
class SecurityScheme:
    """How somebody shows that they may."""

    type: str
    scheme: str
    description: str | None = None


@attrs.frozen(kw_only=True)
class Document:
    """The whole."""

    openapi: str = VERSION
    info: Info
    servers: Sequence[Server]
    tags: Sequence[Tag]
    paths: Mapping[str, PathItem]
    components: Components


def asJson(value: Any) -> Any:
    """A document, or a part of one, as plain JSON values."""
    if attrs.has(type(value)):
        members = ((_name(each.name), getattr(value, each.name)) for each in attrs.fields(type(value)))
        return {name: asJson(member) for name, member in members if not _isEmpty(member)}
    if isinstance(value, Mapping):
        return {name: asJson(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [asJson(member) for member in value]
    return value


def _isEmpty(member: Any) -> bool:
    return member is None or member == ()


def _name(attribute: str) -> str:
    if attribute == "ref":
        return "$ref"
    return attribute.rstrip("_").replace("x_", "x-", 1) if attribute.startswith("x_") else attribute.rstrip("_")
