"""Properties as one object."""

from __future__ import annotations

from buildbot.status.custom import EndpointCall
from buildbot.status.fieldtypes import fromJson
from buildbot.status.query import pairs
from buildbot.status.sql.plan import Page


def ofOne(call: EndpointCall) -> Page:
    """``{name: [value, source]}`` of a build or a buildset; of one that does not exist: none."""
    for ignored in ("limit", "offset"):
        call.number(ignored)
    pattern = call.call.found.pattern
    owner = pattern.hops[-1].target
    if call.owner is None or owner.Key is None:
        return Page([{}])
    names = call.texts("property")
    condition = [] if not names or "*" in names else pairs({"name__in": names})
    word = next(word for word, relation in owner.Relations.items() if relation.target.Name == "_property")
    address = f"{owner.Plural}/{call.owner[owner.Key.name]}/{word}"
    found = call.again(address, condition)
    return Page([{record["name"]: [fromJson(record["value"]), record["source"]] for record in found.records}])
