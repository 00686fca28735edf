from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import ALWAYS, SQL, Many, Resource, embedded, field, key, many, members, propertyMap
from buildbot.status.fieldtypes import Json, Time
from buildbot.status.resources.properties import ofChange
from buildbot.status.resources.sourcestamps import BUILDS

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.properties import Property
    from buildbot.status.resources.sourcestamps import SourceStamp


def parents(t: SQL, q: SQL) -> SQL:
    """A column that is a list in the API: of one, or empty."""
    same = q.another("changes")
    return q.select(same.parent_changeids).where(same.changeid == t.changeid, same.parent_changeids.is_not(None))


class Change(Resource):
    """A commit, as a change source reported it."""

    Plural = Table = "changes"
    At = "changes/n:changeid"
    Order, Orders = "-changeid", ("changeid", "when_timestamp")
    Limit = 1000
    Topics = Level = "new"
    Page = "changes/{changeid}"

    changeid: int = key()
    parent_changeids: Sequence[int] = members(parents, doc="One, or none.")
    author: str = field()
    committer: str | None = field()
    files: Sequence[str] = members("change_files.changeid.filename")
    comments: str = field()
    revision: str | None = field()
    when_timestamp: Time = field(doc="The commit's own time, which may be any.")
    branch: str | None = field()
    category: str | None = field()
    revlink: str | None = field(doc="Where it can be looked at.")
    properties: Json = propertyMap(
        lambda t, q: q.select(q.change_properties.property_name, q.change_properties.property_value, q.null).where(
            q.change_properties.changeid == t.changeid
        ),
        name=lambda q: q.change_properties.property_name,
        unasked=ALWAYS,
    )
    repository: str = field()
    project: str = field()
    codebase: str = field()
    sourcestamp: SourceStamp | None = embedded("sourcestampid", doc="Null if it is there no more.")

    getBuilds: Many[Build] = many(own="sourcestampid", via=BUILDS, doc="Those of its source stamp.")
    getPropertiesList: Many[Property] = many(match=ofChange)
