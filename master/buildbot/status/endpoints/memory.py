"""Resource types whose rows are in memory: they are bound to a statement as JSON, and so filtered, sorted and paged as
all others are."""

from __future__ import annotations

import re
from typing import Any

from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.fieldtypes import FieldType
from buildbot.status.sql.plan import Record


def rootLinks(catalogue: Catalogue) -> list[Record]:
    """The lists at the root."""
    return [{"name": text} for text in catalogue.patterns if text and "/" not in text and "." not in text]


def site(catalogue: Catalogue) -> list[Record]:
    """What the server's configuration calls the installation, and what the server is."""
    names = catalogue.site
    urls = {"buildbot_url": names.buildbotURL, "stock_url": names.stockURL}
    ended = {name: url and f"{url.rstrip('/')}/" for name, url in urls.items()}
    server = {"version": names.version, "database": names.database, "look_interval_ms": names.lookInterval}
    return [{"title": names.title, "title_url": names.titleURL, **ended, **server}]


def forceSchedulers(catalogue: Catalogue) -> list[Record]:
    """They live in the memory of the master that runs them, so over a database there are none."""
    return []


def specification(catalogue: Catalogue) -> list[Record]:
    """Every kind of path, with what its records are made of."""
    return [
        {
            "path": re.sub(r"=[a-z_]+", "", pattern.text),
            "type": pattern.resource.Name,
            "plural": pattern.resource.Plural,
            "type_spec": _entity(pattern.resource),
        }
        for pattern in catalogue.patterns.values()
    ]


def _entity(resource: type[Resource]) -> dict[str, Any]:
    if not resource.Fields:
        return {"name": resource.Name}
    return {
        "type": resource.Name,
        "fields": [
            {"name": field.name, "type": _word(field.type), "type_spec": _spec(field.type)}
            for field in resource.Fields.values()
        ],
    }


def _word(type_: FieldType) -> str:
    word = type_.kind if type_.record is None else type_.record.Name  # type: ignore[attr-defined]  # a Resource
    word = "jsonobject" if word == "object" else word
    return f"{word} or None" if type_.nullable else word


def _spec(type_: FieldType) -> dict[str, Any]:
    if type_.kind == "list" and type_.of is not None:
        return {"type": "list", "of": _spec(type_.of)}
    if type_.record is not None:
        found = _entity(type_.record)
    else:
        found = {"name": "jsonobject" if type_.kind == "object" else type_.kind}
    return {**found, "can_be_null": True} if type_.nullable else found
