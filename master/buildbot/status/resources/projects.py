from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import SQL, Many, Resource, computed, field, key, many
from buildbot.status.fieldtypes import Identifier

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.codebases import Codebase


def isActive(t: SQL, q: SQL) -> SQL:
    """Some master runs one of its builders."""
    builders, links = q.builders, q.builder_masters
    return q.exists((builders, links), builders.projectid == t.id, links.builderid == builders.id)


class Project(Resource):
    """What several builders belong to, and the codebases that they build."""

    Plural = Table = "projects"
    At = "projects/{n:projectid,s:projectname=name}"
    Also = "{project}/codebases/s:codebasename=name"
    Order = "name"
    Topics = Level = "update"
    Page = "projects/{projectid}"

    projectid: int = key("id")
    name: str = field(hashed=True)
    slug: Identifier = field()
    active: bool = computed(isActive, doc="Whether some master runs one of its builders.")
    description: str | None = field()
    description_format: str | None = field(doc="``markdown``, or null for plain text.")
    description_html: str | None = field()

    getBuilders: Many[Builder] = many("projectid")
    getCodebases: Many[Codebase] = many("projectid")
