from __future__ import annotations

from buildbot.status.definition import SQL, Endpoint, Resource, field


def allProperties(q: SQL) -> SQL:
    """Properties of builds, buildsets and changes, as rows of one form: whose kind of thing, and its id."""
    builds, sets, changes = q.build_properties, q.buildset_properties, q.change_properties
    return q.union(
        q.select(
            kind=q.constant("build"), owner=builds.buildid, name=builds.name, value=builds.value, source=builds.source
        ),
        q.select(
            kind=q.constant("buildset"),
            owner=sets.buildsetid,
            name=sets.property_name,
            value=q.jsonElement(sets.property_value, 0),
            source=q.jsonElementText(sets.property_value, 1),
        ),
        q.select(
            kind=q.constant("change"),
            owner=changes.changeid,
            name=changes.property_name,
            value=q.jsonElement(changes.property_value, 0),
            source=q.jsonElementText(changes.property_value, 1),
        ),
    )


def ofBuild(v: SQL, t: SQL, q: SQL) -> SQL:
    """A build's."""
    return (t.kind == "build") & (t.owner == v)


def ofBuildset(v: SQL, t: SQL, q: SQL) -> SQL:
    """A buildset's."""
    return (t.kind == "buildset") & (t.owner == v)


def ofChange(v: SQL, t: SQL, q: SQL) -> SQL:
    """A change's."""
    return (t.kind == "change") & (t.owner == v)


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
