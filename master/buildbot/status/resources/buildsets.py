from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import Getter, Many, One, Resource, embedded, field, getter, key, many, one
from buildbot.status.fieldtypes import Time
from buildbot.status.resources.properties import ofBuildset

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.buildrequests import BuildRequest
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.changes import Change
    from buildbot.status.resources.properties import Property
    from buildbot.status.resources.sourcestamps import SourceStamp


class Buildset(Resource):
    """A wish for builds of several builders, of the same sources."""

    Plural = Table = "buildsets"
    At = "buildsets/n:bsid"
    Orders = ("bsid", "submitted_at")
    Limit = 1000
    Topics = "new complete"
    Level = "new complete:+complete"
    Within = "parent_buildid"

    bsid: int = key("id")
    external_idstring: str | None = field(doc="What a try client calls it.")
    reason: str | None = field()
    rebuilt_buildid: int | None = field(doc="The build that was first rebuilt, for a rebuild.")
    submitted_at: Time = field()
    complete: bool = field()
    complete_at: Time | None = field()
    results: int | None = field(doc="A result code; -1 until it is complete.")
    sourcestamps: Sequence[SourceStamp] = embedded(via="buildset_sourcestamps.buildsetid.sourcestampid")
    parent_buildid: int | None = field(doc="The build that triggered it.")
    parent_relationship: str | None = field()

    getBuildrequests: Many[BuildRequest] = many("buildsetid", stability="provisional")
    getBuilds: Many[Build] = many(via="buildrequests.buildsetid.id builds.buildrequestid.id", stability="provisional")
    getParentBuild: One[Build] = one("parent_buildid", stability="provisional")
    getRebuiltBuild: One[Build] = one("rebuilt_buildid", stability="provisional")
    getPropertiesList: Many[Property] = many(match=ofBuildset)
    getBuilders: Many[Builder] = many(
        via="buildrequests.buildsetid.builderid", doc="Those that it asks for builds.", stability="provisional"
    )
    getChanges: Many[Change] = many(
        via="buildset_sourcestamps.buildsetid.sourcestampid changes.sourcestampid.changeid",
        order="-changeid",
        doc="Those of its source stamps; newest first.",
        stability="provisional",
    )
    getResponsibleUsers: Getter[Sequence[str]] = getter("users:ofBuildset", doc="The authors of its changes, sorted.")
    getInterestedUsers: Getter[Sequence[str]] = getter(
        "users:interestedInBuildset", doc="The authors of its changes, and its ``owner`` and ``owners``, sorted."
    )
