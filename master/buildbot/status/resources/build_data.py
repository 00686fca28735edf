from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import Endpoint, One, Resource, constant, field, key, one
from buildbot.status.fieldtypes import Identifier

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build


class BuildData(Resource):
    """Bytes that a step kept with its build."""

    Plural = Name = Table = "build_data"
    At = "{build}/data/i:name"
    Order = "name"
    Endpoints = (Endpoint("{build_data}/value", run="build_data:value", raw=True, doc="The bytes."),)

    dataid: int = key("id", stability="provisional")
    buildid: int = field()
    name: Identifier = field()
    length: int = field(doc="In bytes.")
    value: str | None = constant(None, doc="Always null; ``…/value`` has the bytes.")
    source: str = field()

    getBuild: One[Build] = one("buildid", stability="provisional")
