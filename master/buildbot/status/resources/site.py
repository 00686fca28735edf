from __future__ import annotations

from buildbot.status.definition import Resource, field


class Site(Resource):
    """What an installation calls itself, from the configuration of the server that is asked; and what that is."""

    Plural, List = "sites", "site"
    Rows = "memory:site"
    Stability = "provisional"

    title: str = field()
    title_url: str | None = field(doc="Where the title leads (``titleURL``).")
    buildbot_url: str | None = field(doc="Where browsers find it (``buildbotURL``); ends with a slash.")
    stock_url: str | None = field(
        doc="Where a stock Buildbot's own pages are, on which one may do what cannot be done here"
        " (``www['stock_url']``); ends with a slash."
    )
    version: str | None = field(doc="Of the server that is asked.")
    database: str | None = field(doc="What kind of database it reads: ``sqlite`` or ``postgresql``.")
    look_interval_ms: int | None = field(
        doc="Milliseconds between two looks at the database for what is new, if that takes no longer. Null: it is told."
    )
