"""The parameters of calls: general ones, and those that follow from a type's fields and relations."""

from __future__ import annotations

from collections.abc import Mapping

from buildbot.status.definition import Endpoint, Field, Resource
from buildbot.status.fieldtypes import FieldType
from buildbot.status.generate.schemas import scalar
from buildbot.status.openapi import Parameter, Schema
from buildbot.status.query import DEEPEST_OFFSET, ONE_VALUE, Limits

LIMITS = Limits()
BOOLEAN_OPERATORS = ("eq", "ne", "in", "notin", "null")
LIST_OPERATORS = ("contains", "null")
_TEXT = "contains"


def ref(name: str) -> Parameter:
    """A reference to a parameter of the document."""
    return Parameter(ref=f"#/components/parameters/{name}")


def operators(type_: FieldType) -> tuple[str, ...]:
    """Those that a filter on a field of this type takes."""
    if type_.kind == "list":
        return LIST_OPERATORS
    if type_.kind == "boolean":
        return BOOLEAN_OPERATORS
    plain = ("eq", "ne", *ONE_VALUE, "in", "notin", "null")
    return (*plain, _TEXT) if type_.kind in ("string", "identifier") else plain


def _query(name: str, description: str, schema: Schema) -> Parameter:
    many = schema.type in ("array", "object")
    return Parameter(
        name=name,
        in_="query",
        description=description,
        style="form" if many else None,
        explode=True if many else None,
        schema=schema,
    )


GENERAL: Mapping[str, Parameter] = {
    "limit": _query(
        "limit",
        f"How many records at most. A list that grows without end sends {LIMITS.default:,} unless asked, others all; "
        f"more than {LIMITS.largest:,} cannot be asked for. Both can be configured.",
        Schema(type="integer", format="int64", minimum=0, maximum=LIMITS.largest),
    ),
    "offset": _query(
        "offset",
        f"How many records to leave out before the first. At most {DEEPEST_OFFSET:,}; ``meta.next`` goes further.",
        Schema(type="integer", format="int64", minimum=0, maximum=DEEPEST_OFFSET),
    ),
    "page": _query(
        "page",
        "A place in a list; taken from ``meta.next``, where it goes with the same order and conditions.",
        Schema(type="string", pattern="^[A-Za-z0-9_-]+$"),
    ),
    "total": _query("total", "``exact``: count all that match, however many.", Schema(type="string", enum=["exact"])),
    "since": _query(
        "since",
        "A cursor. Instead of what is there: what happened to it since, at most 500 changes. ``meta.next`` goes on.",
        Schema(type="string"),
    ),
    "wait": _query(
        "wait",
        "With ``since``: seconds to wait until something happens; then the list is empty.",
        Schema(type="integer", minimum=0, maximum=50, default=0),
    ),
    "conflate": _query(
        "conflate",
        "With ``since``: tell of each thing once, as it is now; up to 5,000 of them at a time.",
        Schema(type="boolean"),
    ),
    "content": _query(
        "content",
        "With ``since``: tell of lines with their text.",
        Schema(type="boolean"),
    ),
    "min_cursor": _query(
        "min_cursor",
        "A cursor: the answer is not older than that, and is waited for, at most 30 s. So one reads what one has "
        "written, whichever server one asks.",
        Schema(type="string"),
    ),
    "property": _query(
        "property",
        "Names of properties to send; ``*`` is all of them.",
        Schema(type="array", items=Schema(type="string")),
    ),
}


