"""What is promised, as a committed list that only grows by itself: ``docs/reference/promised.json``.

Each entry is a type, a field, a relation, a path, a topic, an action, a parameter, an operator, a limit or an error,
with facts about it. ``make generate`` adds what is new and follows what is provisional. What is ``stable`` in the list
stays there as it is until its sunset: a definition that no longer keeps it is a complaint, and a test fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs

from buildbot import errors
from buildbot.status import standing
from buildbot.status.actions import Action
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Field, Resource
from buildbot.status.fieldtypes import FieldType
from buildbot.status.generate.parameters import operators
from buildbot.status.generate.schemas import TYPES
from buildbot.status.paths import Pattern
from buildbot.status.query import GENERAL, OPERATORS, Limits
from buildbot.status.stability import PROVISIONAL, STABLE, Standing

Entry = Mapping[str, Any]
Entries = Mapping[str, Entry]

GROWS = ("filters", "keys", "paged", "parameters")
"""Facts that are lists, which may become longer."""
LOOSENS = {"nullable": False, "sortable": True}
"""Facts that may become this: no caller is hurt by less nulls and more orders."""
HELP = "docs/promises.rst says how things are deprecated; what was never released may be taken out of {file} by hand."


def entries(catalogue: Catalogue) -> Entries:
    """Everything there is, by kind and name."""
    made: dict[str, Entry] = {}
    for cls in catalogue.types.values():
        made.update(_ofType(cls))
    for pattern in catalogue.patterns.values():
        made[f"path {pattern.text}"] = {**_firm(standing.ofPattern(pattern)), **_path(pattern)}
    for error in errors.allErrors():
        made[f"error {error.code}"] = {**_firm(Standing()), "status": error.status, "class": error.__name__}
    made.update({f"format {kind}": {**_firm(Standing()), "json": json_} for kind, json_ in TYPES.items()})
    made.update({f"parameter {name}": _firm(Standing()) for name in GENERAL})
    made.update({f"operator {name}": _firm(Standing()) for name in OPERATORS})
    made.update(
        {f"limit {name}": {**_firm(Standing()), "default": value} for name, value in attrs.asdict(Limits()).items()}
    )
    return dict(sorted(made.items()))


def _firm(found: Standing) -> dict[str, Any]:
    made = {"since": found.since, "stability": found.stability}
    if found.deprecated is None:
        return made
    return {**made, "deprecated": found.deprecated.since, "sunset": found.deprecated.sunset.isoformat()}


def _ofType(cls: type[Resource]) -> Iterator[tuple[str, Entry]]:
    yield (
        f"type {cls.Name}",
        {
            **_firm(standing.ofType(cls)),
            "plural": cls.Plural,
            "key": cls.Key.name if cls.Key else None,
            "order": cls.Order or None,
            "limit": cls.Limit,
            "paged": list(cls.Orders),
        },
    )
    for field in cls.Fields.values():
        yield f"field {cls.Name}.{field.name}", {**_firm(standing.ofPart(field, cls)), **_field(field)}
    for word, relation in cls.Relations.items():
        facts = {"to": relation.target.Name, "many": relation.many, "getter": relation.name, "order": relation.order}
        yield f"relation {cls.Name}.{word}", {**_firm(standing.ofPart(relation, cls)), **facts}
    for word in cls.Topics.split():
        yield f"topic {cls.Name}.{word}", _firm(standing.ofWord(word, cls))
    for word, action in cls.Actions.items():
        yield f"action {cls.Name}.{word}", {**_firm(standing.ofWord(word, cls)), **_arguments(action)}


def _arguments(action: Action) -> Entry:
    arguments = action.arguments or {}
    stated = {
        name: {"type": typeWord(one.type), "nullable": one.type.nullable} for name, one in sorted(arguments.items())
    }
    return {"arguments": stated} if stated else {}


def _field(field: Field) -> Entry:
    facts: dict[str, Any] = {
        "type": typeWord(field.type),
        "nullable": field.type.nullable,
        "derived": field.derived,
        "filters": list(operators(field.type)) if field.filterable else [],
        "sortable": field.type.scalar and field.isValue,
    }
    if field.properties is not None:
        facts["unasked"] = field.properties.unasked
    keys = _keys(field.type)
    return {**facts, "keys": keys} if keys else facts


def typeWord(type_: FieldType) -> str:
    """A field's type in words, without whether it may be null."""
    if type_.record is not None:
        return type_.record.Name  # type: ignore[attr-defined,no-any-return]  # a Resource, as checked at start
    return f"list of {typeWord(type_.of)}" if type_.of is not None else type_.kind


def _keys(type_: FieldType) -> list[str]:
    found = type_.of.keys if type_.of is not None else type_.keys
    return sorted(found.__annotations__) if found is not None else []


def _path(pattern: Pattern) -> Entry:
    endpoint = pattern.endpoint
    if endpoint is not None and endpoint.raw:
        return {"gives": "bytes"}
    facts = {"gives": pattern.resource.Name, "many": not pattern.single}
    return {**facts, "parameters": sorted(endpoint.parameters)} if endpoint is not None else facts


def complaints(promised: Entries, present: Entries, today: date) -> list[str]:
    """What is promised and not kept: a sentence each, which begins with the entry's name."""
    return [text for name, old in promised.items() for text in _broken(name, old, present.get(name), today)]


def _broken(name: str, old: Entry, new: Entry | None, today: date) -> Iterator[str]:
    if old["stability"] != STABLE:
        return
    if new is None:
        if not over(old, today):
            yield (
                f"{name}: stable since {old['since']}, and gone. Keep it, beside a new one if it has a new name, and "
                f'mark it deprecated=Deprecation("{today}", instead="…"): a year later it may go'
            )
        return
    if new["stability"] == PROVISIONAL:
        yield f"{name}: stable since {old['since']}, so it cannot become provisional; it can be deprecated"
    for fact, was in old.items():
        if fact in ("since", "stability", "deprecated", "sunset"):
            continue
        now = new.get(fact)
        if not _kept(fact, was, now):
            yield (
                f"{name}: {fact} was {json.dumps(was)} and is {json.dumps(now)}; callers rely on it. Leave it, add "
                f"something new with another name, and deprecate this"
            )


def _kept(fact: str, was: Any, now: Any) -> bool:
    if fact in GROWS:
        return set(was) <= set(now or ())
    return was == now or (fact in LOOSENS and now is LOOSENS[fact])


def over(entry: Entry, today: date) -> bool:
    """Whether a deprecated thing's time has come."""
    return "sunset" in entry and date.fromisoformat(entry["sunset"]) <= today


def merged(promised: Entries, present: Entries, today: date) -> Entries:
    """The new list: what is present, and of what is not kept the old entry, so that it goes on being a complaint."""
    unkept = {name: old for name, old in promised.items() if any(_broken(name, old, present.get(name), today))}
    return dict(sorted({**present, **unkept}.items()))


def dump(found: Entries) -> str:
    """As a file: an entry a line."""
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in found.items())
    return f"{{\n{lines}\n}}\n"
