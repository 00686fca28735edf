from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import Many, Resource, field, key, many, members

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.masters import Master


class Builder(Resource):
    """What builds one thing in one way; its builds are numbered from 1."""

    Plural = Table = "builders"
    At = "builders/{n:builderid,s:buildername=name}"
    Also = "masters/n:masterid/builders/n:builderid"
    Topics = "started stopped update"

    builderid: int = key("id")
    name: str = field(hashed=True)
    masterids: Sequence[int] = members(
        "builder_masters.builderid.masterid", doc="The masters that run it now; empty: none does."
    )
    description: str | None = field()
    description_format: str | None = field(doc="``markdown``, or null for plain text.")
    description_html: str | None = field()
    projectid: int | None = field()
    tags: Sequence[str] = members("builders_tags.builderid.tagid tags.id.name")

    getBuilds: Many[Build] = many("builderid")
    getMasters: Many[Master] = many(via="builder_masters.builderid.masterid", doc="Those that run it now.")
