from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.actions import named
from buildbot.status.definition import (
    Many,
    One,
    Resource,
    computed,
    derived,
    field,
    key,
    lookup,
    many,
    one,
    propertyMap,
)
from buildbot.status.fieldtypes import Json, Time
from buildbot.status.resources import waiting
from buildbot.status.stability import Standing

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.buildsets import Buildset
    from buildbot.status.resources.sourcestamps import SourceStamp


CANCELLED = 6


class BuildRequest(Resource):
    """The wish for one build of one builder; part of a buildset."""

    Plural, Name = "buildrequests", "buildrequest"
    Table = "buildrequests"
    At = "buildrequests/n:buildrequestid"
    Orders = ("buildrequestid",)
    Limit = 1000
    Topics = "new claimed unclaimed complete cancel update"
    TopicsAt = "buildsets/n:buildsetid/builders/n:builderid/buildrequests/n:buildrequestid"
    Level = "new claimed:+claimed_at unclaimed:-claimed_at complete:+complete cancel:+cancelled update"
    Standings = {"update": Standing(stability="provisional")}
    Within = "buildsetid"
    Actions = named("cancel set_priority")
    Page = "buildrequests/{buildrequestid}"

    buildrequestid: int = key("id")
    buildsetid: int = field()
    builderid: int = field()
    priority: int = field(doc="A higher one goes first.")
    claimed: bool = computed(
        # One value instead of an EXISTS, for which PostgreSQL reads all claims.
        lambda t, q: q.one(
            q.buildrequest_claims.brid, q.buildrequest_claims, q.buildrequest_claims.brid == t.id
        ).is_not(None),
        doc="Some master has taken it; stays true once it is complete.",
    )
    claimed_at: Time | None = lookup("buildrequest_claims.brid.claimed_at")
    claimed_by_masterid: int | None = lookup("buildrequest_claims.brid.masterid")
    complete: bool = field()
    results: int | None = field(doc="A result code; -1 until it is complete.")
    cancelled: bool = computed(
        lambda t, q: (
            (t.complete != 0)
            & (t.results == CANCELLED)
            & q.one(q.func.min(q.builds.id), q.builds, q.builds.buildrequestid == t.id).is_(None)
        ),
        doc="It was cancelled while it waited: nothing was built.",
        stability="provisional",
    )
    submitted_at: Time = field()
    complete_at: Time | None = field()
    waited_for: bool = field(doc="A build waits for it.")
    properties: Json | None = propertyMap(
        lambda t, q: q.select(q.buildset_properties.property_name, q.buildset_properties.property_value, q.null).where(
            q.buildset_properties.buildsetid == t.buildsetid
        ),
        name=lambda q: q.buildset_properties.property_name,
        unasked=None,
        doc="The buildset's that ``property=`` names; ``*`` is all; null unless asked for.",
    )
    position: int | None = derived(
        waiting.position, doc="Its place in the builder's queue, from 1; null when it does not wait."
    )

    getBuilds: Many[Build] = many("buildrequestid", doc="More than one after a retry.")
    getBuilder: One[Builder] = one("builderid")
    getBuildset: One[Buildset] = one("buildsetid")
    getSourceStamps: Many[SourceStamp] = many(
        own="buildsetid",
        via="buildset_sourcestamps.buildsetid.sourcestampid",
        word="sourcestamps",
        doc="Those of its buildset, one for each codebase.",
        stability="provisional",
    )
