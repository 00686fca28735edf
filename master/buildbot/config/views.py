"""``www["plugins"]``: what adds views to the web pages, and the names of Buildbot's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from buildbot.config.file import Section
from buildbot.www.pages import namesOfViews

OF_THE_PAGES = ("waterfall_view", "console_view", "grid_view")
"""Buildbot's own that the web pages always have."""
NOT_HERE = {
    "wsgi_dashboards": "dashboards are programs that run in the master; here a view does what they do",
    "badges": "badges are pictures that the master draws; they are at its own address still",
}
"""Buildbot's own that there are not."""


def viewsOf(plugins: Section) -> tuple[Mapping[str, Mapping[str, Any]], Sequence[str]]:
    """The views that are wanted, with the options of each; and what somebody should know who named others."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in namesOfViews():
        options = plugins.take(name, _options)
        if options is not None:
            found[name] = options
    for name in OF_THE_PAGES:
        plugins.take(name, bool)
    notices = [
        f"www['plugins'][{name!r}] makes no difference here: {why}."
        for name, why in NOT_HERE.items()
        if plugins.take(name, bool) is not None
    ]
    plugins.end()
    return found, notices


def _options(value: Any) -> Mapping[str, Any] | None:
    """Options, for the view to read; None: it is not wanted."""
    if value is False:
        return None
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        value = ()
    if value is True or value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("True, False, or a dict of what JSON can hold")
    return value
