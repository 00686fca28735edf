"""The OpenAPI document: every path of the catalogue, with parameters, answers and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from buildbot import errors
from buildbot.status import standing
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.generate import acting, parameters, schemas
from buildbot.status.generate.addresses import Address, addresses
from buildbot.status.generate.schemas import sentence
from buildbot.status.openapi import (
    Components,
    Document,
    Example,
    Header,
    Info,
    License,
    MediaType,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Response,
    Schema,
    Server,
    Tag,
)
from buildbot.status.stability import Standing

JSON = "application/json"
DESCRIPTION = """A buildmaster's status. Every call answers with JSON, `{"<plural>": [records], "meta": {…}}`; one thing
is a list of one. Errors are JSON as well, with the members of RFC 9457 and a stable `code`. Times are seconds since the
epoch. `pretty=1` indents. What is `x-stability: provisional` may change with any release, all else is promised."""
BATCH = """Several calls in one: all are answered from one snapshot of the database, in the same order; what went wrong
with one is an error object in its place. At most 100."""


def makeDocument(catalogue: Catalogue, version: str) -> Document:
    """The document of everything in a catalogue."""
    found = addresses(catalogue)
    used = _used(catalogue)
    paths = {
        address.path: PathItem(parameters=address.parameters, get=_operation(address), post=acting.operation(address))
        for address in found
    }
    paths["/batch"] = PathItem(post=_batch())
    return Document(
        info=Info(
            title="buildbot-status",
            version=version,
            summary="A buildmaster's status as one asynchronous API.",
            description=sentence(DESCRIPTION),
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
        ),
        servers=[Server(url="../../api/v2", description="The server that this document came from.")],
        tags=[_tag(cls) for cls in used if any(address.resource is cls for address in found)] + [BATCH_TAG],
        paths=dict(sorted(paths.items())),
        components=Components(
            schemas=_schemas(used),
            parameters=_parameters(used),
            responses={**_answers(found), **_errors()},
            securitySchemes={acting.TOKEN: acting.SCHEME},
        ),
    )


def _used(catalogue: Catalogue) -> Sequence[type[Resource]]:
    return sorted(catalogue.types.values(), key=lambda cls: cls.__name__)


BATCH_TAG = Tag(name="batch", summary="Batches", description="Several calls in one.")


def _tag(cls: type[Resource]) -> Tag:
    return Tag(name=cls.Name, summary=cls.Plural, description=sentence(cls.__doc__ or ""))


def _operation(address: Address) -> Operation:
    found = standing.ofPattern(address.pattern)
    return Operation(
        tags=[address.resource.Name],
        summary=address.summary,
        description=f"{address.description} {schemas.warning(found)}".strip() or None,
        operationId=address.name,
        parameters=_callParameters(address),
        responses=_responses(address),
        x_patterns=address.patterns,
        x_type=address.resource.__name__,
        **schemas.firmness(found),
    )


def _callParameters(address: Address) -> Sequence[Parameter]:
    endpoint = address.pattern.endpoint
    if endpoint is not None and endpoint.raw:
        return ()
    made = parameters.ofCall(address.resource, single=address.pattern.single)
    if endpoint is None:
        return made
    own = parameters.ofEndpoint(endpoint)
    return [*own, *(each for each in made if each not in own)]


def _responses(address: Address) -> Mapping[str, Response]:
    endpoint = address.pattern.endpoint
    if endpoint is not None and endpoint.raw:
        answer = {"200": Response(description="The bytes.", content={"*/*": MediaType()})}
    else:
        answer = {"200": Response(ref=f"#/components/responses/{_answerName(address)}"), "304": _error("304")}
    refused = {"400": _error("400")}
    if address.parameters:
        refused["404"] = _error("404")
    return {**answer, **refused, "default": _error("default")}


def _answerName(address: Address) -> str:
    return address.resource.__name__ + (".one" if address.pattern.single else ".list")


def _error(status: str) -> Response:
    return Response(ref=f"#/components/responses/{status}")


def _schemas(types: Sequence[type[Resource]]) -> Mapping[str, Schema]:
    made: dict[str, Schema] = {}
    for cls in types:
        made.update(schemas.recordSchemas(cls))
    own = {"Meta": META, "Problem": PROBLEM, "Event": EVENT, "Events": EVENTS, "Batch": _batchSchema(types)}
    own |= {"Done": acting.RESULT, "Refusal": acting.REFUSAL}
    assert made.keys().isdisjoint(own), "a resource type has the name of a schema that is none"
    return {**made, **own}


def _parameters(types: Sequence[type[Resource]]) -> Mapping[str, Parameter]:
    made = dict(parameters.GENERAL)
    for cls in types:
        made.update(parameters.ofType(cls))
    return made


META = Schema(
    type="object",
    description="What is known about the list that the records are part of.",
    properties={
        "total": Schema(type="integer", minimum=0, description="How many records match."),
        "total_at_least": Schema(
            type="integer", minimum=0, description="Instead of ``total``: at least so many match; counting stopped."
        ),
        "next": Schema(
            type="string", description="The call that gives the records after these, relative to the root of the API."
        ),
    },
)
EVENT = Schema(
    type="object",
    description="Something that happened to a thing.",
    properties={
        "type": Schema(type="string", description="The plural of the thing's type.", examples=["builds"]),
        "topic": Schema(type="string", description="What happened to what.", examples=["builds/7/finished"]),
        "event": Schema(type="string", description="What happened.", examples=["finished"]),
        "at": Schema(type="integer", description="When: seconds since the epoch."),
        "left": Schema(
            type="boolean", description="It met the conditions before, and does not any more: take it out of the list."
        ),
        "changed": Schema(
            type=["object", "null"],
            description="What fields that can be filtered were before, where they have changed; null for what is new.",
        ),
        "record": Schema(type="object", description="The thing after the change, as a GET of it gives it."),
        "cursor": Schema(type="string", description="The place after it: ``since=`` goes on there."),
        "first": Schema(type="integer", description="Of an append to a log: its first line, counted from 0."),
        "last": Schema(type="integer", description="Its last line."),
        "content": Schema(type="string", description="With ``content=true``: these lines, each with its line end."),
        "missing": Schema(type="boolean", description="Some of them are not there any more, or cannot be shown."),
    },
    required=["type", "topic", "event", "at", "left", "changed", "record", "cursor"],
)
EVENTS = Schema(
    type="object",
    description="What has happened since a cursor, in order (``since=``).",
    properties={
        "changes": Schema(type="array", items=schemas.ref("Event"), maxItems=5_000),
        "meta": Schema(
            type="object",
            properties={
                "cursor": Schema(type="string", description="Where this ends; also in ``X-Status-Cursor``."),
                "next": Schema(type="string", description="The call that gives what comes after, relative as in Meta."),
            },
            required=["cursor", "next"],
        ),
    },
    required=["changes", "meta"],
)
PROBLEM = Schema(
    type="object",
    description="What went wrong: Buildbot's ``error``, the members of RFC 9457, and a stable code.",
    properties={
        "error": Schema(type="string", description="The same as ``detail``."),
        "code": Schema(type="string", description="Stable.", examples=[error.code for error in errors.allErrors()]),
        "type": Schema(type="string", description="The address of a page about this kind of error."),
        "title": Schema(type="string", description="The same for all errors with this code."),
        "status": Schema(type="integer", description="The HTTP status.", minimum=300, maximum=599),
        "detail": Schema(type="string", description="What was wrong this time, and what would be right."),
        "parameter": Schema(type="string", description="Which parameter was wrong."),
    },
    required=["error", "code", "title", "status", "detail"],
)


def envelope(cls: type[Resource], *, single: bool) -> Schema:
    """What an answer is whose records are of this type."""
    return Schema(
        type="object",
        properties={
            cls.Plural: Schema(
                type="array",
                items=Schema(anyOf=[schemas.ref(cls.__name__), schemas.ref(schemas.part(cls))]),
                minItems=1 if single else None,
                maxItems=1 if single else None,
            ),
            "meta": schemas.ref("Meta"),
        },
        required=[cls.Plural, "meta"],
    )


def _answers(found: Sequence[Address]) -> Mapping[str, Response]:
    made = {}
    for address in found:
        if address.pattern.endpoint is None or not address.pattern.endpoint.raw:
            schema = envelope(address.resource, single=address.pattern.single)
            if parameters.isFollowed(address.resource):
                schema = Schema(anyOf=[schema, schemas.ref("Events")])
            made[_answerName(address)] = Response(
                description=f"One {address.resource.Name}." if address.pattern.single else address.resource.Plural,
                headers=HEADERS if address.pattern.single else {**HEADERS, "Link": LINK},
                content={JSON: MediaType(schema=schema)},
            )
    return dict(sorted(made.items()))


HEADERS = {
    "ETag": Header(description="Changes when the answer does.", schema=Schema(type="string")),
    "Cache-Control": Header(description="How old the answer may be.", schema=Schema(type="string")),
    "X-Status-Cursor": Header(
        description="Everything up to this place in the stream of events is in the answer.",
        schema=Schema(type="string"),
    ),
}
LINK = Header(description="``rel=next``: the records after these.", schema=Schema(type="string"))


def _errors() -> Mapping[str, Response]:
    made = {"304": Response(description="Nothing has changed since the answer with the ETag of ``If-None-Match``.")}
    content = {JSON: MediaType(schema=schemas.ref("Problem"))}
    for status in sorted({error.status for error in errors.allErrors()}):
        those = [error for error in errors.allErrors() if error.status == status]
        text = " ".join(f"``{error.code}``: {sentence(error.__doc__ or '')}" for error in those)
        made[str(status)] = Response(description=f"{HTTPStatus(status).phrase}. {text}", content=content)
    made["default"] = Response(description="Any other error.", content=content)
    return made


def _batchSchema(types: Sequence[type[Resource]]) -> Schema:
    answered = [schemas.ref("Problem"), Schema(type="object", required=["meta"])]
    return Schema(
        type="object",
        properties={"answers": Schema(type="array", items=Schema(anyOf=answered)), "meta": Schema(type="object")},
        required=["answers", "meta"],
    )


def _batch() -> Operation:
    value = Schema(type=["string", "number", "boolean", "array"])
    query = Schema(type="object", description="Parameters; several values are a list.", additionalProperties=value)
    call = Schema(type="array", prefixItems=[Schema(type="string"), query], minItems=1, maxItems=2)
    example = Example(value=[["masters"], ["builders/1/builds", {"limit": 5, "order": "-number"}]])
    body = MediaType(schema=Schema(type="array", items=call, maxItems=100), examples={"two": example})
    return Operation(
        tags=[BATCH_TAG.name],
        summary="Several calls in one snapshot",
        description=sentence(BATCH),
        operationId="batch",
        requestBody=RequestBody(description="A path and a query each.", content={JSON: body}),
        responses={
            "200": Response(
                description="What each of them is answered with.",
                content={JSON: MediaType(schema=schemas.ref("Batch"))},
            ),
            "400": _error("400"),
            "default": _error("default"),
        },
        **schemas.firmness(Standing()),
    )