def ofType(resource: type[Resource]) -> Mapping[str, Parameter]:
    """The parameters that a type has of its own, by the names of their components."""
    made = {
        "field": _query(
            "field",
            "Send only these fields; derived ones are sent only when they are named here.",
            Schema(type="array", items=Schema(type="string", enum=list(resource.Fields))),
        ),
        "order": _query(
            "order",
            f"Sort by these, descending with a minus; the key follows.{_orders(resource)}",
            Schema(type="array", items=Schema(type="string", enum=_sortable(resource))),
        ),
        "filter": _query(
            "filter",
            "Conditions, all of which hold: ``field=value`` or ``field__operator=value``. Several values of one are "
            "alternatives (for ``ne`` and ``notin``: all of them are excluded).",
            Schema(type="object", properties=_filters(resource), additionalProperties=False),
        ),
    }
    if resource.Relations:
        words = "|".join(sorted(resource.Relations))
        made["expand"] = _query(
            "expand",
            f"Embed what these relations lead to, at most {LIMITS.depth} deep: ``a,b.c``. There are: "
            f"{', '.join(sorted(resource.Relations))}.",
            Schema(type="array", items=Schema(type="string", pattern=f"^(({words})(\\.[a-z_.]+)?(,|$))+$")),
        )
        made["below"] = _query(
            "below",
            "Parameters of an embedded relation, with its path as prefix: ``builds.limit=5``. "
            f"Without a limit, {LIMITS.perParent} records are embedded in each.",
            Schema(
                type="object",
                patternProperties={f"^({words})\\.[a-z_.]+$": Schema(type="string")},
                additionalProperties=False,
            ),
        )
    return {f"{resource.__name__}.{name}": parameter for name, parameter in made.items() if _possible(parameter)}


def _possible(parameter: Parameter) -> bool:
    schema = parameter.schema
    return schema is None or schema.items is None or schema.items.enum != []


def _orders(resource: type[Resource]) -> str:
    default = resource.Order or (resource.Key.name if resource.Key else "")
    text = f" By default: ``{default}``." if default else ""
    return text + (f" Lists sorted by {_listed(resource.Orders)} can be paged to their end." if resource.Orders else "")


def _listed(names: object) -> str:
    return ", ".join(f"``{name}``" for name in names)  # type: ignore[attr-defined]  # a sequence of names


def _sortable(resource: type[Resource]) -> list[str]:
    names = [field.name for field in resource.Fields.values() if field.type.scalar and field.isValue]
    return [sign + name for name in names for sign in ("", "-")]


def _filters(resource: type[Resource]) -> dict[str, Schema]:
    return {
        name: schema
        for field in resource.Fields.values()
        if field.filterable
        for name, schema in _filter(field).items()
    }


def _filter(field: Field) -> dict[str, Schema]:
    type_ = field.type.of if field.type.kind == "list" and field.type.of else field.type
    one = scalar(type_)
    made = {}
    for op in operators(field.type):
        name = field.name if op == "eq" else f"{field.name}__{op}"
        if op == "null":
            made[name] = Schema(type="boolean")
        elif op in ONE_VALUE:
            made[name] = one
        else:
            made[name] = Schema(type="array", items=one)
    return made


def ofEndpoint(endpoint: Endpoint) -> list[Parameter]:
    """The parameters that a custom endpoint reads itself."""
    made = []
    for name in endpoint.parameters:
        if name == "property":
            made.append(ref(name))
        else:
            type_ = "integer" if name in ("limit", "offset") else "string"
            made.append(Parameter(name=name, in_="query", description="See above.", schema=Schema(type=type_)))
    return made


def ofCall(resource: type[Resource], *, single: bool) -> list[Parameter]:
    """References to all that a call takes whose answer is records of this type."""
    own = ofType(resource)
    names = ["field", "expand", "below"] if single else ["field", "order", "filter", "expand", "below"]
    made = [ref(f"{resource.__name__}.{name}") for name in names if f"{resource.__name__}.{name}" in own]
    if not single:
        made += [ref(name) for name in ("limit", "offset", "page", "total")]
    if any(field.properties is not None for field in resource.Fields.values()):
        made.append(ref("property"))
    if isFollowed(resource):
        made += [ref(name) for name in ("since", "wait", "conflate", *(["content"] if resource.Text else []))]
    return [*made, ref("min_cursor")]


def isFollowed(resource: type[Resource]) -> bool:
    """Whether what happens to things of this type may be asked for."""
    return bool(resource.Topics) and resource.Key is not None
