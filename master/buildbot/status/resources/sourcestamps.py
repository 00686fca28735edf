from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import Getter, Many, Resource, embedded, field, getter, key, many
from buildbot.status.fieldtypes import Time, fromBase64

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.changes import Change

BUILDS = "buildset_sourcestamps.sourcestampid.buildsetid buildrequests.buildsetid.id builds.buildrequestid.id"


class Patch(Resource):
    """A difference that somebody wants built on top of a revision."""

    Plural = Table = "patches"

    patchid: int = key("id")
    body: str | None = field("patch_base64", decode=fromBase64, doc="Its text, read as UTF-8.")
    level: int = field("patchlevel", doc="How many directories to strip, as for ``patch -p``.")
    subdir: str | None = field()
    author: str = field("patch_author")
    comment: str = field("patch_comment")


class SourceStamp(Resource):
    """What is built, of one codebase: a revision, or the latest of a branch."""

    Plural = Table = "sourcestamps"
    Name = "sourcestamp"
    At = "sourcestamps/n:ssid"
    Orders = ("ssid",)
    Limit = 1000

    ssid: int = key("id")
    revision: str | None = field(doc="Null: the latest.")
    branch: str | None = field(doc="Null: the default branch.")
    repository: str = field()
    project: str = field()
    codebase: str = field()
    patch: Patch | None = embedded("patchid")
    created_at: Time = field(doc="When it was first seen.")

    getChanges: Many[Change] = many("sourcestampid", order="-changeid", doc="Newest first.")
    getBuilds: Many[Build] = many(via=BUILDS, stability="provisional")
    getText: Getter[Sequence[str]] = getter("sourcestamps:getText", doc="A few words that say what it is.")
