"""Actions in the OpenAPI document: POST at the address of one thing, as JSON-RPC 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buildbot.status import standing
from buildbot.status.actions import Action
from buildbot.status.generate import schemas
from buildbot.status.generate.addresses import Address
from buildbot.status.generate.schemas import sentence
from buildbot.status.openapi import Example, MediaType, Operation, RequestBody, Response, Schema, SecurityScheme

JSON = "application/json"
VERSION = Schema(type="string", enum=["2.0"])
IDENT = Schema(type=["string", "integer", "null"], description="Comes back as it was sent.")
RESULT = Schema(
    type="object",
    properties={"jsonrpc": VERSION, "id": IDENT, "result": Schema(description="What the action gives; mostly null.")},
    required=["jsonrpc", "id", "result"],
)
TOKEN = "token"
SCHEME = SecurityScheme(
    type="http", scheme="bearer", description="The server's token: its start says in which file it is."
)
REFUSAL = Schema(
    type="object",
    description="Nothing was done.",
    properties={
        "jsonrpc": VERSION,
        "id": IDENT,
        "error": Schema(
            type="object",
            properties={
                "code": Schema(type="integer"),
                "message": Schema(type="string"),
                "data": schemas.ref("Problem"),
            },
            required=["code", "message"],
        ),
    },
    required=["jsonrpc", "error"],
)


def operation(address: Address) -> Operation | None:
    """What may be done at an address, if anything that is declared may."""
    cls, pattern = address.resource, address.pattern
    actions = {name: action for name, action in cls.Actions.items() if action.arguments is not None}
    if not actions or not pattern.single or pattern.endpoint is not None:
        return None
    said = [f"``{name}``: {sentence(action.doc)}" for name, action in actions.items()]
    examples = {name: {"jsonrpc": "2.0", "id": 1, "method": name, "params": {}} for name in actions}
    return Operation(
        tags=[cls.Name],
        summary=f"Do something to one {cls.Name}",
        description="\n\n".join(said),
        operationId=f"actOn{address.name.removeprefix('get')}",
        security=[{TOKEN: []}],
        requestBody=RequestBody(
            description="A call of JSON-RPC 2.0.",
            content={
                JSON: MediaType(
                    schema=Schema(anyOf=[_call(name, action) for name, action in actions.items()]),
                    examples={name: Example(value=example) for name, example in examples.items()},
                )
            },
        ),
        responses={
            "200": Response(description="It is done.", content={JSON: MediaType(schema=schemas.ref("Done"))}),
            "default": Response(description="It is not.", content={JSON: MediaType(schema=schemas.ref("Refusal"))}),
        },
        **schemas.firmness(standing.ofType(cls)),
    )


def _call(name: str, action: Action) -> Schema:
    arguments: Mapping[str, Any] = action.arguments or {}
    return Schema(
        type="object",
        properties={
            "jsonrpc": VERSION,
            "id": IDENT,
            "method": Schema(type="string", enum=[name]),
            "params": Schema(
                type="object",
                properties={
                    argument: schemas.valueOf(one.type, description=one.doc) for argument, one in arguments.items()
                },
                required=[argument for argument, one in arguments.items() if not one.type.nullable] or None,
                additionalProperties=False,
            ),
        },
        required=["jsonrpc", "id", "method", "params"],
    )
