from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import One, Resource, computed, field, key, one, propertyMap
from buildbot.status.fieldtypes import Json, Time

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.masters import Master


class Build(Resource):
    """One execution of a builder on a worker."""

    Plural = Table = "builds"
    At = "builds/n:buildid {builder}/builds/n:build_number=number"
    Order, Orders = "buildid", ("buildid", "number", "started_at", "complete_at")
    Limit = 1000
    Topics = "new update finished"
    Actions = "stop rebuild"

    buildid: int = key("id", doc="Unique across builders.")
    number: int = field(doc="Counts the builder's builds, from 1. There may be gaps.")
    builderid: int = field()
    buildrequestid: int = field(doc="What asked for it; several builds share a request after a retry.")
    workerid: int | None = field()
    masterid: int = field()
    started_at: Time = field()
    complete: bool = computed(lambda t: t.complete_at.is_not(None))
    complete_at: Time | None = field()
    locks_duration_s: int = field(doc="Seconds spent waiting for locks that it has meanwhile got.")
    results: int | None = field(doc="A result code; null while it runs.")
    state_string: str = field(doc="What it does, or how it went, in words.")
    properties: Json = propertyMap(
        lambda t, q: q.select(q.build_properties.name, q.build_properties.value, q.build_properties.source).where(
            q.build_properties.buildid == t.id
        ),
        name=lambda q: q.build_properties.name,
        unasked={},
        doc="Those that ``property=`` names; ``*`` is all.",
    )

    getBuilder: One[Builder] = one("builderid")
    getMaster: One[Master] = one("masterid")
