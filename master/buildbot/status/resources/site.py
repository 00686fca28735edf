from __future__ import annotations

from buildbot.status.definition import Resource, field


class Site(Resource):
    """What an installation calls itself: from the configuration of the server that is asked."""

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
