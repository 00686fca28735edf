from __future__ import annotations

from buildbot.status.definition import Resource, field
from buildbot.status.fieldtypes import Json, fromJson


class RootLink(Resource):
    """The name of a list at the root."""

    Plural, Name = "rootlinks", "rootlink"
    Rows, List = "memory:rootLinks", ""

    name: str = field()


class Spec(Resource):
    """What the records at a kind of path are made of, in the form of Buildbot's own specification."""

    Plural, List = "specs", "application.spec"
    Rows = "memory:specification"
    Order = "path"

    path: str = field()
    type: str = field()
    plural: str = field()
    type_spec: Json = field(decode=fromJson)
