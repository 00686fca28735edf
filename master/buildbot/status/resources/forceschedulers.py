from __future__ import annotations

from collections.abc import Sequence

from buildbot.status.actions import named
from buildbot.status.definition import Resource, field
from buildbot.status.fieldtypes import Identifier, Json, fromJson


class ForceScheduler(Resource):
    """A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock
    master, over its database, there are none."""

    Plural, Name = "forceschedulers", "forcescheduler"
    Rows = "memory:forceSchedulers"
    At = "forceschedulers/i:schedulername=name"
    Actions = named("force")

    name: Identifier = field()
    button_name: str = field()
    label: str = field()
    builder_names: Sequence[str] = field(decode=fromJson)
    enabled: bool = field()
    all_fields: Sequence[Json] = field(decode=fromJson)
