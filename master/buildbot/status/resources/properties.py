from __future__ import annotations

from buildbot.status.definition import SQL, Endpoint, Resource, field


def allProperties(q: SQL) -> SQL:
    """Properties of builds, buildsets and changes, as rows of one form; of each, one of the three owners is set."""
    builds, sets, changes = q.build_properties, q.buildset_properties, q.change_properties
    none = q.noInteger
    return q.union(
        q.select(
            buildid=builds.buildid,
            buildsetid=none,
            changeid=none,
            name=builds.name,
            value=builds.value,
            source=builds.source,
        ),
        q.select(
            buildid=none,
            buildsetid=sets.buildsetid,
            changeid=none,
            name=sets.property_name,
            value=q.jsonElement(sets.property_value, 0),
            source=q.jsonElementText(sets.property_value, 1),
        ),
        q.select(
            buildid=none,
            buildsetid=none,
            changeid=changes.changeid,
            name=changes.property_name,
            value=q.jsonElement(changes.property_value, 0),
            source=q.jsonElementText(changes.property_value, 1),
        ),
    )


class Property(Resource):
    """One property, as a record of its own."""

    Plural, Name = "_properties", "_property"
    From = allProperties
    Order = "name"

    name: str = field()
    source: str = field()
    value: str = field(doc="JSON, as text.")


class SourcedProperties(Resource):
    """All properties of a thing in one object: ``{name: [value, source]}``."""

    Plural = "properties"
    Name = "sourcedproperties"
    Topics = "update"
    TopicsAt = "builds/n:buildid/properties"
    Endpoints = (
        Endpoint(
            "{build}/properties buildsets/n:bsid/properties",
            run="properties:ofOne",
            parameters=("property", "limit", "offset"),
            doc="All of them, or those that ``property=`` names. One that does not exist has none.",
        ),
    )
